"""The post: what crosses between sites is verified, said, taken in once, and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.carrier import statement
from azukari.desk import (
    agree,
    custody,
    enrol,
    entrusting,
    erase,
    people,
    post,
    post_office,
    sitting,
    trust,
)
from azukari.desk import order as orders
from azukari.desk.enquire import open_carrier
from azukari.errors import (
    AzukariError,
    BadFormat,
    BadInput,
    BadSignature,
    Conflict,
    NotFound,
    Refused,
)
from azukari.keys import service
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, SigningKey, Use
from azukari.seal.trust import TrustBundle, issue_bundle, read_bundle, trusted
from azukari.vault import records

DAY = 86_400_000
ROOT = SigningKey.generate(Use.ROOT)
LATER = {
    "receive_by": ms("2022-06-22 18:00"),
    "return_by": ms("2022-06-22 20:00"),
    "expires_at": ms("2022-06-30 17:00"),
}


def take_in(city: Any, data: bytes) -> post.Look:
    """What ``azukari in`` does at the office."""
    look = post_office.look(city.office, post.open_post(data))
    post_office.take(city.office, look)
    return look


def kept(city: Any, document: str) -> bytes:
    with city.office.act() as tx:
        return records.document(tx, document)


def reasons(refused: Any) -> tuple[str, ...]:
    found: tuple[str, ...] = refused.value.reasons
    return found


# -- a file as it claims to be


@given(data=st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_post_or_our_error(data: bytes) -> None:
    try:
        post.open_post(data)
    except AzukariError:
        return


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_attack_any_flipped_or_cut_document_changes_nothing(
    city: Any, place: int, bit: int, cut: bool
) -> None:
    order = doc.Approval(
        id="0" * 26,
        order=city.order.id,
        order_sha256=doc.digest(city.order),
        approver=city.person("clerk"),
        at=city.clock.now(),
        expires_at=city.order.expires_at,
    )
    data = bytearray(doc.issue(order, city.cast.signer("clerk")))
    at = place % len(data)
    if cut:
        del data[at:]
    else:
        data[at] ^= 1 << bit
    before = city.types("office")

    with pytest.raises(AzukariError):
        take_in(city, bytes(data))

    assert before == city.types("office")


def test_a_file_names_itself_and_nobody(city: Any) -> None:
    found = post.open_post(kept(city, city.order.id))

    assert f"order-{city.order.id[:6]}.json" == found.file_name
    assert not found.half


def test_a_scanner_ends_its_line(city: Any) -> None:
    data = kept(city, city.order.id)

    assert post.open_post(data) == post.open_post(data + b"\r\n")


def test_a_file_that_is_too_long_is_not_parsed() -> None:
    with pytest.raises(BadFormat):
        post.open_post(b'{"journal":' + b"0" * post.MAX_POST)
    with pytest.raises(BadFormat):
        post.open_post(b"{" + b" " * (1 << 20))


# -- the office


def test_an_approval_from_another_machine_counts_once(city: Any) -> None:
    order = city.new_order(**LATER)
    approval = city.approval(order, "approver_1")

    first = take_in(city, approval)
    entries = city.types("office")
    again = take_in(city, approval)

    assert not first.known
    assert again.known
    assert "order.approved" == entries[-1]
    assert entries == city.types("office")
    assert 1 == len(orders.approvals_of(city.office, order.id))


def test_looking_changes_nothing(city: Any) -> None:
    order = city.new_order(**LATER)
    before = city.types("office")

    look = post_office.look(city.office, post.open_post(city.approval(order, "approver_1")))

    assert look.changes
    assert before == city.types("office")
    assert [] == orders.approvals_of(city.office, order.id)


def test_attack_an_approval_signed_with_anothers_key(city: Any) -> None:
    order = city.new_order(**LATER)
    forged = city.approval(order, "approver_1", city.cast.signer("approver_2"))

    with pytest.raises(BadSignature):
        take_in(city, forged)


def test_attack_forged_bytes_are_told_before_they_are_taken_in(city: Any) -> None:
    """Looking verifies: nobody is told whose word it is that never said it."""
    order = city.new_order(**LATER)
    signer = SigningKey.generate(Use.PERSON)
    forged = [
        city.approval(order, "approver_1", signer),
        doc.issue(doc.Party(id=new_id(), name="x", role="y"), SigningKey.generate(Use.ENROL)),
        doc.issue(step(city), city.cast.signer("clerk"), signer),
    ]

    for data in forged:
        with pytest.raises(BadSignature):
            post_office.look(city.office, post.open_post(data))


def test_attack_an_approval_of_ones_own_order_from_elsewhere(city: Any) -> None:
    order = city.new_order(**LATER)

    with pytest.raises(Refused) as refused:
        take_in(city, city.approval(order, "requester"))

    assert "approver_unknown" in reasons(refused)
    assert "order.refused" == city.types("office")[-1]


def test_an_approval_from_ahead_of_now_is_refused(city: Any) -> None:
    order = city.new_order(**LATER)

    with pytest.raises(BadInput):
        take_in(city, city.approval(order, "approver_1", at=city.clock.now() + DAY))


def test_another_document_under_a_known_id_is_a_conflict(city: Any) -> None:
    order = city.new_order(**LATER)
    approval = city.approval(order, "approver_1")
    take_in(city, approval)
    known = doc.unverified(approval, doc.Approval)

    with pytest.raises(Conflict):
        take_in(city, city.approval(order, "approver_1", id=known.id, at=known.at - 1))


def test_a_document_for_another_site_is_refused(city: Any) -> None:
    grant = city.ask
    city.hand_over()
    city.clock.set("2022-06-21 18:00")
    bundle = TrustBundle(1, 1, 0, 1, [], [])
    word = doc.Status(id=new_id(), serial=1, at=1, suspended=[], left=[], revoked=[])
    others = [
        grant(),
        issue_bundle(bundle, SigningKey.generate(Use.ROOT)),
        city.by_order_key(word),
    ]

    for data in others:
        with pytest.raises(Refused) as refused:
            take_in(city, data)
        assert ("post_for_another_site",) == reasons(refused)


def test_attack_an_order_that_was_not_requested_here(city: Any) -> None:
    """Whoever had the order key for a moment: the office knows its own orders."""
    order = replace(city.order, id=new_id(), **LATER)
    data = doc.issue(order, city.office.signers["order"], city.cast.signer("requester"))

    with pytest.raises(Refused) as refused:
        take_in(city, data)

    assert ("post_for_another_site",) == reasons(refused)


# -- hands


def step(city: Any, name: str = "hand-over", **changed: Any) -> doc.HandOver:
    """The clerk gives the main carrier to the engineer."""
    half = custody.start(
        city.office,
        city.carriers[0],
        name,
        city.person("clerk"),
        city.person("engineer"),
        city.cast.signer("clerk"),
    )
    return replace(doc.unverified(half, doc.HandOver), **changed)


def hands(city: Any, document: doc.HandOver, *names: str) -> bytes:
    return doc.issue(document, *(city.cast.signer(name) for name in names))


def test_two_hands_on_two_machines_pass_a_carrier_on(city: Any) -> None:
    half = custody.start(
        city.office,
        city.carriers[0],
        "hand-over",
        city.person("clerk"),
        city.person("engineer"),
        city.cast.signer("clerk"),
    )
    with pytest.raises(Refused) as refused:
        take_in(city, half)
    whole = doc.add_signature(half, city.cast.signer("engineer"))

    look = take_in(city, whole)

    assert ("half_signed",) == reasons(refused)
    assert not look.known
    assert take_in(city, whole).known
    assert city.person("engineer") == custody.line_of(city.office, city.carriers[0])[-1].holder


def test_signatures_in_another_order_are_the_same_document(city: Any) -> None:
    document = step(city)
    take_in(city, hands(city, document, "clerk", "engineer"))

    assert take_in(city, hands(city, document, "engineer", "clerk")).known


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"due_at": ms("2022-06-25 00:00")}, "due_time_not_of_the_order"),
        ({"envelope_sha256": "00" * 32}, "carrier_is_bound_to_another_content"),
    ],
)
def test_attack_a_hand_over_with_other_words(
    city: Any, changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        take_in(city, hands(city, step(city, **changed), "clerk", "engineer"))

    assert (reason,) == reasons(refused)
    assert () == custody.line_of(city.office, city.carriers[0])


def test_attack_a_hand_over_to_somebody_who_is_not_the_holder(city: Any) -> None:
    document = step(city, taker=city.person("courier"))

    with pytest.raises(Refused) as refused:
        take_in(city, hands(city, document, "clerk", "courier"))

    assert ("not_the_person_of_the_order",) == reasons(refused)


def test_attack_a_hand_signs_for_another(city: Any) -> None:
    with pytest.raises(BadSignature):
        take_in(city, hands(city, step(city), "clerk", "courier"))


def test_attack_who_received_it_gives_it_before_it_was_handed_over(city: Any) -> None:
    document = step(city, step="receive", giver=city.person("engineer"))
    document = replace(document, taker=city.person("supervisor"), due_at=city.order.return_by)

    with pytest.raises(Conflict):
        take_in(city, hands(city, document, "engineer", "supervisor"))


# -- receipts


@pytest.fixture
def erased(at_six: Any) -> tuple[Any, bytes, list[bytes]]:
    grant, device, carrier = at_six.ask(), at_six.open_device(), at_six.carriers[0]
    open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))
    receipt, lines = erase.erase(device, carrier, [grant], medium=None, first=0)
    return at_six, receipt, lines


def test_a_receipt_and_its_journal_are_taken_in_once(
    erased: tuple[Any, bytes, list[bytes]],
) -> None:
    city, receipt, lines = erased
    data = statement.pack(receipt, lines)

    assert not take_in(city, data).known
    entries = city.types("office")
    assert take_in(city, data).known
    assert entries == city.types("office")
    assert {"journal.taken_in", "carrier.erased"} <= set(entries)


def test_attack_a_receipt_whose_journal_was_changed(
    erased: tuple[Any, bytes, list[bytes]],
) -> None:
    city, receipt, lines = erased
    changed = [lines[0].replace(b'"opened"', b'"erased"'), *lines[1:]]

    for journal in (changed, lines[1:], [*lines, lines[-1]], lines[::-1]):
        with pytest.raises(AzukariError):
            take_in(city, statement.pack(receipt, journal))
    assert "journal.taken_in" not in city.types("office")


def test_attack_a_receipt_signed_by_nobody_who_is_enrolled(
    erased: tuple[Any, bytes, list[bytes]],
) -> None:
    city, receipt, lines = erased
    said = doc.unverified(receipt, doc.Receipt)

    with pytest.raises(BadSignature):
        take_in(city, statement.pack(doc.issue(said, SigningKey.generate(Use.RECEIPT)), lines))


# -- people and devices


def half_of(city: Any, party: str = "contractor", **changed: Any) -> tuple[bytes, SigningKey]:
    """A newcomer's own half."""
    signer = SigningKey.generate(Use.PERSON)
    officer = "officer" if party == "city" else f"{party}_officer"
    person = doc.Person(
        id=new_id(),
        party=city.cast.parties[party],
        states_employer=city.cast.parties[party],
        public=base64.b64encode(signer.public.der).decode(),
        roles=["approver"],
        vouched_by=city.person(officer),
        enrolled_by=[city.person("clerk"), city.person("officer")],
        enrolled_at=city.clock.now(),
    )
    return doc.start(replace(person, **changed), signer), signer


