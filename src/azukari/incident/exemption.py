"""Evidence for the encryption exemption: what speaks for it, what against, what a person answers.

Data that was encrypted by a listed technique, and whose means of reading was properly managed,
may call for no report (see ``docs/law.md``).  This page gathers points; it never adds them up,
and no value here means *exempt*.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from azukari.carrier.exposure import PartState, State
from azukari.incident.sentences import Value


class Speaks(StrEnum):
    """Which way a point speaks."""

    FOR = "for"
    AGAINST = "against"
    OPEN = "open"  # a person has to answer


@dataclass(frozen=True)
class Revocation:
    """What was done to the keys of one carrier; ``shredded`` is *file* or *HSM*, or not done."""

    revoked_at: dt.datetime | None
    shredded: str | None = None


@dataclass(frozen=True)
class Point:
    """One point about one condition, with the code of its sentence."""

    condition: str  # a, b1, b2, b3 as docs/law.md has them
    speaks: Speaks
    code: str
    values: tuple[tuple[str, Value], ...] = ()


def evidence(
    states: Mapping[tuple[str, str], PartState],
    revocations: Mapping[str, Revocation],
    then: Mapping[tuple[str, str], PartState] | None = None,
) -> tuple[Point, ...]:
    """Every point that the five states and the revocations make, by condition.

    Args:
        states: by carrier and part id, as ``exposure.state`` found them.
        revocations: by carrier; a carrier that is missing counts as not revoked.
        then: the states when it was lost, which is what the exemption asks about.
    """
    return (
        Point("a", Speaks.FOR, "evidence.a.technique"),
        Point("a", Speaks.OPEN, "evidence.a.implemented"),
        *_then(then or {}),
        *_apart(states),
        *_deleted(states, revocations),
        *_unusable(states),
    )


def _apart(states: Mapping[tuple[str, str], PartState]) -> list[Point]:
    """Condition b1: key and ciphertext apart, and the key itself protected."""
    points = []
    for state in State:
        number = sum(found.state is state for found in states.values())
        if number:
            points.append(
                Point("b1", _SPEAKS[state], f"evidence.b1.{state.value}", (("parts", number),))
            )
    return [*points, Point("b1", Speaks.OPEN, "evidence.b1.bag")]


def _then(states: Mapping[tuple[str, str], PartState]) -> list[Point]:
    """The same condition at the time of the incident."""
    found = Counter(one.state for one in states.values())
    return [
        Point(
            "b1",
            _SPEAKS[state],
            "evidence.b1.then",
            (("parts", found[state]), ("state", f"state.{state.value}")),
        )
        for state in State
        if found[state]
    ]


def _deleted(
    states: Mapping[tuple[str, str], PartState], revocations: Mapping[str, Revocation]
) -> list[Point]:
    """Condition b2: ciphertext or key can be deleted remotely."""
    points = []
    carriers = {carrier for carrier, _ in states}
    done = [revocations[carrier] for carrier in sorted(carriers) if carrier in revocations]
    revoked = [one.revoked_at for one in done if one.revoked_at is not None]
    if revoked:
        values: tuple[tuple[str, Value], ...] = (
            ("carriers", len(revoked)),
            ("at", max(revoked)),
        )
        points.append(Point("b2", Speaks.FOR, "evidence.b2.revoked", values))
    if len(revoked) < len(carriers):
        values = (("carriers", len(carriers) - len(revoked)),)
        points.append(Point("b2", Speaks.AGAINST, "evidence.b2.not_revoked", values))
    backends = sorted({one.shredded for one in done if one.shredded})
    points += [
        Point("b2", Speaks.FOR, "evidence.b2.shredded", (("backend", backend),))
        for backend in backends
    ]
    if any(found.state is not State.NEVER_RELEASED for found in states.values()):
        points.append(Point("b2", Speaks.OPEN, "evidence.b2.already_out"))
    return points


def _unusable(states: Mapping[tuple[str, str], PartState]) -> list[Point]:
    """Condition b3: a third party cannot use the key."""
    if all(found.state is State.NEVER_RELEASED for found in states.values()):
        return [Point("b3", Speaks.FOR, "evidence.b3.no_key_out")]
    return [
        Point("b3", Speaks.FOR, "evidence.b3.one_device"),
        Point("b3", Speaks.OPEN, "evidence.b3.device_protected"),
    ]


_SPEAKS = {
    State.NEVER_RELEASED: Speaks.FOR,
    State.KEY_DESTROYED: Speaks.FOR,
    State.DEVICE_ACCOUNTED_FOR: Speaks.FOR,
    State.NO_RECEIPT: Speaks.AGAINST,
    State.TRAVELLED: Speaks.AGAINST,
}
