"""What changed between two agreements, or narrows from one link to the next: field by field.

Whether a change is narrower is said by the one order over terms, never by a second one here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from msgspec.structs import replace

from azukari.entrust.agreement import narrows, normal
from azukari.seal.documents import Agreement, Terms

#: What says which agreement it is, not what was agreed.
_NAMES: Final = ("v", "id", "replaces", "terms")


class How(StrEnum):
    """Which way a change goes."""

    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"  # neither, or not a matter of more and less


@dataclass(frozen=True)
class Change:
    """One field before and after; lists are sorted, without repetition."""

    field: str
    old: Any
    new: Any
    how: How


def difference(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Everything that one agreement says otherwise than another, but for their ids."""
    others = [
        Change(name, getattr(old, name), getattr(new, name), How.OTHER)
        for name in Agreement.__struct_fields__
        if name not in _NAMES and getattr(old, name) != getattr(new, name)
    ]
    return (*others, *terms_difference(old.terms, new.terms))


def terms_difference(old: Terms, new: Terms) -> tuple[Change, ...]:
    """Everything that some terms say otherwise than others, in the order of their fields."""
    before, after = normal(old), normal(new)
    return tuple(
        Change(name, getattr(before, name), getattr(after, name), _how(name, before, after))
        for name in Terms.__struct_fields__
        if getattr(before, name) != getattr(after, name)
    )


def _how(name: str, before: Terms, after: Terms) -> How:
    """With this one field changed and nothing else: which of the two narrows the other?"""
    changed = replace(before, **{name: getattr(after, name)})
    if narrows(changed, before):
        return How.NARROWER
    return How.WIDER if narrows(before, changed) else How.OTHER