def vouched(city: Any, half: bytes, party: str = "contractor") -> bytes:
    """The officer of a contractor says the same as the newcomer."""
    hand = city.cast.hand(f"{party}_officer")
    return enrol.vouch(half, city.cast.parties[party], *hand)


def admit(city: Any, half: bytes, employer: str = "", by: Any = ("clerk", "officer")) -> bytes:
    return people.admit(
        city.office,
        half,
        city.cast.parties[employer] if employer else "",
        [city.cast.hand(name) for name in by],
    )


def test_two_persons_of_the_city_admit_a_newcomer(city: Any) -> None:
    half, _ = half_of(city)

    whole = admit(city, vouched(city, half))

    assert not doc.is_half(whole)
    assert take_in(city, whole).known
    assert "person.enrolled" == city.types("office")[-1]


def test_the_two_persons_of_the_city_sit_at_two_machines(city: Any) -> None:
    half, _ = half_of(city)
    before = city.types("office")

    first = admit(city, vouched(city, half), by=("officer",))
    recorded_by_the_first = city.types("office") != before
    whole = admit(city, first, by=("clerk",))

    assert doc.is_half(first)
    assert not recorded_by_the_first
    assert not doc.is_half(whole)
    assert take_in(city, whole).known


def test_who_pays_them_said_differently_stops_the_enrolment(city: Any) -> None:
    """The newcomer says one thing, their officer another, each apart from the other."""
    half, _ = half_of(city, states_employer=city.cast.parties["hidden"])

    with pytest.raises(Refused) as refused:
        vouched(city, half)

    assert ("employer_disagrees",) == reasons(refused)


