"""Ids have one spelling; labels are short and each other's strangers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.names import ALPHABET, ID_LENGTH, ID_PATTERN, id_of, label, new_id, raw_id

quick = settings(deadline=None)
raws = st.binary(min_size=16, max_size=16)


@quick
@given(raws)
def test_an_id_reads_back(raw: bytes) -> None:
    assert raw == raw_id(id_of(raw))
    assert re.fullmatch(ID_PATTERN, id_of(raw))


@quick
@given(st.text(alphabet=ALPHABET, min_size=ID_LENGTH, max_size=ID_LENGTH) | st.text(max_size=30))
def test_any_text_is_an_id_in_its_one_spelling_or_refused(text: str) -> None:
    try:
        raw = raw_id(text)
    except BadFormat:
        assert not re.fullmatch(ID_PATTERN, text)
        return
    assert text == id_of(raw)


@quick
@given(raws, st.integers(0, ID_LENGTH - 1))
def test_letters_people_confuse_are_not_another_spelling(raw: bytes, at: int) -> None:
    text = id_of(raw)

    for other in "iloué０ \n-" + text[at].upper() * text[at].isalpha():
        with pytest.raises(BadFormat):
            raw_id(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (bytes(16), "0" * 26),
        (b"\xff" * 16, "7" + "z" * 25),
        (bytes(15) + b"\x20", "0" * 24 + "10"),
        (bytes(range(16)), "00041061050r3gg28a1c60t3gf"),
    ],
)
def test_known_ids(raw: bytes, expected: str) -> None:
    assert expected == id_of(raw)


def test_ids_sort_as_their_bytes() -> None:
    raws = [bytes([n]) * 16 for n in range(0, 256, 17)]

    assert sorted(map(id_of, raws)) == [id_of(raw) for raw in raws]


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_an_id_is_sixteen_bytes(size: int) -> None:
    with pytest.raises(BadFormat):
        id_of(bytes(size))
    if size:
        with pytest.raises(BadFormat):
            new_id(bytes(size))


def test_new_ids_differ_and_repeat_only_where_a_story_asks() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert new_id(b"s" * 16) == new_id(b"s" * 16)


@quick
@given(raws)
def test_a_label_is_short_and_for_people(raw: bytes) -> None:
    assert re.fullmatch(r"C-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}", label("C", id_of(raw)))


@quick
@given(raws)
def test_a_label_that_is_taken_gives_way(raw: bytes) -> None:
    first = label("C", id_of(raw))

    try:
        second = label("C", id_of(raw), taken=frozenset({first}))
    except BadFormat:
        return  # an id of one letter has one label only
    assert first != second


def test_no_label_left_is_refused() -> None:
    with pytest.raises(BadFormat):
        label("C", id_of(bytes(16)), taken=frozenset({"C-0000-00"}))
