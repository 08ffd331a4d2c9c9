"""``azukari ledger verify``: what a stranger can tell from exported files and verifiers alone.

One ledger, both, or the proof of a single entry; no HOME, no office.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from azukari import promises
from azukari.cli import exits, judging, speech
from azukari.cli.call import FOLDER, Call, speaks
from azukari.cli.output import instant, show
from azukari.cli.proving import ENTRY
from azukari.errors import BadInput, BadSignature, LedgerError, NotFound
from azukari.ledger import acts
from azukari.ledger.audit import roots_of, verify_export
from azukari.ledger.checkpoint import (
    MAX_NOTE_BYTES,
    Checkpoint,
    Verifier,
    parse_checkpoint,
    parse_vkey,
    split_note,
)
from azukari.ledger.entry import MAX_ENTRY_BYTES, Entry, decode
from azukari.ledger.policy import Policy
from azukari.ledger.proof import EXTENSION, decode_proof, verify_proof
from azukari.ledger.tiles import CHECKPOINT_PATH
from azukari.ledger.vouching import Vouched
from azukari.names import raw_id
from azukari.shelf import files

_LEDGERS = ("office", "keys")
_MOST = 1 << 26  # bytes of a file; the largest bundle has a quarter of that


@click.command(
    "verify",
    epilog="Example: azukari ledger verify evidence/keys --vkey keys.vkey --policy policy.txt",
)
@click.argument("folder", metavar="DIR", type=FOLDER, required=False)
@click.option(
    "--vkey",
    "vkeys",
    metavar="FILE|TEXT",
    required=True,
    multiple=True,
    help="A log's verifier, or a file with it; for both ledgers, two.",
)
@judging.POLICY
@judging.ROOT
@judging.KEPT
@click.option("--carrier", "carriers", metavar="ID", multiple=True, help="Was its key released?")
@click.option("--proof", type=FOLDER, metavar="FILE", help="One entry's proof, in place of DIR.")
@click.option("--entry", type=FOLDER, metavar="FILE", help="Its bytes; else the file beside it.")
@speaks
def command(
    call: Call,
    folder: Path | None,
    vkeys: tuple[str, ...],
    policy: Path | None,
    root: Path | None,
    kept: tuple[Path, ...],
    carriers: tuple[str, ...],
    proof: Path | None,
    entry: Path | None,
) -> None:
    """Verify an exported ledger from its files and its verifier alone; needs no HOME.

    Every entry, hash and signature is derived again, and no release may stand after a revocation.
    DIR is one ledger, a whole export with both (then acts are paired too), or a party's proofs.
    That a history is whole does not say that it is the only one: for that there are witnesses, and
    --policy says whose word is enough; and --kept, a head that you were shown before.
    Exits 1 where something is wrong between entries, or a carrier that is named cannot be called
    never released.
    """
    known = [parse_vkey(judging.vkey(given)) for given in vkeys]
    chosen = None if policy is None else judging.read(policy, root)
    judge = _Judge(call.now(), chosen, [files.read_small(path, MAX_NOTE_BYTES) for path in kept])
    if (folder is None) == (proof is None):
        raise BadInput("DIR", "a folder is expected, or --proof with a file")
    if proof is not None:
        _show_proofs(call, [(proof, entry)], known, judge)
    elif folder is not None and (found := list(_proofs_in(folder))):
        _show_proofs(call, found, known, judge)
    elif folder is not None:
        _show_ledgers(call, folder, known, judge, carriers)


@dataclass(frozen=True)
class _Judge:
    """Whose cosignatures are enough, by which clock, and which heads were kept."""

    now: int
    policy: Policy | None
    kept: Sequence[bytes]


@dataclass(frozen=True)
class _Ledger:
    """One ledger, verified from its files."""

    name: str  # office, keys; empty where only one was given
    folder: Path
    log: Verifier
    entries: list[Entry]
    witnessed: Vouched | None
    continues: Sequence[int]  # sizes of heads that were kept

    def told(self) -> dict[str, Any]:
        last = self.entries[-1].at if self.entries else None
        value = {"log": self.log.name, "size": len(self.entries), "last_at": last}
        return value | {"continues": list(self.continues)} | _witnessed(self.witnessed)

    def lines(self) -> Iterator[str]:
        last = self.entries[-1].at if self.entries else None
        size = f"{len(self.entries):,} entries verified"
        yield f"{self.log.name}: {size}, the last of {instant(last)}"
        yield from (f"continues the {n:,} entries of a head that was kept" for n in self.continues)
        if self.witnessed is not None:
            yield from judging.page(self.witnessed)


def _show_ledgers(
    call: Call, folder: Path, known: Sequence[Verifier], judge: _Judge, carriers: Sequence[str]
) -> None:
    whole = not (folder / CHECKPOINT_PATH).is_file() and all(
        (folder / name).is_dir() for name in _LEDGERS
    )
    found = [_ledger(name, folder / name, known, judge) for name in (_LEDGERS if whole else ("",))]
    if len({one.log for one in found}) < len(found):
        raise BadInput("DIR", "two ledgers are expected, and one stands there twice")
    if sum(len(one.continues) for one in found) < len(judge.kept):
        raise BadInput("--kept", "a head of a ledger that is verified here is expected")
    findings = [one for ledger in found for one in _between(ledger)]
    if whole:
        findings += _between_both(*found)
    keys = found[-1]
    fates = _fates(keys.entries, carriers)
    reach = None if keys.witnessed is None else keys.witnessed.reach
    value: dict[str, Any] = {one.name: one.told() for one in found} if whole else found[0].told()
    value["findings"] = judging.as_values(findings)
    value["carriers"] = [_fate(fate, reach) for fate in fates]
    lines = [line for one in found for line in one.lines()]
    if judge.policy is not None and whole:  # a row is claimed for both ledgers or not at all
        witnessed = [one.witnessed for one in found if one.witnessed is not None]
        row = promises.applies(outside=judging.outside(judge.policy, witnessed))
        value |= promises.as_value(row)
        lines += promises.lines(row)
    lines += [_fate_in_words(fate, reach) for fate in fates]
    show(call, value, [*lines, *judging.findings(findings)])
    if findings:
        speech.say(f"{len(findings)} findings")
    if findings or (carriers and not all(fate.never_released(reach) for fate in fates)):
        raise click.exceptions.Exit(exits.NO)


def _ledger(name: str, folder: Path, known: Sequence[Verifier], judge: _Judge) -> _Ledger:
    note = _read(folder, CHECKPOINT_PATH)
    log = _whose(note, known)
    try:
        entries = verify_export(lambda path: _read(folder, path), log.vkey())
    except (LedgerError, BadSignature) as error:
        raise judging.of_ledger(log, error) from None
    witnessed = None
    if judge.policy is not None:
        witnessed = judging.of_export(folder, log, len(entries), judge.policy, judge.now)
        judging.must_be_enough(judge.policy, witnessed, log)
    continues = judging.continued(folder, log, len(entries), judge.kept)
    return _Ledger(name, folder, log, entries, witnessed, continues)


def _between(ledger: _Ledger) -> list[acts.Finding]:
    """What entries of one ledger say of each other, whatever name it was handed out under."""
    name = ledger.name or "ledger"
    found = acts.order_of_revocations(ledger.entries, name)
    return found + acts.unknown(name, ledger.entries)


def _between_both(office: _Ledger, keys: _Ledger) -> list[acts.Finding]:
    """The other half of every act, and the heads that one ledger quotes of the other."""
    found = acts.pair(office.entries, keys.entries)
    for mine, other in ((office, keys), (keys, office)):
        heads = [entry.other for entry in mine.entries if entry.other is not None]
        sizes = [head.size for head in heads if head.origin == other.log.name]

        def read(path: str, folder: Path = other.folder) -> bytes:
            return _read(folder, path)

        roots = roots_of(read, len(other.entries), sizes)
        found += acts.quotes(mine.name, mine.entries, other.log.name, roots.get)
    return found


def _fates(entries: Sequence[Entry], carriers: Sequence[str]) -> list[acts.Fate]:
    """Of the carriers that are named, or of all that were ever revoked."""
    if not carriers:
        return acts.fates(entries)
    for carrier in carriers:
        raw_id(carrier)
    if not any(entry.type.startswith("key.") for entry in entries):
        raise BadInput("--carrier", "the keys' ledger is expected: there stand the releases")
    return [acts.fate(entries, carrier) for carrier in carriers]


def _fate(fate: acts.Fate, reach: int | None) -> dict[str, Any]:
    return {
        "carrier": fate.carrier,
        "never_released": fate.never_released(reach),
        "revoked": fate.revoked,
        "released": fate.released,
    }


def _fate_in_words(fate: acts.Fate, reach: int | None) -> str:
    if fate.released is not None:
        return f"{fate.carrier}: a key was released to a device, entry {fate.released:,}"
    if fate.revoked is None:
        return f"{fate.carrier}: no revocation stands, so a release may still come"
    if not fate.never_released(reach):
        return (
            f"{fate.carrier}: no release to a device stands here, and it is"
            f" not yet cosigned past the revocation, entry {fate.revoked:,}"
        )
    return f"{fate.carrier}: never released, revoked by entry {fate.revoked:,}"


def _proofs_in(folder: Path) -> Iterator[tuple[Path, None]]:
    """The proofs of a party's evidence; none where the folder is an export."""
    if not folder.is_dir():
        raise NotFound(f"{folder.name}: it is missing")
    for each in (folder, *(folder / name for name in _LEDGERS)):
        if not (each / CHECKPOINT_PATH).exists():
            paths = each.glob(f"*{EXTENSION}")
            yield from ((path, None) for path in sorted(paths, key=lambda p: (len(p.name), p.name)))