def test_attack_an_officer_who_vouches_for_anybody_stops_at_the_city(city: Any) -> None:
    half, _ = half_of(city, states_employer=city.cast.parties["hidden"])
    careless = doc.add_signature(half, city.cast.signer("contractor_officer"))
    before = city.types("office")

    with pytest.raises(Refused) as refused:
        admit(city, careless)

    assert ("employer_disagrees",) == reasons(refused)
    assert before == city.types("office")


def test_what_the_partys_officer_says_must_be_the_same(city: Any) -> None:
    half, _ = half_of(city)

    with pytest.raises(Refused) as refused:
        enrol.vouch(half, city.cast.parties["centre"], *city.cast.hand("contractor_officer"))

    assert ("employer_disagrees",) == reasons(refused)


def test_nobody_is_admitted_before_their_officer_vouched(city: Any) -> None:
    half, _ = half_of(city)

    with pytest.raises(Refused) as refused:
        admit(city, half)

    assert "officer_of_the_party_needed" in reasons(refused)


@pytest.mark.parametrize(
    ("vouched_by", "why"),
    [
        ("engineer", "officer_of_the_party_needed"),
        ("centre_officer", "officer_of_the_party_needed"),
        ("officer", "officer_of_the_party_needed"),
    ],
)
def test_attack_somebody_else_vouches(city: Any, vouched_by: str, why: str) -> None:
    """A colleague, another party's officer, the city's own: the party has an officer."""
    half, _ = half_of(city, vouched_by=city.person(vouched_by))
    if vouched_by != "officer":
        half = doc.add_signature(half, city.cast.signer(vouched_by))

    with pytest.raises(Refused) as refused:
        admit(city, half, "contractor" if vouched_by == "officer" else "")

    assert why in reasons(refused)


