"""Who may: every reason why not.

One pure function over verified documents.  An empty answer means yes; nothing else in the house
decides access; what is not known denies.

A question is answered from the `Case` of its order, which keeps what it found for as long as that
holds: until the documents change, or an instant comes that one of them names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from azukari.entrust import order as orders
from azukari.entrust.known import Known
from azukari.entrust.moment import Moment, Spell
from azukari.seal.documents import Order, Person

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
    return tuple(dict.fromkeys([*_case(order, known).ordered(at), *_status(known, at)]))


def may_open(ask: Opening, known: Known, at: int) -> tuple[str, ...]:
    """Why this person gets no key on this device; empty: they do."""
    if ask.order is None:
        return (Why.ORDER_UNKNOWN,)
    case = _case(ask.order, known)
    reasons = [
        *case.ordered(at),
        *case.person(ask.person, ask.role, at),
        *case.device(ask.device, ask.one_time_key),
        *_window(ask, ask.order, at),
        *_status(known, at),
    ]
    return tuple(dict.fromkeys(reasons)) if reasons else ()


class Case:
    """One order before the documents."""

    def __init__(self, order: Order, known: Known) -> None:
        self.order, self._known = order, known
        self._chain = known.chain_of(order.agreement)
        self._lowest = known.agreements.get(order.agreement)
        self._seeing = orders.roles_of(order)
        terms = self._chain.terms
        self._courses = frozenset(() if terms is None else terms.training)
        self._ordered: list[Spell[list[str]]] = []
        self._people: dict[str, list[Spell[_Hand]]] = {}
        self._devices: dict[str, _Hand] = {}

    def ordered(self, at: int) -> list[str]:
        """Why nothing may be done under this order by anybody."""
        for spell in self._ordered:
            if spell.from_at <= at < spell.until:
                return spell.found
        when = Moment(at)
        found = self._why_ordered(when)
        self._ordered.append(Spell.of(when, found))
        return found

    def person(self, name: str, role: str, at: int) -> list[str]:
        """Why this person opens nothing in this role."""
        hand = self._hand(name, at)
        if hand is None:
            return [Why.PERSON_UNKNOWN]
        return hand.reasons if role in hand.may else [*hand.reasons, Why.ROLE_NOT_ALLOWED]

    def device(self, name: str, one_time_key: str) -> list[str]:
        """Why nothing is opened on this device with this one-time key."""
        found = self._devices.get(name)
        if found is None:
            if name not in self._known.devices:
                return [Why.DEVICE_UNKNOWN]
            found = self._devices[name] = self._machine(name)
        reasons = found.reasons
        if one_time_key in self._known.negative:
            reasons = [*reasons, Why.DEVICE_REVOKED]
        if one_time_key not in found.may:
            reasons = [*reasons, Why.ONE_TIME_KEY_UNKNOWN]
        return reasons

    def _why_ordered(self, when: Moment) -> list[str]:
        order, links, terms, gone = self.order, self._chain.links, self._chain.terms, self._negative
        reasons: list[str] = []
        if not when.within(order.requested_at, order.expires_at):
            reasons.append(Why.ORDER_EXPIRED)
        if order.id in gone:
            reasons.append(Why.ORDER_WITHDRAWN)
        if terms is None:
            return [*reasons, Why.CHAIN_BROKEN]
        if self._chain.broken:
            reasons.append(Why.CHAIN_BROKEN)
        if any(link.id in gone for link in links):
            reasons.append(Why.AGREEMENT_SUSPENDED)
        if not all(when.within(link.from_at, link.terms.expires_at) for link in links):
            reasons.append(Why.AGREEMENT_EXPIRED)
        # Every link must allow it, not only the lowest: a widened child must not help.
        if order.purpose not in terms.purposes:
            reasons.append(Why.PURPOSE_NOT_ALLOWED)
        if order.medium not in terms.media:
            reasons.append(Why.MEDIUM_NOT_ALLOWED)
        if not orders.columns_of(order) <= set(terms.columns):
            reasons.append(Why.COLUMNS_NOT_ALLOWED)
        people, words = self._known.here, self._known.words.get(order.id, ())
        counted, why = orders.counting(
            order, words, people, self._known.city, when, self._was_trained
        )
        if len(counted) < max(2, terms.approvers):
            reasons += [Why.APPROVALS_MISSING, *why]
        # Unknown, nobody could say whom the requester enrolled.
        if order.requester not in people:
            reasons.append(Why.PERSON_UNKNOWN)
        parties = [link.processor for link in links]
        reasons += self._handler(people.get(order.holder), parties, when)
        reasons += self._handler(people.get(order.recipient), parties[-1:], when)
        reasons += self._handler(people.get(order.device_holder), parties[-1:], when)
        reasons += self._handler(people.get(order.grant_by), [*parties, self._known.city], when)
        return reasons

    def _handler(self, person: Person | None, parties: Collection[str], when: Moment) -> list[str]:
        """Who has a part in it: of one of these parties, and trained as the chain asks."""
        if person is None:
            return [Why.PERSON_UNKNOWN]
        if person.party not in parties:
            return [Why.PERSON_NOT_OF_RECIPIENT]
        if person.states_employer != person.party:
            return [Why.EMPLOYER_DISAGREES]
        return [] if self._trained(person.id, when) else [Why.TRAINING_MISSING]

    def _hand(self, name: str, at: int) -> _Hand | None:
        """What a person may at an instant; nothing is kept of names that no document has."""
        for spell in self._people.get(name, ()):
            if spell.from_at <= at < spell.until:
                return spell.found
        person = self._known.people.get(name)
        if person is None:
            return None
        when = Moment(at)
        found = self._opener(person, when)
        self._people.setdefault(name, []).append(Spell.of(when, found))
        return found

    def _opener(self, person: Person, when: Moment) -> _Hand:
        reasons: list[str] = []
        if person.id in self._negative:
            reasons.append(Why.PERSON_LEFT)
        if self._lowest is None or person.party != self._lowest.processor:
            reasons.append(Why.PERSON_NOT_OF_RECIPIENT)
        if person.states_employer != person.party:
            reasons.append(Why.EMPLOYER_DISAGREES)
        if not self._trained(person.id, when):
            reasons.append(Why.TRAINING_MISSING)
        return _Hand(reasons, self._seeing.intersection(person.roles))

    def _machine(self, name: str) -> _Hand:
        device, terms = self._known.devices[name], self._chain.terms
        reasons: list[str] = []
        if device.id in self._negative:
            reasons.append(Why.DEVICE_REVOKED)
        ours = self._lowest is not None and device.party == self._lowest.processor
        if device.id != self.order.device or not ours:
            reasons.append(Why.DEVICE_NOT_OF_ORDER)
        # No device says yet that its keys lie in a token: where a link asks for one, nobody knows.
        if terms is not None and terms.device_key != "file":
            reasons.append(Why.DEVICE_KEY_NOT_ALLOWED)
        return _Hand(reasons, frozenset(key.id for key in device.one_time_keys))

    def _trained(self, person: str, when: Moment) -> bool:
        """Does a pass of every course hold that some link asks for, and is one asked for?"""
        if self._chain.terms is None:
            return True  # of a chain that is broken nobody knows what it asks: that is said already
        passed = {
            one.course
            for one in self._known.passes.get(person, ())
            if when.within(one.passed_at, one.expires_at)
        }
        return bool(self._courses) and passed >= self._courses

    def _was_trained(self, person: str, at: int) -> bool:
        """The same of an instant that stands fast, such as that of an approval."""
        return self._trained(person, Moment(at))

    @property
    def _negative(self) -> frozenset[str]:
        return self._known.negative


@dataclass(frozen=True, slots=True)
class _Hand:
    """Why a person or a device does nothing, and the roles or one-time keys it may name."""

    reasons: list[str]
    may: frozenset[str]


def _case(order: Order, known: Known) -> Case:
    """The case of exactly this order: another one under its id has another."""
    case: Case | None = known.cases.get(order.id)
    if case is None or (case.order is not order and case.order != order):
        case = known.cases[order.id] = Case(order, known)
    return case


def _window(ask: Opening, order: Order, at: int) -> list[str]:
    inside = (
        order.requested_at <= ask.not_before < ask.not_after <= order.return_by
        and at < ask.not_after
    )
    return [] if inside else [Why.WINDOW_OUTSIDE_ORDER]


def _status(known: Known, at: int) -> list[str]:
    fresh = known.status_at is not None and -AHEAD_MS <= at - known.status_at <= STATUS_MS
    return [] if fresh else [Why.STATUS_OLD]
