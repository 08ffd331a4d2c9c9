"""A carrier's folder: empty medium, envelope last, nothing foreign, no links."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from azukari.carrier.manifest import PAGES, SUITE, Envelope, EnvelopePart
from azukari.errors import BadFormat, Conflict, Damaged, Unreachable
from azukari.names import new_id
from azukari.shelf.folder import Folder


def written(root: Path) -> tuple[Folder, Envelope]:
    """A folder with two parts, pages and an envelope (unsigned: the folder does not read it)."""
    folder = Folder(root)
    folder.begin()
    parts = []
    for part in ("0042", "m"):
        raw = part.encode() * 100
        with_part = folder.new_part(part)
        with_part.write(raw)
        folder.keep(with_part)
        sha256 = hashlib.sha256(raw).hexdigest()
        parts.append(EnvelopePart(part, len(raw), sha256, raw[:40].hex(), "0" * 64))
    pages = {page: page.encode() for page in PAGES}
    folder.write_pages(pages)
    digests = {page: hashlib.sha256(text).hexdigest() for page, text in pages.items()}
    envelope = Envelope(1, new_id(), "C-0000-00", SUITE, parts, digests)
    folder.write_envelope(b"{}")
    return folder, envelope


def test_a_whole_folder_is_unchanged(tmp_path: Path) -> None:
    folder, envelope = written(tmp_path / "stick")

    folder.check(envelope)

    assert {"unchanged"} == set(folder.compare(envelope).values())
    assert [] == folder.foreign(envelope)


def test_medium_not_empty(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")

    with pytest.raises(Conflict, match="not empty"):
        Folder(tmp_path).begin()

    assert [tmp_path / "holiday.jpg"] == list(tmp_path.iterdir())


def test_a_folder_without_an_envelope_is_not_a_carrier(tmp_path: Path) -> None:
    folder, _ = written(tmp_path / "stick")
    (folder.inside / "envelope.json").unlink()

    with pytest.raises(BadFormat, match=r"envelope\.json is missing"):
        folder.envelope()


@pytest.mark.parametrize("which", ["azukari/0042.azs", "azukari/m.azs", *PAGES])
def test_a_changed_or_missing_file_is_named(tmp_path: Path, which: str) -> None:
    folder, envelope = written(tmp_path / "stick")
    path = folder.root / which

    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Damaged, match="is changed"):
        folder.check(envelope)
    path.unlink()
    with pytest.raises(Damaged, match="is missing"):
        folder.check(envelope)


@pytest.mark.parametrize("which", ["azukari/9999.azs", "azukari/.hidden", "autorun.inf"])
def test_a_foreign_file_is_refused_and_not_named(tmp_path: Path, which: str) -> None:
    folder, envelope = written(tmp_path / "stick")
    (folder.root / which).write_bytes(b"")

    with pytest.raises(Damaged, match="1 foreign files"):
        folder.check(envelope)


def test_attack_a_link_in_a_parts_place(tmp_path: Path) -> None:
    folder, envelope = written(tmp_path / "stick")
    elsewhere = tmp_path / "elsewhere"
    folder.part("0042").rename(elsewhere)
    folder.part("0042").symlink_to(elsewhere)

    assert "missing" == folder.compare(envelope)["part 0042"]
    with pytest.raises(BadFormat):
        folder.open_part("0042")


def test_attack_a_link_to_a_folder_is_foreign(tmp_path: Path) -> None:
    folder, envelope = written(tmp_path / "stick")
    (folder.root / "more").symlink_to(tmp_path, target_is_directory=True)

    assert [folder.root / "more"] == folder.foreign(envelope)


def test_a_part_that_came_back_changed_is_noticed(tmp_path: Path) -> None:
    folder, envelope = written(tmp_path / "stick")
    line = envelope.part("0042")

    folder.read_back("0042", line.sha256, line.bytes)
    with pytest.raises(Damaged):
        folder.read_back("0042", line.sha256, line.bytes + 1)
    with pytest.raises(Damaged):
        folder.read_back("0042", "0" * 64, line.bytes)


def test_a_part_is_never_written_over(tmp_path: Path) -> None:
    folder, _ = written(tmp_path / "stick")

    with pytest.raises(Conflict):
        folder.new_part("0042")


def test_a_medium_that_was_pulled_out_is_our_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = written(tmp_path / "stick")
    part = folder.new_part("0043")

    def gone(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", gone)
    with pytest.raises(Unreachable):
        folder.keep(part)
    assert part.closed
    with pytest.raises(Unreachable):
        folder.write_envelope(b"{}")


def test_emptying_takes_every_part_and_nothing_else(tmp_path: Path) -> None:
    folder, envelope = written(tmp_path / "stick")

    folder.empty()
    folder.empty()

    found = folder.compare(envelope)
    assert {"missing"} == {state for name, state in found.items() if name.startswith("part")}
    assert {"unchanged"} == {state for name, state in found.items() if name.startswith("page")}


def test_the_newest_file_time_is_of_the_folder_itself(tmp_path: Path) -> None:
    folder, _ = written(tmp_path / "stick")
    os.utime(folder.part("m"), (0, 2_000_000_000))

    assert 2_000_000_000_000 == folder.newest_ms()
    assert 0 == Folder(tmp_path / "nothing").newest_ms()
