"""At a terminal: secrets are asked for and not shown, a label is typed back."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from azukari.entrust.course import load
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, base64_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]

#: The child makes the terminal its own, so that a passphrase is asked for there and not echoed.
CHILD = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "from azukari.cli import main; sys.exit(main())"
)
PATIENCE_S = 120


class Terminal:
    """A program with somebody at its keyboard."""

    def __init__(self, words: tuple[object, ...], environ: dict[str, str]) -> None:
        self._ours, theirs = os.openpty()
        self._child = subprocess.Popen(
            [sys.executable, "-c", CHILD, *map(str, words)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm", "LANG": "C.UTF-8"} | environ,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def wait(self, words: str) -> None:
        """Wait until the screen shows some words."""
        self._read_until(words)

    def type(self, after: str, text: bytes) -> None:
        """Wait until the screen shows some words, then type."""
        self._read_until(after)
        os.write(self._ours, text + b"\n")

    def end(self) -> int:
        self._read_until(None)
        os.close(self._ours)
        return self._child.wait(PATIENCE_S)

    def _read_until(self, words: str | None) -> None:
        until = time.monotonic() + PATIENCE_S
        start = len(self.seen)
        while words is None or words not in self.seen[start:]:
            ready = select.select([self._ours], [], [], until - time.monotonic())[0]
            assert ready, f"nothing more came: {self.seen}"
            try:
                piece = os.read(self._ours, 4096)
            except OSError:  # the other end is closed: the program ended
                piece = b""
            if not piece:
                assert words is None, f"it ended before it said {words!r}: {self.seen}"
                return
            self.seen += piece.decode("utf-8", "replace")


@pytest.fixture
def environ(site: Any) -> dict[str, str]:
    return {"AZUKARI_HOME": str(site.office), "AZUKARI_PERSON": str(site.persons)}


def test_a_passphrase_is_asked_for_and_not_shown(site: Any, environ: dict[str, str]) -> None:
    terminal = Terminal(("roll", "show", "--as", "officer"), environ)
    terminal.type("passphrase of the key service: ", site.secrets["keys"])
    terminal.type("passphrase of officer: ", site.secrets["officer"])

    assert 0 == terminal.end(), terminal.seen
    assert "refused: " in terminal.seen
    for secret in site.secrets.values():
        assert secret.decode() not in terminal.seen


def test_what_cannot_be_undone_asks_for_the_label_back(site: Any, environ: dict[str, str]) -> None:
    label = site.labels[0]
    line = ("incident", "declare", "--carrier", label, "--as", "officer")
    terminal = Terminal(line, environ)
    terminal.type("passphrase of officer: ", site.secrets["officer"])
    terminal.type("type the label of the lost carrier to confirm", label.lower().encode())
    terminal.type("in the same bag?", b"no")

    assert 0 == terminal.end(), terminal.seen
    assert f"{label}: revoked" in terminal.seen


@pytest.mark.parametrize("right", [True, False])
def test_an_order_is_shown_and_two_of_its_words_are_asked_for(
    ordered_site: Any, copy_site: Any, tmp_path: Path, right: bool
) -> None:
    """Whoever types other words is asked for no passphrase: no key is touched."""
    site = copy_site(ordered_site, tmp_path / "site")
    environ = {"AZUKARI_HOME": str(site.office), "AZUKARI_PERSON": str(site.persons)}
    terminal = Terminal(("order", "approve", site.order, "--as", "requester"), environ)
    terminal.wait("the first and the last of the eight words: ")
    (shown,) = re.findall("eight words +([a-z-]+)", terminal.seen)
    first, *between, last = shown.split("-")
    terminal.type("", f"{first} {last if right else between[0]}".encode())
    if right:
        terminal.type("passphrase of requester: ", site.secrets["requester"])

    assert 9 == terminal.end()
    reason = "approver_unknown" if right else "words_of_another_order"
    assert f"  {reason}: " in terminal.seen
    assert right == ("passphrase of requester" in terminal.seen)


def test_attack_a_role_that_those_who_admit_never_see(
    site: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    """The newcomer wrote their own roles: they stand on the screen before any key is asked for."""
    own, somebody = SigningKey.generate(Use.PERSON), [new_id() for _ in range(4)]
    entry = doc.Person(
        id=new_id(),
        party=somebody[0],
        states_employer=somebody[0],
        public=base64_of(own.public.der),
        roles=["operator", "officer\x1b[2K"],
        vouched_by=somebody[1],
        enrolled_by=somebody[2:],
        enrolled_at=0,
    )
    (tmp_path / "half.json").write_bytes(doc.start(entry, own))
    terminal = Terminal(("person", "admit", tmp_path / "half.json", "--as", "officer"), environ)

    terminal.wait("passphrase of officer: ")
    assert "operator, officer\\u001b[2K" in terminal.seen
    terminal.type("", site.secrets["officer"])
    assert 0 != terminal.end()


def test_a_course_is_read_page_by_page_and_answered_by_number(
    site: Any, environ: dict[str, str], tmp_path: Path
) -> None:
    """The right answer is looked for on the screen, as a reader would; one is wrong on purpose."""
    course = load("when-lost", "ja")
    line = ("person", "train", "when-lost", "--as", "clerk", "--lang", "ja", "--to", tmp_path)
    terminal = Terminal(line, environ)
    for page in course.pages:
        terminal.type("Enter キーで次へ: ", b"")
        assert page.heading in terminal.seen
    for number in range(1, course.draw + 1):
        before = len(terminal.seen)
        terminal.wait(f"{number}/{course.draw}: ")
        screen = terminal.seen[before:].replace("\r", "")
        asked = next(q for q in course.questions if q.text in screen)
        shown = dict(re.findall(r"^  (\d)  (.+)$", screen, re.MULTILINE))
        assert sorted(asked.answers) == sorted(shown.values())
        right = next(i for i, answer in shown.items() if answer == asked.answers[asked.right])
        wrong = next(i for i in shown if i != right)
        terminal.type("", (wrong if number == 3 else right).encode())
    terminal.type("passphrase of clerk: ", site.secrets["clerk"])

    assert 0 == terminal.end(), terminal.seen
    assert "7 of 8" in terminal.seen
    assert 1 == sum(question.why in terminal.seen for question in course.questions)
    assert 1 == len(list(tmp_path.glob("training-*.json")))


def test_a_new_passphrase_is_asked_for_twice(tmp_path: Path) -> None:
    line = ["init", "--site", "office", "--single-disk", "--home", tmp_path / "office"]
    line += ["--city", "架空市", "--call", "00-0000-0000", "--origin", "azukari.example/a"]
    line += [word for name in ("one", "two", "three") for word in ("--person", name)]
    terminal = Terminal(tuple(line), {"AZUKARI_PERSON": str(tmp_path / "persons")})
    terminal.type("passphrase of the key service: ", b"right")
    terminal.type("Repeat for confirmation: ", b"wrong")
    terminal.type("passphrase of the key service: ", b"right")
    terminal.type("Repeat for confirmation: ", b"right")
    for name in ("one", "two", "three"):
        terminal.type(f"passphrase of {name}: ", name.encode() * 3)
        terminal.type("Repeat for confirmation: ", name.encode() * 3)

    assert 0 == terminal.end(), terminal.seen
    assert "twotwotwo" not in terminal.seen
    assert (tmp_path / "office" / "azukari.toml").is_file()


def test_a_rehearsal_on_a_terminal_that_cannot_begin_leaves_the_screen_in_order(
    tmp_path: Path,
) -> None:
    """A folder that is not ours is refused first; nothing is played for it."""
    (tmp_path / "dear.txt").write_text("not yours")
    terminal = Terminal(("rehearse", "--residents", "50", "--out", tmp_path), {})

    assert 11 == terminal.end()
    assert "Traceback" not in terminal.seen
