"""Signed documents: each under the signatures its word asks for, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, BadSignature
from azukari.names import id_of
from azukari.seal import documents
from azukari.seal.documents import (
    SIGNED_BY,
    Agreement,
    Answered,
    Approval,
    Device,
    Document,
    Employment,
    Enrolled,
    Erasure,
    HandOver,
    Hold,
    Inspection,
    Lift,
    Loss,
    OneTimeKey,
    OneTimeKeys,
    Order,
    OrderedTable,
    Party,
    Person,
    Receipt,
    Restoration,
    Review,
    Reviewed,
    Roster,
    Status,
    Suspension,
    Terms,
    Training,
    admitting,
    digest,
    issue,
    read,
    unverified,
    word_of,
)
from azukari.seal.envelope import PublicKey, SigningKey, Use, canonical, sign

A, B, C = id_of(b"a" * 16), id_of(b"b" * 16), id_of(b"c" * 16)
AT = 1_655_776_800_000
SAMPLES: tuple[Document, ...] = (
    Party(id=A, name="例: 架空受託", role="contractor"),
    Agreement(
        id=A,
        parent="",
        replaces="",
        entrustor=B,
        processor=C,
        terms=Terms(
            columns=["name_fold"],
            purposes=["answer-enquiries"],
            media=["usb"],
            expires_at=AT + 1,
            may_re_entrust=False,
            depth=0,
            training=["basic"],
            approvers=2,
            device_key="file",
        ),
        from_at=AT,
    ),
    Suspension(id=A, agreement=B, at=AT),
    Person(
        id=A,
        party=B,
        states_employer=B,
        public="AA==",
        roles=["approver"],
        vouched_by=C,
        enrolled_by=[C],
        enrolled_at=AT,
    ),
    Device(
        id=A,
        party=B,
        public="AA==",
        one_time_keys=[OneTimeKey(C, "AA==")],
        vouched_by=B,
        enrolled_by=[A, B],
        enrolled_at=AT,
    ),
    Employment(id=A, person=B, employer=C, at=AT),
    OneTimeKeys(id=A, device=B, keys=[OneTimeKey(C, "AA==")], at=AT),
    Training(
        id=A,
        person=B,
        course="basic",
        course_sha256="0" * 64,
        language="ja",
        answers=[Answered("first", 2), Answered("second", 0)],
        passed_at=AT,
        expires_at=AT + 1,
    ),
    Order(
        id=A,
        purpose="answer-enquiries",
        agreement=B,
        tables=[OrderedTable(table="extract", columns={"answer": ["call-centre"]}, rows=224_000)],
        carriers=2,
        medium="usb",
        media=["U-1"],
        route="by hand",
        holder=B,
        recipient=C,
        grant_by=A,
        device=B,
        device_holder=C,
        requester=C,
        requested_at=AT,
        receive_by=AT + 1,
        return_by=AT + 2,
        expires_at=AT + 3,
    ),
    Approval(id=A, order=B, order_sha256="0" * 64, approver=C, at=AT, expires_at=AT + 1),
    HandOver(
        id=A,
        carrier=B,
        envelope_sha256="0" * 64,
        giver=B,
        taker=C,
        at=AT,
        due_at=AT + 1,
        step="receive",
    ),
    Status(id=A, serial=1, at=AT, suspended=[B], left=[C], revoked=[]),
    Restoration(id=A, carrier=B, person=C, revocation=A, at=AT),
    Loss(
        id=A,
        carriers=["C-7Q4M-2K"],
        media=["U-1"],
        bag=C,
        known_at=AT,
        last_held_at=0,
        in_the_bag="unknown",
        by=B,
        at=AT,
    ),
    Receipt(
        id=A,
        device=B,
        carrier=C,
        first=1,
        length=9,
        head="0" * 64,
        answered=8,
        one_time_keys_destroyed=[A],
        at=AT,
    ),
    Inspection(
        id=A,
        carrier=B,
        envelope_sha256="0" * 64,
        at=AT,
        inspector=C,
        unchanged=True,
        parts={A: "unchanged"},
        pages={"READ-ME.txt": "unchanged"},
        foreign=0,
        newest_file_at=AT,
    ),
    Roster(
        id=A,
        agreement=B,
        party=C,
        from_at=AT - 2,
        to_at=AT - 1,
        people=[Enrolled(person=B, since=AT - 3, last_used_at=0, trained_until=AT + 1)],
        at=AT,
    ),
    Review(
        id=A,
        roster=B,
        agreement=C,
        from_at=AT - 2,
        to_at=AT - 1,
        people=[
            Reviewed(
                person=B,
                since=AT - 3,
                last_used_at=0,
                trained_until=AT + 1,
                employer="",
                verdict="remove",
            )
        ],
        at=AT,
    ),
    Erasure(
        id=A,
        ledger="ledger.kakuu.example/office",
        rule="notes",
        until=AT - 9,
        entries=[3, 5],
        lines_sha256="0" * 64,
        contacts=[B],
        because="the year is over",
        requester=C,
        at=AT,
        expires_at=AT + 9,
    ),
    Hold(id=A, about=[B], because="the committee asks", at=AT),
    Lift(id=A, hold=B, because="it has reported", at=AT),
)
KEYS = {use: [SigningKey.generate(use) for _ in range(3)] for use in Use}
BELIEVED = {key.public.id: key.public for keys in KEYS.values() for key in keys}
every = pytest.mark.parametrize("document", SAMPLES, ids=lambda d: type(d).__name__)
quick = settings(deadline=None, max_examples=200)


def key_of(identifier: str) -> PublicKey | None:
    return BELIEVED.get(identifier)


def signers(uses: tuple[Use, ...]) -> Iterator[SigningKey]:
    """A different key for every place, further ones of a use that is asked again."""
    for at, use in enumerate(uses):
        yield KEYS[use][uses[:at].count(use)]


def wanted_of(document: Document) -> tuple[Use, ...]:
    """The uses of every key that must stand under this very document."""
    return SIGNED_BY[type(document)] + (Use.PERSON,) * len(admitting(document))


def issued(document: Document) -> bytes:
    return issue(document, *signers(wanted_of(document)))


def under(document: Document, *uses: Use) -> bytes:
    """The document signed by these keys, whatever its word asks for."""
    return sign(canonical(document), documents._TYPE_OF[type(document)], signers(uses))


ENVELOPES = [(issued(sample), type(sample)) for sample in SAMPLES]


def test_every_word_has_a_sample_here() -> None:
    assert set(SIGNED_BY) == {type(sample) for sample in SAMPLES}


@every
def test_a_document_reads_back_with_its_keys(document: Document) -> None:
    signed = read(issued(document), type(document), key_of)

    assert document == signed.document
    assert list(wanted_of(document)) == [key.use for key in signed.keys]
    assert issued(document) == signed.envelope


@every
def test_a_document_names_its_word(document: Document) -> None:
    assert type(document) is word_of(issued(document))
    assert document == unverified(issued(document), type(document))


@every
def test_one_signature_too_few(document: Document) -> None:
    uses = wanted_of(document)

    for missing in range(len(uses)):
        left = uses[:missing] + uses[missing + 1 :]
        with pytest.raises(BadSignature):
            read(under(document, *left), type(document), key_of)


@every
def test_one_signature_too_many(document: Document) -> None:
    for more in Use:
        uses = (*wanted_of(document), more)
        with pytest.raises(BadSignature):
            read(under(document, *uses), type(document), key_of)


@every
def test_a_right_signature_of_a_key_of_another_kind_is_refused(document: Document) -> None:
    wanted = wanted_of(document)

    for at, use in product(range(len(wanted)), Use):
        if use is wanted[at]:
            continue
        uses = (*wanted[:at], use, *wanted[at + 1 :])
        with pytest.raises(BadSignature):
            read(under(document, *uses), type(document), key_of)
        with pytest.raises(BadSignature):
            issue(document, *signers(uses))


@every
def test_a_document_of_another_word_is_refused(document: Document) -> None:
    for other in SIGNED_BY:
        if other is type(document):
            continue
        with pytest.raises((BadSignature, BadFormat)):
            read(issued(document), other, key_of)
        with pytest.raises(BadFormat):
            unverified(issued(document), other)


def test_a_payload_under_the_type_of_another_word_is_refused_unverified_too() -> None:
    party = next(sample for sample in SAMPLES if isinstance(sample, Party))
    envelope = sign(canonical(party), documents._TYPE_OF[Order], [KEYS[Use.ENROL][0]])

    with pytest.raises(BadFormat):
        unverified(envelope, Party)


def test_one_person_cannot_sign_twice_for_two() -> None:
    hand_over = next(sample for sample in SAMPLES if isinstance(sample, HandOver))
    person = KEYS[Use.PERSON][0]

    with pytest.raises(BadSignature):
        read(issue(hand_over, person, person), HandOver, key_of)


@pytest.mark.parametrize(
    "fields", [{"v": 2}, {"v": 0}, {"id": ""}, {"id": "z" * 26}, {"id": A + "0"}]
)
@every
def test_another_version_or_no_id_is_refused(document: Document, fields: dict[str, Any]) -> None:
    changed = msgspec.structs.replace(document, **fields)

    with pytest.raises(BadFormat):
        read(issued(changed), type(document), key_of)


def test_a_word_of_nobody_is_refused() -> None:
    envelope = sign(b"{}", "application/vnd.azukari.wish.v1+json", [KEYS[Use.ORDER][0]])

    with pytest.raises(BadFormat):
        word_of(envelope)


def test_the_key_of_a_use_is_one_or_none() -> None:
    signed = read(
        *ENVELOPES[SAMPLES.index(next(s for s in SAMPLES if isinstance(s, HandOver)))], key_of
    )

    with pytest.raises(BadSignature):
        signed.key(Use.PERSON)
    with pytest.raises(BadSignature):
        signed.key(Use.ROOT)


def test_the_digest_is_over_the_payload_and_not_over_the_signatures() -> None:
    order = next(sample for sample in SAMPLES if isinstance(sample, Order))
    again = issue(order, KEYS[Use.ORDER][1], KEYS[Use.PERSON][1])

    assert digest(order) == digest(cast("Order", read(again, Order, key_of).document))
    assert digest(order) != digest(msgspec.structs.replace(order, carriers=3))


# --- any bytes


@quick
@given(st.sampled_from(list(SIGNED_BY)), st.binary(max_size=300))
def test_any_bytes_as_a_signed_document_are_refused(kind: type[Document], data: bytes) -> None:
    with pytest.raises((BadFormat, BadSignature)):
        read(data, kind, key_of)
    with pytest.raises(BadFormat):
        word_of(data)


@quick
@given(st.sampled_from(ENVELOPES), st.data())
def test_any_change_of_a_real_document_is_refused(
    real: tuple[bytes, type[Document]], data: st.DataObject
) -> None:
    envelope, kind = real
    start = data.draw(st.integers(0, len(envelope) - 1))
    end = data.draw(st.integers(start, min(len(envelope), start + 30)))
    changed = envelope[:start] + data.draw(st.binary(max_size=30)) + envelope[end:]
    if changed == envelope:
        return

    with pytest.raises((BadFormat, BadSignature)):
        read(changed, kind, key_of)


@quick
@given(st.sampled_from(SAMPLES), st.data())
def test_any_change_inside_a_rightly_signed_document_is_a_value_or_refused(
    sample: Document, data: st.DataObject
) -> None:
    payload = canonical(sample)
    start = data.draw(st.integers(0, len(payload) - 1))
    end = data.draw(st.integers(start, min(len(payload), start + 10)))
    changed = payload[:start] + data.draw(st.binary(max_size=10)) + payload[end:]
    kind = type(sample)
    envelope = sign(changed, documents._TYPE_OF[kind], signers(wanted_of(sample)))

    try:
        signed = read(envelope, kind, key_of)
    except (BadFormat, BadSignature):
        return
    assert changed == canonical(cast("Document", signed.document))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@quick
@given(st.sampled_from(SAMPLES), json_values, st.data())
def test_any_value_in_any_field_is_a_value_or_refused(
    sample: Document, value: object, data: st.DataObject
) -> None:
    fields = msgspec.to_builtins(sample)
    fields[data.draw(st.sampled_from(sorted(fields)))] = value
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    kind = type(sample)
    payload = text.encode("utf-8", "surrogatepass")
    envelope = sign(payload, documents._TYPE_OF[kind], signers(wanted_of(sample)))

    try:
        signed = read(envelope, kind, key_of)
    except (BadFormat, BadSignature):
        return
    assert payload == canonical(cast("Document", signed.document))
