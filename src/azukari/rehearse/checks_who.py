"""Checks of who may: the chain of agreements, the people in it, and orders with two approvals.

Promises 3 and 4.  What the key service decided on the evening is decided again from the signed
documents of that moment, by whoever pins the city's keys and trusts neither office nor keeper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from azukari.carrier.exposure import State
from azukari.desk import order as orders
from azukari.entrust import agreement as agreements
from azukari.entrust.known import Known
from azukari.entrust.may import Opening, may_open
from azukari.keys import again
from azukari.rehearse.attempts import Attack
from azukari.rehearse.checks import Checks, Ledgers
from azukari.rehearse.night import Night
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.vault import records

ON_THE_CHAIN: Final = (
    "hidden sub-contractor",
    "agreement signed without the city",
    "forged party key",
    "widened child",
    "suspended grandparent",
    "withheld suspension",
    "status statement withheld",
    "status serial going back",
    "trust bundle older than known",
    "right signature of the wrong key kind",
    "false employer",
    "device never enrolled",
    "expired training",
    "forged training sent by the office",
    "course sat by a colleague",
    "enumeration of carriers",
    "uniform refusals",
)
ON_ORDERS: Final = (
    "approver approves own order",
    "--as without the key",
    "forged approval sent by the office",
    "two credentials of one person",
    "requester enrolled the approver",
    "approval reused",
    "approval after expiry",
    "order changed after approval",
    "more rows sealed than approved",
    "a third carrier under the order",
    "envelope of another order bound twice",
)


@dataclass(frozen=True)
class _Again:
    """The evening, decided again."""

    night: Night
    known: Known

    def reasons(self, person: str, role: str, device: str, one_time_key: str) -> tuple[str, ...]:
        at, order = self.night.known["granted_at"], self.night.order
        asked = Opening(order, person, role, device, one_time_key, at, order.return_by)
        return may_open(asked, self.known, at)


def nobody_outside_the_chain(
    checks: Checks, night: Night, ledgers: Ledgers, attacks: Sequence[Attack]
) -> None:
    """Promise 3."""
    documents = night.known["evidence"]
    pinned = again.pinned(documents[again.PINNED])
    envelopes = {name: one for name, one in documents.items() if name != again.PINNED}
    believed, disbelieved = again.believe(pinned, envelopes)
    checks.add(
        3,
        f"{len(envelopes)} signed documents of the evening verify again, by pinned keys alone",
        envelopes and not disbelieved,
    )
    links = agreements.chain(night.order.agreement, believed.agreements)
    checks.add(
        3,
        "every link up to the city is signed by both parties and the city, and only narrows",
        len(links) == 2 and not agreements.broken(links, pinned.city),
    )
    _given(checks, night, ledgers, links)
    _told_no(checks, night, ledgers, _Again(night, believed.known()))
    _reviewed(checks, night, ledgers)
    hidden = night.house.cast.parties["hidden"]
    refused = [entry for entry in ledgers.office if entry.type == "agreement.refused"]
    checks.add(
        3,
        "the company that nobody knew is in no agreement, and its request is refused for good",
        all(link.processor != hidden for link in believed.agreements.values())
        and [night.known["refused_link"].id] == [entry.refs[0] for entry in refused],
    )
    checks.refused(3, attacks, *ON_THE_CHAIN)


def _given(checks: Checks, night: Night, ledgers: Ledgers, links: Sequence[doc.Agreement]) -> None:
    people = {person.id for person in orders.people_of(night.house.office)}
    released = [entry for entry in ledgers.keys if entry.type == "key.released"]
    named = {ref for entry in released for ref in entry.refs}
    operator = night.house.cast.people["operator"]
    checks.add(3, "a key was released for one person, the operator", named & people == {operator})
    allowed = set(agreements.allowed(links).columns)
    opened = {
        f"{part.table}.{column}"
        for foil in night.response.foils
        for part in foil.parts
        for column in part.columns
        if night.response.states[foil.carrier, part.id].state is not State.NEVER_RELEASED
    }
    checks.add(3, "and for columns that every link allows", opened and opened <= allowed)


def _told_no(checks: Checks, night: Night, ledgers: Ledgers, again_: _Again) -> None:
    """Four times somebody asked; whoever asked for keys is refused again by the same reasons."""
    told = night.turned_away
    checks.add(
        3,
        "whoever asked without a right was told every reason",
        len(told) == 4 and all(each.reasons for each in told),
    )
    operator = night.house.cast.people["operator"]
    mine = (night.house.device, night.known["one_time_keys"][0])
    checks.add(
        3,
        "decided again from documents alone: the operator may",
        again_.reasons(operator, "operator", *mine) == (),
    )
    hidden, lent = night.house.cast.people["hidden"], night.known["lent_2"][0]
    same = (
        again_.reasons(hidden, "supervisor", "", "") == told[2].reasons
        and again_.reasons(lent, "operator", *mine) == told[3].reasons
    )
    checks.add(3, "decided again from documents alone: the others may not, and why", same)
    refused = {ref for entry in ledgers.keys if entry.type == "key.refused" for ref in entry.refs}
    checks.add(3, "each refusal of keys is an entry", {hidden, lent} <= refused)


def _reviewed(checks: Checks, night: Night, ledgers: Ledgers) -> None:
    lent = {night.known[name][0] for name in ("lent_1", "lent_2")}
    found = {one.line.person for one in night.review.looked.findings if one.false_employer}
    left = {ref for entry in ledgers.office if entry.type == "person.left" for ref in entry.refs}
    checks.add(3, "the access review found the two false employees and nobody else", found == lent)
    checks.add(3, "whom it found counts no more", left == lent)


def nothing_without_an_order(
    checks: Checks, night: Night, ledgers: Ledgers, attacks: Sequence[Attack]
) -> None:
    """Promise 4."""
    office = night.house.office
    people = {p.id: p for p in orders.people_of(office)}
    signed = []
    with office.act() as tx:
        envelopes = records.documents(tx, doc.Approval, about=night.order.id)
    for envelope in envelopes:
        approver = people[doc.unverified(envelope, doc.Approval).approver]
        key = PublicKey.load(Use.PERSON, unbase64(approver.public))
        read = doc.read(envelope, doc.Approval, {key.id: key}.get).document
        if read.order_sha256 == doc.digest(night.order):
            signed.append(approver.id)
    checks.add(
        4,
        "two approvers' own signatures over the order's hash",
        len(set(signed)) == 2 and night.order.requester not in signed,
    )
    places = {e.type: i for i, e in reversed(list(enumerate(ledgers.office)))}
    approvals = [i for i, e in enumerate(ledgers.office) if e.type == "order.approved"]
    checks.add(
        4,
        "requested, approved twice, then sealed, in that order",
        places["order.requested"] < approvals[0] < approvals[1] < places["carrier.sealed"],
    )
    rows = {table.table: table.rows for table in night.order.tables}
    columns = {name for table in night.order.tables for name in table.columns}
    checks.add(
        4,
        "no more rows and columns were sealed than were approved",
        all(
            table.rows <= rows[table.name] and {column.name for column in table.columns} <= columns
            for foil in night.response.foils
            for table in foil.tables
        ),
    )
    checks.refused(4, attacks, *ON_ORDERS)
