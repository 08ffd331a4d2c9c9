"""Details are emptied by a rule and two persons, never against a hold; the history stays."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import audit, custody, erasing, holds, loss, people
from azukari.desk import order as orders
from azukari.desk.holds import Hand
from azukari.errors import BadSignature, Conflict, LedgerBroken, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import forget
from azukari.vault import alarms, records, schema

pytestmark = pytest.mark.real

LATER = "2028-07-01 09:00"
BECAUSE = "the year is over"


def refused(city: Any) -> int:
    """An approver's no to an order: an entry whose detail a rule lets go after a year."""
    now, hour = city.clock.now(), 3_600_000
    times = {"receive_by": now + hour, "return_by": now + 2 * hour, "expires_at": now + 3 * hour}
    order = city.new_order(**times)
    people.refuse(city.office, order.id, *city.cast.hand("approver_2"))
    return len(city.types("office")) - 1


def back(city: Any) -> None:
    """Both carriers are at the city again."""
    city.hand_over()
    hand = city.cast.hand
    for carrier in city.carriers:
        custody.pass_on(city.office, carrier, "return", hand("supervisor"), hand("clerk"))


@pytest.fixture
def old(city: Any) -> Any:
    """Six years later: one refusal is on record, nothing is out and nothing open."""
    back(city)
    refused(city)
    city.clock.set(LATER)
    return city


def request(city: Any, rule: str = "refusals", name: str = "approver_1", **said: Any) -> str:
    looked = erasing.look(city.office, rule)
    return erasing.request(city.office, looked, BECAUSE, city.cast.hand(name), **said).id


def approve(city: Any, erasure: str, name: str = "approver_2", **said: Any) -> erasing.Erased:
    return erasing.approve(city.office, erasure, city.cast.hand(name), **said)


def detail(city: Any, entry: int) -> Any:
    with city.office.act() as tx:
        return city.office.book.detail(tx, entry)


def root(city: Any, size: int) -> bytes:
    with city.office.act() as tx:
        return bytes(city.office.book.prove_growth(tx, size)[0])