def _show_proofs(
    call: Call,
    found: Sequence[tuple[Path, Path | None]],
    known: Sequence[Verifier],
    judge: _Judge,
) -> None:
    if judge.kept:
        raise BadInput("--kept", "a whole ledger is expected with it, not proofs")
    values, lines = [], []
    for proof, given in found:
        value, said = _proof(proof, given or proof.with_suffix(ENTRY), known, judge)
        values.append(value)
        lines += said
    show(call, values[0] if len(values) == 1 else values, lines)


def _proof(
    path: Path, beside: Path, known: Sequence[Verifier], judge: _Judge
) -> tuple[dict[str, Any], list[str]]:
    """One entry under one signed head, and who cosigned that very head."""
    text = files.read_small(path, MAX_NOTE_BYTES)
    line = files.read_small(beside, MAX_ENTRY_BYTES + 1)
    note = decode_proof(text).checkpoint
    log = _whose(note, known)
    index, head = verify_proof(text, line, log)
    entry = decode(line)
    if entry.log != log.name:
        raise BadInput(beside.name, "it is an entry of another ledger")
    value = {"log": log.name, "index": index, "size": head.size, "entry": entry}
    lines = [f"{log.name}: entry {index:,} of {head.size:,}: {entry.type}, {instant(entry.at)}"]
    if judge.policy is not None:
        found = judging.of_note(note, log, judge.policy, head, judge.now)
        judging.must_be_enough(judge.policy, found, log)
        value |= _witnessed(found)
        lines += judging.page(found)
    return value, lines


def _witnessed(found: Vouched | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {"witnessed": found.reach, "cosigned": judging.told(found)}


def _whose(note: bytes, known: Sequence[Verifier]) -> Verifier:
    """The verifier for a head: of several the one that has its name."""
    if len(known) == 1:
        return known[0]
    head: Checkpoint = parse_checkpoint(split_note(note)[0])
    fitting = [one for one in known if one.name == head.origin]
    if len(fitting) != 1:
        raise BadInput("--vkey", "one verifier for each ledger is expected, by its name")
    return fitting[0]


def _read(folder: Path, path: str) -> bytes:
    """A file of an export: it may come from the other side, so neither a link nor without end."""
    if not os.path.lexists(folder / path):
        raise NotFound(f"{path}: it is missing")
    return files.read_small(folder / path, _MOST)
