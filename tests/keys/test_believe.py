"""What the key service believes: documents it verified itself; negative facts stay for good."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from azukari.errors import (
    AzukariError,
    BadFormat,
    BadInput,
    BadSignature,
    Conflict,
    Refused,
    Unreachable,
)
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.rehearse.house import TERMS
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, canonical, sign

EVENING = {"not_after": ms("2022-06-21 20:30")}


def status(city: Any, serial: int, **changed: Any) -> bytes:
    said: dict[str, Any] = {
        "id": new_id(),
        "serial": serial,
        "at": city.clock.now(),
        "suspended": [],
        "left": [],
        "revoked": [],
    }
    return bytes(city.by_order_key(doc.Status(**(said | changed))))


def suspension(city: Any, party: str) -> bytes:
    word = doc.Suspension(id=new_id(), agreement=city.agreements[party], at=city.clock.now())
    return bytes(city.by_order_key(word))


# -- forgeries


def test_forged_approval(city: Any) -> None:
    """The office itself writes an approval in a person's name, with every key it has."""
    order = city.order
    others = [city.cast.signer("approver_1"), SigningKey.generate(Use.PERSON)]
    for signer in others:
        with pytest.raises(BadSignature):
            city.keeper.believe([city.approval(order, "approver_2", signer)])


def test_forged_training(city: Any) -> None:
    """The order key, or another city's enrol key, under a sheet whose person plays along."""
    sat = doc.unverified(city.cast.sat("hidden", city.clock.now()), doc.Training)
    kind = "application/vnd.azukari.training.v1+json"
    person = city.cast.signer("hidden")
    enrol = city.office.signers["enrol"]
    forgers = ([city.office.signers["order"], person], [SigningKey.generate(Use.ENROL), person])
    for hands in (*forgers, [enrol], [person], [enrol, enrol]):
        with pytest.raises(BadSignature):
            city.keeper.believe([sign(canonical(sat), kind, hands)])
    # Nothing else was wrong with it.
    city.keeper.believe([sign(canonical(sat), kind, [enrol, person])])


def test_agreement_without_the_city(city: Any) -> None:
    link = doc.Agreement(
        id=new_id(),
        parent=city.agreements["centre"],
        replaces="",
        entrustor=city.cast.parties["centre"],
        processor=city.cast.parties["hidden"],
        terms=doc.unverified(agreement_of(city, "centre"), doc.Agreement).terms,
        from_at=city.clock.now(),
    )

    with pytest.raises(BadSignature):
        city.keeper.believe(
            [doc.issue(link, SigningKey.generate(Use.ORDER), *officers(city, "centre", "hidden"))]
        )


@pytest.mark.parametrize(
    "hands",
    [
        ("officer", "centre_officer"),
        ("engineer", "centre_officer"),
        ("contractor_officer", "operator"),
        ("contractor_officer", "hidden_officer"),
    ],
)
def test_an_agreement_is_signed_by_an_officer_of_each_of_its_parties(
    city: Any, hands: tuple[str, str]
) -> None:
    known = doc.unverified(agreement_of(city, "centre"), doc.Agreement)
    link = replace(known, id=new_id())
    signers = [city.cast.signer(name) for name in hands]

    with pytest.raises(BadSignature):
        city.keeper.believe([doc.issue(link, city.office.signers["order"], *signers)])


def officers(city: Any, *parties: str) -> list[Any]:
    return [
        city.cast.signer("officer" if party == "city" else f"{party}_officer") for party in parties
    ]


def agreement_of(city: Any, party: str) -> bytes:
    from azukari.vault import records

    with city.office.act() as tx:
        return records.document(tx, city.agreements[party])


