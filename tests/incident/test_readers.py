"""Possible readers: one line for each key that left, and none that a key did not make."""

from __future__ import annotations

import pytest

from azukari.carrier.counterfoil import Counterfoil, FoilColumn, FoilPart, FoilTable, bitmap
from azukari.carrier.exposure import ERASED, OPEN, SEAL, Release, State, Word
from azukari.errors import Conflict
from azukari.incident.impact import Count
from azukari.incident.readers import Keeper, readers
from azukari.personal import Kind

KEEPERS = {"d1": Keeper("p1", "見本コール")}


@pytest.fixture
def foil() -> Counterfoil:
    columns = (FoilColumn("name", Kind.NAME, "all"), FoilColumn("answer", Kind.ANSWER, "open"))
    sets = {"all": bitmap(range(10)), "open": bitmap(range(7))}
    table = FoilTable("households", 10, columns, sets)
    parts = tuple(
        FoilPart(f"000{i}", "households", "0", (one.name,), ("operator",), 1, "a" * 64)
        for i, one in enumerate(columns)
    )
    return Counterfoil(
        1,
        "c",
        "C-1",
        "o",
        "r",
        0,
        "p",
        parts,
        (table,),
        "00",
        bitmap({8}),
        "b" * 64,
    )


def release(*parts: str, use: str = OPEN, device: str = "d1", **more: object) -> Release:
    fields = {"grant": "g", "window_to": 1_000, "travelled": False} | more
    return Release("c", parts, use, device=device, **fields)  # type: ignore[arg-type]  # names above


def test_a_carrier_whose_keys_never_left_has_no_reader(foil: Counterfoil) -> None:
    assert () == readers([foil], [release("0000", "0001", use=SEAL)], KEEPERS)


def test_a_reader_is_told_with_its_place_its_window_and_whom_it_could_read(
    foil: Counterfoil,
) -> None:
    (one,) = readers([foil], [release("0001")], KEEPERS)

    assert ("d1", Keeper("p1", "見本コール"), 1_000) == (one.device, one.keeper, one.until)
    assert (Count(7, 0), (Kind.ANSWER,)) == (one.persons, one.kinds)
    assert not one.ended
    assert State.NO_RECEIPT is one.state.state


def test_more_parts_are_more_persons_and_nobody_twice(foil: Counterfoil) -> None:
    (one,) = readers([foil], [release("0000", "0001")], KEEPERS)

    assert Count(10, 1) == one.persons


def test_a_destroyed_key_ends_a_reader_on_the_devices_word(foil: Counterfoil) -> None:
    gone = release("0000", receipt=ERASED, one_time_key_destroyed=True)
    (one,) = readers([foil], [gone], KEEPERS)

    assert one.ended
    assert (State.KEY_DESTROYED, Word.DEVICE) == (one.state.state, one.state.on_whose_word)


def test_every_release_is_a_line_even_to_one_device(foil: Counterfoil) -> None:
    found = readers([foil], [release("0000"), release("0000"), release("0001")], KEEPERS)

    assert 3 == len(found)


def test_a_device_that_nobody_enrolled_is_told_without_a_place(foil: Counterfoil) -> None:
    (one,) = readers([foil], [release("0000", device="d9")], KEEPERS)

    assert ("d9", None) == (one.device, one.keeper)


def test_a_use_that_nobody_knows_is_a_reader(foil: Counterfoil) -> None:
    assert 1 == len(readers([foil], [release("0000", use="audit")], KEEPERS))


def test_a_release_of_a_carrier_that_is_not_counted_is_refused(foil: Counterfoil) -> None:
    with pytest.raises(Conflict, match="not counted"):
        readers([foil], [Release("other", ("0000",), OPEN)], KEEPERS)
