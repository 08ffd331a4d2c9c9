"""Before anything is said in public: the facts of an incident that a text is held against.

Names of residents and addresses of suppressed ones come from the roll itself, opened for this and
recorded as every opening is; without it they are not compared, and whoever asks is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from azukari.desk import people, take_in
from azukari.desk.office import Office
from azukari.incident.folded import plain
from azukari.incident.release import TITLES, Known
from azukari.incident.telling import Telling

LONG_KANA: Final = 6
_DIGITS: Final = "〇一二三四五六七八九"
_BLOCK: Final = re.compile(r"(?:([0-9]+)丁目)?([0-9]+)番(?:地)?(?:([0-9]+)号)?")


def known_of(
    office: Office,
    told: Telling,
    *,
    cleared: Iterable[str] = (),
    withheld: Iterable[str] = (),
    vouched: Iterable[int] = (),
    by: str = "",
) -> Known:
    """What is true, what may be named and what may not.

    Args:
        cleared: names of parties that may be said; the city may always.
        withheld: further names, places and words that may not.
        vouched: numbers of people, counted otherwise, that a person stands for.
        by: who opens the roll; empty: residents are not compared.
    """
    may = {told.city, *cleared}
    parties = tuple(party.name for party in people.parties_of(office) if party.name not in may)
    residents, places, everybody = _of_roll(office, told, by) if by else (None, None, False)
    return Known(
        persons=frozenset(_persons(told)) - {0},
        households=frozenset(
            one.impact.households for one in told.case.rolls if one.impact.households is not None
        ),
        never_released=told.never_released,
        everybody=everybody,
        parties=parties,
        withheld=tuple(withheld),
        vouched=frozenset(vouched),
        residents=residents,
        places=places,
    )


def _persons(told: Telling) -> Iterator[int]:
    """Every number of persons that was counted; of suppressed residents none is published."""
    for roll in told.case.rolls:
        counted = roll.impact
        yield counted.total.persons
        yield counted.on_every_carrier.persons
        yield from (count.persons for count in counted.by_kind.values())
        yield from (count.persons for count in counted.by_sensitivity.values())
        for one in counted.by_carrier:
            yield one.total.persons
            yield one.only_here.persons
        yield from (count.persons for count in roll.persons_by_state.values())
        yield roll.released


def _of_roll(office: Office, told: Telling, by: str) -> tuple[frozenset[str], frozenset[str], bool]:
    """Names, addresses of suppressed residents, and whether whoever is in a roll is affected."""
    names: set[str] = set()
    places: set[str] = set()
    enrolled: dict[str, int] = {}
    for roll in dict.fromkeys(one.impact.roll for one in told.case.rolls if one.impact.roll):
        register = take_in.open_roll(office, roll, by).register
        enrolled[roll] = len(register)
        names.update(map(plain, filter(None, register["name"].to_pylist())))
        for one in map(plain, filter(None, register["kana"].to_pylist())):
            names.update(_addressed(one))
        hidden = register.filter(register["suppressed"])
        for address in filter(None, hidden["address"].to_pylist()):
            places.update(_spellings(plain(address), plain(told.city)))
    counted = [one.impact for one in told.case.rolls]
    everybody = all(one.total.persons == enrolled.get(one.roll) for one in counted)
    return frozenset(names), frozenset(places), everybody


def _addressed(kana: str) -> Iterator[str]:
    """A name as it sounds; a short one only with a title, for it stands inside other words."""
    yield from [kana] if len(kana) >= LONG_KANA else (kana + title for title in TITLES)


def _spellings(address: str, city: str) -> Iterator[str]:
    """An address as people write it: with and without the city, in kanji, with dashes."""
    own = address.removeprefix(city)
    yield own
    found = _BLOCK.search(own)
    if found is None:
        return
    town = own[: found.start()]
    parts = [part for part in found.groups() if part]
    whole = own[: found.end()]
    yield whole
    # Where a house number is left out, the block of somebody in hiding is already too much.
    for chome in (f"{found[1]}丁目", f"{_kanji(found[1])}丁目") if found[1] else ("",):
        yield f"{town}{chome}{found[2]}番"
    yield f"{town}{'-'.join(parts)}"


def _kanji(digits: str) -> str:
    number = int(digits)
    if number >= len(_DIGITS) * 10 or number == 0:
        return digits
    tens, ones = divmod(number, 10)
    ten = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return ten + (_DIGITS[ones] if ones else "")
