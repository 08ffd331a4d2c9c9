"""Where the invented city lives: addresses over real town names, one per household.

Town names and postal codes are public (``towns.csv``; see THIRD_PARTY.md); block and house
numbers, buildings and rooms are invented, and so is the city's name.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import Final

import numpy as np

from azukari.rehearse.city_export import Texts, encode, joined, table, take, whole_numbers
from azukari.rehearse.city_plan import Ints

CITY: Final = "架空市"
_HOUSES: Final = ("コーポ", "ハイツ", "メゾン", "レジデンス", "グランド", "パーク", "第一", "第二")
_CALLED: Final = ("見本", "例示", "架空", "仮名", "サンプル", "ダミー", "モック", "試作", "雛形")
_ROOMS: Final = tuple(f"{floor}{room:02}号" for floor in range(1, 15) for room in range(1, 13))
_CHOME: Final = ("", *(f"{number}丁目" for number in range(1, 10)))


def addresses(
    households: int, of: Ints, encoding: str, random: np.random.Generator
) -> tuple[Texts, Texts]:
    """Postal code and address of every person; ``of`` gives a person's household."""
    towns = _towns()
    divided = np.array([town["has_chome"] == "1" for town in towns])
    weight = np.where(divided, 5.0, 1.0) * (random.random(len(towns)) + 0.3)
    town = random.choice(len(towns), households, p=weight / weight.sum())
    highest = random.integers(2, 9, len(towns))[town]
    chome = random.integers(0, 1_000, households) % highest + 1
    flat = random.random(households) < 0.46
    building = random.integers(0, len(_HOUSES) * len(_CALLED), households)
    room = random.integers(0, len(_ROOMS), households)
    buildings = [f"\u3000{house}{called}" for house in _HOUSES for called in _CALLED]
    # Where a part is missing, the first text of its table stands, which is empty.
    address = joined(
        take(table([CITY + row["town"] for row in towns], encoding), town),
        take(table(_CHOME, encoding), np.where(divided[town], chome, 0)),
        whole_numbers(random.integers(1, 42, households)),
        encode("番", encoding),
        whole_numbers(random.integers(1, 31, households)),
        encode("号", encoding),
        take(table(["", *buildings], encoding), np.where(flat, building + 1, 0)),
        take(table(["", *_ROOMS], encoding), np.where(flat, room + 1, 0)),
    )
    postal = take(table([row["postal_code"] for row in towns], encoding), town)
    return take(postal, of), take(address, of)


def _towns() -> list[dict[str, str]]:
    file = resources.files("azukari.rehearse") / "towns.csv"
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))
