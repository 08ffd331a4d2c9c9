"""The sealed stream: what goes in comes back, at every size and from every position."""

from __future__ import annotations

import hashlib
import io
from threading import active_count
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, Damaged, WrongKey
from azukari.names import id_of
from azukari.seal import stream
from azukari.seal.stream import (
    HEADER_BYTES,
    LENGTH_BYTES,
    SEGMENT_BYTES,
    SMALLEST_STEP,
    TAG_BYTES,
    SealedReader,
    SealingWriter,
    open_sealed,
    part_key,
    seal_bytes,
    sealed_size,
    size_step,
)

CARRIER, PART = id_of(bytes(16)), id_of(b"p" * 16)
KEY = part_key(b"k" * 32, CARRIER, PART)
FIRST = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES
REST = SEGMENT_BYTES - TAG_BYTES
REFUSED = (Damaged, BadFormat, WrongKey)

quick = settings(deadline=None, max_examples=60)
slow = settings(deadline=None, max_examples=15)


def content_of(size: int) -> bytes:
    """Bytes that repeat at no power of two, so that a misplaced segment shows."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


LARGE_CONTENT = content_of(FIRST + REST + 5000)  # a step of four MiB, so five segments
LARGE = seal_bytes(LARGE_CONTENT, KEY, CARRIER, PART)


def opened(sealed: bytes, key: bytes = KEY, carrier: str = CARRIER, part: str = PART) -> bytes:
    """The content, every segment authenticated."""
    reader = SealedReader(io.BytesIO(sealed), key, carrier, part)
    reader.verify()
    return reader.read() or b""


@quick
@given(st.binary(max_size=3000))
def test_what_was_sealed_is_opened(content: bytes) -> None:
    assert content == opened(seal_bytes(content, KEY, CARRIER, PART))


@pytest.mark.parametrize(
    "size",
    [
        SMALLEST_STEP - LENGTH_BYTES - 1,
        SMALLEST_STEP - LENGTH_BYTES,
        SMALLEST_STEP - LENGTH_BYTES + 1,
        FIRST - LENGTH_BYTES,
        FIRST - 1,
        FIRST,
        FIRST + 1,
        SEGMENT_BYTES - LENGTH_BYTES,
        SEGMENT_BYTES,
        FIRST + REST - 1,
        FIRST + REST,
        FIRST + REST + 1,
    ],
)
def test_every_border_of_segments_and_steps_reads_back(size: int) -> None:
    content = content_of(size)

    sealed = seal_bytes(content, KEY, CARRIER, PART)

    assert content == opened(sealed)
    assert sealed_size(size_step(size)) == len(sealed)


@slow
@given(st.lists(st.integers(0, 700_000), max_size=6))
def test_any_division_into_writes_seals_the_same_content(sizes: list[int]) -> None:
    out = io.BytesIO()
    writer = SealingWriter(out, KEY, CARRIER, PART)
    content = content_of(sum(sizes))
    at = 0
    for size in sizes:
        assert size == writer.write(memoryview(content)[at : at + size])
        at += size
    writer.finish()

    assert content == opened(out.getvalue())
    assert len(content) == writer.content_bytes == writer.tell()


def test_a_writer_says_size_digest_head_and_commitment_of_its_file() -> None:
    out = io.BytesIO()
    writer = SealingWriter(out, KEY, CARRIER, PART)
    writer.write(b"x")
    writer.finish()

    sealed = out.getvalue()

    assert len(sealed) == writer.size
    assert hashlib.sha256(sealed).digest() == writer.sha256
    assert sealed[:HEADER_BYTES] == writer.head
    assert stream.commitment(KEY, CARRIER, PART) == writer.commit


class SlowDigest:
    """A digest that reads its bytes late, long after the writer could have gone on."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()

    def update(self, data: bytes | memoryview) -> None:
        sleep(0.01)
        self._whole.update(data)

    def digest(self) -> bytes:
        return self._whole.digest()


def test_a_digest_slower_than_the_sealing_is_still_that_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "hashlib", SimpleNamespace(sha256=SlowDigest))
    out = io.BytesIO()
    writer = SealingWriter(out, KEY, CARRIER, PART)
    writer.write(LARGE_CONTENT)
    writer.finish()

    assert hashlib.sha256(out.getvalue()).digest() == writer.sha256


