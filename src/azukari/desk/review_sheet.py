"""Access reviews as one reads them: the newest one of each agreement, laid out."""

from __future__ import annotations

from azukari.desk import agree, employment, people, review
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.entrust.review import compare
from azukari.entrust.review_sheet import Row, Sheet
from azukari.errors import NotFound
from azukari.seal import documents as doc


def sheets_of(office: Office) -> list[Sheet]:
    """Every agreement's, oldest agreement first."""
    return [_laid_out(office, link) for link in agree.agreements_of(office)]


def sheet_of(office: Office, agreement: str) -> Sheet:
    """One agreement's."""
    for link in agree.agreements_of(office):
        if link.id == agreement:
            return _laid_out(office, link)
    raise NotFound("the office knows no such agreement")


def _laid_out(office: Office, link: doc.Agreement) -> Sheet:
    found = review.last_closed(office, link.id)
    parties = {party.id: party.name for party in people.parties_of(office)}
    return Sheet(
        agreement=link.id,
        processor=parties.get(link.processor, "?"),
        reviewed=None if found is None else (found.from_at, found.to_at),
        answered_at=None if found is None else found.at,
        due_at=review.due_at(office, link.id),
        rows=_rows(office, link, found, parties | {"": ""}),
    )


def _rows(
    office: Office, link: doc.Agreement, found: doc.Review | None, names: dict[str, str]
) -> tuple[Row, ...]:
    known = {one.id: one for one in orders.people_of(office)}
    gone = people.withdrawn(office)
    if found is None:
        return tuple(
            _row(line, known[line.person], None, None, (), gone=False)
            for line in review.enrolled(office, link)
        )
    return tuple(
        _row(
            one.line,
            known[one.line.person],
            names.get(one.line.employer, one.line.employer),
            None if one.own is None else names.get(one.own, one.own),
            one.why,
            gone=one.line.person in gone,
        )
        for one in compare(found, known, employment.words_of(office))
    )


def _row(
    line: doc.Enrolled,
    entry: doc.Person,
    officer: str | None,
    own: str | None,
    why: tuple[str, ...],
    *,
    gone: bool,
) -> Row:
    return Row(
        person=line.person,
        roles=tuple(entry.roles),
        since=line.since,
        last_used_at=line.last_used_at,
        trained_until=line.trained_until,
        officer=officer,
        own=own,
        why=why,
        gone=gone,
    )
