"""Who may: every reason why not.

One pure function over verified documents.  An empty answer means yes; nothing else in the house
decides access; what is not known denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from azukari.entrust import agreement as agreements
from azukari.entrust import order as orders
from azukari.errors import Conflict
from azukari.seal.documents import Agreement, Approval, Device, Order, Person, Training

STATUS_MS: Final = orders.DAY_MS  # the city's word on who no longer counts holds this long
AHEAD_MS: Final = 120_000  # a word dated further ahead than clocks differ is not believed


class Why(StrEnum):
    """Reasons, as codes; their sentences stand at the doors."""

    ORDER_UNKNOWN = "order_unknown"
    ORDER_EXPIRED = "order_expired"
    ORDER_WITHDRAWN = "order_withdrawn"
    APPROVALS_MISSING = "approvals_missing"
    CHAIN_BROKEN = "chain_broken"
    AGREEMENT_SUSPENDED = "agreement_suspended"
    AGREEMENT_EXPIRED = "agreement_expired"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    MEDIUM_NOT_ALLOWED = "medium_not_allowed"
    COLUMNS_NOT_ALLOWED = "columns_not_allowed"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_LEFT = "person_left"
    PERSON_NOT_OF_RECIPIENT = "person_not_of_recipient"
    EMPLOYER_DISAGREES = "employer_disagrees"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    TRAINING_MISSING = "training_missing"
    DEVICE_UNKNOWN = "device_unknown"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_NOT_OF_ORDER = "device_not_of_order"
    DEVICE_KEY_NOT_ALLOWED = "device_key_not_allowed"
    ONE_TIME_KEY_UNKNOWN = "one_time_key_unknown"
    WINDOW_OUTSIDE_ORDER = "window_outside_order"
    STATUS_OLD = "status_old"


@dataclass(frozen=True)
class Known:
    """What the documents say; everything in it was verified."""

    city: str
    agreements: Mapping[str, Agreement]
    people: Mapping[str, Person]
    devices: Mapping[str, Device]
    trainings: tuple[Training, ...]
    approvals: tuple[Approval, ...]
    negative: frozenset[str]  # suspended, left, revoked or withdrawn: ids of any document or key
    status_at: int | None  # when the newest status statement was made


@dataclass(frozen=True)
class Opening:
    """Someone wants to open a carrier."""

    order: Order | None
    person: str
    role: str
    device: str
    one_time_key: str
    not_before: int
    not_after: int


def may_seal(order: Order | None, known: Known, at: int) -> tuple[str, ...]:
    """Why no key may be made for a carrier under this order; empty: it may."""
    if order is None:
        return (Why.ORDER_UNKNOWN,)
    return tuple(dict.fromkeys([*_order(order, known, at), *_status(known, at)]))


def may_open(ask: Opening, known: Known, at: int) -> tuple[str, ...]:
    """Why this person gets no key on this device; empty: they do."""
    if ask.order is None:
        return (Why.ORDER_UNKNOWN,)
    reasons = [
        *_order(ask.order, known, at),
        *_person(ask, ask.order, known, at),
        *_device(ask, ask.order, known),
        *_window(ask, ask.order, at),
        *_status(known, at),
    ]
    return tuple(dict.fromkeys(reasons))


def _order(order: Order, known: Known, at: int) -> list[str]:
    reasons: list[str] = []
    if not order.requested_at <= at <= order.expires_at:
        reasons.append(Why.ORDER_EXPIRED)
    if order.id in known.negative:
        reasons.append(Why.ORDER_WITHDRAWN)
    try:
        links = agreements.chain(order.agreement, known.agreements)
    except Conflict:
        return [*reasons, Why.CHAIN_BROKEN]
    if agreements.broken(links, known.city):
        reasons.append(Why.CHAIN_BROKEN)
    if any(link.id in known.negative for link in links):
        reasons.append(Why.AGREEMENT_SUSPENDED)
    if any(not link.from_at <= at <= link.terms.expires_at for link in links):
        reasons.append(Why.AGREEMENT_EXPIRED)
    # Every link must allow it, not only the lowest: a widened child must not help.
    if any(order.purpose not in link.terms.purposes for link in links):
        reasons.append(Why.PURPOSE_NOT_ALLOWED)
    if any(order.medium not in link.terms.media for link in links):
        reasons.append(Why.MEDIUM_NOT_ALLOWED)
    if any(not orders.columns_of(order) <= set(link.terms.columns) for link in links):
        reasons.append(Why.COLUMNS_NOT_ALLOWED)
    needed = max([2, *(link.terms.approvers for link in links)])
    people = {key: p for key, p in known.people.items() if key not in known.negative}
    approvals = [approval for approval in known.approvals if approval.id not in known.negative]
    counted, why = orders.counting(order, approvals, people, known.city, at)
    if len(counted) < needed:
        reasons += [Why.APPROVALS_MISSING, *why]
    # Unknown, nobody could say whom the requester enrolled.
    if order.requester not in people:
        reasons.append(Why.PERSON_UNKNOWN)
    reasons += _handler(people.get(order.holder), links, known, at)
    reasons += _handler(people.get(order.recipient), links[-1:], known, at)
    return reasons


def _handler(
    person: Person | None, links: tuple[Agreement, ...], known: Known, at: int
) -> list[str]:
    """Who carries, or receives: of a party of these links, and trained as they ask."""
    if person is None:
        return [Why.PERSON_UNKNOWN]
    if person.party not in {link.processor for link in links}:
        return [Why.PERSON_NOT_OF_RECIPIENT]
    if person.states_employer != person.party:
        return [Why.EMPLOYER_DISAGREES]
    return [] if _trained(person.id, links, known, at) else [Why.TRAINING_MISSING]


def _person(ask: Opening, order: Order, known: Known, at: int) -> list[str]:
    person = known.people.get(ask.person)
    if person is None:
        return [Why.PERSON_UNKNOWN]
    reasons: list[str] = []
    if person.id in known.negative:
        reasons.append(Why.PERSON_LEFT)
    lowest = known.agreements.get(order.agreement)
    if lowest is None or person.party != lowest.processor:
        reasons.append(Why.PERSON_NOT_OF_RECIPIENT)
    if person.states_employer != person.party:
        reasons.append(Why.EMPLOYER_DISAGREES)
    if ask.role not in person.roles or not orders.columns_for(order, ask.role):
        reasons.append(Why.ROLE_NOT_ALLOWED)
    if lowest is None or not _trained(person.id, (lowest,), known, at):
        reasons.append(Why.TRAINING_MISSING)
    return reasons


def _device(ask: Opening, order: Order, known: Known) -> list[str]:
    device = known.devices.get(ask.device)
    if device is None:
        return [Why.DEVICE_UNKNOWN]
    reasons: list[str] = []
    if device.id in known.negative or ask.one_time_key in known.negative:
        reasons.append(Why.DEVICE_REVOKED)
    lowest = known.agreements.get(order.agreement)
    if device.id != order.device or lowest is None or device.party != lowest.processor:
        reasons.append(Why.DEVICE_NOT_OF_ORDER)
    # No device says yet that its keys lie in a token: where a link asks for one, nobody knows.
    if any(link.terms.device_key != "file" for link in _links(order, known)):
        reasons.append(Why.DEVICE_KEY_NOT_ALLOWED)
    if ask.one_time_key not in {key.id for key in device.one_time_keys}:
        reasons.append(Why.ONE_TIME_KEY_UNKNOWN)
    return reasons


def _links(order: Order, known: Known) -> tuple[Agreement, ...]:
    """The chain of an order; none where it is broken, which `_order` has said already."""
    try:
        return agreements.chain(order.agreement, known.agreements)
    except Conflict:
        return ()


def _window(ask: Opening, order: Order, at: int) -> list[str]:
    inside = (
        order.requested_at <= ask.not_before < ask.not_after <= order.return_by
        and at < ask.not_after
    )
    return [] if inside else [Why.WINDOW_OUTSIDE_ORDER]


def _status(known: Known, at: int) -> list[str]:
    fresh = known.status_at is not None and -AHEAD_MS <= at - known.status_at <= STATUS_MS
    return [] if fresh else [Why.STATUS_OLD]


def _trained(person: str, links: tuple[Agreement, ...], known: Known, at: int) -> bool:
    return all(
        any(
            t.person == person
            and t.course == link.terms.training
            and t.passed_at <= at <= t.expires_at
            and t.id not in known.negative
            for t in known.trainings
        )
        for link in links
    )
