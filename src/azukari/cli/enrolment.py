"""``azukari person enrol|vouch|state``: what a person and their officer sign where they sit."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from azukari.cli import hands, papers, speech, vouching
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, show
from azukari.desk import enrol as enrol_desk
from azukari.errors import BadFormat, BadInput
from azukari.names import new_id, raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import base64_of

vouched_by: Final = click.option(
    "--vouched-by",
    required=True,
    metavar="ID",
    help="The officer of the party; of its first officer, one of the two.",
)
admitted_by: Final = click.option(
    "--admitted-by",
    "officers",
    multiple=True,
    metavar="ID",
    help="The two persons of the city who will admit the entry; give it twice.",
)


@click.command(
    "enrol",
    epilog="Example: azukari person enrol hanako --party ID --paid-by ID --role operator "
    "--vouched-by ID --admitted-by ID --admitted-by ID",
)
@click.argument("name", metavar="NAME")
@click.option("--party", required=True, metavar="ID", help="For which party the person works.")
@click.option(
    "--paid-by", required=True, metavar="ID", help="Which party pays them, in their word."
)
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="What they do.")
@vouched_by
@admitted_by
@click.option("--person-fd", "fd", type=int, metavar="N", help="Read the new passphrase from here.")
@papers.TO
@reads
def enrol(
    call: Call,
    name: str,
    party: str,
    paid_by: str,
    roles: tuple[str, ...],
    vouched_by: str,
    officers: tuple[str, ...],
    fd: int | None,
    to: Path,
) -> None:
    """Make a person's key under their passphrase, and the half of their entry that they sign.

    The key is NAME.key in the folder $AZUKARI_PERSON, never in a HOME.  The half goes to an officer
    of the party, who vouches for it, then to the office, where two persons of the city admit it;
    until then it counts for nothing.
    """
    for option, identifier in (("--party", party), ("--paid-by", paid_by)):
        must_be_id(option, identifier)
    must_be_hands(vouched_by, officers)
    person = new_id()
    signer = hands.make(hands.key_file(name, [call.home]), fd, person)
    entry = doc.Person(
        id=person,
        party=party,
        states_employer=paid_by,
        public=base64_of(signer.public.der),
        roles=sorted(set(roles)),
        vouched_by=vouched_by,
        enrolled_by=list(dict.fromkeys(officers)),
        enrolled_at=call.now(),
    )
    path = papers.write(to, doc.start(entry, signer))
    value = {"person": person, "file": str(path)}
    show(call, value, aligned([("person", person), ("half", path)]))
    speech.hint("an officer of the party is next: `azukari person vouch FILE`")


def must_be_hands(vouched_by: str, officers: tuple[str, ...]) -> None:
    """Who will sign an entry: an officer of the party, and two persons of the city."""
    must_be_id("--vouched-by", vouched_by)
    for one in officers:
        must_be_id("--admitted-by", one)
    if len(set(officers)) != 2:
        raise BadInput("--admitted-by", "two persons of the city are expected")


def must_be_id(option: str, identifier: str) -> None:
    try:
        raw_id(identifier)
    except BadFormat:
        raise BadInput(option, "an id of 26 letters and digits is expected") from None


@click.command(
    "vouch", epilog="Example: azukari person vouch person-7q4m2k-1of5.json --paid-by ID --as jiro"
)
@papers.FILE
@click.option("--paid-by", required=True, metavar="ID", help="Who pays them, in your word.")
@papers.TO
@acts
def vouch(call: Call, file: Path, paid_by: str, to: Path) -> None:
    """Vouch for a person who works for your party, and say who pays them.

    The person has said it apart from you; a difference stops the enrolment.  The file with your
    hand under it goes to the office.
    """
    vouching.vouch(call, file, paid_by, to, doc.Person, "person")


@click.command("state", epilog="Example: azukari person state --paid-by none --as saburo")
@click.option(
    "--paid-by",
    required=True,
    metavar="ID|none",
    help="Which party pays you; none: none that the city knows.",
)
@papers.TO
@acts
def state(call: Call, paid_by: str, to: Path) -> None:
    """Say anew, in your own word, who pays you; the file goes to the office: `azukari in FILE`.

    Where it is not the party you were admitted for you no longer count from then on, and nothing
    takes that back: you are enrolled anew, with a new key, for whom you work now.
    """
    employer = "" if paid_by == "none" else paid_by
    if employer:
        must_be_id("--paid-by", employer)
    person, signer = hands.own(call)
    path = papers.write(to, enrol_desk.state(person, employer, signer, call.now()))
    value = {"person": person, "employer": employer, "file": str(path)}
    show(call, value, aligned([("person", person), ("paid by", paid_by), ("signed", path)]))


COMMANDS = {"enrol": enrol, "vouch": vouch, "state": state}
