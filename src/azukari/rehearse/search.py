"""The one search for residents' values: whether any of them stands in some bytes, a file, a folder.

Finds every full name, kana name, address, account holder, resident and household number and branch
with account of a roll, as received and folded, in UTF-8, CP932 (both spellings) and UTF-16, and
behind one or two layers of JSON, percent, HTML, ``\\x`` or base64 escapes; shorter things
(surnames, birth dates, towns, bare accounts, names under eight bytes) where they are a whole field.
It is exact: a value is found if and only if it stands there.  It does not look into compressed or
encrypted bytes, nor across the pages of a database that cuts a text in two.

Eight bytes are the least for a reason of counting: 34 MB at random hold one given string of eight
bytes with a chance of 2 in 10^12, so a million of them a few times in a million searches; of four
bytes, forty at once.  Ten digits with none beside them are rarer still in random bytes, and in text
they are there only because somebody wrote a number of ten digits.

Measured with an invented city of 465,177 on two shared cores: 5.0 million strings, 0.8 million
numbers and 0.2 million fields are ready in 5 s and some 600 MiB; 34 MB of random bytes take 1.1 s.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from azukari.errors import NotFound
from azukari.personal import MIN_VALUE_BYTES
from azukari.rehearse.digits import Numbers
from azukari.rehearse.fields import fields, segments
from azukari.rehearse.needles import Needles
from azukari.rehearse.plant import plants
from azukari.rehearse.views import views
from azukari.rehearse.written import Pack, written
from azukari.roll.columns import Roll
from azukari.roll.fold import fold_kanas, fold_names

REACH: Final = 1024  # bytes about an escape that are looked at; no value is longer
LAYERS: Final = 2  # base64 of JSON with escapes is read, a third layer is not
# Younger birth dates are also days on which something was done, and cannot be told from them.
BIRTHS_BEFORE: Final = date(2021, 1, 1)
HIDDEN: Final = "(a name with a value in it)"

_SPACE: Final = "[ \u3000]"
_NUMERAL: Final = "(?:[0-9０-９]|[一二三四五六七八九十]+丁目)"
_TOWN: Final = re.compile(r"(?:.{2,3}?[都道府県])?(?:.+?[市区町村])?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Hit:
    """One value at one place; never the value itself.

    Attributes:
        kind: what it is: name, kana, address, holder, resident, household, account, surname, …
        encoding: how it is written there, escapes first: ``base64+json+utf-8``; or ``field``.
        offset: of its first byte (of the first escaped passage it touches); None for a field.
        place: ``content`` or ``name`` of the file.
    """

    kind: str
    encoding: str
    offset: int | None
    place: str = "content"


class Values:
    """Every value of a roll, ready to be looked for."""

    def __init__(self, texts: dict[str, pa.Array], numbers: Numbers, short: dict[str, str]) -> None:
        self._labels: list[tuple[str, str]] = []
        packs: list[Pack] = []
        for kind, values in texts.items():
            for encoding, pack in written(values):
                packs.append(pack.at_least(MIN_VALUE_BYTES))
                self._labels.append((kind, encoding))
        self._packs = packs
        self._needles = Needles(packs)
        self._numbers = numbers
        self._short = short

    @classmethod
    def of(
        cls,
        roll: Roll,
        *,
        public: frozenset[str] = frozenset(),
        births_before: date = BIRTHS_BEFORE,
    ) -> Values:
        """The values of everybody in the roll.

        Args:
            public: texts that stand openly in the story (the city hall's address, the names of
                staff) and are therefore nobody's secret, even where a resident shares them.
            births_before: birth dates from this day on are not looked for as fields.
        """
        texts = _texts(roll, public)
        accounts = pc.binary_join_element_wise(roll.accounts["branch"], roll.accounts["number"], "")
        numbers = Numbers(
            {
                "resident": _distinct(roll.register["resident"]),
                "household": _distinct(roll.register["household"]),
            },
            {"account": (3, _distinct(accounts))},
        )
        short = _short(roll, texts, births_before)
        return cls(
            texts, numbers, {text: kind for text, kind in short.items() if text not in public}
        )

    def __len__(self) -> int:
        """How many different byte strings, numbers and short fields are looked for."""
        return len(self._needles) + len(self._numbers) + len(self._short)

    def search(
        self, data: bytes | memoryview | mmap.mmap, *, limit: int | None = None
    ) -> list[Hit]:
        """Every value that stands anywhere in these bytes; at most ``limit`` of them."""
        found = self._spans(memoryview(data), LAYERS)
        return [Hit(kind, encoding, start) for kind, encoding, start, _ in islice(found, limit)]

    def search_fields(self, data: bytes, name: str, *, limit: int | None = None) -> list[Hit]:
        """Every short value that is a whole field of a text file of this name."""
        kinds = (self._short.get(field) for field in fields(data, name))
        return list(islice((Hit(kind, "field", None) for kind in kinds if kind), limit))

    def search_name(self, name: str) -> list[Hit]:
        """Every value in a file's name, anywhere in it or as a whole segment."""
        hits = [(hit.kind, hit.encoding, hit.offset) for hit in self.search(os.fsencode(name))]
        stems = [*segments(name), *segments(name.rsplit(".", 1)[0])]
        hits += [(self._short[stem], "field", None) for stem in stems if stem in self._short]
        return [Hit(*hit, place="name") for hit in hits]

    def self_test(self) -> int:
        """Plant one value of each kind in each writing and look for it; how many were found.

        Raises:
            NotFound: the search missed one, so nothing it says about anything is worth having.
        """
        count = 0
        for plant in plants(self._samples(), self._numbers.samples(), self._short):
            count += 1
            hits = self.search(plant.data) + self.search_fields(plant.data, plant.name)
            hits += self.search_name(plant.name)
            found = {hit.offset for hit in hits if hit.kind == plant.kind}
            if not found or not found.issuperset(plant.offsets):
                raise NotFound(f"the search missed a planted {plant.kind} in {plant.how}")
        return count

    def _samples(self) -> Iterator[tuple[str, str, bytes]]:
        for (kind, encoding), pack in zip(self._labels, self._packs, strict=True):
            sizes = pack.ends - pack.starts
            for index in {int(sizes.argmin()), int(sizes.argmax())} if len(sizes) else ():
                yield kind, encoding, pack.blob[pack.starts[index] : pack.ends[index]].tobytes()

    def _spans(self, data: memoryview, layers: int) -> Iterator[tuple[str, str, int, int]]:
        """(kind, encoding, first byte, first byte after) of every value."""
        for found in self._needles.find(data):
            yield *self._labels[found.pack], found.start, found.end
        raw = np.frombuffer(data, np.uint8)
        for number in self._numbers.find(raw):
            yield number.kind, "ascii", number.start, number.end
        for odd in (0, 1):
            wide = raw[odd : odd + (len(raw) - odd) // 2 * 2].view("<u2")
            for number in self._numbers.find(wide):
                yield number.kind, "utf-16", odd + number.start, odd + number.end
        for view in views(data, REACH) if layers else ():
            for kind, encoding, start, end in self._spans(memoryview(view.data), layers - 1):
                origin = view.origin(start, end)
                if origin is not None:
                    # To its true end: the next layer asks whether an escape stands in it.
                    yield kind, f"{view.name}+{encoding}", origin, view.after(end)


def search_files(
    root: Path, values: Values, *, limit: int | None = 100
) -> list[tuple[str, list[Hit]]]:
    """Every file under ``root`` that holds a value or is named with one, with what was found.

    The path is relative, in order; a segment that itself holds a value is not repeated.  At most
    ``limit`` hits of each sort are told per file.  Symbolic links are named, not followed.
    """
    found = []
    for path in sorted(root.rglob("*")):
        hits = [] if path.is_symlink() or not path.is_file() else _content(path, values, limit)
        hits += values.search_name(path.name)
        if hits:
            shown = (
                HIDDEN if values.search_name(part) else part
                for part in path.relative_to(root).parts
            )
            found.append(("/".join(shown), hits))
    return found


def _content(path: Path, values: Values, limit: int | None) -> list[Hit]:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return []
        # Not closed by hand: arrays still look into it, and it goes when they do.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return values.search(mapped, limit=limit) + values.search_fields(
        bytes(mapped), path.name, limit=limit
    )


