"""``azukari ledger``: what was done and when, for people who trust nobody's word for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import msgspec

from azukari.cli import exits, seat, speech
from azukari.cli.call import FOLDER, Call, reads, speaks
from azukari.cli.output import aligned, instant, short, show
from azukari.desk import audit as desk
from azukari.desk.order_sheet import words_by_ledger
from azukari.errors import BadInput, Conflict, NotFound
from azukari.ledger.audit import verify_export
from azukari.ledger.entry import Entry, decode
from azukari.shelf import files
from azukari.vault import records

#: What holds with the set-up this version makes.
SETUP: Final = "one machine, no witness"
HOLDS: Final = {
    "2": "never released: against outsiders",
    "4": "two persons: against outsiders",
    "8": "history: against outsiders",
}
_WHICH = click.option(
    "--which",
    type=click.Choice(["office", "keys"]),
    default="office",
    show_default=True,
    help="The office's ledger or that of the key service.",
)


@click.group("ledger", epilog="Example: azukari ledger show --last 20")
def command() -> None:
    """What was done and when: show, export, verify, audit.

    Office and key service write one ledger each; ids in them mean something only at the office.
    """


@command.command("head", epilog="Example: azukari ledger head --which keys")
@_WHICH
@reads
def head(call: Call, which: str) -> None:
    """The size and root of a ledger, signed, and the key others verify it with."""
    with seat.both(call) as (office, keeper):
        if which == "keys":
            note, vkey = keeper.checkpoint(), keeper.verifier
        else:
            with office.act() as tx:
                note, vkey = office.book.checkpoint(tx), office.book.verifier()
    text = note.decode()
    origin, size, root = text.splitlines()[:3]
    value = {"origin": origin, "size": int(size), "root": root, "vkey": vkey, "checkpoint": text}
    show(call, value, [*text.splitlines(), "", vkey])


@command.command("show", epilog="Example: azukari ledger show --last 20 --type carrier")
@_WHICH
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N entries.")
@click.option("--type", "kind", metavar="TYPE", default="", help="Only this type, or its start.")
@reads
def show_(call: Call, which: str, last: int | None, kind: str) -> None:
    """A ledger as a diary: when, what, who, on what.

    Names and labels are this office's; in the ledger itself stand random ids (--json has them).
    An order stands there by its eight words, from the hash that its first entry commits to.
    """
    with seat.both(call) as (office, keeper):
        if which == "keys":
            lines = keeper.entries(0)
        else:
            with office.act() as tx:
                lines = office.book.entries(tx, 0, office.book.head(tx).size)
        who = seat.names(office)
        with office.act() as tx:
            who |= {row.id: row.label for row in records.carriers(tx)}
        eight = words_by_ledger(office)
    entries = [(i, decode(line)) for i, line in enumerate(lines)]
    chosen = [(i, entry) for i, entry in entries if entry.type.startswith(kind)][-(last or 0) :]
    value = [{"i": i} | msgspec.to_builtins(entry) for i, entry in chosen]
    show(call, value, aligned(_line(i, entry, who, eight) for i, entry in chosen))


@command.command("export", epilog="Example: azukari ledger export evidence")
@click.argument("folder", metavar="DIR", type=FOLDER)
@reads
def export(call: Call, folder: Path) -> None:
    """Write both ledgers as static files into DIR/office and DIR/keys; details never leave.

    Beside each stands its verifier, the file vkey: whoever must trust nobody gets it another way.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder.name} exists already and is not empty")
    with seat.both(call) as (office, keeper):
        ledgers = {
            "office": (list(office.export()), office.book.verifier()),
            "keys": (list(keeper.export()), keeper.verifier),
        }
    for name, (found, vkey) in ledgers.items():
        for path, content in found:
            files.folder((folder / name / path).parent)
            files.write_new(folder / name / path, content)
        files.write_new(folder / name / "vkey", f"{vkey}\n".encode())
    value = {name: {"files": len(found), "vkey": vkey} for name, (found, vkey) in ledgers.items()}
    show(call, value, [str(folder / name) for name in ledgers])


@command.command(
    "verify",
    epilog="Example: azukari ledger verify evidence/office --vkey evidence/office/vkey",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--vkey", metavar="FILE|TEXT", required=True, help="The log's verifier, or a file with it."
)
@speaks
def verify(call: Call, folder: Path, vkey: str) -> None:
    """Verify an exported ledger from its files and its verifier alone; needs no HOME.

    Every entry, hash and signature is derived again.  That a history is whole does not say that it
    is the only one: for that there are witnesses.
    """

    def read(path: str) -> bytes:
        if not (folder / path).is_file():
            raise NotFound(f"{path}: it is missing")
        return (folder / path).read_bytes()

    entries = verify_export(read, _vkey(vkey))
    last = entries[-1].at if entries else None
    log = entries[0].log if entries else ""
    value = {"log": log, "size": len(entries), "last_at": last}
    show(call, value, [f"{log}: {len(entries):,} entries verified, the last of {instant(last)}"])


@command.command("audit", epilog="Example: azukari ledger audit")
@reads
def audit(call: Call) -> None:
    """Verify both ledgers, pair them act by act, and look for a release after a revocation.

    Exits 1 if an auditor must know something; `azukari tick` finishes what a crash left unpaired.
    """
    with seat.office(call) as office:
        findings = desk.audit(office)
    value = {
        "setup": SETUP,
        "holds": HOLDS,
        "findings": [{"ledger": f.ledger, "index": f.index, "what": f.what} for f in findings],
    }
    show(call, value, _audit_page(findings))
    if findings:
        speech.say(f"{len(findings)} findings")
        raise click.exceptions.Exit(exits.NO)


def _audit_page(findings: list[desk.Finding]) -> Iterator[str]:
    yield f"set-up: {SETUP}"
    yield from (f"  promise {number}, {words}" for number, words in HOLDS.items())
    yield "findings:" if findings else "findings: none"
    yield from aligned((f"  {f.ledger}", f.index, f.what) for f in findings)


def _line(i: int, entry: Entry, who: dict[str, str], eight: dict[str, str]) -> tuple[object, ...]:
    counts = ", ".join(f"{number:,} {name}" for name, number in entry.n.items())
    if entry.type.startswith("order."):
        who = who | eight
    about = " ".join(who.get(ref, short(ref)) for ref in entry.refs if ref != entry.by)
    return (instant(entry.at), i, entry.type, who.get(entry.by, short(entry.by)), about, counts)


def _vkey(given: str) -> str:
    """The verifier itself, or the first line of the file that holds it."""
    if "+" in given and not Path(given).is_file():
        return given
    text = files.read_small(Path(given), 4096).decode("ascii", "replace")
    if not text.strip():
        raise BadInput("--vkey", "a line with the log's verifier is expected")
    return text.splitlines()[0].strip()
