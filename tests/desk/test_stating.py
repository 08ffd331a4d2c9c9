"""What people know of a loss: said by a person, matched anew, each party by its own clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from azukari.desk import dossier, papers, respond, stated, stating
from azukari.errors import BadInput, Conflict, LedgerBroken, NotFound, Unreachable
from azukari.incident.duty import Tri
from azukari.ledger.checkpoint import parse_vkey
from azukari.ledger.entry import decode
from azukari.ledger.proof import verify_proof
from azukari.rehearse.clock import ms
from azukari.vault import schema

LAW_ON = dt.date(2023, 4, 1)
KNEW = ms("2022-06-22 03:00")


@pytest.fixture
def lost(at_six: Any) -> Any:
    """Both carriers lost, known at three, declared a little later."""
    at_six.clock.set("2022-06-22 03:10")
    at_six.incident = at_six.lose().incident
    return at_six


def responded(city: Any) -> respond.Response:
    return respond.respond(city.office, city.incident, party="架空市", law_on=LAW_ON)


def say(city: Any, *words: tuple[str, str, str]) -> None:
    by = city.person("officer")
    stating.state(city.office, city.incident, words, by, city.office.now())


def states(city: Any, prefix: str) -> set[Tri]:
    return {one.state for one in responded(city).city if one.id.startswith(prefix)}


# -- what no record can tell


def test_a_question_stays_open_until_somebody_answers_and_can_be_taken_back(lost: Any) -> None:
    assert {Tri.NOT_KNOWN} == states(lost, "my-number.")

    say(lost, ("my_number", "", "no"))
    assert {Tri.NOT_MET} == states(lost, "my-number.")

    say(lost, ("my_number", "", "unknown"))
    assert {Tri.NOT_KNOWN} == states(lost, "my-number.")


def test_an_answer_closes_its_blank_in_the_report(lost: Any) -> None:
    assert "special_care" in {one.name for one in responded(lost).report.blanks}

    say(lost, ("special_care", "", "no"), ("ordinance_special_care", "", "no"))

    assert "special_care" not in {one.name for one in responded(lost).report.blanks}


def test_an_improper_purpose_makes_thirty_days_sixty(lost: Any) -> None:
    say(lost, ("improper_purpose", "", "yes"))

    final = next(one for one in responded(lost).city if one.id == "appi-organ.report.final")
    assert dt.date(2022, 8, 22) == final.due_on


def test_the_gdpr_is_matched_only_where_somebody_says_that_it_applies(lost: Any) -> None:
    assert set() == states(lost, "gdpr.")

    say(lost, ("gdpr", "", "yes"), ("risk", "", "yes"), ("high_risk", "", "no"))

    assert {Tri.MET, Tri.NOT_MET} == states(lost, "gdpr.")


def test_an_answer_is_an_entry_and_keeps_what_was_matched_from_then_on(lost: Any) -> None:
    say(lost, ("property_damage", "", "yes"))

    with lost.office.act() as tx:
        size = lost.office.book.head(tx).size
        entry = decode(lost.office.book.entries(tx, size - 1, size)[0])
        detail = lost.office.book.detail(tx, size - 1)
        (row,) = tx.execute(select(schema.stated)).all()
    assert ("incident.stated", lost.person("officer")) == (entry.type, entry.by)
    assert {"answer": "yes", "question": "property_damage"} == detail
    matched = msgspec.json.decode(row.matched)
    assert all(d["facts"]["property_damage"] for link in matched for d in link["duties"])
    assert {len(d["pack_sha256"]) for link in matched for d in link["duties"]} == {64}


@pytest.mark.parametrize(
    "word",
    [
        ("verdict", "", "yes"),
        ("special_care", "", "perhaps"),
        ("special_care", "p", "yes"),
        ("my_number_persons", "", "-1"),
        ("my_number_persons", "", "９"),
        ("knew", "", "1"),
        ("knew", "p", "99999999999999"),
        ("told", "p", "yes"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_is_written(
    lost: Any, word: tuple[str, str, str]
) -> None:
    with pytest.raises(BadInput):
        say(lost, word)

    assert () == stated.words_of(lost.office, lost.incident).every


def test_of_a_party_that_has_nothing_to_do_with_it_nothing_is_written(lost: Any) -> None:
    with pytest.raises(NotFound):
        say(lost, ("knew", lost.person("clerk"), str(KNEW)))

    assert () == stated.words_of(lost.office, lost.incident).every


def test_a_closed_incident_takes_no_more_words(lost: Any) -> None:
    with lost.office.act() as tx:
        tx.execute(schema.incident.update().values(state="closed"))

    with pytest.raises(Conflict):
        say(lost, ("my_number", "", "no"))


# -- each link's own clock


def test_a_paper_says_of_each_party_when_it_knew_as_somebody_stated(lost: Any) -> None:
    """Not the time of recording under a day that is counted from another time."""
    holder = next(one for one in responded(lost).links if one.had_it)
    earlier = KNEW - 3_600_000
    say(lost, ("knew", lost.office.city, str(KNEW)), ("knew", holder.party, str(earlier)))
    found = responded(lost)
    told = papers.telling_of(lost.office, found)

    assert respond.instant(KNEW) == found.case.known_at == told.case.known_at
    assert respond.instant(earlier) == told.processor_case.known_at
    assert dict(found.report.items[0].statements[1].values)["at"] == respond.instant(KNEW)


def test_the_city_knew_when_it_was_recorded_and_the_holder_when_it_noticed(lost: Any) -> None:
    city, *others = responded(lost).links
    holder = next(one for one in others if one.had_it)

    assert ("organ", lost.city) == (city.role, city.party)
    assert KNEW == holder.known_at
    assert city.known_at is not None
    assert KNEW < city.known_at
    assert {"processor"} == {one.role for one in others}


def test_a_party_of_which_nobody_said_when_it_knew_has_no_clock(lost: Any) -> None:
    between = next(one for one in responded(lost).links[1:] if not one.had_it)

    assert between.known_at is None
    assert () == between.duties
    with pytest.raises(NotFound, match="clock is not known"):
        papers.telling_of(lost.office, responded(lost), party=between.party)


def test_each_party_is_matched_by_its_own_knowledge(lost: Any) -> None:
    lost.clock.set("2022-06-25 09:00")
    between = next(one for one in responded(lost).links[1:] if not one.had_it)
    holder = next(one for one in responded(lost).links[1:] if one.had_it)
    later = ms("2022-06-24 10:00")

    say(lost, ("knew", between.party, str(later)), ("told", holder.party, str(later)))

    after = {one.party: one for one in responded(lost).links}
    assert dt.date(2022, 6, 26) == after[between.party].duties[0].due_on
    assert dt.date(2022, 6, 24) == after[holder.party].duties[0].due_on
    released = {one.release for one in after[holder.party].duties if one.release is not None}
    assert {Tri.MET} == released
    notice = papers.telling_of(lost.office, responded(lost), party=between.party)
    assert later == int(notice.processor_case.known_at.timestamp() * 1000)
    assert notice.processor == between.name


# -- whom it affects, and who can have read it


def test_households_and_readers_are_counted_with_the_key_service_locked(lost: Any) -> None:
    register = len(lost.roll)
    lost.restart(locked=True)
    found = responded(lost)

    assert register
    assert found.rolls[0].impact.households is not None
    assert 0 < found.rolls[0].impact.households < found.rolls[0].impact.total.persons
    assert {"households"} == {one.table for one in found.rolls[0].impact.by_table}
    for one in found.readers:
        assert one.keeper is not None
        assert one.persons.persons <= found.rolls[0].impact.total.persons


# -- the evidence


def test_every_proof_stands_without_us(lost: Any) -> None:
    found = dossier.dossier(lost.office, responded(lost))
    with lost.office.act():
        own = parse_vkey(lost.office.book.verifier())
    theirs = parse_vkey(lost.keeper.verifier)

    kinds = {one.type for one in found.proved}
    assert {"carrier.revoked", "key.created", "carrier.sealed", "carrier.lost"} <= kinds
    for one in found.proved:
        by = own if one.log == lost.office.book.origin else theirs
        index, checkpoint = verify_proof(one.proof.encode(), one.entry.encode(), by)
        assert (one.index, one.size) == (index, checkpoint.size)
    assert all(one.index is not None for one in found.revoked)


def test_without_the_key_service_there_is_evidence_without_its_proofs(
    lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = responded(lost)

    def away() -> bytes:
        raise Unreachable("it does not answer")

    monkeypatch.setattr(lost.keeper, "checkpoint", away)
    gathered = dossier.dossier(lost.office, found)

    assert not gathered.keys_proved
    assert {lost.office.book.origin} == {one.log for one in gathered.proved}


def test_attack_another_history_under_a_signed_head_is_found(
    lost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = lost.keeper.checkpoint()
    lines = note.split(b"\n")
    lines[2] = b"A" * 43 + b"="
    monkeypatch.setattr(lost.keeper, "checkpoint", lambda: b"\n".join(lines))

    with pytest.raises(LedgerBroken, match="copy"):
        dossier.dossier(lost.office, responded(lost))
