"""By network: the same folder as on a medium, listed, fetched whole file by whole file, signed for.

Nothing is a carrier at the other end before all of it is there, and nothing half-arrived is signed.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from azukari.carrier.manifest import envelope_hash
from azukari.desk import custody, tick
from azukari.desk import order as orders
from azukari.desk import seal as seals
from azukari.desk import send as desk
from azukari.desk.audit import audit
from azukari.entrust.order import NETWORK, check
from azukari.errors import BadFormat, BadInput, BadSignature, Conflict, Damaged, Refused
from azukari.names import new_id
from azukari.rehearse.house import TERMS, agreement
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, SigningKey, Use
from azukari.shelf import shipment
from azukari.shelf.folder import Folder


@dataclass
class Line:
    """A carrier sealed under an order by network, and the folders between two sites."""

    city: Any
    sealed: Any
    service: Path
    arrived: Path

    def send(self, **how: Any) -> desk.Sent:
        clerk = self.city.person("clerk")
        return desk.send(self.city.office, self.sealed.carrier, self.service, clerk, **how)

    def key_of(self, key: str) -> PublicKey | None:
        device = self.city.open_device()
        found = {one.id: one for one in device.trust.believed(self.city.clock.now())}.get(key)
        self.city._devices.remove(device)
        device.close()
        return found

    def fetch(self) -> shipment.Fetched:
        return shipment.fetch(self.service, self.arrived, self.key_of)

    def files(self) -> list[Path]:
        return sorted(
            p for p in self.service.rglob("*") if p.is_file() and p.name != "shipment.json"
        )


@pytest.fixture
def line(city: Any, tmp_path: Path) -> Line:
    from msgspec.structs import replace

    office, cast, now = city.office, city.cast, city.clock.now()
    terms = replace(TERMS, media=[NETWORK])
    first, above = agreement(office, cast, "", "city", "contractor", terms, now)
    lower = replace(terms, may_re_entrust=False, depth=0)
    second, below = agreement(office, cast, first, "contractor", "centre", lower, now)
    orders.enrol(office, above, below)
    city.keeper.believe([orders.status(office, now, [])])
    order = city.new_order(agreement=second, carriers=1, medium=NETWORK, media=[])
    for name in ("approver_1", "approver_2"):
        orders.approve(office, order.id, *cast.hand(name))
    clerk = city.person("clerk")
    cargo = seals.select_cargo(office, order.id, city.roll, city.determination, clerk)
    sealed = seals.seal(office, cargo, tmp_path / "sealed", clerk)
    return Line(city, sealed, tmp_path / "service", tmp_path / "arrived")


def test_what_was_sent_arrives_as_the_carrier_it_was(line: Line, tmp_path: Path) -> None:
    sent = line.send()
    found = line.fetch()

    assert found.whole
    assert sent.files == found.arrived == len(line.files())
    folder = Folder(line.arrived)
    assert line.sealed.envelope == folder.envelope()
    sealed = {p.relative_to(tmp_path / "sealed") for p in (tmp_path / "sealed").rglob("*")}
    assert sealed == {p.relative_to(line.arrived) for p in line.arrived.rglob("*")}


def test_the_list_says_no_more_than_the_folder(line: Line) -> None:
    line.send()

    listed = shipment.read_shipment((line.service / "shipment.json").read_bytes(), line.key_of)

    assert {"v", "carrier", "envelope_sha256", "files"} == set(msgspec.to_builtins(listed))
    assert listed.files[-1].name == "azukari/envelope.json"
    assert {p.relative_to(line.service).as_posix() for p in line.files()} == {
        file.name for file in listed.files
    }


def test_in_any_order_of_arrival_it_is_no_carrier_before_it_is_whole(line: Line) -> None:
    line.send()
    coming = line.service.rename(line.service.with_name("coming"))
    line.service.mkdir()
    shutil.copy(coming / "shipment.json", line.service)
    names = [p.relative_to(coming) for p in coming.rglob("*") if p.is_file()]
    names.remove(Path("shipment.json"))
    random.Random(7).shuffle(names)

    for number, name in enumerate(names):
        found = line.fetch()
        assert not found.whole
        assert found.arrived <= number
        assert not (line.arrived / "azukari" / "envelope.json").exists()
        (line.service / name).parent.mkdir(exist_ok=True)
        shutil.copy(coming / name, line.service / name)

    assert line.fetch().whole
    assert line.fetch().whole


@pytest.mark.parametrize("spoil", ["cut", "changed", "longer", "link"])
def test_a_file_that_is_not_whole_is_fetched_again(line: Line, spoil: str, tmp_path: Path) -> None:
    line.send()
    part = line.files()[0]
    good = part.read_bytes()
    if spoil == "link":
        part.rename(tmp_path / "elsewhere")
        part.symlink_to(tmp_path / "elsewhere")
    else:
        bad = {"cut": good[:-1], "longer": good + b"x", "changed": b"\0" * len(good)}[spoil]
        part.write_bytes(bad)

    found = line.fetch()

    assert {part.relative_to(line.service).as_posix(), "azukari/envelope.json"} == set(
        found.waiting
    )
    part.unlink()
    part.write_bytes(good)
    assert line.fetch().whole


def test_what_lies_in_the_place_of_a_file_is_never_replaced(line: Line) -> None:
    line.send()
    line.arrived.mkdir()
    (line.arrived / "READ-ME.txt").write_bytes(b"mine")

    with pytest.raises(Conflict):
        line.fetch()

    assert b"mine" == (line.arrived / "READ-ME.txt").read_bytes()


def test_a_foreign_file_among_what_arrived_is_noticed(line: Line) -> None:
    line.send()
    line.fetch()
    (line.arrived / "more.exe").write_bytes(b"x")

    with pytest.raises(Damaged, match="foreign"):
        line.fetch()


def test_attack_a_list_signed_by_another_key(line: Line) -> None:
    line.send()
    listed = shipment.read_shipment((line.service / "shipment.json").read_bytes(), line.key_of)
    forged = shipment.sign_shipment(listed, SigningKey.generate(Use.CARRIER))
    (line.service / "shipment.json").write_bytes(forged)

    with pytest.raises(BadSignature):
        line.fetch()

    assert not line.arrived.exists()


@pytest.mark.parametrize(
    "name",
    ["../up", "/etc/passwd", "azukari/../../up", "azukari/x.azs", "azukari/12345.azs", "notes.txt"],
)
def test_attack_a_list_that_names_a_file_outside_the_folder(line: Line, name: str) -> None:
    line.send()
    key = line.city.office.signers["carrier"]
    data = (line.service / "shipment.json").read_bytes()
    listed = shipment.read_shipment(data, {key.public.id: key.public}.get)
    more = shipment.ShippedFile(name, 1, "0" * 64)
    bad = shipment.sign_shipment(msgspec.structs.replace(listed, files=[more, *listed.files]), key)

    with pytest.raises(BadFormat):
        shipment.read_shipment(bad, {key.public.id: key.public}.get)


def test_a_list_of_another_envelope_or_without_one_is_refused(line: Line) -> None:
    line.send()
    key = line.city.office.signers["carrier"]
    of = {key.public.id: key.public}.get
    listed = shipment.read_shipment((line.service / "shipment.json").read_bytes(), of)
    replace = msgspec.structs.replace
    for bad in (
        replace(listed, files=listed.files[:-1]),
        replace(listed, files=[*listed.files, listed.files[0]]),
        replace(listed, files=listed.files[::-1]),
        replace(listed, envelope_sha256="0" * 64),
        replace(listed, v=2),
    ):
        with pytest.raises(BadFormat):
            shipment.read_shipment(shipment.sign_shipment(bad, key), of)


def test_only_a_carrier_key_signs_a_list(line: Line) -> None:
    line.send()
    key = line.city.office.signers["carrier"].public
    data = (line.service / "shipment.json").read_bytes()
    listed = shipment.read_shipment(data, {key.id: key}.get)

    with pytest.raises(BadSignature):
        shipment.sign_shipment(listed, line.city.office.signers["order"])


def test_an_order_by_stick_is_not_sent(line: Line) -> None:
    with pytest.raises(Refused, match="medium_not_of_order"):
        desk.send(line.city.office, line.city.carriers[0], line.service, line.city.person("clerk"))

    assert not line.service.exists()


def test_sending_is_one_entry_and_what_broke_off_is_finished(line: Line) -> None:
    line.send()
    shutil.rmtree(line.service / "azukari")
    (line.service / "shipment.json").unlink()

    line.send()

    assert 1 == line.city.types("office").count("carrier.sent")
    assert [] == audit(line.city.office)
    assert line.fetch().whole


def test_a_changed_folder_is_not_sent(line: Line, tmp_path: Path) -> None:
    part = max((tmp_path / "sealed").rglob("*.azs"), key=lambda path: path.stat().st_size)
    part.write_bytes(part.read_bytes()[:-1] + b"x")

    with pytest.raises(Damaged):
        line.send()

    assert not line.service.exists()
    assert "carrier.sent" not in line.city.types("office")


def test_attack_a_shipment_is_laid_into_the_carrier_itself(line: Line, tmp_path: Path) -> None:
    clerk = line.city.person("clerk")
    with pytest.raises(BadInput, match="in one another"):
        desk.send(line.city.office, line.sealed.carrier, tmp_path / "sealed" / "out", clerk)

    assert "carrier.sent" not in line.city.types("office")


def test_what_is_not_signed_for_in_time_raises_the_alarm(line: Line) -> None:
    line.send()
    line.city.clock.set("2022-06-21 18:31")

    assert 1 == tick.tick(line.city.office).alarms.count(line.sealed.carrier)


def test_the_recipient_s_receipt_is_countersigned_and_taken_in(line: Line) -> None:
    line.send()
    line.city.clock.set("2022-06-21 17:30")
    assert line.fetch().whole
    hand, order = line.city.cast.hand, line.city.office
    (clerk, clerk_key), (supervisor, key) = hand("clerk"), hand("supervisor")
    step = doc.HandOver(
        id=new_id(),
        carrier=line.sealed.carrier,
        envelope_sha256=envelope_hash(Folder(line.arrived).envelope()),
        giver=clerk,
        taker=supervisor,
        at=line.city.clock.now(),
        due_at=line.city.order.return_by,
        step="receive",
    )
    half = doc.start(step, key)

    custody.take_step(order, doc.add_signature(half, clerk_key))

    assert "carrier.received" == line.city.types("office")[-1]
    assert supervisor == custody.line_of(order, line.sealed.carrier)[-1].holder
    with pytest.raises(Conflict, match="handed over already"):
        line.send()


def test_what_was_handed_over_is_not_sent_too(line: Line) -> None:
    hand = line.city.cast.hand
    custody.pass_on(
        line.city.office, line.sealed.carrier, "hand-over", hand("clerk"), hand("engineer")
    )

    with pytest.raises(Conflict):
        line.send()


def test_an_order_by_network_names_no_medium(line: Line) -> None:
    order = orders.order_of(line.city.office, _order_id(line))

    check(order)
    with pytest.raises(BadInput, match="by network none"):
        check(msgspec.structs.replace(order, media=["S-1"]))


def _order_id(line: Line) -> str:
    from azukari.vault import records

    with line.city.office.act() as tx:
        order: str = records.carrier(tx, line.sealed.carrier).order_id
        return order
