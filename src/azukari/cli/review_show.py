"""``azukari agreement review show``: what was reviewed when, and who was on the roster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from azukari.cli import reasons, seat, speech
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, instant, show
from azukari.desk import review_sheet
from azukari.entrust.review_sheet import Row, Sheet
from azukari.errors import BadInput
from azukari.shelf import files


@click.command("show", epilog="Example: azukari agreement review show AGREEMENT --html review.html")
@click.argument("agreement", metavar="[AGREEMENT]", default="")
@click.option("--html", type=FOLDER, metavar="FILE", help="Write a page to print, too.")
@reads
def show_(call: Call, agreement: str, html: Path | None) -> None:
    """Every agreement, when it was reviewed and is due again; or all that one review says.

    Of one that was never reviewed, everybody who is enrolled now.
    """
    if html is not None and not agreement:
        raise BadInput("--html", "the agreement that the page is about is expected, too")
    with seat.office(call) as office:
        if not agreement:
            _list(call, review_sheet.sheets_of(office))
            return
        sheet = review_sheet.sheet_of(office, agreement)
    written = [] if html is None else [("written", _page(sheet, call.now(), html))]
    show(call, _value(sheet), [*_lines(sheet, call), *aligned(written)])


def _page(sheet: Sheet, now: int, to: Path) -> Path:
    # Late: who only reads needs nothing to draw with.
    from azukari.web.review_page import render

    files.write_new(to, render(sheet, now, reasons.sentence).encode())
    return to


def _list(call: Call, sheets: list[Sheet]) -> None:
    head = ("agreement", "processor", "reviewed until", "due", "")
    rows = [
        (
            one.agreement,
            one.processor,
            "never" if one.reviewed is None else instant(one.reviewed[1]),
            instant(one.due_at),
            "late" if one.late(call.now()) else "",
        )
        for one in sheets
    ]
    lines = aligned([head, *rows]) if rows else ["no agreement was signed"]
    show(call, [_value(one) for one in sheets], lines)
    if any(one.late(call.now()) for one in sheets):
        speech.hint("`azukari agreement review start AGREEMENT` writes the roster")


def _value(sheet: Sheet) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(sheet)
    return found


def _lines(sheet: Sheet, call: Call) -> list[str]:
    period = "never" if sheet.reviewed is None else " to ".join(map(instant, sheet.reviewed))
    late = ", late" if sheet.late(call.now()) else ""
    head = aligned(
        [
            ("agreement", f"{sheet.agreement} ({sheet.processor})"),
            ("reviewed", period),
            ("due", f"{instant(sheet.due_at)}{late}"),
        ]
    )
    columns = ("person", "since", "last used", "trained", "officer says", "says", "")
    rows = [row for one in sheet.rows for row in _rows(one, call.language)]
    return [*head, *aligned([columns, *rows])]


def _rows(row: Row, language: str) -> Iterator[tuple[str, ...]]:
    said = ["no longer"] if row.gone and not row.why else []
    said += [reasons.sentence(code, language) for code in row.why]
    yield (
        row.person,
        _day(row.since),
        _day(row.last_used_at),
        _day(row.trained_until),
        _who(row.officer),
        _who(row.own),
        said[0] if said else "",
    )
    for more in said[1:]:
        yield ("", "", "", "", "", "", more)


def _who(name: str | None) -> str:
    return "-" if name is None else name or "none"


def _day(at: int) -> str:
    return instant(at)[:10] if at else "never"


COMMANDS = {"show": show_}
