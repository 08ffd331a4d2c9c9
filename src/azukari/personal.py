"""What counts as a personal value, by kind; the one definition that tests and searches share.

A *value* is a full name, a kana name, a full address, a resident or household number, a branch
with its account number, or a telephone number, each as received and folded, in UTF-8 and in
CP932, of at least eight bytes.  A value of digits counts only where no letter or digit stands
beside it.  Shorter things (surnames, dates, towns, bare accounts) are compared as whole fields.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Self

MIN_VALUE_BYTES: Final = 8


class Kind(StrEnum):
    """What a column tells about somebody; the counterfoil and the impact count by it."""

    NUMBER = "number"  # resident or household number
    NAME = "name"
    KANA = "kana"
    BIRTH = "birth"
    SEX = "sex"
    POSTAL = "postal"
    ADDRESS = "address"
    FAMILY = "family"  # relationship, household
    SINCE = "since"
    SUPPRESSION = "suppression"
    TAX = "tax"
    ASSISTANCE = "assistance"
    ACCOUNT = "account"
    ANSWER = "answer"  # what a programme decided
    REFERENCE = "reference"  # a random number that means something only at the office
    FILE = "file"  # a file of any kind: what it tells, and of whom, is not known


class Personal(str):
    """A resident's value that must not be printed: ``repr`` and ``%r`` show its kind only."""

    kind: Kind

    def __new__(cls, value: str, kind: Kind) -> Self:
        made = super().__new__(cls, value)
        made.kind = kind
        return made

    def __repr__(self) -> str:
        return f"<{self.kind.value}>"
