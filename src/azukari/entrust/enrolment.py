"""Enrolment: whose hands must be under the entry of a person or a device, and why it is none.

An officer of the party vouches for who works there, two persons of the city admit them; each signs
the entry with their own key, beside the key that is enrolled.  The city's first officers have
nobody before them: they are pinned where a site is set up, and sign for each other.

Pure: entries and facts in, reasons out.  The office and the key service ask the same function.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from azukari.entrust.order import QUIET_MS
from azukari.seal.documents import Device, Person

OFFICER: Final = "officer"


def why_not(
    entry: Person | Device,
    people: Mapping[str, Person],
    gone: Collection[str],
    city: str,
    founders: Collection[str],
) -> list[str]:
    """Why an entry is none, as reason codes; empty: it may stand.

    Args:
        people: everybody known so far, by id, those who left among them.
        gone: ids that no longer count.
        founders: ids of the city's first officers; for them no quiet time runs.
    """
    reasons: list[str] = []
    if isinstance(entry, Person) and entry.states_employer != entry.party:
        reasons.append("employer_disagrees")
    standing = {key: person for key, person in people.items() if key not in gone}
    admitting = {
        one
        for one in entry.enrolled_by
        if one != entry.id and one in standing and standing[one].party == city
    }
    if len(admitting) < 2 or admitting != set(entry.enrolled_by):
        reasons.append("two_persons_needed")
    if any(
        one not in founders and entry.enrolled_at < standing[one].enrolled_at + QUIET_MS
        for one in admitting
    ):
        reasons.append("enroller_in_quiet_time")
    if not _vouched(entry, standing, city):
        reasons.append("officer_of_the_party_needed")
    return reasons


def of_a_founder(entry: Person) -> list[str]:
    """Why the entry of one of the city's first officers is none; whose hands are under it is seen
    to by the one who pinned their keys.
    """
    reasons = [] if entry.states_employer == entry.party else ["employer_disagrees"]
    others = set(entry.enrolled_by) - {entry.id}
    if len(others) < 2 or entry.vouched_by not in others or others != set(entry.enrolled_by):
        reasons.append("two_persons_needed")
    return reasons


def _vouched(entry: Person | Device, standing: Mapping[str, Person], city: str) -> bool:
    """Did an officer of the party vouch for it?

    A party's first officer has nobody there yet: one of the two who admit them vouches.
    """
    officer = standing.get(entry.vouched_by)
    if officer is None or officer.id == entry.id:
        return False
    if officer.party == entry.party:
        return OFFICER in officer.roles
    first = isinstance(entry, Person) and OFFICER in entry.roles
    return (
        first
        and entry.party != city
        and entry.vouched_by in entry.enrolled_by
        and not any(
            one.party == entry.party and OFFICER in one.roles and one.id != entry.id
            for one in standing.values()
        )
    )
