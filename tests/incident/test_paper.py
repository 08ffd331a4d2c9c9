"""JSON and the page: every sentence exists in both languages, and nothing a person wrote runs."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from string import Formatter
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.carrier.exposure import State, Word
from azukari.incident import nine_items
from azukari.incident.case import Case, Said
from azukari.incident.duty import Facts, Tri, match
from azukari.incident.exemption import Speaks
from azukari.incident.form import lines
from azukari.incident.pack import ASKED_FOR, PACKS, Act, Role, Scope, Stage, TriggerCode, packs
from azukari.incident.paper import render_html, render_json
from azukari.incident.report import BLANKS, draft
from azukari.incident.sentences import say, table, visible, write
from azukari.personal import Kind

NOW = dt.datetime(2022, 6, 22, 7, 0, tzinfo=dt.UTC)


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def page(case: Case, text: str = "調査中") -> str:
    return render_html(draft(replace(case, said=(Said("cause", text, "x", NOW),)), "prompt", NOW))


def plain(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_json(draft(case, "prompt", NOW)))
    return found


def test_the_page_names_the_rules_of_april_2023(case: Case) -> None:
    assert "under the rules in force since 1 April 2023" in page(case)
    assert "2023年4月1日（土）から施行されている規定" in page(case)


def test_the_json_says_the_same(case: Case) -> None:
    found = plain(case)

    assert found["law"]["en"] == "under the rules in force since 1 April 2023"
    assert found["draft"] is True
    assert [item["number"] for item in found["items"]] == list(range(1, 10))
    assert found["items"][3]["blanks"][0]["name"] == "cause"
    assert found["items"][2]["statements"][0]["values"] == {"persons": 250, "suppressed": 3}


def test_the_json_holds_bounds_and_snapshots_of_the_duties(case: Case) -> None:
    prompt = plain(case)["duties"][0]

    assert (prompt["due"]["first_on"], prompt["due"]["last_on"]) == ("2022-06-24", "2022-06-26")
    assert prompt["due"]["first_at"] == "2022-06-25T00:00:00+09:00"
    assert prompt["snapshot"]["obligation"]["id"] == "appi-organ.report.prompt"


def test_one_number_of_persons_under_two_laws_is_two_questions(case: Case) -> None:
    """More than 100 is met under the one and not known under the other: each says which it is."""
    text = render_html(draft(case, "prompt", NOW))
    made = nine_items.form(draft(case, "prompt", NOW), "prompt", "ja", "", "架空市")
    said = [line.strip() for line in lines(made) if "100人を超える" in line]

    assert [
        "- 100人を超える：該当する（規則第43条第4号、S）",
        "- 番号法　100人を超える：不明（規則第2条第4号、M）",
    ] == said
    assert "番号法　100人を超える：<strong>不明" in text


def test_the_page_has_an_open_box_for_every_blank(case: Case) -> None:
    report = draft(case, "prompt", NOW)

    assert len(report.blanks) == render_html(report).count('class="blank"')
    assert "要記入：原因" in render_html(report)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</li></ul></section><iframe src=//x>",
        '"><svg/onload=alert(1)>',
        "{{ 7 * 7 }} {% include 'x' %} {by.__class__} {0}",
    ],
)
def test_xss_in_a_text_is_shown_and_never_runs(case: Case, attack: str) -> None:
    calm, attacked = Tags(), Tags()
    calm.feed(page(case))
    attacked.feed(page(case, attack))

    assert (calm.tags, calm.attributes) == (attacked.tags, attacked.attributes)
    assert "49" not in page(case, attack).split("原因")[-1].split("二次被害")[0]


def test_xss_in_the_names_of_party_and_incident_never_runs(case: Case) -> None:
    attacked = Tags()
    attacked.feed(page(replace(case, party="<script>1</script>", label="<b onclick=x>")))

    assert "script" not in attacked.tags
    assert "onclick" not in attacked.attributes


@given(st.text(max_size=60))
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_keeps_the_page_as_it_is(case: Case, text: str) -> None:
    calm, other = Tags(), Tags()
    calm.feed(page(case))
    other.feed(page(case, text))

    assert (calm.tags, calm.attributes) == (other.tags, other.attributes)


def test_bidi_override_in_a_text_is_shown_by_its_number(case: Case) -> None:
    shown = page(case, "調査\u202e了完\u200b")

    assert "調査⟨U+202E⟩了完⟨U+200B⟩" in shown
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", shown)


def test_visible_keeps_line_breaks_variants_and_private_use() -> None:
    assert visible("一\n葛\U000e0100\ue000") == "一\n葛\U000e0100\ue000"


def test_the_page_fetches_nothing_and_runs_nothing(case: Case) -> None:
    found = Tags()
    found.feed(page(case))

    assert not {"script", "link", "iframe", "img", "form"} & set(found.tags)
    assert not {"src", "href", "style"} & set(found.attributes)
    assert "url(" not in page(case)


def _codes() -> Iterator[str]:
    yield from (
        "law.since",
        "law.on",
        "said",
        "due.one",
        "due.between",
        "due.hours",
        "due.none",
        "due.over",
    )
    yield from (f"kind.{kind.value}" for kind in Kind)
    yield from (f"state.{state.value}" for state in State)
    yield from (f"duty.{tri.value}" for tri in Tri)
    yield from (f"found.{tri.value}" for tri in Tri)
    yield from (f"evidence.{way.value}" for way in Speaks)
    yield from (f"evidence.b1.{state.value}" for state in State)
    yield from (f"act.{act}" for act in get_args(Act))
    yield from (f"stage.{stage}" for stage in get_args(Stage))
    yield from (f"trigger.{code}" for code in get_args(TriggerCode))
    yield from (f"about.{scope}" for scope in get_args(Scope) if scope)
    yield from (f"scope.{scope}" for scope in get_args(Scope) if scope)
    for blanks in BLANKS.values():
        for name, who in blanks:
            yield from (f"blank.{name}", f"why.{name}", f"who.{who}")
    yield f"state.{State.NEVER_RELEASED.value}.{Word.LEDGER.value}"
    yield f"state.{State.KEY_DESTROYED.value}.{Word.DEVICE.value}"
    yield f"state.{State.DEVICE_ACCOUNTED_FOR.value}.{Word.PERSON.value}"
    yield f"state.{State.NO_RECEIPT.value}.{Word.NOBODY.value}"
    yield f"state.{State.TRAVELLED.value}.{Word.PERSON.value}"
    yield f"state.{State.TRAVELLED.value}.{Word.NOBODY.value}"


def test_every_code_has_its_sentence() -> None:
    assert not [code for code in _codes() if code not in table()]


def test_both_languages_of_a_sentence_hold_the_same_values() -> None:
    """A number that stands in one language only would be a different report."""
    for code, sentence in table().items():
        japanese = {name for _, name, _, _ in Formatter().parse(sentence.ja) if name}
        english = {name for _, name, _, _ in Formatter().parse(sentence.en) if name}
        assert japanese == english, code


def test_no_sentence_speaks_as_a_judge() -> None:
    for code, sentence in table().items():
        assert not re.search(r"exempt|no leak|not leaked|illegal|guilty", sentence.en), code
        assert "漏えいはなかった" not in sentence.ja, code


def test_numbers_and_days_are_written_as_people_write_them() -> None:
    assert write(465_177, "ja") == "465,177"
    assert write(dt.date(2022, 6, 22), "ja") == "2022年6月22日（水）"
    assert write(NOW, "ja") == "2022年6月22日（水）16時00分"
    assert write(NOW, "en") == "22 June 2022, 16:00"


def test_a_persons_text_is_never_read_as_a_code() -> None:
    spoken = say("said", (("text", "kind.name"), ("by", "{at}"), ("at", NOW)), "en")

    assert spoken == "kind.name (by {at}, 22 June 2022, 16:00)"


@pytest.mark.parametrize("law_on", [dt.date(2022, 6, 22), dt.date(2023, 4, 1)])
@pytest.mark.parametrize("persons", [None, 0, 5_000])
def test_every_duty_can_be_printed(case: Case, persons: int | None, law_on: dt.date) -> None:
    for role in get_args(Role):
        facts = Facts(
            role, case.known_at, persons, told_entrustor_at=NOW, gdpr=None if persons else True
        )
        told = replace(
            case, duties=match(facts, packs((*PACKS, *ASKED_FOR)), law_on), law_on=law_on
        )
        assert render_html(draft(told, "final", NOW))
        assert render_json(draft(told, "final", NOW))
