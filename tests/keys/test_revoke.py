"""Revoke, restore, shred, and what a locked key service still does."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.errors import BadSignature, Conflict, Damaged, Locked, NotFound, Refused, WrongKey
from azukari.keys.backends import FileBackend
from azukari.ledger.acts import order_of_revocations
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc


def word(city: Any, name: str, revocation: str, carrier: str | None = None) -> bytes:
    said = doc.Restoration(
        id=new_id(),
        carrier=carrier or city.carriers[0],
        person=city.person(name),
        revocation=revocation,
        at=city.clock.now(),
    )
    return doc.issue(said, city.cast.signer(name))


def revoke(city: Any, *carriers: str) -> str:
    act = new_id()
    city.keeper.revoke(act, city.person("officer"), carriers or city.carriers, None)
    return act


def restore(city: Any, *words: bytes, act: str | None = None) -> None:
    city.keeper.restore(act or new_id(), city.person("officer"), city.carriers[0], words)


# -- revoke


def test_a_bag_is_revoked_in_one_entry(city: Any) -> None:
    revoke(city)

    entry = city.entries("keys")[-1]
    assert "carrier.revoked" == entry.type
    assert set(city.carriers) == set(entry.refs)


def test_attack_a_bag_of_more_carriers_than_one_entry_holds(city: Any) -> None:
    """Ids that nobody knows, thousands of them, do not hold up the revocation of the real ones."""
    before = len(city.types("keys"))

    act = revoke(city, *(new_id() for _ in range(2_400)), *city.carriers)

    new = city.entries("keys")[before:]
    assert [("carrier.revoked", act)] * 3 == [(entry.type, entry.act) for entry in new]
    assert set(city.carriers) <= {ref for entry in new for ref in entry.refs}


def test_the_same_revocation_again_is_no_second_entry(city: Any) -> None:
    act = revoke(city)
    before = city.types("keys")

    city.keeper.revoke(act, city.person("officer"), city.carriers, None)

    assert before == city.types("keys")


def test_a_second_loss_of_a_revoked_carrier_has_its_own_entry(city: Any) -> None:
    """Otherwise the office's entry of the second loss would never find its other half."""
    revoke(city, city.carriers[0])

    second = revoke(city)

    assert second == city.entries("keys")[-1].act
    assert set(city.carriers) == set(city.entries("keys")[-1].refs)


def test_a_carrier_whose_key_is_destroyed_can_be_lost_too(city: Any) -> None:
    city.keeper.shred(new_id(), city.person("clerk"), city.carriers[0])

    revoke(city, city.carriers[0])

    assert "carrier.revoked" == city.types("keys")[-1]
    with pytest.raises(Refused, match="carrier_is_shredded"):
        restore(city, word(city, "officer", new_id()))


def test_one_carrier_nobody_knows_does_not_hold_up_the_others(city: Any) -> None:
    unknown = new_id()

    revoke(city, unknown, "no id at all", city.carriers[0])

    assert (unknown, city.carriers[0]) == city.entries("keys")[-1].refs
    with pytest.raises(Conflict):  # and it will never be made
        city.keeper.create(new_id(), city.person("clerk"), unknown, None)


def test_nothing_that_is_a_carrier_is_nothing_to_revoke(city: Any) -> None:
    with pytest.raises(NotFound):
        revoke(city, "no id at all")


@pytest.mark.parametrize("happened", [-1, 1 << 60])
def test_an_impossible_time_does_not_hold_a_revocation_up(city: Any, happened: int) -> None:
    city.keeper.revoke(new_id(), city.person("officer"), city.carriers, happened)

    assert city.entries("keys")[-1].happened is None


def test_a_revoked_carrier_that_was_never_bound_gives_no_key_to_seal(city: Any) -> None:
    act, carrier = new_id(), new_id()
    city.keeper.create(act, city.person("clerk"), carrier, None)
    revoke(city, carrier)

    with pytest.raises(Refused, match="carrier_is_revoked"):
        city.keeper.release_to_seal(act, city.person("clerk"), carrier)


