"""Tables in sealed parts: what goes in comes out; anything else ends in our error."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.tables import read_parquet, table_name, write_parquet
from azukari.errors import AzukariError, BadFormat, Damaged
from azukari.names import new_id
from azukari.seal.stream import SealedReader, SealingWriter

KEY, CARRIER, PART = bytes(range(32)), new_id(), "0001"


def sealed(write: Callable[[SealingWriter], object]) -> bytes:
    sink = io.BytesIO()
    writer = SealingWriter(sink, KEY, CARRIER, PART)
    write(writer)
    writer.finish()
    return sink.getvalue()


def opened(raw: bytes) -> pa.Table:
    return read_parquet(SealedReader(io.BytesIO(raw), KEY, CARRIER, PART))


def test_a_table_comes_back_with_its_name() -> None:
    table = pa.table(
        {
            "answer": ["eligible", None, "supervisor"],
            "forms": [["架空"], [], None],
            "n": pa.array([1, None, 3], pa.int32()),
        }
    )

    found = opened(sealed(lambda sink: write_parquet(table, sink, "households")))

    assert table.equals(found)
    assert "households" == table_name(found)


def test_a_table_of_no_rows_comes_back() -> None:
    table = pa.table({"ordinal": pa.array([], pa.int32())})

    assert table.equals(opened(sealed(lambda sink: write_parquet(table, sink))))


def test_no_column_name_and_no_value_is_readable_in_the_sealed_bytes() -> None:
    raw = sealed(lambda sink: write_parquet(pa.table({"address": ["架空市一丁目"]}), sink, "homes"))

    assert not [word for word in ("address", "架空市", "homes", "PAR1") if word.encode() in raw]


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200))
def test_any_sealed_bytes_that_are_no_table_end_in_our_error(plain: bytes) -> None:
    raw = sealed(lambda sink: sink.write(plain))

    with pytest.raises(BadFormat) as error:
        opened(raw)

    assert error.value.__cause__ is None


def test_attack_a_plain_parquet_in_a_parts_place() -> None:
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table({"answer": ["eligible"]}), sink)

    with pytest.raises(AzukariError):
        opened(sink.getvalue())


def test_a_flip_anywhere_is_damage_not_a_table() -> None:
    table = pa.table({"n": list(range(50_000))})
    raw = sealed(lambda sink: write_parquet(table, sink))
    for at in range(100, len(raw), len(raw) // 20):
        wrong = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(AzukariError):
            opened(wrong)
    with pytest.raises(BadFormat):
        opened(raw[:-1])
    with pytest.raises(Damaged):
        opened(raw[:-1] + b"x")


def test_a_sink_that_fails_says_so_itself() -> None:
    """The medium was pulled out: neither swallowed nor renamed."""

    class Gone(io.BytesIO):
        def write(self, raw: Any, /) -> int:
            if len(raw) > 40:  # the stream's head still goes through
                raise OSError("gone")
            return super().write(raw)

    writer = SealingWriter(Gone(), KEY, CARRIER, PART)
    table = pa.table({"x": [os.urandom(2_000_000)]})

    with pytest.raises((OSError, AzukariError)):
        write_parquet(table, writer)


def test_a_table_without_a_name_has_none() -> None:
    assert "" == table_name(pa.table({"x": [1]}))
