"""More one-time keys for an enrolled device: its own word, new numbers, none for who left."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import audit, one_time, people, post, post_office
from azukari.desk import device as devices
from azukari.desk.enquire import open_carrier
from azukari.errors import AzukariError, BadFormat, BadSignature, Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import keyring


def batch(city: Any, count: int = 2) -> bytes:
    return devices.more_keys(city.device_home, count, city.clock.now())


def numbers(document: bytes) -> list[str]:
    return [key.id for key in doc.unverified(document, doc.OneTimeKeys).keys]


def identity(city: Any) -> SigningKey:
    return keyring.signing_key(city.device_home / "identity.key", Use.RECEIPT)


def changed(city: Any, document: bytes, signer: SigningKey | None = None, **fields: Any) -> bytes:
    said = doc.unverified(document, doc.OneTimeKeys)
    return doc.issue(replace(said, **fields), signer or identity(city))


def take_in(city: Any, document: bytes) -> post.Look:
    look = post_office.look(city.office, post.open_post(document))
    post_office.take(city.office, look)
    return look


def test_a_batch_taken_in_opens_grants(at_six: Any) -> None:
    document = batch(at_six)
    with pytest.raises(Refused, match="one_time_key_unknown"):
        at_six.ask(one_time_key=numbers(document)[0])

    look = take_in(at_six, document)
    grant = at_six.ask(one_time_key=numbers(document)[1])

    assert "the device" == look.sender
    assert "device.more_keys" in at_six.types("office")
    assert [] == audit.audit(at_six.office)
    hand = at_six.cast.signer("operator")
    assert open_carrier(at_six.open_device(), at_six.media[0], grant, hand)


def test_the_same_batch_again_changes_nothing(at_six: Any) -> None:
    document = batch(at_six)
    take_in(at_six, document)
    before = at_six.types("office")

    assert take_in(at_six, document).known
    at_six.keeper.believe([document])
    at_six.restart()
    at_six.keeper.believe([document])

    assert before == at_six.types("office")


def test_the_office_knows_which_are_free(at_six: Any) -> None:
    document = batch(at_six)
    take_in(at_six, document)
    for number in one_time.handed_in(at_six.office)[at_six.device][:-1]:
        at_six.ask(one_time_key=number)

    assert numbers(document)[1] == one_time.next_free(at_six.office, at_six.device)
    at_six.ask(one_time_key=numbers(document)[1])
    with pytest.raises(NotFound, match="no one-time key left"):
        one_time.next_free(at_six.office, at_six.device)


@pytest.mark.parametrize("how", ["its own", "of another batch", "twice"])
def test_attack_a_number_that_is_taken(at_six: Any, how: str) -> None:
    """A second key under a number would make a grant that two papers claim."""
    first, document = batch(at_six), batch(at_six)
    at_six.keeper.believe([first])
    [good, other] = doc.unverified(document, doc.OneTimeKeys).keys
    number = {
        "its own": at_six.one_time_keys[0],
        "of another batch": numbers(first)[0],
        "twice": other.id,
    }[how]

    bad = changed(at_six, document, keys=[doc.OneTimeKey(number, good.public), other])
    with pytest.raises(Conflict, match="number that is taken"):
        at_six.keeper.believe([bad])

    with pytest.raises(Refused, match="one_time_key_unknown"):
        at_six.ask(one_time_key=good.id)


def test_attack_another_batch_under_a_known_id(at_six: Any) -> None:
    document = batch(at_six)
    take_in(at_six, document)
    other = doc.unverified(batch(at_six), doc.OneTimeKeys)

    with pytest.raises(Conflict):
        at_six.keeper.believe([changed(at_six, document, keys=other.keys)])
    with pytest.raises(Conflict):
        take_in(at_six, changed(at_six, document, keys=other.keys))


def test_attack_keys_for_a_device_in_somebody_elses_word(at_six: Any) -> None:
    document = batch(at_six)
    stranger = SigningKey.generate(Use.RECEIPT)

    for bad in (
        changed(at_six, document, stranger),
        changed(at_six, document, device=new_id()),
    ):
        with pytest.raises(BadSignature):
            at_six.keeper.believe([bad])
        with pytest.raises(AzukariError):
            take_in(at_six, bad)
    assert "device.more_keys" not in at_six.types("office")


@pytest.mark.parametrize("bad", ["", "AA==", "not base 64"])
def test_attack_a_batch_with_an_impossible_key(at_six: Any, bad: str) -> None:
    keys = [doc.OneTimeKey(new_id(), bad)]
    with pytest.raises(BadFormat):
        at_six.keeper.believe([changed(at_six, batch(at_six), keys=keys)])


def test_a_device_that_left_hands_in_no_more(at_six: Any) -> None:
    before, after = batch(at_six), batch(at_six)
    take_in(at_six, before)
    people.suspend_device(at_six.office, at_six.device, at_six.person("officer"))

    with pytest.raises(Refused, match="device_revoked"):
        at_six.keeper.believe([after])
    with pytest.raises(NotFound):
        take_in(at_six, after)

    # What was believed before is read again at every start, and opens nothing.
    at_six.restart()
    with pytest.raises(Refused, match="device_revoked"):
        at_six.ask(one_time_key=numbers(before)[0])


def test_the_private_halves_never_leave_the_device(at_six: Any) -> None:
    document = batch(at_six)

    for number in numbers(document):
        pem = (at_six.device_home / "one-time" / f"{number}.key").read_bytes()
        assert b"PRIVATE" in pem
        assert pem.splitlines()[1] not in document
    assert b"PRIVATE" not in document


def test_a_batch_of_a_thousand_is_a_document(at_six: Any) -> None:
    from azukari.seal.envelope import MAX_BYTES

    assert len(batch(at_six, 1000)) < MAX_BYTES
