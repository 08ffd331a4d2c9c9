"""``azukari roll``: a register as received.  No row is printed here: counts, places, reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from sqlalchemy import select

from azukari.cli import refused_rows, seat, speech
from azukari.cli.call import FOLDER, Call, acts, page_language, reads, speaks, unlocks
from azukari.cli.output import aligned, instant, show, working
from azukari.desk import take_in as desk
from azukari.desk.office import Office, new_act
from azukari.errors import Conflict, NotFound
from azukari.rehearse import city
from azukari.roll.checks import flag_counts
from azukari.roll.columns import FILES
from azukari.vault import rolls, schema

MANY: Final = 20  # refusals shown; --json has all
_MANY: Final = "How many live there; 2000 if not said."
_SEED: Final = "The same number, the same city; 1 if not said."


@click.group("roll", epilog="Example: azukari roll list")
def command() -> None:
    """A register as received: invent one, take one in, list, show.

    A roll is three files of one city: register.csv, tax.csv, accounts.csv, in CP932 or UTF-8.
    """


@command.command("invent", epilog="Example: azukari roll invent city --residents 2000 --seed 1")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--residents", type=click.IntRange(min=50), default=2000, metavar="N", help=_MANY)
@click.option("--seed", type=click.IntRange(min=0), default=1, metavar="N", help=_SEED)
@click.option(
    "--encoding",
    type=click.Choice(["cp932", "utf-8"]),
    default="cp932",
    show_default=True,
    help="In CP932 nobody has characters in their name that CP932 does not have.",
)
@speaks
def invent(call: Call, folder: Path, residents: int, seed: int, encoding: str) -> None:
    """Write the three files of an invented city into DIR.

    Nobody in it exists.  The same residents, seed and encoding give the same bytes.
    """
    if any((folder / f"{name}.csv").exists() for name in FILES):
        raise Conflict(f"{folder.name} holds an export already")
    with working("inventing a city"):
        made = city.invent(residents, seed, folder, encoding=encoding)
    counts = ("residents", "households", "tax_records", "accounts")
    value = {name: getattr(made, name) for name in counts}
    show(call, value, aligned((name, number) for name, number in value.items()))


@command.command("take-in", epilog="Example: azukari roll take-in city --as officer")
@click.argument("folder", metavar="DIR", type=FOLDER)
@unlocks
@acts
def take_in(call: Call, folder: Path) -> None:
    """Read the three files in DIR; keep or refuse every row; seal what was kept.

    The files are left where they are: destroying them is for whoever brought them.
    """
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        with working("reading, checking and sealing the roll"):
            taken = desk.take_in_roll(office, folder, by)
    report = taken.report
    refused = [(r.file, r.line, r.column, r.reason) for r in report.refusals]
    files = {
        name: {
            "encoding": file.encoding,
            "how": file.how,
            "sha256": file.sha256,
            "kept": file.rows_kept,
            "refused": file.rows_refused,
            "flags": dict(file.flags),
        }
        for name, file in report.files.items()
    }
    rows = [
        (name, file.rows_kept, file.rows_refused, file.encoding, file.how)
        for name, file in report.files.items()
    ]
    lines = [f"roll {taken.roll}", *aligned([("file", "kept", "refused", "encoding", ""), *rows])]
    show(call, {"roll": taken.roll, "files": files, "refusals": refused}, lines)
    if refused:
        speech.say(f"{len(refused):,} rows were refused")
        speech.hint(f"`azukari roll show {taken.roll} --as {call.person}` says which and why")


@command.command("list", epilog="Example: azukari roll list --json")
@reads
def list_(call: Call) -> None:
    """Every roll and every determination that this office keeps, newest first."""
    with seat.office(call) as office:
        kept = _kept(office)
    value = [{"id": r.id, "kind": r.kind, "of": r.of, "at": r.at, "rows": _rows(r)} for r in kept]
    lines = aligned(
        (r.id, r.kind, instant(r.at), ", ".join(f"{n:,} {name}" for name, n in _rows(r).items()))
        for r in kept
    )
    show(call, value, lines)


@command.command("show", epilog="Example: azukari roll show --as officer")
@click.argument("roll", metavar="[ROLL]", default="")
@unlocks
@acts
def show_(call: Call, roll: str) -> None:
    """Counts, refused rows by line, and flags of a roll; the newest if none is named.

    Opens the roll, so the keys' ledger says that it was opened and by whom.
    """
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        row = find(office, "roll", roll)
        key = office.keys.release_to_seal(new_act(), by, row.id)
        refusals, register = (
            rolls.read(office.home, row.id, key, name) for name in ("refusals", "register")
        )
    refused = refusals.to_pylist()
    flags = flag_counts(register["flags"])
    value = {
        "roll": row.id,
        "at": row.at,
        "rows": _rows(row),
        "refusals": refused,
        "flags": flags,
    }
    show(call, value, _page(row, refused, flags, page_language(call)))


def find(office: Office, kind: str, identifier: str) -> Any:
    """A roll or a determination by its id; the newest where none is named."""
    for row in _kept(office):
        if row.kind == kind and identifier in ("", row.id):
            return row
    raise NotFound(f"the office keeps no such {kind}")


def _kept(office: Office) -> Sequence[Any]:
    rows = schema.roll
    with office.act() as tx:
        return tx.execute(select(rows).order_by(rows.c.at.desc(), rows.c.id)).all()


def _rows(row: Any) -> dict[str, int]:
    found: dict[str, int] = msgspec.json.decode(row.rows)
    return found


def _page(
    row: Any, refused: list[dict[str, Any]], flags: dict[str, int], language: str
) -> Iterator[str]:
    yield f"roll {row.id}, taken in {instant(row.at)}"
    yield from aligned((f"  {name}", number) for name, number in _rows(row).items())
    yield "flags:" if flags else "flags: none"
    yield from aligned((f"  {name}", number) for name, number in flags.items())
    yield "refused:" if refused else "refused: none"
    counted = Counter(line["reason"] for line in refused)
    yield from aligned(
        (f"  {reason}", number, refused_rows.sentence(reason, language))
        for reason, number in counted.most_common()
    )
    for line in refused[:MANY]:
        where = f"  {line['file']}:{line['line']}"
        yield (
            f"{where}: {line['column']}: {line['reason']}"
            if line["column"]
            else f"{where}: {line['reason']}"
        )
    if len(refused) > MANY:
        yield f"  … and {len(refused) - MANY:,} more; --json has all"
