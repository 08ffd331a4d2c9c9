"""The page about law says what the packs say, and no more of it than they do."""

from __future__ import annotations

import pytest
from tools import law_table

from azukari.incident.pack import ASKED_FOR, PACKS, packs


def test_the_tables_on_the_page_are_those_of_the_packs() -> None:
    text = law_table.PAGE.read_text(encoding="utf-8")

    assert law_table.written(text) == text, "run: python -m tools.law_table"


def test_a_table_that_was_edited_by_hand_is_noticed() -> None:
    text = law_table.PAGE.read_text(encoding="utf-8")

    assert law_table.written(text.replace("day 3 to 5", "day 3 to 7")) == text


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(SystemExit, match="duties"):
        law_table.written("# Law\n")


def test_every_obligation_and_every_trigger_has_its_line() -> None:
    read = packs((*PACKS, *ASKED_FOR))
    wanted = {one.id for pack in read for one in pack.obligation}
    articles = {t.article for pack in read for one in pack.obligation for t in one.trigger}

    assert wanted == {line.split("`")[1] for line in list(law_table.duties(read))[2:]}
    assert wanted == {line.split("`")[1] for line in list(law_table.sources(read))[2:]}
    assert articles == {line.split(" | ")[2] for line in list(law_table.triggers(read))[2:]}
