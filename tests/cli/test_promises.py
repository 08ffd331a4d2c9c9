"""Which row of the table is printed: never more than a run verified, and on whose word the rest."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from azukari import promises, settings
from azukari.keys.remote import on_another_host

TABLE = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")


def test_without_a_witness_outside_nothing_else_counts() -> None:
    for apart in (False, True):
        assert promises.ALONE == promises.applies(outside=0, keys_apart=apart)


def test_every_part_of_a_row_stands_in_the_table() -> None:
    for outside, apart in itertools.product((0, 1, 2), (False, True)):
        row = promises.applies(outside=outside, keys_apart=apart)
        first, *more = row.setup.split(" + two")
        assert f"| {first} |" in TABLE
        assert not more or "| + two witnesses outside the city |" in TABLE
        for words in row.holds.values():
            said = words.partition(": ")[2].removesuffix(", for an outsider to verify")
            assert f"| {said} |" in TABLE


@pytest.mark.parametrize("outside", [0, 1, 2])
@pytest.mark.parametrize("apart", [False, True])
def test_a_row_comes_back_from_its_value(outside: int, apart: bool) -> None:
    row = promises.applies(outside=outside, keys_apart=apart)

    assert row == promises.of_value(promises.as_value(row))


def test_what_holds_against_outsiders_only_is_told_by_the_promise() -> None:
    alone, watched = promises.ALONE, promises.applies(outside=2)

    assert [2, 4, 8] == [n for n in range(1, 16) if alone.against_outsiders(n)]
    assert [2] == [n for n in range(1, 16) if watched.against_outsiders(n)]


def test_one_machine_with_two_witnesses_still_keeps_keys_against_outsiders_only() -> None:
    row = promises.applies(outside=2)

    assert "never released: against outsiders" == row.holds["2"]
    assert "history: for an outsider to verify" == row.holds["8"]


def test_what_no_program_can_see_is_said_to_be_somebodys_word() -> None:
    assert () == promises.applies(outside=1).on_word
    apart = promises.applies(outside=2, keys_apart=True)
    assert 2 == len(apart.on_word)
    assert "  on your word alone: who administers the key service's host" in promises.lines(apart)


@pytest.mark.parametrize(
    ("url", "elsewhere"),
    [
        ("https://keys.kakuu.example", True),
        ("https://localhost:1", False),
        ("http://127.0.0.1:8443", False),
        ("", False),
    ],
)
def test_a_host_is_another_as_far_as_its_address_tells(url: str, elsewhere: bool) -> None:
    assert elsewhere is on_another_host(url)


def test_attack_claim_a_key_service_apart_that_is_beside(run: Any, site: Any) -> None:
    assert not settings.load(site.office).keys_url

    ran = run("ledger", "audit", "--keys-apart", "--home", site.office)

    assert (3, "") == (ran.code, ran.out)