def test_a_partys_first_officer_is_vouched_for_by_the_city(city: Any) -> None:
    party = people.add_party(city.office, "例: 新しい委託先", "contractor")
    half, _ = half_of(
        city,
        party="city",
        id=new_id(),
        states_employer=party.id,
        roles=["officer"],
        vouched_by=city.person("officer"),
    )
    newcomer = replace(doc.unverified(half, doc.Person), party=party.id)
    signer = SigningKey.generate(Use.PERSON)
    public = base64.b64encode(signer.public.der).decode()
    half = doc.start(replace(newcomer, public=public), signer)
    hands = [city.cast.hand("clerk"), city.cast.hand("officer")]

    with pytest.raises(Refused) as refused:
        people.admit(city.office, half, city.city, hands)
    whole = people.admit(city.office, half, party.id, hands)

    assert ("employer_disagrees",) == reasons(refused)
    assert not doc.is_half(whole)


@pytest.mark.parametrize(
    ("named", "by", "reason"),
    [
        (("clerk",), ("clerk",), "two_persons_needed"),
        (("clerk", "engineer"), ("clerk", "engineer"), "two_persons_needed"),
        (("clerk", "officer"), ("approver_1", "approver_2"), "enrolled_by_others"),
    ],
)
def test_attack_admitted_by_others_or_by_one(
    city: Any, named: tuple[str, ...], by: tuple[str, ...], reason: str
) -> None:
    half, _ = half_of(city, enrolled_by=[city.person(name) for name in named])
    before = city.types("office")

    with pytest.raises(Refused) as refused:
        admit(city, vouched(city, half), by=by)

    assert reason in reasons(refused)
    assert before == city.types("office")


def test_attack_the_requester_enrols_an_approver_who_enrols_another(city: Any) -> None:
    """Somebody enrolled today admits nobody today."""
    half, signer = half_of(city, "city", roles=["officer"])
    newcomer = doc.unverified(admit(city, half, "city"), doc.Person).id
    two = [newcomer, city.person("officer")]
    next_half, _ = half_of(city, "city", enrolled_by=two)
    hands = [(newcomer, signer), city.cast.hand("officer")]

    with pytest.raises(Refused) as refused:
        people.admit(city.office, next_half, city.city, hands)

    assert ("enroller_in_quiet_time",) == reasons(refused)


