"""A sealed stream as the sink and the source of Parquet: no plaintext file, no foreign error."""

from __future__ import annotations

import io
import os
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.tables import read_parquet, table_name, write_parquet
from azukari.errors import BadFormat, Damaged
from azukari.names import id_of
from azukari.seal.stream import SEGMENT_BYTES, SealedReader, SealingWriter, part_key, seal_bytes

CARRIER, PART = id_of(b"c" * 16), "0417"
KEY = part_key(b"k" * 32, CARRIER, PART)
ROWS = 40_000
TABLE = pa.table(
    {
        "name_forms": pa.array([[f"架空{n}", os.urandom(16).hex()] for n in range(ROWS)]),
        "answer": pa.array(["eligible", "not_eligible"] * (ROWS // 2)),
    }
)


def sealed(table: pa.Table) -> bytes:
    out = io.BytesIO()
    writer = SealingWriter(out, KEY, CARRIER, PART)
    write_parquet(table, writer, "households")
    writer.finish()
    return out.getvalue()


SEALED = sealed(TABLE)


def reader(data: bytes) -> SealedReader:
    return SealedReader(io.BytesIO(data), KEY, CARRIER, PART)


def read_whole(data: bytes) -> None:
    """The table, and every segment that no column of it needed."""
    found = reader(data)
    read_parquet(found)
    found.verify()


def test_a_table_comes_back_as_it_was_with_its_name() -> None:
    back = read_parquet(reader(SEALED))

    assert back.equals(TABLE)
    assert table_name(back) == "households"


def test_nothing_of_a_table_stands_in_the_sealed_bytes() -> None:
    for word in (b"PAR1", b"name_forms", b"households", "架空".encode(), b"eligible"):
        assert word not in SEALED


@settings(deadline=None, max_examples=20)
@given(st.integers(SEGMENT_BYTES, len(SEALED) - 1))
def test_flip_a_bit_under_a_table(at: int) -> None:
    """Said by our error through pyarrow, whichever segment pyarrow asks for first."""
    changed = bytearray(SEALED)
    changed[at] ^= 1

    with pytest.raises(Damaged):
        read_whole(bytes(changed))


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes_in_place_of_a_table_are_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        read_parquet(reader(seal_bytes(data, KEY, CARRIER, PART)))


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_a_table_changed_before_it_was_sealed_is_a_table_or_refused(data: st.DataObject) -> None:
    """Parquet rightly sealed by somebody who writes it wrong on purpose."""
    plain = bytearray(reader(SEALED).read() or b"")
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, 400) | st.integers(len(plain) - 2000, len(plain) - 1))
        plain[at] ^= data.draw(st.integers(1, 255))

    with suppress(BadFormat):
        read_parquet(reader(seal_bytes(bytes(plain), KEY, CARRIER, PART)))