def test_widened_child_agreement(city: Any) -> None:
    """Below a link that must not re-entrust, wider than it, the city's own key misused."""
    wide = doc.unverified(agreement_of(city, "contractor"), doc.Agreement).terms
    link = doc.Agreement(
        id=new_id(),
        parent=city.agreements["centre"],
        replaces="",
        entrustor=city.cast.parties["centre"],
        processor=city.cast.parties["hidden"],
        terms=wide,
        from_at=city.clock.now(),
    )
    city.keeper.believe(
        [doc.issue(link, city.office.signers["order"], *officers(city, "centre", "hidden"))]
    )
    order = replace(city.order, id=new_id(), agreement=link.id, recipient=city.person("hidden"))
    signed = doc.issue(order, city.office.signers["order"], city.cast.signer("requester"))
    city.keeper.believe([signed])
    city.keeper.believe([city.approval(order, name) for name in ("approver_1", "approver_2")])

    with pytest.raises(Refused, match="chain_broken"):
        city.keeper.create(new_id(), city.person("clerk"), new_id(), order.id)


def test_an_order_must_be_signed_by_its_requester(city: Any) -> None:
    order = replace(city.order, id=new_id())

    with pytest.raises(BadSignature):
        city.keeper.believe(
            [doc.issue(order, city.office.signers["order"], city.cast.signer("approver_1"))]
        )


def test_attack_the_office_sends_an_order_that_contradicts_itself(city: Any) -> None:
    """Who carries the carrier must not carry the grant; the key service checks it itself."""
    order = replace(city.order, id=new_id(), grant_by=city.order.holder)

    with pytest.raises(BadInput):
        city.keeper.believe(
            [doc.issue(order, city.office.signers["order"], city.cast.signer("requester"))]
        )


def test_another_document_under_a_known_id(city: Any) -> None:
    order = replace(city.order, route="by car")

    with pytest.raises(Conflict):
        city.keeper.believe(
            [doc.issue(order, city.office.signers["order"], city.cast.signer("requester"))]
        )


def test_documents_the_key_service_has_no_use_for(city: Any) -> None:
    word = doc.Restoration(
        id=new_id(), carrier=new_id(), person=city.person("officer"), revocation=new_id(), at=0
    )

    with pytest.raises(BadFormat):
        city.keeper.believe([doc.issue(word, city.cast.signer("officer"))])
    with pytest.raises(AzukariError):
        city.keeper.believe([b"{}"])


# -- persons and devices


def test_nobody_is_enrolled_with_a_key_they_do_not_have(city: Any) -> None:
    with pytest.raises(BadSignature):
        city.keeper.believe(
            [city.entry(SigningKey.generate(Use.PERSON), by=SigningKey.generate(Use.PERSON))]
        )


def test_one_key_is_one_persons(city: Any) -> None:
    """Otherwise one credential would approve as two."""
    with pytest.raises(Conflict):
        city.keeper.believe([city.entry(city.cast.signer("approver_1"))])


def test_a_difference_about_who_pays_stops_the_enrolment(city: Any) -> None:
    other = city.cast.parties["hidden"]

    with pytest.raises(Refused, match="employer_disagrees"):
        city.keeper.believe([city.entry(SigningKey.generate(Use.PERSON), states_employer=other)])


@pytest.mark.parametrize(
    "hands", [("requester", "approver_1"), ("clerk", "approver_1"), ("engineer", "officer")]
)
def test_attack_an_entry_signed_by_others_than_it_names(city: Any, hands: tuple[str, str]) -> None:
    """The office has the enrol key and two people's hands, but not of those who must admit."""
    word = city.entry(SigningKey.generate(Use.PERSON), hands=list(hands))

    with pytest.raises(BadSignature):
        city.keeper.believe([word])


def test_enrolling_is_an_act_of_two_persons(city: Any) -> None:
    clerk = city.person("clerk")
    for by in ([], [clerk], [clerk, clerk], [clerk, city.person("engineer")]):
        word = city.entry(SigningKey.generate(Use.PERSON), vouched_by=clerk, enrolled_by=by)
        with pytest.raises(Refused, match="two_persons_needed"):
            city.keeper.believe([word])


