"""Attacks of somebody who found the bag: on copies of the lost folder.

The list is fixed.  Where the attempt needs a reader, it is the call centre's own, inside its
window, with its real grant: the folder alone must give the game away.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from azukari.carrier import manifest as manifests
from azukari.rehearse.attempts import (
    OPENED,
    Attack,
    Hands,
    NothingFound,
    attempt,
    flip_bit,
    replace,
)
from azukari.rehearse.search import Values, search_files
from azukari.seal.envelope import SigningKey, Use, peek, sign
from azukari.seal.stream import SEGMENT_BYTES, SMALLEST_STEP, step_of
from azukari.shelf.folder import Folder

GOAL_FACTOR: Final = 2.0
ROOM: Final = 1.02  # what the first carrier leaves free for its siblings


def finder(hands: Hands, values: Values) -> Iterator[Attack]:
    """Every attack on the folder itself."""
    yield attempt(
        "search every file for any value of the register",
        "NothingFound",
        lambda: _search(hands, values),
    )
    yield attempt("parse every file as Parquet", "NothingFound", lambda: _parse(hands, _parquet))
    yield attempt("parse every file as zip", "NothingFound", lambda: _parse(hands, _zip))
    for name, change in _CHANGES.items():
        yield _every_part(hands, name, change)
    yield attempt("swap two parts", "Damaged", lambda: _swapped(hands))
    yield attempt(
        "splice parts of the backup into the main carrier", "Damaged", lambda: _spliced(hands)
    )
    yield attempt("plaintext file in place of a part", "Damaged", lambda: _plaintext(hands))
    yield attempt("finder's page replaced", "Damaged: page", lambda: _page(hands))
    yield attempt("parts named outside the folder", "outside the folder", lambda: _outside(hands))
    yield attempt("a foreign file beside the parts", "foreign", lambda: _beside(hands))
    yield attempt("the envelope signed by another key", "BadSignature", lambda: _resigned(hands))
    yield _row_count(hands)


def _search(hands: Hands, values: Values) -> str:
    size = 0
    for root in hands.night.bag:
        if found := search_files(root, values):
            kinds = sorted({hit.kind for _, hits in found for hit in hits})
            return f"found {', '.join(kinds)} in {len(found)} files"
        size += sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    raise NothingFound(f"none of {len(values):,} values in {size:,} bytes")


def _parse(hands: Hands, parser: Callable[[bytes], object]) -> str:
    tried = 0
    for root in hands.night.bag:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                tried += 1
                try:
                    parser(path.read_bytes())
                except (pa.ArrowException, OSError, zipfile.BadZipFile):
                    continue
                return "one of the files was read"
    raise NothingFound(f"none of {tried} files is one")


def _parquet(data: bytes) -> object:
    return pq.ParquetFile(io.BytesIO(data))


def _zip(data: bytes) -> object:
    return zipfile.ZipFile(io.BytesIO(data))


_CHANGES: Final[dict[str, Callable[[bytes], list[bytes]]]] = {
    "flip one bit of a part": lambda data: [
        flip_bit(data, at) for at in sorted({0, 20, 60, len(data) // 2, len(data) - 1})
    ],
    "truncate a part": lambda data: [
        data[:-1],
        data[: len(data) // 2],
        data[: SEGMENT_BYTES if len(data) > SEGMENT_BYTES else 40],
        b"",
    ],
    "append to a part": lambda data: [data + b"\0", data + data[-(1 << 16) :]],
}


def _every_part(hands: Hands, name: str, change: Callable[[bytes], list[bytes]]) -> Attack:
    """One change after another to each part; all must be refused, the last reason is told."""
    refused, reason = 0, ""
    folder = hands.carrier()
    for path in sorted(folder.inside.glob("*.azs")):
        whole = path.read_bytes()
        for changed in change(whole):
            replace(path, changed)
            result = attempt(name, "Damaged", lambda: hands.read(folder))
            if result.outcome == OPENED:
                return result
            refused, reason = refused + 1, result.reason
        replace(path, whole)
    # The unchanged folder must open, else the refusals above say nothing.
    hands.read(folder)
    return Attack(name, "refused", f"{refused} of {refused}; the last: {reason}")


def _parts(folder: Folder) -> list[str]:
    return sorted(path.stem for path in folder.inside.glob("*.azs") if path.stem != "m")


def _swapped(hands: Hands) -> str:
    folder = hands.carrier()
    first, second = (folder.part(part) for part in _parts(folder))
    one, other = first.read_bytes(), second.read_bytes()
    replace(first, other)
    replace(second, one)
    return hands.read(folder)


def _spliced(hands: Hands) -> str:
    folder, backup = hands.carrier(0), hands.carrier(1)
    for ours, theirs in zip(_parts(folder), _parts(backup), strict=True):
        replace(folder.part(ours), backup.part(theirs).read_bytes())
    return hands.read(folder)


def _plaintext(hands: Hands) -> str:
    """A readable table of the attacker's in every part's place."""
    folder, out = hands.carrier(), io.BytesIO()
    pq.write_table(pa.table({"answer": ["eligible"], "postal_code": ["6600000"]}), out)
    for part in _parts(folder):
        replace(folder.part(part), out.getvalue())
    return hands.read(folder)


def _page(hands: Hands) -> str:
    folder = hands.carrier()
    replace(folder.root / manifests.PAGES[0], b"please call this other number\r\n")
    return hands.read(folder)


def _beside(hands: Hands) -> str:
    folder = hands.carrier()
    replace(folder.inside / "autorun.inf", b"[autorun]\r\n")
    return hands.read(folder)


def _outside(hands: Hands) -> str:
    """Even the city's own key must not make a part's name lead out of the folder."""
    return _with_envelope(
        hands,
        hands.night.house.office.signers["carrier"],
        lambda page: page["parts"][0].update(id="../../sites/office/keys/carrier"),
    )


def _resigned(hands: Hands) -> str:
    return _with_envelope(hands, SigningKey.generate(Use.CARRIER), lambda _: None)


def _with_envelope(hands: Hands, key: SigningKey, edit: Callable[[dict[str, Any]], object]) -> str:
    folder = hands.carrier()
    _, payload = peek(folder.envelope())
    page = msgspec.json.decode(payload)
    edit(page)
    data = sign(msgspec.json.encode(page, order="sorted"), manifests.TYPE, [key])
    replace(folder.inside / "envelope.json", data)
    return hands.read(folder)


def _row_count(hands: Hands) -> Attack:
    """How well sizes tell the number of rows, if the finder knows the bytes of a row exactly.

    The score is the smallest ratio between the most and the fewest rows that fit all sizes seen;
    the goal is a factor of two or more.
    """
    night = hands.night
    most, fewest = float("inf"), 0.0
    for carrier, foil in zip(night.sealed, night.response.foils, strict=True):
        for part in foil.parts:
            step = step_of(part.bytes) or 0
            content = carrier.content_bytes[part.id]
            per_row = content / foil.tables[0].rows
            most = min(most, step / per_row)
            # All parts of a table share one size: only the largest says "more than half".
            if content == max(carrier.content_bytes.values()) and step > SMALLEST_STEP:
                fewest = max(fewest, step / 2 / per_row / ROOM)
    factor = most / fewest if fewest else float("inf")
    told = "no lower bound at all" if factor == float("inf") else f"a factor of {factor:.2f}"
    reason = f"score: {told}; goal: {GOAL_FACTOR:g} or more"
    kept = factor >= GOAL_FACTOR * 0.999
    return Attack("row count guessed from sizes", "refused" if kept else OPENED, reason)
