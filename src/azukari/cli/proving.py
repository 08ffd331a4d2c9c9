"""``azukari ledger prove`` and a party's evidence: proofs that stand without the office."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from azukari.cli import seat, speech
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, show
from azukari.desk import people, proofs, witnesses
from azukari.desk.office import Office
from azukari.errors import NotFound
from azukari.ledger.proof import EXTENSION
from azukari.shelf import files

ENTRY = ".entry"  # the entry's bytes, beside the proof
WHICH = click.option(
    "--which",
    type=click.Choice(witnesses.WHICH),
    default="office",
    show_default=True,
    help="The office's ledger or that of the key service.",
)


@click.command("prove", epilog="Example: azukari ledger prove 12 --which keys --to 12.tlog-proof")
@click.argument("index", metavar="N", type=click.IntRange(min=0))
@WHICH
@click.option("--to", type=FOLDER, metavar="FILE", help="Where it goes; else N.tlog-proof.")
@reads
def prove(call: Call, index: int, which: witnesses.Which, to: Path | None) -> None:
    """Write the proof that entry N stands in a ledger, and the entry's bytes beside it, N.entry.

    The head in it is the one that most witnesses cosigned, those outside the city first, of equal
    heads the newest; where no cosigned head reaches N yet, the newest, which only the ledger
    signed.  `azukari ledger verify --proof` checks it anywhere.
    """
    path = to or Path(f"{index}{EXTENSION}")
    with seat.office(call) as office:
        proved = proofs.Prover(office, which).prove(index)
    _write(path, proved)
    value = {"proof": str(path), "entry": str(path.with_suffix(ENTRY))}
    said = {"size": proved.size, "cosigned": list(proved.cosigned)}
    rows = [*value.items(), ("under", f"{proved.size:,} entries")]
    rows += [("cosigned", name) for name in proved.cosigned]
    show(call, value | said, aligned(rows))
    if not proved.cosigned:
        speech.say("no witness cosigned a head that reaches it: only the ledger itself says so")


def for_party(call: Call, named: str, folder: Path) -> None:
    """Write a party's evidence: one proof for each entry that concerns it and nobody else's."""
    with seat.both(call) as (office, keeper):
        party = _party(office, named)
        found = proofs.evidence(office, party)
        vkeys = {"office": office.book.verifier(), "keys": keeper.verifier}
    value: dict[str, Any] = {}
    for which, evidence in found.items():
        files.folder(folder / which)
        files.write_new(folder / which / "vkey", f"{vkeys[which]}\n".encode())
        for proved in evidence.proved:
            _write(folder / which / f"{proved.index}{EXTENSION}", proved)
        counts = {"entries": len(evidence.proved), "withheld": evidence.withheld}
        value[which] = counts | {"vkey": vkeys[which]}
    rows = [
        (str(folder / which), f"{len(one.proved):,} entries", f"{one.withheld:,} withheld")
        for which, one in found.items()
    ]
    show(call, value, aligned(rows))
    if any(one.withheld for one in found.values()):
        speech.say("withheld are entries that name another party, too")


def _party(office: Office, named: str) -> str:
    """A party by its id or its name."""
    for party in people.parties_of(office):
        if named in (party.id, party.name):
            return party.id
    raise NotFound("the office knows no such party")


def _write(path: Path, proved: proofs.Proved) -> None:
    files.write_new(path, proved.proof)
    files.write_new(path.with_suffix(ENTRY), proved.line)
