"""Exports made to be bent, and two readers to refuse them: ours, and a stranger's written in Go.

No test stands here.  `Stranger` runs the program of tests/verifiers and believes what it prints.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from azukari.errors import BadSignature, NotFound
from azukari.ledger.audit import roots_of, verify_export
from azukari.ledger.checkpoint import Checkpoint, Signer, parse_checkpoint, sign_note, split_note
from azukari.ledger.cosign import Cosigner, cosign
from azukari.ledger.entry import Entry, encode
from azukari.ledger.policy import parse_policy
from azukari.ledger.tiles import Tower, bundle_path, bundles_of, earlier, encode_bundle, tile_path
from azukari.ledger.tree import leaf_hash, root_of
from azukari.ledger.vouching import vouched
from azukari.names import id_of

LOG: Final = "ledger.kakuu.example/office"
SIGNER: Final = Signer(LOG, Ed25519PrivateKey.from_private_bytes(bytes(32)))
FORGER: Final = Signer(LOG, Ed25519PrivateKey.from_private_bytes(b"\7" * 32))
COMMITTEE: Final = Cosigner(
    "committee.example/w1", Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
)
AUDITOR: Final = Cosigner("auditor.example/w1", Ed25519PrivateKey.from_private_bytes(b"\2" * 32))
AT: Final = 1_655_811_300
SIZE: Final = 530
Files = dict[str, bytes]


def line(i: int, **changed: Any) -> bytes:
    plain: dict[str, Any] = {"n": {}, "refs": (), "type": "roll.taken_in", "v": 1, "log": LOG}
    ids = {"act": id_of(i.to_bytes(16, "big")), "by": id_of(bytes(16)), "at": 1_000 + i}
    return encode(Entry(**(plain | ids | changed)))


LINES: Final = [line(i) for i in range(SIZE)]


def text(size: int, lines: list[bytes] = LINES) -> str:
    return Checkpoint(LOG, size, root_of([leaf_hash(one) for one in lines[:size]])).text()


def note(said: str, *by: Cosigner, signer: Signer = SIGNER, at_s: int = AT) -> bytes:
    """A note of that text by the log, with these witnesses' lines."""
    return sign_note(signer, said) + b"".join(f"{cosign(one, said, at_s)}\n".encode() for one in by)


def export(lines: list[bytes], heads: dict[int, tuple[Cosigner, ...]]) -> Files:
    """A whole export over those lines, whatever they are, with cosigned heads of earlier sizes."""
    tower, files = Tower(), Files()
    for level, n, hashes in [*tower.extend([leaf_hash(one) for one in lines]), *tower.partial()]:
        files[tile_path(level, n, len(hashes) // 32)] = hashes
    for n, width in bundles_of(len(lines)):
        files[bundle_path(n, width)] = encode_bundle(lines[256 * n : 256 * n + width])
    files |= earlier(files, len(lines), heads)
    for n, (size, by) in enumerate(heads.items()):
        files[f"cosigned/{n}"] = note(text(size, lines), *by)
    return files | {"checkpoint": note(text(len(lines), lines), AUDITOR)}


WHOLE: Final = export(LINES, {3: (COMMITTEE,), 300: (COMMITTEE, AUDITOR)})
WITNESSES: Final = (COMMITTEE.witness(), AUDITOR.witness())
VKEYS: Final = tuple(one.vkey() for one in WITNESSES)
POLICY: Final = parse_policy(
    f"witness c {VKEYS[0]}\nwitness a {VKEYS[1]}\ngroup one any c a\nquorum one\n".encode()
)


def we_verify(files: Files) -> None:
    """What `azukari ledger verify --policy` does: everything, and one witness is enough."""

    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    size = len(verify_export(read, SIGNER.verifier().vkey()))
    notes = [raw for path, raw in files.items() if path.startswith(("cosigned/", "checkpoint"))]
    sizes = [parse_checkpoint(split_note(one)[0]).size for one in notes]
    roots = roots_of(read, size, sizes)
    said = vouched(notes, SIGNER.verifier(), POLICY, roots.get, AT + 60)
    if said.reach is None:
        raise BadSignature("nobody cosigned")


@dataclass(frozen=True)
class Stranger:
    """The program in Go, and a folder to hold what it is given."""

    program: Path
    folder: Path

    def verify(
        self,
        files: Files,
        *more: str | Path,
        vkey: str = SIGNER.verifier().vkey(),
        witnesses: tuple[str, ...] = VKEYS,
    ) -> dict[str, Any]:
        """What it prints; its exit status says the same."""
        for path, raw in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(raw)
        named = [word for one in witnesses for word in ("--witness", one)]
        ran = subprocess.run(
            [self.program, "verify", self.folder, vkey, *named, *more],
            capture_output=True,
            text=True,
            check=False,
        )
        printed: dict[str, Any] = json.loads(ran.stdout)
        assert ran.returncode == (0 if printed["ok"] else 1)
        assert ran.stderr == ("" if printed["ok"] else f"azukari-verify: {printed['error']}\n")
        return printed

    def judge(self, entries: list[bytes], asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What it answers to questions about the tree of these entries, started once for all."""
        lines = [{"entries": [entry.hex() for entry in entries]}, *asked]
        ran = subprocess.run(
            [self.program, "judge"],
            input="".join(json.dumps(line) + "\n" for line in lines),
            capture_output=True,
            text=True,
            check=False,
        )
        answers = [json.loads(line) for line in ran.stdout.splitlines()]
        assert ran.stderr == ""
        assert len(answers) == len(lines)
        assert ran.returncode == (0 if all(answer["ok"] for answer in answers) else 1)
        assert answers[0] == {"ok": True, "count": len(entries)}
        return answers[1:]


def flip(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def lines_of(raw: bytes) -> list[str]:
    return raw.decode().splitlines()


def bits_beyond(raw: bytes) -> bytes:
    """The unused bits of the last letter set: the same bytes to a lax reader."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    kept, pad = raw.rstrip(b"=\n"), raw[len(raw.rstrip(b"=\n")) :]
    assert pad
    last = letters[letters.index(chr(kept[-1])) + 1]
    return kept[:-1] + last.encode() + pad
