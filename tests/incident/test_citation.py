"""Citations: every article of every pack, as a Japanese reader cites it."""

from __future__ import annotations

import re

import pytest

from azukari.incident.citation import cite
from azukari.incident.pack import packs

ARTICLES = sorted(
    {one.article for pack in packs() for one in pack.obligation}
    | {trigger.article for pack in packs() for one in pack.obligation for trigger in one.trigger}
)


@pytest.mark.parametrize(
    "article, expected",
    [
        ("Act art. 68(1)", "個人情報保護法第68条第1項"),
        ("Act art. 26(1) proviso", "個人情報保護法第26条第1項ただし書"),
        ("My Number Act art. 29-4(1)", "番号法第29条の4第1項"),
        ("Enforcement Rules rules 7 and 8(2)", "個人情報保護法施行規則第7条及び第8条第2項"),
        ("rule 43(iv)", "規則第43条第4号"),
        (
            "Act art. 26(2); Enforcement Rules rule 10",
            "個人情報保護法第26条第2項、個人情報保護法施行規則第10条",
        ),
        ("GDPR art. 33(1)", "GDPR art. 33(1)"),
    ],
)
def test_an_article_is_cited_as_japanese_law_is(article: str, expected: str) -> None:
    assert expected == cite(article, "ja")
    assert article == cite(article, "en")


@pytest.mark.parametrize(
    "article", [one for one in ARTICLES if one.startswith(("Act", "My", "rule"))]
)
def test_every_article_of_the_packs_loses_no_number_and_keeps_no_english(article: str) -> None:
    said = cite(article, "ja")

    assert not re.search("[A-Za-z]", said)
    assert re.findall("[0-9]+", article) == re.findall("(?:第|の)([0-9]+)(?!号)", said)
