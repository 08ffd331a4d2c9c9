"""Asking witnesses by network: all of them at once, for so long and no longer.

What they are shown is made before and what they answered is kept afterwards, one after the other;
only the lines to them run side by side.  Nothing here fails an act or holds one up.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from azukari.desk import witnesses
from azukari.desk.office import LATENESS_MS, Office
from azukari.desk.witnesses import (
    AHEAD,
    ANOTHER,
    EARLIER,
    REFUSES,
    UNREACHABLE,
    WHICH,
    WRONG,
    Known,
    Told,
    Which,
)
from azukari.errors import AzukariError, Unreachable
from azukari.ledger.checkpoint import parse_checkpoint, split_note
from azukari.ledger.entry import decode
from azukari.shelf import asking
from azukari.shelf.patience import within
from azukari.vault import records

AT_ONCE_S: Final = 2.0  # after a loss, a revocation or a release: somebody waits for the prompt
WHOLE_S: Final = 15.0  # a tick must not stand still because a laptop is closed
AGAIN_MS: Final = 3_600_000
#: What asks for a cosignature at once, by the beginning of its type; the rest waits for the tick.
URGENT: Final = ("carrier.lost", "carrier.revoked", "key.released")
_LOOKED_AT: Final = 256  # entries
_MOST_LINES: Final = 16  # at a time
_LEAST_S: Final = 0.05

_Answer = tuple[int, bytes] | None  # status and body; None: nobody answered


@dataclass(frozen=True)
class _Question:
    witness: Known
    which: Which
    body: bytes


def at_once(office: Office, since_ms: int) -> list[Told]:
    """Ask now if a loss, a revocation or a release was written since; at most `AT_ONCE_S`."""
    return ask(office, within_s=AT_ONCE_S) if _is_urgent(office, since_ms) else []


def ask(office: Office, *, within_s: float = WHOLE_S, anew: bool = False) -> list[Told]:
    """Ask every witness that has an address about every ledger that grew since; never raises.

    Who saw all of a ledger is asked again after an hour, with ``anew`` at once: a witness may have
    seen more than this office remembers.
    """
    shown = _shown(office)
    first: list[_Question] = []
    told: list[Told] = []
    for each in witnesses.known(office):
        for which in shown if each.url else ():
            seen = _seen(office, each, which)
            if seen.size > shown[which]:
                told.append(Told(each.witness.name, which, 0, (AHEAD,)))
            elif anew or seen.size < shown[which] or office.now() - seen.at_ms >= AGAIN_MS:
                first += _question(office, each, which)
    until = time.monotonic() + within_s
    second: list[_Question] = []
    for question, answer in _answers(first, within_s):
        if answer is not None and answer[0] == 409:
            # It counts from another head, as when its last answer was lost: from there, once.
            size = _size(answer[1])
            if size is None or size > shown[question.which]:
                told.append(_told(question, WRONG if size is None else AHEAD))
            else:
                second += _question(office, question.witness, question.which, size)
        else:
            told.append(_kept(office, question, answer))
    for question, answer in _answers(second, max(until - time.monotonic(), _LEAST_S)):
        told.append(_kept(office, question, answer))
    return _once_unreachable(told)


@dataclass(frozen=True)
class _Seen:
    size: int
    at_ms: int


def _seen(office: Office, each: Known, which: Which) -> _Seen:
    """What this witness cosigned last, as far as it can be believed here."""
    try:
        mine = [one for one in witnesses.seen(office, which) if one.witness == each.witness]
    except AzukariError:  # an edited row: what it cosigned is asked for anew
        mine = []
    return next((_Seen(one.size, one.cosignature.at_s * 1000) for one in mine), _Seen(0, 0))


def _shown(office: Office) -> dict[Which, int]:
    """How long each ledger is that can be shown now."""
    sizes: dict[Which, int] = {}
    for which in WHICH:
        try:
            note = witnesses.head(office, which)
            sizes[which] = parse_checkpoint(split_note(note)[0]).size
        except AzukariError:  # the key service is away, not the witness
            continue
    return sizes


def _question(office: Office, each: Known, which: Which, old: int | None = None) -> list[_Question]:
    """What it is asked; none where the key service shows no history that can be proved now."""
    try:
        return [_Question(each, which, witnesses.request(office, each.witness.name, which, old))]
    except AzukariError:
        return []


def _answers(questions: Sequence[_Question], within_s: float) -> list[tuple[_Question, _Answer]]:
    """Each question with its answer; one line to each witness, all at the same time."""
    lines: dict[str, list[_Question]] = {}
    for question in questions:
        lines.setdefault(question.witness.url, []).append(question)
    if not lines:
        return []
    with ThreadPoolExecutor(min(len(lines), _MOST_LINES)) as pool:
        found = pool.map(partial(_line, within_s), lines.values())
        return [pair for line in found for pair in line]


def _line(within_s: float, questions: Sequence[_Question]) -> list[tuple[_Question, _Answer]]:
    """One witness, one question after the other; who does not answer is not asked the next."""
    until, said = time.monotonic() + within_s, list[_Answer]()
    for question in questions:
        left = max(until - time.monotonic(), _LEAST_S)
        ask_it = partial(asking.add_checkpoint, question.witness.url, question.body)
        try:
            said.append(within(left, ask_it))
        except Unreachable:
            break
        except AzukariError:  # no such address any more, for instance
            said.append((0, b""))
    said += [None] * (len(questions) - len(said))
    return list(zip(questions, said, strict=True))


def _kept(office: Office, question: _Question, answer: _Answer) -> Told:
    """Keep a cosignature, or say why there is none."""
    if answer is None:
        return _told(question, UNREACHABLE)
    status, body = answer
    if status != 200:
        return _told(question, ANOTHER if status in (409, 422) else REFUSES)
    each, which = question.witness.witness, question.which
    try:
        ahead = witnesses.said_at(office, each, which, body) - office.now()
        if ahead > LATENESS_MS:
            return Told(each.name, which, 0, (EARLIER,), ahead)
        kept = next(one for one in witnesses.take(office, body) if one.which == which)
    except (AzukariError, StopIteration):
        return _told(question, WRONG)
    return kept if ahead >= -LATENESS_MS else Told(kept.witness, which, kept.size, (), ahead)


def _told(question: _Question, why: str) -> Told:
    return Told(question.witness.witness.name, question.which, 0, (why,))


def _once_unreachable(told: Sequence[Told]) -> list[Told]:
    """That a witness does not answer is said once, not for each ledger."""
    said: list[Told] = []
    for one in sorted(told, key=lambda one: (one.witness, WHICH.index(one.which))):
        away = UNREACHABLE in one.why
        if not (away and any(one.witness == before.witness for before in said)):
            said.append(one)
    return said


def _is_urgent(office: Office, since_ms: int) -> bool:
    """Looked for at the end of both ledgers: nobody writes so many entries while one waits."""
    with office.act() as tx:
        size, copied = office.book.head(tx).size, office.copy.head(tx).size
        lines = office.book.entries(tx, max(0, size - _LOOKED_AT), size)
        lines += records.keys_entries(tx, max(0, copied - _LOOKED_AT))
    written = (decode(line) for line in lines)
    return any(one.at >= since_ms and one.type.startswith(URGENT) for one in written)


def _size(body: bytes) -> int | None:
    text = body.decode("ascii", "replace").removesuffix("\n")
    if not text.isascii() or not text.isdecimal() or len(text) > 16:
        return None
    return int(text)
