"""What people said of the facts of an incident: answers that no record has, and who knew when.

Each is an entry of the ledger by the person who says it.  With it is kept what the duties were
matched to be from then on, so that it can be told later what was known when a decision was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select

from azukari.desk.office import Office, new_act
from azukari.errors import BadInput
from azukari.incident.facts import DEVICES, NUMBERS, QUESTIONS
from azukari.shelf.book import Draft
from azukari.vault import schema

#: How a yes-or-no question is answered.  *Unknown* takes an earlier answer back.
ANSWERS: Final[Mapping[str, bool | None]] = {"yes": True, "no": False, "unknown": None}
#: When a party knew, and when it told the party above it.
KNEW: Final = "knew"
TOLD: Final = "told"
YES_OR_NO: Final = (*QUESTIONS, DEVICES)
ASKED: Final = (*YES_OR_NO, NUMBERS)
MOST_PERSONS: Final = 1 << 40


@dataclass(frozen=True)
class Stated:
    """The newest word on one question."""

    question: str
    party: str  # empty: everybody's
    answer: str
    by: str
    at: int


@dataclass(frozen=True)
class Words:
    """Everything people said of one incident, ready for matching."""

    every: tuple[Stated, ...]

    @property
    def answers(self) -> dict[str, bool | None]:
        """Yes, no or not known, by question."""
        return {
            one.question: ANSWERS[one.answer] for one in self.every if one.question in YES_OR_NO
        }

    @property
    def my_number_persons(self) -> int | None:
        """Of how many persons the My Number was in it."""
        found = next((one.answer for one in self.every if one.question == NUMBERS), "unknown")
        return None if found == "unknown" else int(found)

    def instant(self, question: Literal["knew", "told"], party: str) -> int | None:
        """When a party knew, or told the one above it; ms."""
        mine = (one.answer for one in self.every if (one.question, one.party) == (question, party))
        found = next(mine, "unknown")
        return None if found == "unknown" else int(found)


def words_of(office: Office, incident: str) -> Words:
    """What people said, the newest word on each question, in the order of their first."""
    rows = schema.stated
    with office.act() as tx:
        mine = select(rows).where(rows.c.incident == incident).order_by(rows.c.n)
        found = tx.execute(mine).all()
    newest: dict[tuple[str, str], Stated] = {}
    for row in found:
        key = (row.question, row.party)
        newest[key] = Stated(row.question, row.party, row.answer, row.by, row.at)
    return Words(tuple(newest.values()))


def check(said: Iterable[tuple[str, str, str]], now: int) -> tuple[tuple[str, str, str], ...]:
    """Question, party and answer of each, as they may be recorded; refused else."""
    checked = tuple(said)
    for question, party, answer in checked:
        if question in YES_OR_NO:
            good = answer in ANSWERS and not party
        elif question == NUMBERS:
            good = (answer == "unknown" or _number(answer, MOST_PERSONS)) and not party
        elif question in (KNEW, TOLD):
            good = (answer == "unknown" or _number(answer, now)) and bool(party)
        else:
            raise BadInput("question", "none of an incident's questions")
        if not good:
            raise BadInput("answer", f"not an answer to {question}")
    return checked


def record(
    office: Office, incident: str, said: Iterable[tuple[str, str, str]], by: str, matched: bytes
) -> None:
    """Write down some words together, with the duties matched after them; an entry each.

    Whether the incident is open, and that ``said`` passed ``check``, the caller has seen to.
    """
    act = new_act()
    with office.act() as tx:
        for question, party, answer in said:
            detail = {"answer": answer, "question": question}
            refs = (incident, party) if party else (incident,)
            happened = int(answer) if question in (KNEW, TOLD) and answer != "unknown" else None
            draft = Draft(act, "incident.stated", by, refs, happened=happened, detail=detail)
            office.write(tx, draft)
            tx.execute(
                schema.stated.insert().values(
                    incident=incident,
                    question=question,
                    party=party,
                    answer=answer,
                    by=by,
                    at=office.now(),
                    matched=matched,
                )
            )


def _number(answer: str, most: int) -> bool:
    return answer.isascii() and answer.isdecimal() and len(answer) <= 16 and int(answer) <= most