# -- restore


def test_restoration_needs_two_persons_of_the_city(at_six: Any) -> None:
    act = revoke(at_six)
    for names in ([], ["officer"], ["officer", "officer"]):
        with pytest.raises(Refused, match="two_persons_needed"):
            restore(at_six, *(word(at_six, name, act) for name in names))
    with pytest.raises(BadSignature):
        restore(at_six, word(at_six, "officer", act), word(at_six, "engineer", act))

    restore(at_six, word(at_six, "officer", act), word(at_six, "approver_1", act))

    assert "carrier.restored" == at_six.types("keys")[-1]
    assert at_six.ask()
    assert [] == order_of_revocations(at_six.entries("keys"))


def test_a_restoration_repeated_is_done_once(at_six: Any) -> None:
    revocation, act = revoke(at_six), new_id()
    words = [word(at_six, name, revocation) for name in ("officer", "approver_1")]
    for _ in range(2):
        restore(at_six, *words, act=act)

    assert 1 == at_six.types("keys").count("carrier.restored")


def test_attack_words_for_an_earlier_revocation(at_six: Any) -> None:
    """Two persons undid the first; the carrier was lost again."""
    first = revoke(at_six)
    words = [word(at_six, name, first) for name in ("officer", "approver_1")]
    restore(at_six, *words)
    revoke(at_six)

    with pytest.raises(Refused, match="two_persons_needed"):
        restore(at_six, *words)


def test_attack_words_for_a_revocation_that_another_followed(at_six: Any) -> None:
    first = revoke(at_six)
    words = [word(at_six, name, first) for name in ("officer", "approver_1")]
    revoke(at_six)

    with pytest.raises(Refused, match="two_persons_needed"):
        restore(at_six, *words)


def test_attack_words_for_another_carrier(at_six: Any) -> None:
    act, other = revoke(at_six), at_six.carriers[1]

    with pytest.raises(Refused, match="two_persons_needed"):
        restore(at_six, *(word(at_six, name, act, other) for name in ("officer", "approver_1")))


def test_attack_a_word_signed_with_anothers_key(at_six: Any) -> None:
    said = doc.Restoration(
        id=new_id(),
        carrier=at_six.carriers[0],
        person=at_six.person("approver_1"),
        revocation=revoke(at_six),
        at=at_six.clock.now(),
    )

    with pytest.raises(BadSignature):
        restore(at_six, doc.issue(said, at_six.cast.signer("officer")))


def test_attack_a_second_person_enrolled_for_the_purpose(at_six: Any) -> None:
    """Enrolled an hour ago by the first: neither quiet time nor independence."""
    from azukari.seal.envelope import SigningKey, Use

    signer, person = SigningKey.generate(Use.PERSON), new_id()
    two = [at_six.person("requester"), at_six.person("officer")]
    at_six.keeper.believe([at_six.entry(signer, id=person, roles=["officer"], enrolled_by=two)])
    act = revoke(at_six)
    said = doc.Restoration(
        id=new_id(), carrier=at_six.carriers[0], person=person, revocation=act, at=0
    )
    words = [word(at_six, "officer", act), doc.issue(said, signer)]

    with pytest.raises(Refused, match="two_persons_needed"):
        restore(at_six, *words)
    at_six.clock.set("2022-06-23 18:01")  # the quiet time is over, the tie is not
    with pytest.raises(Refused, match="two_persons_needed"):
        restore(at_six, *words)


def test_a_carrier_that_was_never_made_is_not_restored(city: Any) -> None:
    carrier = new_id()
    act = revoke(city, carrier)
    words = [word(city, name, act, carrier) for name in ("officer", "approver_1")]

    with pytest.raises(Refused, match="carrier_is_revoked"):
        city.keeper.restore(new_id(), city.person("officer"), carrier, words)


