"""Data on stdout: lines for a person, or JSON for a program; never both, and no speech."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
import msgspec
from rich.cells import cell_len
from rich.console import Console

from azukari.cli.call import Call

JST: Final = dt.timezone(dt.timedelta(hours=9), "JST")
_SHORT: Final = 6
_LAST_MS: Final = 253_402_268_399_999  # the year 9999 ends in Japan: no date is later
# What moves the cursor, clears a line, turns the order of letters about, or is not seen at all.
_ACTS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def show(call: Call, value: Any, lines: Iterable[str]) -> None:
    """The value as JSON where it was asked for, else the lines."""
    if call.json:
        click.echo(msgspec.json.format(msgspec.json.encode(value, order="sorted")).decode())
        return
    for line in lines:
        click.echo(harmless(line))


def harmless(line: str) -> str:
    """A line that a terminal shows and does not obey.

    Much of what is shown was written by others: an order's route must not rewrite, on the
    approver's screen, the number of rows that stands above it.
    """
    return _ACTS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Something that takes a while: on a terminal a line on stderr moves, elsewhere nothing."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def aligned(rows: Iterable[Sequence[object]]) -> list[str]:
    """Rows as columns, two spaces between; a number stands at the right of its column."""
    given = [tuple(row) for row in rows]
    cells = [[f"{cell:,}" if _number(cell) else str(cell) for cell in row] for row in given]
    if not cells:
        return []
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    right = [_numbers(column) for column in zip(*given, strict=True)]
    return [
        "  ".join(
            (" " * (width - cell_len(cell)) + cell)
            if flush
            else (cell + " " * (width - cell_len(cell)))
            for cell, width, flush in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]


def instant(ms: int | None) -> str:
    """An instant as people in Japan read it; a dash where there is none.

    Documents count in milliseconds, and their writers may count further than any calendar.
    """
    if ms is None:
        return "-"
    if ms > _LAST_MS:
        return "after 9999"
    return dt.datetime.fromtimestamp(ms / 1000, JST).strftime("%Y-%m-%d %H:%M")


def short(identifier: str) -> str:
    """The beginning of an id, enough to tell two apart on one page."""
    return identifier[:_SHORT]


def _numbers(column: Sequence[object]) -> bool:
    """Only numbers, but for a heading above them."""
    return any(map(_number, column)) and all(map(_number, column[1:]))


def _number(cell: object) -> bool:
    return isinstance(cell, int) and not isinstance(cell, bool)
