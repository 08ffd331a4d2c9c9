"""The suite watched: no resident's value in what its tests write, say, log, ask for or raise.

A plugin of the tests, on in ``make test``.  Every roll that a test, or a program that it started,
takes in lends its values; at the end everything that the tests wrote under their temporary folders
(contents and names, `tools.sweep`), said on stdout or stderr, heard from programs they started,
logged, asked for as a URL or raised as an error of ours is searched for them, with the one search
of the house (`azukari.rehearse.search`).  A hit fails the session with the file or the test and the
kind, never the value; ``tests/allowed_values.txt`` names what may hold some, each with a reason.

Not looked at: what a test took away again before the end, a PostgreSQL server's folder, what a
program said that was not waited for by ``communicate``, rolls of more people than `MOST_ROWS`, and
rolls that hypothesis makes up.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import http.client
import io
import logging
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from tools.sweep import Sweep

ALLOWED: Final = Path(__file__).parent.parent / "tests" / "allowed_values.txt"
LISTEN: Final = str(Path(__file__).parent / "listen")  # what the programs of tests run first
MOST_ROWS: Final = 30_000  # of one roll
SIZES: Final = ("written", "searched", "sealed", "closed")
WAYS: Final = ("stdout", "stderr", "program", "log", "url", "error")


@dataclass
class Watch:
    """What one process of the suite did; `search` is asked once, at its end."""

    allowed: list[tuple[str, str]]  # pattern of a test or file, way out
    rolls: dict[bytes, Any] = field(default_factory=dict)
    lines: dict[str, dict[str, str]] = field(default_factory=dict)  # way out -> line -> first test
    test: str = "between tests"
    bytes: Counter[str] = field(default_factory=Counter)  # how many were written, searched, …

    def roll(self, roll: Any) -> None:
        """From now on these people's values must stand nowhere."""
        register = roll.register
        if not 0 < register.num_rows <= MOST_ROWS:
            return
        known = hashlib.blake2b(digest_size=16)
        for column in ("resident", "name", "address"):
            known.update("\0".join(map(str, register[column].to_pylist())).encode())
        self.rolls.setdefault(known.digest(), roll)

    def lent(self, folder: Path) -> None:
        """The rolls that programs took in, from the folder where they left them."""
        for path in sorted(folder.iterdir()):
            if path.suffix != ".part":  # of a program that was killed as it wrote
                self.roll(pickle.loads(path.read_bytes()))  # noqa: S301  a folder of our own

    def said(self, way: str, text: object) -> None:
        """Something left a test by one way: each line is kept once, with who said it first."""
        if isinstance(text, bytes | bytearray):
            text = bytes(text).decode("utf-8", "backslashreplace")
        if not isinstance(text, str):
            return
        lines = self.lines.setdefault(way, {})
        for line in text.splitlines():
            lines.setdefault(line, self.test)

    def search(self, folder: Path) -> list[str]:
        """One line for each place that holds a value, of which kinds; none: all is well."""
        values = self.values()
        if values is None:
            return []
        values.self_test()
        sweep = Sweep(values)
        sweep.knows(ALLOWED.parents[1])
        for way, lines in self.lines.items():
            for line, test in lines.items():
                sweep.say((test, way), line.encode("utf-8", "backslashreplace"))
        sweep.folder(folder, lambda place: self._may(place, "content"))
        found = sweep.finish()
        self.bytes = sweep.bytes
        return [
            f"{_shown(values, place)}: {way}: {', '.join(kinds)}"
            for place, way, kinds in found
            if not self._may(place, way)
        ]

    def values(self) -> Any:
        """Every value of every roll that was taken in; None where there was none."""
        import pyarrow as pa

        from azukari.rehearse.run import PUBLIC
        from azukari.rehearse.search import Values
        from azukari.roll.columns import Roll

        rolls = list(self.rolls.values())
        if not rolls:
            return None
        tables = [
            pa.concat_tables([getattr(roll, name) for roll in rolls])
            for name in ("register", "tax", "accounts")
        ]
        return Values.of(Roll(*tables), public=PUBLIC)

    def _may(self, place: str, way: str) -> bool:
        return any(
            way == of and fnmatch.fnmatchcase(place, pattern) for pattern, of in self.allowed
        )


def _shown(values: Any, place: str) -> str:
    """A path as it may be printed: a name with a value in it is not."""
    return "/".join(
        "(a name with a value)" if values.search_name(name) else name for name in place.split("/")
    )


