"""The diary: every type of entry has its sentence, in both languages; a loss tells of its keys."""

from __future__ import annotations

import string

import pytest

from azukari.cli import diary
from azukari.ledger.entry import KNOWN, Entry
from azukari.names import new_id

AT = 1_655_811_300_000  # 2022-06-21 20:35 in Japan
DAY = 86_400_000


def entry(kind: str, at: int = AT, **changed: object) -> Entry:
    fields = {"act": new_id(), "by": new_id(), "log": "a/b", "n": {}, "refs": (new_id(),)}
    return Entry(type=kind, at=at, v=1, **(fields | changed))  # type: ignore[arg-type]  # by name


def test_every_known_type_has_its_sentence_and_no_other() -> None:
    assert set(KNOWN) == set(diary.SENTENCES)


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_a_sentence_is_one_in_its_language_and_holds_no_blank(kind: str) -> None:
    ja, en = diary.SENTENCES[kind]

    assert en.isascii()
    assert any(ord(letter) > 0x3000 for letter in ja)
    for said in (ja, en):
        assert {name for _, name, _, _ in string.Formatter().parse(said) if name} <= {"who", "what"}
    assert "{what}" in ja or "{what}" not in en


def test_no_two_types_are_told_alike() -> None:
    for language in (0, 1):
        told = [both[language] for both in diary.SENTENCES.values()]
        assert len(told) == len(set(told))


def test_a_loss_says_how_long_before_its_keys_were_revoked() -> None:
    lost, carrier = entry("carrier.lost"), new_id()
    lost = entry("carrier.lost", act=lost.act, refs=(carrier,))
    names = {lost.by: "officer", carrier: "C-7Q4M-2K"}

    said = diary.sentence(lost, names, {lost.act: AT - 100}, "en")

    assert "officer declared lost: C-7Q4M-2K; the keys had been revoked 0.1 s before" == said
    assert "officer declared lost: C-7Q4M-2K" == diary.sentence(lost, names, {}, "en")
    assert "0.1 秒前に失効" in diary.sentence(lost, names, {lost.act: AT - 100}, "ja")


def test_days_stand_above_their_entries_once() -> None:
    entries = [entry("ledger.heartbeat", at) for at in (AT, AT + 1, AT + DAY)]

    lines = list(diary.pages(enumerate(entries), {}, {}, {1: "detail lost"}, "en"))

    assert [
        "2022-06-21",
        "  20:35      0  all is running",
        "  20:35      1  all is running [detail lost]",
        "",
        "2022-06-22",
        "  20:35      2  all is running",
    ] == lines


def test_a_type_of_a_later_version_is_told_as_such() -> None:
    said = diary.sentence(entry("future.thing", n={"rows": 300}, refs=()), {}, {}, "en")

    assert "future.thing, unknown to this version (300 rows)" == said
