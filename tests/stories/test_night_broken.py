"""The night's judgements can fail: each with one thing broken in the house, one promise breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azukari.errors import AzukariError
from azukari.rehearse import evening
from azukari.rehearse import night as chapters
from azukari.rehearse.run import rehearse

pytestmark = pytest.mark.real


def _broken(tmp_path: Path) -> dict[str, Any]:
    outcome = rehearse(tmp_path / "out", 150, 1)
    assert outcome.failed
    return outcome.result


def test_a_reader_that_checks_no_file_fails_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("azukari.shelf.folder.Folder.check", lambda *_: None)

    result = _broken(tmp_path)

    opened = {a["name"] for a in result["attacks"] if a["outcome"] == "opened"}
    assert "finder's page replaced" in opened


def test_a_value_in_the_log_breaks_promise_nine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = evening.late

    def gossip(night: chapters.Night) -> None:
        late(night)
        night.say(night.open_roll().register["name"][0].as_py())

    monkeypatch.setattr(evening, "late", gossip)

    assert "broken" == _broken(tmp_path)["promises"]["9"]["state"]


def test_a_journal_that_is_not_written_breaks_promise_twelve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.shelf.journal import Journal

    real = Journal.append

    def forgetful(self: Journal, records: Any, at: int) -> None:
        real(self, [("noted" if r[0] == "enquiry" else r[0], *r[1:]) for r in records], at)

    monkeypatch.setattr(Journal, "append", forgetful)

    assert "broken" == _broken(tmp_path)["promises"]["12"]["state"]


def test_a_count_from_memory_breaks_promise_seven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.roll import select

    real = select.sets

    def careless(extract: Any) -> dict[str, int]:
        return {name: persons & ~1 for name, persons in real(extract).items()}

    monkeypatch.setattr(select, "sets", careless)

    assert "broken" == _broken(tmp_path)["promises"]["7"]["state"]


def test_a_company_that_is_not_turned_away_breaks_promise_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.rehearse import who_may

    monkeypatch.setattr(who_may, "ask_for_grant", lambda *_, **__: b"a grant")

    broken = _broken(tmp_path)["promises"]["3"]
    assert "broken" == broken["state"]


def test_a_review_that_believes_the_entries_breaks_promise_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.entrust import review

    real = review._finding

    def credulous(line: Any, entry: Any, words: Any) -> review.Finding:
        found = real(line, entry, words)
        return review.Finding(found.line, found.party, found.own, ())

    monkeypatch.setattr(review, "_finding", credulous)

    assert "broken" == _broken(tmp_path)["promises"]["3"]["state"]


def test_more_sealed_than_approved_breaks_promise_four(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.keys import judge

    monkeypatch.setattr(judge, "binding", lambda *_: ())

    assert "broken" == _broken(tmp_path)["promises"]["4"]["state"]


def test_a_key_service_that_forgets_revocations_fails_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.keys.keeper import Keeper

    monkeypatch.setattr(Keeper, "revoke", lambda *_: None)

    # The night may end with a broken promise or not at all; it must not end well.
    try:
        outcome = rehearse(tmp_path / "out", 150, 1)
    except (AzukariError, StopIteration):
        return
    assert outcome.failed