@pytest.mark.parametrize(
    "keys", ["no key", "taken", "twice", "two numbers", "another's", "second spelling", "no id"]
)
def test_attack_a_device_with_impossible_one_time_keys(city: Any, keys: str) -> None:
    """Found out at enrolment: at the release it would be too late."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from azukari.seal.grant import p256_der, p256_public
    from azukari.shelf import keyring

    identity = SigningKey.generate(Use.RECEIPT)
    made = keyring.new_one_time_key(city.out / "once.key").public_key()
    good = base64.b64encode(p256_der(made)).decode()
    number, others = new_id(), city.keeper.believed.opener(city.device)
    point = made.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    squeezed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    listed = {
        "no key": [doc.OneTimeKey(number, base64.b64encode(b"none").decode())],
        "taken": [doc.OneTimeKey(city.one_time_keys[3], good)],
        "twice": [doc.OneTimeKey(number, good)] * 2,
        "two numbers": [doc.OneTimeKey(number, good), doc.OneTimeKey(new_id(), good)],
        "another's": [doc.OneTimeKey(number, others.one_time_keys[3].public)],
        "second spelling": [doc.OneTimeKey(number, base64.b64encode(squeezed).decode())],
        "no id": [doc.OneTimeKey("../../identity", good)],
    }[keys]
    device = doc.Device(
        id=new_id(),
        party=city.cast.parties["centre"],
        public=base64.b64encode(identity.public.der).decode(),
        one_time_keys=listed,
        vouched_by=city.person("centre_officer"),
        enrolled_by=[city.person("clerk"), city.person("officer")],
        enrolled_at=city.clock.now(),
    )

    assert p256_public(squeezed) == made
    with pytest.raises((BadFormat, Conflict)):
        city.keeper.believe(
            [city.cast.device_document(device, identity, city.office.signers["enrol"])]
        )


# -- negative facts


def test_suspended_grandparent(at_six: Any) -> None:
    """The link above is suspended: everything below it holds no more."""
    at_six.keeper.believe([suspension(at_six, "contractor")])

    with pytest.raises(Refused, match="agreement_suspended"):
        at_six.ask()


def test_withheld_suspension(at_six: Any) -> None:
    """Told once, it stays: the office's silence, its later words and a restart change nothing."""
    at_six.keeper.believe([suspension(at_six, "centre")])
    at_six.keeper.believe([status(at_six, 99)])
    at_six.restart()

    with pytest.raises(Refused, match="agreement_suspended"):
        at_six.ask()


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("left", "person_left"),
        ("revoked", "device_revoked"),
        ("suspended", "agreement_suspended"),
    ],
)
def test_a_status_that_names_somebody_is_for_good(at_six: Any, what: str, why: str) -> None:
    whom = {
        "left": at_six.person("operator"),
        "revoked": at_six.device,
        "suspended": at_six.agreements["centre"],
    }[what]
    at_six.keeper.believe([status(at_six, 2, **{what: [whom]})])
    at_six.keeper.believe([status(at_six, 3)])
    at_six.restart()

    with pytest.raises(Refused, match=why):
        at_six.ask()


def test_a_revoked_key_signs_nothing_any_more(city: Any) -> None:
    """What it signed before stays known: a restart reads the documents in their order."""
    key = city.cast.signer("approver_1").public.id
    city.keeper.believe([status(city, 2, revoked=[key])])
    city.restart()

    with pytest.raises(BadSignature):
        city.keeper.believe([city.approval(city.order, "approver_1")])


def test_an_approver_who_left_approves_nothing(city: Any) -> None:
    city.keeper.believe([status(city, 2, left=[city.person("approver_1")])])
    order = city.new_order()
    city.keeper.believe(
        [doc.issue(order, city.office.signers["order"], city.cast.signer("requester"))]
    )
    city.keeper.believe([city.approval(order, name) for name in ("approver_1", "approver_2")])

    with pytest.raises(Refused, match="approvals_missing"):
        city.keeper.create(new_id(), city.person("clerk"), new_id(), order.id)


def test_an_officer_who_left_signs_no_agreement(city: Any) -> None:
    city.keeper.believe([status(city, 2, left=[city.person("centre_officer")])])
    known = doc.unverified(agreement_of(city, "centre"), doc.Agreement)
    city.keeper.believe([agreement_of(city, "centre")])  # known already: no matter

    with pytest.raises(BadSignature):
        city.keeper.believe(
            [
                doc.issue(
                    replace(known, id=new_id()),
                    city.office.signers["order"],
                    *officers(city, "contractor", "centre"),
                )
            ]
        )