# -- shred


def test_shred_then_release_refused(at_six: Any) -> None:
    assert "file backend" == at_six.keeper.shred(
        new_id(), at_six.person("clerk"), at_six.carriers[0]
    )

    with pytest.raises(Refused, match="carrier_is_shredded"):
        at_six.ask()
    assert not (at_six.keys_home / "wrapping" / at_six.carriers[0]).exists()


def test_shredding_again_is_no_second_entry(city: Any) -> None:
    for _ in range(2):
        city.keeper.shred(new_id(), city.person("clerk"), city.carriers[0])

    assert 1 == city.types("keys").count("key.shredded")


def test_a_key_that_a_crash_left_after_its_entry_is_destroyed_at_the_next_start(city: Any) -> None:
    kept = (city.keys_home / "wrapping" / city.carriers[0]).read_bytes()
    city.keeper.shred(new_id(), city.person("clerk"), city.carriers[0])
    (city.keys_home / "wrapping" / city.carriers[0]).write_bytes(kept)

    city.restart()

    assert not (city.keys_home / "wrapping" / city.carriers[0]).exists()


def test_shredding_what_nobody_knows(city: Any) -> None:
    with pytest.raises(NotFound):
        city.keeper.shred(new_id(), city.person("clerk"), new_id())


# -- locked


def test_locked_key_service_still_revokes(at_six: Any) -> None:
    at_six.restart(locked=True)

    incident = at_six.lose()

    assert incident.revoked
    assert "carrier.revoked" == at_six.types("keys")[-1]
    at_six.keeper.verify()
    assert at_six.keeper.checkpoint()
    assert at_six.keeper.releases(at_six.carriers[0])


def test_a_locked_key_service_releases_nothing(at_six: Any) -> None:
    at_six.restart(locked=True)
    by = at_six.person("clerk")

    with pytest.raises(Locked):
        at_six.ask()
    with pytest.raises(Locked):
        at_six.keeper.create(new_id(), by, new_id(), None)
    with pytest.raises(Locked):
        at_six.keeper.release_to_seal(new_id(), by, at_six.roll)
    with pytest.raises(Locked):
        at_six.keeper.shred(new_id(), by, at_six.carriers[0])
    with pytest.raises(Locked):
        restore(at_six)


def test_a_locked_key_service_still_believes(at_six: Any) -> None:
    at_six.restart(locked=True)
    suspension = doc.Suspension(
        id=new_id(), agreement=at_six.agreements["centre"], at=at_six.clock.now()
    )
    at_six.keeper.believe([at_six.by_order_key(suspension)])
    at_six.restart()

    with pytest.raises(Refused, match="agreement_suspended"):
        at_six.ask(not_after=ms("2022-06-21 20:00"))


def test_the_wrong_passphrase_opens_nothing(city: Any) -> None:
    with pytest.raises(WrongKey):
        FileBackend.open(city.keys_home, b"wrong")


# -- the file backend


def test_a_key_moved_to_another_carrier_is_damaged(city: Any) -> None:
    """Wrapping keys are bound to their carrier's id."""
    one, other = (city.keys_home / "wrapping" / carrier for carrier in city.carriers)
    other.write_bytes(one.read_bytes())
    backend = FileBackend.open(city.keys_home, city.passphrase)

    with pytest.raises(Damaged):
        backend.unwrap(city.carriers[1], bytes(60))


def test_without_its_wrapping_key_a_carriers_key_is_gone(city: Any) -> None:
    backend = FileBackend.open(city.keys_home, city.passphrase)
    carrier = new_id()
    wrapped = backend.wrap_new(carrier, bytes(32))
    with pytest.raises(Conflict):
        backend.wrap_new(carrier, bytes(32))
    assert bytes(32) == backend.unwrap(carrier, wrapped)

    backend.shred(carrier)
    backend.shred(carrier)

    with pytest.raises(NotFound):
        backend.unwrap(carrier, wrapped)
