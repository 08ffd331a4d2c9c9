"""An exported ledger verifies from its files alone, and nothing in it can be changed unnoticed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    LedgerBehind,
    LedgerBroken,
    LedgerFork,
    NotFound,
)
from azukari.ledger.audit import MAX_COSIGNED, verify_export, verify_tree
from azukari.ledger.checkpoint import (
    Checkpoint,
    Signer,
    open_checkpoint,
    parse_vkey,
    sign_note,
)
from azukari.ledger.entry import Entry, encode
from azukari.ledger.tiles import (
    Tower,
    bundle_path,
    bundles_of,
    earlier,
    encode_bundle,
    tile_path,
)
from azukari.ledger.tree import leaf_hash, root_of
from azukari.names import id_of

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/export-3.json").read_text("utf-8"))
LOG = "ledger.kakuu.example/office"
SIGNER = Signer(LOG, Ed25519PrivateKey.from_private_bytes(bytes(32)))
VKEY = SIGNER.verifier().vkey()
Files = dict[str, bytes]


def line(i: int, *, at: int | None = None, log: str = LOG) -> bytes:
    return encode(
        Entry(
            act=id_of(i.to_bytes(16, "big")),
            at=1_000 + i if at is None else at,
            by=id_of(bytes(16)),
            log=log,
            n={},
            refs=(),
            type="roll.taken_in",
            v=1,
        )
    )


def exported(lines: list[bytes], signer: Signer = SIGNER) -> Files:
    """A whole export over those lines, whether they keep the profile or not."""
    tower, files = Tower(), dict[str, bytes]()
    for level, n, hashes in tower.extend([leaf_hash(each) for each in lines]):
        files[tile_path(level, n)] = hashes
    for level, n, hashes in tower.partial():
        files[tile_path(level, n, len(hashes) // 32)] = hashes
    for n, width in bundles_of(len(lines)):
        files[bundle_path(n, width)] = encode_bundle(lines[256 * n : 256 * n + width])
    head = Checkpoint(LOG, len(lines), tower.frontier().root())
    files["checkpoint"] = sign_note(signer, head.text())
    return files


def reader(files: Files) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    return read


LINES = [line(i) for i in range(530)]
FILES = exported(LINES)
SMALL = exported(LINES[:7])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 530])
def test_an_export_is_read_whole(size: int) -> None:
    entries = verify_export(reader(exported(LINES[:size])), VKEY)

    assert LINES[:size] == [encode(entry) for entry in entries]


def test_the_vector_is_read() -> None:
    files = {path: base64.b64decode(raw) for path, raw in VECTOR["files"].items()}

    entries = verify_export(reader(files), VECTOR["vkey"])

    assert VECTOR["lines"] == [encode(entry).decode() for entry in entries]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(FILES)), st.integers(0), st.integers(0, 7))
def test_a_flip_anywhere_in_an_export_is_found(path: str, where: int, bit: int) -> None:
    raw = bytearray(FILES[path])
    raw[where % len(raw)] ^= 1 << bit

    with pytest.raises(AzukariError):
        verify_export(reader(FILES | {path: bytes(raw)}), VKEY)


@pytest.mark.parametrize("path", sorted(FILES))
@pytest.mark.parametrize("how", ["cut", "append", "empty", "missing", "swapped"])
def test_a_file_cut_appended_missing_or_swapped_is_found(path: str, how: str) -> None:
    other = next(each for each in sorted(FILES) if each != path)
    files = dict(FILES)
    files[path] = {
        "cut": FILES[path][:-1],
        "append": FILES[path] + b"\0",
        "empty": b"",
        "missing": b"",
        "swapped": FILES[other],
    }[how]
    if how == "missing":
        del files[path]

    with pytest.raises(AzukariError):
        verify_export(reader(files), VKEY)


def test_a_missing_file_is_named() -> None:
    files = {path: raw for path, raw in FILES.items() if path != "tile/0/001"}

    with pytest.raises(LedgerBroken, match=r"^tile/0/001: it is missing$"):
        verify_export(reader(files), VKEY)


def test_the_first_wrong_hash_is_named() -> None:
    raw = FILES["tile/0/001"]
    files = FILES | {"tile/0/001": raw[:320] + bytes(32) + raw[352:]}

    with pytest.raises(LedgerBroken, match=r"^tile/0/001: hash 10 is not that of entry 266$"):
        verify_export(reader(files), VKEY)


def test_a_wrong_hash_of_a_higher_level_is_named() -> None:
    files = FILES | {"tile/1/000.p/2": bytes(64)}

    with pytest.raises(LedgerBroken, match="hash 0 is not that of tile 0/0"):
        verify_export(reader(files), VKEY)


@pytest.mark.parametrize(
    "lines, why",
    [
        ([line(0), line(1, log="ledger.kakuu.example/keys")], "entry 1: it belongs to another log"),
        ([line(1), line(0)], "entry 1: it is older than the entry before"),
        ([line(0), line(1, at=1_000), line(0)], "entry 2: it repeats an earlier entry"),
        ([line(0), line(1) + b" "], "entry 1: not in its canonical spelling"),
        ([line(0), b"{}"], "entry 1: act is missing"),
    ],
)
def test_history_rightly_signed_that_breaks_the_profile_is_refused(
    lines: list[bytes], why: str
) -> None:
    """Whoever holds the signing key can sign it; whoever reads it still says what is wrong."""
    with pytest.raises(LedgerBroken, match=f"^{why}$"):
        verify_export(reader(exported(lines)), VKEY)


def test_history_rewritten_under_another_key_is_refused() -> None:
    forger = Signer(LOG, Ed25519PrivateKey.from_private_bytes(b"\1" * 32))

    with pytest.raises(BadSignature):
        verify_export(reader(exported(LINES, forger)), VKEY)


def test_an_entry_rewritten_with_all_tiles_is_found_by_the_signature() -> None:
    files = exported([*LINES[:3], line(3, at=1_004), *LINES[4:]])

    with pytest.raises(LedgerBroken, match="root is not that of the entries"):
        verify_export(reader(files | {"checkpoint": FILES["checkpoint"]}), VKEY)


def test_an_older_checkpoint_beside_newer_files_is_noticed_as_missing_tiles() -> None:
    with pytest.raises(LedgerBroken, match="missing"):
        verify_export(reader(FILES | {"checkpoint": SMALL["checkpoint"]}), VKEY)


def test_an_impossible_size_is_refused_before_anything_is_read() -> None:
    note = sign_note(SIGNER, Checkpoint(LOG, 2**52, bytes(32)).text())

    with pytest.raises(LedgerBroken, match="impossible"):
        verify_export(reader({"checkpoint": note}), VKEY)


def test_the_tree_alone_is_verified_as_strictly() -> None:
    checkpoint = open_checkpoint(FILES["checkpoint"], parse_vkey(VKEY))
    verify_tree(reader(FILES), checkpoint)

    with pytest.raises(LedgerBroken):
        verify_tree(reader(FILES | {"tile/0/002.p/18": bytes(18 * 32)}), checkpoint)


# --- heads of earlier sizes beside an export

EARLIER = (0, 3, 256, 300, 300, 512, 530)


def head(size: int, lines: list[bytes] = LINES, signer: Signer = SIGNER) -> bytes:
    root = root_of([leaf_hash(each) for each in lines[:size]])
    return sign_note(signer, Checkpoint(LOG, size, root).text())


def with_heads(*sizes: int) -> Files:
    heads = {f"cosigned/{n}": head(size) for n, size in enumerate(sizes)}
    return FILES | earlier(FILES, 530, sizes) | heads


OLDER = with_heads(*EARLIER)
CUT = sorted(OLDER.keys() - FILES.keys() - {f"cosigned/{n}" for n in range(len(EARLIER))})


def test_an_export_with_earlier_heads_is_read_whole() -> None:
    assert len(LINES) == len(verify_export(reader(OLDER), VKEY))
    assert [
        "tile/0/000.p/3",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000.p/3",
        "tile/entries/001.p/44",
    ] == CUT


def test_a_head_of_nothing_stands_beside_a_ledger_of_nothing() -> None:
    files = exported([])

    assert verify_export(reader(files | {"cosigned/0": head(0)}), VKEY) == []
    note = sign_note(SIGNER, Checkpoint(LOG, 0, bytes(32)).text())
    with pytest.raises(LedgerFork):
        verify_export(reader(files | {"cosigned/0": note}), VKEY)


@pytest.mark.parametrize("path", CUT)
@pytest.mark.parametrize("how", ["missing", "flip", "cut", "append"])
def test_a_partial_file_of_an_earlier_head_that_is_gone_or_wrong_is_named(
    path: str, how: str
) -> None:
    raw = OLDER[path]
    changed = {"flip": raw[:-1] + bytes([raw[-1] ^ 1]), "cut": raw[:-1], "append": raw + b"\0"}
    files = OLDER | {path: changed.get(how, b"")}
    if how == "missing":
        del files[path]

    with pytest.raises(LedgerBroken, match=f"^{path}: "):
        verify_export(reader(files), VKEY)


def test_a_fork_two_heads_of_one_size_by_the_same_key_convict_the_ledger_alone() -> None:
    other = head(300, [*LINES[:299], line(299, at=1_298)])

    with pytest.raises(LedgerFork, match=r"^cosigned/3: another history of 300 entries, signed by"):
        verify_export(reader(OLDER | {"cosigned/3": other}), VKEY)


def test_a_file_altered_beside_earlier_heads_convicts_nobody() -> None:
    """Who altered the copy that is verified here had no key of the ledger."""
    entries = encode_bundle([*LINES[512:529], line(529, at=1_528)])

    with pytest.raises(LedgerBroken, match=r"^tile/0/002\.p/18: hash 17 is not that of entry 529"):
        verify_export(reader(OLDER | {"tile/entries/002.p/18": entries}), VKEY)


def test_a_dropped_tail_is_convicted_by_an_earlier_longer_head() -> None:
    files = exported(LINES[:7]) | {"cosigned/0": head(300)}

    with pytest.raises(LedgerBehind, match=r"^cosigned/0: 300 entries, signed by .* and 7 are"):
        verify_export(reader(files), VKEY)


def test_an_earlier_head_under_another_key_is_refused_by_name() -> None:
    forger = Signer(LOG, Ed25519PrivateKey.from_private_bytes(b"\1" * 32))

    with pytest.raises(BadSignature, match=r"^cosigned/1: "):
        verify_export(reader(OLDER | {"cosigned/1": head(3, signer=forger)}), VKEY)


def test_an_earlier_head_that_is_no_checkpoint_is_refused_by_name() -> None:
    note = sign_note(SIGNER, f"{LOG}\n3\n")

    with pytest.raises(BadFormat, match=r"^cosigned/1: "):
        verify_export(reader(OLDER | {"cosigned/1": note}), VKEY)


def test_more_earlier_heads_than_a_reader_takes_are_refused() -> None:
    files = with_heads(*[3] * MAX_COSIGNED)
    assert verify_export(reader(files), VKEY)

    with pytest.raises(LedgerBroken, match=f"^cosigned/{MAX_COSIGNED}: "):
        verify_export(reader(files | {f"cosigned/{MAX_COSIGNED}": head(3)}), VKEY)
