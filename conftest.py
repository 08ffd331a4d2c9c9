"""Rules for the whole suite: a printed seed, no network, no quiet skips in CI."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
ALLOWED = Path(__file__).parent / "tests" / "allowed_skips.txt"
FIXED_SEED = 20220621

hypothesis.settings.register_profile(
    "house",
    deadline=None,  # two shared cores: a slow example is no wrong one
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "hypothesis_seed", None) is None:
        config.option.hypothesis_seed = FIXED_SEED if CI else secrets.randbelow(1 << 32)


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.hypothesis_seed} (again: --hypothesis-seed=N)"


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
    if quiet := _not_allowed(terminalreporter):
        terminalreporter.section("skips that are not in tests/allowed_skips.txt")
        for line in quiet:
            terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
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
