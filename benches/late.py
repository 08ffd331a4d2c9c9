"""The tick over many due times: nothing late, and some late.

Beside it the same question without the index that answers it: every row read and looked at.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from sqlalchemy import select

from azukari.desk.office import Office
from azukari.desk.tick import tick
from azukari.names import id_of
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.house import build
from azukari.vault import schema
from benches import Row, side_by_side, timed

ROWS: Final = 100_000
SOME: Final = 100
DAY_MS: Final = 86_400_000
GOAL: Final = "≤ 1 s"


def run(residents: int, repeat: int) -> list[Row]:  # noqa: ARG001  due times, not residents
    """Rows for a whole tick with nothing late, and for one in which some are."""
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        clock = StoryClock("2022-06-21 17:00")
        house = build(Path(folder), clock)
        try:
            return _rows(house.office, clock, repeat)
        finally:
            house.close()


def _rows(office: Office, clock: StoryClock, repeat: int) -> list[Row]:
    _fill(office, clock.now() + DAY_MS)
    tick(office)  # reviews of agreements are planned, once
    quiet, looked = side_by_side(repeat, lambda: tick(office), lambda: _every_row(office))
    some = tuple(timed(lambda: _some_late(office, clock)) for _ in range(repeat))
    return [
        Row(
            f"a tick over {ROWS:,} due times, none late",
            "tick",
            quiet,
            "reading every row",
            looked,
            GOAL,
        ),
        Row(f"{SOME} of {ROWS:,} become late and are raised", "tick", some, goal=GOAL),
    ]


def _fill(office: Office, at: int) -> None:
    lines = [
        {"subject": _name(n), "what": "return", "at": at, "next_at": at, "level": 0}
        for n in range(ROWS)
    ]
    with office.act() as tx:
        tx.execute(schema.due.insert(), lines)


def _name(number: int) -> str:
    return id_of(number.to_bytes(16, "big"))


def _some_late(office: Office, clock: StoryClock) -> None:
    rows = schema.due.c
    with office.act() as tx:
        free = select(rows.n).where(rows.level == 0, rows.what == "return").limit(SOME)
        late = schema.due.update().where(rows.n.in_(free)).values(next_at=clock.now() - 1)
        tx.execute(late)
    raised = tick(office).raised
    assert len(raised) >= SOME  # a bench that measured nothing is none


def _every_row(office: Office) -> int:
    with office.act() as tx:
        now = office.now()
        return sum(
            1
            for row in tx.execute(select(schema.due))
            if row.done is None and row.alarm is None and row.at < now
        )
