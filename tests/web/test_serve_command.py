"""`azukari serve` as a program of its own, stopped by its id."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from azukari import settings
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


def test_an_address_that_is_not_ours_cannot_be_listened_at() -> None:
    with pytest.raises(Unreachable):
        free_port("192.0.2.1", 0)
