"""Before anything is said in public: the facts of a real office, its roll, its own releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from azukari.desk import papers, publish
from azukari.desk.respond import instant, respond
from azukari.incident import release
from azukari.incident.case import Said
from azukari.incident.form import without_blanks
from azukari.incident.sentences import Language
from azukari.incident.telling import Telling

if TYPE_CHECKING:
    City = Any

LANGUAGES: tuple[Language, ...] = get_args(Language)


def told_of(city: City, *said: Said) -> Telling:
    lost = city.lose()
    found = respond(city.office, lost.incident, party="架空市")
    return papers.telling_of(city.office, found, said)


def codes(text: str, known: release.Known) -> list[str]:
    return [one.code for one in release.check(text, known)]


@pytest.mark.parametrize("opened", [False, True], ids=["never released", "released"])
def test_our_own_papers_for_the_public_pass_our_own_checker(at_six: City, opened: bool) -> None:
    if opened:
        at_six.ask()
    told = told_of(at_six)
    known = publish.known_of(at_six.office, told, by=at_six.person("officer"))

    assert told.never_released is not opened
    for kind in papers.PUBLIC:
        for language in LANGUAGES:
            made = papers.form_of(told, kind, language)
            assert [] == codes(without_blanks(made), known), (kind, language)


def test_no_leak_while_a_key_was_released_is_refused(at_six: City) -> None:
    at_six.ask()
    known = publish.known_of(at_six.office, told_of(at_six))

    assert ["no_leak"] == codes("漏えいは確認されていません。", known)
    assert ["never_released"] == codes("鍵は一度も渡されていません。", known)


def test_what_somebody_fills_in_is_looked_at_in_the_paper_it_goes_into(at_six: City) -> None:
    said = Said("public_course", "パスワードは13桁です。", "広報", instant(at_six.clock.now()))
    told = told_of(at_six, said)
    known = publish.known_of(at_six.office, told)

    assert ["key_length"] == codes(without_blanks(papers.form_of(told, "press", "ja")), known)


def test_every_resident_of_the_roll_is_found_in_a_text(at_six: City) -> None:
    told = told_of(at_six)
    known = publish.known_of(at_six.office, told, by=at_six.person("officer"))
    names = at_six.open_roll().register["name"].to_pylist()

    for name in names:
        assert "resident_named" in codes(f"本日、{name}様から", known)
        assert name not in str(release.check(f"本日、{name}様から", known))


def test_a_resident_is_found_by_how_the_name_sounds(at_six: City) -> None:
    """In kana of either kind and width: whoever writes it so names the same person."""
    known = publish.known_of(at_six.office, told_of(at_six), by=at_six.person("officer"))

    for kana in filter(None, at_six.open_roll().register["kana"].to_pylist()):
        hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in kana)
        assert "resident_named" in codes(f"本日、{kana}様から", known)
        assert "resident_named" in codes(f"本日、{hiragana}さんから", known)


def test_an_address_of_a_suppressed_resident_is_found_in_every_spelling(at_six: City) -> None:
    told = told_of(at_six)
    known = publish.known_of(at_six.office, told, by=at_six.person("officer"))
    register = at_six.open_roll().register
    hidden = register.filter(register["suppressed"])["address"].to_pylist()

    assert hidden
    for address in filter(None, hidden):
        own = address.removeprefix("架空市")
        assert "place_suppressed" in codes(f"住所は{address}です", known)
        assert "place_suppressed" in codes(f"住所は{own}です", known)
        block = own.partition("番")[0] + "番"
        assert "place_suppressed" in codes(f"{block}の辺り", known)


def test_a_resident_who_is_not_compared_is_said_to_be_not_compared(at_six: City) -> None:
    known = publish.known_of(at_six.office, told_of(at_six))

    assert (None, None) == (known.residents, known.places)


def test_parties_are_named_only_when_cleared_and_the_city_always(at_six: City) -> None:
    told = told_of(at_six)
    text = "架空市は、例示受託と見本コールについて"

    assert ["party_named", "party_named"] == codes(text, publish.known_of(at_six.office, told))
    cleared = publish.known_of(at_six.office, told, cleared=["例示受託"])
    assert ["party_named"] == codes(text, cleared)


def test_numbers_of_suppressed_residents_are_not_among_those_that_may_be_said(
    at_six: City,
) -> None:
    told = told_of(at_six)
    known = publish.known_of(at_six.office, told)

    assert told.case.rolls[0].impact.total.suppressed
    assert told.case.rolls[0].impact.total.suppressed not in known.persons
    assert told.case.rolls[0].impact.total.persons in known.persons