def allowed(path: Path = ALLOWED) -> list[tuple[str, str]]:
    """The lines of the list: a way out, a pattern of tests or files, why."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            way, pattern, _why = line.split(maxsplit=2)  # a line without a reason is none
            found.append((pattern, way))
    return found


class Plugin:
    """What pytest calls; in a run of several processes each watches what it does itself."""

    def __init__(self) -> None:
        self.watch = Watch(allowed())
        self._found: list[str] = []
        self._bytes: Counter[str] = Counter()
        self._took = 0.0
        self._stack = contextlib.ExitStack()
        self._lent = Path(tempfile.mkdtemp(prefix="azukari-watch-"))
        # One process of a run, or a run inside a run, watches itself and lends to nobody.
        if hasattr(listening := sys.modules.get("sitecustomize"), "FOLDER"):
            listening.FOLDER = ""  # type: ignore[union-attr]  # it has one: it is ours
        self._stack.callback(shutil.rmtree, self._lent)
        # At once, before any file of tests imports by name what is listened at.
        for owner, name, wrapped in _taps(self.watch, self._lent):
            self._stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, wrapped)

    def pytest_unconfigure(self) -> None:
        self._stack.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.watch.test = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.watch.test = report.nodeid
        if report.passed:
            for title, text in report.sections:
                self.watch.said("log" if "log" in title else title.split()[1], text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        config = session.config
        factory = getattr(config, "_tmp_path_factory", None)
        told = hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)
        if told and factory is not None:
            begun = time.perf_counter()
            self.watch.lent(self._lent)
            self._found += self.watch.search(factory.getbasetemp())
            self._bytes, self._took = self.watch.bytes, time.perf_counter() - begun
        worker = getattr(config, "workeroutput", None)
        if worker is not None:
            worker["watched"] = (self._found, dict(self._bytes), self._took)
        elif self._found and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        told = getattr(node, "workeroutput", {}).get("watched")
        found, size, took = told or (["a process of this run ended unsearched"], {}, 0.0)
        self._found += found
        self._bytes.update(size)
        self._took = max(self._took, took)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("watch")
        size = {what: f"{self._bytes[what] / 1e6:,.1f} MB" for what in SIZES}
        terminalreporter.write_line(
            f"of {size['written']} written {size['searched']} are new and were searched in "
            f"{self._took:.0f} s ({size['sealed']} sealed and {size['closed']} of papers and "
            "pictures as they stand)"
        )
        if self._found:
            terminalreporter.section("a resident's value where none may stand")
            for line in sorted(self._found):
                terminalreporter.write_line(line)


def _taps(watch: Watch, lent: Path) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    """What is listened at: where, by which name, and what stands there while tests run."""
    from _pytest.capture import CaptureFixture

    from azukari import errors
    from azukari.roll import intake

    taking, reading = intake.take_in, CaptureFixture.readouterr
    leaving = contextlib.redirect_stdout.__exit__
    communicate, asking = subprocess.Popen.communicate, http.client.HTTPConnection.putrequest
    record, raised = logging.LogRecord.__init__, errors.AzukariError.__init__
    starting: Any = subprocess.Popen.__init__

    def take_in(*given: Any, **named: Any) -> Any:
        import hypothesis

        taken = taking(*given, **named)
        if not hypothesis.currently_in_test_context():
            watch.roll(taken.roll)
        return taken

    def readouterr(self: Any) -> Any:
        found = reading(self)
        watch.said("stdout", found.out)
        watch.said("stderr", found.err)
        return found

    def left(self: Any, *given: Any) -> Any:
        if isinstance(self._new_target, io.StringIO):
            watch.said(self._stream, self._new_target.getvalue())
        return leaving(self, *given)

    def started(self: Any, *given: Any, env: Any = None, **named: Any) -> None:
        environ = dict(os.environ if env is None else env)
        paths = [LISTEN, *filter(None, [environ.get("PYTHONPATH")])]
        environ |= {"AZUKARI_WATCH_ROLLS": str(lent), "PYTHONPATH": os.pathsep.join(paths)}
        starting(self, *given, env=environ, **named)

    def heard(self: Any, *given: Any, **named: Any) -> Any:
        out, err = communicate(self, *given, **named)
        watch.said("program", out)
        watch.said("program", err)
        return out, err

    def asked(self: Any, method: str, url: str, *given: Any, **named: Any) -> Any:
        watch.said("url", url)
        return asking(self, method, url, *given, **named)

    def logged(self: Any, *given: Any, **named: Any) -> None:
        record(self, *given, **named)
        watch.said("log", f"{self.msg} {self.args}")

    def said(self: Any, *given: Any) -> None:
        raised(self, *given)
        for each in given:
            watch.said("error", each)

    yield intake, "take_in", take_in
    yield CaptureFixture, "readouterr", readouterr
    yield contextlib.redirect_stdout.__mro__[1], "__exit__", left
    yield subprocess.Popen, "__init__", started
    yield subprocess.Popen, "communicate", heard
    yield http.client.HTTPConnection, "putrequest", asked
    yield logging.LogRecord, "__init__", logged
    yield errors.AzukariError, "__init__", said