def test_attack_somebody_who_has_left_admits_a_friend(city: Any) -> None:
    people.leave(city.office, city.person("clerk"), city.person("officer"))

    with pytest.raises(Refused) as refused:
        admit(city, vouched(city, half_of(city)[0]))

    assert ("two_persons_needed",) == reasons(refused)


@pytest.mark.parametrize(
    ("party", "ago"), [("city", 2 * 3_600_000), ("contractor", 8 * DAY), ("city", -3_600_000)]
)
def test_attack_a_half_kept_until_the_quiet_time_is_over(city: Any, party: str, ago: int) -> None:
    half, _ = half_of(city, party, enrolled_at=city.clock.now() - ago)
    half = half if party == "city" else vouched(city, half)

    with pytest.raises(Refused) as refused:
        admit(city, half, party)

    assert ("half_too_old",) == reasons(refused)


def test_attack_a_half_signed_with_another_key_than_it_names(city: Any) -> None:
    other, _ = half_of(city)
    half, signer = half_of(city, public=doc.unverified(other, doc.Person).public)

    with pytest.raises(BadSignature):
        vouched(city, half)
    with pytest.raises(BadSignature):
        admit(city, half)
    assert signer.public.use is Use.PERSON


def test_a_party_that_nobody_added(city: Any) -> None:
    stranger = new_id()
    half, _ = half_of(city, party="contractor")
    signer = SigningKey.generate(Use.PERSON)
    public = base64.b64encode(signer.public.der).decode()
    person = replace(
        doc.unverified(half, doc.Person), party=stranger, states_employer=stranger, public=public
    )
    hands = [city.cast.hand("clerk"), city.cast.hand("officer")]

    with pytest.raises(NotFound):
        people.admit(city.office, doc.start(person, signer), stranger, hands)


def test_a_device_is_admitted_for_the_party_it_names(city: Any) -> None:
    identity = SigningKey.generate(Use.RECEIPT)
    device = doc.Device(
        id=new_id(),
        party=city.cast.parties["centre"],
        public=base64.b64encode(identity.public.der).decode(),
        one_time_keys=[],
        vouched_by=city.person("centre_officer"),
        enrolled_by=[city.person("clerk"), city.person("officer")],
        enrolled_at=city.clock.now(),
    )
    half = doc.start(device, identity)
    hand = city.cast.hand("centre_officer")

    with pytest.raises(Refused) as refused:
        enrol.vouch(half, city.cast.parties["contractor"], *hand)
    admit(city, enrol.vouch(half, city.cast.parties["centre"], *hand))

    assert ("device_of_another_party",) == reasons(refused)
    assert device in people.devices_of(city.office)


# -- refused orders, agreements


def test_a_refused_order_makes_no_key_even_after_a_restart(city: Any) -> None:
    order = city.new_order(**LATER)
    for name in ("approver_1", "approver_2"):
        orders.approve(city.office, order.id, city.person(name), city.cast.signer(name))

    people.refuse(city.office, order.id, city.person("approver_1"), city.cast.signer("approver_1"))
    city.restart()
    city.keeper.believe([orders.status(city.office, city.clock.now() + 1, [])])

    assert order.id in people.withdrawn(city.office)
    city.keeper.believe(orders.evidence(city.office, order.id))
    with pytest.raises(Refused) as refused:
        city.keeper.create(new_id(), city.person("clerk"), new_id(), order.id)
    assert "order_withdrawn" in reasons(refused)


@pytest.mark.parametrize("name", ["clerk", "engineer"])
def test_only_an_approver_or_the_requester_refuses(city: Any, name: str) -> None:
    order = city.new_order(**LATER)

    with pytest.raises(Refused):
        people.refuse(city.office, order.id, city.person(name), city.cast.signer(name))
    with pytest.raises(Refused):
        people.refuse(
            city.office, order.id, city.person("approver_1"), city.cast.signer("approver_2")
        )
    assert set() == people.withdrawn(city.office)


def test_who_has_left_opens_nothing(at_six: Any) -> None:
    people.leave(at_six.office, at_six.person("operator"), at_six.person("officer"))

    with pytest.raises(Refused) as refused:
        at_six.ask()
    with pytest.raises(Conflict):
        people.leave(at_six.office, at_six.person("operator"), at_six.person("officer"))
    with pytest.raises(NotFound):
        people.leave(at_six.office, new_id(), at_six.person("officer"))

    assert "person_left" in reasons(refused)
    assert "person.left" in at_six.types("office")


