"""A record of a whole run of the tests, handed in by whoever ran them.

JSON that the test run writes (`pytest --test-record FILE`): the version, the digest of the
package's own files, when it ended and how many tests did how.  It is not signed: it rests on the
word of whoever hands it in, and only says something of a program whose files have that digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

import msgspec

from azukari.errors import BadFormat, Refused

Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[ -~]*$")]
MAX_BYTES = 1 << 16


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one run ended; ``left_out`` were known to it and not asked for."""

    v: int
    version: Word
    source_sha256: Sha256
    python: Word
    ended_at: Count  # ms UTC
    passed: Count
    failed: Count  # errors included
    skipped: Count  # those that are expected to fail included
    left_out: Count


@dataclass(frozen=True)
class HandedIn:
    """A record of this very program, and the digest of the file it came in."""

    record: Record
    sha256: str


def taken(content: bytes, source_sha256: str) -> HandedIn:
    """A record that is handed in, of the program whose files have that digest; refused else."""
    try:
        found = msgspec.json.decode(content, type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadFormat("not a record of a test run") from None
    if found.v != 1:
        raise BadFormat("a record of a test run of another version")
    if found.source_sha256 != source_sha256:
        raise Refused("taking in a record of tests", ("tests_of_another_source",))
    if not found.passed + found.failed:
        raise Refused("taking in a record of tests", ("tests_of_nothing",))
    return HandedIn(found, hashlib.sha256(content).hexdigest())
