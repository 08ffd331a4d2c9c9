"""The households of a register and who lives in each.

A household is the set of rows with one household number; nothing is concluded from addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

HEAD: Final = "世帯主"

HOUSEHOLDS_SCHEMA: Final = pa.schema(
    [
        pa.field("household", pa.string(), nullable=False),
        pa.field("members", pa.int32(), nullable=False),
        pa.field("suppressed", pa.bool_(), nullable=False),  # any member is
        pa.field("head", pa.int32(), nullable=False),  # ordinal
    ]
)


@dataclass(frozen=True)
class Households:
    """Every household and its members.

    Household ``i`` is row ``i`` of ``table``; its members are
    ``ordinals[offsets[i]:offsets[i + 1]]``, ascending.
    """

    table: pa.Table  # HOUSEHOLDS_SCHEMA, in the order of their first members
    offsets: pa.Array  # int32, one more than households
    ordinals: pa.Array  # int32, every ordinal of the register once

    def members(self, row: int) -> list[int]:
        """The ordinals of one household's members."""
        start, end = self.offsets[row].as_py(), self.offsets[row + 1].as_py()
        found: list[int] = self.ordinals[start:end].to_pylist()
        return found


def households(register: pa.Table) -> pa.Table:
    """One row per household, HOUSEHOLDS_SCHEMA, in the order of their first members.

    The head is the first member entered as 世帯主, or the first member where nobody is.
    """
    return members(register).table


def members(register: pa.Table) -> Households:
    """The households of a register whose ordinals are 0, 1, 2 …, each with its members."""
    coded = register.column("household").combine_chunks().dictionary_encode()
    is_head = pc.fill_null(pc.equal(register.column("relationship"), HEAD), False)
    ordinal = register.column("ordinal")
    grouped = (
        pa.table(
            {
                "row": coded.indices,  # numbered by first appearance
                "ordinal": ordinal,
                "head": pc.if_else(is_head, ordinal, None),
                "suppressed": register.column("suppressed"),
            }
        )
        .group_by("row", use_threads=False)
        .aggregate(
            [("ordinal", "count"), ("ordinal", "min"), ("head", "min"), ("suppressed", "any")]
        )
        .sort_by("row")
    )
    counts = pc.cast(grouped.column("ordinal_count"), pa.int32()).combine_chunks()
    table = pa.Table.from_arrays(
        [
            coded.dictionary,
            counts,
            grouped.column("suppressed_any"),
            pc.coalesce(grouped.column("head_min"), grouped.column("ordinal_min")),
        ],
        schema=HOUSEHOLDS_SCHEMA,
    )
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(counts)])
    # The sort is stable, so the members of one household stay in the order of the register.
    ordinals = pc.cast(pc.sort_indices(coded.indices), pa.int32())
    return Households(table, offsets, ordinals)
