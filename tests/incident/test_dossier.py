"""The evidence is gathered, never added up: no sentence of it is a verdict."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from azukari.carrier.exposure import PartState, State, Word
from azukari.incident.dossier import (
    SECTIONS,
    Dossier,
    Proved,
    Revoked,
    lines,
    render_json,
    sections,
    techniques,
)
from azukari.incident.exemption import Revocation, evidence
from azukari.incident.impact import Count
from azukari.incident.readers import Keeper, Reader
from azukari.incident.selftest import Check
from azukari.incident.sentences import Language, table
from azukari.incident.tested import HandedIn, Record
from azukari.personal import Kind

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
AT = dt.datetime(2022, 6, 22, 15, 46, tzinfo=dt.UTC)
OUT = PartState(State.NO_RECEIPT, Word.NOBODY, "state.released_no_receipt.nobody")
NEVER = PartState(State.NEVER_RELEASED, Word.LEDGER, "state.never_released.ledger")
READER = Reader(
    "c",
    "C-1",
    "g1",
    "d1",
    Keeper("p1", "見本コール"),
    ("0001",),
    (Kind.NAME,),
    Count(7, 1),
    0,
    1_655_900_000_000,
    ended=False,
    state=OUT,
)
#: What only the authority, the party or a court may say.
VERDICTS = re.compile(
    r"exempt|not required|no report is|need not|compl(?:y|iant|ies)|lawful|illegal|violat|guilty"
    r"|safe\b|secure\b|no leak|not leaked|免除|不要|適法|違法|違反|安全"
    r"|漏えいはな|漏えいしていない|義務はない"
)


@pytest.fixture
def dossier() -> Dossier:
    states = {("c", "0001"): OUT, ("b", "0001"): NEVER}
    return Dossier(
        incident="I-1",
        drafted_at=AT,
        labels={"c": "C-1", "b": "C-2"},
        states=states,
        then=dict.fromkeys(states, NEVER),
        readers=(READER,),
        revoked=(Revoked("C-1", AT, 7, 9, 8), Revoked("C-2", None, None, 9)),
        proved=(Proved("架空.例/keys", 7, 9, "carrier.revoked", "{}", "c2sp.org/tlog-proof@v1\n"),),
        keys_proved=True,
        software={"azukari": "0.1.0"},
        source_sha256="ab" * 32,
        self_test=(Check("seal", passed=True), Check("ledger", passed=True)),
        tests=None,
        points=evidence(states, {"c": Revocation(AT)}, dict.fromkeys(states, NEVER)),
    )


def said(dossier: Dossier, language: Language = "en") -> str:
    return "\n".join(lines(dossier, language))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("out", [True, False])
def test_no_sentence_of_the_evidence_is_a_verdict(
    dossier: Dossier, language: Language, out: bool
) -> None:
    if not out:
        safe = dict.fromkeys(dossier.states, NEVER)
        dossier = replace(dossier, states=safe, readers=(), points=evidence(safe, {}))

    assert not VERDICTS.search(said(dossier, language))
    assert not VERDICTS.search(render_json(dossier, {}).decode())


def test_the_words_of_a_verdict_would_be_found() -> None:
    for sentence in ("the loss is exempt", "報告は不要である", "there was no leak", "違法ではない"):
        assert VERDICTS.search(sentence)


def test_no_sentence_that_the_evidence_can_choose_is_a_verdict() -> None:
    for code, sentence in table().items():
        if code.startswith(("dossier.", "standing.", "evidence.")):
            assert not VERDICTS.search(sentence.en + sentence.ja), code


def test_every_technique_that_is_relied_on_is_told_with_its_list() -> None:
    assumed = SECURITY.read_text(encoding="utf-8").split("\n1. ", 1)[1].split(" are as strong")[0]
    names = " ".join(one.name for one in techniques().technique)
    wanted = {"AES-256-GCM", "SHA-256", "HMAC", "HKDF", "scrypt", "Ed25519", "P-256", "HPKE"}

    assert all(name in assumed and name in names for name in wanted)
    assert "LS-0001-2022" in techniques().list


def test_what_is_not_on_the_list_by_name_is_never_sure() -> None:
    for one in techniques().technique:
        assert ("by_name" == one.standing) == ("S" == one.certainty), one.name


def test_what_is_told_in_japanese_is_japanese(dossier: Dossier) -> None:
    """Names, addresses and codes may be Latin; three English words in a row are a sentence."""
    english = re.compile(r"[A-Za-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}")

    assert english.search(said(dossier, "en"))
    assert not english.search(said(dossier, "ja"))
    for one in techniques().technique:
        assert bool(one.certainty_note_ja) == bool(one.certainty_note_en), one.name


def test_where_nothing_on_record_speaks_one_way_the_section_says_so(dossier: Dossier) -> None:
    silent = replace(dossier, points=())

    assert [["dossier.points.none"]] * 3 == [
        [one.code for one in statements]
        for name, statements in sections(silent, "ja")
        if name in ("evidence.for", "evidence.against", "dossier.questions")
    ]


def test_every_part_is_told_with_where_its_key_was(dossier: Dossier) -> None:
    text = said(dossier)

    assert "C-1, part 0001: Released, and no receipt came back" in text
    assert "given to device d1 (見本コール), window until" in text
    assert "C-2, part 0001: No key was ever released" in text


def test_a_grant_is_out_until_its_key_is_destroyed(dossier: Dossier) -> None:
    gone = replace(dossier, readers=(replace(READER, ended=True),))

    assert "grant g1: C-1, device d1" in said(dossier)
    assert "grant g1" not in said(gone)
    assert "its one-time key destroyed on the device's word" in said(gone)


def test_the_revocation_is_told_by_its_place_in_the_keys_ledger(dossier: Dossier) -> None:
    text = said(dossier)

    assert "entry 7 of the keys' ledger, of 9" in text
    assert "C-1: its keys were destroyed, entry 8" in text
    assert "C-2: NOT YET REVOKED" in text


def test_proofs_that_cannot_be_made_now_are_told(dossier: Dossier) -> None:
    assert "does not answer" in said(replace(dossier, keys_proved=False))
    assert "does not answer" not in said(dossier)


def test_tests_that_did_not_run_here_are_not_claimed(dossier: Dossier) -> None:
    assert "not run here" in said(dossier)


def test_every_question_is_a_persons_and_stands_in_the_last_section(dossier: Dossier) -> None:
    found = dict(sections(dossier, "ja"))

    assert list(SECTIONS) == list(found)
    asked = {one.code for one in found["dossier.questions"]}
    assert {"evidence.a.implemented", "evidence.b1.bag", "evidence.b2.already_out"} <= asked
    assert {"evidence.b1.released_no_receipt", "evidence.b2.not_revoked"} == {
        one.code for one in found["evidence.against"]
    }
    assert not asked & {one.code for one in found["evidence.for"]}


def test_machines_get_both_languages_and_the_proofs(dossier: Dossier) -> None:
    found = json.loads(render_json(dossier, {"setup": "one machine, no witness"}))

    assert {"setup": "one machine, no witness"} == found["setup"]
    assert "c2sp.org/tlog-proof@v1\n" == found["proofs"][0]["proof"]
    for section in found["sections"]:
        assert section["ja"]
        assert section["en"]
        assert all(one["ja"] and one["en"] for one in section["statements"])


# -- this very program


def test_a_known_answer_that_is_not_given_stands_there_in_capitals(dossier: Dossier) -> None:
    broken = replace(dossier, self_test=(Check("seal", passed=False), Check("ledger", passed=True)))

    assert "known answer seal: given in this very run" in said(dossier)
    assert "known answer seal: NOT GIVEN in this very run" in said(broken)
    assert "known answer ledger: given in this very run" in said(broken)


def test_without_a_record_of_the_tests_it_says_so(dossier: Dossier) -> None:
    assert "no record of the whole tests was handed in" in said(dossier)


def test_a_record_of_the_tests_is_told_with_what_failed_and_that_nobody_signed_it(
    dossier: Dossier,
) -> None:
    record = Record(
        v=1,
        version="0.1.0",
        source_sha256="ab" * 32,
        python="3.11.7",
        ended_at=1_655_900_000_000,
        passed=3_000,
        failed=2,
        skipped=4,
        left_out=5,
    )

    text = said(replace(dossier, tests=HandedIn(record, "cd" * 32)))

    assert "3,000 passed, 2 failed, 4 skipped, 5 left out" in text
    assert "is not signed" in text
    assert "cd" * 32 in text
