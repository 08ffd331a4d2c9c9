"""The chain of parties on a terminal, drawn with lines, and two agreements side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from azukari.cli.output import aligned
from azukari.entrust.difference import Change
from azukari.entrust.tree import Branch, State
from azukari.web import chain_words as words

LOOSE: Final = ("市からつながっていない契約", "agreements that do not reach the city")
SAME: Final = ("同じ内容です", "they say the same")
_HEADS: Final = {"field": ("項目", ""), "old": ("前", "before"), "new": ("後", "after")}


def drawn(
    branches: Iterable[Branch], city: str, names: Mapping[str, str], language: str
) -> Iterator[str]:
    """A line for each link with its state, and under it what it allows or narrows."""
    roots = list(branches)
    held = [root for root in roots if root.state is not State.BROKEN]
    loose = [root for root in roots if root.state is State.BROKEN]
    yield city
    yield from _below(held, "", names, language)
    if loose:
        yield ""
        yield words.say(LOOSE, language)
        yield from _below(loose, "", names, language)


def _below(
    branches: Sequence[Branch], before: str, names: Mapping[str, str], language: str
) -> Iterator[str]:
    for number, branch in enumerate(branches, 1):
        last = number == len(branches)
        link = branch.link
        until = words.value("expires_at", link.terms.expires_at, language, names)
        state = words.say(words.STATES[branch.state], language)
        end = words.say(words.FIELDS["expires_at"], language)
        name = names.get(link.processor, "?")
        yield f"{before}{'└─' if last else '├─'} {name}  {link.id}  {state}, {end} {until}"
        under = before + ("   " if last else "│  ")
        for text in words.terms(branch, language):
            yield f"{under}{'│' if branch.below else ' '}    {text}"
        yield from _below(branch.below, under, names, language)


def side_by_side(changes: Sequence[Change], names: Mapping[str, str], language: str) -> list[str]:
    """Every change on a line: the field, before, after, narrower or wider or neither."""
    if not changes:
        return [words.say(SAME, language)]
    head = tuple(words.say(each, language) for each in _HEADS.values())
    return aligned([(*head, ""), *(_row(one, names, language) for one in changes)])


def _row(one: Change, names: Mapping[str, str], language: str) -> tuple[str, ...]:
    return (
        words.say(words.FIELDS.get(one.field, (one.field, one.field)), language),
        words.value(one.field, one.old, language, names),
        words.value(one.field, one.new, language, names),
        words.say(words.HOWS[one.how], language),
    )


def value(branches: Iterable[Branch]) -> list[dict[str, Any]]:
    """The same for a program: every link with its state and its changes."""
    return [
        {
            **msgspec.to_builtins(branch.link),
            "state": branch.state.value,
            "changes": changed(branch.changes),
        }
        for root in branches
        for branch in root.walk()
    ]


def changed(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "old": one.old, "new": one.new, "how": one.how.value}
        for one in changes
    ]
