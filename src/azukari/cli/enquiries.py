"""Enquiries as lines, JSON or commas.  What cannot be read is told by its line, not its words."""

from __future__ import annotations

import csv
from datetime import date
from typing import Final, TextIO

import msgspec

from azukari.desk.enquire import Enquiry
from azukari.errors import BadInput

MAX_LINE: Final = 4096
MAX_LINES: Final = 100_000
_FORM: Final = "name, birth date such as 1950-01-31 and postal code are expected"


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    birth: str
    postal_code: str


def read(lines: TextIO) -> list[Enquiry]:
    """Every enquiry; `BadInput` names the line that is none, and then nothing is answered."""
    found: list[Enquiry] = []
    number = 0
    while line := lines.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE or number > MAX_LINES:
            raise BadInput("enquiry", "too long", line=number)
        if line.strip():
            found.append(_enquiry(line.strip(), number))
    return found


def enquiry(name: str, birth: str, postal_code: str, number: int | None = None) -> Enquiry:
    """One enquiry from what was said."""
    try:
        day = date.fromisoformat(birth.strip())
    except ValueError:
        raise BadInput("enquiry", _FORM, line=number) from None
    return Enquiry(name.strip(), day, postal_code.strip())


def _enquiry(line: str, number: int) -> Enquiry:
    try:
        if line.startswith("{"):
            said = msgspec.json.decode(line, type=_Line)
            fields = [said.name, said.birth, said.postal_code]
        else:
            fields = next(csv.reader([line], strict=True))
    except (msgspec.DecodeError, ValueError, csv.Error, StopIteration):
        raise BadInput("enquiry", _FORM, line=number) from None
    if len(fields) != len(_Line.__struct_fields__):
        raise BadInput("enquiry", _FORM, line=number)
    return enquiry(fields[0], fields[1], fields[2], number)
