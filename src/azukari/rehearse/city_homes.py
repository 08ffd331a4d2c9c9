"""Where the invented city lives: addresses over real town names, one per household.

Town names and postal codes are public (``towns.csv``; see THIRD_PARTY.md); block and house
numbers, buildings and rooms are invented, and so is the city's name.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import Final

import numpy as np

from azukari.rehearse.city_export import Texts, joined, table, take, whole_numbers
from azukari.rehearse.city_plan import Ints

CITY: Final = "架空市"
_HOUSES: Final = ("コーポ", "ハイツ", "メゾン", "レジデンス", "グランド", "パーク", "第一", "第二")
_CALLED: Final = ("見本", "例示", "架空", "仮名", "サンプル", "ダミー", "モック", "試作", "雛形")


def addresses(
    households: int, of: Ints, encoding: str, random: np.random.Generator
) -> tuple[Texts, Texts]:
    """Postal code and address of every person; ``of`` gives a person's household."""
    towns = _towns()
    weight = np.array([5.0 if town["has_chome"] == "1" else 1.0 for town in towns])
    weight *= random.random(len(towns)) + 0.3
    town = random.choice(len(towns), households, p=weight / weight.sum())
    # A town without chōme takes the text of chōme 0, which is empty.
    most = np.where(
        [row["has_chome"] == "1" for row in towns], random.integers(2, 9, len(towns)), 0
    )
    chome = np.where(
        most[town] > 0, random.integers(0, 100, households) % np.maximum(most[town], 1), -1
    )
    chome_texts = table(["", *(f"{number}丁目" for number in range(1, 10))], encoding)
    names = table([CITY + row["town"] for row in towns], encoding)
    blocks = random.integers(1, 42, households), random.integers(1, 31, households)
    buildings = table(
        ["", *(f"\u3000{kind}{called}" for kind in _HOUSES for called in _CALLED)], encoding
    )
    flat = random.random(households) < 0.46
    building = np.where(flat, random.integers(1, len(buildings), households), 0)
    rooms = table(
        ["", *(f"{floor}{room:02}号" for floor in range(1, 15) for room in range(1, 13))], encoding
    )
    room = np.where(flat, random.integers(1, len(rooms), households), 0)
    whole = joined(
        take(names, town),
        take(chome_texts, chome + 1),
        whole_numbers(blocks[0]),
        table(["番"], encoding)[0],
        whole_numbers(blocks[1]),
        table(["号"], encoding)[0],
        take(buildings, building),
        take(rooms, room),
    )
    postal = table([row["postal_code"] for row in towns], encoding)
    return take(postal, town[of]), take(whole, of)


def _towns() -> list[dict[str, str]]:
    file = resources.files("azukari.rehearse") / "towns.csv"
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))
