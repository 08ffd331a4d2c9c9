"""The least a purpose needs: the extract a call centre gets, and sets of persons.

A call centre that answers "is my household eligible?" gets one row per household and no register:
search forms, birth dates, postal code, answer, reason.  Nothing says who lives where.
Orders, sets and canaries for it are taken from the files beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from azukari.errors import BadFormat
from azukari.personal import Kind
from azukari.roll.canaries import canaries
from azukari.roll.households import members
from azukari.roll.ordinals import bitmap, bitmap_bytes, shuffle_order

__all__ = [
    "ANSWERS",
    "COLUMNS",
    "EXTRACT_SCHEMA",
    "SUPERVISOR",
    "Extract",
    "ExtractColumn",
    "bitmap",
    "bitmap_bytes",
    "canaries",
    "eligibility_extract",
    "sets",
    "shuffle_order",
]

ANSWERS: Final = ("eligible", "not_eligible", "undecided")
SUPERVISOR: Final = "supervisor"  # the answer for a household with a suppressed member

EXTRACT_SCHEMA: Final = pa.schema(
    [
        # Members in the order of the register, position by position in all three lists.
        pa.field("name_forms", pa.list_(pa.string()), nullable=False),
        pa.field("kana_forms", pa.list_(pa.string()), nullable=False),
        pa.field("birth_dates", pa.list_(pa.date32()), nullable=False),
        pa.field("postal_code", pa.string()),
        pa.field("answer", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class ExtractColumn:
    """What a column of the extract tells, and the roles that may see it."""

    kind: Kind
    roles: frozenset[str]


_EVERYBODY: Final = frozenset({"operator", "supervisor"})
COLUMNS: Final[Mapping[str, ExtractColumn]] = {
    "name_forms": ExtractColumn(Kind.NAME, _EVERYBODY),
    "kana_forms": ExtractColumn(Kind.KANA, _EVERYBODY),
    "birth_dates": ExtractColumn(Kind.BIRTH, _EVERYBODY),
    "postal_code": ExtractColumn(Kind.POSTAL, _EVERYBODY),
    "answer": ExtractColumn(Kind.ANSWER, _EVERYBODY),
    "reason": ExtractColumn(Kind.ANSWER, frozenset({"supervisor"})),
}


@dataclass(frozen=True)
class Extract:
    """The rows of an extract and whom each is about.

    Row ``i`` is about ``ordinals[offsets[i]:offsets[i + 1]]``, in the order of its lists.
    """

    table: pa.Table  # EXTRACT_SCHEMA
    offsets: pa.Array  # int32, one more than rows
    ordinals: pa.Array  # int32

    def persons(self, row: int) -> list[int]:
        """The ordinals of the persons in one row."""
        start, end = self.offsets[row].as_py(), self.offsets[row + 1].as_py()
        found: list[int] = self.ordinals[start:end].to_pylist()
        return found


def eligibility_extract(register: pa.Table, answers: pa.Table) -> Extract:
    """The extract for the purpose *answer eligibility enquiries*.

    Args:
        register: of REGISTER_SCHEMA, its ordinals 0, 1, 2 …
        answers: one row for every household of the register: ``household`` string, ``answer``
            one of ANSWERS, ``reason`` string or null.

    Returns:
        One row per household in the order of their first members.  The postal code is the
        head's.  A household with a suppressed member has neither postal code nor reason, and its
        answer is *supervisor*.

    Raises:
        BadFormat: a household has no answer, two, or none of ANSWERS, or is not in the register.
    """
    living = members(register)
    homes = living.table
    at = _answer_of(homes.column("household").combine_chunks(), answers)
    suppressed = homes.column("suppressed").combine_chunks()
    postal_code = register.column("postal_code").take(homes.column("head"))

    def listed(column: str) -> pa.Array:
        values = register.column(column).combine_chunks().take(living.ordinals)
        return pa.ListArray.from_arrays(living.offsets, values)

    register = register.append_column("birth_date", _known_days(register))
    table = pa.Table.from_arrays(
        [
            listed("name_fold"),
            listed("kana_fold"),
            listed("birth_date"),
            pc.if_else(suppressed, None, postal_code),
            pc.if_else(suppressed, SUPERVISOR, answers.column("answer").take(at)),
            pc.if_else(suppressed, None, answers.column("reason").take(at)),
        ],
        schema=EXTRACT_SCHEMA,
    )
    return Extract(table, living.offsets, living.ordinals)


def first_members(extract: Extract) -> pa.Array:
    """For every resident, by ordinal, the first of their household: int32."""
    row_of = pc.list_parent_indices(pa.ListArray.from_arrays(extract.offsets, extract.ordinals))
    first = extract.ordinals.take(extract.offsets[:-1]).take(row_of)
    return first.take(pc.sort_indices(extract.ordinals)).cast(pa.int32())


def sets(extract: Extract) -> dict[str, int]:
    """Sets of persons: ``all`` in the extract, and ``open``, whose answer stands in it.

    ``all`` less ``open`` are the members of households with a suppressed resident.
    """
    is_open = pc.not_equal(extract.table.column("answer"), SUPERVISOR).combine_chunks()
    row_of = pc.list_parent_indices(pa.ListArray.from_arrays(extract.offsets, extract.ordinals))
    return {
        "all": bitmap(extract.ordinals),
        "open": bitmap(extract.ordinals.filter(is_open.take(row_of))),
    }


def _known_days(register: pa.Table) -> pa.ChunkedArray:
    first, last = register.column("birth_from"), register.column("birth_to")
    return pc.if_else(pc.equal(first, last), first, None)


def _answer_of(homes: pa.Array, answers: pa.Table) -> pa.Array:
    """For each household its row in the answers."""
    answered = answers.column("household")
    at = pc.index_in(homes, answered)
    missing = at.null_count
    if missing:
        raise BadFormat(f"the answers lack {missing} of {len(homes)} households")
    if len(answers) != len(homes):
        raise BadFormat("the answers name a household twice, or one that is not in the register")
    known = pc.is_in(answers.column("answer"), pa.array(ANSWERS))
    if not pc.all(known, min_count=0).as_py():
        raise BadFormat(f"an answer is none of {', '.join(ANSWERS)}")
    return at
