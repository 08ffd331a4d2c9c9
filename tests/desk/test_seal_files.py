"""Any files: sealed as one run of bytes, opened whole or not at all; outside nothing is told."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from azukari.carrier import files as cargo
from azukari.carrier.manifest import read_envelope
from azukari.desk import custody, media
from azukari.desk import grant as grants
from azukari.desk import order as orders
from azukari.desk import seal_files as desk
from azukari.desk.counterfoil import read_counterfoil
from azukari.desk.open_files import Opened, open_files
from azukari.desk.respond import respond
from azukari.entrust.order import NETWORK
from azukari.errors import BadFormat, BadInput, Conflict, Damaged, MediumFailed, Refused
from azukari.rehearse.house import TERMS, agreement
from azukari.seal import documents as doc
from azukari.shelf import tree

ROLE = "supervisor"
RETURN_BY = "2022-06-21 20:30"


@dataclass
class Files:
    """A city whose agreements let out files, with an approved order for some."""

    city: Any
    order: str
    folder: Path

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    @property
    def medium(self) -> Path:
        place: Path = self.city.out / "carriers" / "files"
        return place

    def seal(self) -> Any:
        chosen = desk.select_files(self.city.office, self.order, self.folder)
        return desk.seal_files(
            self.city.office, chosen, self.medium, self.city.person("clerk"), "S-9"
        )

    def travel(self, carrier: str) -> None:
        hand, office = self.city.cast.hand, self.city.office
        custody.pass_on(office, carrier, "hand-over", hand("clerk"), hand("engineer"))
        custody.pass_on(office, carrier, "receive", hand("engineer"), hand("supervisor"))

    def grant(self, carrier: str, key: int = 0, role: str = ROLE) -> bytes:
        asked = self.city.asked() | {
            "person": self.city.person(ROLE),
            "role": role,
            "one_time_key": self.city.one_time_keys[key],
            "not_before": self.city.clock.now(),
        }
        return grants.issue(self.city.office, carrier, **asked)

    def open(self, grant: bytes, out: Path) -> Opened:
        device = self.city.open_device()
        try:
            return open_files(device, self.medium, grant, out, self.city.cast.signer(ROLE))
        finally:
            self.city._devices.remove(device)
            device.close()


@pytest.fixture
def files(city: Any, tmp_path: Path) -> Files:
    """The order's second approval is given; the folder is empty yet."""
    from msgspec.structs import replace

    office, cast = city.office, city.cast
    terms = replace(TERMS, columns=[f"{cargo.TABLE}.{cargo.COLUMN}"], media=["stick", NETWORK])
    first, above = agreement(office, cast, "", "city", "contractor", terms, city.clock.now())
    lower = replace(terms, may_re_entrust=False, depth=0)
    second, below = agreement(office, cast, first, "contractor", "centre", lower, city.clock.now())
    orders.enrol(office, above, below)
    city.keeper.believe([orders.status(office, city.clock.now(), [])])
    table = doc.OrderedTable(table=cargo.TABLE, columns={cargo.COLUMN: [ROLE]}, rows=20)
    order = city.new_order(agreement=second, tables=[table], carriers=1, media=["S-9"])
    for name in ("approver_1", "approver_2"):
        orders.approve(office, order.id, *cast.hand(name))
    folder = tmp_path / "scans"
    folder.mkdir()
    made = Files(city, order.id, folder)
    made.medium.mkdir()
    media.register(office, "S-9", made.medium, city.person("clerk"))
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def sealed(files: Files) -> Any:
    files.write("古い/手紙.txt", "架空の手紙".encode())
    files.write("empty", b"")
    files.write("scan.pdf", os.urandom(3_000_000))
    os.utime(files.folder / "empty", (1_600_000_000, 1_600_000_000))
    carrier = files.seal()
    files.travel(carrier.carrier)
    return carrier