def test_a_suspended_device_gets_no_grant(at_six: Any) -> None:
    people.suspend_device(at_six.office, at_six.device, at_six.person("officer"))

    with pytest.raises(Refused) as refused:
        at_six.ask()
    with pytest.raises(NotFound):
        people.suspend_device(at_six.office, new_id(), at_six.person("officer"))

    assert "device_revoked" in reasons(refused)
    assert "device.suspended" in at_six.types("office")


def test_a_requester_withdraws_what_they_asked_for(city: Any) -> None:
    order = city.new_order(**LATER)

    people.refuse(city.office, order.id, city.person("requester"), city.cast.signer("requester"))

    assert "order.withdrawn" == city.types("office")[-1]


def test_a_trust_bundle_is_an_entry_and_has_a_later_serial(city: Any) -> None:
    grant = service.grant_key(city.keys_home)
    by = city.person("officer")

    first = trust.issue(city.office, grant, ROOT, 30, by)
    city.clock.set("2022-06-21 17:10")
    second = trust.issue(city.office, grant, ROOT, 30, by)

    with pytest.raises(Conflict):
        read_bundle(first, ROOT.public, known_serial=read_bundle(second, ROOT.public).serial)
    with pytest.raises(BadSignature):
        trust.issue(city.office, grant, SigningKey.generate(Use.ORDER), 30, by)
    assert ["trust.published"] * 2 == city.types("office")[-2:]


def terms(city: Any, **changed: Any) -> doc.Terms:
    known = {one.id: one for one in agree.agreements_of(city.office)}
    found: doc.Terms = replace(known[city.agreements["centre"]].terms, **changed)
    return found


def asked(city: Any, processor: str = "centre", **changed: Any) -> bytes:
    """The contractor asks to entrust somebody below its own agreement."""
    known = {one.id: one for one in agree.agreements_of(city.office)}
    people_known = {one.id: one for one in orders.people_of(city.office)}
    return entrusting.narrow(
        known,
        people_known,
        city.city,
        city.agreements["contractor"],
        city.cast.parties[processor],
        terms(city, **changed),
        city.cast.hand("contractor_officer"),
        city.clock.now(),
    )


def test_an_agreement_of_the_citys_own_holds_when_the_processor_has_signed(city: Any) -> None:
    party = city.cast.parties["centre"]
    half = agree.offer(city.office, party, terms(city), city.cast.hand("officer"))
    before = len(agree.agreements_of(city.office))

    with pytest.raises(Refused):
        take_in(city, half)
    wrong = doc.add_signature(half, city.cast.signer("engineer"))
    with pytest.raises(BadSignature):
        take_in(city, wrong)
    take_in(city, doc.add_signature(half, city.cast.signer("centre_officer")))

    assert before + 1 == len(agree.agreements_of(city.office))


def test_a_link_below_is_asked_for_and_holds_once_the_city_approves(city: Any) -> None:
    request = doc.add_signature(asked(city), city.cast.signer("centre_officer"))
    before = len(agree.agreements_of(city.office))

    with pytest.raises(Refused):
        take_in(city, request)
    whole = agree.approve(city.office, request, city.cast.hand("officer"))

    assert before + 1 == len(agree.agreements_of(city.office))
    assert "agreement.signed" == city.types("office")[-1]
    assert take_in(city, whole).known


def test_a_refused_link_is_an_entry_and_is_never_approved_by_mistake(city: Any) -> None:
    request = doc.add_signature(asked(city, "hidden"), city.cast.signer("hidden_officer"))
    hand = city.cast.hand("officer")

    agree.refuse(city.office, request, hand, "not known to us")

    assert "agreement.refused" == city.types("office")[-1]
    with pytest.raises(Refused) as refused:
        agree.approve(city.office, request, hand)
    assert ("agreement_refused",) == reasons(refused)
    with pytest.raises(Conflict):
        agree.refuse(city.office, request, hand, "again")


