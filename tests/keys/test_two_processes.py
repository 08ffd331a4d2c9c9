"""A revocation and releases in two processes on one keys.db, many rounds, and a process killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from azukari.errors import Refused
from azukari.ledger import acts
from azukari.names import new_id
from azukari.seal import documents as doc

pytestmark = pytest.mark.real

ROUNDS = 12
#: Asks for one key again and again, an act each; says each act only once it has the key.
RELEASES = """
import json, sys
from pathlib import Path
from azukari.errors import AzukariError, Refused
from azukari.keys.service import open_keys
from azukari.names import new_id

given = json.loads(sys.stdin.readline())
keeper = open_keys(Path(given["home"]), bytes.fromhex(given["secret"]), lambda: given["now"])
print("ready", flush=True)
while True:
    act = new_id()
    try:
        key = keeper.release_to_seal(act, given["by"], given["carrier"])
    except Refused:
        continue
    assert len(key) == 32
    print(act, flush=True)
"""


@contextlib.contextmanager
def releasing(city: Any) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Another process that has itself given the roll's key, as fast as it can; killed at the end.

    What it said it got is in the list when the block is over.
    """
    given = {
        "home": str(city.keys_home),
        "secret": city.passphrase.hex(),
        "now": city.clock.now(),
        "by": city.person("clerk"),
        "carrier": city.roll,
    }
    got: list[str] = []
    program = subprocess.Popen(
        [sys.executable, "-c", RELEASES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    # Read all the time: a full pipe would hold it up.
    reader = threading.Thread(target=got.extend, args=(program.stdout,))
    try:
        program.stdin.write(json.dumps(given) + "\n")
        program.stdin.flush()
        assert "ready\n" == program.stdout.readline()
        reader.start()
        yield program, got
    finally:
        program.kill()
        program.wait(60)
        if reader.is_alive():
            reader.join(60)
        program.stdin.close()
        program.stdout.close()


def restore(city: Any, revocation: str) -> None:
    words = [
        doc.issue(
            doc.Restoration(
                id=new_id(),
                carrier=city.roll,
                person=city.person(name),
                revocation=revocation,
                at=city.clock.now(),
            ),
            city.cast.signer(name),
        )
        for name in ("officer", "approver_1")
    ]
    city.keeper.restore(new_id(), city.person("officer"), city.roll, words)


def test_attack_revoke_race_with_releases_of_another_process(city: Any) -> None:
    """No release stands after its revocation, and no key left whose entry is not durable."""
    by = city.person("officer")
    with releasing(city) as (program, got):
        for _ in range(ROUNDS):
            time.sleep(0.05)  # let some through
            act = new_id()
            city.keeper.revoke(act, by, [city.roll], None)
            with pytest.raises(Refused, match="carrier_is_revoked"):
                city.keeper.release_to_seal(new_id(), by, city.roll)
            restore(city, act)
        assert program.poll() is None

    entries = city.entries("keys")
    released = [e.act for e in entries if e.type == "key.released.roll" and city.roll in e.refs]
    assert ROUNDS == sum(e.type == "carrier.revoked" for e in entries)
    assert [] == acts.order_of_revocations(entries)
    # The process was killed while it worked: more may be recorded than left, never less.
    left = [line.strip() for line in got if line.endswith("\n")]
    assert len(left) > ROUNDS
    assert set(left) <= set(released)
    city.keeper.verify()
