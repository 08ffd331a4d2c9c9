"""A slow judge beside the decision: plain rules, read anew for every question, nothing kept.

Written from the promise; it shares no rule with the product.
"""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from azukari.entrust.known import Known
from azukari.entrust.may import Opening
from azukari.seal import documents as doc

DAY = 86_400_000


class Judge:
    """Every reason why not, in no particular order."""

    def opening(self, ask: Opening, known: Known, at: int) -> set[str]:
        if ask.order is None:
            return {"order_unknown"}
        links = links_of(ask.order, known)
        return (
            judged_order(ask.order, known, at)
            | judged_person(ask, ask.order, links, known, at)
            | judged_device(ask, ask.order, links, known)
            | judged_window(ask, ask.order, at)
            | judged_status(known, at)
        )

    def sealing(self, order: doc.Order, known: Known, at: int) -> set[str]:
        return judged_order(order, known, at) | judged_status(known, at)


@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge()


def links_of(order: doc.Order, known: Known) -> list[doc.Agreement]:
    """From the lowest up to the city; empty where the chain does not get there."""
    links: list[doc.Agreement] = []
    name = order.agreement
    while name:
        if name not in known.agreements or len(links) > len(known.agreements):
            return []
        links.append(known.agreements[name])
        name = links[-1].parent
    return links


def judged_order(order: doc.Order, known: Known, at: int) -> set[str]:
    no: set[str] = set()
    if at < order.requested_at or at > order.expires_at:
        no.add("order_expired")
    if order.id in known.negative:
        no.add("order_withdrawn")
    links = links_of(order, known)
    if not links:
        return no | {"chain_broken"}
    if is_broken(links, known.city):
        no.add("chain_broken")
    for link in links:
        if link.id in known.negative:
            no.add("agreement_suspended")
        if at < link.from_at or at > link.terms.expires_at:
            no.add("agreement_expired")
        if order.purpose not in link.terms.purposes:
            no.add("purpose_not_allowed")
        if order.medium not in link.terms.media:
            no.add("medium_not_allowed")
        for table in order.tables:
            for column, roles in table.columns.items():
                if roles and f"{table.table}.{column}" not in link.terms.columns:
                    no.add("columns_not_allowed")
    if most_approvers(order, links, known, at) < max(2, *(k.terms.approvers for k in links)):
        no |= {"approvals_missing", *approvals_why_not(order, links, known, at)}
    if is_gone(order.requester, known):
        no.add("person_unknown")
    no |= judged_handler(order.holder, [link.processor for link in links], links, known, at)
    no |= judged_handler(order.recipient, [links[0].processor], links, known, at)
    no |= judged_handler(order.device_holder, [links[0].processor], links, known, at)
    bearers = [known.city] + [link.processor for link in links]
    no |= judged_handler(order.grant_by, bearers, links, known, at)
    return no


def is_gone(person: str, known: Known) -> bool:
    return person not in known.people or person in known.negative


def is_broken(links: list[doc.Agreement], city: str) -> bool:
    top = links[-1]
    if top.entrustor != city:
        return True
    for below, above in pairwise(links):
        low, high = below.terms, above.terms
        wider = (
            [c for c in low.columns if c not in high.columns]
            + [p for p in low.purposes if p not in high.purposes]
            + [m for m in low.media if m not in high.media]
            + [c for c in high.training if c not in low.training]
        )
        if wider or low.expires_at > high.expires_at or low.approvers < high.approvers:
            return True
        if not high.may_re_entrust or low.depth >= high.depth:
            return True
        if low.device_key not in (high.device_key, "token"):
            return True
        if below.entrustor != above.processor:
            return True
    return False


def holds_pass(person: str, links: list[doc.Agreement], known: Known, at: int) -> bool:
    courses = [course for link in links for course in link.terms.training]
    for course in courses:
        found = False
        for one in known.trainings:
            if one.id not in known.negative and (one.person, one.course) == (person, course):
                found = found or one.passed_at <= at <= one.expires_at
        if not found:
            return False
    return len(courses) > 0


def judged_handler(
    name: str, parties: list[str], links: list[doc.Agreement], known: Known, at: int
) -> set[str]:
    if is_gone(name, known):
        return {"person_unknown"}
    person = known.people[name]
    if person.party not in parties:
        return {"person_not_of_recipient"}
    if person.states_employer != person.party:
        return {"employer_disagrees"}
    return set() if holds_pass(name, links, known, at) else {"training_missing"}


