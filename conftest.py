"""Rules for the whole suite: a printed seed, no network, no quiet skips in CI, three budgets.

Tests run in the order core, real, night: what is quick says first what is wrong.  A line for each
tells how long it took beside what it may take; the runner's own closing line is about all three.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from tools import watch

CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
ALLOWED = Path(__file__).parent / "tests" / "allowed_skips.txt"
FIXED_SEED = 20220621

#: How long each part may take on two cores that nobody else uses, in seconds, in running order.
BUDGETS = {"core": 180, "real": 420, "night": 120}

hypothesis.settings.register_profile(
    "house",
    deadline=None,  # two shared cores: a slow example is no wrong one
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")


#: Made here, before a file of tests imports anything; `make test` asks for it.
WATCHED = watch.Plugin() if os.environ.get("AZUKARI_WATCH") else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--test-record",
        type=Path,
        metavar="FILE",
        help="write what `azukari incident evidence --test-record` takes in",
    )


def pytest_configure(config: pytest.Config) -> None:
    if WATCHED is not None:
        config.pluginmanager.register(WATCHED, "watch")
    if getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = FIXED_SEED if CI else secrets.randbelow(1 << 32)


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.hypothesis_seed} (again: --hypothesis-seed=N)"


def part_of(item: pytest.Item) -> str:
    """Which part a test is in, by its marks."""
    marked = {mark.name for mark in item.iter_markers()}
    return next((part for part in ("night", "real") if part in marked), "core")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Stable: inside a part the tests stay in their order, and fixtures of a file are made once.
    items.sort(key=lambda item: list(BUDGETS).index(part_of(item)))
    for item in items:
        item.user_properties.append(("part", part_of(item)))


@pytest.fixture(autouse=True, scope="session")
def _offline() -> Iterator[None]:
    """Nothing here asks another machine; loopback is ours."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if host not in ("::1", "localhost") and not host.startswith("127."):
                raise AssertionError(f"a test tried to reach {host}")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


def pytest_terminal_summary(terminalreporter: Any) -> None:
    # Two workers at once: a part of many tests takes half of what they take together.
    workers = int(getattr(terminalreporter.config.option, "numprocesses", None) or 1)
    lines = closing_lines(terminalreporter.stats, workers)
    if len(lines) > 1:
        terminalreporter.section("parts")
        for line in lines:
            terminalreporter.write_line(line)
    if quiet := _not_allowed(terminalreporter):
        terminalreporter.section("skips that are not in tests/allowed_skips.txt")
        for line in quiet:
            terminalreporter.write_line(line)


def closing_lines(stats: Mapping[str, Sequence[Any]], workers: int = 1) -> list[str]:
    """One line for each part that ran: how its tests ended, how long all of it took."""
    ended: dict[str, Counter[str]] = {part: Counter() for part in BUDGETS}
    took: Counter[str] = Counter()
    for word, reports in stats.items():
        for report in reports if word != "deselected" else ():
            part = dict(getattr(report, "user_properties", ())).get("part")
            if part is not None:
                took[part] += report.duration
                ended[part][word or "made and unmade"] += 1
    words = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
    return [
        f"{part}: {', '.join(f'{ended[part][w]:,} {w}' for w in words if ended[part][w])}"
        f" in {took[part] / min(workers, sum(ended[part][w] for w in words)):.0f} s of {budget} s"
        for part, budget in BUDGETS.items()
        if any(ended[part][w] for w in words)
    ]


def record_of(stats: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """How the whole run ended, with the digest of the files that were tested."""
    # Late: what is tested is imported by its tests first.
    from importlib.metadata import version

    from azukari.shelf import source

    ended = {word: len(reports) for word, reports in stats.items()}
    return {
        "v": 1,
        "version": version("azukari"),
        "source_sha256": source.digest(),
        "python": platform.python_version(),
        "ended_at": time.time_ns() // 1_000_000,
        "passed": ended.get("passed", 0),
        "failed": sum(ended.get(word, 0) for word in ("failed", "error", "xpassed")),
        "skipped": ended.get("skipped", 0) + ended.get("xfailed", 0),
        "left_out": ended.get("deselected", 0),
    }


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    path = session.config.getoption("--test-record")
    # A worker of several knows its own tests only.
    if path is not None and reporter is not None and not hasattr(session.config, "workerinput"):
        path.write_text(json.dumps(record_of(reporter.stats), indent=1) + "\n", encoding="utf-8")
    if CI and reporter is not None and _not_allowed(reporter) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _not_allowed(reporter: Any) -> list[str]:
    allowed = {
        line.strip()
        for line in ALLOWED.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    found = []
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if reason not in allowed:
            found.append(f"{report.nodeid}: {reason}")
    return found
