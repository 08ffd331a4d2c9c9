"""Who can have read it: every device that was given a key, whose it is, and until when.

One line for each release to a device outside, with what those parts tell and of how many persons.
Not a list of who did: a device that was given a key may never have opened anything, and one whose
key is destroyed may have opened everything before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from azukari.carrier.counterfoil import Counterfoil, persons_of
from azukari.carrier.exposure import SEAL, PartState, Release, state
from azukari.errors import Conflict
from azukari.incident.impact import Count, counting
from azukari.personal import Kind


@dataclass(frozen=True)
class Keeper:
    """Where a device is kept, as far as it was enrolled: whose it is, and the party's name."""

    party: str
    name: str


@dataclass(frozen=True)
class Reader:
    """One device that was given a key of one carrier.

    ``until`` is the end of its window (ms), ``None`` where nobody knows; the window is kept by our
    reader only.  ``ended`` says that its one-time key is destroyed, on the device's word.
    ``persons`` are those of whom its parts tell something; of ``not_counted`` files nobody knows.
    """

    carrier: str
    label: str
    grant: str
    device: str
    keeper: Keeper | None
    parts: tuple[str, ...]
    kinds: tuple[Kind, ...]
    persons: Count
    not_counted: int
    until: int | None
    ended: bool
    state: PartState


def readers(
    foils: Sequence[Counterfoil],
    releases: Sequence[Release],
    keepers: Mapping[str, Keeper],
) -> tuple[Reader, ...]:
    """Every possible reader, by carrier and then as the releases come.

    Raises:
        Conflict: a release is of a carrier whose counterfoil is not here; leaving it out would
            make the list shorter than the facts.
    """
    by_id = {foil.carrier: foil for foil in foils}
    if any(one.carrier not in by_id for one in releases):
        raise Conflict("a release is of a carrier that is not counted here")
    count = counting(foils)
    return tuple(
        _reader(foil, one, count(_persons(foil, one)), keepers)
        for foil in by_id.values()
        for one in releases
        if one.carrier == foil.carrier and one.use != SEAL
    )


def _reader(
    foil: Counterfoil, one: Release, persons: Count, keepers: Mapping[str, Keeper]
) -> Reader:
    part = one.parts[0] if one.parts else ""
    opened = [p for p in foil.parts if p.id in one.parts]
    columns = {(p.table, column) for p in opened for column in p.columns}
    kinds = {c.kind for t in foil.tables for c in t.columns if (t.name, c.name) in columns}
    tables = {p.table for p in opened}
    return Reader(
        carrier=foil.carrier,
        label=foil.label,
        grant=one.grant,
        device=one.device,
        keeper=keepers.get(one.device),
        parts=one.parts,
        kinds=tuple(kind for kind in Kind if kind in kinds),
        persons=persons,
        not_counted=sum(t.rows for t in foil.tables if t.name in tables and t.not_counted),
        until=one.window_to,
        ended=one.one_time_key_destroyed,
        state=state(part, [one]),
    )


def _persons(foil: Counterfoil, one: Release) -> int:
    return reduce(or_, (persons_of(foil, p) for p in foil.parts if p.id in one.parts), 0)
