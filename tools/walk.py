"""Type a page's console blocks again and write down what they print now.

    python -m tools.walk docs/start.md

The commands of the page are played in an empty folder, as its test plays them; what is random in an
old command (ids, labels, digests) is replaced by what stood in its place this time.  A command that
a page gained may use ``{name}``, where ``{name}`` stands in the output above it that somebody wrote
by hand; the page then holds what was really printed.  The page is replaced only when every command
ended as it says (``[exit 9]``); a ``…`` line keeps its place.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest

HERE: Final = Path(__file__).parent.parent
_BLOCK: Final = re.compile(
    r"<!-- clock: ([0-9: -]+?) -->|(?<=```console\n)(.*?)(?=\n```)", re.DOTALL
)
_NAME: Final = re.compile(r"\{([a-z]+)\}")


def _player() -> Any:
    """The tests' own player, so that nothing is typed otherwise than it is tested."""
    path = HERE / "tests" / "cli" / "test_transcripts.py"
    spec = importlib.util.spec_from_file_location("test_transcripts", path)
    if spec is None or spec.loader is None:
        raise SystemExit("tests/cli/test_transcripts.py is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Walk:
    """One page while it is typed: which old word is which new one."""

    def __init__(self, player: Any, patch: pytest.MonkeyPatch) -> None:
        self.player, self.play = player, player.Play(patch)
        self.new: dict[str, str] = {}  # an old id, or {name} -> what stands there now

    def renewed(self, text: str) -> str:
        """A command with this run's ids."""
        text = _NAME.sub(lambda found: self.new.get(found[0], found[0]), text)
        return self.player.CHANCE.sub(lambda found: self.known(found[0]), text)  # type: ignore[no-any-return]  # a module read by its path

    def known(self, old: str) -> str:
        if old in self.new:
            return self.new[old]
        for longer, now in self.new.items():
            if longer.startswith(old) and len(longer) == 26:
                return now[: len(old)]
        return old

    def learn(self, expected: str, said: str) -> None:
        """Line by line: a line that differs in its random words only says what they are now."""
        lines = said.splitlines()
        for line in expected.splitlines():
            words = [found[0] for found in re.finditer(_words(self.player), line)]
            if not words:
                continue
            pieces = re.split(_words(self.player), line)
            pattern = "(\\S+?)".join(
                "[^\\n]*".join(map(re.escape, re.split("…", piece))) for piece in pieces
            )
            for index, now in enumerate(lines):
                match = re.fullmatch(pattern, now)
                if match:
                    self.new |= dict(zip(words, match.groups(), strict=True))
                    del lines[index]
                    break

    def block(self, text: str) -> str:
        parts = []
        for command, expected, code in self.player.steps(text):
            typed = self.renewed(command)
            print(f"$ {typed}", file=sys.stderr)
            got, said = self.play.command(typed)
            if got != code:
                raise SystemExit(f"$ {typed}\n{said}ended with {got}, the page says {code}")
            self.learn(expected, said)
            old = self.renewed(expected)
            kept = old if self.play.compare(old, said) else said
            parts.append(f"$ {typed}\n{kept}" + (f"[exit {code}]\n" if code else ""))
        return "\n".join(parts).rstrip("\n")


def _words(player: Any) -> str:
    return f"(?:{player.CHANCE.pattern}|\\{{[a-z]+\\}})"


def main(page: Path) -> None:
    """Play the page and replace it."""
    player = _player()
    text = page.read_text(encoding="utf-8")
    patch = pytest.MonkeyPatch()
    patch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "AZUKARI_HOME", "AZUKARI_PERSON"):
        patch.delenv(name, raising=False)
    walk = Walk(player, patch)

    def typed(found: re.Match[str]) -> str:
        if found[1]:
            walk.play.command(f"clock {found[1]}")
            return found[0]
        return walk.block(found[2] + "\n")

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            new = _BLOCK.sub(typed, text)
        finally:
            os.chdir(before)
    page.write_text(new.replace(folder, "…"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
