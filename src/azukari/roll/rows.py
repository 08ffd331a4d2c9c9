"""The rows of one export: bytes to cells with their line, by the quoting rules of RFC 4180.

The encoding is told by the header, whose Japanese words have different bytes in UTF-8 and in
CP932, and is never guessed from the rows.  What a cell must hold is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from azukari.errors import BadInput

BOM: Final = b"\xef\xbb\xbf"
MAX_ROW_LINES: Final = 16  # a quoted cell may hold line ends, but a forgotten quote ends here
MAX_FILE_BYTES: Final = 1 << 30
_BLOCK_BYTES: Final = 4 << 20
# Python reads five single bytes that are no character of CP932 (80 A0 FD FE FF) as these.
_TEN_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")
_NOT_CP932: Final = "\x80\uf8f0\uf8f1\uf8f2\uf8f3"


@dataclass(frozen=True)
class Fault:
    """A refused row: the line it begins on, and the header of the cell where one is to blame."""

    line: int
    header: str | None
    reason: str
    numbers: tuple[str, ...] = field(default=(), repr=False)  # of ten digits, found in the row


@dataclass
class Rows:
    """The whole rows of one file and the faults of the others."""

    encoding: str
    how: str
    blank_lines: int = 0
    columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)  # by header, all strings
    lines: pa.ChunkedArray = None  # int32, where each row begins
    faults: list[Fault] = field(default_factory=list)


def read_rows(file: str, raw: bytes, headers: Sequence[str]) -> Rows:
    """Split a file into rows of as many cells as its header.

    Rows come in file order; ``lines`` counts physical lines from 1, the header's.  A row whose
    quotes do not close properly within ``MAX_ROW_LINES`` lines is refused alone and reading goes
    on with the next line, so that one stray quote costs one row.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise BadInput(file, f"the file is larger than {MAX_FILE_BYTES} bytes")
    if not raw:
        raise BadInput(file, "the file is empty")
    encoding, how, order, start = _header(file, raw, headers)
    end, blank = _end(raw, start)
    rows = Rows(encoding, how, blank)
    reader = _Reader(order, encoding, rows.faults)
    for block in _blocks(raw, start, end):
        reader.feed(block)
    reader.finish()
    rows.columns = {
        header: pa.chunked_array([chunk[at] for chunk in reader.chunks], pa.string())
        for at, header in enumerate(order)
    }
    rows.lines = pa.chunked_array(reader.lines, pa.int32())
    return rows


def _header(file: str, raw: bytes, headers: Sequence[str]) -> tuple[str, str, list[str], int]:
    at = len(BOM) if raw.startswith(BOM) else 0
    end = raw.find(b"\n", at)
    line = raw[at:] if end < 0 else raw[at:end]
    start = len(raw) if end < 0 else end + 1
    expected = set(headers)
    for encoding in ("utf-8",) if at else ("utf-8", "cp932"):
        try:
            text = line.removesuffix(b"\r").decode(encoding)
        except UnicodeDecodeError:
            continue
        order = cells(text)
        if order is not None and expected.intersection(order):
            told = "byte order mark and header" if at else "header"
            _check_header(file, order, headers)
            return encoding, f"told by the {told}", order, start
    raise BadInput(file, "the header holds no expected column in UTF-8 or in CP932", line=1)


def _check_header(file: str, order: list[str], headers: Sequence[str]) -> None:
    """Refuse another set of columns; an unknown header is not quoted, it may be anything."""
    for header in headers:
        if header not in order:
            raise BadInput(file, "the column is missing", line=1, column=header)
        if order.count(header) > 1:
            raise BadInput(file, "the column stands twice", line=1, column=header)
    for number, header in enumerate(order, start=1):
        if header not in headers:
            raise BadInput(file, f"column {number} is not expected", line=1)


def _end(raw: bytes, start: int) -> tuple[int, int]:
    """Where the last row ends, and how many blank lines follow it."""
    last = max(len(raw.rstrip(b"\r\n")), start)
    tail = raw[last:]
    if tail.count(b"\r") != tail.count(b"\r\n"):
        return len(raw), 0  # a bare carriage return is part of a row, which is then refused
    return last, max(tail.count(b"\n") - (last > start), 0)


