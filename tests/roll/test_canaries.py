from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.roll.canaries import canaries
from azukari.roll.select import EXTRACT_SCHEMA, SUPERVISOR

_FAMILIES = [("架空", "カクウ"), ("見本", "ミホン"), ("例示", "レイシ"), ("仮名", "カメイ")]
_GIVEN = [("太郎", "タロウ"), ("花子", "ハナコ"), ("三郎", "サフロウ"), ("美空", "ミソラ")]


def _home(size: int, at: int) -> dict[str, object]:
    family = _FAMILIES[at % 4]
    given = [_GIVEN[(at // 4 + member) % 4] for member in range(size)]
    is_open = at % 5 != 0
    return {
        "name_forms": [family[0] + name for name, _ in given],
        "kana_forms": [family[1] + kana for _, kana in given],
        "birth_dates": [
            date(1950 + 3 * at % 60, 1 + at % 12, 1 + member) for member in range(size)
        ],
        "postal_code": f"66000{at:02}" if is_open else None,
        "answer": "eligible" if is_open else SUPERVISOR,
        "reason": "all_exempt" if is_open else None,
    }


def _extract(sizes: list[int]) -> pa.Table:
    rows = [_home(size, at) for at, size in enumerate(sizes)]
    return pa.Table.from_pylist(rows, schema=EXTRACT_SCHEMA)


def _names(table: pa.Table) -> list[str]:
    return [name for names in table.column("name_forms").to_pylist() for name in names]


# Families with given names of their own, so that others can be mixed from them.
_CITY = _extract([2, 1, 3, 2, 1])


def test_a_canary_is_nobody() -> None:
    invented = canaries(4, bytes(32), _CITY)

    assert invented.schema == EXTRACT_SCHEMA
    assert len(invented) == 4
    assert not set(_names(invented)) & set(_names(_CITY))
    assert len(set(_names(invented))) == len(_names(invented))


def test_a_canary_looks_like_the_rest() -> None:
    table = pa.Table.from_pylist(
        [
            {
                **_home(2, 1),
                "name_forms": ["架空太郎", "架空花子"],
                "kana_forms": ["カクタロ", "カクハナ"],
            },
            {
                **_home(2, 2),
                "name_forms": ["見本一郎", "見本二子"],
                "kana_forms": ["ミホイチ", "ミホニコ"],
            },
        ],
        schema=EXTRACT_SCHEMA,
    )

    (row,) = canaries(1, bytes(32), table).to_pylist()

    assert row["name_forms"] in (["架空一郎", "架空二子"], ["見本太郎", "見本花子"])
    assert row["kana_forms"] in (["カクイチ", "カクニコ"], ["ミホタロ", "ミホハナ"])


def test_the_same_seed_invents_the_same() -> None:
    assert canaries(5, b"\x07" * 32, _CITY) == canaries(5, b"\x07" * 32, _CITY)
    assert canaries(5, b"\x07" * 32, _CITY) != canaries(5, b"\x08" * 32, _CITY)


def test_an_empty_extract_hides_nobody() -> None:
    with pytest.raises(BadFormat, match="needs an extract to hide in"):
        canaries(1, bytes(32), _CITY.slice(0, 0))


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=12),
    st.integers(0, 12),
    st.binary(min_size=32, max_size=32),
)
@settings(deadline=None, max_examples=60)
def test_any_extract_gets_canaries_that_are_nobody(
    sizes: list[int], count: int, seed: bytes
) -> None:
    table = _extract(sizes)

    invented = canaries(count, seed, table)

    assert count == len(invented)
    invented.validate(full=True)
    names = _names(invented)
    assert not set(names) & set(_names(table))
    assert len(names) == len(set(names))
    births = [day for days in table.column("birth_dates").to_pylist() for day in days]
    for row in invented.to_pylist():
        assert 1 <= len(row["name_forms"]) <= max(sizes)
        assert len(row["name_forms"]) == len(row["kana_forms"]) == len(row["birth_dates"])
        assert all(min(births) <= day <= max(births) for day in row["birth_dates"])
        told = (row["postal_code"], row["answer"], row["reason"])
        columns = (table.column(name).to_pylist() for name in ("postal_code", "answer", "reason"))
        assert told in set(zip(*columns, strict=True))
        if len(sizes) > 1:
            assert row["answer"] != SUPERVISOR
