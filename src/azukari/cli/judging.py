"""``--policy``: whose cosignatures are enough for whoever verifies, and what they say.

The policy is the caller's: a file they wrote, or the city's proposal, signed by a root they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from azukari.cli.call import FOLDER as PATH
from azukari.cli.output import instant
from azukari.desk import witnesses
from azukari.desk.office import LATENESS_MS, Office
from azukari.errors import AzukariError, BadInput, BadSignature, LedgerError
from azukari.ledger.acts import CHANGED, Finding
from azukari.ledger.audit import must_continue, roots_of
from azukari.ledger.checkpoint import (
    MAX_NOTE_BYTES,
    Checkpoint,
    Verifier,
    open_checkpoint,
    parse_checkpoint,
    parse_vkey,
    split_note,
)
from azukari.ledger.cosign import Witness
from azukari.ledger.policy import Policy, parse_policy
from azukari.ledger.tiles import COSIGNED
from azukari.ledger.vouching import Vouched, vouched
from azukari.seal.envelope import MAX_BYTES, PublicKey, Use, unbase64
from azukari.seal.policy import read_policy
from azukari.shelf import files

POLICY = click.option(
    "--policy", type=PATH, metavar="FILE", help="Whose cosignatures are enough; yours to choose."
)
ROOT = click.option(
    "--root", type=PATH, metavar="FILE", help="The city's root key, where the policy is signed."
)
KEPT = click.option(
    "--kept",
    type=PATH,
    metavar="FILE",
    multiple=True,
    help="A signed head that you kept, of an older export; its ledger must begin with it.",
)


def vkey(given: str) -> str:
    """The verifier itself, or the first line of the file that holds it."""
    if "+" in given and not Path(given).is_file():
        return given
    text = files.read_small(Path(given), 4096).decode("ascii", "replace")
    if not text.strip():
        raise BadInput("--vkey", "a line with the log's verifier is expected")
    return text.splitlines()[0].strip()


def read(path: Path, root: Path | None) -> Policy:
    """The policy of a file; one that the city signed needs the city's root key."""
    raw = files.read_small(path, MAX_BYTES)
    if not raw.startswith(b"{"):
        return parse_policy(raw)
    if root is None:
        raise BadInput("--policy", "it is signed: --root with the city's root key is expected")
    text = files.read_small(root, 1024).decode("ascii", "replace").strip()
    key = PublicKey.load(Use.ROOT, unbase64(text))
    named = read_policy(raw, key).text.encode()
    return parse_policy(named)


def of_export(folder: Path, log: Verifier, size: int, policy: Policy, now: int) -> Vouched:
    """What witnesses say of an exported ledger of ``size`` entries, verified before."""
    paths = sorted((folder / COSIGNED).iterdir()) if (folder / COSIGNED).is_dir() else []
    # Others would not have been held against the entries.
    if {path.name for path in paths} != {str(n) for n in range(len(paths))}:
        raise BadInput(COSIGNED, "files 0, 1, 2 ... and no others are expected")
    notes = [files.read_small(path, MAX_NOTE_BYTES) for path in [*paths, folder / "checkpoint"]]
    sizes = [parse_checkpoint(split_note(note)[0]).size for note in notes]
    roots = roots_of(lambda path: files.read_small(folder / path, 1 << 26), size, sizes)
    return vouched(notes, log, policy, roots.get, _until_s(now))


def continued(folder: Path, log: Verifier, size: int, kept: Sequence[bytes]) -> list[int]:
    """How long the heads of this ledger were that somebody kept, each of them continued here."""
    mine = [note for note in kept if parse_checkpoint(split_note(note)[0]).origin == log.name]
    heads = [open_checkpoint(note, log) for note in mine]
    for head in heads:
        must_continue(lambda path: files.read_small(folder / path, 1 << 26), size, head)
    return sorted(head.size for head in heads)


def of_ledger(log: Verifier, error: AzukariError) -> AzukariError:
    """The same, with which ledger it is of: of an export of both nobody could tell."""
    return error if str(error).startswith(log.name) else type(error)(f"{log.name}: {error}")


