"""Custody at the office: a carrier passes from hand to hand, signed by both, due by a time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from azukari.carrier import custody, life
from azukari.carrier.manifest import envelope_hash
from azukari.desk import order as orders
from azukari.desk import training
from azukari.desk.office import Office, new_act
from azukari.errors import (
    BadFormat,
    BadInput,
    BadSignature,
    Conflict,
    Locked,
    Refused,
    Unreachable,
)
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf.book import Draft
from azukari.vault import records

_STEPS: Final = {
    "hand-over": (life.Act.HAND_OVER, "carrier.handed_over", "receive"),
    "receive": (life.Act.RECEIVE, "carrier.received", "return"),
    "return": (life.Act.RETURN, "carrier.returned", ""),
}


class _Next(NamedTuple):
    """Where a step leads: the carrier's state, and what is owed next by when."""

    state: life.State
    owed: str  # receive, return; empty: nothing
    due_at: int


def pass_on(
    office: Office,
    carrier: str,
    step: str,
    giver: tuple[str, Signer],
    taker: tuple[str, Signer],
    happened: int | None = None,
) -> bytes:
    """One step of custody, signed by both hands; one entry; what is due next is set.

    ``step``: *hand-over* to the order's holder, *receive* by its recipient, *return* to the city.
    What is returned is not opened again: its key is destroyed by the same act, or by the next tick
    where the key service is away or locked.
    """
    if step not in _STEPS:
        raise BadInput("hand-over", f"a step is one of {', '.join(_STEPS)}")
    with office.act() as tx:
        row = records.carrier(tx, carrier)
    order = orders.order_of(office, row.order_id)
    before = _hand_overs(office, row.id)
    after = _next(order, row.state, step, before)
    document = doc.HandOver(
        id=new_id(),
        carrier=row.id,
        envelope_sha256=envelope_hash(row.envelope),
        giver=giver[0],
        taker=taker[0],
        at=office.now() if happened is None else happened,
        due_at=after.due_at,
        step=step,
    )
    hands = {person: signer.public for person, signer in (giver, taker)}
    _checked(office, order, document, hands, before)
    envelope = doc.issue(document, giver[1], taker[1])
    _keep(office, document, envelope, row.state, after, len(before), happened)
    return envelope


def take_step(office: Office, envelope: bytes) -> doc.HandOver:
    """Take in a step of custody that two hands signed elsewhere; one entry, as in `pass_on`.

    It must continue what the office knows: the same carrier and content, the last holder, the
    order's due time.
    """
    claimed = doc.unverified(envelope, doc.HandOver)
    hands = _keys_of(office, claimed.giver, claimed.taker)
    doc.read(envelope, doc.HandOver, {key.id: key for key in hands.values()}.get)
    with office.act() as tx:
        row = records.carrier(tx, claimed.carrier)
    if claimed.step not in _STEPS or row.envelope is None:
        raise BadFormat("a hand-over of no step, or of what was never sealed")
    order = orders.order_of(office, row.order_id)
    before = _hand_overs(office, row.id)
    after = _next(order, row.state, claimed.step, before)
    if claimed.envelope_sha256 != envelope_hash(row.envelope):
        raise Refused("hand-over", ("carrier_is_bound_to_another_content",))
    if claimed.due_at != after.due_at:
        raise Refused("hand-over", ("due_time_not_of_the_order",))
    _checked(office, order, claimed, hands, before)
    _keep(office, claimed, envelope, row.state, after, len(before), claimed.at)
    return claimed


def start(office: Office, carrier: str, step: str, giver: str, taker: str, signer: Signer) -> bytes:
    """One hand's half of a step, signed at the office; the other signs elsewhere.

    Nothing is recorded: a half is nobody's word yet.
    """
    with office.act() as tx:
        row = records.carrier(tx, carrier)
    if row.envelope is None or step not in _STEPS:
        raise Conflict("this carrier was never sealed")
    order = orders.order_of(office, row.order_id)
    before = _hand_overs(office, row.id)
    after = _next(order, row.state, step, before)
    document = doc.HandOver(
        id=new_id(),
        carrier=row.id,
        envelope_sha256=envelope_hash(row.envelope),
        giver=giver,
        taker=taker,
        at=office.now(),
        due_at=after.due_at,
        step=step,
    )
    hands = _keys_of(office, giver, taker)
    if signer.public not in hands.values():
        raise BadSignature("this is not the key of the person who is named")
    _check(office, order, document, hands, before)
    return doc.start(document, signer)


