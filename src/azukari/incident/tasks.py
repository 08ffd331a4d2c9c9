"""The checklist of a loss: what is to be done by whom within how many hours, as data.

No law sets it; what law sets are duties (duty.py).  Nothing here knows whether something was done.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from azukari.errors import BadSettings

HOUR_MS: Final = 3_600_000
Owner = Literal["holder_officer", "data_officer", "press_officer", "lead"]
OWNERS: Final[dict[str, tuple[str, str]]] = {
    "holder_officer": ("持っていた側の責任者", "officer of the holder"),
    "data_officer": ("情報保護の責任者", "data officer"),
    "press_officer": ("広報の責任者", "press officer"),
    "lead": ("対応の責任者", "lead of the response"),
}


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the checklist; ``hours`` run from when the loss was recorded."""

    code: Annotated[str, msgspec.Meta(pattern="^[a-z]+(_[a-z]+)*$")]
    owner: Owner
    hours: Annotated[int, msgspec.Meta(ge=1, le=8760)]
    ja: str
    en: str

    def due_at(self, recorded_at: int) -> int:
        return recorded_at + self.hours * HOUR_MS


class _Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    date_read: dt.date
    source: str
    task: tuple[Task, ...]


def parse(raw: bytes, name: str) -> tuple[Task, ...]:
    """The tasks of a checklist, in the order in which they fall due."""
    try:
        pack = msgspec.toml.decode(raw, type=_Pack)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadSettings(f"{name}: not a checklist") from None
    codes = [task.code for task in pack.task]
    if len(set(codes)) != len(codes):
        raise BadSettings(f"{name}: the same task stands there twice")
    return tuple(sorted(pack.task, key=lambda task: task.hours))


@cache
def load(name: str = "tasks-loss") -> tuple[Task, ...]:
    """A checklist that ships with the package."""
    try:
        raw = files("azukari.incident").joinpath("packs", f"{name}.toml").read_bytes()
    except OSError:
        raise BadSettings(f"{name}: no checklist of that name ships with azukari") from None
    return parse(raw, name)


def text(code: str, language: str) -> str:
    """What a task of the shipped checklist says; empty for a code that it does not have."""
    found = next((task for task in load() if task.code == code), None)
    if found is None:
        return ""
    return found.ja if language == "ja" else found.en
