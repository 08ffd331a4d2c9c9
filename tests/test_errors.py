"""The tree of errors is the tree drawn at the top of its file, and messages keep quiet."""

from __future__ import annotations

import re

import pytest

from azukari import errors
from azukari.errors import AzukariError, BadInput, Refused

LINE = re.compile(
    r"^ {4}(?P<bars>[│ ]*)(?:[├└]── )?(?P<name>[A-Z]\w+)(?: {2,}\S.*)?$", re.MULTILINE
)


def drawn() -> dict[str, str]:
    """Class and parent, as drawn."""
    parents: list[str] = []
    found: dict[str, str] = {}
    for line in LINE.finditer(errors.__doc__ or ""):
        depth = 0 if line["name"] == "AzukariError" else len(line["bars"]) // 4 + 1
        del parents[depth:]
        found[line["name"]] = parents[-1] if parents else "Exception"
        parents.append(line["name"])
    return found


def test_the_tree_drawn_is_the_tree_of_classes() -> None:
    classes = {
        name: value.__base__.__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__base__ and issubclass(value, Exception)
    }

    assert classes == drawn()


def test_every_error_says_when_it_is_raised() -> None:
    silent = [name for name in drawn() if not vars(errors)[name].__doc__]

    assert not silent


def test_nothing_of_ours_is_an_error_of_python() -> None:
    """`except ValueError` around a library must not swallow what we say."""
    ours = [vars(errors)[name] for name in drawn()]

    for kind in ours:
        strangers = [base for base in kind.__mro__ if not issubclass(base, AzukariError)]
        assert strangers == [Exception, BaseException, object]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadInput("a.csv", "too few cells"), "a.csv: too few cells"),
        (BadInput("a.csv", "too few cells", line=3), "a.csv:3: too few cells"),
        (BadInput("a.csv", "no date", line=3, column="生年月日"), "a.csv:3: 生年月日: no date"),
        (BadInput("a.csv", "no date", column="生年月日"), "a.csv: 生年月日: no date"),
    ],
)
def test_bad_input_says_where(error: BadInput, expected: str) -> None:
    assert expected == str(error)


def test_a_refusal_keeps_every_reason_in_order() -> None:
    refused = Refused("grant", ["expired", "suspended"])

    assert refused.reasons == ("expired", "suspended")
    assert str(refused) == "grant: refused: expired, suspended"
