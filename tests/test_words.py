"""Eight words: one spelling, read back from either script, and a slip of one sound is no word."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari import words
from azukari.errors import BadFormat

quick = settings(deadline=None)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
#: Every word there is, by the rule as the specification tells it, written out anew.
SOUNDS = [(c, v) for c in "krnm" for v in "aoui"]
ALL = {
    "".join(c + v for c, v in three)
    for three in itertools.product(SOUNDS, repeat=3)
    if sum("krnm".index(c) + "aoui".index(v) for c, v in three) % 2 == 0
}


def numbered(number: int) -> str:
    """The word of a number: the first of a hash that begins with it."""
    return words.eight_words(f"{number << 245:064x}").split("-")[0]


def test_there_are_2048_words_and_each_number_has_its_own() -> None:
    made = [numbered(number) for number in range(2048)]

    assert ALL == set(made)
    assert list(range(2048)) == [words.numbers_of(word)[0] for word in made]


def test_no_two_words_differ_by_one_sound_heard_as_its_neighbour() -> None:
    slips = 0
    for word in ALL:
        for at, row in itertools.product(range(6), ("krnm", "aoui")):
            if word[at] not in row:
                continue
            place = row.index(word[at])
            for other in {place - 1, place + 1} & {0, 1, 2, 3}:
                heard = word[:at] + row[other] + word[at + 1 :]
                assert heard not in ALL
                with pytest.raises(BadFormat, match="heard as another"):
                    words.numbers_of(heard)
                slips += 1
    assert slips == 2048 * 6 * 6 // 4  # three borders between four sounds, from either side


@quick
@given(hashes)
def test_eight_words_are_the_first_88_bits_of_a_hash(sha256: str) -> None:
    bits = 0
    for number in words.numbers_of(words.eight_words(sha256)):
        bits = bits << 11 | number

    assert sha256[:22] == f"{bits:022x}"


@quick
@given(hashes, st.sampled_from(["-", " ", "　", "・", ", ", "\n"]))
def test_kana_and_latin_letters_are_the_same_words(sha256: str, apart: str) -> None:
    latin = words.eight_words(sha256)
    kana = words.in_kana(latin)

    assert words.same_words(latin.replace("-", apart).upper(), latin)
    assert words.same_words(kana.replace("・", apart), latin)
    assert words.same_words("".join(_katakana(x) for x in kana), latin)


@quick
@given(hashes, hashes)
def test_other_bits_are_other_words(one: str, other: str) -> None:
    same = one[:22] == other[:22]

    assert same == words.same_words(words.eight_words(one), words.eight_words(other))


@quick
@given(st.text(max_size=60))
def test_any_text_is_words_or_is_refused(text: str) -> None:
    try:
        found = words.numbers_of(text)
    except BadFormat:
        return
    assert all(0 <= number < 2048 for number in found)


def test_the_words_of_nothing() -> None:
    latin = words.eight_words(hashlib.sha256(b"").hexdigest())

    assert "mukinu-naruki-kokani-kikomi-makomo-kanuro-runimi-rimuno" == latin
    assert "むきぬ・なるき・こかに・きこみ・まこも・かぬろ・るにみ・りむの" == words.in_kana(latin)


@pytest.mark.parametrize(
    ("number", "word"),
    [(0, "kakaka"), (1, "kakaku"), (2, "kakaro"), (1821, "mukinu"), (2047, "mimimi")],
)
def test_known_words(number: int, word: str) -> None:
    assert word == numbered(number)


def test_a_word_of_one_sound_less_or_more_is_none() -> None:
    for text in ("kuru", "kurumaka", "suruma", "kulama", "くる", "くるまか", "くるru", "くrま"):
        with pytest.raises(BadFormat, match="no word"):
            words.numbers_of(text)


def test_only_a_hash_has_words() -> None:
    for text in ("", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(BadFormat):
            words.eight_words(text)


def _katakana(letter: str) -> str:
    return chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter
