"""Invented households that look like the rest of an extract: if one turns up, the extract leaked.

Names are put together from two households: the family's part of one, the given parts of another.
Nobody in the city has such a name, or the canary would accuse a resident.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from azukari.errors import BadFormat
from azukari.roll.ordinals import key_stream

_TRIES: Final = 200  # households looked at for one canary before we settle for a plainer name
_SHIFT_DAYS: Final = 400


def canaries(count: int, seed: bytes, table: pa.Table) -> pa.Table:
    """Invent ``count`` households for an extract, the same for the same seed and table.

    Args:
        seed: 32 bytes; a seed that also orders a table may be used, the two do not meet.
        table: the extract the canaries are to hide in, at least one row.

    Returns:
        A table of the extract's schema.  No name form of it is that of anybody in the extract or
        of another canary; birth dates lie between the earliest and the latest of the extract;
        postal code, answer and reason are together those of a household that has an answer,
        where there is one.
    """
    if len(table) == 0:
        raise BadFormat("a canary needs an extract to hide in")
    draws = _Draws(seed)
    taken = set(pc.list_flatten(table.column("name_forms")).to_pylist())
    births = pc.min_max(pc.list_flatten(table.column("birth_dates"))).as_py()
    answered = pc.indices_nonzero(pc.is_valid(table.column("postal_code"))).to_pylist()
    made = [
        _household(table, draws, taken, births, answered or range(len(table))) for _ in range(count)
    ]
    return pa.Table.from_pylist(made, schema=table.schema)


class _Draws:
    """Numbers out of a seed: 64 bits each, little-endian, modulo the bound."""

    def __init__(self, seed: bytes) -> None:
        self._seed, self._at = seed, 0
        self._numbers: tuple[int, ...] = ()

    def below(self, bound: int) -> int:
        if self._at == len(self._numbers):
            size = max(1024, 2 * len(self._numbers))
            stream = key_stream(self._seed, b"canary/1", 8 * size)
            self._numbers = struct.unpack(f"<{size}Q", stream)
        self._at += 1
        return self._numbers[self._at - 1] % bound


def _household(
    table: pa.Table,
    draws: _Draws,
    taken: set[str],
    births: dict[str, date | None],
    answered: Sequence[int],
) -> dict[str, Any]:
    like = _row(table, draws)
    name_forms, kana_forms = _mixed(table, draws, taken, len(like["name_forms"])) or _strung(
        table, draws, taken, like
    )
    taken.update(name_forms)
    told = _at(table, answered[draws.below(len(answered))])
    return {
        "name_forms": name_forms,
        "kana_forms": kana_forms,
        "birth_dates": [_near(born, births, draws) for born in like["birth_dates"]],
        "postal_code": told["postal_code"],
        "answer": told["answer"],
        "reason": told["reason"],
    }


def _mixed(
    table: pa.Table, draws: _Draws, taken: set[str], size: int
) -> tuple[list[str], list[str]] | None:
    """The family part of one household before the given parts of another, nobody's names."""
    for _ in range(_TRIES):
        ours, theirs = _row(table, draws), _row(table, draws)
        family, other = _family(ours), _family(theirs)
        if family is None or other is None or len(theirs["name_forms"]) < size:
            continue
        name_forms = [family[0] + name[len(other[0]) :] for name in theirs["name_forms"][:size]]
        kana_forms = [family[1] + kana[len(other[1]) :] for kana in theirs["kana_forms"][:size]]
        if _free(name_forms, taken):
            return name_forms, kana_forms
    return None


def _strung(
    table: pa.Table, draws: _Draws, taken: set[str], like: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """For an extract too small or too full to mix: whole forms strung together until free."""
    name_forms = list(like["name_forms"])
    kana_forms = [kana or "" for kana in like["kana_forms"]]
    while not _free(name_forms, taken):
        for position in range(len(name_forms)):
            other = _row(table, draws)
            name_forms[position] += "例" * position + (other["name_forms"][0] or "例")
            kana_forms[position] += "レイ" * position + (other["kana_forms"][0] or "レイ")
    return name_forms, kana_forms


def _free(names: Sequence[str], taken: set[str]) -> bool:
    return len(set(names)) == len(names) and taken.isdisjoint(names)


def _family(row: dict[str, Any]) -> tuple[str, str] | None:
    """What the members' names and kana begin with alike: the family name, as near as one sees."""
    names, kanas = row["name_forms"], row["kana_forms"]
    if len(names) < 2 or None in kanas:
        return None
    family = _common_start(names), _common_start(kanas)
    if not all(family) or family[0] in names or family[1] in kanas:
        return None
    return family


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)  # what these two share, all between them share
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[:same]


def _near(born: date | None, births: dict[str, date | None], draws: _Draws) -> date | None:
    first, last = births["min"], births["max"]
    shift = draws.below(2 * _SHIFT_DAYS + 1) - _SHIFT_DAYS
    if born is None or first is None or last is None:
        return None
    return min(max(born + timedelta(days=shift), first), last)


def _row(table: pa.Table, draws: _Draws) -> dict[str, Any]:
    return _at(table, draws.below(len(table)))


def _at(table: pa.Table, row: int) -> dict[str, Any]:
    found: dict[str, Any] = table.slice(row, 1).to_pylist()[0]
    return found
