"""Media at the office: registered once, refused by every rule, and failing at any moment."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from azukari.carrier.life import State
from azukari.carrier.manifest import read_envelope
from azukari.desk import fit, media
from azukari.desk import order as orders
from azukari.desk import seal as seals
from azukari.desk.audit import audit
from azukari.desk.tick import tick
from azukari.entrust.order import NETWORK
from azukari.errors import BadInput, Conflict, MediumFailed, NotFound, Refused
from azukari.shelf import busy, filesystem, machine, medium
from azukari.shelf.filesystem import FileSystem
from azukari.shelf.folder import Folder
from azukari.shelf.medium import Holds
from azukari.vault import records

STICKS = 60


class Desk:
    """A city with an approved order for many carriers, and sticks that are folders."""

    def __init__(self, city: Any, sticks: Path) -> None:
        self.city, self.sticks = city, sticks
        self.clerk = city.person("clerk")
        tags = [f"S-{number:02d}" for number in range(STICKS)]
        order = city.new_order(carriers=STICKS, media=tags)
        for name in ("approver_1", "approver_2"):
            orders.approve(city.office, order.id, *city.cast.hand(name))
        self.order, self.tags = order, iter(tags)
        self.cargo = seals.select_cargo(
            city.office, order.id, city.roll, city.determination, self.clerk
        )

    def stick(self, tag: str | None = None) -> tuple[str, Path]:
        """A new stick, registered."""
        tag = tag or next(self.tags)
        place = self.sticks / tag
        place.mkdir(parents=True)
        media.register(self.city.office, tag, place, self.clerk)
        return tag, place

    def seal(self, place: Path, tag: str | None) -> seals.SealedCarrier:
        self.city.clock.at += 1000  # so that it is told which was begun last
        return seals.seal(self.city.office, self.cargo, place, self.clerk, tag)

    def newest(self) -> Any:
        return max(seals.carriers_of(self.city.office), key=lambda row: row.begun_at or 0)

    def reasons(self, place: Path, tag: str | None) -> tuple[str, ...]:
        with pytest.raises(Refused) as refused:
            self.seal(place, tag)
        return refused.value.reasons


@pytest.fixture
def desk(city: Any, tmp_path: Path) -> Desk:
    return Desk(city, tmp_path / "sticks")


class Pulled:
    """A medium that works for so many operations, and then is gone."""

    def __init__(self, place: Path, works: int, number: int = errno.EIO) -> None:
        self.place, self.left, self.number = place, works, number

    def touch(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(self.number, os.strerror(self.number))

    def has(self, path: object) -> bool:
        return str(path).startswith(str(self.place))

    @contextmanager
    def during(self) -> Iterator[None]:
        """Writes, syncs, openings, renames and readings of this medium count and fail."""
        pulled = self
        sync, begin, moved, forget = os.fsync, os.open, Path.replace, machine.forget

        class Raw(io.FileIO):
            def write(self, data: Any, /) -> int:
                pulled.touch()
                return int(super().write(data) or 0)

        def fsync(handle: int) -> None:
            if pulled.has(Path(f"/proc/self/fd/{handle}").readlink()):
                pulled.touch()
            sync(handle)

        def opened(path: Any, *rest: Any, **more: Any) -> int:
            if pulled.has(path):
                pulled.touch()
            return begin(path, *rest, **more)

        def replaced(path: Path, target: Path) -> Path:
            if pulled.has(path):
                pulled.touch()
            return moved(path, target)

        def forgot(handle: int) -> bool:
            pulled.touch()
            return forget(handle)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("azukari.shelf.folder.io.FileIO", Raw)
            patch.setattr(os, "fsync", fsync)
            patch.setattr(os, "open", opened)
            patch.setattr(Path, "replace", replaced)
            patch.setattr(machine, "forget", forgot)
            yield


def open_on(place: Path) -> list[str]:
    """Files of this process that are open on a medium: one that is, cannot be unmounted."""
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        return []
    found = [str(handle.readlink()) for handle in handles.iterdir() if handle.is_symlink()]
    return [path for path in found if path.startswith(str(place))]


def test_a_carrier_is_sealed_onto_a_registered_medium(desk: Desk) -> None:
    tag, place = desk.stick()

    sealed = desk.seal(place, tag.lower())

    assert tag == sealed.tag == desk.newest().tag
    assert sealed.settled
    assert [] == audit(desk.city.office)
    assert ["medium.registered"] == desk.city.types("office")[-2:-1]


def test_a_tag_is_given_once(desk: Desk) -> None:
    tag, place = desk.stick()

    with pytest.raises(Conflict, match="once"):
        media.register(desk.city.office, tag.lower(), place, desk.clerk)


@pytest.mark.parametrize("tag", ["", "-1", "M 1", "札", "M" * 33, "../M"])
def test_a_tag_is_letters_and_digits(desk: Desk, tmp_path: Path, tag: str) -> None:
    with pytest.raises(BadInput):
        media.register(desk.city.office, tag, tmp_path, desk.clerk)


def test_an_unknown_medium_is_refused(desk: Desk, tmp_path: Path) -> None:
    assert ("medium_unknown",) == desk.reasons(tmp_path, None)
    assert ("medium_unknown",) == desk.reasons(tmp_path, "S-00")


def test_a_retired_medium_is_refused(desk: Desk) -> None:
    tag, place = desk.stick()
    media.retire(desk.city.office, tag, desk.clerk)

    assert ("medium_retired",) == desk.reasons(place, tag)
    with pytest.raises(Conflict, match="retired already"):
        media.retire(desk.city.office, tag, desk.clerk)
    with pytest.raises(NotFound):
        media.retire(desk.city.office, "X-1", desk.clerk)


def test_a_medium_that_the_order_does_not_name_is_refused(desk: Desk) -> None:
    _, place = desk.stick("X-1")

    assert ("medium_not_of_order",) == desk.reasons(place, "X-1")


def test_a_medium_that_is_not_empty_is_refused(desk: Desk) -> None:
    tag, place = desk.stick()
    (place / "holiday.jpg").touch()

    with pytest.raises(Conflict, match="not empty"):
        desk.seal(place, tag)

    assert ["holiday.jpg"] == [path.name for path in place.iterdir()]


def test_a_medium_carries_one_carrier_until_it_is_returned(desk: Desk, tmp_path: Path) -> None:
    """Formatting a stick does not give back what was on it."""
    tag, place = desk.stick()
    carrier = desk.seal(place, tag).carrier
    medium.clear(place)

    assert ("medium_carries_another",) == desk.reasons(place, tag)
    with pytest.raises(Conflict, match="which is sealed"):
        media.retire(desk.city.office, tag, desk.clerk)

    with desk.city.office.act() as tx:
        records.change_carrier(tx, carrier, state=State.RETURNED)
    assert carrier != desk.seal(place, tag).carrier


def test_a_lost_medium_is_not_used_before_its_incident_is_closed(desk: Desk) -> None:
    from azukari.desk import loss
    from azukari.vault import schema

    tag, place = desk.stick()
    carrier = desk.seal(place, tag).carrier
    loss.declare(desk.city.office, [carrier], desk.city.declared(last_held_at=0, known_at=1))
    medium.clear(place)

    assert ("medium_carries_another",) == desk.reasons(place, tag)
    with desk.city.office.act() as tx:
        tx.execute(schema.incident.update().values(state="closed"))
    desk.seal(place, tag)


def seen(desk: Desk, monkeypatch: pytest.MonkeyPatch, serial: str | None, *, own: bool) -> None:
    """From now on the machine tells this of every medium."""
    real = medium.look

    def look(root: Path, *_: object) -> medium.Seen:
        found = real(root)
        return medium.Seen(root, found.files, own, serial, found.holds, found.label)

    monkeypatch.setattr(medium, "look", look)


def test_a_serial_finds_its_tag(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(desk, monkeypatch, "4C530001", own=True)
    tag, place = desk.stick()

    assert tag == desk.seal(place, None).tag
    assert tag == media.look(desk.city.office, place).tag


def test_a_serial_is_in_use_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(desk, monkeypatch, "4C530001", own=True)
    tag, _ = desk.stick()

    with pytest.raises(Conflict, match=f"already, as {tag}"):
        desk.stick()
    media.retire(desk.city.office, tag, desk.clerk)
    desk.stick()


def test_attack_another_stick_under_the_same_tag(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(desk, monkeypatch, "4C530001", own=True)
    tag, place = desk.stick()

    seen(desk, monkeypatch, "EVIL0001", own=True)
    assert ("medium_is_another",) == desk.reasons(place, tag)
    seen(desk, monkeypatch, None, own=False)
    assert ("medium_is_another",) == desk.reasons(place, tag)
    seen(desk, monkeypatch, None, own=True)
    desk.seal(place, tag)


def test_attack_a_registered_stick_under_a_tag_without_serial(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, place = desk.stick()
    seen(desk, monkeypatch, "4C530001", own=True)
    desk.stick()

    assert ("medium_is_another",) == desk.reasons(place, tag)


def test_a_medium_with_too_little_room_gets_no_byte(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, place = desk.stick()
    before = len(seals.carriers_of(desk.city.office))
    monkeypatch.setattr(machine, "room", lambda _: (150_000, 4096))

    with pytest.raises(BadInput, match="bytes are needed and 150,000 are free"):
        desk.seal(place, tag)

    assert [] == list(place.iterdir())
    assert before == len(seals.carriers_of(desk.city.office))


def test_the_room_that_is_asked_for_is_enough(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is needed is known to a few blocks: neither too little, nor much too much."""
    tag, place = desk.stick()
    asked: list[int] = []
    real = filesystem.check_room

    def check_room(found: FileSystem, sizes: Any) -> None:
        asked.append(filesystem.needed_bytes(found, sizes))
        real(found, sizes)

    monkeypatch.setattr(filesystem, "check_room", check_room)
    desk.seal(place, tag)

    taken = sum(-(-p.stat().st_size // 4096) * 4096 for p in place.rglob("*") if p.is_file())
    assert taken <= asked[-1] < 2 * taken + (1 << 20)


def test_a_bound_that_does_not_fit_is_followed_by_the_true_size(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, place = desk.stick()
    monkeypatch.setattr(fit, "_OVERHEAD", 1 << 31)

    desk.seal(place, tag)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 70), st.sampled_from([errno.EIO, errno.ENOSPC, errno.ENOENT, errno.EROFS]))
@example(0, errno.EIO)
@example(5, errno.ENOENT)
@example(6, errno.ENOENT)
@example(7, errno.ENOENT)
def test_a_medium_that_fails_at_any_moment_leaves_no_carrier(
    desk: Desk, works: int, number: int
) -> None:
    tag, place = desk.stick()
    pulled = Pulled(place, works, number)
    try:
        with pulled.during():
            desk.seal(place, tag)
    except MediumFailed:
        failed = True
    else:
        failed = False

    assert failed is (pulled.left < 0)
    assert [] == open_on(place)
    row = desk.newest()
    if not failed:
        assert State.SEALED == row.state
        return
    if row.tag == tag and row.state == State.SEALED:
        # It was recorded when the last file was written; the tick writes that again.
        assert row.act in tick(desk.city.office).finished or medium.holds(place) is Holds.CARRIER
        key = desk.city.office.signers["carrier"].public
        Folder(place).check(read_envelope(Folder(place).envelope(), {key.id: key}.get))
        return
    assert medium.holds(place) is not Holds.CARRIER
    tick(desk.city.office)
    assert tag != desk.newest().tag or State.ABANDONED == desk.newest().state
    assert [] == audit(desk.city.office)


def broken_off(desk: Desk, works: int = 20) -> tuple[str, Path, Any]:
    """A stick that was pulled out while it was written."""
    tag, place = desk.stick()
    with pytest.raises(MediumFailed), Pulled(place, works).during():
        desk.seal(place, tag)
    return tag, place, desk.newest()


def test_an_unfinished_carrier_is_recognised_and_discarded(desk: Desk) -> None:
    tag, place, row = broken_off(desk)

    looked = media.look(desk.city.office, place)
    assert Holds.UNFINISHED is looked.seen.holds
    assert row.id == looked.carrier.id  # type: ignore[union-attr]  # it is there

    assert 0 == media.discard(desk.city.office, place, row.label, desk.clerk)

    assert [] == list(place.iterdir())
    assert State.ABANDONED == desk.newest().state
    assert "carrier.abandoned" == desk.city.types("office")[-1]
    assert [] == audit(desk.city.office)
    assert row.id != desk.seal(place, tag).carrier


def test_what_the_tick_abandoned_is_discarded_too(desk: Desk) -> None:
    tag, place, row = broken_off(desk)
    tick(desk.city.office)

    media.discard(desk.city.office, place, row.label.lower(), desk.clerk)

    assert 1 == desk.city.types("office").count("carrier.abandoned")
    desk.seal(place, tag)


def test_discarding_asks_for_the_label(desk: Desk) -> None:
    _, place, _ = broken_off(desk)

    with pytest.raises(Refused, match="not_confirmed"):
        media.discard(desk.city.office, place, "C-0000-00", desk.clerk)

    assert Holds.UNFINISHED is medium.holds(place)
    assert State.SEALING == desk.newest().state


def test_what_travels_is_never_discarded(desk: Desk) -> None:
    tag, place = desk.stick()
    sealed = desk.seal(place, tag)

    with pytest.raises(Conflict, match="is sealed"):
        media.discard(desk.city.office, place, sealed.label, desk.clerk)

    assert Holds.CARRIER is medium.holds(place)


def test_what_came_back_is_removed(desk: Desk) -> None:
    tag, place = desk.stick()
    sealed = desk.seal(place, tag)
    with desk.city.office.act() as tx:
        records.change_carrier(tx, sealed.carrier, state=State.RETURNED)

    media.discard(desk.city.office, place, sealed.label, desk.clerk)

    assert [] == list(place.iterdir())


def test_nothing_is_discarded_while_somebody_seals(desk: Desk) -> None:
    _, place, row = broken_off(desk)

    with busy.at_work(desk.city.office.home), pytest.raises(Conflict, match="somebody is sealing"):
        media.discard(desk.city.office, place, row.label, desk.clerk)


def test_attack_a_page_that_names_a_carrier_of_another_stick(desk: Desk) -> None:
    """A folder with a forged page clears nothing but itself, and only what is given up anyway."""
    tag, place = desk.stick()
    sealed = desk.seal(place, tag)
    _, forged, _ = broken_off(desk)
    (forged / "READ-ME.txt").write_text(f"(number {sealed.label})", encoding="ascii")

    with pytest.raises(Conflict, match="is sealed"):
        media.discard(desk.city.office, forged, sealed.label, desk.clerk)


def test_other_peoples_files_are_not_discarded(desk: Desk) -> None:
    _, place = desk.stick()
    (place / "holiday.jpg").touch()

    with pytest.raises(NotFound):
        media.discard(desk.city.office, place, "C-0000-00", desk.clerk)


def test_no_medium_is_needed_by_network(desk: Desk, tmp_path: Path) -> None:
    """The folder is then a place on the machine, from which files are sent."""
    from msgspec.structs import replace

    order = replace(desk.order, medium=NETWORK)

    assert media.ready(desk.city.office, order, tmp_path / "out", None) is None
    with pytest.raises(Refused):
        media.ready(desk.city.office, order, tmp_path / "out", "S-00")
