"""Numbers are found as whole runs of digits, wherever a chunk is cut."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.rehearse.digits import Numbers

WHOLE = ["1234567890", "1111111111", "0000000001"]
BOTH = ["1112222222", "0010000000"]
NUMBERS = Numbers(
    {"resident": pa.array(WHOLE), "nobody": pa.array([], pa.string())},
    {"account": (3, pa.array(BOTH))},
)
_PIECE = st.one_of(
    st.sampled_from([*WHOLE, *BOTH, "111", "2222222", "001", "0000000", "-", ",", '","', "x", " "]),
    st.text("01x-\xff", max_size=3),
)


def _by_hand(text: str) -> set[tuple[str, int, int]]:
    def pattern(form: str) -> re.Pattern[str]:
        return re.compile(f"(?=(?<![0-9A-Za-z])({form})(?![0-9A-Za-z]))")

    forms = [("resident", number) for number in WHOLE]
    joint = '(?:[-, \t/;_:]|","|", ")?'
    forms += [("account", number[:3] + joint + number[3:]) for number in BOTH]
    return {
        (kind, *found.span(1)) for kind, form in forms for found in pattern(form).finditer(text)
    }


@settings(deadline=None, max_examples=300)
@given(pieces=st.lists(_PIECE, max_size=12), chunk=st.integers(1, 50))
def test_numbers_agree_with_a_pattern_by_hand(pieces: list[str], chunk: int) -> None:
    text = "".join(pieces)
    narrow = np.frombuffer(text.encode("latin-1"), np.uint8)
    wide = np.frombuffer(text.encode("utf-16-le"), np.uint16)

    expected = _by_hand(text)

    assert expected == {(n.kind, n.start, n.end) for n in NUMBERS.find(narrow, chunk=chunk)}
    assert {(kind, 2 * start, 2 * end) for kind, start, end in expected} == {
        (n.kind, n.start, n.end) for n in NUMBERS.find(wide, chunk=chunk)
    }


@pytest.mark.parametrize("text", ["12a", "1234567890123456789", "١٢٣", "12\n"])
def test_what_is_not_a_number_is_refused_without_being_said(text: str) -> None:
    with pytest.raises(BadFormat) as told:
        Numbers({"resident": pa.array(["1", text])}, {})

    assert text not in str(told.value)
