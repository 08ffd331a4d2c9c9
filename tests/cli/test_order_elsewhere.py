"""An order at a contractor: the same words as at the office, approved there, carried back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from azukari import settings
from azukari.cli import exits
from azukari.cli.order_sheet import lines
from azukari.desk import order as orders
from azukari.desk import post, post_office
from azukari.desk.order_sheet import order_sheet
from azukari.errors import BadFormat, BadSignature
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.vault import records

DAY = 86_400_000


@pytest.fixture
def order(city: Any) -> doc.Order:
    """An order that nobody has approved yet."""
    found: doc.Order = city.new_order()
    return found


@pytest.fixture
def contractor(city: Any, order: doc.Order, tmp_path: Path) -> Path:
    """A contractor's home with all that the city signed, and an approver who visits."""
    home = tmp_path / "contractor"
    root, now = SigningKey.generate(Use.ROOT), city.clock.now()
    keys = [city.office.signers[name].public for name in ("enrol", "order", "carrier")]
    keys += city.office.founders
    bundle = TrustBundle(1, 1, 0, now + DAY, [trusted(key, 0, now + DAY) for key in keys], [])
    post.pin(home, root.public, issue_bundle(bundle, root))
    (home / "inbox").mkdir()
    settings.write(home, settings.Settings(site="contractor", city=city.city))
    with city.office.act() as tx:
        # In the order they were believed at the office: who signs stands before what is signed.
        words = (doc.Party, doc.Person, doc.Device, doc.Agreement, doc.Training)
        known = records.documents(tx, *words)
        known.append(records.document(tx, order.id))
        known.append(city.approval(order, "approver_2"))
    box = post.open_inbox(home, city.city, now)
    for envelope in known:
        box.take(box.look(post.open_post(envelope), now))
    (city.out / "persons" / "approver_1.id").write_text(city.person("approver_1"))
    return home


def file_of(city: Any, order: doc.Order, to: Path) -> Path:
    with city.office.act() as tx:
        to.write_bytes(records.document(tx, order.id))
    return to


def kept_approval(home: Path) -> bytes:
    (path,) = (home / "inbox").glob("*-approval-*")
    return path.read_bytes()


def test_a_contractor_shows_the_same_order_by_the_same_words(
    city: Any, order: doc.Order, contractor: Path, run: Any, tmp_path: Path
) -> None:
    at, now = ("--home", contractor), city.clock.now
    here = run("order", "show", order.id, *at, now=now)
    file = run("order", "show", file_of(city, order, tmp_path / "o.json"), *at, now=now)
    orders.take_approval(city.office, kept_approval(contractor))
    office = lines(order_sheet(city.office, order.id), "en")

    assert (0, 0) == (here.code, file.code)
    assert here.out == file.out
    assert office == here.out.splitlines()
    assert order.id in run("order", "show", *at, now=now).out
    assert 10 == run("order", "show", "0" * 26, *at, now=now).code


def test_an_approval_signed_elsewhere_counts_at_the_office(
    city: Any, order: doc.Order, contractor: Path, run: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("AZUKARI_PERSON", str(city.out / "persons"))
    file = file_of(city, order, tmp_path / "order.json")
    words = order_sheet(city.office, order.id).kana
    line = ("order", "approve", file, "--as", "approver_1", "--home", contractor, "--json")
    secret = city.cast.passphrases["approver_1"]

    unseen = run(*line, "--to", tmp_path / "none", now=city.clock.now, person_fd=secret)
    done = run(*line, "--to", tmp_path, "--words", words, now=city.clock.now, person_fd=secret)

    assert (9, 0) == (unseen.code, done.code)
    assert "words_missing" in unseen.err
    assert not (tmp_path / "none").exists()
    approval = Path(msgspec.json.decode(done.out)["file"]).read_bytes()
    post_office.take(city.office, post_office.look(city.office, post.open_post(approval)))
    assert [city.person("approver_1")] == [
        one.approver for one in orders.approvals_of(city.office, order.id)
    ]


def test_attack_another_order_under_an_id_that_is_known(
    city: Any, order: doc.Order, contractor: Path, run: Any, tmp_path: Path
) -> None:
    """Even the city's own keys do not make a second order of one id: nobody is shown it."""
    other = replace(order, route="another way")
    signers = (city.office.signers["order"], city.cast.signer("requester"))
    (tmp_path / "order.json").write_bytes(doc.issue(other, *signers))

    shown = run("order", "show", tmp_path / "order.json", "--home", contractor, now=city.clock.now)

    assert 11 == shown.code
    assert "" == shown.out


def test_attack_an_order_that_the_city_did_not_sign(
    city: Any, order: doc.Order, contractor: Path, run: Any, tmp_path: Path
) -> None:
    other = replace(order, id="0" * 26)
    signers = (SigningKey.generate(Use.ORDER), city.cast.signer("requester"))
    (tmp_path / "order.json").write_bytes(doc.issue(other, *signers))
    at = ("--home", contractor)

    for words in (("order", "show"), ("order", "approve", "--as", "approver_1")):
        ran = run(*words, tmp_path / "order.json", *at, now=city.clock.now)

        assert exits.CODES[BadSignature] == ran.code
        assert "eight words" not in ran.out + ran.err


def test_attack_a_file_of_nothing_among_those_that_are_taken_in(
    city: Any, order: doc.Order, contractor: Path, run: Any, tmp_path: Path
) -> None:
    """Junk with a name that acts lies on the stick: it keeps no other file out, and is named."""
    approval = tmp_path / "approval.json"
    approval.write_bytes(city.approval(order, "approver_1"))
    junk = tmp_path / "\x1b[2Jjunk.json"
    junk.write_bytes(b'{"payload":')

    ran = run("in", junk, approval, "--home", contractor, now=city.clock.now)

    assert exits.CODES[BadFormat] == ran.code
    assert "approval " in ran.out
    assert "\\u001b[2Jjunk.json: not taken in" in ran.err
    assert 2 == len(list((contractor / "inbox").glob("*-approval-*")))
