"""``azukari person enrol``: the person's own half, at whatever site they sit."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import hands, papers, speech
from azukari.cli.call import Call, reads
from azukari.cli.output import aligned, show
from azukari.errors import BadFormat, BadInput
from azukari.names import new_id, raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import base64_of


@click.command(
    "enrol",
    epilog="Example: azukari person enrol hanako --party ID --paid-by ID --role operator "
    "--admitted-by ID --admitted-by ID",
)
@click.argument("name", metavar="NAME")
@click.option("--party", required=True, metavar="ID", help="For which party the person works.")
@click.option(
    "--paid-by", required=True, metavar="ID", help="Which party pays them, in their word."
)
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="What they do.")
@click.option(
    "--admitted-by",
    "officers",
    multiple=True,
    metavar="ID",
    help="The two persons of the city who will admit them; give it twice.",
)
@click.option("--person-fd", "fd", type=int, metavar="N", help="Read the new passphrase from here.")
@papers.TO
@reads
def enrol(
    call: Call,
    name: str,
    party: str,
    paid_by: str,
    roles: tuple[str, ...],
    officers: tuple[str, ...],
    fd: int | None,
    to: Path,
) -> None:
    """Make a person's key under their passphrase, and the half of their entry that they sign.

    The key is NAME.key in the folder $AZUKARI_PERSON, never in a HOME.  The half goes to the
    office, where two persons of the city admit it; until then it counts for nothing.
    """
    for option, identifier in (("--party", party), ("--paid-by", paid_by), *_each(officers)):
        _must_be_id(option, identifier)
    if len(set(officers)) != 2:
        raise BadInput("--admitted-by", "two persons of the city are expected")
    person = new_id()
    signer = hands.make(hands.key_file(name, [call.home]), fd, person)
    entry = doc.Person(
        id=person,
        party=party,
        states_employer=paid_by,
        public=base64_of(signer.public.der),
        roles=sorted(set(roles)),
        enrolled_by=sorted(set(officers)),
        enrolled_at=call.now(),
    )
    path = papers.write(to, doc.start(entry, signer))
    value = {"person": person, "file": str(path)}
    show(call, value, aligned([("person", person), ("half", path)]))
    speech.hint("bring the half to the office: `azukari person admit FILE`")


def _each(officers: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("--admitted-by", one) for one in officers]


def _must_be_id(option: str, identifier: str) -> None:
    try:
        raw_id(identifier)
    except BadFormat:
        raise BadInput(option, "an id of 26 letters and digits is expected") from None


COMMANDS = {"enrol": enrol}