def reasons(told: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return told.value.reasons


# -- by rule


def test_two_persons_empty_what_a_rule_names(old: Any) -> None:
    size = len(old.types("office"))
    before, [entry] = root(old, size), [*erasing.look(old.office, "refusals").lines]
    assert ["order_withdrawn"] == detail(old, entry)["reasons"]

    erased = approve(old, request(old))

    assert [entry] == erased.erasure.entries
    with pytest.raises(NotFound, match="erased"):
        detail(old, entry)
    assert ["detail.requested", "detail.erased"] == old.types("office")[size:]
    assert before == root(old, size)
    assert [] == audit.audit(old.office)


def test_the_entry_that_says_so_commits_to_the_list(old: Any) -> None:
    erased = approve(old, request(old))

    said = detail(old, len(old.types("office")) - 1)

    assert doc.digest(erased.erasure) == said["sha256"]
    assert (erased.erasure.entries, "refusals") == (said["entries"], said["rule"])
    last = old.entries("office")[-1]
    assert erased.act == last.act
    assert {old.person("approver_1"), old.person("approver_2")} < set(last.refs)


def test_it_is_known_which_details_went_when_and_by_which_rule(old: Any) -> None:
    [entry] = approve(old, request(old)).erasure.entries

    with old.office.act() as tx:
        [(gone, (at, rule))] = erasing.erased_in(old.office, tx, "office").items()

    assert (entry, "refusals") == (gone, rule)
    assert old.entries("office")[-1].at - 1_000 < at <= old.clock.now()


def test_nothing_younger_than_the_rule_goes(city: Any) -> None:
    back(city)
    refused(city)
    city.clock.set("2023-06-20 09:00")

    assert {} == erasing.look(city.office, "refusals").lines
    with pytest.raises(Refused, match="kept_by_its_rule"):
        erasing.look(city.office, "refusals", city.clock.now())
    with pytest.raises(NotFound):
        request(city)


def test_the_address_of_who_left_long_ago_goes_with_the_rule(old: Any) -> None:
    person = old.person("engineer")
    with old.office.act() as tx:
        alarms.set_contact(tx, person, "kenji@kakuu.example", old.clock.now())
    people.leave(old.office, person, old.person("officer"))
    assert () == erasing.look(old.office, "people").contacts
    old.clock.set("2032-01-01 09:00")

    approve(old, request(old, "people"))

    with old.office.act() as tx:
        assert {} == alarms.contacts(tx)


def test_documents_that_name_the_same_are_told_of_and_not_touched(old: Any) -> None:
    looked = erasing.look(old.office, "refusals")
    with old.office.act() as tx:
        before = tx.execute(schema.document.select()).all()

    approve(old, request(old))

    assert {"Order": 1, "Person": 1} == {
        word: count for word, count in looked.elsewhere.items() if word in ("Order", "Person")
    }
    with old.office.act() as tx:
        assert set(before) < set(tx.execute(schema.document.select()).all())


def test_nothing_of_an_erased_detail_is_left_in_the_databases_files(old: Any) -> None:
    [entry] = erasing.look(old.office, "refusals").lines
    with old.office.act() as tx:
        salt, body = old.office.book.opening(tx, entry)
    assert any(salt in content for content in files_of(old.office_home))

    erased = approve(old, request(old))

    assert erased.settled
    assert not any(salt in content for content in files_of(old.office_home))
    assert not any(salt + body in content for content in files_of(old.office_home))


def test_a_reader_in_the_way_is_said_and_asking_again_finishes(old: Any) -> None:
    [entry] = erasing.look(old.office, "refusals").lines
    with old.office.act() as tx:
        salt, _ = old.office.book.opening(tx, entry)
    erasure = request(old)
    reader = sqlite3.connect(old.office_home / "office.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entry").fetchall()
    erased = approve(old, erasure)
    reader.close()
    assert not erased.settled
    size = len(old.types("office"))

    assert approve(old, erasure).settled
    assert size == len(old.types("office"))
    assert not any(salt in content for content in files_of(old.office_home))


def files_of(home: Path) -> list[bytes]:
    return [path.read_bytes() for path in home.glob("office.db*")]


def test_a_crash_before_the_commit_leaves_everything_as_it_was(
    old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = request(old)
    size, [entry] = len(old.types("office")), erasing.look(old.office, "refusals").lines
    monkeypatch.setattr(erasing, "_done", dies)
    with pytest.raises(KeyboardInterrupt):
        approve(old, erasure)
    monkeypatch.undo()
    old.restart()
    assert detail(old, entry)
    assert size == len(old.types("office"))

    assert approve(old, erasure).settled


def test_a_crash_after_the_commit_is_finished_by_asking_again(
    old: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = request(old)
    [entry] = erasing.look(old.office, "refusals").lines
    with old.office.act() as tx:
        salt, _ = old.office.book.opening(tx, entry)
    monkeypatch.setattr(forget, "settle", dies)
    with pytest.raises(KeyboardInterrupt):
        approve(old, erasure)
    monkeypatch.undo()

    assert approve(old, erasure).settled

    assert 1 == old.types("office").count("detail.erased")
    assert not any(salt in content for content in files_of(old.office_home))
    assert [] == audit.audit(old.office)


def dies(*_given: Any) -> bool:
    raise KeyboardInterrupt


# -- two persons


def test_attack_one_person_alone(old: Any) -> None:
    erasure = request(old)
    [entry] = erasing.look(old.office, "refusals").lines

    with pytest.raises(Refused) as told:
        approve(old, erasure, "approver_1")

    assert ("two_persons_needed",) == reasons(told)
    assert "detail.refused" == old.types("office")[-1]
    assert detail(old, entry)


def test_attack_a_person_of_the_contractor(old: Any) -> None:
    with pytest.raises(Refused, match="two_persons_needed"):
        approve(old, request(old), "contractor_officer")
    with pytest.raises(Refused, match="person_not_of_city"):
        request(old, name="contractor_officer")


def test_attack_somebody_who_left(old: Any) -> None:
    erasure = request(old)
    people.leave(old.office, old.person("approver_2"), old.person("officer"))

    with pytest.raises(Refused, match="two_persons_needed"):
        approve(old, erasure)


def test_attack_the_key_of_another(old: Any) -> None:
    hand: Hand = (old.person("approver_2"), old.cast.signer("approver_1"))

    with pytest.raises(BadSignature):
        erasing.approve(old.office, request(old), hand)


def test_attack_somebody_whom_the_requester_admitted_yesterday(old: Any) -> None:
    key = SigningKey.generate(Use.PERSON)
    two = [old.person("approver_1"), old.person("officer")]
    entry = old.entry(key, enrolled_by=two, vouched_by=old.person("officer"))
    orders.enrol(old.office, entry)
    new = doc.unverified(entry, doc.Person).id
    erasure = request(old)
    with pytest.raises(Refused, match="approver_in_quiet_time"):
        erasing.approve(old.office, erasure, (new, key))
    old.clock.set("2028-07-03 09:00")

    with pytest.raises(Refused) as told:
        erasing.approve(old.office, erasure, (new, key))

    assert ("approver_enrolled_by_requester",) == reasons(told)


def test_attack_the_list_swapped_after_it_was_asked_for(old: Any) -> None:
    """Whoever can write to the database puts a longer list under the requester's name."""
    erasure = request(old)
    asked = erasing.asked_for(old.office, erasure)
    longer = replace(asked.erasure, entries=[0, *asked.erasure.entries])
    own = old.cast.signer("officer")
    with old.office.act() as tx:
        mine = schema.erasure.c.id == erasure
        tx.execute(schema.erasure.update().where(mine).values(half=doc.start(longer, own)))

    with pytest.raises(BadSignature):
        approve(old, erasure)
    assert detail(old, asked.erasure.entries[0])


def test_attack_another_list_than_was_shown(old: Any) -> None:
    erasure = request(old)

    with pytest.raises(Conflict):
        approve(old, erasure, shown="0" * 64)
    shown = doc.digest(erasing.asked_for(old.office, erasure).erasure)
    assert approve(old, erasure, shown=shown)


def test_attack_an_approval_used_for_a_second_list(old: Any) -> None:
    """Both hands are under one document: they say nothing about any other."""
    first = approve(old, request(old)).erasure
    whole = erasing.asked_for(old.office, first.id).whole
    back_then = refused(old)
    old.clock.set("2031-01-01 09:00")
    second = request(old)
    with old.office.act() as tx:
        mine = schema.erasure.c.id == second
        values = {"whole": whole, "act": new_id(), "half": whole}
        tx.execute(schema.erasure.update().where(mine).values(**values))

    with pytest.raises(LedgerBroken):
        approve(old, second)
    assert detail(old, back_then)
    assert 1 == old.types("office").count("detail.erased")


def test_attack_a_list_of_another_rules_entries(old: Any) -> None:
    """Two persons sign it, and still nothing goes that no rule lets go."""
    looked = erasing.look(old.office, "refusals")
    entry = old.types("office").index("carrier.sealed")
    with old.office.act() as tx:
        lines = {entry: old.office.book.entries(tx, entry, entry + 1)[0]}
    bad = dataclasses.replace(looked, lines=lines)
    asked = erasing.request(old.office, bad, BECAUSE, old.cast.hand("approver_1"))

    with pytest.raises(Refused, match="erasure_not_by_its_rule"):
        approve(old, asked.id)
    assert detail(old, entry)


def test_a_list_waits_a_week_for_its_second_hand(old: Any) -> None:
    erasure = request(old)
    old.clock.set("2028-07-08 09:01")

    with pytest.raises(Refused, match="erasure_expired"):
        approve(old, erasure)


# -- holds


def test_attack_erase_while_an_incident_is_open(old: Any) -> None:
    erasure = request(old)
    [entry] = erasing.look(old.office, "refusals").lines
    order = old.entries("office")[entry].refs[0]
    loss.declare(old.office, old.carriers[:1], old.declared(by=old.person("approver_2")))
    holds.place(old.office, [order], "x", old.cast.hand("officer"), old.cast.hand("approver_1"))

    with pytest.raises(Refused) as told:
        approve(old, erasure)

    assert "held_by_request" in reasons(told)
    assert detail(old, entry)


def test_what_an_open_incident_is_about_stays(city: Any) -> None:
    """Its carriers, their order, whom the order names: nobody knows yet what will be asked."""
    back(city)
    with pytest.raises(Refused):
        orders.approve(city.office, city.order.id, *city.cast.hand("clerk"))
    city.clock.set(LATER)
    city.lose()

    looked = erasing.look(city.office, "refusals")

    assert {"incident_open"} <= {one.why for one in looked.held}
    assert set(looked.lines) == {one.entry for one in looked.held}
    with pytest.raises(Refused, match="incident_open"):
        request(city)
    with pytest.raises(NotFound):
        request(city, leave_held=True)


def test_what_a_carrier_that_is_out_is_about_stays(city: Any) -> None:
    city.hand_over()
    with pytest.raises(Refused):
        orders.approve(city.office, city.order.id, *city.cast.hand("clerk"))
    city.clock.set(LATER)

    with pytest.raises(Refused) as told:
        request(city)

    assert "carrier_not_accounted_for" in reasons(told)


def test_what_an_open_duty_needs_stays(old: Any) -> None:
    [entry] = erasing.look(old.office, "refusals").lines
    order = old.entries("office")[entry].refs[0]
    with old.office.act() as tx:
        records.set_due(tx, order, "unused", old.clock.now())

    with pytest.raises(Refused) as told:
        request(old)

    assert ("duty_open",) == reasons(told)


def test_a_hold_of_a_committee_keeps_everything(old: Any) -> None:
    two = old.cast.hand("officer"), old.cast.hand("approver_1")
    hold = holds.place(old.office, [], "the committee asks", *two)
    with pytest.raises(Refused, match="held_by_request"):
        request(old)

    holds.lift(old.office, hold.id, "it has reported", *two)

    assert ["hold.placed", "hold.lifted"] == old.types("office")[-2:]
    assert approve(old, request(old))


def test_attack_a_hold_lifted_by_one(old: Any) -> None:
    officer, other = old.cast.hand("officer"), old.cast.hand("approver_1")
    hold = holds.place(old.office, [], "the committee asks", officer, other)

    with pytest.raises(Refused, match="two_persons_needed"):
        holds.lift(old.office, hold.id, "no more", officer, officer)
    with pytest.raises(BadSignature):
        holds.lift(old.office, hold.id, "no more", officer, (other[0], officer[1]))

    assert [hold.id] == [one.id for one in holds.holding(old.office)]


def test_attack_a_hold_placed_by_one(old: Any) -> None:
    officer = old.cast.hand("officer")

    with pytest.raises(Refused, match="two_persons_needed"):
        holds.place(old.office, [], "mine", officer, officer)


def test_a_hold_is_lifted_once(old: Any) -> None:
    two = old.cast.hand("officer"), old.cast.hand("approver_1")
    hold = holds.place(old.office, [], "the committee asks", *two)
    holds.lift(old.office, hold.id, "it has reported", *two)

    with pytest.raises(NotFound):
        holds.lift(old.office, hold.id, "again", *two)


# -- the keys' ledger


@pytest.fixture
def asked_amiss(city: Any) -> Any:
    """A grant that the key service refused, six years ago; carriers are back, their keys gone."""
    back(city)
    with pytest.raises(Refused):
        city.ask(device=new_id())
    city.clock.set(LATER)
    return city


def test_attack_a_key_that_is_still_kept(city: Any) -> None:
    """The office says that nothing holds it; the key service keeps the key, and so the detail."""
    with pytest.raises(Refused):
        city.ask(device=new_id())
    city.clock.set(LATER)
    looked = erasing.look(city.office, "key-refusals")
    assert {"carrier_not_accounted_for"} <= {one.why for one in looked.held}
    forgetful = dataclasses.replace(looked, held=())
    asked = erasing.request(city.office, forgetful, BECAUSE, city.cast.hand("approver_1"))
    whole = doc.issue(asked, *(city.cast.signer(name) for name in ("approver_1", "approver_2")))

    with pytest.raises(Refused) as told:
        city.keeper.erase(new_id(), city.person("officer"), whole)

    assert ("carrier_not_accounted_for",) == reasons(told)
    assert "key.refused" == city.types("keys")[-1]


def test_the_key_service_empties_its_own_details_by_the_same_document(asked_amiss: Any) -> None:
    erased = approve(asked_amiss, request(asked_amiss, "key-refusals"))

    assert erased.settled
    assert "detail.erased" == asked_amiss.types("keys")[-1] == asked_amiss.types("office")[-1]
    acts = {asked_amiss.entries(which)[-1].act for which in ("office", "keys")}
    assert {erased.act} == acts
    assert [] == audit.audit(asked_amiss.office, keys=asked_amiss.keeper)
    assert {} == erasing.look(asked_amiss.office, "key-refusals").lines


def test_a_crash_between_the_two_ledgers_is_finished_by_asking_again(
    asked_amiss: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = request(asked_amiss, "key-refusals")
    erase = asked_amiss.keeper.erase

    def done_and_dies(*given: Any) -> bool:
        erase(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(asked_amiss.keeper, "erase", done_and_dies)
    with pytest.raises(KeyboardInterrupt):
        approve(asked_amiss, erasure)
    monkeypatch.undo()
    assert "detail.erased" not in asked_amiss.types("office")

    for _ in range(2):
        assert approve(asked_amiss, erasure).settled

    assert 1 == asked_amiss.types("office").count("detail.erased")
    assert 1 == asked_amiss.types("keys").count("detail.erased")


def whole_of(city: Any, **changed: Any) -> bytes:
    """A list that two persons signed, sent to the key service past the office."""
    asked = erasing.asked_for(city.office, request(city, "key-refusals")).erasure
    two = [city.cast.signer(name) for name in changed.pop("hands", ("approver_1", "approver_2"))]
    return doc.issue(replace(asked, **changed), *two)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"ledger": "another.example/keys"}, "erasure_of_another_ledger"),
        ({"rule": "refusals"}, "erasure_of_another_ledger"),
        ({"lines_sha256": "0" * 64}, "erasure_of_another_list"),
        ({"entries": [10**6]}, "erasure_of_another_list"),
        ({"until": 2**52}, "kept_by_its_rule"),
        ({"expires_at": 2**52}, "erasure_expired"),
        ({"contacts": ["0" * 26]}, "erasure_not_by_its_rule"),
    ],
)
def test_attack_an_office_sends_a_list_of_its_own_making(
    asked_amiss: Any, changed: dict[str, Any], why: str
) -> None:
    whole = whole_of(asked_amiss, **changed)

    with pytest.raises(Refused) as told:
        asked_amiss.keeper.erase(new_id(), asked_amiss.person("officer"), whole)

    assert why in reasons(told)


def test_attack_the_key_service_is_sent_one_hand_twice(asked_amiss: Any) -> None:
    twice = whole_of(asked_amiss, hands=("approver_1", "approver_1"))
    with pytest.raises(BadSignature):
        asked_amiss.keeper.erase(new_id(), asked_amiss.person("officer"), twice)
    other = whole_of(asked_amiss, hands=("approver_2", "officer"))

    with pytest.raises(BadSignature):  # neither is the requester whom it names
        asked_amiss.keeper.erase(new_id(), asked_amiss.person("officer"), other)
    foreign = whole_of(asked_amiss, hands=("approver_1", "engineer"))
    with pytest.raises(Refused, match="two_persons_needed"):
        asked_amiss.keeper.erase(new_id(), asked_amiss.person("officer"), foreign)