@pytest.mark.parametrize("name", ["requester", "contractor_officer"])
def test_attack_somebody_who_is_no_officer_of_the_city_approves_a_link(
    city: Any, name: str
) -> None:
    request = doc.add_signature(asked(city, "hidden"), city.cast.signer("hidden_officer"))
    before = city.types("office")

    with pytest.raises(Refused):
        agree.approve(city.office, request, city.cast.hand(name))

    assert before == city.types("office")


def test_attack_a_request_that_only_the_hidden_party_signed(city: Any) -> None:
    """The entrustor never asked: both hands are the hidden party's."""
    link = doc.unverified(asked(city, "hidden"), doc.Agreement)
    own = doc.start(link, city.cast.signer("hidden_officer"), city.cast.signer("hidden"))

    with pytest.raises(BadSignature):
        agree.approve(city.office, own, city.cast.hand("officer"))


def test_a_link_that_widens_is_neither_asked_for_nor_approved(city: Any) -> None:
    with pytest.raises(Refused) as refused:
        asked(city, purposes=["anything"])
    narrow = doc.unverified(asked(city), doc.Agreement)
    wide = replace(narrow, terms=replace(narrow.terms, purposes=["anything"]))
    hands = [city.cast.signer(name) for name in ("contractor_officer", "centre_officer")]
    with pytest.raises(Refused) as at_the_city:
        agree.approve(city.office, doc.start(wide, *hands), city.cast.hand("officer"))

    assert ("agreement_widens",) == reasons(refused) == reasons(at_the_city)


def test_a_renewal_stands_between_the_same_parties(city: Any) -> None:
    known = {one.id: one for one in agree.agreements_of(city.office)}
    first = city.agreements["contractor"]
    party = city.cast.parties["contractor"]
    hand = city.cast.hand("officer")

    half = agree.offer(city.office, party, known[first].terms, hand, replaces=first)

    assert first == doc.unverified(half, doc.Agreement).replaces
    with pytest.raises(Conflict):
        agree.offer(
            city.office, city.cast.parties["centre"], known[first].terms, hand, replaces=first
        )
    with pytest.raises(NotFound):
        agree.offer(city.office, party, known[first].terms, hand, replaces=new_id())


def test_a_suspended_agreement_releases_nothing(at_six: Any) -> None:
    agree.suspend(at_six.office, at_six.agreements["contractor"])

    with pytest.raises(Refused) as refused:
        at_six.ask()
    with pytest.raises(Conflict):
        agree.suspend(at_six.office, at_six.agreements["contractor"])
    with pytest.raises(NotFound):
        agree.suspend(at_six.office, new_id())

    assert "agreement_suspended" in reasons(refused)


# -- a contractor and a call centre


def bundle(
    city: Any, serial: int, root: SigningKey = ROOT, grant: PublicKey | None = None
) -> bytes:
    now = city.clock.now()
    keys = [city.office.signers[name].public for name in ("enrol", "order", "carrier")]
    more = (*([grant] if grant else []), *city.office.founders)
    lines = [trusted(key, 0, now + DAY) for key in (*keys, *more)]
    return issue_bundle(TrustBundle(1, serial, 0, now + DAY, lines, []), root)


@pytest.fixture
def inbox(city: Any, tmp_path: Path) -> Path:
    home = tmp_path / "contractor"
    post.pin(home, ROOT.public, bundle(city, 5))
    (home / "inbox").mkdir()
    return home


def put_in(city: Any, home: Path, data: bytes) -> post.Look:
    box = post.open_inbox(home, city.city, city.clock.now())
    look = box.look(post.open_post(data), city.clock.now())
    box.take(look)
    return look


def entry(city: Any, name: str) -> bytes:
    return kept(city, city.person(name))


def test_a_contractor_keeps_what_the_city_signed_once(city: Any, inbox: Path) -> None:
    names = ("clerk", "officer", "deputy", "requester")
    for data in (*(entry(city, name) for name in names), kept(city, city.order.id)):
        assert not put_in(city, inbox, data).known
        assert put_in(city, inbox, data).known

    assert 5 == len(list((inbox / "inbox").iterdir()))
    box = post.open_inbox(inbox, city.city, city.clock.now())
    assert city.order == box.believed.orders[city.order.id]


