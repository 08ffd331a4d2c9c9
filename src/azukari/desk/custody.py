"""Custody at the office: a carrier passes from hand to hand, signed by both, due by a time."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from azukari.carrier import custody, life
from azukari.carrier.manifest import envelope_hash
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.errors import BadInput, BadSignature, Conflict, Locked, Refused, Unreachable
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
    act, entry, due = _STEPS[step]
    with office.act() as tx:
        row = records.carrier(tx, carrier)
    order = orders.order_of(office, row.order_id)
    state = life.after(life.State(row.state), act)
    before = _hand_overs(office, row.id)
    if act is life.Act.HAND_OVER and any(earlier.step == "receive" for earlier in before):
        due = "return"  # on the way back there is nothing left to receive
    due_at = {"receive": order.receive_by, "return": order.return_by, "": order.return_by}[due]
    document = doc.HandOver(
        id=new_id(),
        carrier=row.id,
        envelope_sha256=envelope_hash(row.envelope),
        giver=giver[0],
        taker=taker[0],
        at=office.now() if happened is None else happened,
        due_at=due_at,
        step=step,
    )
    _check(office, order, document, giver, taker, before)
    envelope = doc.issue(document, giver[1], taker[1])
    with office.act(permits=step != "return") as tx:
        # Somebody else may have passed it on meanwhile: two lines from one hand are none.
        now = records.carrier(tx, row.id)
        steps = len(records.documents(tx, doc.HandOver, about=row.id))
        if now.state != row.state or steps != len(before):
            raise Conflict("the carrier was passed on meanwhile")
        records.change_carrier(tx, row.id, state=state)
        records.keep_document(tx, document, envelope, about=row.id)
        records.settle(tx, row.id, document.at)
        if due:
            records.set_due(tx, row.id, due, due_at)
        refs = (row.id, giver[0], taker[0])
        done = Draft(new_act(), entry, giver[0], refs, happened=happened)
        office.write(tx, done)
    if step == "return":
        with suppress(Unreachable, Locked):
            office.keys.shred(done.act, giver[0], row.id)
    return envelope


def line_of(office: Office, carrier: str) -> tuple[custody.Hold, ...]:
    """Who had a carrier when."""
    return custody.line(_hand_overs(office, carrier))


def _hand_overs(office: Office, carrier: str) -> list[doc.HandOver]:
    with office.act() as tx:
        found = records.documents(tx, doc.HandOver, about=carrier)
    return [doc.unverified(envelope, doc.HandOver) for envelope in found]


def _check(
    office: Office,
    order: doc.Order,
    step: doc.HandOver,
    giver: tuple[str, Signer],
    taker: tuple[str, Signer],
    before: list[doc.HandOver],
) -> None:
    if step.at > office.now():
        raise BadInput("hand-over", "it cannot lie ahead of now")
    if step.giver == step.taker:
        raise Refused("hand-over", ("giver_is_the_taker",))
    people = {person.id: person for person in orders.people_of(office)}
    for person, signer in (giver, taker):
        known = people.get(person)
        if known is None:
            raise Refused("hand-over", ("person_unknown",))
        if signer.public != PublicKey.load(Use.PERSON, unbase64(known.public)):
            raise BadSignature("this is not the key of the person who is named")
    wanted = {"hand-over": order.holder, "receive": order.recipient}.get(step.step)
    if wanted is not None and step.taker != wanted:
        raise Refused("hand-over", ("not_the_person_of_the_order",))
    if step.step == "return" and people[step.taker].party != office.city:
        raise Refused("hand-over", ("return_is_to_the_city",))
    if not before and people[step.giver].party != office.city:
        raise Refused("hand-over", ("first_giver_is_the_city",))
    custody.line([*before, step])  # raises where the giver does not hold it
