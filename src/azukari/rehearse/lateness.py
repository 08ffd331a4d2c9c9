"""Late, noticed by itself: nobody says anything, and everybody who must know is told in turn.

The mails go out rung by rung, to a mail server of the rehearsal's own, and nobody answers.  What
becomes of an evening on which nobody says anything at all is told in silence.py.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Final

from azukari.desk import contacts, tick
from azukari.desk.alarms import Alerting, Raised
from azukari.rehearse import mailroom
from azukari.rehearse.clock import ms
from azukari.rehearse.night import Night
from azukari.shelf import files

#: Rounds of the tick on the evening: each an hour and a minute after the one before, as the rungs
#: want it, and the last two hours.
ROUNDS: Final = ("2022-06-21 20:35", "2022-06-21 21:36", "2022-06-21 22:37", "2022-06-22 00:38")
#: Who has a mail address at the city: whoever may be told, and it stands in no ledger.
ADDRESSES: Final = {
    "engineer": "gijutsu@reiji.example",
    "contractor_officer": "sekinin@reiji.example",
    "supervisor": "kanri@mihon.example",
    "centre_officer": "sekinin@mihon.example",
    "clerk": "madoguchi@kakuu.example",
    "officer": "tochoku@kakuu.example",
    "deputy": "kakaricho@kakuu.example",
    "approver_1": "shunin@kakuu.example",
    "approver_2": "kansa@kakuu.example",
}


@dataclass(frozen=True)
class Round:
    """One round of the tick: whom it told of what, the mails it gave off, and who got them."""

    at: int
    raised: tuple[Raised, ...]
    again: tuple[Raised, ...]  # what a second tick at the same instant raised
    to: tuple[str, ...]


def reachable(night: Night) -> None:
    """The city notes where people are reached."""
    office, cast = night.house.office, night.house.cast
    for name, address in ADDRESSES.items():
        contacts.set_mail(office, cast.people[name], address, cast.people["clerk"])


def late(night: Night) -> None:
    """Chapter 6."""
    with night.step("late", ROUNDS[0]) as words, mailroom.opened() as room:
        alerting, rounds = Alerting(mail=room.route), list[Round]()
        for at in ROUNDS:
            night.clock.set(at)
            before = len(room.mails)
            first = tick.tick(night.house.office, alerting)
            again = tick.tick(night.house.office, alerting)
            to = tuple(mail.to for mail in room.mails[before:])
            rounds.append(Round(ms(at), tuple(first.raised), tuple(again.raised), to))
        night.known["rounds"], night.known["mails"] = rounds, room.mails
        folder = files.folder(night.out / "mails")
        for number, mail in enumerate(room.mails, 1):
            files.write_new(folder / f"{number:02}.eml", mail.raw)
        carriers = {one.subject for each in rounds for one in each.raised}
        words.append(f"{len(carriers)} carriers late, the alarm raised by itself")
        words.append(f"{len(room.mails)} mails over {len(rounds)} rungs, nobody answered")
    # The witness as it stood while nobody knew of anything, for the evenings on copies.
    shutil.copytree(night.out / "sites" / "witness-committee", night.out / "copies" / "witness")
