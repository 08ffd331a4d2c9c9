"""Attacks on a sealed stream: every changed, cut, swapped or foreign byte is refused."""

from __future__ import annotations

import hashlib
import io

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
    part_key,
    seal_bytes,
    sealed_size,
)

CARRIER, OTHER_CARRIER = id_of(bytes(16)), id_of(bytes(15) + b"\x01")
PART, OTHER_PART = id_of(b"p" * 16), id_of(b"q" * 16)
KEY = part_key(b"k" * 32, CARRIER, PART)
FIRST = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES
REST = SEGMENT_BYTES - TAG_BYTES

quick = settings(deadline=None, max_examples=60)
slow = settings(deadline=None, max_examples=15)


def content_of(size: int) -> bytes:
    """Bytes that repeat at no power of two, so that a misplaced segment shows."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


SMALL = seal_bytes(content_of(1000), KEY, CARRIER, PART)
LARGE_CONTENT = content_of(FIRST + REST + 5000)  # a step of four MiB, so five segments
LARGE = seal_bytes(LARGE_CONTENT, KEY, CARRIER, PART)


def opened(sealed: bytes, key: bytes = KEY, carrier: str = CARRIER, part: str = PART) -> bytes:
    """The content, every segment authenticated."""
    reader = SealedReader(io.BytesIO(sealed), key, carrier, part)
    reader.verify()
    return reader.read() or b""


def handmade(plain: bytes, key: bytes = KEY, *, head: bytes = b"\x28" + bytes(39)) -> bytes:
    """A stream of one segment with this plaintext, padding and length as they come."""
    cipher = stream._cipher(key, head, CARRIER, PART)
    return head + cipher.encrypt(stream._nonce(head, 0, last=True), plain, None)


@quick
@given(st.integers(0, len(SMALL) - 1), st.integers(0, 7))
def test_flip_any_bit_of_a_small_part(at: int, bit: int) -> None:
    changed = bytearray(SMALL)
    changed[at] ^= 1 << bit

    with pytest.raises((Damaged, BadFormat)):
        opened(bytes(changed))


@slow
@given(st.integers(0, len(LARGE) - 1), st.integers(0, 7))
def test_flip_any_bit_of_a_large_part(at: int, bit: int) -> None:
    changed = bytearray(LARGE)
    changed[at] ^= 1 << bit

    with pytest.raises((Damaged, BadFormat)):
        opened(bytes(changed))


@quick
@given(st.integers(0, len(SMALL) - 1))
def test_truncate_anywhere(size: int) -> None:
    with pytest.raises((Damaged, BadFormat)):
        opened(SMALL[:size])


@pytest.mark.parametrize("step", [1 << 16, 1 << 17, 1 << 19, 1 << 20, 1 << 21])
def test_truncate_to_another_size_step_is_noticed_at_open(step: int) -> None:
    with pytest.raises(Damaged):
        SealedReader(io.BytesIO(LARGE[: sealed_size(step)]), KEY, CARRIER, PART)


@quick
@given(st.binary(min_size=1, max_size=40))
def test_append_anything(more: bytes) -> None:
    with pytest.raises((Damaged, BadFormat)):
        opened(SMALL + more)


def test_append_up_to_the_next_size_step() -> None:
    more = bytes(sealed_size(SMALLEST_STEP * 2) - len(SMALL))

    with pytest.raises(Damaged):
        opened(SMALL + more)


def test_swap_two_segments() -> None:
    one, two, three = SEGMENT_BYTES, 2 * SEGMENT_BYTES, 3 * SEGMENT_BYTES
    swapped = LARGE[:one] + LARGE[two:three] + LARGE[one:two] + LARGE[three:]

    with pytest.raises(Damaged):
        opened(swapped)


def test_repeat_a_segment() -> None:
    one, two, three = SEGMENT_BYTES, 2 * SEGMENT_BYTES, 3 * SEGMENT_BYTES

    with pytest.raises(Damaged):
        opened(LARGE[:two] + LARGE[one:two] + LARGE[three:])


def test_splice_a_segment_of_another_stream_under_the_same_key() -> None:
    other = seal_bytes(LARGE_CONTENT, KEY, CARRIER, PART)
    one, two = SEGMENT_BYTES, 2 * SEGMENT_BYTES

    with pytest.raises(Damaged):
        opened(LARGE[:one] + other[one:two] + LARGE[two:])


def test_part_under_the_name_of_another() -> None:
    with pytest.raises(Damaged):
        opened(SMALL, part=OTHER_PART)


def test_part_in_another_carrier() -> None:
    with pytest.raises(Damaged):
        opened(SMALL, carrier=OTHER_CARRIER)


@quick
@given(st.binary(max_size=2000))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((Damaged, BadFormat)):
        opened(data)


@slow
@given(st.integers(0, 2**32), st.sampled_from([1 << 16, 1 << 17]))
def test_any_bytes_of_a_right_size_are_refused(seed: int, step: int) -> None:
    block = hashlib.sha256(seed.to_bytes(8, "big")).digest()
    data = (b"\x28" + block * (sealed_size(step) // 32 + 1))[: sealed_size(step)]

    with pytest.raises(Damaged):
        opened(data)


def test_plaintext_in_place_of_a_part() -> None:
    plain = b"PAR1" + content_of(sealed_size(SMALLEST_STEP) - 8) + b"PAR1"

    with pytest.raises(BadFormat):
        opened(plain)


def test_a_header_of_another_length_is_refused() -> None:
    with pytest.raises(BadFormat):
        opened(b"\x27" + SMALL[1:])


# --- wrong keys


def test_a_wrong_key_is_not_taken_for_damage() -> None:
    wrong = part_key(b"w" * 32, CARRIER, PART)
    commit = stream.commitment(KEY, CARRIER, PART)

    with pytest.raises(WrongKey):
        SealedReader(io.BytesIO(SMALL), wrong, CARRIER, PART, commit=commit)


def test_damage_is_not_taken_for_a_wrong_key() -> None:
    changed = SMALL[:-1] + bytes([SMALL[-1] ^ 1])
    commit = stream.commitment(KEY, CARRIER, PART)

    with pytest.raises(Damaged):
        SealedReader(io.BytesIO(changed), KEY, CARRIER, PART, commit=commit)


@pytest.mark.parametrize("key", [b"", b"k" * 16, b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(BadFormat):
        SealedReader(io.BytesIO(SMALL), key, CARRIER, PART)
    with pytest.raises(BadFormat):
        part_key(key, CARRIER, PART)


def test_names_that_could_be_divided_otherwise_are_refused() -> None:
    """`a|b` of carrier `c` and `b` of carrier `c|a` would have one key."""
    with pytest.raises(BadFormat):
        part_key(b"k" * 32, "c|a", "b")
    with pytest.raises(BadFormat):
        part_key(b"k" * 32, "c", "a|b")


def test_every_part_and_every_carrier_has_its_own_key() -> None:
    keys = {part_key(b"k" * 32, c, p) for c in (CARRIER, OTHER_CARRIER) for p in (PART, OTHER_PART)}

    assert len(keys) == 4
    assert stream.commitment(KEY, CARRIER, PART) != KEY


def test_the_same_content_sealed_twice_shares_no_block() -> None:
    again = seal_bytes(content_of(1000), KEY, CARRIER, PART)

    blocks = {again[i : i + 16] for i in range(1, len(again) - 15, 16)}

    assert not any(SMALL[i : i + 16] in blocks for i in range(1, len(SMALL) - 15, 16))


# --- padding and length: right key, a writer that is not ours


def test_a_handmade_stream_is_accepted_where_it_follows_the_rules() -> None:
    plain = b"abc".ljust(SMALLEST_STEP - LENGTH_BYTES, b"\0") + (3).to_bytes(8, "big")

    assert opened(handmade(plain)) == b"abc"


@quick
@given(st.integers(3, SMALLEST_STEP - LENGTH_BYTES - 1), st.integers(1, 255))
def test_hide_a_byte_in_the_padding(at: int, value: int) -> None:
    plain = bytearray(b"abc".ljust(SMALLEST_STEP - LENGTH_BYTES, b"\0") + (3).to_bytes(8, "big"))
    plain[at] = value

    with pytest.raises(Damaged):
        opened(handmade(bytes(plain)))


@quick
@given(st.integers(SMALLEST_STEP - LENGTH_BYTES + 1, 2**64 - 1))
def test_an_impossible_length_is_refused(length: int) -> None:
    plain = bytes(SMALLEST_STEP - LENGTH_BYTES) + length.to_bytes(8, "big")

    with pytest.raises(Damaged):
        opened(handmade(plain))


@pytest.mark.parametrize("step", [0, 7, 8, 65_535, 65_537, 98_304])
def test_a_plaintext_of_no_size_step_is_refused(step: int) -> None:
    with pytest.raises(BadFormat):
        opened(handmade(bytes(step)))


# --- reading on after damage


def test_a_damaged_segment_stops_its_own_reading_and_no_other() -> None:
    """A reader that met damage must not give out what it holds of another segment."""
    changed = bytearray(LARGE)
    changed[SEGMENT_BYTES + 7] ^= 1
    reader = SealedReader(io.BytesIO(bytes(changed)), KEY, CARRIER, PART)

    reader.seek(FIRST)
    with pytest.raises(Damaged):
        reader.read(10)
    reader.seek(0)
    assert LARGE_CONTENT[:10] == reader.read(10)
    reader.seek(FIRST)
    with pytest.raises(Damaged):
        reader.read(10)


def test_messages_say_which_segment_of_which_part() -> None:
    changed = bytearray(LARGE)
    changed[SEGMENT_BYTES + 7] ^= 1

    with pytest.raises(Damaged, match=rf"part {PART} of carrier {CARRIER}: segment 1 of 5"):
        opened(bytes(changed))


def test_a_segment_read_before_the_damaged_one_reads_the_same_after_it() -> None:
    """Decrypting the damaged one has overwritten what the reader held."""
    changed = bytearray(LARGE)
    changed[SEGMENT_BYTES + 7] ^= 1
    reader = SealedReader(io.BytesIO(bytes(changed)), KEY, CARRIER, PART)
    assert reader.read(10) == LARGE_CONTENT[:10]

    reader.seek(FIRST)
    with pytest.raises(Damaged):
        reader.read(10)

    reader.seek(0)
    assert reader.read(10) == LARGE_CONTENT[:10]


def test_a_file_that_shrinks_while_it_is_open_is_said_to_be_cut() -> None:
    file = io.BytesIO(LARGE)
    reader = SealedReader(file, KEY, CARRIER, PART)
    file.truncate(SEGMENT_BYTES + 10)

    reader.seek(FIRST)
    with pytest.raises(Damaged, match="is cut"):
        reader.read(10)