def logs(office: Office, keys: str) -> dict[witnesses.Which, str]:
    """The verifiers of both ledgers."""
    return {"office": office.book.verifier(), "keys": keys}


def of_office(
    office: Office, logs: Mapping[witnesses.Which, str], policy: Policy, now: int
) -> tuple[dict[str, Vouched], list[Finding], int]:
    """What witnesses say of both ledgers here, and how many `outside` vouch for both.

    Whatever is wrong or missing is a finding.
    """
    found: dict[str, Vouched] = {}
    findings: list[Finding] = []
    for which in witnesses.WHICH:

        def root_at(size: int, which: witnesses.Which = which) -> bytes | None:
            return witnesses.root_at(office, which, size)

        try:
            said = vouched(
                witnesses.notes(office, which),
                parse_vkey(logs[which]),
                policy,
                root_at,
                _until_s(now),
            )
        except (LedgerError, BadSignature) as error:
            findings.append(Finding(which, -1, str(error), "a witness of the policy", CHANGED))
            continue
        found[which] = said
        if not _asks_nobody(policy) and said.reach is None:
            what = "too few witnesses of the policy cosigned it"
            findings.append(Finding(which, -1, what, "the policy", "Witnesses"))
    own = [one.witness for one in witnesses.known(office) if one.own]
    both = len(found) == len(witnesses.WHICH)
    return found, findings, outside(policy, found.values() if both else (), own)


def outside(policy: Policy, found: Collection[Vouched], own: Collection[Witness] = ()) -> int:
    """How many witnesses not of the city itself vouch for all of these, as the policy asks.

    Who is the city's own the office knows; elsewhere that is the policy's word.
    """
    enough = found and all(one.reach for one in found)
    return policy.fewest_beside(own) if enough else 0


def must_be_enough(policy: Policy, found: Vouched, log: Verifier) -> bool:
    """Did witnesses cosign, as the policy asks?  `BadSignature` where too few did."""
    if found.reach is None and not _asks_nobody(policy):
        raise BadSignature(f"{log.name}: too few witnesses of the policy cosigned what is here")
    return bool(found.reach)


def told(found: Vouched) -> list[dict[str, Any]]:
    """Every witness's word, for a program."""
    return [
        {
            "witness": word.cosignature.witness.name,
            "size": word.size,
            "at": word.cosignature.at_s,
        }
        for word in found.words
    ]


def page(found: Vouched) -> Iterator[str]:
    """Every witness's word, for a person."""
    for word in found.words:
        who, at = word.cosignature.witness.name, instant(word.cosignature.at_s * 1000)
        yield f"{who} cosigned {word.size:,} entries, {at}"
    if found.reach is not None:
        yield f"witnesses enough vouch for the first {found.reach:,} entries"


def of_note(note: bytes, log: Verifier, policy: Policy, head: Checkpoint, now: int) -> Vouched:
    """What witnesses say of one signed head alone."""

    def root_at(size: int) -> bytes | None:
        return head.root if size == head.size else None

    return vouched([note], log, policy, root_at, _until_s(now))


def as_values(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """What an auditor must know, for a program."""
    return [
        {
            "ledger": one.ledger,
            "index": one.index,
            "what": one.what,
            "noticed_by": one.by,
            "see": one.see,
        }
        for one in found
    ]


def findings(found: Sequence[Finding]) -> Iterator[str]:
    """What an auditor must know, or that there is nothing."""
    yield "findings:" if found else "findings: none"
    for one in found:
        entry = "" if one.index < 0 else f" entry {one.index:,}:"
        yield f"  {one.ledger}:{entry} {one.what}"
        if one.see:
            yield f"    noticed by {one.by}; docs/operate.md, “{one.see}”"


def _asks_nobody(policy: Policy) -> bool:
    return policy.satisfied(())


def _until_s(now: int) -> int:
    return (now + LATENESS_MS) // 1000
