"""One contract for both clients of the key service: in this process, and over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azukari.desk import audit, erasing
from azukari.errors import (
    BadSignature,
    ClockBehind,
    Conflict,
    Locked,
    NotFound,
    Refused,
)
from azukari.keys.client import BoundPart, Sealed
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.seal.grant import read_grant


def sealed() -> Sealed:
    part = BoundPart("0001", "households", ("answer",), ("operator",))
    return Sealed("ab" * 32, (part,), {"households": 1})


def word(city: Any, name: str, revocation: str) -> bytes:
    said = doc.Restoration(
        id=new_id(),
        carrier=city.carriers[0],
        person=city.person(name),
        revocation=revocation,
        at=city.clock.now(),
    )
    return doc.issue(said, city.cast.signer(name))


def test_a_key_is_made_and_given_once_written_down(either: Any) -> None:
    act, by, carrier = new_id(), either.city.person("clerk"), new_id()
    either.keys.create(act, by, carrier, None)

    key = either.keys.release_to_seal(act, by, carrier)

    assert 32 == len(key)
    assert ["key.created", "key.released.roll"] == either.city.types("keys")[-2:]
    assert key == either.keys.release_to_seal(act, by, carrier)
    assert ["key.created", "key.released.roll"] == either.city.types("keys")[-2:]


def test_an_id_is_used_once_and_what_is_not_known_is_not_found(either: Any) -> None:
    by, carrier = either.city.person("clerk"), new_id()
    either.keys.create(new_id(), by, carrier, None)

    with pytest.raises(Conflict):
        either.keys.create(new_id(), by, carrier, None)
    with pytest.raises(NotFound):
        either.keys.release_to_seal(new_id(), by, new_id())
    with pytest.raises(NotFound):
        either.keys.shred(new_id(), by, new_id())


def test_every_reason_of_a_refusal_arrives(either: Any) -> None:
    with pytest.raises(Refused) as refused:
        either.keys.create(new_id(), either.city.person("clerk"), new_id(), new_id())
    assert ("order_unknown",) == refused.value.reasons
    with pytest.raises(Refused) as again:
        either.keys.bind(new_id(), either.city.person("clerk"), either.city.roll, sealed())
    assert ("carrier_is_created",) == again.value.reasons


def test_a_bound_carrier_is_bound_to_nothing_else(either: Any) -> None:
    with pytest.raises(Conflict):
        either.keys.bind(new_id(), either.city.person("clerk"), either.city.carriers[0], sealed())


def test_a_grant_goes_the_whole_way(either: Any) -> None:
    grant = either.city.ask()

    device = either.city.open_device()
    assert read_grant(grant, device.trust.key(Use.GRANT, either.city.clock.now()))
    assert "key.released" == either.city.types("keys")[-1]
    assert either.city.one_time_keys[0] in str(either.keys.releases(either.city.carriers[0]))


def test_a_bag_is_revoked_in_one_entry_and_gives_no_key(either: Any) -> None:
    act = new_id()
    for _ in range(2):
        either.keys.revoke(act, either.city.person("officer"), either.city.carriers, -1)

    entry = either.city.entries("keys")[-1]
    assert ("carrier.revoked", None) == (entry.type, entry.happened)
    assert set(either.city.carriers) == set(entry.refs)
    assert 1 == either.city.types("keys").count("carrier.revoked")
    with pytest.raises(Refused, match="carrier_is_revoked"):
        either.city.ask()


def test_two_persons_undo_a_revocation(either: Any) -> None:
    act, by = new_id(), either.city.person("officer")
    either.keys.revoke(act, by, either.city.carriers, None)
    one = word(either.city, "officer", act)
    with pytest.raises(Refused, match="two_persons_needed"):
        either.keys.restore(new_id(), by, either.city.carriers[0], [one])

    both = [one, word(either.city, "approver_1", act)]
    either.keys.restore(new_id(), by, either.city.carriers[0], both)

    assert either.city.ask()


def test_a_list_of_details_is_emptied_once_on_two_hands(either: Any) -> None:
    city, by = either.city, either.city.person("officer")
    with pytest.raises(Refused):
        city.ask(device=new_id())
    for carrier in city.carriers:
        either.keys.shred(new_id(), by, carrier)
    city.clock.set("2028-07-01 09:00")
    looked = replace(erasing.look(city.office, "key-refusals"), held=())  # the keys' own no
    asked = erasing.request(city.office, looked, "its time is over", city.cast.hand("officer"))
    alone = doc.issue(asked, city.cast.signer("officer"), city.cast.signer("engineer"))
    with pytest.raises(Refused, match="two_persons_needed"):
        either.keys.erase(new_id(), by, alone)
    both = doc.issue(asked, city.cast.signer("officer"), city.cast.signer("approver_1"))

    for _ in range(2):
        assert either.keys.erase(new_id(), by, both)

    assert 1 == city.types("keys").count("detail.erased")


def test_a_destroyed_key_opens_nothing(either: Any) -> None:
    said = either.keys.shred(new_id(), either.city.person("clerk"), either.city.carriers[0])

    assert "file backend" == said
    with pytest.raises(Refused, match="carrier_is_shredded"):
        either.city.ask()


def test_a_suspension_is_believed_and_a_forged_one_is_not(either: Any) -> None:
    ended = doc.Suspension(
        id=new_id(), agreement=either.city.agreements["centre"], at=either.city.clock.now()
    )
    with pytest.raises(BadSignature):
        either.keys.believe([doc.issue(ended, SigningKey.generate(Use.ORDER))])

    either.keys.believe([either.city.by_order_key(ended)])

    with pytest.raises(Refused, match="agreement_suspended"):
        either.city.ask()


def test_locked_it_revokes_and_answers_and_releases_nothing(either: Any) -> None:
    either.restart(locked=True)
    by = either.city.person("clerk")

    assert either.city.lose().revoked
    assert either.keys.releases(either.city.roll)
    with pytest.raises(Locked):
        either.keys.create(new_id(), by, new_id(), None)
    with pytest.raises(Locked):
        either.keys.release_to_seal(new_id(), by, either.city.roll)
    with pytest.raises(Locked):
        either.keys.shred(new_id(), by, either.city.carriers[0])
    with pytest.raises(Locked):
        either.keys.restore(new_id(), by, either.city.carriers[0], [])


def test_a_sign_of_life_is_written_where_nothing_was_for_twenty_hours(either: Any) -> None:
    for minutes, beats in ((18 * 60, 0), (3 * 60, 1), (1, 1)):
        either.city.clock.at += minutes * 60_000

        either.keys.heartbeat(new_id(), either.city.city)

        assert beats == either.city.types("keys").count("ledger.heartbeat")


def test_entries_and_head_are_those_of_the_ledger(either: Any) -> None:
    lines = either.keys.entries(0)
    note = open_checkpoint(either.keys.checkpoint(), parse_vkey(either.keys.verifier))

    assert either.city.keeper.entries(0) == lines
    assert lines[3:] == either.keys.entries(3)
    assert len(lines) == note.size == either.keys.head().size
    assert note.root.hex() == either.keys.head().root


def test_with_a_clock_behind_its_ledger_it_releases_nothing_and_revokes(either: Any) -> None:
    either.city.ask()
    either.city.clock.set("2022-06-21 17:30")
    if either.line is not None:
        carry = either.line.carry
        either.line.open()
        either.line.carry = carry

    with pytest.raises(ClockBehind):
        either.keys.create(new_id(), either.city.person("clerk"), new_id(), None)
    either.keys.revoke(new_id(), either.city.person("officer"), either.city.carriers, None)

    assert "carrier.revoked" == either.city.types("keys")[-1]


def test_both_ledgers_of_a_loss_fit(either: Any) -> None:
    either.city.ask()
    either.city.lose()

    assert [] == audit.audit(either.city.office)


def test_an_export_holds_the_same_files(either: Any) -> None:
    assert dict(either.city.keeper.export()) == dict(either.keys.export())