def line_of(office: Office, carrier: str) -> tuple[custody.Hold, ...]:
    """Who had a carrier when."""
    return custody.line(_hand_overs(office, carrier))


def _hand_overs(office: Office, carrier: str) -> list[doc.HandOver]:
    with office.act() as tx:
        found = records.documents(tx, doc.HandOver, about=carrier)
    return [doc.unverified(envelope, doc.HandOver) for envelope in found]


def _keys_of(office: Office, *persons: str) -> dict[str, PublicKey]:
    people = {person.id: person for person in orders.people_of(office)}
    if not set(persons) <= set(people):
        raise Refused("hand-over", ("person_unknown",))
    return {one: PublicKey.load(Use.PERSON, unbase64(people[one].public)) for one in persons}


def _next(order: doc.Order, state: str, step: str, before: list[doc.HandOver]) -> _Next:
    act, _, owed = _STEPS[step]
    if act is life.Act.HAND_OVER and any(earlier.step == "receive" for earlier in before):
        owed = "return"  # on the way back there is nothing left to receive
    due_at = {"receive": order.receive_by, "return": order.return_by, "": order.return_by}[owed]
    return _Next(life.after(life.State(state), act), owed, due_at)


def _keep(
    office: Office,
    document: doc.HandOver,
    envelope: bytes,
    was: str,
    after: _Next,
    steps: int,
    happened: int | None,
) -> None:
    """One transaction: state, document, what is due next, the entry; and after a return the key."""
    with office.act(permits=document.step != "return") as tx:
        # Somebody else may have passed it on meanwhile: two lines from one hand are none.
        now = records.carrier(tx, document.carrier)
        known = len(records.documents(tx, doc.HandOver, about=document.carrier))
        if now.state != was or known != steps:
            raise Conflict("the carrier was passed on meanwhile")
        records.change_carrier(tx, document.carrier, state=after.state)
        records.keep_document(tx, document, envelope, about=document.carrier)
        records.settle(tx, document.carrier, document.at)
        if after.owed:
            records.set_due(tx, document.carrier, after.owed, document.due_at)
        refs = (document.carrier, document.giver, document.taker)
        entry = _STEPS[document.step][1]
        done = Draft(new_act(), entry, document.giver, refs, happened=happened)
        office.write(tx, done)
    if document.step == "return":
        with suppress(Unreachable, Locked):
            office.keys.shred(done.act, document.giver, document.carrier)


def _checked(
    office: Office,
    order: doc.Order,
    step: doc.HandOver,
    hands: Mapping[str, PublicKey],
    before: list[doc.HandOver],
) -> None:
    """`_check`, and a refusal is an entry: a wrong hand is a control that failed."""
    try:
        _check(office, order, step, hands, before)
    except Refused as refused:
        detail = {"reasons": list(refused.reasons), "step": step.step}
        # Where it cannot be written down, it is refused all the same.
        with suppress(Unreachable), office.act() as tx:
            draft = Draft(new_act(), "custody.refused", office.city, (step.carrier,), detail=detail)
            office.write(tx, draft)
        raise


def _check(
    office: Office,
    order: doc.Order,
    step: doc.HandOver,
    hands: Mapping[str, PublicKey],
    before: list[doc.HandOver],
) -> None:
    if step.at > office.now():
        raise BadInput("hand-over", "it cannot lie ahead of now")
    if step.giver == step.taker:
        raise Refused("hand-over", ("giver_is_the_taker",))
    people = {person.id: person for person in orders.people_of(office)}
    for person in (step.giver, step.taker):
        known = people.get(person)
        if known is None:
            raise Refused("hand-over", ("person_unknown",))
        if hands[person] != PublicKey.load(Use.PERSON, unbase64(known.public)):
            raise BadSignature("this is not the key of the person who is named")
    wanted = {"hand-over": order.holder, "receive": order.recipient}.get(step.step)
    if wanted is not None and step.taker != wanted:
        raise Refused("hand-over", ("not_the_person_of_the_order",))
    # What comes back is never refused for a pass that has ended: it would stay out there.
    if step.step != "return":
        trained = training.holders(office, order)
        if not all(trained(person, step.at) for person in (step.giver, step.taker)):
            raise Refused("hand-over", ("training_missing",))
    if step.step == "return" and people[step.taker].party != office.city:
        raise Refused("hand-over", ("return_is_to_the_city",))
    if not before and people[step.giver].party != office.city:
        raise Refused("hand-over", ("first_giver_is_the_city",))
    custody.line([*before, step])  # raises where the giver does not hold it
