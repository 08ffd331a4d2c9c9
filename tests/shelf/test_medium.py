"""A medium as the machine sees it: serials, what lies on it, and clearing it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from azukari.carrier.manifest import finder_pages
from azukari.errors import Conflict
from azukari.shelf import machine, medium
from azukari.shelf.filesystem import System
from azukari.shelf.folder import Folder
from azukari.shelf.medium import Holds


def usb(folder: Path, serial: str = "4C530001230415110374\n", *, partition: bool = True) -> System:
    """A machine's tree with one stick: the serial stands at the device on the bus."""
    bus = folder / "sys/devices/pci0/usb1/1-1"
    disk = bus / "1-1:1.0/host2/target2/2:0:0:0/block/sdb"
    disk.mkdir(parents=True)
    (disk / "device").symlink_to(disk.parent.parent)
    (bus / "serial").write_text(serial, encoding="ascii")
    place = disk
    if partition:
        place = disk / "sdb1"
        place.mkdir()
        (place / "partition").write_text("1\n", encoding="ascii")
    numbers = folder / "sys/dev/block"
    numbers.mkdir(parents=True)
    (numbers / "8:17").symlink_to(place)
    stick = folder / "stick"
    stick.mkdir()
    line = f"42 27 8:17 / {stick} rw - vfat /dev/sdb1 rw\n"
    (folder / "mountinfo").write_text(f"27 1 254:0 / / rw - ext4 /dev/root rw\n{line}")
    return System(folder / "mountinfo", folder / "sys", folder / "dev")


def begun(root: Path, *, pages: bool = True) -> Folder:
    """Parts without an envelope."""
    folder = Folder(root)
    folder.begin()
    for part in ("0042", "m"):
        file = folder.new_part(part)
        file.write(b"sealed")
        folder.keep(file)
    if pages:
        folder.write_pages(finder_pages("C-7Q4M-2K", "0120-000-000"))
    return folder


@pytest.mark.parametrize("partition", [True, False])
def test_the_serial_of_a_stick_is_told(tmp_path: Path, partition: bool) -> None:
    found = medium.look(tmp_path / "stick", usb(tmp_path, partition=partition))

    assert "4C530001230415110374" == found.serial
    assert found.mounted


def test_the_serial_of_the_disk_a_folder_lies_on_is_not_the_folders(tmp_path: Path) -> None:
    told = usb(tmp_path)
    (tmp_path / "stick" / "folder").mkdir()

    found = medium.look(tmp_path / "stick" / "folder", told)

    assert found.serial is None
    assert not found.mounted


@pytest.mark.parametrize("serial", ["0000000000\n", "\n", "a\n", "\x01\x02\x03\x04\x05\n"])
def test_a_serial_that_says_nothing_is_not_told(tmp_path: Path, serial: str) -> None:
    assert medium.look(tmp_path / "stick", usb(tmp_path, serial)).serial is None


def test_the_name_the_system_gave_a_disk_tells_its_serial(tmp_path: Path) -> None:
    told = usb(tmp_path, "\n")
    links = tmp_path / "dev/disk/by-id"
    links.mkdir(parents=True)
    (tmp_path / "dev/sdb").touch()
    (links / "usb-Maker_Model_AA11223344-0:0").symlink_to(tmp_path / "dev/sdb")
    (links / "ata-Maker_Disk_XY99").symlink_to(tmp_path / "dev/sda")

    assert "AA11223344" == medium.look(tmp_path / "stick", told).serial


def test_a_machine_that_tells_no_devices_tells_no_serial(tmp_path: Path) -> None:
    told = usb(tmp_path)

    assert medium.look(tmp_path / "stick", System(told.mounts, tmp_path / "none")).serial is None


def test_what_lies_on_a_medium_is_told_by_names(tmp_path: Path) -> None:
    assert Holds.NOTHING is medium.holds(tmp_path)

    folder = begun(tmp_path)
    assert Holds.UNFINISHED is medium.holds(tmp_path)
    assert "C-7Q4M-2K" == medium.label_on(tmp_path)

    folder.write_envelope(b"{}")
    assert Holds.CARRIER is medium.holds(tmp_path)


def test_other_files_are_not_taken_for_a_carrier(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()

    assert Holds.OTHER is medium.holds(tmp_path)
    assert medium.label_on(tmp_path) is None


def test_what_a_file_system_keeps_by_itself_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    assert Holds.NOTHING is medium.holds(tmp_path)
    Folder(tmp_path).begin()

    (tmp_path / "more").mkdir()
    (tmp_path / "more/lost+found").mkdir()
    (tmp_path / "more/lost+found/a").touch()
    with pytest.raises(Conflict):
        Folder(tmp_path / "more").begin()


def test_clearing_removes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    (folder.inside / ".envelope.json.new").touch()
    (folder.inside / "notes.txt").touch()
    (tmp_path / "holiday.jpg").touch()

    assert 2 == medium.clear(tmp_path)
    assert 2 == medium.clear(tmp_path)

    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert {"azukari", "azukari/notes.txt", "holiday.jpg"} == left


def test_a_cleared_medium_is_empty(tmp_path: Path) -> None:
    begun(tmp_path).write_envelope(b"{}")

    assert 0 == medium.clear(tmp_path)

    assert [] == list(tmp_path.iterdir())


def test_attack_a_link_in_the_place_of_a_carriers_folder(tmp_path: Path) -> None:
    begun(tmp_path / "elsewhere")
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/azukari").symlink_to(tmp_path / "elsewhere/azukari")

    with pytest.raises(Conflict, match="link"):
        medium.clear(tmp_path / "stick")

    assert (tmp_path / "elsewhere/azukari/0042.azs").is_file()


def test_what_is_read_back_is_asked_of_the_medium(tmp_path: Path) -> None:
    folder = begun(tmp_path)

    assert folder.from_medium is (sys.platform == "linux")


def test_a_system_that_cannot_be_asked_to_forget_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "forget", lambda _: False)

    assert not begun(tmp_path).from_medium


def test_everything_is_written_out_before_a_medium_may_go(tmp_path: Path) -> None:
    assert medium.finish(tmp_path)
