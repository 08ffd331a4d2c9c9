"""A sheet at the office: marked again by the city itself, then countersigned, or a failure.

The person signed what they answered; their own program's mark is not looked at.  What a sheet is,
and when it counts, entrust/training.py says.
"""

from __future__ import annotations

from dataclasses import dataclass

from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.office import Office, new_act
from azukari.entrust import course as courses
from azukari.entrust import training
from azukari.errors import NotFound, Refused
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.shelf.book import Draft
from azukari.vault import records


@dataclass(frozen=True)
class Marked:
    """A sheet whose signature was right, and how the city marked it."""

    sheet: doc.Training
    mark: training.Mark


def look(office: Office, half: bytes) -> Marked:
    """Verify and mark a sheet; nothing is changed.  `Refused` with every reason why it is none."""
    claimed = doc.unverified(half, doc.Training)
    sitter = {one.id: one for one in orders.people_of(office)}.get(claimed.person)
    if sitter is None:
        raise Refused("training", ("person_unknown",))
    if sitter.id in people.withdrawn(office):
        raise Refused("training", ("person_left",))
    key = PublicKey.load(Use.PERSON, unbase64(sitter.public))
    sat = doc.read_half(half, doc.Training, {key.id: key}.get).document
    try:
        course = courses.load(sat.course, sat.language)
    except NotFound:
        raise Refused("training", ("sheet_of_another_course",)) from None
    with office.act() as tx:
        failed = records.failed_sittings(tx, sat.person, sat.course)
    reasons = training.why_not(course, sat) + training.when_not(course, sat, failed, office.now())
    if reasons:
        raise Refused("training", reasons)
    return Marked(sat, training.mark(course, sat))


def take(office: Office, half: bytes) -> bytes:
    """Make a pass of a sheet; the whole document, one entry.

    Where too few answers are right, that is the entry, and the course's waiting time begins.
    """
    found = look(office, half)
    sat, mark = found.sheet, found.mark
    if not mark.passed:
        detail = {"course": sat.course, "right": mark.right, "asked": mark.asked}
        refs = (sat.id, sat.person)
        with office.act() as tx:
            records.keep_failure(tx, sat.id, sat.person, sat.course, sat.passed_at)
            failure = Draft(new_act(), "training.failed", sat.person, refs, detail=detail)
            office.write(tx, failure)
        raise Refused("training", ("too_few_right",))
    whole = doc.add_signature(half, office.signers["enrol"])
    orders.enrol(office, whole)
    return whole
