"""Movement orders: what they let out, and whose approval counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Final

from azukari.entrust.moment import Moment
from azukari.errors import BadInput
from azukari.seal.documents import Approval, Order, Person, admitting, digest

DAY_MS: Final = 86_400_000
QUIET_MS: Final = DAY_MS  # a person enrolled or reset less than this ago does not count yet
ENROLLER_MS: Final = 30 * DAY_MS  # nobody approves for someone who enrolled them this recently
APART_MS: Final = 120_000  # how far two sites' clocks may differ
MOST_APPROVERS: Final = 12  # more on one order are not looked at
NETWORK: Final = "network"  # what an order says instead of a kind of medium
TIED: Final = "approver_enrolled_by_requester"


def columns_of(order: Order) -> frozenset[str]:
    """Every column any role may see, as ``table.column``."""
    return frozenset(
        f"{table.table}.{column}"
        for table in order.tables
        for column, roles in table.columns.items()
        if roles
    )


def columns_for(order: Order, role: str) -> frozenset[str]:
    """The columns one role may see."""
    return frozenset(
        f"{table.table}.{column}"
        for table in order.tables
        for column, roles in table.columns.items()
        if role in roles
    )


def roles_of(order: Order) -> frozenset[str]:
    """The roles that may see some column."""
    seen = (roles for table in order.tables for roles in table.columns.values())
    return frozenset(role for roles in seen for role in roles)


def rows_of(order: Order) -> dict[str, int]:
    """At most how many rows of each table."""
    return {table.table: table.rows for table in order.tables}


def check(order: Order) -> None:
    """An order that contradicts itself is refused before anybody is asked to approve it."""
    people = (order.holder, order.recipient, order.grant_by, order.device_holder)
    if len({order.holder, order.grant_by, order.device_holder}) != 3:
        raise BadInput(
            "order", "carrier, grant and device must be with three persons while they are apart"
        )
    if order.requester in people:
        raise BadInput("order", "the requester must not have carrier, grant or device")
    if not order.requested_at < order.receive_by < order.return_by <= order.expires_at:
        raise BadInput("order", "the times must follow: requested, received, returned, expired")
    media = 0 if order.medium == NETWORK else order.carriers
    if order.carriers < 1 or len(order.media) != media or len(set(order.media)) != media:
        raise BadInput("order", "each carrier needs a medium of its own, and by network none")
    if not columns_of(order) or any(table.rows < 1 for table in order.tables):
        raise BadInput("order", "an order names columns and rows")
    if len(rows_of(order)) != len(order.tables):
        raise BadInput("order", "an order names each table once")


def counting(
    order: Order,
    approvals: Iterable[Approval],
    people: Mapping[str, Person],
    city: str,
    when: Moment,
    trained: Callable[[str, int], bool],
) -> tuple[list[str], list[str]]:
    """Who approves this order at a moment, and why the others do not count.

    Args:
        trained: had this person, at that instant, passed what the order's agreements ask for?

    Returns the counted approvers (each once, as many as can count together) and reason codes for
    the rest.  Ties and passes are those of the day somebody approved: waiting does not mend an
    approval.
    """
    reasons: list[str] = []
    latest: dict[str, Approval] = {}
    sha256 = digest(order)
    for approval in approvals:
        why = _why_not(order, sha256, approval, people, city, when)
        if why is None and _tied(approval.approver, order.requester, people, approval.at):
            why = TIED
        if why is None and not trained(approval.approver, approval.at):
            why = "approver_untrained"
        if why is not None:
            reasons.append(why)
        elif approval.approver not in latest or latest[approval.approver].at < approval.at:
            latest[approval.approver] = approval
    counted = _together(list(latest.values())[:MOST_APPROVERS], people)
    return counted, reasons + [TIED] * (len(latest) - len(counted))


def tied(first: Person, second: Person, at: int) -> bool:
    """Had one of these two vouched for or admitted the other in the thirty days before ``at``?"""
    return _tied(first.id, second.id, {first.id: first, second.id: second}, at)


def _why_not(
    order: Order,
    sha256: str,
    approval: Approval,
    people: Mapping[str, Person],
    city: str,
    when: Moment,
) -> str | None:
    person = people.get(approval.approver)
    if approval.order != order.id or approval.order_sha256 != sha256:
        return "approval_of_another_order"
    if person is None or person.party != city or "approver" not in person.roles:
        return "approver_unknown"
    if person.states_employer != person.party:
        return "approver_unknown"
    if person.id in (
        order.requester,
        order.holder,
        order.recipient,
        order.grant_by,
        order.device_holder,
    ):
        return "approver_is_party_to_the_order"
    # Nobody approves what is not asked for yet; a date of long ago would be one of their choice.
    if approval.at < order.requested_at - APART_MS:
        return "approval_before_its_order"
    if not when.within(approval.at, approval.expires_at):
        return "approval_expired"
    if approval.at < person.enrolled_at + QUIET_MS:
        return "approver_in_quiet_time"
    return None


def _together(valid: list[Approval], people: Mapping[str, Person]) -> list[str]:
    """The largest set of approvers of whom no two are tied; of equal ones the first to approve."""
    for size in range(len(valid), 0, -1):
        for some in combinations(valid, size):
            if not any(
                _tied(a.approver, b.approver, people, min(a.at, b.at))
                for a, b in combinations(some, 2)
            ):
                return [approval.approver for approval in some]
    return []


def _tied(one: str, other: str, people: Mapping[str, Person], at: int) -> bool:
    """Is the hand of one of them under the other's entry, of the last thirty days?"""
    return any(
        first in people
        and second in admitting(people[first])
        and at < people[first].enrolled_at + ENROLLER_MS
        for first, second in ((one, other), (other, one))
    )