def test_a_writer_that_is_dropped_leaves_no_thread_behind() -> None:
    before = active_count()
    writer = SealingWriter(io.BytesIO(), KEY, CARRIER, PART)
    writer.write(LARGE_CONTENT)
    writer.close()
    del writer

    until = monotonic() + 5
    while active_count() > before and monotonic() < until:
        sleep(0.01)

    assert active_count() <= before


def test_a_writer_without_finish_leaves_what_no_reader_accepts() -> None:
    out = io.BytesIO()
    writer = SealingWriter(out, KEY, CARRIER, PART)
    writer.write(LARGE_CONTENT)
    writer.close()

    with pytest.raises(REFUSED):
        opened(out.getvalue())


def test_a_finished_writer_takes_nothing_more() -> None:
    writer = SealingWriter(io.BytesIO(), KEY, CARRIER, PART)
    writer.finish()

    with pytest.raises(BadFormat):
        writer.write(b"x")
    with pytest.raises(BadFormat):
        writer.finish()


class FullDisk(io.BytesIO):
    """A sink that fails from one write on, and works again later."""

    fails = False

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]  # any buffer
        if self.fails:
            raise OSError("no space left")
        return super().write(data)


def test_a_writer_whose_sink_failed_once_seals_nothing_more() -> None:
    """A second try could seal another content under a nonce already used."""
    sink = FullDisk()
    writer = SealingWriter(sink, KEY, CARRIER, PART)
    sink.fails = True
    with pytest.raises(OSError, match="no space left"):
        writer.write(LARGE_CONTENT)
    sink.fails = False

    with pytest.raises(BadFormat):
        writer.write(b"x")
    with pytest.raises(BadFormat):
        writer.finish()


# --- size steps


@given(st.integers(0, stream.LARGEST_STEP - LENGTH_BYTES))
@quick
def test_a_size_tells_the_content_to_a_factor_of_two(content: int) -> None:
    step = size_step(content)

    assert step == SMALLEST_STEP or step / 2 < content + LENGTH_BYTES <= step
    assert step.bit_count() == 1


def test_no_part_is_larger_than_its_last_step() -> None:
    with pytest.raises(BadFormat):
        size_step(stream.LARGEST_STEP - LENGTH_BYTES + 1)


@pytest.mark.parametrize("step", [0, -1, 1, 65_535, 65_537, 98_304, 1 << 32])
def test_what_is_no_step_is_refused(step: int) -> None:
    writer = SealingWriter(io.BytesIO(), KEY, CARRIER, PART)

    with pytest.raises(BadFormat):
        writer.finish(step)


def test_a_step_too_small_for_the_content_is_refused() -> None:
    writer = SealingWriter(io.BytesIO(), KEY, CARRIER, PART)
    writer.write(bytes(SMALLEST_STEP))

    with pytest.raises(BadFormat):
        writer.finish(SMALLEST_STEP)


@pytest.mark.parametrize("step", [1 << 16, 1 << 17, 1 << 20, 1 << 21])
def test_a_larger_step_hides_the_content_further(step: int) -> None:
    out = io.BytesIO()
    writer = SealingWriter(out, KEY, CARRIER, PART)
    writer.write(b"few")
    writer.finish(step)

    assert sealed_size(step) == len(out.getvalue())
    assert opened(out.getvalue()) == b"few"


# --- reading


@slow
@given(
    st.lists(st.tuples(st.integers(0, len(LARGE_CONTENT) + 10), st.integers(0, 3000)), max_size=8)
)
def test_seek_and_read_equal_a_slice_of_the_content(reads: list[tuple[int, int]]) -> None:
    reader = open_sealed(io.BytesIO(LARGE), KEY, CARRIER, PART)

    for at, size in reads:
        assert at == reader.seek(at)
        assert LARGE_CONTENT[at : at + size] == reader.read(size)
        assert at + min(size, max(0, len(LARGE_CONTENT) - at)) == reader.tell()


def test_seek_knows_all_three_origins() -> None:
    reader = open_sealed(io.BytesIO(LARGE), KEY, CARRIER, PART)

    assert len(LARGE_CONTENT) - 5 == reader.seek(-5, 2)
    assert LARGE_CONTENT[-5:] == reader.read()
    reader.seek(FIRST - 2)
    assert reader.seek(3, 1) == FIRST + 1
    assert LARGE_CONTENT[FIRST + 1 : FIRST + 9] == reader.read(8)


def test_a_position_before_the_start_is_refused() -> None:
    with pytest.raises(BadFormat):
        SealedReader(io.BytesIO(LARGE), KEY, CARRIER, PART).seek(-1)
