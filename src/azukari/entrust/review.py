"""Access review: who is enrolled for a processor, as the city knows it and as the processor says.

The city asks with a roster, an officer of the processor answers line by line who pays each person,
and the city compares that with each person's own word and with the entry they were admitted by.
Whoever somebody disowns goes; nobody is kept because nobody spoke.

Pure: documents in, reasons and findings out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from azukari.entrust.enrolment import OFFICER
from azukari.errors import BadInput
from azukari.seal.documents import Employment, Enrolled, Person, Review, Reviewed, Roster

KEEP: Final = "keep"
REMOVE: Final = "remove"
NOBODY: Final = ""  # an employer that is none of the parties the city knows


@dataclass(frozen=True)
class Finding:
    """One person of a review: what the entry, the officer and the person say of who pays them."""

    line: Reviewed
    party: str  # of the entry they were admitted by
    own: str | None  # the person's own latest word; none: nothing since they were admitted
    why: tuple[str, ...]  # why they go; empty: they stay

    @property
    def false_employer(self) -> bool:
        """Does somebody name another employer than the entry?"""
        return bool({"officer_disowns", "employer_disagrees"} & set(self.why))


def differs(stated: Employment, entry: Person) -> bool:
    """Does a person name another employer than the party they were admitted for?"""
    return stated.employer != entry.party


def answer(
    roster: Roster,
    employers: Mapping[str, str],
    removed: Collection[str],
    identifier: str,
    at: int,
) -> Review:
    """The answer to a roster; every person of it is answered for, and nobody else.

    Args:
        employers: person -> the party that pays them, or `NOBODY`; a person of another party's
            than the roster's goes.
        removed: who works for the party and needs no access any more.
    """
    known = {one.person for one in roster.people}
    if set(employers) != known or not set(removed) <= known:
        raise BadInput("review", "every person of the roster is answered for, and nobody else")
    return Review(
        id=identifier,
        roster=roster.id,
        agreement=roster.agreement,
        from_at=roster.from_at,
        to_at=roster.to_at,
        people=[
            _answered(one, employers[one.person], roster.party, one.person in removed)
            for one in roster.people
        ],
        at=at,
    )


def why_not(review: Review, roster: Roster) -> list[str]:
    """Why this is no answer to that roster, as reason codes; empty: it is one."""
    reasons = []
    told = (review.roster, review.agreement, review.from_at, review.to_at)
    if told != (roster.id, roster.agreement, roster.from_at, roster.to_at):
        reasons.append("review_of_another_roster")
    if [_asked(line) for line in review.people] != roster.people:
        reasons.append("review_lines_differ")
    if any(not _consistent(line, roster.party) for line in review.people):
        reasons.append("review_contradicts_itself")
    if review.at < roster.at:
        reasons.append("review_before_its_roster")
    return reasons


def may_answer(officer: Person | None, party: str, gone: Collection[str]) -> list[str]:
    """Why somebody does not speak for a party in a review; empty: they do."""
    speaks = (
        officer is not None
        and officer.party == party
        and OFFICER in officer.roles
        and officer.id not in gone
    )
    return [] if speaks else ["officer_of_the_party_needed"]


def compare(
    review: Review, entries: Mapping[str, Person], stated: Iterable[Employment]
) -> tuple[Finding, ...]:
    """The officer's word, the person's own and the entry, side by side, in the review's order.

    One own word that differed is enough, whatever was said after it: what was revoked stays so.
    """
    words: dict[str, list[Employment]] = {}
    for one in sorted(stated, key=lambda one: one.at):
        words.setdefault(one.person, []).append(one)
    return tuple(
        _finding(line, entries[line.person], words.get(line.person, [])) for line in review.people
    )


def trained_until(courses: Collection[str], passes: Mapping[str, int]) -> int:
    """Until when somebody holds a pass of each of these courses; 0: of one they hold none.

    ``passes`` are course -> the last instant of the pass that holds longest.
    """
    return min((passes.get(course, 0) for course in courses), default=0)


def _finding(line: Reviewed, entry: Person, words: list[Employment]) -> Finding:
    reasons = []
    if line.employer != entry.party:
        reasons.append("officer_disowns")
    if any(differs(one, entry) for one in words):
        reasons.append("employer_disagrees")
    if line.verdict == REMOVE and not reasons:
        reasons.append("no_longer_needed")
    return Finding(line, entry.party, words[-1].employer if words else None, tuple(reasons))


def _answered(one: Enrolled, employer: str, party: str, removed: bool) -> Reviewed:
    return Reviewed(
        person=one.person,
        since=one.since,
        last_used_at=one.last_used_at,
        trained_until=one.trained_until,
        employer=employer,
        verdict=REMOVE if removed or employer != party else KEEP,
    )


def _asked(line: Reviewed) -> Enrolled:
    return Enrolled(
        person=line.person,
        since=line.since,
        last_used_at=line.last_used_at,
        trained_until=line.trained_until,
    )


def _consistent(line: Reviewed, party: str) -> bool:
    """Whom a party does not pay it cannot ask to keep."""
    return line.verdict == REMOVE or (line.verdict == KEEP and line.employer == party)
