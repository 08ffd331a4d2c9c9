"""Who may: yes only where everything is known and right; every reason why not can be met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as restruct

from azukari.entrust.may import STATUS_MS, Why, may_open, may_seal

Change = Callable[[Any], Any]
HOUR = 3_600_000


def asked(evening: Any) -> tuple[str, ...]:
    return may_open(evening.opening, evening.known, evening.at)


def test_a_lawful_evening_is_allowed(evening: Any) -> None:
    assert () == asked(evening)
    assert () == may_seal(evening.order, evening.known, evening.at)


#: A change of one fact, and the reason it must be refused for.
ONE_CHANGE: dict[str, tuple[Change, Why]] = {
    "no order": (lambda e: e.with_opening(order=None), Why.ORDER_UNKNOWN),
    "order over": (lambda e: replace(e, at=e.order.expires_at + 1), Why.ORDER_EXPIRED),
    "order over, approved as it is": (
        lambda e: e.with_order(expires_at=e.at - 1),
        Why.ORDER_EXPIRED,
    ),
    "order not yet": (lambda e: replace(e, at=e.order.requested_at - 1), Why.ORDER_EXPIRED),
    "order withdrawn": (lambda e: e.with_negative("order"), Why.ORDER_WITHDRAWN),
    "no approvals": (lambda e: e.with_approvals(), Why.APPROVALS_MISSING),
    "one approval": (lambda e: e.with_approvals(e.approval("first")), Why.APPROVALS_MISSING),
    "approval withdrawn": (
        lambda e: e.with_negative("approval of first"),
        Why.APPROVALS_MISSING,
    ),
    "approver left": (lambda e: e.with_negative("first"), Why.APPROVALS_MISSING),
    "three approvers are asked for": (
        lambda e: e.with_terms("lower", approvers=3),
        Why.APPROVALS_MISSING,
    ),
    "link missing": (
        lambda e: e.with_known(agreements={"lower": e.known.agreements["lower"]}),
        Why.CHAIN_BROKEN,
    ),
    "another city": (lambda e: e.with_known(city="another"), Why.CHAIN_BROKEN),
    "widened child": (
        lambda e: e.with_terms("lower", media=["stick", "mail"]),
        Why.CHAIN_BROKEN,
    ),
    "suspended": (lambda e: e.with_negative("lower"), Why.AGREEMENT_SUSPENDED),
    "suspended grandparent": (lambda e: e.with_negative("upper"), Why.AGREEMENT_SUSPENDED),
    "agreement over": (
        lambda e: e.with_terms("lower", expires_at=e.at - 1),
        Why.AGREEMENT_EXPIRED,
    ),
    "agreement not yet": (
        lambda e: e.with_agreement("upper", from_at=e.at + 1),
        Why.AGREEMENT_EXPIRED,
    ),
    "purpose": (lambda e: e.with_order(purpose="marketing"), Why.PURPOSE_NOT_ALLOWED),
    "purpose dropped above": (
        lambda e: e.with_terms("upper", purposes=[]),
        Why.PURPOSE_NOT_ALLOWED,
    ),
    "medium": (lambda e: e.with_order(medium="mail"), Why.MEDIUM_NOT_ALLOWED),
    "a column that no link names": (
        lambda e: e.with_order(
            tables=[
                restruct(e.order.tables[0], columns={"answer": ["operator"], "town": ["operator"]})
            ]
        ),
        Why.COLUMNS_NOT_ALLOWED,
    ),
    "column dropped above": (
        lambda e: e.with_terms("upper", columns=["households.answer"]),
        Why.COLUMNS_NOT_ALLOWED,
    ),
    "person unknown": (lambda e: e.with_opening(person="nobody"), Why.PERSON_UNKNOWN),
    "requester unknown": (lambda e: e.with_order(requester="nobody"), Why.PERSON_UNKNOWN),
    "holder unknown": (lambda e: e.with_order(holder="nobody"), Why.PERSON_UNKNOWN),
    "recipient left": (lambda e: e.with_negative("supervisor"), Why.PERSON_UNKNOWN),
    "person left": (lambda e: e.with_negative("operator"), Why.PERSON_LEFT),
    "hidden sub-sub-contractor opens": (
        lambda e: e.with_opening(person="outsider"),
        Why.PERSON_NOT_OF_RECIPIENT,
    ),
    "hidden sub-sub-contractor carries": (
        lambda e: e.with_order(holder="outsider"),
        Why.PERSON_NOT_OF_RECIPIENT,
    ),
    "hidden sub-sub-contractor receives": (
        lambda e: e.with_order(recipient="outsider"),
        Why.PERSON_NOT_OF_RECIPIENT,
    ),
    "contractor opens what is for the centre": (
        lambda e: e.with_opening(person="engineer"),
        Why.PERSON_NOT_OF_RECIPIENT,
    ),
    "contractor receives what is for the centre": (
        lambda e: e.with_order(recipient="engineer"),
        Why.PERSON_NOT_OF_RECIPIENT,
    ),
    "another pays them": (
        lambda e: e.with_person("operator", states_employer="hidden"),
        Why.EMPLOYER_DISAGREES,
    ),
    "another pays the holder": (
        lambda e: e.with_person("engineer", states_employer="hidden"),
        Why.EMPLOYER_DISAGREES,
    ),
    "role not theirs": (lambda e: e.with_opening(role="supervisor"), Why.ROLE_NOT_ALLOWED),
    "role without columns": (
        lambda e: e.with_person("operator", roles=["operator", "guest"]).with_opening(role="guest"),
        Why.ROLE_NOT_ALLOWED,
    ),
    "pass over": (
        lambda e: e.with_known(
            trainings=tuple(
                restruct(t, expires_at=e.at - 1) if t.person == "operator" else t
                for t in e.known.trainings
            )
        ),
        Why.TRAINING_MISSING,
    ),
    "pass revoked": (lambda e: e.with_negative("pass of operator"), Why.TRAINING_MISSING),
    "pass of the holder revoked": (
        lambda e: e.with_negative("pass of engineer"),
        Why.TRAINING_MISSING,
    ),
    "pass of the recipient revoked": (
        lambda e: e.with_negative("pass of supervisor"),
        Why.TRAINING_MISSING,
    ),
    "no course is asked for": (
        lambda e: e.with_terms("upper", training=[]).with_terms("lower", training=[]),
        Why.TRAINING_MISSING,
    ),
    "another course is asked for": (
        lambda e: e.with_terms("lower", training=["course", "more"]),
        Why.TRAINING_MISSING,
    ),
    "device never enrolled": (lambda e: e.with_opening(device="phone"), Why.DEVICE_UNKNOWN),
    "device revoked": (lambda e: e.with_negative("device"), Why.DEVICE_REVOKED),
    "one-time key revoked": (lambda e: e.with_negative("key-1"), Why.DEVICE_REVOKED),
    "device of another party": (
        lambda e: e.with_known(
            devices={"device": restruct(e.known.devices["device"], party="contractor")}
        ),
        Why.DEVICE_NOT_OF_ORDER,
    ),
    "device of another order": (lambda e: e.with_order(device="other"), Why.DEVICE_NOT_OF_ORDER),
    "a token is asked for": (
        lambda e: e.with_terms("lower", device_key="token"),
        Why.DEVICE_KEY_NOT_ALLOWED,
    ),
    "one-time key of nobody": (
        lambda e: e.with_opening(one_time_key="key-9"),
        Why.ONE_TIME_KEY_UNKNOWN,
    ),
    "window over": (
        lambda e: e.with_opening(not_after=e.at),
        Why.WINDOW_OUTSIDE_ORDER,
    ),
    "window beyond the return": (
        lambda e: e.with_opening(not_after=e.order.return_by + 1),
        Why.WINDOW_OUTSIDE_ORDER,
    ),
    "window before the order": (
        lambda e: e.with_opening(not_before=e.order.requested_at - 1),
        Why.WINDOW_OUTSIDE_ORDER,
    ),
    "window upside down": (
        lambda e: e.with_opening(not_before=e.at + HOUR, not_after=e.at + HOUR),
        Why.WINDOW_OUTSIDE_ORDER,
    ),
    "no word from the city": (lambda e: e.with_known(status_at=None), Why.STATUS_OLD),
    "old status statement": (
        lambda e: e.with_known(status_at=e.at - STATUS_MS - 1),
        Why.STATUS_OLD,
    ),
    "a status dated ahead": (
        lambda e: e.with_known(status_at=e.at + STATUS_MS),
        Why.STATUS_OLD,
    ),
}


@pytest.mark.parametrize("name", ONE_CHANGE)
def test_one_wrong_fact_is_refused_and_named(evening: Any, name: str) -> None:
    change, why = ONE_CHANGE[name]

    assert why in asked(change(evening))


def test_every_reason_is_met_here() -> None:
    assert set(Why) == {why for _, why in ONE_CHANGE.values()}


@pytest.mark.parametrize("why", Why)
def test_every_reason_fires_alone_where_everything_else_is_right(evening: Any, why: Why) -> None:
    worlds = [change(evening) for change, expected in ONE_CHANGE.values() if expected is why]

    assert [(why,)] == [answer for answer in map(asked, worlds) if answer == (why,)][:1]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (_, why) in ONE_CHANGE.items()
        if why in tuple(Why)[:9] or why == Why.STATUS_OLD
    ],
)
def test_what_forbids_opening_forbids_sealing_too(evening: Any, name: str) -> None:
    made = ONE_CHANGE[name][0](evening)

    assert ONE_CHANGE[name][1] in may_seal(made.opening.order, made.known, made.at)


def test_a_status_of_exactly_a_day_still_counts(evening: Any) -> None:
    assert () == asked(evening.with_known(status_at=evening.at - STATUS_MS))


def test_every_reason_is_given_at_once_and_none_twice(evening: Any) -> None:
    bad = evening.with_known(status_at=None).with_opening(device="phone", person="outsider")

    found = asked(bad)

    assert {Why.STATUS_OLD, Why.DEVICE_UNKNOWN, Why.PERSON_NOT_OF_RECIPIENT} <= set(found)
    assert len(found) == len(set(found))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_unknown_facts_deny_whatever_is_taken_away(evening: Any, data: st.DataObject) -> None:
    """Removing any fact never turns a no into a yes, however many were wrong before."""
    before = evening
    for name in data.draw(st.lists(st.sampled_from(sorted(TIES)), max_size=3, unique=True)):
        before = TIES[name](before)
    after = before
    for _ in range(data.draw(st.integers(1, 4))):
        after = without_one_fact(after, data)

    if asked(before):
        assert asked(after)
    if may_seal(before.order, before.known, before.at):
        assert may_seal(after.order, after.known, after.at)


def without_one_fact(evening: Any, data: st.DataObject) -> Any:
    kinds = ("agreements", "people", "devices", "trainings", "approvals", "status_at")
    kind = data.draw(st.sampled_from(kinds))
    if kind == "status_at":
        return evening.with_known(status_at=None)
    facts = getattr(evening.known, kind)
    if not facts:
        return evening
    if isinstance(facts, tuple):
        gone = data.draw(st.integers(0, len(facts) - 1))
        return evening.with_known(**{kind: facts[:gone] + facts[gone + 1 :]})
    lost = data.draw(st.sampled_from(sorted(facts)))
    return evening.with_known(**{kind: {key: facts[key] for key in facts if key != lost}})


#: Facts that forbid by being there: a removal must not hide them.
TIES: dict[str, Change] = {
    "requester enrolled by first": lambda e: e.with_person(
        "requester", enrolled_by=["first", "clerk"], enrolled_at=e.at - 40 * HOUR
    ),
    "second enrolled by first": lambda e: e.with_person(
        "second", enrolled_by=["first", "clerk"], enrolled_at=e.at - 40 * HOUR
    ),
    "third enrolled by second": lambda e: e.with_approvals(
        *e.known.approvals, e.approval("third")
    ).with_person("third", enrolled_by=["second", "clerk"], enrolled_at=e.at - 40 * HOUR),
    "third approves too": lambda e: e.with_approvals(*e.known.approvals, e.approval("third")),
    "first approves twice": lambda e: e.with_approvals(
        *e.known.approvals, e.approval("first", id="again", at=e.at - 1)
    ),
    "operator is paid by another": lambda e: e.with_person("operator", states_employer="hidden"),
    "outsider asks": lambda e: e.with_opening(person="outsider"),
    "a second pass is over": lambda e: e.with_known(
        trainings=(
            *e.known.trainings,
            restruct(e.known.trainings[6], id="old pass", expires_at=e.at - 1),
        )
    ),
}
