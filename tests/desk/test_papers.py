"""The papers of an incident from a real office: every one, in both languages."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest
from pypdf import PdfReader

from azukari.carrier import life
from azukari.carrier.exposure import State
from azukari.desk import closing, loss, measures, papers, search, timeline
from azukari.desk.respond import instant, respond
from azukari.errors import BadInput, NotFound
from azukari.incident.case import LostCarrier, Said
from azukari.incident.duty import Facts, match
from azukari.incident.form import lines
from azukari.incident.impact import Count
from azukari.incident.pack import ASKED_FOR, PACKS, packs
from azukari.incident.report import BLANKS
from azukari.incident.sentences import Language
from azukari.incident.telling import MORE_BLANKS, Hand, Telling, split
from azukari.press import printing
from azukari.vault import records

if TYPE_CHECKING:
    City = Any

pytestmark = pytest.mark.real

ATTACK = '#read("/etc/passwd") ] \\ $x$ `raw` = @a'
LAW_ON = dt.date(2023, 4, 1)
LANGUAGES: tuple[Language, ...] = get_args(Language)


@pytest.fixture
def told(at_six: City) -> Telling:
    """Both carriers were received, one was opened, then both are gone."""
    at_six.ask()
    at_six.clock.set("2022-06-22 15:45")
    lost = at_six.lose()
    found = respond(at_six.office, lost.incident, party="架空市")
    return papers.telling_of(at_six.office, found)


@pytest.mark.parametrize("kind", papers.KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_can_be_told_and_written_as_data(
    told: Telling, kind: str, language: Language
) -> None:
    made = papers.form_of(told, kind, language)

    assert made.title in "\n".join(lines(made))
    assert json.loads(papers.data_of(told, kind, language))


def test_the_line_from_hand_to_hand_ends_where_nobody_knows(told: Telling) -> None:
    thing = told.things[0]

    assert ["例示受託", "見本コール"] == [hand.who.split(" ")[0] for hand in thing.hands]
    assert "所在不明" in "\n".join(lines(papers.form_of(told, "brief", "ja")))


def test_a_processors_notice_goes_up_the_chain_by_its_own_clock(told: Telling) -> None:
    """Who had it last is the call centre; above it in the chain stands the contractor."""
    made = papers.report_of(told, "notice")

    assert (told.processor, told.entrustor) == ("見本コール", "例示受託")
    assert "見本コール" == made.party
    assert instant_of("2022-06-22 03:00") == told.processor_case.known_at
    assert {"processor"} == {duty.who for duty in made.duties}


def instant_of(text: str) -> Any:
    from azukari.rehearse.clock import ms

    return instant(ms(text))


def test_where_the_city_itself_had_it_there_is_no_notice(
    city: City, another: Callable[[], City]
) -> None:
    lost = city.lose()
    found = respond(city.office, lost.incident, party="架空市")
    told = papers.telling_of(city.office, found)

    assert "" == told.processor
    with pytest.raises(NotFound, match="no processor"):
        papers.form_of(told, "notice", "ja")


def test_a_paper_tells_no_resident(told: Telling, at_six: City) -> None:
    roll = at_six.open_roll()
    names = set(roll.register["name"].to_pylist()) | set(roll.register["address"].to_pylist())

    for kind in papers.KINDS:
        text = "\n".join(lines(papers.form_of(told, kind, "ja")))
        assert not [name for name in names if name and name in text]


def test_what_people_filled_in_stands_there_and_its_blank_is_gone(
    at_six: City,
) -> None:
    lost = at_six.lose()
    found = respond(at_six.office, lost.incident, party="架空市")
    at = instant(at_six.clock.now())
    said = [Said("cause", "調査中である。", "情報政策課", at), Said("place", "河川敷", "担当", at)]
    told = papers.telling_of(at_six.office, found, said)

    report, police = papers.form_of(told, "prompt", "ja"), papers.form_of(told, "police", "ja")

    assert "cause" not in report.blanks
    assert "調査中である。（情報政策課の言葉として" in "\n".join(lines(report))
    assert "place" not in police.blanks
    assert "河川敷" in "\n".join(lines(police))


def test_what_was_entered_already_is_not_asked_again(at_six: City) -> None:
    """The police's number and the search sheet answer their blanks; what was erased does not."""
    lost = at_six.lose()
    by = at_six.person("officer")
    timeline.police(at_six.office, lost.incident, by, "例: 架空東署", "第123号")
    search.enter(at_six.office, lost.incident, by, "phone", "黒", identifier="000", ask="夜間窓口")
    search.enter(at_six.office, lost.incident, by, "way_home", "駅から橋まで")
    search.enter(at_six.office, lost.incident, by, "bag", "紺のリュック")
    search.erase(at_six.office, lost.incident)
    search.enter(at_six.office, lost.incident, by, "way_home", "駅から橋まで")
    found = respond(at_six.office, lost.incident, party="架空市")

    told = papers.telling_of(at_six.office, found)
    made = papers.form_of(told, "police", "ja")
    text = "\n".join(lines(made))

    assert ("circumstances", "bag", "locators") == made.blanks
    assert "例: 架空東署 第123号" in text
    assert "駅から橋まで（記入：架空市" in text
    assert "警察に届け出ました。" in "\n".join(lines(papers.form_of(told, "press", "ja")))


