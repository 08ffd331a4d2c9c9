"""The counterfoil has one spelling, refuses what does not belong together, and commits."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.counterfoil import (
    Counterfoil,
    FoilColumn,
    FoilPart,
    FoilTable,
    as_bytes,
    as_int,
    bitmap,
    commitment,
    decode,
    encode,
    ordinals,
    persons_of,
)
from azukari.errors import BadFormat
from azukari.personal import Kind

ORDINALS = st.sets(st.integers(min_value=0, max_value=400))


def foil(members: frozenset[int] = frozenset({0, 3, 9}), rows: int = 4) -> Counterfoil:
    return Counterfoil(
        v=1,
        carrier="0" * 26,
        label="C-0000-00",
        order="1" * 26,
        roll="2" * 26,
        sealed_at=1_655_800_000_000,
        purpose="answer eligibility enquiries",
        parts=(
            FoilPart("p1", "households", "names", ("name",), ("clerk",), 65536, "a" * 64),
            FoilPart("p2", "households", "answers", ("answer",), ("clerk",), 65536, "b" * 64),
        ),
        tables=(
            FoilTable(
                "households",
                rows,
                (
                    FoilColumn("name", Kind.NAME, "members"),
                    FoilColumn("answer", Kind.ANSWER, "answered"),
                ),
                {"members": bitmap(members), "answered": bitmap({3})},
                (1,),
            ),
        ),
        order_seed="00ff",
        suppressed=bitmap({9}),
        envelope_sha256="c" * 64,
    )


def test_what_is_written_is_read_back() -> None:
    assert foil() == decode(encode(foil()))


def test_the_spelling_is_json_with_sorted_keys_and_base64() -> None:
    text = encode(foil()).decode()

    assert text.startswith('{"carrier":"00000000000000000000000000","envelope_sha256":"ccc')
    assert json.loads(text)["tables"][0]["sets"]["answered"] == "CA=="
    assert list(json.loads(text)) == sorted(json.loads(text))


@given(ORDINALS, ORDINALS)
@settings(deadline=None, max_examples=60)
def test_any_counterfoil_is_read_back_the_same(members: set[int], hidden: set[int]) -> None:
    made = msgspec.structs.replace(foil(frozenset(members)), suppressed=bitmap(hidden))

    assert made == decode(encode(made))
    assert encode(made) == encode(decode(encode(made)))


@given(ORDINALS)
@settings(deadline=None, max_examples=80)
def test_a_bitmap_and_its_ordinals_say_the_same(members: set[int]) -> None:
    raw = bitmap(members)

    assert sorted(members) == list(ordinals(as_int(raw)))
    assert raw == as_bytes(as_int(raw))


def test_a_negative_ordinal_is_refused() -> None:
    with pytest.raises(BadFormat, match="never negative"):
        bitmap({-1, 2})


@pytest.mark.parametrize(
    "spelling",
    [
        lambda raw: b" " + raw,
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b'"v":1', b'"v":1,"v":1'),
        lambda raw: raw.replace(b'"v":1', b'"v":1,"w":1'),
        lambda raw: raw.replace(b'"v":1', b'"v": 1'),
        lambda raw: raw.replace(b'"v":1', b'"v":2'),
        lambda raw: raw.replace(b"C-0000-00", b"C-\\u0030000-00"),
        lambda raw: raw[:-1],
        lambda raw: b"",
        lambda raw: b"\xff" + raw,
    ],
)
def test_no_other_bytes_mean_the_same(spelling: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadFormat):
        decode(spelling(encode(foil())))


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=100)
def test_any_bytes_end_as_a_value_or_as_our_refusal(raw: bytes) -> None:
    with pytest.raises(BadFormat):
        decode(raw)


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255))
@settings(deadline=None, max_examples=150)
def test_a_changed_byte_is_refused_or_means_something_else(place: int, byte: int) -> None:
    raw = bytearray(encode(foil()))
    raw[place % len(raw)] = byte
    changed = bytes(raw)

    try:
        found = decode(changed)
    except BadFormat:
        return
    assert encode(found) == changed


def _replace_table(**changes: object) -> Counterfoil:
    whole = foil()
    table = msgspec.structs.replace(whole.tables[0], **changes)
    return msgspec.structs.replace(whole, tables=(table,))


def test_a_column_without_its_set_is_refused() -> None:
    with pytest.raises(BadFormat, match="names no set"):
        encode(_replace_table(sets={"members": b"\x01"}))


def test_a_canary_after_the_last_row_is_refused() -> None:
    with pytest.raises(BadFormat, match="after its last row"):
        encode(_replace_table(canaries=(4,)))


def test_the_same_canary_twice_is_refused() -> None:
    with pytest.raises(BadFormat, match="twice"):
        encode(_replace_table(canaries=(1, 1)))


def test_a_part_of_a_column_that_no_table_has_is_refused() -> None:
    with pytest.raises(BadFormat, match="holds what no table has"):
        encode(_replace_table(columns=(FoilColumn("name", Kind.NAME, "members"),)))


def test_the_same_part_twice_is_refused() -> None:
    whole = foil()

    with pytest.raises(BadFormat, match="twice"):
        encode(msgspec.structs.replace(whole, parts=(whole.parts[0], whole.parts[0])))


def test_a_part_tells_only_about_the_persons_of_its_columns() -> None:
    whole = foil()

    assert {0, 3, 9} == set(ordinals(persons_of(whole, whole.parts[0])))
    assert {3} == set(ordinals(persons_of(whole, whole.parts[1])))


def test_the_commitment_is_a_keyed_digest_of_the_encoding() -> None:
    encoded, salt = encode(foil()), bytes(range(32))

    expected = hmac.new(salt, b"azukari/counterfoil/1\0" + encoded, hashlib.sha256).digest()
    assert expected == commitment(salt, encoded)
    assert expected != commitment(bytes(32), encoded)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(BadFormat, match="32 bytes"):
        commitment(b"", b"{}")


def test_looking_up_a_part_and_a_table() -> None:
    assert foil().parts[1] == foil().part("p2")
    assert foil().part("p3") is None
    assert foil().table("persons") is None


def test_a_counterfoil_of_before_reads_as_one_without_households() -> None:
    written = encode(foil())

    assert b'"households":"' not in written  # the field; a table may be called so
    assert b"" == decode(written).households


def test_a_person_without_a_household_is_refused_where_households_are_kept() -> None:
    kept = msgspec.structs.replace(foil(), households=bytes(4 * 9))  # ordinals 0 to 8

    with pytest.raises(BadFormat, match="household"):
        encode(kept)
