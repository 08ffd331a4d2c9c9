"""Files and entries that must be refused are refused twice: by our reader and by a stranger's.

Every check of an export's files has something here that this check alone catches; both readers find
it, and the stranger, a program in Go, names the file.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

import pytest
from tests.ledger.exports import (
    AT,
    AUDITOR,
    COMMITTEE,
    LINES,
    LOG,
    SIZE,
    WHOLE,
    Files,
    Stranger,
    export,
    flip,
    line,
    we_verify,
)

from azukari.errors import AzukariError
from azukari.ledger.tree import leaf_hash, root_of
from azukari.names import id_of

pytestmark = pytest.mark.real


def test_both_readers_find_the_export_whole(stranger: Stranger) -> None:
    we_verify(WHOLE)
    root = base64.b64encode(root_of([leaf_hash(one) for one in LINES])).decode()
    tiles = len([p for p in WHOLE if p.startswith("tile/") and "entries" not in p])

    assert stranger.verify(WHOLE) == {
        "ok": True,
        "log": LOG,
        "size": SIZE,
        "root": root,
        "tiles": tiles,
        "cosigned": [
            {"witness": AUDITOR.name, "size": SIZE, "time": AT},
            {"witness": COMMITTEE.name, "size": 300, "time": AT},
        ],
        "proofs": [],
    }


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512])
def test_both_readers_find_exports_of_other_sizes_whole(stranger: Stranger, size: int) -> None:
    files = export(LINES[:size], {old: (COMMITTEE,) for old in (0, 1, 255, 256) if old <= size})

    we_verify(files)
    assert stranger.verify(files)["size"] == size


def without(path: str) -> Callable[[Files], Files]:
    return lambda files: {name: raw for name, raw in files.items() if name != path}


def changed(path: str, change: Callable[[bytes], bytes]) -> Callable[[Files], Files]:
    return lambda files: files | {path: change(files[path])}


def swap_hashes(raw: bytes) -> bytes:
    return raw[32:64] + raw[:32] + raw[64:]


def lie_about_length(raw: bytes) -> bytes:
    """The first entry takes a byte of the second one's length with it."""
    return (int.from_bytes(raw[:2], "big") + 1).to_bytes(2, "big") + raw[2:]


def last_twice(raw: bytes) -> bytes:
    return raw + raw[-(2 + len(LINES[-1])) :]


TILES: Final = ["tile/0/000", "tile/0/002.p/18", "tile/1/000.p/2", "tile/0/001.p/44"]
FILE_FAULTS: Final[dict[str, tuple[str, Callable[[Files], Files]]]] = {
    **{f"{path} is missing": (path, without(path)) for path in WHOLE if path != "cosigned/1"},
    **{f"{path}: a hash is wrong": (path, changed(path, flip)) for path in TILES},
    **{f"{path}: two hashes swapped": (path, changed(path, swap_hashes)) for path in TILES},
    **{f"{path}: truncated": (path, changed(path, lambda raw: raw[:-1])) for path in TILES},
    **{f"{path}: a byte more": (path, changed(path, lambda raw: raw + b"\0")) for path in TILES},
    **{f"{path}: a hash more": (path, changed(path, lambda raw: raw + raw[:32])) for path in TILES},
    **{
        f"{path}: {what}": (path, changed(path, change))
        for path in ("tile/entries/000", "tile/entries/002.p/18", "tile/entries/001.p/44")
        for what, change in {
            "a length lies": lie_about_length,
            "cut off": lambda raw: raw[:-1],
            "a byte more": lambda raw: raw + b"\0",
            "an entry more": last_twice,
            "an entry less": lambda raw: raw[: -(2 + len(LINES[-1]))],
            "nothing": lambda raw: b"",
        }.items()
    },
}
# Without its last head there is no gap, only less to say; without its first the rest is not found.
del FILE_FAULTS["cosigned/0 is missing"]


@pytest.mark.parametrize("what", FILE_FAULTS)
def test_a_file_gone_or_altered_is_refused_by_both(stranger: Stranger, what: str) -> None:
    path, fault = FILE_FAULTS[what]
    files = fault(WHOLE)

    with pytest.raises(AzukariError):
        we_verify(files)
    assert stranger.verify(files)["error"].startswith(f"{path}: ")


# --- entries, under a signature that is right


ONE = LINES[1].decode()
ENTRY_FAULTS: Final[dict[str, list[bytes]]] = {
    "of another ledger": [LINES[0], line(1, log="ledger.kakuu.example/keys")],
    "older than the one before": [LINES[1], LINES[0]],
    "repeated at once": [LINES[0], LINES[0]],
    "repeated later in its instant": [LINES[0], line(1, at=1_000), LINES[0]],
    "with a space": [LINES[0], ONE.encode() + b" "],
    "with a line feed": [LINES[0], ONE.encode() + b"\n"],
    "with a name twice": [LINES[0], ONE.replace('"v":1', '"v":1,"v":1').encode()],
    "with an unknown name": [LINES[0], ONE.replace('"v":1', '"v":1,"w":1').encode()],
    "with a leading zero": [LINES[0], ONE.replace('"at":1', '"at":01').encode()],
    "with an exponent": [LINES[0], ONE.replace('"at":1001', '"at":1001e0').encode()],
    "with a null": [LINES[0], ONE.replace('"n":{}', '"n":null').encode()],
    "with an escape": [LINES[0], ONE.replace("roll", "\\u0072oll").encode()],
    "of another version": [LINES[0], ONE.replace('"v":1', '"v":2').encode()],
    "with a time beyond 2^53": [ONE.replace('"at":1001', '"at":9007199254740992').encode()],
    "with a small count": [ONE.replace('"n":{}', '"n":{"rows":9}').encode()],
    "with counts not sorted": [ONE.replace('"n":{}', '"n":{"rows":10,"a":10}').encode()],
    "with a count twice": [ONE.replace('"n":{}', '"n":{"a":10,"a":10}').encode()],
    "with a count beyond 2^53": [ONE.replace('"n":{}', '"n":{"a":9007199254740992}').encode()],
    "with a ref twice": [
        ONE.replace('"refs":[]', f'"refs":["{id_of(bytes(16))}","{id_of(bytes(16))}"]').encode()
    ],
    "with a commitment in capitals": [
        ONE.replace(',"log"', f',"commit":"{"AB" * 32}","log"', 1).encode()
    ],
    "with a type of 65 letters": [ONE.replace("roll.taken_in", "a." + "b" * 63).encode()],
    "with a log of 129 letters": [
        ONE.replace(
            '"refs"', f'"other":{{"origin":"{"a" * 129}","root":"{"ab" * 32}","size":1}},"refs"'
        ).encode()
    ],
    "with another head beyond 2^53": [
        ONE.replace(
            '"refs"',
            f'"other":{{"origin":"a","root":"{"ab" * 32}","size":9007199254740992}},"refs"',
        ).encode()
    ],
    "of nothing": [b""],
    "not JSON": [b"{"],
}


@pytest.mark.parametrize("what", ENTRY_FAULTS)
def test_an_entry_that_breaks_the_profile_is_refused_by_both(stranger: Stranger, what: str) -> None:
    """Whoever holds the signing key can sign it; whoever reads it still says what is wrong."""
    lines = ENTRY_FAULTS[what]
    files = export(lines, {})

    with pytest.raises(AzukariError, match=r"^entry \d+: "):
        we_verify(files)
    said = stranger.verify(files)["error"]
    assert said.startswith(f"tile/entries/000.p/{len(lines)}: entry {len(lines) - 1}: ")
