"""Controls that failed, and what each asks: whose it is to put right, within how many days.

`controls` reads one entry of a ledger and its detail, and says which control failed in it, if any.
Whether a measure was good enough is for another person to say (desk/measures.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final

import msgspec

from azukari.errors import BadSettings
from azukari.incident.tasks import Owner

DAY_MS: Final = 86_400_000
#: Reason why not -> the control that failed; a reason that is not here is `key_refused`.
_BY_REASON: Final[Mapping[str, frozenset[str]]] = {
    "wrong_hand": frozenset(
        {
            "employer_disagrees",
            "first_giver_is_the_city",
            "giver_is_the_taker",
            "not_the_person_of_the_order",
            "person_left",
            "person_not_of_recipient",
            "person_unknown",
            "return_is_to_the_city",
        }
    ),
    "wrong_device": frozenset(
        {
            "device_key_not_allowed",
            "device_not_of_order",
            "device_revoked",
            "device_rolled_back",
            "device_unknown",
            "one_time_key_unknown",
            "one_time_key_used",
        }
    ),
    "broken_chain": frozenset(
        {
            "agreement_expired",
            "agreement_suspended",
            "chain_broken",
            "columns_not_allowed",
            "medium_not_allowed",
            "purpose_not_allowed",
        }
    ),
    "training_lapsed": frozenset({"approver_untrained", "training_missing"}),
    "approval_refused": frozenset(
        {
            "approval_expired",
            "approval_of_another_order",
            "approvals_missing",
            "approver_enrolled_by_requester",
            "approver_in_quiet_time",
            "approver_is_party_to_the_order",
            "approver_unknown",
        }
    ),
    "after_revocation": frozenset({"carrier_is_revoked"}),
}


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of failure."""

    code: Annotated[str, msgspec.Meta(pattern="^[a-z]+(_[a-z]+)*$")]
    owner: Owner
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    ja: str
    en: str


class _Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    date_read: dt.date
    source: str
    control: tuple[Control, ...]


class State(StrEnum):
    """Where a measure stands."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"  # by its owner's word; another person has not looked yet
    CLOSED = "closed"


STATES: Final = {
    State.OPEN: ("実施前", "to be done"),
    State.LATE: ("期限超過", "late"),
    State.DONE: ("実施済み・確認待ち", "done, not yet checked"),
    State.CLOSED: ("確認済み", "done and checked by another person"),
}


@dataclass(frozen=True)
class Word:
    """What a person said of a measure; ``text`` is empty once it was erased."""

    by: str
    at: int
    text: str


@dataclass(frozen=True)
class Measure:
    """What one failure of a control asks of somebody."""

    id: str
    control: str
    subject: str  # a carrier, an order, whatever failed
    owner: str
    opened_at: int
    due_at: int
    done: Word | None
    checked: Word | None

    def state(self, now: int) -> State:
        if self.checked is not None:
            return State.CLOSED
        if now > self.due_at:
            return State.LATE  # done in time and not checked in time is late as well
        return State.OPEN if self.done is None else State.DONE


def controls(kind: str, detail: Mapping[str, Any], at: int) -> tuple[str, ...]:
    """The controls that failed where an entry of this type says so; mostly none.

    ``detail``: what the entry commits to; of a refusal its ``reasons``, as far as they are known.
    ``at``: when the entry was written.
    """
    if kind == "alarm.raised":
        if detail.get("due_at", 0) > at:
            return ()  # told of ahead: nothing is late yet
        # A measure that is late raises the alarm and asks for no further measure; a loss has its
        # own, and that it was told of is no failure.
        told = {"measure": (), "loss": (), "receive": ("unreceived",)}
        return told.get(detail.get("what", ""), ("late",))
    if kind == "carrier.inspected":
        # What was erased before anybody looked is not known, and not known is no success.
        return () if detail.get("unchanged") is True else ("found_changed",)
    if kind in ("custody.refused", "grant.refused", "key.refused"):
        return of_reasons(detail.get("reasons", ()))
    return _ALWAYS.get(kind, ())


def of_reasons(reasons: Collection[str]) -> tuple[str, ...]:
    """The controls behind reasons why not, each once; one at least."""
    found = [code for code, known in _BY_REASON.items() if not known.isdisjoint(reasons)]
    return tuple(found) or ("key_refused",)


@cache
def table() -> dict[str, Control]:
    """Every control by its code."""
    return parse(files("azukari.incident").joinpath("packs", "measures.toml").read_bytes())


def parse(raw: bytes) -> dict[str, Control]:
    """The table from its bytes; an unknown or impossible line is refused."""
    try:
        pack = msgspec.toml.decode(raw, type=_Pack)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadSettings("measures.toml: not a table of controls") from None
    found = {one.code: one for one in pack.control}
    if len(found) != len(pack.control):
        raise BadSettings("measures.toml: the same control stands there twice")
    return found


_ALWAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "carrier.lost": ("lost",),
    "clock.suspect": ("clock",),
    "order.refused": ("approval_refused",),
}
