"""Who is affected, roll by roll: a bag may hold carriers of several rolls, this year's and last's.

An ordinal is a person of one roll only, so persons are counted exactly within each roll and across
rolls no union is claimed: whoever stands in both is counted in each, and every paper says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from azukari.carrier.counterfoil import Counterfoil
from azukari.carrier.exposure import PartState, State
from azukari.incident.impact import Count, Impact, by_state, impact
from azukari.incident.sentences import Value
from azukari.personal import Kind


@dataclass(frozen=True)
class OfRoll:
    """The lost carriers of one roll: whom they tell about, and by their worst part's state."""

    impact: Impact
    persons_by_state: Mapping[State, Count]

    @property
    def released(self) -> int:
        """Of how many persons a key of any part was ever released."""
        by_state = self.persons_by_state.items()
        return sum(of.persons for state, of in by_state if state is not State.NEVER_RELEASED)

    @property
    def labels(self) -> str:
        """The labels of the carriers."""
        return "、".join(one.label for one in self.impact.by_carrier)


def by_roll(foils: Sequence[Counterfoil]) -> tuple[tuple[Counterfoil, ...], ...]:
    """Counterfoils that are counted together, in the order in which the rolls first come.

    Files that were sealed without a roll stand with the one roll there is, else by themselves.
    """
    found = dict.fromkeys(foil.roll for foil in foils)
    if len([roll for roll in found if roll]) <= 1:
        return (tuple(foils),)
    return tuple(tuple(foil for foil in foils if foil.roll == roll) for roll in found)


def count(
    foils: Sequence[Counterfoil], states: Mapping[tuple[str, str], PartState]
) -> tuple[OfRoll, ...]:
    """Each roll counted by itself; `Conflict` as for `impact` and `by_state`."""
    return tuple(OfRoll(impact(own), by_state(own, states)) for own in by_roll(foils))


def at_least(rolls: Sequence[OfRoll]) -> tuple[int, dict[Kind, int], bool]:
    """So many persons for certain, by kind too, and whether there may be more.

    Of several rolls the largest: whether those of another are the same people, nobody counted.
    """
    counted = [one.impact for one in rolls]
    kinds: dict[Kind, int] = {}
    for one in counted:
        for kind, of in one.by_kind.items():
            kinds[kind] = max(kinds.get(kind, 0), of.persons)
    some = [one for one in counted if one.total.persons]
    more = len(some) > 1 or any(one.not_counted for one in counted)
    return max((one.total.persons for one in some), default=0), kinds, more


def numbered(rolls: Sequence[OfRoll]) -> Iterator[tuple[OfRoll, tuple[tuple[str, Value], ...]]]:
    """Each roll with the values of its heading; a roll that is alone needs none."""
    for number, one in enumerate(rolls, start=1):
        heading: tuple[tuple[str, Value], ...] = (("roll", number), ("labels", one.labels))
        yield one, heading if len(rolls) > 1 else ()