def test_what_is_said_now_stands_before_what_was_entered(at_six: City) -> None:
    lost = at_six.lose()
    timeline.police(at_six.office, lost.incident, at_six.person("officer"), "東署", "123")
    found = respond(at_six.office, lost.incident, party="架空市")
    said = Said("police_number", "西署 456", "担当", instant(at_six.clock.now()))

    text = "\n".join(
        lines(papers.form_of(papers.telling_of(at_six.office, found, [said]), "final", "ja"))
    )

    assert "西署 456" in text
    assert "東署 123" not in text


def test_a_blank_that_no_paper_has_is_not_filled(at_six: City) -> None:
    lost = at_six.lose()
    found = respond(at_six.office, lost.incident, party="架空市")

    with pytest.raises(NotFound, match="blank of that name"):
        papers.telling_of(at_six.office, found, [Said("verdict", "x", "y", instant(0))])


def test_what_was_found_is_said_to_be_found(told: Telling) -> None:
    at = told.as_of
    lost = tuple(replace(one, found_at=at, medium_found=True) for one in told.case.lost)
    found = replace(told, case=replace(told.case, lost=lost))

    assert found.found
    assert "所在不明" not in "\n".join(lines(papers.form_of(found, "brief", "ja")))
    release = papers.form_of(found, "press", "ja")
    assert "見つかったこと" in release.title
    assert "見つかりました" in "\n".join(lines(release))


def test_not_yet_revoked_is_said_on_the_mayors_page(told: Telling) -> None:
    lost = (replace(told.case.lost[0], revoked_at=None), *told.case.lost[1:])
    open_still = replace(told, case=replace(told.case, lost=lost))

    text = "\n".join(lines(papers.form_of(open_still, "brief", "en")))

    assert "NOT YET REVOKED" in text


def printed(told: Telling, kind: str, language: Language) -> PdfReader:
    made = papers.form_of(told, kind, language)
    value = msgspec.to_builtins(made)
    return PdfReader(io.BytesIO(printing.pdf(made.template, value, language, made.at)))


