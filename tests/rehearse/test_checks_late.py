"""Promise 5 can break: each thing that must hold of the evening, taken away alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

from azukari.desk.alarms import Raised
from azukari.incident.overdue import RUNGS, Rung
from azukari.rehearse.checks import Checks, Ledgers
from azukari.rehearse.checks_late import KINDS, LADDER, late_by_itself
from azukari.rehearse.lateness import ADDRESSES, Round
from azukari.rehearse.mailroom import Mail
from azukari.rehearse.silence import Unsaid

BAG = ("main", "backup")


def raised(subject: str, rung: Rung, level: int) -> Raised:
    return Raised(f"{subject}{level}", subject, subject, "return", rung, level, reached=True)


@dataclass
class Played:
    """What the night leaves behind for these checks."""

    rounds: list[Round]
    mails: list[Mail]
    unsaid: Unsaid
    types: list[str]

    def judged(self) -> list[str]:
        """What does not hold."""
        known = {"rounds": self.rounds, "mails": self.mails, "unsaid": self.unsaid}
        sealed = [SimpleNamespace(carrier=carrier) for carrier in BAG]
        night: Any = SimpleNamespace(known=known, sealed=sealed)
        checks = Checks()
        office: list[Any] = [SimpleNamespace(type=kind) for kind in self.types]
        ledgers = Ledgers(office, [])
        late_by_itself(checks, night, ledgers)
        return checks.broken()


@pytest.fixture
def played() -> Played:
    rounds = [
        Round(
            level,
            tuple(raised(carrier, rung, level) for carrier in BAG),
            (),
            tuple(ADDRESSES[name] for _ in BAG for name in LADDER[level]),
        )
        for level, rung in enumerate(RUNGS)
    ]
    mails = [
        Mail(to, f"Message-ID: <{level}.{n}@x>\r\n\r\n".encode())
        for level, each in enumerate(rounds)
        for n, to in enumerate(each.to)
    ]
    unsaid = Unsaid({kind: tuple(RUNGS) for kind in KINDS}, 5, 5, early=False, silent=True)
    return Played(rounds, mails, unsaid, ["alarm.raised", "carrier.lost"])


def test_an_evening_as_it_should_be_breaks_nothing(played: Played) -> None:
    assert [] == played.judged()


def declared_first(played: Played) -> None:
    played.types.reverse()


def never_raised(played: Played) -> None:
    played.types.remove("alarm.raised")


def one_carrier_forgotten(played: Played) -> None:
    played.rounds[0] = replace(played.rounds[0], raised=played.rounds[0].raised[:1])


def stays_with_the_holder(played: Played) -> None:
    del played.rounds[1:]


def officer_left_out(played: Played) -> None:
    del played.rounds[1]


def nobody_written_to(played: Played) -> None:
    played.rounds[2] = replace(played.rounds[2], to=())


def a_stranger_written_to(played: Played) -> None:
    played.rounds[2] = replace(played.rounds[2], to=(*played.rounds[2].to, "a@b.example"))


def sent_twice(played: Played) -> None:
    played.mails.append(played.mails[0])


def raised_twice(played: Played) -> None:
    played.rounds[3] = replace(played.rounds[3], again=played.rounds[3].raised)


def one_kind_not_noticed(played: Played) -> None:
    played.unsaid.rungs.pop("receipts")


def one_kind_stays_below(played: Played) -> None:
    played.unsaid.rungs["erase"] = ("owner", "officer")


def one_kind_leaps(played: Played) -> None:
    played.unsaid.rungs["erase"] = ("owner", "city", "next")


def a_witness_cries_for_nothing(played: Played) -> None:
    played.unsaid = replace(played.unsaid, quiet=4)


def a_witness_sleeps(played: Played) -> None:
    played.unsaid = replace(played.unsaid, silent=False)


def a_witness_cries_too_soon(played: Played) -> None:
    played.unsaid = replace(played.unsaid, early=True)


@pytest.mark.parametrize(
    "taken",
    [
        declared_first,
        never_raised,
        one_carrier_forgotten,
        stays_with_the_holder,
        officer_left_out,
        nobody_written_to,
        a_stranger_written_to,
        sent_twice,
        raised_twice,
        one_kind_not_noticed,
        one_kind_stays_below,
        one_kind_leaps,
        a_witness_cries_for_nothing,
        a_witness_sleeps,
        a_witness_cries_too_soon,
    ],
    ids=lambda taken: taken.__name__,
)
def test_with_one_thing_taken_away_it_breaks(
    played: Played, taken: Callable[[Played], None]
) -> None:
    taken(played)

    assert played.judged()
