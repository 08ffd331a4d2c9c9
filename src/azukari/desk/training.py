"""Who holds a pass: what the office knows of trainings, for approvals, custody and lists.

How a sheet becomes a pass is sitting.py.
"""

from __future__ import annotations

from collections.abc import Callable

from azukari.desk.office import Office
from azukari.entrust import training
from azukari.entrust.agreement import chain
from azukari.seal import documents as doc
from azukari.vault import records


def passes_of(office: Office) -> list[doc.Training]:
    """Every pass that counts or once did; those the city took back are not among them."""
    with office.act() as tx:
        kept = records.documents(tx, doc.Training)
        said = records.documents(tx, doc.Status)
    revoked = {one for word in said for one in doc.unverified(word, doc.Status).revoked}
    passes = [doc.unverified(envelope, doc.Training) for envelope in kept]
    return [one for one in passes if one.id not in revoked]


def holders(office: Office, order: doc.Order) -> Callable[[str, int], bool]:
    """Had this person, at that instant, passed every course the order's agreements ask for?

    `Conflict` where the chain of agreements is broken: then nobody can say which.
    """
    with office.act() as tx:
        kept = records.documents(tx, doc.Agreement)
    known = {link.id: link for link in (doc.unverified(one, doc.Agreement) for one in kept)}
    courses = training.courses_of(chain(order.agreement, known))
    passes = passes_of(office)
    return lambda person, at: training.trained(person, courses, passes, (), at)


def until(office: Office) -> dict[str, dict[str, int]]:
    """Person -> course -> the last instant of the pass that holds longest."""
    found: dict[str, dict[str, int]] = {}
    for one in passes_of(office):
        held = found.setdefault(one.person, {})
        held[one.course] = max(one.expires_at, held.get(one.course, 0))
    return found
