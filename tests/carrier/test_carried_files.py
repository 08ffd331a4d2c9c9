"""The index of files: one spelling, no path that leads elsewhere, any bytes a value or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.files import (
    CONTENT,
    INDEX,
    LATEST,
    MAX_DEPTH,
    MAX_FILES,
    MAX_INDEX,
    MAX_NAME,
    MAX_PARTS,
    PART_BYTES,
    UNFINISHED,
    FileLine,
    Index,
    decode,
    encode,
    step_and_parts,
    why_no_path,
)
from azukari.errors import BadFormat
from azukari.seal.stream import LARGEST_STEP, SMALLEST_STEP

NAMES = st.text(min_size=1, max_size=20).filter(lambda name: why_no_path(name) is None)
LINES = st.builds(
    FileLine,
    NAMES,
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 43),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
)
INDEXES = st.builds(
    lambda lines, parts: Index(1, parts, sorted(lines, key=lambda line: line.name)),
    st.lists(LINES, min_size=1, max_size=8, unique_by=lambda line: line.name),
    st.lists(st.integers(0, 9999).map("{:04d}".format), min_size=1, max_size=4, unique=True),
)


def line(name: str) -> FileLine:
    return FileLine(name, 0, 0, "0" * 64)


@given(INDEXES)
@settings(deadline=None)
def test_what_is_written_is_read(index: Index) -> None:
    assert index == decode(encode(index))


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=80).map(lambda raw: INDEX + raw)))
@settings(deadline=None)
def test_any_bytes_are_an_index_in_its_one_spelling_or_refused(data: bytes) -> None:
    try:
        index = decode(data)
    except BadFormat:
        return
    assert data == encode(index)


@given(INDEXES, st.data())
@settings(deadline=None, max_examples=60)
def test_a_changed_byte_is_another_index_or_refused(index: Index, draw: st.DataObject) -> None:
    raw = bytearray(encode(index))
    at = draw.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= draw.draw(st.integers(1, 255))
    try:
        other = decode(bytes(raw))
    except BadFormat:
        return
    assert index != other


@pytest.mark.parametrize(
    "name",
    [
        *("", "/", "/etc/passwd", "../up", "a/../../up", ".", "a/./b", "a//b", "a/"),
        *("a\\b", "..\\up", "a\0b", "a\nb", "\x7f", "\x85", "\ud800", "x" * 1025, "a/" * 32 + "a"),
        *(".azukari-unfinished", ".AZUKARI-unfinished/x"),
    ],
)
def test_attack_a_path_that_leads_elsewhere(name: str) -> None:
    assert why_no_path(name)
    with pytest.raises(BadFormat):
        encode(Index(1, ["0000"], [line(name)]))


@pytest.mark.parametrize("name", ["a", "..a", "a/b.c", "古い/手紙.txt", "a b", ".hidden", "a/...b"])
def test_a_path_below_the_folder_is_one(name: str) -> None:
    assert why_no_path(name) is None


@pytest.mark.parametrize(
    "index",
    [
        Index(2, ["0000"], [line("a")]),
        Index(1, [], [line("a")]),
        Index(1, ["0000", "0000"], [line("a")]),
        Index(1, ["0000"], []),
        Index(1, ["0000"], [line("b"), line("a")]),
        Index(1, ["0000"], [line("a"), line("a")]),
        Index(1, ["0000"], [FileLine("a", 0, 0, "g" * 64)]),
        Index(1, ["0000"], [FileLine("a", 0, 1 << 52, "0" * 64)]),
        Index(1, [f"{n:04d}" for n in range(MAX_PARTS + 1)], [line("a")]),
    ],
)
def test_an_index_that_contradicts_itself_is_refused(index: Index) -> None:
    with pytest.raises(BadFormat):
        encode(index)


@given(st.integers(0, MAX_PARTS * PART_BYTES), st.sampled_from([0, 1 << 20, LARGEST_STEP]))
@settings(deadline=None)
def test_the_parts_hold_what_they_must_and_no_part_is_for_nothing(size: int, least: int) -> None:
    step, parts = step_and_parts(size, least)

    room = step - 16
    assert max(least, SMALLEST_STEP) <= step <= LARGEST_STEP
    assert parts * room >= size
    assert parts == 1 or (parts - 1) * room < size


def test_more_than_the_parts_hold_is_refused() -> None:
    with pytest.raises(BadFormat, match="more than 1000 parts"):
        step_and_parts(MAX_PARTS * PART_BYTES + 1, 0)


def test_the_page_tells_the_limits_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs/spec/carrier-v1.md").read_text(encoding="utf-8")

    for told in (INDEX.hex(" "), CONTENT.hex(" "), UNFINISHED):
        assert f"`{told}`" in page
    for limit in (MAX_INDEX, MAX_FILES, MAX_PARTS, MAX_NAME, LATEST):
        assert f"{limit:,}" in page
    assert f"{MAX_DEPTH} steps" in page


def test_nothing_of_a_file_s_name_is_printed_by_accident() -> None:
    index = Index(1, ["0000"], [line("架空太郎")])

    assert "架空" not in repr(index) + repr(index.files[0])
