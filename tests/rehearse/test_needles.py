"""The needles agree with looking everywhere by hand, wherever a chunk is cut."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.rehearse.needles import Needles
from azukari.rehearse.written import Pack, written

# Few letters, so that beginnings and ends are shared and needles overlap.
NEEDLE = st.lists(st.sampled_from([b"ab", b"a", b"\0", b"\xff"]), min_size=8, max_size=60).map(
    b"".join
)


def _pack(needles: list[bytes]) -> Pack:
    sizes = np.cumsum([0, *map(len, needles)], dtype=np.int64)
    return Pack(np.frombuffer(b"".join(needles), np.uint8), sizes[:-1], sizes[1:])


@settings(deadline=None, max_examples=150)
@given(
    packs=st.lists(st.lists(NEEDLE, max_size=5), max_size=3),
    data=st.data(),
    chunk=st.integers(1, 64),
)
def test_every_needle_at_every_offset_and_no_other(
    packs: list[list[bytes]], data: st.DataObject, chunk: int
) -> None:
    pieces = [NEEDLE, *(st.sampled_from(pack) for pack in packs if pack)]
    hay = b"".join(data.draw(st.lists(st.one_of(pieces), max_size=8)))
    expected = {
        (index, offset, offset + len(needle))
        for index, pack in enumerate(packs)
        for needle in pack
        for offset in range(len(hay))
        if hay.startswith(needle, offset)
    }

    found = list(Needles([_pack(pack) for pack in packs]).find(memoryview(hay), chunk=chunk))

    assert expected == {(each.pack, each.start, each.end) for each in found}
    assert len(expected) == len(found)


def test_a_needle_under_eight_bytes_is_refused() -> None:
    with pytest.raises(BadFormat):
        Needles([_pack([b"1234567"])])


def test_very_long_needles_of_one_beginning_are_told_apart() -> None:
    needles = [b"a" * 70 + bytes([last]) * 8 + b"z" * (last % 5) for last in range(100, 120)]
    hay = b"-".join(needles)

    found = list(Needles([_pack(needles)]).find(memoryview(hay)))

    assert [hay.index(each) for each in needles] == sorted(each.start for each in found)


def test_a_text_that_cp932_cannot_hold_has_no_cp932_form() -> None:
    texts = pa.array(["架空𠮷", "架空髙", "", "架空"])

    packs = dict(written(texts))
    spelled = {
        encoding: [
            pack.blob[start:end].tobytes()
            for start, end in zip(pack.starts.tolist(), pack.ends.tolist(), strict=True)
        ]
        for encoding, pack in packs.items()
    }

    assert {
        "utf-8": [text.encode() for text in texts.to_pylist()],
        "cp932": ["架空髙".encode("cp932"), b"", "架空".encode("cp932")],
        "cp932-windows": ["架空".encode("cp932") + b"\xfb\xfc"],
        "utf-16": [text.encode("utf-16-le") for text in texts.to_pylist()],
    } == spelled


def test_a_text_with_a_zero_character_is_refused() -> None:
    with pytest.raises(BadFormat):
        list(written(pa.array(["a\0b"])))
