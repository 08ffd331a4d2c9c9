"""``azukari person admit|leave|list``: the city's hands, at the office."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec

from azukari.cli import papers, seat
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, instant, show
from azukari.desk import order as orders
from azukari.desk import people, training
from azukari.entrust.order import DAY_MS
from azukari.seal import documents as doc

SOON_MS: Final = 30 * DAY_MS  # a pass that ends within this is said to end
WITH: Final = click.option(
    "--with", "other", metavar="PERSON", help="The second of the two, at the same keyboard."
)


@click.command(
    "admit",
    epilog="Example: azukari person admit person-7q4m2k-2of5.json --as hanako --with taro",
)
@papers.FILE
@click.option(
    "--paid-by",
    default="",
    metavar="ID",
    help="Who pays a party's first officer, or one of the city's own, in your word.",
)
@WITH
@papers.TO
@acts
def admit(call: Call, file: Path, paid_by: str, other: str | None, to: Path) -> None:
    """Two persons of the city admit a person, each with their own key.

    Both at one keyboard, with --with, or one after the other: the first writes the file for the
    second, who completes it.  An officer of the person's party vouched for them before; where there
    is none yet, one of the two does, with --paid-by: it must be what the person states.  For 24
    hours the person approves nothing.  Writes the whole entry for other sites.
    """
    half = papers.read(file)
    papers.lay_before(papers.whole(half, doc.Person))
    with seat.office(call) as office:
        hands = [seat.person(call, office), *([seat.hand(call, office, other)] if other else [])]
        entry = people.admit(office, half.envelope, paid_by, hands)
    person = doc.unverified(entry, doc.Person)
    path = papers.write(to, entry)
    done = "signed" if doc.is_half(entry) else "admitted"
    rows = [(done, person.id), ("roles", ", ".join(person.roles)), ("entry", path)]
    show(
        call,
        {"person": person.id, "file": str(path), "admitted": done == "admitted"},
        aligned(rows),
    )


@click.command("leave", epilog="Example: azukari person leave ID --because key-lost --as hanako")
@click.argument("leaver", metavar="ID")
@click.option(
    "--because",
    type=click.Choice(people.BECAUSE),
    default="left",
    show_default=True,
    help="What the ledger's detail says.",
)
@papers.TO
@acts
def leave(call: Call, leaver: str, because: str, to: Path) -> None:
    """Say that a person no longer counts: left, their key is in other hands, or another pays them.

    The key service is told at once, and nothing brings the entry back; who returns is enrolled
    anew, with a new key and id.  Devices are suspended apart from people.  Writes the city's status
    statement for other sites; the person hears of it from you.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        word = people.leave(office, leaver, by, because)
    path = papers.write(to, word)
    value = {"person": leaver, "because": because, "file": str(path)}
    show(call, value, aligned([("no longer", leaver), ("because", because)]))


@click.command("list", epilog="Example: azukari person list --json")
@reads
def list_(call: Call) -> None:
    """Everybody who is enrolled: id, party, roles, since when, until when trained."""
    with seat.office(call) as office:
        found = orders.people_of(office)
        parties = {party.id: party.name for party in people.parties_of(office)}
        gone = people.withdrawn(office)
        until = training.until(office)
    rows = [
        (
            person.id,
            parties.get(person.party, "?"),
            ", ".join(person.roles),
            instant(person.enrolled_at),
            _trained(until.get(person.id, {}), call.now()),
            "no longer" if person.id in gone else "",
        )
        for person in found
    ]
    value = [
        msgspec.to_builtins(person) | {"trained_until": until.get(person.id, {})}
        for person in found
    ]
    show(call, value, aligned([("person", "party", "roles", "since", "trained", ""), *rows]))


def _trained(until: dict[str, int], now: int) -> str:
    """Each course with its last day; what ended or soon will says so in words."""
    said = []
    for course, at in sorted(until.items()):
        word = "ended" if at < now else "ends" if at < now + SOON_MS else "until"
        said.append(f"{course} {word} {instant(at)[:10]}")
    return ", ".join(said) or "never"


COMMANDS = {"admit": admit, "leave": leave, "list": list_}
