"""Both ledgers as an outsider gets them: files, and what they are worth from these files alone.

The root key's public half is what the outsider has by another way; the folder's own proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azukari.desk import witnesses
from azukari.desk.witnesses import WHICH, Which
from azukari.errors import NotFound
from azukari.ledger import acts
from azukari.ledger.acts import Finding
from azukari.ledger.audit import roots_of, verify_export
from azukari.ledger.checkpoint import Verifier, parse_checkpoint, split_note
from azukari.ledger.entry import Entry
from azukari.ledger.policy import Policy, parse_policy
from azukari.ledger.tiles import CHECKPOINT_PATH, COSIGNED
from azukari.ledger.vouching import Vouched, vouched
from azukari.rehearse.night import Night
from azukari.seal.envelope import PublicKey, base64_of
from azukari.seal.policy import read_policy
from azukari.shelf import files

POLICY: Final = "policy.json"
ROOT: Final = "city-root.pub"


@dataclass(frozen=True)
class Verified:
    """What the files say.

    Attributes:
        entries: of both ledgers, derived again.
        vouched: what the policy's witnesses say of each.
        outside: how many witnesses the policy asks for at least, where enough cosigned both.
        findings: what is wrong between entries; empty where nothing is.
    """

    entries: Mapping[Which, list[Entry]]
    vouched: Mapping[Which, Vouched]
    outside: int
    findings: list[Finding]

    def whole(self) -> bool:
        """Do witnesses enough vouch for both ledgers to their ends?"""
        return all(self.vouched[which].reach == len(self.entries[which]) for which in WHICH)


def export(night: Night) -> Path:
    """Write both ledgers with the heads that witnesses cosigned, the signed policy and the keys."""
    house = night.house
    written = {"office": house.office.export, "keys": house.keeper.export}
    vkeys = logs(night)
    folder = files.folder(night.out / "ledger")
    for which in WHICH:
        for path, data in witnesses.published(house.office, which, written[which]()):
            files.folder((folder / which / path).parent)
            files.write_new(folder / which / path, data)
        files.write_new(folder / which / "vkey", f"{vkeys[which]}\n".encode())
    files.write_new(folder / POLICY, night.known["policy"])
    files.write_new(folder / ROOT, f"{base64_of(house.root.public.der)}\n".encode())
    return folder


def logs(night: Night) -> dict[Which, str]:
    """The verifiers of both ledgers, as their programs say them."""
    house = night.house
    return {"office": house.office.book.verifier(), "keys": house.keeper.verifier}


def verified(folder: Path, root: PublicKey, until_s: int) -> Verified:
    """Verify everything from the files; cosignatures of a later time than ``until_s`` count not.

    Raises what `verify_export` and `vouched` raise.
    """
    policy = parse_policy(read_policy(_read(folder, POLICY), root).text.encode())
    logs = {which: _log(folder / which, policy) for which in WHICH}
    entries = {
        which: verify_export(lambda path, at=which: _read(folder / at, path), logs[which].vkey())  # type: ignore[misc]  # bound per turn
        for which in WHICH
    }
    found = {
        which: _vouched(folder / which, logs[which], len(entries[which]), policy, until_s)
        for which in WHICH
    }
    enough = all(one.reach is not None for one in found.values())
    outside = policy.fewest_beside(()) if enough else 0
    return Verified(entries, found, outside, _between(folder, logs, entries))


def _between(
    folder: Path, logs: Mapping[Which, Verifier], entries: Mapping[Which, list[Entry]]
) -> list[Finding]:
    """Acts in pairs, no release after a revocation, and the heads that one quotes of the other."""
    findings = acts.pair(entries["office"], entries["keys"])
    findings += acts.order_of_revocations(entries["keys"])
    for mine in WHICH:
        findings += acts.unknown(mine, entries[mine])
        other: Which = "keys" if mine == "office" else "office"
        origin = logs[other].name
        heads = [entry.other for entry in entries[mine] if entry.other is not None]
        sizes = [head.size for head in heads if head.origin == origin]
        roots = _roots(folder / other, len(entries[other]), sizes)
        findings += acts.quotes(mine, entries[mine], origin, roots.get)
    return findings


def _log(folder: Path, policy: Policy) -> Verifier:
    """The ledger's verifier by the policy, never by the file beside it."""
    name = parse_checkpoint(split_note(_read(folder, CHECKPOINT_PATH))[0]).origin
    found = next((one for one in policy.logs if one.name == name), None)
    if found is None:
        raise NotFound("the policy does not know this ledger")
    return found


def _vouched(folder: Path, log: Verifier, size: int, policy: Policy, until_s: int) -> Vouched:
    heads = sorted((folder / COSIGNED).iterdir()) if (folder / COSIGNED).is_dir() else []
    notes = [path.read_bytes() for path in (*heads, folder / CHECKPOINT_PATH)]
    sizes = [parse_checkpoint(split_note(note)[0]).size for note in notes]
    return vouched(notes, log, policy, _roots(folder, size, sizes).get, until_s)


def _roots(folder: Path, size: int, sizes: list[int]) -> dict[int, bytes]:
    return roots_of(lambda path: _read(folder, path), size, sizes)


def _read(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except OSError:
        raise NotFound(f"{path} is not in the export") from None
