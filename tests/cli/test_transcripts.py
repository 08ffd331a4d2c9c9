"""Transcripts: what a person types and what they see, read from tests/transcripts and played.

A line of prose begins with ``# ``, a command with ``$ ``; what it prints follows, until an empty
line before the next of these.  ``…`` stands for anything, alone on a line for any lines; ``{name}``
is whatever word stood there first, the same from then on.  ``[exit 9]`` is the exit code, where it
is not 0.  A command that ends with ``&`` is a program of its own, which says two lines and listens
until ``kill %1`` shows what it said since.  The walk in docs/start.md is played too: its console
blocks, with the ids of another run.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from azukari.cli import main
from azukari.rehearse.clock import ms

pytestmark = pytest.mark.real

FOLDER = Path(__file__).parent.parent / "transcripts"
FILES = [*sorted(FOLDER.glob("*.txt")), FOLDER.parent.parent / "docs" / "start.md"]
NAME = re.compile(r"\{([a-z]+)\}")


@dataclass
class Play:
    """One transcript while it is played, in a folder of its own."""

    patch: pytest.MonkeyPatch
    now: Callable[[], int] | None = None
    known: dict[str, str] = field(default_factory=dict)
    job: subprocess.Popen[str] | None = None

    def command(self, line: str) -> tuple[int, str]:
        """Run one line as a shell would, as far as transcripts need one."""
        line = NAME.sub(lambda found: self.known[found[1]], line)
        before, piped, after = line.partition(" | ")
        words = shlex.split(after if piped else line)
        stdin = " ".join(shlex.split(before)[1:]) + "\n" if piped else ""
        if words[0] == "export":
            for word in words[1:]:
                self.patch.setenv(*word.split("=", 1))
            return 0, ""
        if words[0] == "clock":
            # A clock that moves, as clocks do.
            self.now = itertools.count(ms(" ".join(words[1:]))).__next__
            return 0, ""
        if words[0] == "mkdir":
            for word in words[1:]:
                Path(word).mkdir(parents=True)
            return 0, ""
        if words[0] == "cat":
            *parts, _, whole = words[1:]
            Path(whole).write_text("".join(f"{Path(part).read_text().strip()}\n" for part in parts))
            return 0, ""
        if words[0] == "cp":
            Path(words[2]).write_bytes(Path(words[1]).read_bytes())
            return 0, ""
        if words[0] == "echo":
            text, how, path = " ".join(words[1:-2]), words[-2], Path(words[-1])
            old = path.read_text() if how == ">>" else ""
            path.write_text(f"{old}{text}\n")
            return 0, ""
        if words[0] == "mv":
            Path(words[1]).rename(words[2])
            return 0, ""
        if words == ["kill", "%1"]:
            return self.end()
        assert words[0] == "azukari", f"a transcript cannot run {words[0]}"
        if words[-1] == "&":
            return self._behind(words[1:-1])
        return self._azukari(words[1:], stdin)

    def _behind(self, words: list[str]) -> tuple[int, str]:
        """Start a program that listens; the two lines it says first.

        Its clock stands at the transcript's: one of its own that moved would get ahead of whoever
        asks it, and it answers nobody who signed before it began.
        """
        start = (
            "import sys; from azukari.cli import main; "
            f"sys.exit(main(sys.argv[1:], lambda: {self.now and self.now()}))"
        )
        self.job = subprocess.Popen(
            [sys.executable, "-c", start, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        assert self.job.stdout is not None
        return 0, "".join(self.job.stdout.readline() for _ in range(2))

    def end(self) -> tuple[int, str]:
        """End the program that listens, if there is one; its exit code, and what it said since."""
        if self.job is None:
            return 0, ""
        job, self.job = self.job, None
        job.terminate()
        said = "".join(job.communicate(timeout=120))
        return job.returncode, said

    def _azukari(self, words: list[str], stdin: str) -> tuple[int, str]:
        said = io.StringIO()
        opened = {}
        for word in [word for word in words if re.fullmatch(r"[3-9]<.+", word)]:
            words.remove(word)
            opened[word[0]] = os.open(word[2:], os.O_RDONLY)
        for i, word in enumerate(words):
            if word.endswith("-fd"):
                words[i + 1] = str(opened[words[i + 1]])
        try:
            self.patch.setattr(sys, "stdin", io.StringIO(stdin))
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                code = main(words, self.now)
        finally:
            for handle in opened.values():
                os.close(handle)
        return code, said.getvalue()

    def compare(self, expected: str, said: str) -> bool:
        """Is this what was expected?  Names that stood there for the first time are learnt."""
        match = re.fullmatch(self._pattern(expected), said)
        if match is not None:
            self.known |= match.groupdict()
        return match is not None

    def _pattern(self, expected: str) -> str:
        learnt: set[str] = set()

        def word(found: re.Match[str]) -> str:
            name = found[1]
            if name in self.known:
                return re.escape(self.known[name])
            if name in learnt:
                return f"(?P={name})"
            learnt.add(name)
            return rf"(?P<{name}>\S+)"

        parts = []
        for line in expected.splitlines(keepends=True):
            if line == "…\n":
                parts.append(r"(?:.*\n)*?")
                continue
            pieces = re.split(r"(…|\{[a-z]+\})", line)
            for piece in pieces:
                named = NAME.fullmatch(piece)
                if named:
                    parts.append(word(named))
                else:
                    parts.append("[^\n]*" if piece == "…" else re.escape(piece))
        return "".join(parts)


def steps(text: str) -> Iterator[tuple[str, str, int]]:
    """Command, expected output, expected exit code."""
    for block in re.split(r"^(?=\$ )", text, flags=re.MULTILINE)[1:]:
        block = re.split(r"\n\n(?=# |\Z)", block)[0].strip("\n")
        command, *lines = block.split("\n")
        code = 0
        if lines and (found := re.fullmatch(r"\[exit (\d+)\]", lines[-1])):
            code = int(found[1])
            lines.pop()
        yield command[2:], "".join(f"{line}\n" for line in lines), code


#: What differs from one run to the next: ids, their beginnings, labels, digests and their words.
CHANCE = re.compile(
    r"\b[0-7][0-9a-hjkmnp-tv-z]{25}\b|\bC-[0-9A-Z]{4}-[0-9A-Z]{2}\b|\b[0-9a-f]{64}\b"
    r"|\b(?=[a-z]*\d)[0-9a-hjkmnp-tv-z]{6}\b"
    r"|\b(?:[krnm][aoui]){3}(?:-(?:[krnm][aoui]){3}){7}\b"
    r"|[か-ろ]{3}(?:・[か-ろ]{3}){7}"
)


def walk(page: str) -> str:
    """A page's console blocks as a transcript; whatever is random becomes a name."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        number = names.setdefault(found[0], f"x{len(names)}")
        return "{" + number.translate(str.maketrans("0123456789", "abcdefghij")) + "}"

    parts = []
    told = r"<!-- clock: ([0-9: -]+?) -->|```console\n(.*?)\n```"
    for clock, block in re.findall(told, page, re.DOTALL):
        parts.append(f"$ clock {clock}" if clock else CHANCE.sub(name, block))
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_transcript_comes_out_as_it_is_written(
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    text = file.read_text(encoding="utf-8")
    text = walk(text) if file.suffix == ".md" else text
    play = Play(monkeypatch)
    request.addfinalizer(play.end)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "AZUKARI_HOME", "AZUKARI_PERSON"):
        monkeypatch.delenv(name, raising=False)
    if found := re.search(r"^# site: (\w+)$", text, flags=re.MULTILINE):
        site = request.getfixturevalue("copy_site")(
            request.getfixturevalue(f"{found[1]}_site"), tmp_path / "rehearsal"
        )
        play.known |= {"order": site.order}
    if found := re.search(r"^# clock: (.+)$", text, flags=re.MULTILINE):
        play.command(f"clock {found[1]}")
    monkeypatch.chdir(tmp_path)

    for command, expected, code in steps(text):
        if "{household}" in command:
            play.known["household"] = _household(tmp_path)
        got, said = play.command(command)

        assert play.compare(expected, said), (
            f"$ {command}\n--- said\n{said}--- expected\n{expected}"
        )
        assert code == got, f"$ {command}\n{said}"


def _household(folder: Path) -> str:
    """The number of a household of the invented city; it never stands in a transcript."""
    with (folder / "city" / "register.csv").open(encoding="cp932", newline="") as file:
        return next(iter(csv.DictReader(file)))["世帯番号"]


def test_there_are_transcripts() -> None:
    assert FILES


@pytest.mark.parametrize(
    ("expected", "said", "same"),
    [
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b d\n", False),
        ("a\n…\nz\n", "a\nb\nc\nz\n", True),
        ("a\n…\nz\n", "a\nz\n", True),
        ("{x} {x}\n", "1 1\n", True),
        ("{x} {x}\n", "1 2\n", False),
        ("a\n", "a\nb\n", False),
    ],
)
def test_a_transcript_that_is_not_kept_is_noticed(expected: str, said: str, same: bool) -> None:
    assert same == Play(pytest.MonkeyPatch()).compare(expected, said)
