"""A pack: obligations, report items and holidays as data that ships with the package.

Nothing here decides anything; ``duty`` matches facts against what is read here.  Each obligation
carries its article, its source, how sure we are (S seen in the source, T tested, M from memory,
U uncertain) and the day it was read, so that a page can show them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from azukari.errors import BadSettings

Role = Literal["organ", "business", "processor"]
Certainty = Literal["S", "M", "U", "T"]
Stage = Literal["prompt", "final", "promptly"]
Act = Literal["report", "notify_persons", "notify_entrustor", "record"]
Scope = Literal["", "my_number", "gdpr"]  # what must hold before a trigger is asked at all
TriggerCode = Literal[
    "special_care",
    "ordinance_special_care",
    "property_damage",
    "improper_purpose",
    "more_than",
    "my_number_system",
    "public_access",
    "risk",
    "high_risk",
]
Day = Annotated[int, msgspec.Meta(ge=1, le=366)]
IsoDay = Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Days = tuple[Day, Day]  # the first and the last day that the law's words allow, day 1 = knowing

PACKS: Final = ("appi-organ", "appi-business", "appi-processor", "my-number")
#: Matched only where a person has said that this law reaches the city, or may: few cities' loss
#: is under it, and a clock of 72 hours beside every loss would hide those that run.
ASKED_FOR: Final = ("gdpr",)


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason for which an obligation arises; ``more_than`` persons, never "or equal"."""

    code: TriggerCode
    article: str
    certainty: Certainty
    more_than: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Obligation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One duty as the law sets it; any trigger is enough."""

    id: str
    who: tuple[Role, ...]
    act: Act
    stage: Stage
    authority_ja: str
    authority_en: str
    article: str
    sentence_ja: str
    sentence_en: str
    clock: Literal["known_at"]
    rolls_forward: bool  # a last day on a day off becomes the next working day
    counting: str
    items: tuple[Annotated[int, msgspec.Meta(ge=1, le=9)], ...]
    in_force_from: dt.date
    source: str
    certainty: Certainty
    date_read: dt.date
    trigger: tuple[Trigger, ...]
    days: Days | None = None
    days_if_improper_purpose: Days | None = None
    hours: Annotated[int, msgspec.Meta(ge=1, le=744)] | None = None
    scope: Scope = ""
    released_by: str | None = None  # a processor, by another obligation of the pack
    in_force_to: dt.date | None = None  # the last day, included
    certainty_note: str = ""

    def in_force(self, on: dt.date) -> bool:
        """Whether the obligation is law on that day."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The obligations of one kind of party; ``sha256`` is of the file as shipped."""

    id: str
    title_ja: str
    title_en: str
    zone: str
    holidays: str  # the name of a table, or empty: which days are off there, no table here says
    obligation: tuple[Obligation, ...]
    sha256: str = ""


class ReportItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the nine items; ``to_persons`` says whether a notice to persons holds it too."""

    number: int
    name_ja: str
    name_en: str
    to_persons: bool


class _Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    article: str
    source: str
    certainty: Certainty
    certainty_note: str
    date_read: dt.date
    item: tuple[ReportItem, ...]


class HolidayTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days off of the authority, between two days; outside them nothing is known."""

    id: str
    zone: str
    from_on: dt.date
    to_on: dt.date
    closed_from: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
    closed_to: Annotated[str, msgspec.Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
    source: str
    certainty: Certainty
    date_read: dt.date
    days: dict[IsoDay, str]


def parse(raw: bytes, name: str) -> Pack:
    """A pack from its bytes; an unknown or impossible line is refused."""
    try:
        pack = msgspec.toml.decode(raw, type=Pack)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadSettings(f"{name}: not a pack of obligations") from None
    ids = [one.id for one in pack.obligation]
    if len(set(ids)) != len(ids):
        raise BadSettings(f"{name}: the same obligation stands there twice")
    for one in pack.obligation:
        _check(one, ids)
        if one.days is not None and not pack.holidays:
            raise BadSettings(f"{one.id}: days are counted by a table of holidays")
    return msgspec.structs.replace(pack, sha256=hashlib.sha256(raw).hexdigest())


@cache
def load(name: str) -> Pack:
    """A pack that ships with the package, by its name."""
    return parse(_shipped(name), name)


def packs(names: Sequence[str] = PACKS) -> tuple[Pack, ...]:
    """The packs of those names, in that order; all of them if none is named."""
    return tuple(load(name) for name in names)


@cache
def items() -> tuple[ReportItem, ...]:
    """The nine items of a report, 1 to 9."""
    try:
        found = msgspec.toml.decode(_shipped("appi-items"), type=_Items)
    except msgspec.DecodeError:
        raise BadSettings("appi-items: not a list of report items") from None
    if [one.number for one in found.item] != list(range(1, 10)):
        raise BadSettings("appi-items: nine items, numbered from 1, are expected")
    return found.item


@cache
def holidays(name: str = "holidays-jp") -> HolidayTable:
    """The table of days off of that name."""
    try:
        return msgspec.toml.decode(_shipped(name), type=HolidayTable)
    except msgspec.DecodeError:
        raise BadSettings(f"{name}: not a table of holidays") from None


def _shipped(name: str) -> bytes:
    try:
        return files("azukari.incident").joinpath("packs", f"{name}.toml").read_bytes()
    except OSError:
        raise BadSettings(f"{name}: no pack of that name ships with azukari") from None


def _check(one: Obligation, ids: Sequence[str]) -> None:
    if not one.trigger or not one.who:
        raise BadSettings(f"{one.id}: an obligation needs a trigger, and somebody who has it")
    for trigger in one.trigger:
        if (trigger.code == "more_than") != (trigger.more_than is not None):
            raise BadSettings(f"{one.id}: a number of persons belongs to the trigger more_than")
    for days in (one.days, one.days_if_improper_purpose):
        if days is not None and days[0] > days[1]:
            raise BadSettings(f"{one.id}: the first day comes after the last")
    if one.days is not None and one.hours is not None:
        raise BadSettings(f"{one.id}: either days or hours")
    if one.in_force_to is not None and one.in_force_to < one.in_force_from:
        raise BadSettings(f"{one.id}: it ended before it began")
    if one.days is None and one.rolls_forward:
        raise BadSettings(f"{one.id}: only a last day can become the next working day")
    if one.days is None and one.days_if_improper_purpose is not None:
        raise BadSettings(f"{one.id}: days for an improper purpose, and none without it")
    if one.released_by is not None and one.released_by not in ids:
        raise BadSettings(f"{one.id}: released by an obligation that is not in the pack")