@pytest.mark.parametrize("kind", papers.KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_is_printed_for_archives_and_for_everybody(
    told: Telling, kind: str, language: Language
) -> None:
    """The standards themselves refuse a letter that would be missing."""
    made = printed(told, kind, language)

    assert len(made.pages) == 1 or kind != "brief"
    assert made.metadata is not None
    assert papers.form_of(told, kind, language).title == made.metadata.title


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mayors_page_is_one_page_however_much_was_lost(
    told: Telling, language: Language
) -> None:
    """Five carriers through many hands, every state of keys, every law."""
    one, at = told.things[0], told.as_of
    hands = tuple(Hand(f"例示受託 第二事業部 ({i})", at, late=True) for i in range(7))
    labels = [f"C-000{i}-AA" for i in range(5)]
    lost = tuple(LostCarrier(label, label, at, at, at, at) for label in labels)
    facts = Facts("organ", told.case.known_at, 465_177, gdpr=True, risk=True, high_risk=True)
    case = replace(
        told.case,
        lost=lost,
        duties=match(facts, packs((*PACKS, *ASKED_FOR)), told.case.law_on),
        rolls=(
            replace(
                told.case.rolls[0],
                persons_by_state={state: Count(465_177, 1_406) for state in State},
            ),
        ),
    )
    things = tuple(replace(one, carrier=label, label=label, hands=hands) for label in labels)

    much = replace(told, case=case, things=things, as_of=at + dt.timedelta(days=5))

    assert 1 == len(printed(much, "brief", language).pages)


def test_typst_injection_by_whoever_fills_a_blank_is_printed_letter_by_letter(
    told: Telling,
) -> None:
    blanks = [name for each in BLANKS.values() for name, _ in each] + list(MORE_BLANKS)
    of_report, others = split([Said(name, ATTACK, ATTACK, told.as_of) for name in blanks])
    case = replace(told.case, said=of_report, party=ATTACK)
    attacked = replace(told, case=case, processor_case=case, said=others)

    for kind in papers.KINDS:
        pages = printed(attacked, kind, "ja").pages
        text = "".join("".join(page.extract_text().split()) for page in pages)
        assert "".join(ATTACK.split()) in text.replace("\u200b", ""), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_attack_words_put_into_somebodys_mouth_stand_as_entered_unsigned(
    told: Telling, language: Language
) -> None:
    """Anybody at the office can type anybody's name into a file of fillings."""
    claimed = Said("cause", "例: 鞄", "架空 市長", told.as_of)
    signed = replace(claimed, signed=True)
    unsigned_in = {"ja": "署名なし", "en": "unsigned"}[language]

    for said, expected in ((claimed, True), (signed, False)):
        filled = replace(told, case=replace(told.case, said=(said,)))
        text = "\n".join(lines(papers.form_of(filled, "final", language)))
        assert "架空 市長" in text
        assert expected is (unsigned_in in text)


@pytest.mark.parametrize("kind", papers.PUBLIC)
@pytest.mark.parametrize("language", LANGUAGES)
def test_residents_are_never_sent_to_the_line_that_a_finder_calls(
    told: Telling, kind: str, language: Language
) -> None:
    told = replace(told, call="00-0000-0000")
    nobody = papers.form_of(told, kind, language)
    decided = papers.form_of(replace(told, enquiries="11-1111-1111"), kind, language)

    assert "enquiries" in nobody.blanks
    assert "enquiries" not in decided.blanks
    assert "11-1111-1111" in "\n".join(lines(decided))
    assert not any("00-0000-0000" in "\n".join(lines(one)) for one in (nobody, decided))


def test_the_final_report_tells_the_measures_and_when_the_prompt_one_was_filed(
    at_six: City,
) -> None:
    lost = at_six.lose()
    measures.gather(at_six.office)
    duty, by = "appi-organ.report.prompt", at_six.person("officer")
    before = respond(at_six.office, lost.incident, party="架空市", law_on=LAW_ON)
    closing.answer(at_six.office, lost.incident, duty, "done", "例: 電子で提出", by)
    after = respond(at_six.office, lost.incident, party="架空市", law_on=LAW_ON)

    said = [
        "\n".join(lines(papers.form_of(papers.telling_of(at_six.office, found), "final", "ja")))
        for found in (before, after)
    ]

    assert ["lost"] == [one.control for one in after.case.measures]
    assert all("実施前（担当：" in text for text in said)
    assert ["速報を提出したとの記録はない" in text for text in said] == [True, False]
    assert "速報を提出したと記録された時刻" in said[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_attack_a_copy_of_the_folder_handed_in_as_the_find(
    at_six: City, language: Language
) -> None:
    """Whoever copied it brings the copy back and keeps the stick: nobody is told it was found."""
    lost, (by, signer) = at_six.lose(), at_six.cast.hand("officer")
    said = {}
    for how, read in (("copy", ""), ("medium", "tag")):
        for place, carrier in enumerate(at_six.carriers):
            with at_six.office.act() as tx:
                tag = str(records.carrier(tx, carrier).tag)
                records.change_carrier(tx, carrier, state=life.State.LOST)
            with pytest.raises(BadInput):
                loss.find(at_six.office, carrier, at_six.media[place], by, signer, "M-9999")
            loss.find(at_six.office, carrier, at_six.media[place], by, signer, tag if read else "")
        found = respond(at_six.office, lost.incident, party="架空市", law_on=LAW_ON)
        told = papers.telling_of(at_six.office, found)
        every = (papers.form_of(told, kind, language) for kind in papers.KINDS)
        said[how] = {made.kind: "\n".join(lines(made)) for made in every}

    copy, searching = {
        "ja": ("写し", "媒体を探しています"),
        "en": ("copy", "We are searching for the media"),
    }[language]
    assert copy in said["copy"]["press"]
    assert searching in said["copy"]["press"]
    assert copy in said["copy"]["prompt"]
    assert copy not in said["medium"]["press"] + said["medium"]["prompt"]
    assert searching not in said["medium"]["press"]


@pytest.mark.parametrize(("language", "kind"), [("ja", "USBメモリ"), ("en", "USB stick")])
def test_the_police_are_told_what_kind_of_thing_it_is_and_its_serial(
    told: Telling, language: Language, kind: str
) -> None:
    things = tuple(replace(one, medium="stick", serial="4C530001") for one in told.things)

    text = "\n".join(lines(papers.form_of(replace(told, things=things), "police", language)))

    assert kind in text
    assert "4C530001" in text
