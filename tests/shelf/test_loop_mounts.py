"""Carriers on real file systems: FAT32, exFAT and ext4 in images, mounted as a stick would be.

Needs root, loop devices, and the programs that make file systems; where the kernel has no driver,
one in user space does.  What a machine cannot mount is skipped, by a reason that is listed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from azukari.carrier.manifest import PAGES, finder_pages, read_envelope
from azukari.errors import BadInput, MediumFailed
from azukari.shelf import filesystem, medium
from azukari.shelf.folder import Folder
from azukari.shelf.medium import Holds

pytestmark = pytest.mark.real

MIB = 1 << 20
KINDS = ("FAT32", "exFAT", "ext4")
MAKE = {
    "FAT32": ("mkfs.vfat", "-F", "32"),
    "exFAT": ("mkfs.exfat",),
    "ext4": ("mkfs.ext4", "-q"),
}
#: Ways to mount each, the kernel's own first.
MOUNT: dict[str, list[list[str]]] = {
    "FAT32": [["mount", "-t", "vfat", "-o", "utf8"]],
    "exFAT": [["mount", "-t", "exfat"], ["mount.exfat-fuse"]],
    "ext4": [["mount", "-t", "ext4"]],
}
NO_JAPANESE = [
    ["mount", "-t", "vfat", "-o", "utf8=0,iocharset=iso8859-1"],
    ["fusefat", "-o", "rw+"],
]
KIND_TOLD = {"FAT32": {"vfat"}, "exFAT": {"exfat", "fuseblk"}, "ext4": {"ext4"}}


def run(*line: object) -> str | None:
    """What a program of the system said; None where it is missing or failed."""
    words = [str(word) for word in line]
    path = shutil.which(words[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        return None
    done = subprocess.run([path, *words[1:]], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


@dataclass
class Stick:
    """An image that can be put in and pulled out."""

    kind: str
    image: Path
    place: Path
    ways: list[list[str]]
    loop: str | None = field(default=None, init=False)

    def put_in(self) -> bool:
        self.loop = run("losetup", "-f", "--show", self.image)
        if self.loop is None:
            return False
        return any(run(*way, self.loop, self.place) is not None for way in self.ways)

    def take_out(self, *how: str) -> None:
        run("umount", *how, self.place)
        if self.loop is not None:
            run("losetup", "-d", self.loop)
            self.loop = None


Sticks = Callable[..., Stick]


@pytest.fixture
def sticks(tmp_path: Path) -> Iterator[Sticks]:
    """Make a stick of a kind and put it in."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("nothing can be mounted here: that takes root on Linux")
    with ExitStack() as made:

        def stick(kind: str, size: int = 64 * MIB, on: Path = tmp_path, ways: Any = None) -> Stick:
            place = tmp_path / f"stick-{kind}"
            place.mkdir()
            found = Stick(kind, on / f"{kind}.img", place, ways or MOUNT[kind])
            with found.image.open("wb") as file:
                file.truncate(size)
            made.callback(found.take_out, "-l")
            if run(*MAKE[kind], found.image) is None or not found.put_in():
                pytest.skip(f"{kind} cannot be mounted here")
            return found

        yield stick


def fill(folder: Folder, part: str, size: int) -> tuple[str, int]:
    """One part of so many bytes, synced; its digest and size."""
    import hashlib

    block = os.urandom(MIB)
    digest = hashlib.sha256()
    with folder.writing():
        file = folder.new_part(part)
        for start in range(0, size, MIB):
            piece = block[: min(MIB, size - start)]
            file.write(piece)
            digest.update(piece)
        folder.keep(file)
    return digest.hexdigest(), size


@pytest.mark.parametrize("kind", KINDS)
def test_a_carrier_survives_being_pulled_out_and_put_in(sticks: Sticks, kind: str) -> None:
    stick = sticks(kind)
    folder = Folder(stick.place)
    filesystem.check_keeps_names(stick.place, sorted(PAGES))
    folder.begin()
    sealed = {part: fill(folder, part, size) for part, size in (("0042", 3 * MIB), ("m", 70_000))}
    pages = finder_pages("C-7Q4M-2K", "0120-000-000")
    folder.write_pages(pages)
    for part, (sha256, size) in sealed.items():
        folder.read_back(part, sha256, size)
    folder.write_envelope(b"{}")
    assert medium.finish(stick.place)

    stick.take_out()
    assert Holds.NOTHING is medium.holds(stick.place)
    assert stick.put_in()

    seen = medium.look(stick.place)
    assert Holds.CARRIER is seen.holds
    assert "C-7Q4M-2K" == seen.label
    for part, (sha256, size) in sealed.items():
        folder.read_back(part, sha256, size)
    assert all((stick.place / name).read_bytes() == text for name, text in pages.items())


@pytest.mark.parametrize("kind", KINDS)
def test_a_mounted_medium_is_told_from_a_folder(sticks: Sticks, kind: str) -> None:
    seen = medium.look(sticks(kind).place)

    assert seen.mounted
    assert seen.files.kind in KIND_TOLD[kind]
    assert seen.files.writable
    assert 48 * MIB < seen.files.free_bytes < 64 * MIB
    assert 512 <= seen.files.block_bytes <= 1 << 17
    assert Holds.NOTHING is seen.holds
    assert seen.serial is None  # a loop device has none


