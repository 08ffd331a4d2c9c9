"""The pages: their links lead somewhere, and what they name exists in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
DOCS = HOME / "docs"
CODE = HOME / "src" / "azukari"
PAGES = sorted([*HOME.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
#: Pages in which every line of prose is one sentence.
PROSE = [
    *(DOCS / f"{name}.md" for name in "architecture history operate security start words".split()),  # noqa: SIM905  a list of words reads best
    *DECISIONS,
    HOME / "CONTRIBUTING.md",
    HOME / "SECURITY.md",
]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
#: Spelled so that this file does not name them either.
NOWHERE = re.compile(
    r"p[y]pi\.org|pythonh[o]sted|np[m]js|cr[a]tes\.io|proxy\.g[o]lang|gh[c]r\.io"
    r"|(?<![\w.~…])/(?:work|root|tmp|home)/|[.]{2}/sh[a]red|des[i]gn §|\bissu[e] #?\d",
    re.IGNORECASE,
)
#: A sentence ends and another begins on the same line; initials and *e.g.* are no ends.
TWO_SENTENCES = re.compile(r"(?<![A-Z])(?<!e\.g)(?<!i\.e)(?<!art)[.?!]\*{0,2}\)? +[*“`]*[A-Z]|。.")
LIMITS = (
    "enrolled device with its outstanding grant inside its window",
    "device folder rolled back",
)
#: What must be tried against promises 3 and 4, each by a test that carries its name.
WHO_MAY = (
    "widened child",
    "suspended grandparent",
    "forged party key",
    "hidden sub-contractor",
    "false employer",
    "requester enrolled the approver",
    "two credentials of one person",
    "approval reused",
    "approval after expiry",
    "expired training",
    "order changed after approval",
    "more rows sealed than approved",
    "status statement withheld",
    "status serial going back",
    "trust bundle older than known",
    "right signature of the wrong key kind",
    "enumeration of carriers",
    "uniform refusals",
)


def name(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def slug(heading: str) -> str:
    kept = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s", "-", kept)


def prose(page: str) -> Iterator[str]:
    """The lines of a page that are neither code, table nor heading."""
    fenced = False
    for line in page.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and not line.lstrip().startswith(("|", "#")):
            yield re.sub(r"^\s*(?:(?:[-*>]|\d+\.)\s+)?(?:\*\*[^*]+\.\*\* )?", "", line)


def sections(page: str, mark: str) -> dict[str, str]:
    """Heading -> what stands under it."""
    parts = re.split(rf"(?m)^{mark} (.+)$", page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


# --- every page


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        found = path if not file else path.parent / file

        assert found.exists(), f"{name(path)}: {target}"
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", found.read_text(encoding="utf-8"))
            assert anchor in {slug(heading) for heading in headings}, f"{name(path)}: {target}"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_names_a_registry_or_a_path_of_some_machine(path: Path) -> None:
    found = [line for line in path.read_text("utf-8").splitlines() if NOWHERE.search(line)]

    assert not found


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_a_line_is_one_sentence(path: Path) -> None:
    lines = list(prose(path.read_text(encoding="utf-8")))

    assert not [line for line in lines if TWO_SENTENCES.search(line)]


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_every_command_a_page_gives_to_make_exists(path: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (HOME / "Makefile").read_text("utf-8")))

    assert set(re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))) <= targets


# --- security


def test_every_promise_has_its_section() -> None:
    found = sections(text("security.md"), "##")

    for number in range(1, 16):
        body = [body for heading, body in found.items() if heading.startswith(f"{number}. ")]
        assert len(body) == 1, f"promise {number}"
        assert body[0].lstrip().startswith("> "), f"promise {number} is not quoted in full"
        for mark in ("**How it is held.**", "**Looks at it.**", "**Holds**"):
            assert mark in body[0], f"promise {number}: {mark}"


def test_promises_come_before_limits_and_assumptions_before_promises() -> None:
    headings = list(sections(text("security.md"), "##"))

    assert headings[0] == "Assumptions"
    assert headings.index("15. Evidence, never a verdict") < headings.index("Known limits")
    assert headings[-1] == "What the attacker can always do"


def test_the_two_known_limits_stand_there_by_name() -> None:
    limits = sections(text("security.md"), "##")["Known limits"]

    assert LIMITS == tuple(sections(limits, "###"))


def test_the_page_on_security_names_only_tests_that_exist() -> None:
    written = "\n".join(path.read_text("utf-8") for path in (HOME / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", written))

    assert not set(re.findall(r"`(test_\w+)`", text("security.md"))) - defined


def test_every_attack_on_who_may_has_a_test_that_carries_its_name() -> None:
    """That the tests exist is seen to by the one before."""
    body = sections(text("security.md"), "###")["Attacks on who may, by name"]
    rows = dict(re.findall(r"(?m)^\| ([a-z -]+) \| (`test_.+`) \|$", body))

    assert WHO_MAY == tuple(rows)
    for attack, tests in rows.items():
        carries = re.sub(r"[ -]", "_", attack)
        assert any(carries in test for test in re.findall(r"`(test_\w+)`", tests)), attack


def test_the_page_on_security_names_only_attacks_and_checks_that_are_played() -> None:
    played = "\n".join(path.read_text("utf-8") for path in (CODE / "rehearse").glob("*.py"))
    lines = [line for line in text("security.md").splitlines() if line.startswith("Rehearsal")]
    named = [quoted for line in lines for quoted in re.findall(r"“([^”]+)”", line)]

    assert named
    assert not [quoted for quoted in named if f'"{quoted}"' not in played]


# --- architecture


@pytest.mark.parametrize("path", sorted(CODE.rglob("*.py")), ids=name)
def test_every_room_and_file_is_on_the_page_of_the_house(path: Path) -> None:
    page = sections(text("architecture.md"), "##")["Rooms"]
    room, _, file = path.relative_to(CODE).as_posix().rpartition("/")
    if path.name == "__init__.py":
        assert not room or f"### {room}/" in page
        return
    own = sections(page, "###")[f"{room}/" if room else "step 0"]

    assert f"| `{file}` |" in own, f"docs/architecture.md, {room}/: add | `{file}` | what it is |"


def test_no_file_is_on_the_page_of_the_house_that_is_not_in_it() -> None:
    page = sections(text("architecture.md"), "##")["Rooms"]

    for heading, body in sections(page, "###").items():
        folder = CODE if heading == "step 0" else CODE / heading
        for file in re.findall(r"(?m)^\| `([\w.]+\.py)` \|", body):
            assert (folder / file).is_file(), f"{heading}: {file}"


def test_every_dependency_says_what_for_what_it_brings_and_what_without() -> None:
    wanted = set()
    lists = re.findall(r"(?ms)^(?:dependencies|decide|test) = \[(.*?)\]$", _project())
    for block in lists:
        wanted |= set(re.findall(r'"([a-z0-9-]+)[\[>=]', block))
    rows = re.findall(r"(?m)^\| `([a-z0-9-]+)` \|(.+)\|$", text("architecture.md"))

    assert wanted <= {package for package, _ in rows}
    for package, row in rows:
        assert [cell for cell in row.split(" | ") if cell.strip()], package
        assert len(row.split(" | ")) == 3, package


def _project() -> str:
    return (HOME / "pyproject.toml").read_text(encoding="utf-8")


# --- words and decisions


def test_every_word_has_its_japanese_and_one_sentence() -> None:
    rows = re.findall(r"(?m)^\| \*([^|]+)\* \| ([^|]+) \| ([^|]+) \|$", text("words.md"))

    assert len(rows) >= 40
    assert len({word for word, _, _ in rows}) == len(rows)
    for word, japanese, meaning in rows:
        assert JAPANESE.search(japanese), word
        assert meaning.endswith("."), word
        assert not TWO_SENTENCES.search(meaning), word


def test_words_stand_in_the_order_of_the_alphabet() -> None:
    words = re.findall(r"(?m)^\| \*([^|]+)\* \|", text("words.md"))

    assert sorted(words) == words


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_every_decision_has_question_choices_choice_and_price(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    marks = [page.find(f"**{word}.**") for word in ("Question", "Choices", "Choice", "Price")]

    assert -1 not in marks
    assert sorted(marks) == marks


def test_decisions_are_numbered_one_after_another() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert list(range(1, len(numbers) + 1)) == numbers
    for path, number in zip(DECISIONS, numbers, strict=True):
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. ")


# --- the tests themselves would notice


@pytest.mark.parametrize("line", ["It is so. It is not.", "Ja. `No` is no.", "そうだ。違う"])
def test_two_sentences_on_a_line_are_noticed(line: str) -> None:
    assert TWO_SENTENCES.search(line)


@pytest.mark.parametrize("line", ["Act art. 26", "It is (see 2.1) so.", "One file, e.g. This one."])
def test_one_sentence_on_a_line_is_one(line: str) -> None:
    assert not TWO_SENTENCES.search(line)
