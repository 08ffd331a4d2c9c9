"""A program of tests that is started once and does every request in a fork of itself.

What it imports it imports once; a fork may die at any moment, and its parent says how it ended.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Told:
    """What a fork said until it ended, and how it ended."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    code: int = 0

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["say"] == kind]

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Zygote:
    """The program as its tests see it; it does requests one after the other."""

    def __init__(self, script: Path) -> None:
        root = str(Path(__file__).parents[1])
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, root])},
        )

    def request(self, words: dict[str, Any], heard: Callable[[dict[str, Any]], None]) -> Told:
        """Everything a fork said; ``heard`` is called with each line when it comes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        self._process.stdin.flush()
        told = Told()
        for raw in self._process.stdout:
            try:
                line = json.loads(raw)
            except json.JSONDecodeError:  # the end of a word that a death cut off
                continue
            if line["say"] == "end":
                told.code = line["code"]
                return told
            told.lines.append(line)
            heard(line)
        raise AssertionError("the child program ended")

    def close(self) -> None:
        self._process.communicate(timeout=60)


def kill(line: dict[str, Any]) -> None:
    """Kill the fork that said this; it may have ended by itself."""
    with suppress(ProcessLookupError):
        os.kill(line["pid"], signal.SIGKILL)


def say(kind: str, **words: Any) -> None:
    """One line to the tests; it is out before the next step begins."""
    os.write(1, json.dumps({"say": kind, **words}).encode() + b"\n")


def serve(perform: Callable[[dict[str, Any]], None], patience_s: int) -> None:
    """The program's own side: fork for every request, and say how each fork ended."""
    gc.freeze()  # a fork that collects would copy every page of ours
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.alarm(patience_s)
            status = 1
            try:
                perform(json.loads(line))
                status = 0
            except BaseException:  # noqa: BLE001  a fork that comes back would read our requests
                say("broken", trace=traceback.format_exc())
            os._exit(status)
        _, ended = os.waitpid(child, 0)
        os.write(1, b"\n")  # it may have died in the middle of a line
        say("end", code=os.waitstatus_to_exitcode(ended))
