"""`azukari witness serve` as a program of its own, and an office's tick that speaks to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from azukari import settings
from azukari.desk import witnesses
from azukari.desk.tick import tick
from azukari.witness.site import create, open_site

pytestmark = pytest.mark.real
NAME = "committee.example/w1"


def test_a_tick_is_cosigned_by_a_witness_in_another_process(city: Any, tmp_path: Path) -> None:
    home, office = tmp_path / "committee", city.office
    create(home, NAME)
    settings.write(home, settings.Settings(site="witness", origin=NAME))
    # The program goes by the machine's clock, the city by that of its story, long past.
    city.clock.at = time.time_ns() // 1_000_000
    site = open_site(home, NAME, city.clock.now)
    for vkey in (office.book.verifier(), city.keeper.verifier):
        site.add_log(vkey)
    start = "import sys; from azukari.cli import main; sys.exit(main())"
    line = [sys.executable, "-c", start, "witness", "serve", "--json", "--home", str(home)]
    environ = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as ran:
        assert ran.stdout is not None
        said = b""
        while b"}" not in said:
            said += (byte := ran.stdout.read(1))
            assert byte, ran.stderr and ran.stderr.read().decode()
        told = json.loads(said)
        witnesses.add(office, told["vkey"], told["address"], False, city.person("officer"))
        asked = tick(office).asked
        ran.send_signal(signal.SIGTERM)
        _, spoken = ran.communicate(timeout=20)

    assert [("office", ()), ("keys", ())] == [(one.which, one.why) for one in asked]
    assert 0 == ran.returncode, spoken.decode()
    assert spoken.decode().count("azukari: 200 ") == 2
    assert tick(office).asked == [], "nothing grew: it is not asked, and not missed"
    city.clock.at += 21 * 3_600_000
    [silent] = tick(office).asked
    assert (witnesses.UNREACHABLE,) == silent.why
