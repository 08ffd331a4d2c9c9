"""Deciding again from documents alone: the same answer as the key service's, from any copy."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.desk import agree
from azukari.desk.evidence import gather
from azukari.entrust.may import Opening, Why, may_open, may_seal
from azukari.errors import BadFormat
from azukari.keys import again
from azukari.keys.policy import Pinned
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use


def handed_out(city: Any) -> tuple[Pinned, dict[str, bytes]]:
    files = gather(city.office, city.order.id)
    return again.pinned(files.pop(again.PINNED)), files


def sealing(city: Any, keys: Pinned, documents: dict[str, bytes]) -> tuple[str, ...]:
    believed, _ = again.believe(keys, documents)
    asked = believed.orders.get(city.order.id)
    return may_seal(asked, believed.known(), city.clock.now())


def of(documents: dict[str, bytes], *kinds: type[doc.Document]) -> list[str]:
    return [name for name, one in documents.items() if doc.word_of(one) in kinds]


def test_a_reader_decides_as_the_key_service_does(at_six: Any) -> None:
    keys, documents = handed_out(at_six)
    believed, refused = again.believe(keys, documents)
    theirs = at_six.keeper._believed.known()
    asked, now = believed.orders[at_six.order.id], at_six.clock.now()
    said = at_six.asked()
    del said["by"]
    ask = Opening(order=asked, **said)

    assert {} == refused
    assert () == may_seal(asked, theirs, now) == sealing(at_six, keys, documents)
    assert () == may_open(ask, believed.known(), now) == may_open(ask, theirs, now)
    gone = replace(ask, person=at_six.person("hidden"), device="another")
    assert may_open(gone, believed.known(), now) == may_open(gone, theirs, now) != ()


def test_the_order_of_the_files_never_matters(at_six: Any) -> None:
    keys, documents = handed_out(at_six)
    names = list(documents)
    for seed in range(10):
        random.Random(seed).shuffle(names)

        believed, refused = again.believe(keys, {name: documents[name] for name in names})

        assert {} == refused
        assert len(believed.people) == len(of(documents, doc.Person))


def test_attack_a_forged_document_among_the_evidence(at_six: Any) -> None:
    """An approval by nobody's key in the place of each real one."""
    keys, documents = handed_out(at_six)
    asked = at_six.order
    forged = doc.issue(
        doc.Approval(
            id=asked.agreement,
            order=asked.id,
            order_sha256=doc.digest(asked),
            approver=at_six.person("approver_1"),
            at=at_six.clock.now(),
            expires_at=asked.expires_at,
        ),
        SigningKey.generate(Use.PERSON),
    )
    approvals = of(documents, doc.Approval)
    for name in approvals:
        documents[name] = forged

    _, refused = again.believe(keys, documents)

    assert sorted(approvals) == sorted(refused)
    assert Why.APPROVALS_MISSING in sealing(at_six, keys, documents)


def test_attack_the_right_documents_under_keys_of_another_city(at_six: Any) -> None:
    keys, documents = handed_out(at_six)
    other = replace(keys, order=SigningKey.generate(Use.ORDER).public)

    assert (Why.ORDER_UNKNOWN,) == sealing(at_six, other, documents)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (doc.Status, Why.STATUS_OLD),
        (doc.Order, Why.ORDER_UNKNOWN),
        (doc.Approval, Why.APPROVALS_MISSING),
        (doc.Training, Why.TRAINING_MISSING),
        (doc.Agreement, Why.CHAIN_BROKEN),
        (doc.Person, Why.PERSON_UNKNOWN),
    ],
)
def test_a_kind_of_document_that_is_kept_back_is_a_no(
    at_six: Any, kind: type[doc.Document], why: Why
) -> None:
    keys, documents = handed_out(at_six)
    for name in of(documents, kind):
        del documents[name]

    found = sealing(at_six, keys, documents)

    # Without people nobody's signature under the order is believed, and so no order.
    assert {why, Why.ORDER_UNKNOWN} & set(found)


def test_attack_a_suspension_kept_back_is_in_the_status_statement_all_the_same(at_six: Any) -> None:
    agree.suspend(at_six.office, at_six.agreements["contractor"])
    keys, documents = handed_out(at_six)
    for name in of(documents, doc.Suspension):
        del documents[name]

    assert (Why.AGREEMENT_SUSPENDED,) == sealing(at_six, keys, documents)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80))
def test_any_bytes_as_pinned_keys_end_in_our_error(content: bytes) -> None:
    with pytest.raises(BadFormat):
        again.pinned(content)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"payload":""}'])
def test_what_is_no_document_is_named_and_changes_nothing(at_six: Any, content: bytes) -> None:
    keys, documents = handed_out(at_six)
    documents["junk.json"] = content

    _, refused = again.believe(keys, documents)

    assert ["junk.json"] == list(refused)
    assert () == sealing(at_six, keys, documents)