def test_status_serial_going_back(at_six: Any) -> None:
    at_six.keeper.believe([status(at_six, 5)])

    with pytest.raises(Conflict):
        at_six.keeper.believe([status(at_six, 4)])
    at_six.restart()
    with pytest.raises(Conflict):
        at_six.keeper.believe([status(at_six, 4)])


def test_two_statuses_with_one_serial(at_six: Any) -> None:
    at_six.keeper.believe([status(at_six, 5)])

    with pytest.raises(Conflict):
        at_six.keeper.believe([status(at_six, 5, left=[at_six.person("operator")])])


def test_a_status_dated_ahead_does_not_count(at_six: Any) -> None:
    """Otherwise one word, dated into next year, would be fresh for a year."""
    ahead = at_six.clock.now() + 86_400_000
    at_six.keeper.believe([status(at_six, 5, at=ahead)])

    with pytest.raises(Refused, match="status_old"):
        at_six.ask()


def test_a_suspension_that_could_not_be_kept_is_kept_by_the_next_attempt(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.errors import Unreachable
    from azukari.keys import register

    word = suspension(at_six, "centre")

    def full(*_: object) -> int:
        raise Unreachable("the database cannot be used")

    with monkeypatch.context() as patched:
        patched.setattr(register, "keep_document", full)
        with pytest.raises(Unreachable):
            at_six.keeper.believe([word])
    at_six.keeper.believe([word])
    at_six.restart()

    with pytest.raises(Refused, match="agreement_suspended"):
        at_six.ask()


def test_two_programs_on_one_home_believe_the_same(at_six: Any) -> None:
    """What one was told, the other knows at its next decision."""
    from azukari.keys.service import open_keys

    other = open_keys(at_six.keys_home, None, at_six.clock.now)
    other.believe([suspension(at_six, "centre"), status(at_six, 7)])
    other.believe([status(at_six, 8)])
    other.close()

    with pytest.raises(Refused, match="agreement_suspended"):
        at_six.ask()


def test_a_number_that_was_read_and_taken_back_is_read_again(at_six: Any) -> None:
    """A group of acts may be lost after one of them read what another had just kept."""
    from azukari.keys import register
    from azukari.keys.service import open_keys

    keeper = at_six.keeper

    def lost() -> None:
        with keeper._turn(wait=True) as tx:
            register.keep_document(tx, status(at_six, 7), at_six.clock.now())
            keeper._read_on(tx)
            raise Unreachable("the database cannot be used")

    with pytest.raises(Unreachable):
        lost()
    other = open_keys(at_six.keys_home, None, at_six.clock.now)
    other.believe([suspension(at_six, "centre")])
    other.close()

    with pytest.raises(Refused, match="agreement_suspended"):
        at_six.ask()


def test_the_same_documents_again_are_kept_once(city: Any) -> None:
    from azukari.desk.order import evidence
    from azukari.keys import register
    from azukari.shelf.database import transaction

    again = evidence(city.office, city.order.id)

    def kept() -> int:
        with transaction(city.keeper._engine) as tx:
            return len(register.documents(tx))

    before = kept()
    for _ in range(3):
        city.keeper.believe(again)

    assert before == kept()


def test_attack_an_agreement_that_was_not_kept_before_its_officer_left(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Believed while the disk was full, kept later: the service must start again, and revoke."""
    word = doc.Agreement(
        id=new_id(),
        parent="",
        replaces="",
        entrustor=city.city,
        processor=city.cast.parties["centre"],
        terms=TERMS,
        from_at=0,
    )
    hands = officers(city, "city", "centre")
    signed = doc.issue(word, city.office.signers["order"], *hands)

    def full(*_: Any) -> int:
        raise Unreachable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("azukari.keys.register.keep_document", full)
        with pytest.raises(Unreachable):
            city.keeper.believe([signed])
    city.keeper.believe([status(city, 100, left=[city.person("centre_officer")])])
    city.keeper.believe([signed])

    city.restart(locked=True)

    before = city.keeper.head().size
    city.keeper.revoke(new_id(), city.person("officer"), city.carriers, None)
    assert before + 1 == city.keeper.head().size
