"""The tables of the door are whole: every error has a code and words, every reason too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import azukari
from azukari import errors
from azukari.benefit.rules import names as programmes
from azukari.cli import exits, reasons, refused_rows, speech
from azukari.entrust.may import Why
from azukari.errors import AzukariError
from azukari.roll.checks import REASONS

HOME = Path(azukari.__file__).parent
CODE = re.compile("[a-z]+(?:_[a-z]+)+")
STATES = ("created", "bound", "revoked", "shredded")  # of a carrier at the key service


def tree(kind: type[AzukariError] = AzukariError) -> Iterator[type[AzukariError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from tree(child)


OURS = sorted(set(tree()), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_of_its_own(kind: type[AzukariError]) -> None:
    assert kind in exits.CODES
    assert [kind] == [other for other, code in exits.CODES.items() if code == exits.CODES[kind]]


def test_no_error_is_mistaken_for_done_or_for_a_no() -> None:
    taken = {exits.DONE, exits.NO, exits.USAGE, exits.SYSTEM, exits.FAULT, exits.INTERRUPTED}

    assert not taken & set(exits.CODES.values())


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_and_a_remedy_in_both_languages(
    kind: type[AzukariError],
) -> None:
    said = speech.SPEECH[kind]

    for words in said:
        assert words.ja
        assert words.en
        assert not words.ja.isascii()
        assert words.en.isascii()


@pytest.mark.parametrize(
    "sentence",
    [words.en for said in speech.SPEECH.values() for words in said]
    + [en for _, en in reasons.REFUSALS.values()],
)
def test_speech_is_lower_case_and_has_no_full_stop(sentence: str) -> None:
    assert sentence[0].islower() or sentence[0] in "`-"
    assert not sentence.endswith(".")


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        (errors.LedgerBroken, "When a ledger was changed"),
        (errors.LedgerFork, "Two histories"),
        (errors.LedgerBehind, "An older copy"),
    ],
)
def test_a_ledger_that_is_refused_leads_to_its_section(
    kind: type[AzukariError], section: str
) -> None:
    """What to do is too long for a line, and whoever reads it at night must not search."""
    page = (Path(__file__).parents[2] / "docs" / "operate.md").read_text("utf-8")
    remedy = speech.SPEECH[kind].remedy

    assert f"# {section}\n" in page
    assert f"docs/operate.md, '{section}'" in remedy.en
    assert f"docs/operate.md の「{section}」" in remedy.ja


def test_every_error_of_the_tree_is_in_the_table_and_no_other() -> None:
    drawn = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, AzukariError) and value is not AzukariError
    }

    assert drawn == set(exits.CODES) == set(speech.SPEECH)


def codes(path: Path) -> Iterator[str]:
    """Reason codes in a file: what `Refused` is raised with, and what is put among reasons."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _is(node.func, "Refused"):
            yield from _strings(*node.args[1:])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("append", "extend") and _is(node.func.value, "reasons"):
                yield from _strings(*node.args)
        elif isinstance(node, ast.Assign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_is(target, "reasons") or _is(target, "why") for target in targets):
                yield from _strings(node.value)
        elif isinstance(node, ast.FunctionDef) and _answers_reasons(node):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from _strings(inner.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            # A code with a name of its own: two small words or more, joined.
            yield from (text for text in _strings(node.value) if CODE.fullmatch(text))


def _answers_reasons(function: ast.FunctionDef) -> bool:
    answer = "" if function.returns is None else ast.unparse(function.returns)
    return "why" in function.name or answer.startswith("tuple[str, ...]")


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _strings(*nodes: ast.AST) -> Iterator[str]:
    """The constants among some expressions; a state put into one stands for every state."""
    for node in nodes:
        for part in _values(node):
            if isinstance(part, ast.JoinedStr):
                start = "".join(str(v.value) for v in part.values if isinstance(v, ast.Constant))
                yield from (f"{start}{state}" for state in STATES)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                yield part.value


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """What an expression may come to: not what it asks for, and not what it compares."""
    if isinstance(node, ast.IfExp):
        yield from _values(node.body)
        yield from _values(node.orelse)
    elif isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            yield from _values(element)
    elif isinstance(node, ast.Constant | ast.JoinedStr):
        yield node


def all_codes() -> set[str]:
    rooms = ("entrust", "keys", "desk", "cli")
    files = [path for room in rooms for path in (HOME / room).glob("*.py")]
    files.append(HOME / "incident" / "tested.py")  # the others of its room refuse nothing
    found = {code for path in files for code in codes(path)}
    return found | {why.value for why in Why}


def test_every_reason_why_not_has_words() -> None:
    assert set() == all_codes() - set(reasons.REFUSALS)


def test_no_words_are_left_of_a_reason_that_is_gone() -> None:
    assert set() == set(reasons.REFUSALS) - all_codes()


def test_a_reason_that_only_stands_in_the_source_is_noticed() -> None:
    assert {"carrier_is_revoked", "two_persons_needed", "approver_in_quiet_time"} <= all_codes()


def test_every_reason_of_the_intake_has_japanese_words() -> None:
    assert set(REASONS) == set(refused_rows.JA)


def test_a_reason_is_said_in_the_language_that_was_asked_for() -> None:
    assert "status_old" not in reasons.sentence("status_old", "ja")
    assert reasons.sentence("status_old", "ja") != reasons.sentence("status_old", "en")
    assert refused_rows.sentence("empty", "ja") != refused_rows.sentence("empty", "en")


def test_a_reason_nobody_has_words_for_stands_for_itself() -> None:
    assert "something_new" == reasons.sentence("something_new", "ja")


def test_there_is_a_programme_to_decide() -> None:
    assert "fy2021" in programmes()


@pytest.mark.parametrize(("file", "line"), [("register.csv", 3), ("--party", None), ("FILE", None)])
def test_columns_are_told_of_where_a_table_is_wrong_and_nowhere_else(
    file: str, line: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    speech.tell(errors.BadInput(file, "it is not right", line=line), "en")

    assert ("docs/columns.md" in capsys.readouterr().err) == file.endswith(".csv")
