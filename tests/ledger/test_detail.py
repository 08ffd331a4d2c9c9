"""A detail has one spelling, and its commitment binds it to its entry and shows nothing of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.ledger.entry import MAX_NUMBER, canonical, commitment, read_canonical
from azukari.personal import Kind, Personal

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/ledger/details.json").read_text("utf-8"))

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_details = st.dictionaries(
    _text,
    st.recursive(
        _text | st.booleans() | st.integers(-MAX_NUMBER, MAX_NUMBER),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None, max_examples=100)
@given(_details)
def test_any_detail_is_read_back_as_it_was_written(detail: dict[str, Any]) -> None:
    assert detail == read_canonical(canonical(detail))


@settings(deadline=None, max_examples=100)
@given(_details)
def test_a_detail_is_the_json_that_others_write_with_sorted_names(detail: dict[str, Any]) -> None:
    again = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert again.encode("utf-8") == canonical(detail)


@settings(deadline=None, max_examples=100)
@given(_details, st.integers(0), st.binary(min_size=1, max_size=1))
def test_any_changed_detail_is_refused_or_the_one_spelling_of_another(
    detail: dict[str, Any], where: int, byte: bytes
) -> None:
    body = canonical(detail)
    at = where % len(body)
    changed = body[:at] + byte + body[at + 1 :]

    try:
        read = read_canonical(changed)
    except BadFormat:
        return
    assert changed == canonical(read)


@pytest.mark.parametrize(
    "value", [1.0, None, b"x", {1: 2}, {"a": None}, [1.5], {1}, MAX_NUMBER + 1]
)
def test_what_a_detail_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(BadFormat, match=r"^detail: "):
        canonical(value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(BadFormat, match="surrogate"):
        canonical({"name": "\ud800"})


def test_a_detail_nested_too_deep_is_refused() -> None:
    value: object = "bottom"
    for _ in range(65):
        value = [value]

    with pytest.raises(BadFormat, match="deeper"):
        canonical(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{ }",
        b"{}\n",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":null}',
        b"-0",
        b'{"a":"\\u001F"}',
        b'"\xff"',
        b"9007199254740992",
    ],
)
def test_a_detail_in_another_spelling_is_refused(body: bytes) -> None:
    with pytest.raises(BadFormat, match=r"^detail: "):
        read_canonical(body)


def test_bytes_nested_without_end_are_refused() -> None:
    with pytest.raises(BadFormat, match=r"^detail: "):
        read_canonical(b"[" * 100_000)


def test_a_resident_s_value_is_written_as_the_text_it_is() -> None:
    value = Personal("架空 太郎", Kind.NAME)

    assert canonical({"name": "架空 太郎"}) == canonical({"name": value})


@pytest.mark.parametrize("vector", VECTORS["commitments"], ids=lambda vector: vector["name"])
def test_a_commitment_is_that_of_its_vector(vector: dict[str, Any]) -> None:
    body = vector["body"].encode("utf-8")

    made = commitment(
        bytes.fromhex(vector["salt"]), vector["log"], vector["act"], vector["type"], body
    )

    assert vector["commit"] == made
    assert body == canonical(vector["detail"])


@pytest.mark.parametrize("field", ["salt", "log", "act", "type", "detail"])
def test_a_commitment_holds_for_one_place_only(field: str) -> None:
    """A detail moved to another entry, act or ledger no longer opens."""
    right: dict[str, Any] = {
        "salt": bytes(32),
        "log": "a/b",
        "act": "0" * 26,
        "type": "roll.taken_in",
        "detail": b"{}",
    }
    other = {
        "salt": bytes(31) + b"1",
        "log": "a/c",
        "act": "1" * 26,
        "type": "a.b",
        "detail": b"[]",
    }

    assert commitment(**right) != commitment(**(right | {field: other[field]}))


def test_a_commitment_is_plain_hmac() -> None:
    message = b"azukari/commit/1\0a/b\0" + b"0" * 26 + b"\0a.b\0{}"

    made = commitment(bytes(32), "a/b", "0" * 26, "a.b", b"{}")

    assert hmac.new(bytes(32), message, hashlib.sha256).hexdigest() == made


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(BadFormat, match="32 bytes"):
        commitment(bytes(31), "a", "0" * 26, "a.b", b"{}")


def test_a_commitment_in_a_log_outside_ascii_is_refused() -> None:
    with pytest.raises(BadFormat, match="ASCII"):
        commitment(bytes(32), "台帳", "0" * 26, "a.b", b"{}")
