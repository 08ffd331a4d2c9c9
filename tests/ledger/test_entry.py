"""One entry has one spelling: what is written is read, and nothing else is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.ledger.entry import (
    KNOWN,
    MAX_NUMBER,
    Entry,
    OtherHead,
    counts,
    decode,
    encode,
    known,
)
from azukari.names import id_of

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parent / "vectors/ledger/entries.json").read_text("utf-8"))
SPECIFICATION = HERE.parents[1] / "docs/spec/ledger-v1.md"

_ids = st.binary(min_size=16, max_size=16).map(id_of)
_numbers = st.integers(0, MAX_NUMBER)
_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
_logs = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}(/[a-z0-9][a-z0-9.-]{0,20}){0,3}", fullmatch=True)
_types = st.one_of(
    st.sampled_from(sorted(KNOWN)),
    st.from_regex(r"[a-z][a-z0-9_]{0,9}\.[a-z]{1,9}", fullmatch=True),
)
entries = st.builds(
    Entry,
    act=_ids,
    at=_numbers,
    by=_ids,
    commit=st.none() | _digests,
    happened=st.none() | _numbers,
    log=_logs,
    n=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True),
        st.integers(10, MAX_NUMBER),
        max_size=4,
    ),
    other=st.none() | st.builds(OtherHead, origin=_logs, root=_digests, size=_numbers),
    refs=st.lists(_ids, max_size=4, unique=True).map(tuple),
    type=_types,
    v=st.just(1),
)


@settings(deadline=None, max_examples=200)
@given(entries)
def test_any_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    assert entry == decode(encode(entry))


@settings(deadline=None, max_examples=100)
@given(entries)
def test_an_entry_is_the_json_that_others_write_with_sorted_names(entry: Entry) -> None:
    line = encode(entry)

    again = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode("ascii")

    assert line == again


@settings(deadline=None, max_examples=400)
@given(
    entries,
    st.integers(0),
    st.sampled_from(["flip", "drop", "double", "insert"]),
    st.binary(min_size=1, max_size=1),
)
def test_any_changed_line_is_refused_or_the_one_spelling_of_another(
    entry: Entry, where: int, how: str, byte: bytes
) -> None:
    line = encode(entry)
    at = where % len(line)
    after = {
        "flip": byte,
        "drop": b"",
        "double": line[at : at + 1] * 2,
        "insert": byte + line[at : at + 1],
    }
    changed = line[:at] + after[how] + line[at + 1 :]

    try:
        read = decode(changed)
    except BadFormat:
        assert not _allowed(changed)
    else:
        assert changed == encode(read)
        assert _allowed(changed)


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_refused_with_our_error(junk: bytes) -> None:
    with pytest.raises(BadFormat, match=r"^entry: "):
        decode(junk)


@pytest.mark.parametrize("vector", VECTORS["read"], ids=lambda vector: vector["name"])
def test_a_vector_is_read(vector: dict[str, Any]) -> None:
    line = vector["line"].encode("ascii")

    assert line == encode(decode(line))


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_a_vector_is_refused_for_its_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(BadFormat) as refused:
        decode(vector["line"].encode("utf-8"))

    assert vector["error"] == str(refused.value)


def test_an_entry_too_long_for_a_bundle_is_refused() -> None:
    refs = tuple(id_of(i.to_bytes(16, "big")) for i in range(2_300))
    entry = decode(VECTORS["read"][0]["line"].encode())
    changed = Entry(act=entry.act, at=0, by=entry.by, log="a", n={}, refs=refs, type="a.b", v=1)

    with pytest.raises(BadFormat, match="at most 65535"):
        encode(changed)


def test_ten_thousand_open_brackets_end_in_our_error() -> None:
    with pytest.raises(BadFormat, match="not a JSON object"):
        decode(b'{"act":' + b"[" * 60_000)


def test_a_refused_line_is_not_quoted() -> None:
    planted = "架空 太郎 0900000000"
    for line in VECTORS["read"]:
        spoiled = line["line"].replace('"refs"', f'"{planted}"')

        with pytest.raises(BadFormat) as refused:
            decode(spoiled.encode())

        assert planted not in str(refused.value)


@pytest.mark.parametrize(
    "field, value", [("at", 1.5), ("act", 7), ("n", {"rows": b"x"}), ("by", set())]
)
def test_a_field_of_another_type_is_not_written(field: str, value: object) -> None:
    good = json.loads(VECTORS["read"][0]["line"]) | {field: value}

    with pytest.raises(BadFormat):
        encode(Entry(**good))


def test_counts_under_ten_are_not_shown() -> None:
    assert counts(rows=10, suppressed=9, none=0) == {"rows": 10}


def test_an_unknown_type_is_read_and_reported() -> None:
    line = VECTORS["read"][0]["line"].replace("roll.taken_in", "roll.sung")

    assert not known(decode(line.encode()).type)
    assert known("key.released.seal")


def test_the_specification_s_expression_is_the_reader_s() -> None:
    """Whoever builds a reader from the page accepts and refuses the same lines."""
    expression = _expression_of_the_specification()

    for vector in VECTORS["read"]:
        assert expression.fullmatch(vector["line"])
    for vector in VECTORS["refused"]:
        assert vector["by_expression"] == (expression.fullmatch(vector["line"]) is None)


def _expression_of_the_specification() -> re.Pattern[str]:
    block = SPECIFICATION.read_text("utf-8").split("```")[1]
    grammar, _, names = block.partition("ID =")
    grammar = re.sub(r"\s", "", grammar)
    definitions = re.findall(r"([A-Z]+) = (\S+)", "ID =" + names)
    for name, value in definitions:
        grammar = re.sub(rf"\b{name}\b", f"(?:{value})".replace("\\", r"\\"), grammar)
    return re.compile(grammar)


def _allowed(line: bytes) -> bool:
    """The profile again, from Python's own JSON reader instead of an expression."""

    def strict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if names != sorted(set(names)):
            raise ValueError
        return dict(pairs)

    try:
        found = json.loads(line.decode("ascii"), object_pairs_hook=strict)
        if json.dumps(found, separators=(",", ":")).encode() != line or not isinstance(found, dict):
            return False
    except (ValueError, RecursionError):
        return False
    id_, log = "[0-7][0-9a-hjkmnp-tv-z]{25}", r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*"

    def text(value: object, pattern: str, longest: int = 128) -> bool:
        return (
            isinstance(value, str) and len(value) <= longest and bool(re.fullmatch(pattern, value))
        )

    def number(value: object, least: int = 0) -> bool:
        return type(value) is int and least <= value <= MAX_NUMBER

    n, refs, other = found.get("n"), found.get("refs"), found.get("other", {})
    optional = {"commit", "happened", "other"} & found.keys()
    return (
        found.keys() - optional == {"act", "at", "by", "log", "n", "refs", "type", "v"}
        and text(found["act"], id_)
        and number(found["at"])
        and text(found["by"], id_)
        and ("commit" not in found or text(found["commit"], "[0-9a-f]{64}"))
        and ("happened" not in found or number(found["happened"]))
        and text(found["log"], log)
        and isinstance(n, dict)
        and all(text(k, "[a-z][a-z0-9_]{0,31}") and number(c, 10) for k, c in n.items())
        and isinstance(refs, list)
        and all(text(ref, id_) for ref in refs)
        and len(set(refs)) == len(refs)
        and text(found["type"], r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", 64)
        and type(found["v"]) is int
        and found["v"] == 1
        and (
            "other" not in found
            or (
                isinstance(other, dict)
                and other.keys() == {"origin", "root", "size"}
                and text(other["origin"], log)
                and text(other["root"], "[0-9a-f]{64}")
                and number(other["size"])
            )
        )
    )
