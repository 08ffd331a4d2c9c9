"""The word of the program in Go that shares no line with ours, where it can be built.

Its source lies in the checkout (tests/verifiers) and not in what is installed from a wheel; where
it is missing, or Go, that is said and nothing is claimed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from azukari.desk.witnesses import WHICH, Which
from azukari.ledger.checkpoint import parse_checkpoint, split_note
from azukari.ledger.tiles import CHECKPOINT_PATH
from azukari.seal.envelope import base64_of

_CHECKOUT: Final = Path(__file__).parents[3]
_BUILD: Final = _CHECKOUT / "tools" / "verifier.sh"
_SOURCES: Final = _CHECKOUT / "tests" / "verifiers"
_MADE: Final = _CHECKOUT / "dist" / "azukari-verify"
_TIMEOUT_S: Final = 300

NOT_ASKED: Final = "not checked here: not asked for"
NO_SOURCE: Final = "not checked here: its source is in the checkout and not in what is installed"
NO_GO: Final = "not checked here: no Go, or not its library"


@dataclass(frozen=True)
class Building:
    """The program as it is being built, or why it cannot be."""

    path: Path = _MADE
    running: subprocess.Popen[bytes] | None = None
    why: str = ""

    def done(self) -> str:
        """Wait for it; empty, or why there is no program."""
        if self.running is not None and self.running.wait(_TIMEOUT_S) != 0:
            return NO_GO
        return self.why

    def stop(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.kill()
            self.running.wait()


NOBODY: Final = Building(why=NOT_ASKED)


def begin(to: Path) -> Building:
    """Build it into a folder while the night goes on; one that `make verifier` made is taken."""
    sources = [*_SOURCES.glob("*.go"), _BUILD]
    if not all(path.is_file() for path in sources) or len(sources) == 1:
        return Building(to, why=NO_SOURCE)
    if shutil.which("go") is None:
        return Building(to, why=NO_GO)
    newest = max(path.stat().st_mtime for path in sources)
    if _MADE.is_file() and _MADE.stat().st_mtime >= newest:
        return Building(_MADE)
    target = to / _MADE.name
    quiet = subprocess.DEVNULL
    running = subprocess.Popen([_BUILD, target], stdout=quiet, stderr=quiet)  # noqa: S603  our own
    return Building(target, running)


def word(
    building: Building, folder: Path, logs: Mapping[Which, str], witnesses: Sequence[str]
) -> dict[str, Any]:
    """What it says of both exported ledgers, given the verifiers of logs and witnesses."""
    why = building.done()
    if why:
        return {"checked": False, "why": why}
    found: dict[str, Any] = {
        which: _one(building.path, folder / which, logs[which], witnesses) for which in WHICH
    }
    return {"checked": True, "agrees": all(one["agrees"] for one in found.values())} | found


def in_words(said: Mapping[str, Any]) -> str:
    """Its word in a few words."""
    if not said["checked"]:
        return str(said["why"])
    return "verified the same" if said["agrees"] else "verified something else"


def _one(program: Path, folder: Path, log: str, witnesses: Sequence[str]) -> dict[str, Any]:
    named = [arg for vkey in witnesses for arg in ("--witness", vkey)]
    ran = subprocess.run(  # noqa: S603  what we built just now
        [program, "verify", folder, log, *named],
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    try:
        said: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        said = {"ok": False, "error": "no answer"}
    return said | {"agrees": ran.returncode == 0 and _same(said, folder, len(witnesses))}


def _same(said: Mapping[str, Any], folder: Path, witnesses: int) -> bool:
    """The head that we verified, and cosigned to its end by everybody who was named."""
    head = parse_checkpoint(split_note((folder / CHECKPOINT_PATH).read_bytes())[0])
    whole = (head.origin, head.size, base64_of(head.root))
    return (
        said.get("ok") is True
        and whole == (said.get("log"), said.get("size"), said.get("root"))
        and [head.size] * witnesses == [one["size"] for one in said.get("cosigned", ())]
    )
