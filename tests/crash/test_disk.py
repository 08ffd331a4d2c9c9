"""A disk that is really full, or read-only: every act says so, and nothing is half done.

The homes lie on a small file system in memory, which the kernel fills and protects as it does any
other.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import people, take_in
from azukari.desk.audit import audit
from azukari.desk.tick import tick
from azukari.errors import Unreachable
from azukari.names import new_id
from azukari.seal import documents as doc

pytestmark = pytest.mark.real

MIB = 1 << 20


class Disk:
    """A file system of our own; ``place`` is where it is mounted."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()

    def mount(self, options: str) -> bool:
        line = ["mount", "-t", "tmpfs", "-o", options, "none", str(self.place)]
        return subprocess.run(line, capture_output=True, check=False).returncode == 0

    def fill(self) -> None:
        """Until not one byte more has room."""
        with (self.place / "ballast").open("ab", buffering=0) as file:
            for size in (MIB, 4096, 1):
                while True:
                    try:
                        file.write(bytes(size))
                    except OSError:
                        break

    def clear(self) -> None:
        (self.place / "ballast").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    if sys.platform != "linux" or os.geteuid() != 0 or not made.mount("size=16m"):
        pytest.skip("nothing can be mounted here: that takes root on Linux")
    yield made
    subprocess.run(["umount", "-l", str(made.place)], capture_output=True, check=False)


@pytest.fixture
def town(at_six: Any, disk: Disk) -> Iterator[Any]:
    """The city at 18:00, everything it keeps on that disk."""
    at_six.close()
    moved = dataclasses.replace(
        at_six,
        out=disk.place / "city",
        cast=dataclasses.replace(at_six.cast, folder=disk.place / "city" / "persons"),
        _devices=[],
    )
    shutil.copytree(at_six.out, moved.out)
    moved.open()
    yield moved
    moved.close()
    at_six.open()  # closed by whoever made it


def acts(town: Any) -> dict[str, Callable[[], object]]:
    """One of each kind: records, keys, files."""
    by = town.person("requester")
    return {
        "document": lambda: people.add_party(town.office, "例示二次受託", "sub-contractor"),
        "grant": town.ask,
        "take in": lambda: take_in.take_in_roll(town.office, town.out / "city", by),
        "heartbeat": lambda: town.office.follow_keys(),
    }


def use_up(town: Any) -> None:
    """Act until the write-ahead logs have no old room left, either."""

    def believe() -> None:
        party = doc.Party(id=new_id(), name="例示二次受託", role="sub-contractor")
        town.keeper.believe([doc.issue(party, town.office.signers["enrol"])])

    for act in (acts(town)["document"], believe):
        with pytest.raises(Unreachable):
            again_and_again(act)


def again_and_again(act: Callable[[], object]) -> None:
    for _ in range(2_000):
        act()


def whole(town: Any) -> None:
    """After a tick nothing is missing, and everything goes on."""
    tick(town.office)
    assert [] == audit(town.office)
    for act in acts(town).values():
        act()
    assert [] == audit(town.office)
    town.keeper.verify()


def types(town: Any) -> list[list[str]]:
    return [town.types(which) for which in ("office", "keys")]


@pytest.mark.parametrize("act", ["document", "take in", "grant"])
def test_on_a_full_disk_an_act_says_so_and_goes_on_when_there_is_room(
    town: Any, disk: Disk, act: str
) -> None:
    disk.fill()
    use_up(town)
    before = types(town)

    with pytest.raises(Unreachable) as told:
        acts(town)[act]()

    assert told.value.__cause__ is None
    assert before == types(town)
    disk.clear()
    whole(town)


def test_a_loss_on_a_full_disk_says_not_yet_revoked_and_is_declared_again(
    town: Any, disk: Disk
) -> None:
    disk.fill()
    use_up(town)

    with pytest.raises(Unreachable, match="NOT YET REVOKED"):
        town.lose()

    assert "carrier.revoked" not in town.types("keys")
    disk.clear()
    assert town.lose().revoked
    tick(town.office)
    assert [] == audit(town.office)


def test_where_only_the_keys_disk_is_full_a_loss_is_recorded_and_revoked_when_there_is_room(
    at_six: Any, disk: Disk
) -> None:
    at_six.close()
    shutil.move(at_six.keys_home, disk.place / "keys")
    at_six.keys_home.symlink_to(disk.place / "keys")
    at_six.open()
    disk.fill()
    use_up(at_six)

    assert not at_six.lose().revoked  # the page says: NOT YET REVOKED
    assert not tick(at_six.office).finished
    assert "carrier.lost" in at_six.types("office")
    assert "carrier.revoked" not in at_six.types("keys")

    disk.clear()
    tick(at_six.office)
    assert "carrier.revoked" in at_six.types("keys")
    assert [] == audit(at_six.office)


def test_programs_do_not_start_on_a_full_disk_and_do_when_there_is_room(
    town: Any, disk: Disk
) -> None:
    town.close()
    disk.fill()

    with pytest.raises(Unreachable, match=r"keys\.db"):
        town.open()

    disk.clear()
    town.open()
    whole(town)


def test_programs_do_not_start_on_a_read_only_disk_and_a_copy_of_the_homes_is_read(
    town: Any, disk: Disk, tmp_path: Path
) -> None:
    before = types(town)
    town.close()
    assert disk.mount("remount,ro")

    with pytest.raises(Unreachable, match=r"keys\.db"):
        town.open()

    shutil.copytree(town.out, tmp_path / "copy")
    read = dataclasses.replace(town, out=tmp_path / "copy")
    read.open()
    assert before == types(read)
    assert [] == audit(read.office)
    read.close()
    assert disk.mount("remount,rw")
    town.open()
    whole(town)