def test_a_contractor_knows_a_pass_that_its_person_signed_and_no_half(
    city: Any, inbox: Path
) -> None:
    for name in ("clerk", "officer", "deputy", "contractor_officer", "engineer"):
        put_in(city, inbox, entry(city, name))
    half = city.cast.sat("engineer", city.clock.now())
    claimed = doc.unverified(half, doc.Training)
    colleague = city.cast.signer("contractor_officer")
    countersigned = doc.issue(claimed, city.office.signers["enrol"], colleague)

    with pytest.raises(Refused, match="half_signed"):
        put_in(city, inbox, half)
    with pytest.raises(BadSignature):
        put_in(city, inbox, countersigned)

    whole = sitting.take(city.office, half)
    assert "the city and the person" == put_in(city, inbox, whole).sender


def test_attack_an_entry_signed_by_people_the_contractor_does_not_know(
    city: Any, inbox: Path
) -> None:
    """The city's enrol key alone enrols nobody: who admitted them must be known too."""
    with pytest.raises(BadSignature):
        put_in(city, inbox, entry(city, "requester"))
    assert [] == list((inbox / "inbox").iterdir())


def test_attack_an_order_of_somebody_the_contractor_does_not_know(city: Any, inbox: Path) -> None:
    with pytest.raises(BadSignature):
        put_in(city, inbox, kept(city, city.order.id))
    assert [] == list((inbox / "inbox").iterdir())


def test_attack_another_citys_root(city: Any, inbox: Path) -> None:
    with pytest.raises(BadSignature):
        put_in(city, inbox, bundle(city, 9, SigningKey.generate(Use.ROOT)))


def test_attack_trust_bundle_older_than_known(city: Any, inbox: Path) -> None:
    assert not put_in(city, inbox, bundle(city, 6)).known
    assert put_in(city, inbox, bundle(city, 6)).known

    with pytest.raises(Conflict):
        put_in(city, inbox, bundle(city, 5))
    city.clock.set("2022-06-21 17:30")
    with pytest.raises(Conflict):
        put_in(city, inbox, bundle(city, 6))
    assert 6 == post.trust_of(inbox).serial


def test_attack_an_inbox_changed_on_its_disk(city: Any, inbox: Path) -> None:
    put_in(city, inbox, entry(city, "clerk"))
    path = next((inbox / "inbox").iterdir())
    path.write_bytes(path.read_bytes().replace(b"A", b"B", 1))

    with pytest.raises(AzukariError):
        post.open_inbox(inbox, city.city, city.clock.now())


def test_a_contractor_refuses_halves_and_receipts(
    erased: tuple[Any, bytes, list[bytes]], tmp_path: Path
) -> None:
    city, receipt, lines = erased
    home = tmp_path / "contractor"
    post.pin(home, ROOT.public, bundle(city, 5))
    (home / "inbox").mkdir()

    for data in (half_of(city)[0], statement.pack(receipt, lines)):
        with pytest.raises(Refused):
            put_in(city, home, data)


def at_call_centre(city: Any, data: bytes) -> post.Look:
    home, now = city.device_home, city.clock.now()
    look = post.look_at_call_centre(home, post.open_post(data), now)
    post.take_at_call_centre(home, look)
    return look


def test_a_call_centre_keeps_its_own_grants_once(at_six: Any) -> None:
    grant = at_six.ask()

    assert not at_call_centre(at_six, grant).known
    assert at_call_centre(at_six, grant).known
    assert 1 == len(list((at_six.device_home / "grants").iterdir()))


def test_a_call_centre_refuses_what_is_not_for_it(at_six: Any) -> None:
    grant = at_six.ask()
    at_six.open_device().one_time_key(at_six.one_time_keys[0]).unlink()

    for data in (grant, kept(at_six, at_six.order.id), half_of(at_six)[0]):
        with pytest.raises(Refused):
            at_call_centre(at_six, data)
    assert not (at_six.device_home / "grants").exists()


def test_a_contractor_knows_people_admitted_by_others_than_the_first_officers(
    city: Any, inbox: Path
) -> None:
    """Quiet times there are those of the days that entries state, not of the last start."""
    for name in ("clerk", "officer", "deputy", "approver_1", "approver_2", "contractor_officer"):
        put_in(city, inbox, entry(city, name))
    two = [city.person("approver_1"), city.person("approver_2")]
    half, _ = half_of(city, enrolled_by=two)
    whole = admit(city, vouched(city, half), by=("approver_1", "approver_2"))

    assert not put_in(city, inbox, whole).known