def why_not_counted(
    approval: doc.Approval, order: doc.Order, links: list[doc.Agreement], known: Known, at: int
) -> str:
    person = known.people.get(approval.approver)
    if approval.order_sha256 != doc.digest(order):
        return "approval_of_another_order"
    if person is None or person.id in known.negative:
        return "approver_unknown"
    if person.party != known.city or person.states_employer != known.city:
        return "approver_unknown"
    if "approver" not in person.roles:
        return "approver_unknown"
    if person.id in (
        order.requester,
        order.holder,
        order.recipient,
        order.grant_by,
        order.device_holder,
    ):
        return "approver_is_party_to_the_order"
    if order.requested_at - approval.at > 120_000:
        return "approval_before_its_order"
    if at < approval.at or at > approval.expires_at:
        return "approval_expired"
    if approval.at - person.enrolled_at < DAY:
        return "approver_in_quiet_time"
    if enrolled_lately(person.id, order.requester, known, approval.at):
        return "approver_enrolled_by_requester"
    # What was known when it was given counts, not what is known now.
    if not holds_pass(approval.approver, links, known, approval.at):
        return "approver_untrained"
    return ""


def enrolled_lately(one: str, other: str, known: Known, at: int) -> bool:
    found = False
    for first, second in ((one, other), (other, one)):
        person = None if is_gone(first, known) else known.people[first]
        if person is not None and second in [person.vouched_by, *person.enrolled_by]:
            found = found or at - person.enrolled_at < 30 * DAY
    return found


def approvals_of(order: doc.Order, known: Known) -> list[doc.Approval]:
    return [a for a in known.approvals if a.order == order.id and a.id not in known.negative]


def last_words(
    order: doc.Order, links: list[doc.Agreement], known: Known, at: int
) -> dict[str, int]:
    """Who approved rightly, and when last."""
    last: dict[str, int] = {}
    for approval in approvals_of(order, known):
        if not why_not_counted(approval, order, links, known, at):
            last[approval.approver] = max(approval.at, last.get(approval.approver, 0))
    return last


def most_approvers(order: doc.Order, links: list[doc.Agreement], known: Known, at: int) -> int:
    last = last_words(order, links, known, at)
    for size in range(len(last), 0, -1):
        for some in combinations(last, size):
            pairs = list(combinations(some, 2))
            if not any(enrolled_lately(a, b, known, min(last[a], last[b])) for a, b in pairs):
                return size
    return 0


def approvals_why_not(
    order: doc.Order, links: list[doc.Agreement], known: Known, at: int
) -> set[str]:
    no = {why_not_counted(a, order, links, known, at) for a in approvals_of(order, known)} - {""}
    if most_approvers(order, links, known, at) < len(last_words(order, links, known, at)):
        no.add("approver_enrolled_by_requester")
    return no


def judged_person(
    ask: Opening, order: doc.Order, links: list[doc.Agreement], known: Known, at: int
) -> set[str]:
    if ask.person not in known.people:
        return {"person_unknown"}
    person, no = known.people[ask.person], set()
    if person.id in known.negative:
        no.add("person_left")
    lowest = known.agreements.get(order.agreement)
    if lowest is None or lowest.processor != person.party:
        no.add("person_not_of_recipient")
    if person.states_employer != person.party:
        no.add("employer_disagrees")
    seen = [r for table in order.tables for roles in table.columns.values() for r in roles]
    if ask.role not in person.roles or ask.role not in seen:
        no.add("role_not_allowed")
    if links and not holds_pass(person.id, links, known, at):
        no.add("training_missing")
    return no


def judged_device(
    ask: Opening, order: doc.Order, links: list[doc.Agreement], known: Known
) -> set[str]:
    if ask.device not in known.devices:
        return {"device_unknown"}
    device, no = known.devices[ask.device], set()
    if device.id in known.negative or ask.one_time_key in known.negative:
        no.add("device_revoked")
    lowest = known.agreements.get(order.agreement)
    if device.id != order.device or lowest is None or device.party != lowest.processor:
        no.add("device_not_of_order")
    if any(link.terms.device_key != "file" for link in links):
        no.add("device_key_not_allowed")
    if ask.one_time_key not in [key.id for key in device.one_time_keys]:
        no.add("one_time_key_unknown")
    return no


def judged_window(ask: Opening, order: doc.Order, at: int) -> set[str]:
    starts = order.requested_at <= ask.not_before < ask.not_after
    ends = ask.not_after <= order.return_by and at < ask.not_after
    return set() if starts and ends else {"window_outside_order"}


def judged_status(known: Known, at: int) -> set[str]:
    if known.status_at is None:
        return {"status_old"}
    return set() if -2 * 60_000 <= at - known.status_at <= DAY else {"status_old"}