@pytest.mark.parametrize("kind", KINDS)
def test_room_that_is_said_to_be_enough_is_enough(sticks: Sticks, kind: str) -> None:
    stick = sticks(kind)
    found = filesystem.of(stick.place)
    size = 1_000_003
    count = 1
    with suppress(BadInput):
        while count < 100:
            filesystem.check_room(found, [size] * (count + 1))
            count += 1
    folder = Folder(stick.place)
    folder.begin()

    for part in range(count):
        fill(folder, f"{part:04d}", size)

    assert 40 < count < 68


@pytest.mark.parametrize("kind", KINDS)
def test_a_medium_that_is_really_full_says_so_and_is_cleared(sticks: Sticks, kind: str) -> None:
    stick = sticks(kind)
    folder = Folder(stick.place)
    folder.begin()
    fill(folder, "0001", 3 * MIB)

    with pytest.raises(MediumFailed, match="ENOSPC"):
        fill(folder, "0002", 128 * MIB)

    assert Holds.UNFINISHED is medium.holds(stick.place)
    assert 0 == medium.clear(stick.place)
    assert Holds.NOTHING is medium.holds(stick.place)
    stick.take_out()  # no file of ours is open on it, so it can be taken out
    assert not os.path.ismount(stick.place)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stick_pulled_out_while_it_is_written(sticks: Sticks, kind: str) -> None:
    stick = sticks(kind)
    folder = Folder(stick.place)
    folder.begin()
    fill(folder, "0001", MIB)

    stick.take_out("-l")

    with pytest.raises(MediumFailed):
        fill(folder, "0002", MIB)
    with pytest.raises(MediumFailed):
        folder.read_back("0001", "0" * 64, MIB)
    with pytest.raises(MediumFailed):
        folder.write_envelope(b"{}")
    assert [] == list(stick.place.iterdir()), "nothing is written into the place it was"


@pytest.mark.parametrize("kind", KINDS)
def test_a_stick_that_lies_about_its_size(sticks: Sticks, tmp_path: Path, kind: str) -> None:
    """It says 64 MiB and has a few: the system notices when it syncs, and so do we."""
    cells = tmp_path / "cells"
    cells.mkdir()
    if run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", cells) is None:
        pytest.skip("nothing can be mounted here: that takes root on Linux")
    try:
        stick = sticks(kind, on=cells)
        folder = Folder(stick.place)

        def write() -> None:
            folder.begin()
            for part in range(16):
                sha256, size = fill(folder, f"{part:04d}", MIB)
                folder.read_back(f"{part:04d}", sha256, size)
            medium.finish(stick.place)

        with pytest.raises(MediumFailed):
            write()

        assert medium.holds(stick.place) is not Holds.CARRIER
        stick.take_out("-l")
    finally:
        run("umount", "-l", cells)


def test_a_fat_that_keeps_no_japanese_name_is_refused(sticks: Sticks) -> None:
    stick = sticks("FAT32", ways=NO_JAPANESE)

    with pytest.raises(BadInput, match="mount it with UTF-8 names"):
        filesystem.check_keeps_names(stick.place, sorted(PAGES))

    assert [] == list(stick.place.iterdir())


def test_a_medium_that_is_mounted_read_only_is_refused(sticks: Sticks) -> None:
    stick = sticks("ext4", ways=[["mount", "-t", "ext4", "-o", "ro"]])

    with pytest.raises(BadInput, match="write-protected"):
        filesystem.check_writable(filesystem.of(stick.place))
    with pytest.raises(MediumFailed, match="EROFS"):
        Folder(stick.place).begin()


@pytest.mark.parametrize("kind", KINDS)
def test_a_citys_carrier_on_a_real_stick(
    sticks: Sticks, kind: str, request: pytest.FixtureRequest
) -> None:
    """Sealed by the office, pulled out, put in, and unchanged to the last byte."""
    from azukari.desk import loss, media, seal
    from azukari.desk import order as orders

    stick = sticks(kind)
    city = request.getfixturevalue("city")
    office, clerk = city.office, city.person("clerk")
    order = city.new_order(carriers=1, media=["S-01"])
    for name in ("approver_1", "approver_2"):
        orders.approve(office, order.id, *city.cast.hand(name))
    media.register(office, "S-01", stick.place, clerk)
    cargo = seal.select_cargo(office, order.id, city.roll, city.determination, clerk)

    sealed = seal.seal(office, cargo, stick.place, clerk, "S-01")
    stick.take_out()
    with pytest.raises(Exception, match="medium_is_another"):
        seal.seal(office, cargo, stick.place, clerk, "S-01")
    assert stick.put_in()

    key = {office.signers["carrier"].public.id: office.signers["carrier"].public}.get
    Folder(stick.place).check(read_envelope(sealed.envelope, key))
    report = loss.inspect(
        sealed.envelope, stick.place, sealed.carrier, office.city, office.now(), key
    )
    assert report.unchanged
    assert sealed.settled
    looked = media.look(office, stick.place)
    assert sealed.label == looked.carrier.label  # type: ignore[union-attr]  # it is there
