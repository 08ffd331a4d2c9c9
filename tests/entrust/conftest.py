"""A lawful evening as plain facts: everything that may be asked for is allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from msgspec.structs import replace as restruct

from azukari.entrust.known import Known
from azukari.entrust.may import Opening
from azukari.seal import documents as doc

DAY = 86_400_000
NOW = 1_655_800_000_000
LONG_AGO = NOW - 90 * DAY


def terms(**changed: Any) -> doc.Terms:
    said: dict[str, Any] = {
        "columns": ["households.answer", "households.name"],
        "purposes": ["answer enquiries"],
        "media": ["stick"],
        "expires_at": NOW + 90 * DAY,
        "may_re_entrust": True,
        "depth": 1,
        "training": ["course"],
        "approvers": 2,
        "device_key": "file",
    }
    return doc.Terms(**(said | changed))


def person(name: str, party: str, *roles: str, **changed: Any) -> doc.Person:
    said: dict[str, Any] = {
        "id": name,
        "party": party,
        "states_employer": party,
        "public": "",
        "roles": list(roles),
        "vouched_by": "officer",
        "enrolled_by": ["clerk", "officer"],
        "enrolled_at": LONG_AGO,
    }
    return doc.Person(**(said | changed))


@dataclass
class Evening:
    """The facts, and who asks for what; change one and ask again."""

    order: doc.Order
    known: Known
    opening: Opening
    at: int = NOW

    def with_order(self, **changed: Any) -> Evening:
        """Another order, approved anew by the same persons."""
        order = restruct(self.order, **changed)
        approvals = tuple(
            restruct(a, order=order.id, order_sha256=doc.digest(order))
            for a in self.known.approvals
        )
        return replace(
            self,
            order=order,
            opening=replace(self.opening, order=order),
            known=replace(self.known, approvals=approvals),
        )

    def with_opening(self, **changed: Any) -> Evening:
        return replace(self, opening=replace(self.opening, **changed))

    def with_known(self, **changed: Any) -> Evening:
        return replace(self, known=replace(self.known, **changed))

    def with_person(self, name: str, **changed: Any) -> Evening:
        people = dict(self.known.people)
        people[name] = restruct(people[name], **changed)
        return self.with_known(people=people)

    def with_terms(self, link: str, **changed: Any) -> Evening:
        agreements = dict(self.known.agreements)
        old = agreements[link]
        agreements[link] = restruct(old, terms=restruct(old.terms, **changed))
        return self.with_known(agreements=agreements)

    def with_agreement(self, link: str, **changed: Any) -> Evening:
        agreements = dict(self.known.agreements)
        agreements[link] = restruct(agreements[link], **changed)
        return self.with_known(agreements=agreements)

    def with_negative(self, *ids: str) -> Evening:
        return self.with_known(negative=frozenset(ids))

    def with_approvals(self, *approvals: doc.Approval) -> Evening:
        return self.with_known(approvals=approvals)

    def approval(self, by: str, **changed: Any) -> doc.Approval:
        said: dict[str, Any] = {
            "id": f"approval of {by}",
            "order": self.order.id,
            "order_sha256": doc.digest(self.order),
            "approver": by,
            "at": NOW - 3_600_000,
            "expires_at": NOW + DAY,
        }
        return doc.Approval(**(said | changed))


@pytest.fixture(scope="session")
def evening() -> Evening:
    """City → contractor → centre; an order for the centre, two approvals, its device."""
    upper = doc.Agreement(
        id="upper",
        parent="",
        replaces="",
        entrustor="city",
        processor="contractor",
        terms=terms(),
        from_at=LONG_AGO,
    )
    lower = doc.Agreement(
        id="lower",
        parent="upper",
        replaces="",
        entrustor="contractor",
        processor="centre",
        terms=terms(may_re_entrust=False, depth=0),
        from_at=LONG_AGO,
    )
    people = [
        person("requester", "city", "requester"),
        person("first", "city", "approver"),
        person("second", "city", "approver"),
        person("third", "city", "approver"),
        person("engineer", "contractor", "holder"),
        person("supervisor", "centre", "supervisor"),
        person("operator", "centre", "operator"),
        person("courier", "contractor", "courier"),
        person("outsider", "hidden", "operator"),
    ]
    trainings = tuple(
        doc.Training(
            id=f"pass of {one.id}",
            person=one.id,
            course="course",
            course_sha256="0" * 64,
            language="en",
            answers=[doc.Answered("one", 0)],
            passed_at=LONG_AGO,
            expires_at=NOW + 90 * DAY,
        )
        for one in people
    )
    device = doc.Device(
        id="device",
        party="centre",
        public="",
        one_time_keys=[doc.OneTimeKey("key-1", ""), doc.OneTimeKey("key-2", "")],
        vouched_by="centre_officer",
        enrolled_by=["clerk", "officer"],
        enrolled_at=LONG_AGO,
    )
    order = doc.Order(
        id="order",
        purpose="answer enquiries",
        agreement="lower",
        tables=[
            doc.OrderedTable(
                table="households",
                columns={"answer": ["operator", "supervisor"], "name": ["supervisor"]},
                rows=100,
            )
        ],
        carriers=2,
        medium="stick",
        media=["M-1", "M-2"],
        route="by train",
        holder="engineer",
        recipient="supervisor",
        grant_by="courier",
        device="device",
        device_holder="supervisor",
        requester="requester",
        requested_at=NOW - 2 * 3_600_000,
        receive_by=NOW + 3_600_000,
        return_by=NOW + 4 * 3_600_000,
        expires_at=NOW + DAY,
    )
    known = Known(
        city="city",
        agreements={"upper": upper, "lower": lower},
        people={one.id: one for one in people},
        devices={"device": device},
        trainings=trainings,
        approvals=(),
        negative=frozenset(),
        status_at=NOW - 3_600_000,
    )
    opening = Opening(order, "operator", "operator", "device", "key-1", NOW - 1, NOW + 3_600_000)
    made = Evening(order, known, opening)
    return made.with_approvals(made.approval("first"), made.approval("second"))
