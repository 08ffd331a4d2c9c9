"""The search sheet: what people typed, erasable and in no ledger; custody as both hands signed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import closing, loss, search, timeline
from azukari.errors import BadInput, Conflict, NotFound
from azukari.rehearse.clock import ms

IDENTIFIER = "例 IMEI 490154203237518"


@pytest.fixture
def lost(at_six: Any) -> Any:
    at_six.clock.set("2022-06-22 03:10")
    at_six.incident = at_six.lose().incident
    return at_six


def enter(city: Any, kind: str = "phone", what: str = "例: 黒い電話", **given: Any) -> str:
    return search.enter(city.office, city.incident, city.person("officer"), kind, what, **given)


def test_it_says_what_is_looked_for_and_who_had_it_when(lost: Any) -> None:
    found = search.sheet(lost.office, lost.incident)

    assert set(lost.carriers) == {one.carrier for one in found.carriers}
    for one in found.carriers:
        assert one.tag
        assert not one.found
        assert [lost.person("engineer"), lost.person("supervisor")] == [
            hold.holder for hold in one.custody
        ]
    assert (ms("2022-06-21 22:30"), ms("2022-06-22 03:00")) == (found.last_held_at, found.known_at)


def test_whom_to_ask_for_the_location_stands_beside_its_identifier(lost: Any) -> None:
    enter(lost, identifier=IDENTIFIER, ask="例: 受託者の夜間窓口")

    (phone,) = search.sheet(lost.office, lost.incident).of("phone")

    assert (IDENTIFIER, "例: 受託者の夜間窓口") == (phone.identifier, phone.ask)


def test_last_seen_is_the_latest_by_when_it_was_with_its_source(lost: Any) -> None:
    enter(lost, "seen", "例: 駅前の店", ask="例: 店主", seen_at=ms("2022-06-22 00:30"))
    enter(lost, "seen", "例: 会社", ask="例: 同僚", seen_at=ms("2022-06-21 19:00"))

    seen = search.sheet(lost.office, lost.incident).last_seen

    assert seen is not None
    assert ("例: 駅前の店", "例: 店主") == (seen.what, seen.ask)


def test_the_polices_number_is_on_it(lost: Any) -> None:
    timeline.police(lost.office, lost.incident, lost.person("officer"), "例: 架空東署", "第123号")

    assert ("例: 架空東署 第123号",) == search.sheet(lost.office, lost.incident).police


def test_what_was_found_is_no_longer_looked_for(lost: Any) -> None:
    officer = lost.person("officer"), lost.cast.signer("officer")
    loss.find(lost.office, lost.carriers[0], lost.media[0], *officer)

    found = {one.carrier: one.found for one in search.sheet(lost.office, lost.incident).carriers}

    assert {lost.carriers[0]: True, lost.carriers[1]: False} == found


def test_identifiers_stand_in_no_ledger_and_are_gone_once_erased(lost: Any) -> None:
    """Not in an entry, not in a detail: entering writes nothing into a ledger at all."""
    before = lost.types("office"), lost.types("keys")
    line = enter(lost, identifier=IDENTIFIER, ask="例: 夜間窓口")
    assert before == (lost.types("office"), lost.types("keys"))
    assert IDENTIFIER.encode() in _database(lost)

    assert 1 == search.erase(lost.office, lost.incident, line[:8])

    found = search.sheet(lost.office, lost.incident)
    assert () == found.of("phone")
    (kept,) = found.things
    assert ("phone", "", "", "") == (kept.kind, kept.what, kept.identifier, kept.ask)
    assert kept.erased_at is not None


def test_all_of_it_is_erased_at_once_and_of_a_closed_incident_too(lost: Any) -> None:
    enter(lost, identifier=IDENTIFIER)
    enter(lost, "seen", "例: 店", ask="例: 店主", seen_at=ms("2022-06-22 00:30"))
    on = dt.date(2023, 4, 1)
    for duty in closing.standing(lost.office, lost.incident, on).unanswered:
        closing.answer(lost.office, lost.incident, duty, "not-due", "例", lost.person("officer"))
    off = dict.fromkeys(lost.carriers, "例")
    closing.close(lost.office, lost.incident, lost.person("officer"), off, on)

    assert 2 == search.erase(lost.office, lost.incident)
    assert 0 == search.erase(lost.office, lost.incident)
    assert search.sheet(lost.office, lost.incident).last_seen is None
    with pytest.raises(Conflict):
        enter(lost)


@pytest.mark.parametrize(
    ("kind", "what", "given"),
    [
        ("car", "例", {}),
        ("phone", " ", {}),
        ("phone", "例", {"seen_at": 1}),
        ("seen", "例", {"ask": "例"}),
        ("seen", "例", {"seen_at": 1}),
        ("seen", "例", {"ask": "例", "seen_at": 1 << 50}),
        ("phone", "例", {"identifier": "1" * 2_001}),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    lost: Any, kind: str, what: str, given: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        enter(lost, kind, what, **given)

    assert () == search.sheet(lost.office, lost.incident).things


def test_a_line_nobody_entered_is_not_erased(lost: Any) -> None:
    enter(lost)

    with pytest.raises(NotFound):
        search.erase(lost.office, lost.incident, "8")

    assert 1 == len(search.sheet(lost.office, lost.incident).of("phone"))


def _database(city: Any) -> bytes:
    folder: Path = city.office_home
    return b"".join(path.read_bytes() for path in sorted(folder.glob("office.db*")))
