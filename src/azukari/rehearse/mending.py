"""What failed asks for something: measures opened by themselves, done, looked at by another person.

One of them is left, on a copy, until its day has passed: then it raises the alarm like anything
else that is late.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Final

from azukari.desk import measures, tick
from azukari.desk.measures import DUE
from azukari.errors import Refused
from azukari.incident.measures import Measure
from azukari.rehearse.attempts import Hands
from azukari.rehearse.evening import snapshot
from azukari.rehearse.night import Night
from azukari.rehearse.world import open_world
from azukari.shelf import files
from azukari.web import measures_page

PAGE: Final = "measures.html"
_AT: Final = "2022-06-24 14:00"
_DONE: Final = "返却の時刻を市へ電話で告げてから車に乗る手順を書き、全員が署名した。"
_FOUND: Final = "手順書と署名を見た。翌日の返却で電話があった。"


@dataclass(frozen=True)
class Mended:
    """What came of it.

    Attributes:
        found: every measure as it stood at the end.
        closed: the one that was done and looked at again.
        alone_refused: whether whoever did it was told that another person must look.
        overdue: the measures that raised the alarm where nobody did anything.
    """

    found: tuple[Measure, ...]
    closed: str
    alone_refused: bool
    overdue: frozenset[str]


def mended(night: Night) -> None:
    """One measure is done and checked; the others are still to be done."""
    with night.step("measures", _AT) as words:
        office, cast = night.house.office, night.house.cast
        opened = measures.gather(office)
        doer, checker = cast.people["contractor_officer"], cast.people["officer"]
        mine = next(one for one in measures.measures_of(office) if one.control == "late")
        measures.done(office, mine.id, doer, _DONE)
        alone = _alone_refused(night, mine.id, doer)
        measures.check(office, mine.id, checker, _FOUND, enough=True)
        found = tuple(measures.measures_of(office))
        overdue = _left(night, found)
        night.known["mended"] = Mended(found, mine.id, alone, overdue)
        _print(night, found)
        words.append(f"{len(found)} opened by what failed, {len(opened)} of them now")
        words.append("1 done and checked by another person")
        words.append(f"on a copy {len(overdue)} left overdue: the alarm raised by itself")


def _alone_refused(night: Night, measure: str, doer: str) -> bool:
    try:
        measures.check(night.house.office, measure, doer, _FOUND, enough=True)
    except Refused as refused:
        return "measure_checked_by_its_doer" in refused.reasons
    return False


def _left(night: Night, found: tuple[Measure, ...]) -> frozenset[str]:
    """On a copy nobody does anything until the last day has passed."""
    copy, last = snapshot(night, "measures"), max(one.due_at for one in found)
    with Hands(night) as hands, closing(open_world(hands, copy, _AT)) as world:
        world.clock.at = last + 1
        raised = tick.tick(world.office).raised
    return frozenset(one.subject for one in raised if one.what == DUE)


def _print(night: Night, found: tuple[Measure, ...]) -> None:
    """The report to the authority, beside the other papers."""
    cast = night.house.cast
    names = {person: cast.said(person) for person in cast.people.values()}
    labels = {carrier.carrier: carrier.label for carrier in night.sealed}
    page = measures_page.render(found, "架空市", names, labels, night.clock.now())
    files.write_whole(night.out / "papers" / PAGE, page.encode())
