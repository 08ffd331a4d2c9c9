"""Does the clockwork still run?  When the tick last did, what waits to be sent, is the clock right.

Asked from outside the tick, by whatever watches this machine.  Where the whole machine is silent a
witness notices that nobody shows it a longer ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from azukari.desk.office import LATENESS_MS, STANDING, Office
from azukari.desk.tick import HEARTBEAT_MS, MARK
from azukari.vault import alarms as rows

STOPPED: Final = "tick_stopped"
UNSENT: Final = "messages_unsent"
CLOCK: Final = "clock_behind"
QUARREL: Final = "ledger_contradicted"
NO_SIGN: Final = "no_sign_of_life"
_LONG_MS: Final = 3_600_000  # a message that has waited this long does not go by itself
_SPARE_MS: Final = 3_600_000


@dataclass(frozen=True)
class Pulse:
    """What there is to see, and every reason to worry."""

    ticked_at: int | None
    last_entry_at: int
    unsent: int
    why: tuple[str, ...]


def pulse(office: Office, within_ms: int) -> Pulse:
    """Look, and change nothing."""
    with office.act() as tx:
        ticked, last = rows.mark(tx, MARK), office.book.last_at(tx)
        unsent, quarrels = rows.unsent(tx), rows.marks(tx, STANDING)
        newest = office.newest_at(tx)
    now = office.now()
    why: list[str] = []
    # By either clock: one that was set back makes an old tick look new.
    if ticked is None or abs(now - ticked[0]) > within_ms:
        why.append(STOPPED)
    if now - last > HEARTBEAT_MS + _SPARE_MS:
        why.append(NO_SIGN)
    if now < newest - LATENESS_MS:
        why.append(CLOCK)
    if quarrels:
        why.append(QUARREL)
    if any(row.wrong is not None and now - row.at > _LONG_MS for row in unsent):
        why.append(UNSENT)
    return Pulse(None if ticked is None else ticked[0], last, len(unsent), tuple(why))
