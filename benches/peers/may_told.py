"""A world as Cedar is told of it: entities, requests, and what its language cannot find itself.

Told as attributes: whether a chain holds together and what all its links allow, whether enough
approvals count, which role sees a column.  Cedar compares, looks up and combines.
"""

from __future__ import annotations

from typing import Any

from azukari.entrust import order as orders
from azukari.entrust.known import Known
from azukari.entrust.may import Opening
from azukari.entrust.moment import Moment
from azukari.entrust.training import trained
from azukari.seal import documents as doc
from benches.peers.may_world import CITY, COURSES, NOW, World

Told = dict[str, Any]


def told(world: World) -> Told:
    """Entities and requests, as the JSON that Cedar reads."""
    known = world.known
    entities = [
        *(_agreement(name, known) for name in known.agreements),
        *(_person(one, known) for one in known.people.values()),
        *(_device(one, known) for one in known.devices.values()),
        *(_order(one, known) for one in world.orders),
    ]
    requests = [_request(ask, known, at) for ask, at in world.questions]
    return {"policy": policy(), "entities": entities, "requests": requests}


def _agreement(name: str, known: Known) -> Told:
    chain = known.chain_of(name)
    if chain.terms is None:
        raise SystemExit("benches: may: a chain of the world does not reach the city")
    terms, links = chain.terms, chain.links
    return _entity(
        "Agreement",
        name,
        unbroken=not chain.broken,
        suspended=any(link.id in known.negative for link in links),
        from_at=max(link.from_at for link in links),
        expires_at=terms.expires_at,
        columns=terms.columns,
        purposes=terms.purposes,
        media=terms.media,
        training=terms.training,
        device_key=terms.device_key,
        processor=known.agreements[name].processor,
        processors=[link.processor for link in links],
    )


def _person(person: doc.Person, known: Known) -> Told:
    passes = {
        f"{one.course}_{edge}": getattr(one, edge)
        for one in known.passes.get(person.id, ())
        for edge in ("passed_at", "expires_at")
    }
    return _entity(
        "Person",
        person.id,
        party=person.party,
        employer=person.states_employer,
        roles=person.roles,
        left=person.id in known.negative,
        **passes,
    )


def _device(device: doc.Device, known: Known) -> Told:
    keys = [key.id for key in device.one_time_keys]
    return _entity(
        "Device",
        device.id,
        party=device.party,
        revoked=device.id in known.negative,
        one_time_keys=[key for key in keys if key not in known.negative],
    )


def _order(order: doc.Order, known: Known) -> Told:
    terms = known.chain_of(order.agreement).terms
    words = known.words.get(order.id, ())
    courses = () if terms is None else terms.training
    counted, _ = orders.counting(
        order,
        words,
        known.here,
        CITY,
        Moment(NOW),
        lambda who, then: trained(who, courses, known.passes.get(who, ()), (), then),
    )
    roles = {role for table in order.tables for some in table.columns.values() for role in some}
    return _entity(
        "Order",
        order.id,
        agreement=_reference("Agreement", order.agreement),
        approved=terms is not None and len(counted) >= max(2, terms.approvers),
        requester_known=order.requester in known.here,
        withdrawn=order.id in known.negative,
        purpose=order.purpose,
        medium=order.medium,
        columns=sorted(orders.columns_of(order)),
        roles=sorted(roles),
        holder=_reference("Person", order.holder),
        recipient=_reference("Person", order.recipient),
        grant_by=_reference("Person", order.grant_by),
        device_holder=_reference("Person", order.device_holder),
        device=_reference("Device", order.device),
        requested_at=order.requested_at,
        return_by=order.return_by,
        expires_at=order.expires_at,
    )


def _request(ask: Opening, known: Known, at: int) -> Told:
    if ask.order is None:
        raise SystemExit("benches: may: a question of the world names no order")
    return {
        "principal": f'Person::"{ask.person}"',
        "action": 'Action::"open"',
        "resource": f'Order::"{ask.order.id}"',
        "context": {
            "at": at,
            "device": _reference("Device", ask.device),
            "one_time_key": ask.one_time_key,
            "role": ask.role,
            "not_before": ask.not_before,
            "not_after": ask.not_after,
            "status_at": known.status_at,
        },
    }


def policy() -> str:
    """The policy, with what holds for each course written out: Cedar has no loops."""
    return POLICY.replace("TRAINED", "\n  && ".join(_trained(who) for who in HANDS))


HANDS = (
    "principal",
    "resource.holder",
    "resource.recipient",
    "resource.grant_by",
    "resource.device_holder",
)


def _trained(who: str) -> str:
    return "\n  && ".join(
        f'(!resource.agreement.training.contains("{course}") || ({who} has {course}_passed_at'
        f" && {who}.{course}_passed_at <= context.at && context.at <= {who}.{course}_expires_at))"
        for course in COURSES
    )


POLICY = """permit (principal is Person, action == Action::"open", resource is Order)
when {
  resource.requested_at <= context.at && context.at <= resource.expires_at
  && !resource.withdrawn
  && resource.agreement.unbroken && !resource.agreement.suspended
  && resource.agreement.from_at <= context.at && context.at <= resource.agreement.expires_at
  && resource.agreement.purposes.contains(resource.purpose)
  && resource.agreement.media.contains(resource.medium)
  && resource.agreement.columns.containsAll(resource.columns)
  && resource.approved && resource.requester_known
  && !resource.holder.left && resource.agreement.processors.contains(resource.holder.party)
  && resource.holder.employer == resource.holder.party
  && !resource.recipient.left && resource.recipient.party == resource.agreement.processor
  && resource.recipient.employer == resource.recipient.party
  && !resource.device_holder.left
  && resource.device_holder.party == resource.agreement.processor
  && resource.device_holder.employer == resource.device_holder.party
  && !resource.grant_by.left && (resource.grant_by.party == "city"
    || resource.agreement.processors.contains(resource.grant_by.party))
  && resource.grant_by.employer == resource.grant_by.party
  && !principal.left && principal.party == resource.agreement.processor
  && principal.employer == principal.party
  && principal.roles.contains(context.role) && resource.roles.contains(context.role)
  && TRAINED
  && context.device == resource.device
  && !context.device.revoked && context.device.party == resource.agreement.processor
  && resource.agreement.device_key == "file"
  && context.device.one_time_keys.contains(context.one_time_key)
  && resource.requested_at <= context.not_before && context.not_before < context.not_after
  && context.not_after <= resource.return_by && context.at < context.not_after
  && context.at - context.status_at <= 86400000 && context.status_at - context.at <= 120000
};
"""


def _entity(kind: str, name: str, **attributes: Any) -> Told:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}


def _reference(kind: str, name: str) -> Told:
    return {"__entity": {"type": kind, "id": name}}
