"""``azukari carrier``: what travels.  Names carriers by their labels, and opens none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from azukari.carrier import manifest as manifests
from azukari.carrier.counterfoil import Counterfoil
from azukari.carrier.custody import Hold
from azukari.carrier.life import State
from azukari.cli import exits, seat, speech
from azukari.cli.call import FOLDER, Call, acts, reads, unlocks
from azukari.cli.output import aligned, instant, short, show, working
from azukari.cli.roll import find
from azukari.desk import custody, loss, seal_files
from azukari.desk import order as orders
from azukari.desk import seal as desk
from azukari.desk.counterfoil import read_counterfoil
from azukari.desk.office import Office
from azukari.errors import BadInput
from azukari.incident.impact import impact
from azukari.shelf.folder import Folder
from azukari.vault import records

_LABEL = click.argument("label", metavar="LABEL")


@click.group("carrier", epilog="Example: azukari carrier list")
def command() -> None:
    """What travels: seal, list, show, inspect.

    LABEL is what stands on the finder's page of a carrier, such as C-7Q4M-2K, or its id.
    """


@command.command(
    "seal", epilog="Example: azukari carrier seal /media/stick --order ID --as officer"
)
@click.argument("medium", metavar="MEDIUM", type=FOLDER)
@click.option("--tag", metavar="TAG", help="Its asset tag; else its serial says which it is.")
@click.option("--order", required=True, metavar="ID", help="An order that two people approved.")
@click.option("--roll", default="", metavar="ID", help="Else the newest roll.")
@click.option("--determination", default="", metavar="ID", help="Else the newest of that roll.")
@click.option("--folder", type=FOLDER, metavar="DIR", help="Seal every file in DIR instead.")
@unlocks
@acts
def seal(
    call: Call,
    medium: Path,
    tag: str | None,
    order: str,
    roll: str,
    determination: str,
    folder: Path | None,
) -> None:
    """Seal one carrier onto an empty medium, under an approved order that names the medium.

    Selects the least the order's purpose needs, writes and reads back every part, and writes
    envelope.json last: a folder without it is not a carrier.  The medium may be pulled out when it
    is called safe to remove, and not before.

    A file of DIR that is refused is told by its place in `find . ! -type d | LC_ALL=C sort`.
    """
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        # The key service wants the city's word of today on who no longer counts.
        office.keys.believe([orders.status(office, office.now(), [])])
        with working("selecting, sealing and reading back"):
            if folder is None:
                cargo = _cargo(office, order, roll, determination, by)
                sealed = desk.seal(office, cargo, medium.absolute(), by, tag)
            else:
                chosen = seal_files.select_files(office, order, folder)
                sealed = seal_files.seal_files(office, chosen, medium.absolute(), by, tag)
    value = {
        "carrier": sealed.carrier,
        "label": sealed.label,
        "bytes": sealed.bytes,
        "medium": sealed.tag,
        "read_back_from_medium": sealed.from_medium,
        "safe_to_remove": sealed.settled,
    }
    rows = [
        ("sealed", sealed.label),
        ("carrier", sealed.carrier),
        ("bytes", sealed.bytes),
        ("medium", sealed.tag or "-"),
    ]
    show(call, value, aligned(rows))
    speech.say(_read_back(sealed))
    speech.say(_removable(sealed))


@command.command("list", epilog="Example: azukari carrier list --json")
@reads
def list_(call: Call) -> None:
    """Every carrier: its state, who has it, by when it is due, and whether it is late."""
    with seat.office(call) as office:
        who = seat.names(office)
        found = [(row, _last(office, row)) for row in desk.carriers_of(office)]
    now = call.now()
    value = [
        {
            "label": row.label,
            "carrier": row.id,
            "state": row.state,
            "sealed_at": row.sealed_at,
            "holder": None if last is None else last.holder or None,
            "due_at": _due(row, last),
            "late": _late(row, last, now),
        }
        for row, last in found
    ]
    rows = [
        (
            row.label,
            row.state,
            instant(row.sealed_at),
            "-" if last is None else who.get(last.holder, short(last.holder)) or "the network",
            instant(_due(row, last)),
            "LATE" if _late(row, last, now) else "",
        )
        for row, last in found
    ]
    head = ("label", "state", "sealed", "held by", "due", "")
    show(call, value, aligned([head, *rows]) if rows else ["no carrier was ever sealed"])


@command.command("show", epilog="Example: azukari carrier show C-7Q4M-2K")
@_LABEL
@reads
def show_(call: Call, label: str) -> None:
    """One carrier: who had it when, what is on it by count, and every key that left for it.

    Counts come from the counterfoil that was kept when it was sealed.
    """
    with seat.office(call) as office:
        with office.act() as tx:
            row = records.carrier(tx, label)
        who = seat.names(office)
        holds = custody.line_of(office, row.id)
        foil = None if row.counterfoil is None else read_counterfoil(office, row.id)
        releases = [one for one in office.keys.releases(row.id) if one["use"] != "seal"]
    value = {
        "label": row.label,
        "carrier": row.id,
        "state": row.state,
        "order": row.order_id,
        "roll": row.roll,
        "sealed_at": row.sealed_at,
        "hands": [msgspec.to_builtins(hold) for hold in holds],
        "persons": None if foil is None else _persons(foil),
        "grants": [_grant(one) for one in releases],
    }
    show(call, value, _page(row, who, holds, foil, releases))


@command.command("inspect", epilog="Example: azukari carrier inspect /media/stick")
@click.argument("medium", metavar="MEDIUM", type=FOLDER)
@click.option("--carrier", "label", default="", metavar="LABEL", help="Which it must be.")
@reads
def inspect(call: Call, medium: Path, label: str) -> None:
    """Compare a folder with the office's own copy of its envelope; needs no key, changes nothing.

    Equal digests prove that every byte of every part is as it was sealed.  Exits 1 if anything is
    changed, missing or foreign.
    """
    if not medium.is_dir():
        raise BadInput("MEDIUM", "there is no such folder")
    with seat.office(call) as office:
        key = office.signers["carrier"].public
        named = label
        if not named:
            found = manifests.read_envelope(Folder(medium).envelope(), {key.id: key}.get)
            named = found.carrier
        with office.act() as tx:
            row = records.carrier(tx, named)
        if row.envelope is None:
            raise BadInput("--carrier", "this carrier was never sealed")
        at = office.now()
        report = loss.inspect(row.envelope, medium, row.id, office.city, at, {key.id: key}.get)
    value = {
        "label": row.label,
        "carrier": row.id,
        "unchanged": report.unchanged,
        "parts": report.parts,
        "pages": report.pages,
        "foreign": report.foreign,
        "newest_file_at": report.newest_file_at,
    }
    states = [(f"  part {part}", state) for part, state in sorted(report.parts.items())]
    states += [(f"  page {page}", state) for page, state in sorted(report.pages.items())]
    lines = [
        f"{row.label}: {'unchanged to the last byte' if report.unchanged else 'NOT as sealed'}",
        *aligned(states),
        f"  foreign files: {report.foreign}",
        f"  newest file: {instant(report.newest_file_at)}",
    ]
    show(call, value, lines)
    if not report.unchanged:
        speech.say(f"{row.label} is not as it was sealed")
        raise click.exceptions.Exit(exits.NO)


def _cargo(office: Office, order: str, roll: str, determination: str, by: str) -> desk.Cargo:
    source = find(office, "roll", roll).id
    answers = find(office, "determination", determination)
    if answers.of != source:
        raise BadInput("--determination", "it was made from another roll")
    return desk.select_cargo(office, order, source, answers.id, by)


def _read_back(sealed: desk.SealedCarrier) -> str:
    if sealed.from_medium:
        return "every file was read back from the medium and is as it was sealed"
    return "every file was read back; this system may have read it from its own memory"


def _removable(sealed: desk.SealedCarrier) -> str:
    if sealed.tag is None:
        return "everything is written out"
    if sealed.settled:
        return f"{sealed.tag} is safe to remove"
    return f"{sealed.tag} is written; remove it only when the system says that it may be"


def _last(office: Office, row: Any) -> Hold | None:
    holds = custody.line_of(office, row.id)
    if not holds and row.state == State.TRAVELLING:
        # Sent by network: nobody has it in hand, and it is due all the same.
        due_at = orders.order_of(office, row.order_id).receive_by
        return Hold("", row.sealed_at, None, due_at)
    return holds[-1] if holds else None


def _due(row: Any, last: Hold | None) -> int | None:
    out = row.state in (State.TRAVELLING, State.RECEIVED)
    return last.due_at if out and last is not None else None


def _late(row: Any, last: Hold | None, now: int) -> bool:
    due = _due(row, last)
    return due is not None and now > due


def _persons(foil: Counterfoil) -> dict[str, Any]:
    counted = impact([foil])
    kinds = {kind.value: count.persons for kind, count in counted.by_kind.items()}
    total, files = counted.total, counted.not_counted
    known = {"total": total.persons, "suppressed": total.suppressed, "by_kind": kinds}
    # Of files nobody knows whose they are: that is not nobody's.
    return {**known, "total": total.persons or None, "files": files} if files else known


def _grant(release: dict[str, Any]) -> dict[str, Any]:
    opening = release["ask"]["opening"]
    return {
        "grant": release["grant"],
        "at": release["at"],
        "person": opening["person"],
        "role": opening["role"],
        "device": opening["device"],
        "not_before": opening["not_before"],
        "not_after": opening["not_after"],
    }


def _page(
    row: Any,
    who: dict[str, str],
    holds: tuple[Hold, ...],
    foil: Counterfoil | None,
    releases: list[dict[str, Any]],
) -> Iterator[str]:
    yield f"{row.label}: {row.state}"
    yield from aligned(
        [("  carrier", row.id), ("  order", row.order_id), ("  sealed", instant(row.sealed_at))]
    )
    yield "hands:" if holds else "hands: never left the office"
    yield from aligned(
        (
            f"  {instant(one.from_at)}",
            who.get(one.holder, short(one.holder)),
            f"due {instant(one.due_at)}",
        )
        for one in holds
    )
    if foil is not None:
        found = _persons(foil)
        if "files" in found:
            yield f"files: {found['files']:,}; whose data they hold is not counted"
        if found["total"] is not None:
            yield f"persons: {found['total']:,}, {found['suppressed']:,} of them suppressed"
        yield from aligned((f"  {kind}", number) for kind, number in found["by_kind"].items())
    yield "grants:" if releases else "grants: none; no key for it ever left for a device"
    for grant in map(_grant, releases):
        person = who.get(grant["person"], short(grant["person"]))
        until = instant(grant["not_after"])
        yield f"  {instant(grant['at'])}  {person} as {grant['role']}, until {until}"
