"""One entry of a ledger: a line of restricted JSON that has exactly one spelling.

It shows who acted, when and on what, by random ids only.  Everything that could mean something to
an outsider is *detail*: kept elsewhere, bound here by a salted commitment.  This file neither
numbers entries nor hashes them into a tree.  ``docs/spec/ledger-v1.md`` is the specification.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from azukari.errors import BadFormat
from azukari.names import ID_PATTERN

VERSION: Final = 1
MAX_ENTRY_BYTES: Final = 65_535
MAX_NUMBER: Final = 2**53 - 1
MIN_COUNT: Final = 10  # a smaller count could point at one household
SALT_BYTES: Final = 32
MAX_DETAIL_DEPTH: Final = 64


class OtherHead(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A head of the other ledger, as it was known when the entry was written."""

    origin: str
    root: str  # 64 hexadecimal characters
    size: int


# Without the garbage collector: entries hold no cycles, and audits hold millions of them.
class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What was done, as the ledger shows it; fields in the order of their bytes.

    ``at`` and ``happened`` are milliseconds since 1970 UTC: recorded by us, and claimed by
    somebody.  ``n`` holds counts of at least ten.  ``commit`` is 64 hexadecimal characters.
    """

    act: str
    at: int
    by: str
    commit: str | None = None
    happened: int | None = None
    log: str
    n: dict[str, int]
    other: OtherHead | None = None
    refs: tuple[str, ...]
    type: str
    v: int


def encode(entry: Entry) -> bytes:
    """The one spelling of an entry; refuses what ``decode`` would refuse."""
    try:
        line = _ENCODER.encode(entry)
    except (TypeError, ValueError, OverflowError):
        raise BadFormat("entry: a field has a type that an entry cannot hold") from None
    decode(line)
    return line


def decode(line: bytes) -> Entry:
    """Read an entry; every other spelling of the same entry is refused.

    An unknown ``type`` is accepted: ask ``known``.
    """
    if len(line) > MAX_ENTRY_BYTES:
        raise BadFormat(f"entry: {len(line)} bytes, at most {MAX_ENTRY_BYTES} are allowed")
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadFormat(_why_not(line))
    # What the expression let through is ASCII and well formed; the rest cannot be said by one.
    entry = _DECODER.decode(line)
    if entry.at > MAX_NUMBER or (entry.happened is not None and entry.happened > MAX_NUMBER):
        raise BadFormat(_TOO_LARGE)
    if entry.other is not None and entry.other.size > MAX_NUMBER:
        raise BadFormat(_TOO_LARGE)
    if entry.n:
        counted = match["n"]
        if b"," in counted and counted != _ENCODER.encode(entry.n):
            raise BadFormat("entry: n is not sorted, or names a count twice")
        if max(entry.n.values()) > MAX_NUMBER:
            raise BadFormat(_TOO_LARGE)
    if len(entry.refs) > 1 and len(set(entry.refs)) != len(entry.refs):
        raise BadFormat("entry: refs names an id twice")
    return entry


def known(kind: str) -> bool:
    """Is this a type that version 1 knows?  Others are reported, not refused."""
    return kind in KNOWN


def counts(**n: int) -> dict[str, int]:
    """Those counts that an entry may show; smaller ones belong in the detail."""
    return {name: count for name, count in n.items() if count >= MIN_COUNT}


def canonical(detail: object) -> bytes:
    """The one spelling of a detail: objects, arrays, strings, integers and booleans only."""
    plain = _plain(detail, MAX_DETAIL_DEPTH)
    try:
        return _ENCODER.encode(plain)
    except UnicodeEncodeError:
        raise BadFormat("detail: a string holds a lone surrogate") from None


def read_canonical(body: bytes) -> Any:
    """The value of canonical bytes; every other spelling is refused."""
    try:
        detail = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise BadFormat("detail: not JSON") from None
    if canonical(detail) != body:
        raise BadFormat("detail: not in its canonical spelling")
    return detail


def commitment(salt: bytes, log: str, act: str, type: str, detail: bytes) -> str:  # noqa: A002 (the entry's own word)
    """Bind canonical detail bytes to their entry, showing nothing of them."""
    if len(salt) != SALT_BYTES:
        raise BadFormat(f"a salt is {SALT_BYTES} bytes, not {len(salt)}")
    try:
        context = f"azukari/commit/1\0{log}\0{act}\0{type}\0".encode("ascii")
    except UnicodeEncodeError:
        raise BadFormat("entry: log, act and type are ASCII") from None
    return hmac.digest(salt, context + detail, "sha256").hex()


# The acts of the house by what they are about.  "key.released" is a release to a device; a third
# word says another use.
_ACTS: Final = {
    "access": "review_asked reviewed",
    "agreement": "signed refused suspended",
    "alarm": "raised answered",
    "benefit": "determined",
    "carrier": "sealed abandoned sent handed_over received erased returned lost found inspected"
    " revoked restored",
    "clock": "suspect",
    "detail": "requested erased refused",
    "custody": "refused",
    "device": "enrolled more_keys suspended",
    "duty": "answered matched",
    "grant": "asked issued refused",
    "hold": "placed lifted",
    "incident": "opened stated noted police closed",
    "journal": "taken_in",
    "key": "created bound released released.seal released.roll refused shredded",
    "ledger": "began heartbeat",
    "measure": "opened done reopened closed",
    "medium": "registered retired",
    "notice": "sent",
    "order": "requested approved refused withdrawn",
    "party": "added",
    "person": "enrolled reset stated trained left reached unreached",
    "receipt": "taken_in",
    "report": "filed",
    "roll": "taken_in erased",
    "sighting": "recorded",
    "supervision": "planned drawn done followed_up",
    "task": "added done",
    "training": "passed failed",
    "trust": "published revoked",
    "witness": "added removed",
}
KNOWN: Final = frozenset(f"{about}.{act}" for about, acts in _ACTS.items() for act in acts.split())

_TOO_LARGE: Final = "entry: a number is larger than 2^53 - 1"
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_DECODER: Final = msgspec.json.Decoder(Entry)
_ID = f'"{ID_PATTERN}"'
_NUMBER = "(?:0|[1-9][0-9]{0,15})"
_HEX = '"[0-9a-f]{64}"'
_LOG = r'"(?=[^"]{1,128}")[a-z0-9][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)*"'
_TYPE = r'"(?=[^"]{3,64}")[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+"'
_COUNT = '"[a-z][a-z0-9_]{0,31}":[1-9][0-9]{1,15}'
_FIELDS: Final = {
    "act": _ID,
    "at": _NUMBER,
    "by": _ID,
    "commit": _HEX,
    "happened": _NUMBER,
    "log": _LOG,
    "n": rf"\{{(?:{_COUNT}(?:,{_COUNT})*)?\}}",
    "other": rf'\{{"origin":{_LOG},"root":{_HEX},"size":{_NUMBER}\}}',
    "refs": rf"\[(?:{_ID}(?:,{_ID})*)?\]",
    "type": _TYPE,
    "v": str(VERSION),
}
_OPTIONAL: Final = frozenset({"commit", "happened", "other"})


def _line_pattern() -> re.Pattern[bytes]:
    fields = []
    for name, value in _FIELDS.items():
        spelled = f'"{name}":(?P<n>{value})' if name == "n" else f'"{name}":{value}'
        if name != "act":
            spelled = f",{spelled}"
        fields.append(f"(?:{spelled})?" if name in _OPTIONAL else spelled)
    return re.compile((r"\{" + "".join(fields) + r"\}").encode("ascii"))


_LINE: Final = _line_pattern()
_FIELD_PATTERNS: Final = {
    name: re.compile(value.encode("ascii")) for name, value in _FIELDS.items()
}


def _why_not(line: bytes) -> str:
    """Say which field breaks the profile; a slow path, and never what stood there."""
    try:
        raw = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return "entry: not a JSON object"
    for name, pattern in _FIELD_PATTERNS.items():
        if name not in raw:
            if name not in _OPTIONAL:
                return f"entry: {name} is missing"
        elif not pattern.fullmatch(bytes(raw[name])):
            return f"entry: {name} is not what it must be"
    if raw.keys() - _FIELD_PATTERNS.keys():
        return "entry: an unknown field"
    return "entry: not in its canonical spelling"


def _plain(value: object, depth: int) -> object:
    """The value in Python's own types, subclasses taken off; refuses what a detail cannot hold."""
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        if not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise BadFormat("detail: an integer is beyond 2^53 - 1")
        return int(value)
    if depth == 0:
        raise BadFormat(f"detail: nested deeper than {MAX_DETAIL_DEPTH}")
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise BadFormat("detail: a name is not a string")
        return {str.__str__(name): _plain(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth - 1) for inner in value]
    raise BadFormat(f"detail: a {kind.__name__} cannot stand in a detail")
