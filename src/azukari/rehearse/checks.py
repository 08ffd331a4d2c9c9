"""What the promises are worth after this night: checks that could have failed in this very run.

A promise is *kept* only if every check of it passed here; *not yet* where this version does not
check it whole.  Where the row of the set-up says *against outsiders*, it is kept against outsiders:
who administers that machine could have done otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from azukari.ledger.entry import Entry
from azukari.promises import Row
from azukari.rehearse.attempts import OPENED, REFUSED, Attack

SHOWN: Final = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15})
#: Whatever the set-up: who administers the key service's machine decides who gets a key.
AGAINST_OUTSIDERS: Final = frozenset({3})
PROMISES: Final = range(1, 16)
ELSEWHERE: Final = "that the witnesses run elsewhere, in other hands: here all are on one machine"
#: What a promise says beyond what is built, and so beyond what *kept* speaks of.
WITHOUT: Final = {
    3: ("the watch, which would find what an enrolled device passed on",),
    4: (ELSEWHERE,),
    5: ("a machine that stops with its witness: here both are one",),
    8: (ELSEWHERE,),
}

#: Every act of the night and how often at least it must stand in a ledger.
EXPECTED_OFFICE: Final = {
    "party.added": 4,
    "person.enrolled": 16,
    "training.passed": 16,
    "access.review_asked": 1,
    "person.stated": 1,
    "access.reviewed": 1,
    "person.left": 2,
    "agreement.refused": 1,
    "agreement.signed": 2,
    "device.enrolled": 1,
    "roll.taken_in": 1,
    "benefit.determined": 1,
    "order.requested": 1,
    "order.approved": 2,
    "carrier.sealed": 2,
    "carrier.handed_over": 4,
    "carrier.received": 2,
    "grant.asked": 1,
    "grant.issued": 1,
    "grant.refused": 2,
    "witness.added": 3,
    "person.reached": 9,
    "alarm.raised": 8,
    "carrier.lost": 1,
    "incident.opened": 1,
    "duty.matched": 1,
    "journal.taken_in": 1,
    "carrier.erased": 1,
    "carrier.found": 2,
    "carrier.inspected": 2,
    "measure.opened": 2,
    "measure.done": 1,
    "measure.closed": 1,
}
EXPECTED_KEYS: Final = {
    "key.created": 4,
    "key.released.roll": 4,
    "key.released.seal": 2,
    "key.bound": 2,
    "key.released": 1,
    "key.refused": 2,
    "carrier.revoked": 1,
}


@dataclass
class Checks:
    """What was checked, promise by promise."""

    done: dict[int, list[tuple[str, bool]]] = field(default_factory=dict)
    lacking: dict[int, list[str]] = field(default_factory=dict)

    def add(self, promise: int, name: str, held: object) -> None:
        self.done.setdefault(promise, []).append((name, bool(held)))

    def lack(self, promise: int, what: str) -> None:
        """Something that the promise says was not looked at in this run."""
        self.lacking.setdefault(promise, []).append(what)

    def refused(self, promise: int, attacks: Sequence[Attack], *names: str) -> None:
        """Each of these attacks was played, and refused for the reason it must be."""
        refused = {attack.name for attack in attacks if attack.outcome == REFUSED}
        for name in names:
            self.add(promise, name, name in refused)

    def states(self, row: Row) -> dict[str, dict[str, Any]]:
        """The promises as ``result.json`` holds them, in the set-up that was verified."""
        return {str(number): self._state(number, row) for number in PROMISES}

    def broken(self) -> list[str]:
        return [
            f"promise {number}: {name}"
            for number, checks in sorted(self.done.items())
            for name, held in checks
            if not held
        ]

    def _state(self, number: int, row: Row) -> dict[str, Any]:
        checks = self.done.get(number, [])
        outsiders = number in AGAINST_OUTSIDERS or row.against_outsiders(number)
        state = "kept against outsiders" if outsiders else "kept"
        if not all(held for _, held in checks):
            state = "broken"
        elif number not in SHOWN or not checks:
            state = "not yet"
        checked = [name for name, _ in checks]
        without = [*WITHOUT.get(number, ()), *self.lacking.get(number, ())]
        return {"state": state, "checked_by": checked, "without": without}


@dataclass(frozen=True)
class Ledgers:
    """Both ledgers, as they were verified from their exported files."""

    office: list[Entry]
    keys: list[Entry]


def all_is_there(checks: Checks, ledgers: Ledgers) -> list[str]:
    """Every act of the night stands in a ledger; what is missing, by name."""
    office = Counter(e.type for e in ledgers.office)
    keys = Counter(e.type for e in ledgers.keys)
    missing = [
        f"{name} {kind}: {found[kind]} of {number}"
        for name, found, expected in (
            ("office", office, EXPECTED_OFFICE),
            ("keys", keys, EXPECTED_KEYS),
        )
        for kind, number in expected.items()
        if found[kind] < number
    ]
    checks.add(8, "every act of the night is in a ledger", not missing)
    return missing


def attacks_held(attacks: Sequence[Attack]) -> list[str]:
    return [f"attack opened: {attack.name}" for attack in attacks if attack.outcome == OPENED]