def _blocks(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        cut = raw.find(b"\n", min(start + _BLOCK_BYTES, end), end) + 1 or end
        yield raw[start:cut]
        start = cut


class _Reader:
    """Turns blocks of whole lines into chunks of columns; keeps an unfinished row for the next."""

    def __init__(self, order: list[str], encoding: str, faults: list[Fault]) -> None:
        self.order, self.encoding, self.faults = order, encoding, faults
        self.chunks: list[list[pa.Array]] = []
        self.lines: list[pa.Array] = []
        self._line = 2
        self._waiting: list[str | None] = []

    def feed(self, block: bytes) -> None:
        lines = self._waiting + self._decode(block)
        self._waiting = lines[self._take(lines, last=False) :]

    def finish(self) -> None:
        self._take(self._waiting, last=True)

    def _decode(self, block: bytes) -> list[str | None]:
        """The lines of a block without their line feed; None for a line that is refused."""
        block = block.removesuffix(b"\n")
        try:
            text = block.decode(self.encoding)
        except UnicodeDecodeError:
            text = None
        if text is not None and (self.encoding == "utf-8" or not _has_strays(text)):
            return list(text.split("\n"))
        first = self._line + len(self._waiting)
        return [
            self._decode_line(line, number)
            for number, line in enumerate(block.split(b"\n"), start=first)
        ]

    def _decode_line(self, line: bytes, number: int) -> str | None:
        try:
            text = line.decode(self.encoding)
        except UnicodeDecodeError as error:
            before = line[: error.start].decode(self.encoding)
        else:
            strays = [text.index(c) for c in _NOT_CP932 if c in text]
            if self.encoding == "utf-8" or not strays:
                return text
            before = text[: min(strays)]
        outside = sum(piece.count(",") for piece in before.split('"')[::2])
        header = self.order[min(outside, len(self.order) - 1)]
        self.faults.append(Fault(number, header, "undecodable", _numbers(line.decode("latin-1"))))
        return None

    def _take(self, lines: Sequence[str | None], *, last: bool) -> int:
        """Take the rows of these lines; returns how many lines are done with."""
        width = len(self.order)
        flat: list[str] = []  # row after row: a list per row would keep the garbage collector busy
        begins: list[int] = []
        at, count = 0, len(lines)
        while at < count:
            line = lines[at]
            used = 1
            if line is None:
                at += 1
                continue
            found: list[str] | None
            found = line.removesuffix("\r").split(",")
            if '"' in line:
                found = _bare(found) if len(found) == width else None
            if found is None:
                found, used = _quoted(lines, at)
                if found is None and not last and at + MAX_ROW_LINES > count:
                    break  # the rest of this row may stand in the next block
            if found is None:
                self._refuse(at, "bad-quotes", line)
                used = 1
            elif len(found) == width:
                flat += found
                begins.append(self._line + at)
            else:
                few = len(found) < width
                self._refuse(at, "too-few-cells" if few else "too-many-cells", ",".join(found))
            at += used
        if begins:
            self.chunks.append([pa.array(flat[cell::width], pa.string()) for cell in range(width)])
            self.lines.append(pa.array(begins, pa.int32()))
        self._line += at
        return at

    def _refuse(self, at: int, reason: str, row: str) -> None:
        self.faults.append(Fault(self._line + at, None, reason, _numbers(row)))


def _numbers(row: str) -> tuple[str, ...]:
    return tuple(_TEN_DIGITS.findall(row))


def _has_strays(text: str) -> bool:
    return any(stray in text for stray in _NOT_CP932)


def _bare(parts: list[str]) -> list[str] | None:
    """The cells, where every part is one whole cell: the common case, and much faster."""
    for at, part in enumerate(parts):
        if '"' in part:
            if part.count('"') != 2 or part[0] != '"' or part[-1] != '"':
                return None
            parts[at] = part[1:-1]
    return parts


def _quoted(lines: Sequence[str | None], at: int) -> tuple[list[str] | None, int]:
    """The cells of the row that begins at a line with quotes, and how many lines it has."""
    row = ""
    for used, line in enumerate(lines[at : at + MAX_ROW_LINES], start=1):
        if line is None:
            break
        row = line if used == 1 else f"{row}\n{line}"
        if row.count('"') % 2 == 0:
            return cells(row.removesuffix("\r")), used
    return None, 1


def cells(row: str) -> list[str] | None:
    """The cells of one row, or None where its quotes are not those of RFC 4180."""
    if '"' not in row:
        return row.split(",")
    pieces = row.split('"')  # even pieces stand outside quotes, odd ones inside
    if len(pieces) % 2 == 0 or pieces[0][-1:] not in ("", ",") or pieces[-1][:1] not in ("", ","):
        return None
    *found, begun = pieces[0].split(",")
    cell = [begun]  # joined once: a cell may be made of millions of doubled quotes
    for inside, outside, more in zip(
        pieces[1::2], pieces[2::2], range(len(pieces) - 3, -1, -2), strict=True
    ):
        cell.append(inside)
        if outside:
            if outside[0] != "," or (more and outside[-1] != ","):
                return None
            found.append("".join(cell))
            _, *whole, begun = outside.split(",")
            found += whole
            cell = [begun]
        elif more:
            cell.append('"')  # two quotes inside quotes are one
    return [*found, "".join(cell)]