def _texts(roll: Roll, public: frozenset[str]) -> dict[str, pa.Array]:
    register = roll.register
    addresses = _distinct(register["address"])
    holders = _distinct(roll.accounts["holder"])
    all_texts = {
        "name": [register["name"], register["name_fold"]],
        "kana": [register["kana"], register["kana_fold"]],
        "address": [addresses, fold_names(addresses)],
        "holder": [holders, fold_kanas(holders)],
    }
    shown = pa.array(sorted(public), pa.string())
    texts = {kind: _distinct(*columns) for kind, columns in all_texts.items()}
    return {kind: each.filter(pc.invert(pc.is_in(each, shown))) for kind, each in texts.items()}


def _distinct(*columns: pa.Array | pa.ChunkedArray) -> pa.Array:
    chunks = [c for one in columns for c in getattr(one, "chunks", [one])]
    return pc.unique(pa.chunked_array(chunks, pa.string())).drop_null()


def _short(roll: Roll, texts: dict[str, pa.Array], births_before: date) -> dict[str, str]:
    """Whole fields → kind; an earlier kind wins where two share a text."""
    register = roll.register
    kinds = [(kind, _brief(values)) for kind, values in texts.items()]
    kinds += [("surname", _before(register[column], _SPACE)) for column in ("name", "kana")]
    early = register.filter(pc.less(register["birth_to"], births_before))
    as_received = _distinct(early["birth"])
    # A date of which nothing is known is a word, not a date.
    kinds.append(("birth", as_received.filter(pc.match_substring_regex(as_received, "[0-9]"))))
    kinds.append(("birth", _distinct(early["birth_from"].cast(pa.string()))))
    kinds.append(("town", pa.array(_towns(texts["address"]), pa.string())))
    kinds.append(("account number", _distinct(roll.accounts["number"])))
    short: dict[str, str] = {}
    for kind, values in kinds:
        short |= {text: kind for text in values.to_pylist() if text and text not in short}
    return short


def _brief(values: pa.Array) -> pa.Array:
    """Those that may have fewer than eight bytes in some encoding."""
    length = pc.utf8_length(values)
    narrow = pc.match_substring_regex(values, "[ -~｡-ﾟ]")
    return values.filter(
        pc.or_(pc.less(length, 4), pc.and_(narrow, pc.less(length, MIN_VALUE_BYTES)))
    )


def _before(column: pa.Array | pa.ChunkedArray, sign: str) -> pa.Array:
    """What stands before the first such sign, of those that have one."""
    having = column.filter(pc.match_substring_regex(column, sign))
    return _distinct(pc.replace_substring_regex(having, f"(?s){sign}.*", ""))


def _towns(addresses: pa.Array) -> list[str]:
    """Addresses up to their numbers, with and without prefecture and city."""
    towns: list[str] = []
    for start in _before(addresses, _NUMERAL).to_pylist():
        told = _TOWN.match(start)
        towns += [told[0].strip(), told[1].strip()] if told else [start.strip()]
    return towns