def test_files_come_back_as_they_were(files: Files, sealed: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"

    found = files.open(files.grant(sealed.carrier), out)

    assert Opened(3, 0, 3_000_015) == found
    assert contents(files.folder) == contents(out)
    assert 1_600_000_000 == (out / "empty").stat().st_mtime


def test_a_stranger_s_reader_that_follows_the_page_reads_them(files: Files, sealed: Any) -> None:
    """Of ours only the sealed stream and the grant are used; the rest is as the page says."""
    from azukari.seal.envelope import unbase64
    from azukari.seal.grant import open_grant, unverified_outside
    from azukari.seal.stream import SealedReader
    from azukari.shelf.keyring import one_time_key

    outer = unverified_outside(files.grant(sealed.carrier))
    private = one_time_key(files.city.device_home / "one-time" / f"{outer.key}.key")
    parts = {}
    for line in open_grant(outer, private).parts:
        with (files.medium / "azukari" / f"{line.part}.azs").open("rb") as file:
            reader = SealedReader(file, unbase64(line.key), sealed.carrier, line.part)
            parts[line.part] = reader.readall()

    (index,) = (json.loads(p[8:]) for p in parts.values() if p[:8] == b"azfiles\x01")
    run = b"".join(parts[part][8:] for part in index["parts"])
    found, at = {}, 0
    for line in index["files"]:
        found[line["name"]] = run[at : at + line["size"]]
        at += line["size"]

    assert contents(files.folder) == found
    assert at == len(run)
    assert all(parts[part][:8] == b"azfiles\x02" for part in index["parts"])
    assert {"v": 1, "parts": 1, "files": 3} == {
        "v": index["v"],
        "parts": len(index["parts"]),
        "files": len(index["files"]),
    }


def test_outside_stands_no_name_and_no_single_size(files: Files, sealed: Any) -> None:
    key = files.city.office.signers["carrier"].public
    envelope = read_envelope(sealed.envelope, {key.id: key}.get)
    everything = b"".join(contents(files.medium).values())

    assert {1 << 16, 1 << 22} == {_step(part.bytes) for part in envelope.parts}
    assert 3 == len(envelope.parts)
    for name in ("手紙", "古い", "scan", "empty"):
        assert name.encode() not in everything
        assert not any(name in path.name for path in files.medium.rglob("*"))


def _step(size: int) -> int:
    from azukari.seal.stream import step_of

    found = step_of(size)
    assert found is not None
    return found


def test_a_reading_that_was_interrupted_goes_on_behind_the_last_whole_file(
    files: Files, sealed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, grant, real = tmp_path / "out", files.grant(sealed.carrier), tree.write_back

    def pulled_out(out: Path, line: Any, content: Any) -> None:
        if line.name == "scan.pdf":
            content = (piece for piece in [next(content), *_fails()])
        real(out, line, content)

    monkeypatch.setattr(tree, "write_back", pulled_out)
    with pytest.raises(Damaged):
        files.open(grant, out)
    assert ["empty"] == sorted(contents(out))
    monkeypatch.setattr(tree, "write_back", real)
    before = (out / "empty").stat().st_ino

    assert Opened(2, 1, 3_000_015) == files.open(grant, out)
    assert contents(files.folder) == contents(out)
    assert before == (out / "empty").stat().st_ino


def _fails() -> Any:
    raise Damaged("pulled out")
    yield b""


def test_a_file_of_another_content_is_never_replaced(
    files: Files, sealed: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "empty").write_bytes(b"mine")

    with pytest.raises(Conflict, match="another content"):
        files.open(files.grant(sealed.carrier), out)

    assert b"mine" == (out / "empty").read_bytes()


def test_attack_a_link_in_the_place_of_a_folder_leads_out(
    files: Files, sealed: Any, tmp_path: Path
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "古い").symlink_to(elsewhere)

    with pytest.raises(Conflict, match="a link"):
        files.open(files.grant(sealed.carrier), out)

    assert [] == list(elsewhere.iterdir())


def test_the_window_is_asked_for_before_each_file(
    files: Files, sealed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, grant, real = tmp_path / "out", files.grant(sealed.carrier), tree.write_back

    def late(out: Path, line: Any, content: Any) -> None:
        real(out, line, content)
        files.city.clock.set(RETURN_BY)

    monkeypatch.setattr(tree, "write_back", late)
    with pytest.raises(Refused, match="window_outside_order"):
        files.open(grant, out)

    assert ["empty"] == sorted(contents(out))


def test_a_role_of_the_order_only_gets_them(files: Files, sealed: Any) -> None:
    with pytest.raises(Refused, match="role_not_allowed"):
        files.grant(sealed.carrier, role="operator")


def test_a_changed_part_gives_no_file(files: Files, sealed: Any, tmp_path: Path) -> None:
    grant = files.grant(sealed.carrier)
    part = max(files.medium.rglob("*.azs"), key=lambda path: path.stat().st_size)
    with part.open("r+b") as file:
        file.seek(2_000_000)
        file.write(b"changed")

    with pytest.raises(Damaged):
        files.open(grant, tmp_path / "out")

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("step", [1 << 16, 1 << 17])
def test_files_larger_than_a_part_are_cut(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    room = step - 16
    monkeypatch.setattr(cargo, "PART_BYTES", room)
    for number, size in enumerate((0, 1, room - 1, room, room + 1, 3 * room + 7, 0)):
        files.write(f"{number}", os.urandom(size))
    carrier = files.seal()
    files.travel(carrier.carrier)
    out = tmp_path / "out"

    assert 7 == files.open(files.grant(carrier.carrier), out).written
    assert contents(files.folder) == contents(out)
    assert {_step(p.stat().st_size) for p in files.medium.rglob("*.azs")} <= {step, 1 << 16}


def _link(folder: Path) -> None:
    (folder / "b").symlink_to("a")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "b")


def _control(folder: Path) -> None:
    (folder / "b\n").write_bytes(b"")


def _no_text(folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/b\xff"))).write_bytes(b"")


def _reserved(folder: Path) -> None:
    (folder / "b.pdf ").write_bytes(b"")


def _case(folder: Path) -> None:
    (folder / "B").write_bytes(b"")
    (folder / "b").write_bytes(b"")


def _folder_link(folder: Path) -> None:
    (folder / "b").symlink_to(folder.parent)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_link, "it is a link"),
        (_folder_link, "it is a link"),
        (_pipe, "it is no regular file"),
        (_control, "control character"),
        (_no_text, "no text"),
        (_reserved, "ends in a dot or a space"),
        (_case, "case only"),
    ],
)
def test_what_cannot_be_carried_is_refused_before_anything_is_begun(
    files: Files, spoil: Callable[[Path], None], why: str
) -> None:
    files.write("a", b"x")
    spoil(files.folder)
    before = files.city.types("keys")

    with pytest.raises(BadInput, match=why) as refused:
        files.seal()

    assert "b" not in str(refused.value).partition(": ")[0].split()
    assert before == files.city.types("keys")
    assert [] == list(files.medium.iterdir())


def test_a_refused_file_is_told_by_its_place_and_not_by_its_name(files: Files) -> None:
    files.write("a", b"x")
    (files.folder / "架空太郎の申請書.pdf").symlink_to("a")

    with pytest.raises(BadInput, match="file 2 of 2 in order of name: it is a link") as refused:
        files.seal()

    assert "架空" not in str(refused.value)


def test_an_empty_folder_is_refused(files: Files) -> None:
    (files.folder / "inside").mkdir()

    with pytest.raises(BadInput, match="no file in it"):
        files.seal()


def test_more_files_than_approved_are_refused(files: Files) -> None:
    for number in range(21):
        files.write(str(number), b"")

    with pytest.raises(Refused, match="more_rows_than_approved"):
        files.seal()


def test_an_order_for_a_table_lets_out_no_files(files: Files) -> None:
    files.write("a", b"x")

    with pytest.raises(BadInput, match="lets out no files"):
        desk.select_files(files.city.office, files.city.order.id, files.folder)


def test_attack_the_medium_is_sealed_into_itself(files: Files) -> None:
    files.write("a", b"x")
    chosen = desk.select_files(files.city.office, files.order, files.folder)

    with pytest.raises(BadInput, match="in one another"):
        desk.seal_files(
            files.city.office, chosen, files.folder / "stick", files.city.person("clerk")
        )


@pytest.mark.parametrize("content", [b"y", b"longer than it was"])
def test_a_file_that_changes_meanwhile_breaks_the_sealing_off(files: Files, content: bytes) -> None:
    path = files.write("a", b"x")
    chosen = desk.select_files(files.city.office, files.order, files.folder)
    path.write_bytes(content)
    os.utime(path, (1, 1))

    with pytest.raises(BadInput, match="changed since"):
        desk.seal_files(files.city.office, chosen, files.medium, files.city.person("clerk"), "S-9")

    assert not (files.medium / "azukari" / "envelope.json").exists()
    assert "carrier.sealed" not in files.city.types("office")[-1:]


@pytest.mark.parametrize("works", [0, 1, 3])
def test_a_medium_that_fails_meanwhile_holds_no_carrier(
    files: Files, monkeypatch: pytest.MonkeyPatch, works: int
) -> None:
    from azukari.desk.tick import tick
    from azukari.shelf import folder

    files.write("a", os.urandom(3 << 20))
    real, left = folder._Part.write, [works]

    def fails(part: Any, data: Any) -> int:
        left[0] -= 1
        if left[0] >= 0:
            return real(part, data)
        with part._at("a part"):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(folder._Part, "write", fails)
    with pytest.raises(MediumFailed):
        files.seal()

    assert not (files.medium / "azukari" / "envelope.json").exists()
    assert 1 == len(tick(files.city.office).abandoned)


def test_the_carriers_of_one_order_share_a_step(files: Files) -> None:
    """The second is padded to the step of the first, so that two tell no more than one."""
    from azukari.desk import fit

    files.write("a", bytes(100_000))
    files.seal()

    assert 1 << 17 == fit.step_of_siblings(files.city.office, files.order)
    assert (1 << 17, 1) == cargo.step_and_parts(5, 1 << 17)


def test_whose_they_are_is_not_counted_and_not_nobody(files: Files, sealed: Any) -> None:
    foil = read_counterfoil(files.city.office, sealed.carrier)
    files.city.carriers = [sealed.carrier]
    incident = files.city.lose().incident

    found = respond(files.city.office, incident, party="架空市")

    assert 3 == foil.not_counted == found.rolls[0].impact.not_counted
    said = [s.code for item in found.report.items for s in item.statements]
    assert {"persons.not_counted", "kinds.not_known"} <= set(said)
    assert not {"persons.total", "persons.at_least", "persons.carrier"} & set(said)
    assert {"not known"} <= {str(duty.state).replace("_", " ") for duty in found.city}


def test_a_bag_with_files_and_a_table_counts_the_table_and_says_so(
    files: Files, sealed: Any
) -> None:
    table = files.city.carriers[0]
    files.city.carriers = [table, sealed.carrier]
    incident = files.city.lose().incident

    found = respond(files.city.office, incident, party="架空市")

    assert found.rolls[0].impact.total.persons > 0
    assert (0, 3) == tuple(one.not_counted for one in found.rolls[0].impact.by_carrier)
    said = [s.code for item in found.report.items for s in item.statements]
    assert {"persons.at_least", "persons.not_counted", "persons.carrier"} <= set(said)


def test_a_table_s_reader_finds_no_table_in_files(files: Files, sealed: Any) -> None:
    from azukari.desk.enquire import open_carrier

    hand = files.city.cast.signer(ROLE)
    with pytest.raises(BadFormat):
        open_carrier(files.city.open_device(), files.medium, files.grant(sealed.carrier), hand)


def test_a_file_s_reader_finds_no_files_in_a_table(files: Files, tmp_path: Path) -> None:
    files.city.hand_over()
    files.city.clock.set("2022-06-21 18:00")
    grant = files.city.ask()

    hand = files.city.cast.signer("operator")
    with pytest.raises(BadFormat, match="hold no files"):
        open_files(files.city.open_device(), files.city.media[0], grant, tmp_path / "out", hand)


def test_a_file_that_looks_like_an_index_is_none(files: Files, tmp_path: Path) -> None:
    line = cargo.FileLine("evil", 0, 0, "0" * 64)
    files.write("a", cargo.encode(cargo.Index(1, ["0000"], [line])))
    carrier = files.seal()
    files.travel(carrier.carrier)

    files.open(files.grant(carrier.carrier), tmp_path / "out")

    assert ["a"] == [path.name for path in (tmp_path / "out").iterdir()]


def test_files_are_erased_with_their_keys_like_a_table(files: Files, sealed: Any) -> None:
    from azukari.desk import erase
    from azukari.errors import WrongKey

    grant = files.grant(sealed.carrier)
    copy = files.city.out / "copy"
    shutil.copytree(files.medium, copy)
    device = files.city.open_device()
    erase.erase(device, sealed.carrier, [grant], medium=files.medium, first=0)

    hand = files.city.cast.signer(ROLE)
    with pytest.raises(WrongKey):
        open_files(device, copy, grant, files.city.out / "out", hand)
