"""The night's judgements can fail: each with one thing broken in the house, one promise breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azukari.errors import AzukariError
from azukari.rehearse import lateness
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
    late = lateness.late

    def gossip(night: chapters.Night) -> None:
        late(night)
        night.say(night.open_roll().register["name"][0].as_py())

    monkeypatch.setattr(lateness, "late", gossip)

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


def test_an_alarm_that_never_climbs_breaks_promise_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.incident.overdue import Plan

    monkeypatch.setattr(Plan, "after", lambda *_: None)

    assert "broken" == _broken(tmp_path)["promises"]["5"]["state"]


def test_a_witness_that_takes_an_old_head_for_news_breaks_promise_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from msgspec.structs import replace as real

    def credulous(known: Any, **changed: Any) -> Any:
        return real(known, **changed | {"grown_at": changed.get("cosigned_at", 0)})

    monkeypatch.setattr("azukari.witness.site.replace", credulous)

    broken = _broken(tmp_path)["promises"]["5"]
    assert "broken" == broken["state"]


def test_a_checker_that_lets_everything_be_said_breaks_promise_fifteen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.incident import release

    monkeypatch.setattr(release, "check", lambda *_: ())

    assert "broken" == _broken(tmp_path)["promises"]["15"]["state"]


def test_a_blank_that_is_left_out_and_a_verdict_break_promise_fifteen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.incident import announcement, report

    kept = {number: blanks for number, blanks in report.BLANKS.items() if number != 4}
    monkeypatch.setattr(report, "BLANKS", kept)
    real = announcement._what
    judged = lambda *each: (*real(*each), "報告は不要です。")  # noqa: E731  one line says it
    monkeypatch.setattr(announcement, "_what", judged)

    outcome = rehearse(tmp_path / "out", 150, 1)

    broken = [failure for failure in outcome.failures if failure.startswith("promise 15")]
    assert any("no verdict in the paper press" in each for each in broken)
    assert any("named blank in the final report" in each for each in broken)


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


def test_a_witness_that_signs_any_history_breaks_promise_eight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.ledger.witnessing import Request

    def credulous(request: Request, *_: Any) -> Any:
        return request.claimed()

    monkeypatch.setattr("azukari.witness.site.judge", credulous)

    result = _broken(tmp_path)

    opened = {a["name"] for a in result["attacks"] if a["outcome"] == "opened"}
    assert "a history without the loss shown to a second witness" in opened
    assert "broken" == result["promises"]["8"]["state"]


def test_a_policy_that_one_witness_satisfies_claims_no_row_of_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.seal.policy import issue_policy as real

    def careless(named: Any, root: Any) -> bytes:
        text = named.text.replace("group outside 2 ", "group outside 1 ")
        return real(type(named)(named.v, named.name, named.at, text), root)

    monkeypatch.setattr("azukari.rehearse.witnessing.issue_policy", careless)

    result = _broken(tmp_path)

    assert "one machine + a witness elsewhere" == result["setup"]
    assert "broken" == result["promises"]["8"]["state"]


def test_a_witness_that_is_not_asked_after_the_loss_breaks_promise_eight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.rehearse import witnessing

    real = witnessing.stick

    def late(night: chapters.Night, name: str, which: Any) -> None:
        if "2022-06-22" != f"{night.clock.when():%Y-%m-%d}":
            real(night, name, which)

    monkeypatch.setattr(witnessing, "stick", late)

    assert "broken" == _broken(tmp_path)["promises"]["8"]["state"]


def test_a_measure_closed_by_its_doer_breaks_promise_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.rehearse import mending

    monkeypatch.setattr(mending, "_alone_refused", lambda *_: False)

    assert "broken" == _broken(tmp_path)["promises"]["5"]["state"]


def test_a_measure_that_is_never_due_breaks_promise_five(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.vault import records

    real = records.set_due

    def careless(tx: Any, subject: str, what: str, *more: Any, **named: Any) -> None:
        if what != "measure":
            real(tx, subject, what, *more, **named)

    monkeypatch.setattr(records, "set_due", careless)

    assert "broken" == _broken(tmp_path)["promises"]["5"]["state"]
