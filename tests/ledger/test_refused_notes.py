"""Heads and cosignatures to be refused are refused twice: by our reader and by a stranger's.

One fault for every rule of signed notes, checkpoints and cosignatures (specification, sections 5, 6
and 10).
"""

from __future__ import annotations

import base64
from typing import Final

import pytest
from tests.ledger.exports import (
    AT,
    AUDITOR,
    COMMITTEE,
    FORGER,
    LINES,
    LOG,
    SIGNER,
    SIZE,
    WHOLE,
    Stranger,
    bits_beyond,
    export,
    flip,
    line,
    lines_of,
    note,
    text,
    we_verify,
)

from azukari.errors import AzukariError, BadSignature
from azukari.ledger.checkpoint import Checkpoint, Signer, sign_note
from azukari.ledger.cosign import Cosigner, cosign
from azukari.ledger.tiles import earlier

pytestmark = pytest.mark.real


HEAD: Final = text(SIZE)
ROOT: Final = HEAD.splitlines()[2]
OTHER_ROOT: Final = text(SIZE - 1).splitlines()[2]
LINE: Final = lines_of(sign_note(SIGNER, HEAD))[-1]
NOTE_FAULTS: Final[dict[str, bytes]] = {
    "false signature": note(HEAD).replace(str(SIZE).encode(), b"529", 1),
    "wrong key": note(HEAD, AUDITOR, signer=FORGER),
    "wrong key id": f"{HEAD}\n— {LOG} {base64.b64encode(b'abcd' + bytes(64)).decode()}\n".encode(),
    "wrong name": sign_note(Signer("another.example", SIGNER.key), HEAD),
    "key id of the log, signature of another": (
        f"{HEAD}\n— {LOG} "
        f"{base64.b64encode(SIGNER.verifier().key_id + FORGER.key.sign(HEAD.encode())).decode()}\n"
    ).encode(),
    "signed by a witness alone": f"{HEAD}\n{cosign(AUDITOR, HEAD, AT)}\n".encode(),
    "a second signature by the same key": note(HEAD) + f"{LINE}\n".encode(),
    "a second signature by the same key, false": note(HEAD)
    + (
        f"— {LOG} " + base64.b64encode(SIGNER.verifier().key_id + bytes(64)).decode() + "\n"
    ).encode(),
    "head of another ledger": sign_note(SIGNER, HEAD.replace("office", "keys")),
    "an extension line": sign_note(SIGNER, HEAD + "more\n"),
    "an empty line in the text": sign_note(SIGNER, HEAD + "\n"),
    "two lines": sign_note(SIGNER, "".join(HEAD.splitlines(keepends=True)[:2])),
    "leading zeros": sign_note(SIGNER, HEAD.replace(f"\n{SIZE}", f"\n0{SIZE}")),
    "a plus sign": sign_note(SIGNER, HEAD.replace(f"\n{SIZE}", f"\n+{SIZE}")),
    "negative": sign_note(SIGNER, HEAD.replace(f"\n{SIZE}", f"\n-{SIZE}")),
    "a size beyond 2^53": sign_note(SIGNER, HEAD.replace(f"\n{SIZE}", f"\n{2**53}")),
    "a size beyond 2^64": sign_note(SIGNER, HEAD.replace(f"\n{SIZE}", f"\n{2**64}")),
    "root in another spelling": sign_note(
        SIGNER, HEAD.replace(ROOT, bits_beyond(f"{ROOT}\n".encode()).decode().strip())
    ),
    "root without padding": sign_note(SIGNER, HEAD.replace("=", "")),
    "root of 31 bytes": sign_note(SIGNER, Checkpoint(LOG, SIZE, bytes(31)).text()),
    "root of another size": sign_note(SIGNER, HEAD.replace(ROOT, OTHER_ROOT)),
    "signature in another spelling": bits_beyond(note(HEAD)),
    "signature without padding": note(HEAD)
    .replace(b"=\n", b"\n")
    .replace(ROOT[:-1].encode() + b"\n", ROOT.encode() + b"\n"),
    "CRLF": note(HEAD).replace(b"\n", b"\r\n"),
    "CRLF in the signature line": note(HEAD)[:-1] + b"\r\n",
    "a tab": note(HEAD).replace("— ".encode(), "—\t".encode()),
    "a hyphen": note(HEAD).replace("— ".encode(), b"- "),
    "no empty line": note(HEAD).replace(b"\n\n", b"\n"),
    "no line end": note(HEAD)[:-1],
    "an empty line at the end": note(HEAD) + b"\n",
    "not UTF-8": b"\xff" + note(HEAD),
    "a signature of two bytes": note(HEAD) + "— a AAA=\n".encode(),
    "a name with a plus sign": note(HEAD) + "— a+b AAAAAAAAAAA=\n".encode(),
    "a name with a wide space": note(HEAD) + "— a\u3000b AAAAAAAAAAA=\n".encode(),
    "101 signatures": note(HEAD) + b"".join(f"— a{i} AAAAAAAAAAA=\n".encode() for i in range(100)),
    "a million bytes": note(HEAD) + ("— " + "a" * 1_000_000 + " AAAAAAAAAAA=\n").encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("path", ["checkpoint", "cosigned/1"])
def test_the_note_that_is_bent_here_is_taken_by_both_as_it_was(
    stranger: Stranger, path: str
) -> None:
    files = WHOLE | {path: note(HEAD)}

    we_verify(files)
    assert stranger.verify(files)["ok"]


@pytest.mark.parametrize("what", NOTE_FAULTS)
@pytest.mark.parametrize("path", ["checkpoint", "cosigned/1"])
def test_a_note_that_is_not_the_ledgers_head_is_refused_by_both(
    stranger: Stranger, path: str, what: str
) -> None:
    files = WHOLE | {path: NOTE_FAULTS[what]}

    with pytest.raises(AzukariError):
        we_verify(files)
    assert stranger.verify(files)["error"].startswith(f"{path}: ")


def test_a_rewritten_tail_is_convicted_by_the_cosigned_head_to_both(stranger: Stranger) -> None:
    forged = export([*LINES[:299], *(line(i, at=2_000 + i) for i in range(299, 400))], {})
    files = forged | earlier(forged, 400, [3, 300])
    files |= {path: WHOLE[path] for path in ("cosigned/0", "cosigned/1")}

    with pytest.raises(AzukariError, match="another history of 300 entries"):
        we_verify(files)
    assert "cosigned/1: another history of 300 entries" == stranger.verify(files)["error"]


def test_a_dropped_tail_is_convicted_by_the_cosigned_head_to_both(stranger: Stranger) -> None:
    short = export(LINES[:200], {})
    files = short | earlier(short, 200, [3])
    files |= {path: WHOLE[path] for path in ("cosigned/0", "cosigned/1")}

    with pytest.raises(AzukariError, match=r"^cosigned/1: 300 entries"):
        we_verify(files)
    assert stranger.verify(files)["error"].startswith("cosigned/1: it has more entries")


def test_more_cosigned_heads_than_a_reader_takes_are_refused_by_both(stranger: Stranger) -> None:
    heads = {f"cosigned/{n}": WHOLE["cosigned/0"] for n in range(257)}

    with pytest.raises(AzukariError, match=r"^cosigned/256: "):
        we_verify(WHOLE | heads)
    assert stranger.verify(WHOLE | heads)["error"].startswith("cosigned: more than 256")


def test_a_head_of_nothing_with_another_root_is_refused_by_both(stranger: Stranger) -> None:
    files = WHOLE | {"cosigned/2": note(Checkpoint(LOG, 0, bytes(32)).text(), COMMITTEE)}

    with pytest.raises(AzukariError, match=r"^cosigned/2: another history of 0 entries"):
        we_verify(files)
    assert stranger.verify(files)["error"].startswith("cosigned/2: ")


def test_a_head_hidden_behind_a_gap_is_not_believed_by_the_stranger(stranger: Stranger) -> None:
    """Ours looks at the names when a policy asks for its witnesses: it reads the folder then."""
    files = {path: raw for path, raw in WHOLE.items() if path != "cosigned/0"}

    assert stranger.verify(files)["error"] == "cosigned/0: it is missing"


# --- cosignatures


def blob(key_id: bytes, at_s: int, signature: bytes) -> bytes:
    raw = key_id + at_s.to_bytes(8, "big") + signature
    return f"— {COMMITTEE.name} {base64.b64encode(raw).decode()}\n".encode()


OLD: Final = text(300)
ID: Final = COMMITTEE.witness().key_id
WORD: Final = base64.b64decode(cosign(COMMITTEE, OLD, AT).split(" ")[2])
COSIGNATURE_FAULTS: Final[dict[str, bytes]] = {
    "of another size": f"{cosign(COMMITTEE, text(299), AT)}\n".encode(),
    "its time altered": blob(ID, AT + 1, WORD[12:]),
    "its signature altered": blob(ID, AT, flip(WORD[12:])),
    "a time beyond 2^63, rightly signed": blob(
        ID, 1 << 63, COMMITTEE.key.sign(f"cosignature/v1\ntime {1 << 63}\n{OLD}".encode())
    ),
    "a log's signature under a witness's key id": blob(ID, AT, COMMITTEE.key.sign(OLD.encode())),
    "without a time": (
        f"— {COMMITTEE.name} {base64.b64encode(ID + COMMITTEE.key.sign(OLD.encode())).decode()}\n"
    ).encode(),
    "a byte more": blob(ID, AT, WORD[12:] + b"\0"),
    "twice": f"{cosign(COMMITTEE, OLD, AT)}\n".encode() * 2,
    "twice, of two times": (
        f"{cosign(COMMITTEE, OLD, AT)}\n{cosign(COMMITTEE, OLD, AT + 9)}\n".encode()
    ),
    "in another spelling": bits_beyond(f"{cosign(COMMITTEE, OLD, AT)}\n".encode()),
}


def test_the_cosignature_that_is_bent_here_is_taken_by_both_as_it_was(stranger: Stranger) -> None:
    files = WHOLE | {"cosigned/1": note(OLD, AUDITOR) + blob(ID, AT, WORD[12:])}

    we_verify(files)
    assert stranger.verify(files)["ok"]


@pytest.mark.parametrize("what", COSIGNATURE_FAULTS)
def test_a_false_cosignature_spoils_its_note_to_both(stranger: Stranger, what: str) -> None:
    """Another witness cosigned it rightly; that does not mend it."""
    files = WHOLE | {"cosigned/1": note(OLD, AUDITOR) + COSIGNATURE_FAULTS[what]}

    with pytest.raises(AzukariError):
        we_verify(files)
    assert stranger.verify(files)["error"].startswith("cosigned/1: ")


WORTHLESS: Final[dict[str, bytes]] = {
    "of a time that has not come": note(HEAD, AUDITOR, at_s=(1 << 62)),
    "with the type byte of a ledger's key": note(HEAD)
    + (lines_of(sign_note(Signer(AUDITOR.name, AUDITOR.key), HEAD))[-1] + "\n").encode(),
    "by a key nobody named": note(HEAD, Cosigner("x.example", FORGER.key)),
    "under another witness's name": note(HEAD, Cosigner(COMMITTEE.name, AUDITOR.key)),
    "by nobody": note(HEAD),
}


@pytest.mark.parametrize("what", WORTHLESS)
def test_a_cosignature_that_counts_for_nothing_is_none_to_both(
    stranger: Stranger, what: str
) -> None:
    files = export(LINES, {}) | {"checkpoint": WORTHLESS[what]}

    with pytest.raises(BadSignature, match="nobody cosigned"):
        we_verify(files)
    assert "none of these witnesses cosigned this ledger" == stranger.verify(files)["error"]
