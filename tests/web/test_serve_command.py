"""`azukari serve` as a program of its own, stopped by its id."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from azukari import settings
from azukari.cli import ticking
from azukari.cli.call import Call
from azukari.desk import tick
from azukari.desk.alarms import Alerting
from azukari.errors import Unreachable
from azukari.web.serve import free_port

pytestmark = pytest.mark.real


def test_it_prints_its_port_answers_on_loopback_and_ends_when_told(door: Any) -> None:
    home: Path = door.city.office_home
    if not (home / settings.FILE).exists():
        pytest.fail("the house has no settings")
    start = "import sys; from azukari.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", start, "serve", "--json", "--home", str(home)]
    environ = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as ran:
        assert ran.stdout is not None
        said = b""
        while b"}" not in said:
            said += (byte := ran.stdout.read(1))
            assert byte, ran.stderr and ran.stderr.read().decode()
        told = json.loads(said)
        asked = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=10)
        asked.request("GET", door.shipment)
        assert 404 == asked.getresponse().status
        asked.close()
        ran.send_signal(signal.SIGTERM)
        _, spoken = ran.communicate(timeout=20)

    assert {"address": f"http://127.0.0.1:{told['port']}", "port": told["port"]} == {
        key: told[key] for key in ("address", "port")
    }
    assert 0 == ran.returncode, spoken.decode()
    assert "- - 404" in spoken.decode()
    assert door.carrier not in spoken.decode()


def test_it_ticks_meanwhile_and_goes_on_when_a_round_fails(
    door: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    enough = threading.Event()

    def fails_once(*_: object) -> tick.Ticked:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise Unreachable("the database is busy")
        if len(rounds) == 2:
            raise ZeroDivisionError
        enough.set()
        return tick.Ticked()

    monkeypatch.setattr(ticking, "tick", fails_once)
    call = Call(home=door.city.office_home)
    with ticking.ticking(call, door.city.office, Alerting(), 0.01):
        assert enough.wait(20)

    spoken = capfd.readouterr().err
    assert "the database is busy" in spoken
    assert "ZeroDivisionError" in spoken
    after = len(rounds)
    time.sleep(0.05)
    assert after == len(rounds), "it ends with the program"


def test_what_is_late_is_raised_by_a_program_that_serves(door: Any) -> None:
    city = door.city
    start = "import sys; from azukari.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", start, "serve", "--json", "--home", str(city.office_home)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        ended = time.monotonic() + 20
        while "alarm.raised" not in city.types("office") and time.monotonic() < ended:
            time.sleep(0.1)
        ran.send_signal(signal.SIGTERM)
        ran.communicate(timeout=20)

    assert "alarm.raised" in city.types("office")


def test_an_address_that_is_not_ours_cannot_be_listened_at() -> None:
    with pytest.raises(Unreachable):
        free_port("192.0.2.1", 0)
