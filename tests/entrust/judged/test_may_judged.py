"""The decision beside a slow judge: the same reasons in any world and at any instant.

Also when the product has answered other questions before, which the judge never remembers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as restruct

from azukari.entrust.may import may_open, may_seal

DAY = 86_400_000
HOUR = 3_600_000
Draw = Callable[..., Any]
CLERKS = ("first", "second", "third", "requester", "engineer", "supervisor", "operator")
NAMES = st.sampled_from(("city", "contractor", "centre", "hidden"))


@st.composite
def changes(draw: st.DrawFn, evening: Any) -> Any:
    """A world that differs from the lawful evening by some wrong or merely other facts."""
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=5)):
        evening = change(draw, evening)
    return evening


def _instant(draw: Draw, evening: Any) -> int:
    """Near one that some document names: that is where an answer may turn."""
    known, order = evening.known, evening.order
    named = [
        *[evening.at] * 20,
        order.requested_at,
        order.expires_at,
        order.return_by,
        *(a.at for a in known.approvals),
        *(a.expires_at for a in known.approvals),
        *(t.expires_at for t in known.trainings),
        *(t.passed_at for t in known.trainings),
        *(link.from_at for link in known.agreements.values()),
        *(link.terms.expires_at for link in known.agreements.values()),
    ]
    return int(draw(st.sampled_from(named)) + draw(st.sampled_from((-1, 0, 1, HOUR, -HOUR))))


def _negative(draw: Draw, e: Any) -> Any:
    ids = ("order", "upper", "lower", "device", "key-1", "pass of operator", "approval of first")
    more = draw(st.sets(st.sampled_from((*ids, *CLERKS)), max_size=2))
    return e.with_known(negative=e.known.negative | more)


def _terms(draw: Draw, e: Any) -> Any:
    changed = draw(
        st.sampled_from(
            [
                {"purposes": []},
                {"media": ["stick", "mail"]},
                {"columns": ["households.answer"]},
                {"training": []},
                {"training": ["course", "more"]},
                {"approvers": 3},
                {"device_key": "token"},
                {"depth": 0},
                {"may_re_entrust": False},
                {"expires_at": e.at - draw(st.integers(-2, 2)) * HOUR},
            ]
        )
    )
    return e.with_terms(draw(st.sampled_from(sorted(e.known.agreements))), **changed)


def _link(draw: Draw, e: Any) -> Any:
    gone = draw(st.sampled_from(("upper", "lower", "")))
    if gone:
        kept = {key: one for key, one in e.known.agreements.items() if key != gone}
        return e.with_known(agreements=kept) if len(kept) == 1 and draw(st.booleans()) else e
    changed = draw(
        st.sampled_from(
            [{"parent": "lower"}, {"entrustor": "hidden"}, {"processor": "hidden"}, {"parent": ""}]
        )
    )
    link = draw(st.sampled_from(sorted(e.known.agreements)))
    return e.with_agreement(link, **changed)


def _person(draw: Draw, e: Any) -> Any:
    name = draw(st.sampled_from(sorted(e.known.people)))
    changed = draw(
        st.sampled_from(
            [
                {"party": draw(NAMES)},
                {"states_employer": draw(NAMES)},
                {"roles": draw(st.lists(st.sampled_from(("approver", "operator", "supervisor"))))},
                {
                    "enrolled_by": draw(st.lists(st.sampled_from(CLERKS), max_size=2)),
                    "enrolled_at": e.at - draw(st.integers(0, 40)) * DAY,
                },
            ]
        )
    )
    return e.with_person(name, **changed)


def _fewer_people(draw: Draw, e: Any) -> Any:
    gone = draw(st.sampled_from(CLERKS))
    return e.with_known(people={k: one for k, one in e.known.people.items() if k != gone})


def _passes(draw: Draw, e: Any) -> Any:
    """Passes end, begin late, are of another course, or come twice."""
    changed = []
    for one in e.known.trainings:
        if draw(st.integers(0, 4)) == 0:
            edge = e.at + draw(st.integers(-3, 3)) * HOUR
            late = {"passed_at": edge}, {"expires_at": edge}, {"course": "more"}
            changed.append(restruct(one, id=f"{one.id} again", **draw(st.sampled_from(late))))
        if draw(st.integers(0, 9)) > 0:
            changed.append(one)
    return e.with_known(trainings=tuple(changed))


def _approvals(draw: Draw, e: Any) -> Any:
    given = [
        e.approval(
            name,
            id=f"{name} {n}",
            at=e.at - draw(st.integers(-1, 5)) * HOUR,
            expires_at=e.at + draw(st.integers(-2, 9)) * HOUR,
            **draw(st.sampled_from([{}, {}, {}, {"order_sha256": "0" * 64}, {"order": "another"}])),
        )
        for n, name in enumerate(draw(st.lists(st.sampled_from(CLERKS), max_size=5)))
    ]
    return e.with_approvals(*e.known.approvals, *given)


def _order(draw: Draw, e: Any) -> Any:
    changed = draw(
        st.sampled_from(
            [
                {"purpose": "marketing"},
                {"medium": "mail"},
                {"agreement": "upper"},
                {"agreement": "nowhere"},
                {"agreement": ""},
                {"holder": draw(st.sampled_from(CLERKS))},
                {"recipient": draw(st.sampled_from(CLERKS))},
                {"requester": draw(st.sampled_from(CLERKS))},
                {"device_holder": draw(st.sampled_from(CLERKS))},
                {"device": "other"},
                {"tables": []},
            ]
        )
    )
    if draw(st.booleans()):  # approved as it is now
        return e.with_order(**changed)
    order = restruct(e.order, **changed)
    return replace(e, order=order, opening=replace(e.opening, order=order))


def _opening(draw: Draw, e: Any) -> Any:
    changed = draw(
        st.sampled_from(
            [
                {"person": draw(st.sampled_from((*CLERKS, "outsider", "nobody")))},
                {"role": draw(st.sampled_from(("operator", "supervisor", "guest")))},
                {"device": "phone"},
                {"one_time_key": "key-9"},
                {"not_before": e.at + HOUR},
                {"not_after": e.at},
                {"order": None},
            ]
        )
    )
    return e.with_opening(**changed)


def _status(draw: Draw, e: Any) -> Any:
    seen = draw(st.sampled_from((None, 0, DAY, DAY + 1, -120_000, -120_001)))
    return e.with_known(status_at=None if seen is None else e.at - seen)


CHANGES = (
    _negative,
    _terms,
    _terms,
    _link,
    _person,
    _fewer_people,
    _passes,
    _approvals,
    _approvals,
    _order,
    _opening,
    _status,
)


@settings(deadline=None, max_examples=600)
@given(st.data())
def test_the_same_answer_as_the_judge_in_any_world_at_any_instant(
    evening: Any, judge: Any, data: st.DataObject
) -> None:
    world = data.draw(changes(evening))
    for _ in range(4):  # one after another, with what was found before still in hand
        at = _instant(data.draw, world)

        found = may_open(world.opening, world.known, at)
        assert judge.opening(world.opening, world.known, at) == set(found)
        assert len(found) == len(set(found))
        sealing = may_seal(world.order, world.known, at)
        assert judge.sealing(world.order, world.known, at) == set(sealing)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_what_was_asked_before_changes_no_answer(evening: Any, data: st.DataObject) -> None:
    """Several people, devices and spellings of one order, over the same documents."""
    world = data.draw(changes(evening))
    asks = [world, *(data.draw(changes(world)) for _ in range(3))]
    instants = [_instant(data.draw, world) for _ in range(3)]
    for at in instants:
        for one in asks:
            fresh = replace(world.known)

            assert may_open(one.opening, fresh, at) == may_open(one.opening, world.known, at)
