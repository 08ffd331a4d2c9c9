"""Column groups: the columns that exactly the same roles may see become one part.

So columns are kept by mathematics: a role without a part's key has none of its columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Columns of one table, seen by exactly these roles."""

    table: str
    columns: tuple[str, ...]
    roles: tuple[str, ...]


def groups(table: str, columns: Mapping[str, Sequence[str]]) -> tuple[Group, ...]:
    """Split a table's columns (column -> roles) into groups, in the order of first columns.

    A column that no role may see is not carried at all.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for column, roles in columns.items():
        if roles:
            found.setdefault(tuple(sorted(set(roles))), []).append(column)
    return tuple(Group(table, tuple(cols), roles) for roles, cols in found.items())
