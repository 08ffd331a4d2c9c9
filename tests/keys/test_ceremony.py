"""The ceremony: any two of three officers, or the sheet; and nothing half-done."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.errors import (
    AzukariError,
    BadFormat,
    BadInput,
    Conflict,
    Refused,
    WrongKey,
)
from azukari.keys import backends, ceremony, sheet
from azukari.keys.backends import FileBackend
from azukari.names import id_of
from azukari.seal.envelope import SigningKey, Use, base64_of
from azukari.seal.grant import p256_der

CHEAP = 1 << 4
CEREMONY = id_of(bytes(16))
WORDS = {
    "hanako": b"the first officer's words",
    "taro": b"the second officer's words",
    "jiro": b"the third officer's words",
}
PAIRS = list(combinations(WORDS, 2))
Typed = Callable[[str, tuple[str, ...]], Sequence[str]]


def by_heart(_: str, rows: tuple[str, ...]) -> Sequence[str]:
    """Somebody who types back exactly what was printed."""
    return rows


@pytest.fixture
def root() -> bytes:
    return os.urandom(32)


@pytest.fixture
def city_root() -> SigningKey:
    return SigningKey.generate(Use.ROOT)


@pytest.fixture
def hold(tmp_path: Path, root: bytes, city_root: SigningKey) -> Callable[..., ceremony.Public]:
    def held(typed: Typed = by_heart, again: bool = False, **words: bytes) -> ceremony.Public:
        return ceremony.hold(
            tmp_path, root, city_root, words or WORDS, typed, again=again, cost=CHEAP
        )

    return held


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.usefixtures("hold")
def test_any_two_of_three_officers_open_it(
    tmp_path: Path,
    hold: Callable[..., ceremony.Public],
    root: bytes,
    city_root: SigningKey,
    pair: tuple[str, str],
) -> None:
    hold()

    for names in (pair, pair[::-1]):
        opened = ceremony.open_by_two(tmp_path, {name: WORDS[name] for name in names})
        assert root == opened.root
        assert city_root.public == opened.city_root.public


def test_the_sheet_opens_it_alone(
    tmp_path: Path, hold: Callable[..., ceremony.Public], root: bytes
) -> None:
    printed: list[str] = []

    def typed(_: str, rows: tuple[str, ...]) -> Sequence[str]:
        printed.extend(rows)
        return rows

    said = hold(typed)
    opened = ceremony.open_by_sheet(tmp_path, [row.lower().replace("-", " ") for row in printed])

    assert root == opened.root
    assert said.recovery == base64_of(p256_der(opened.recovery.public_key()))


@pytest.mark.parametrize("name", WORDS)
def test_one_officer_opens_nothing(
    tmp_path: Path, hold: Callable[..., ceremony.Public], name: str
) -> None:
    hold()

    with pytest.raises(Refused, match="two_officers_needed"):
        ceremony.open_by_two(tmp_path, {name: WORDS[name]})


@pytest.mark.parametrize(("first", "second"), [*PAIRS, *((b, a) for a, b in PAIRS)])
def test_one_officer_with_a_guess_opens_nothing(
    tmp_path: Path, hold: Callable[..., ceremony.Public], first: str, second: str
) -> None:
    hold()

    for guess in (WORDS[first], b"a guess of the other's words"):
        with pytest.raises(WrongKey):
            ceremony.open_by_two(tmp_path, {first: WORDS[first], second: guess})


def test_one_officer_under_two_names_is_refused(
    tmp_path: Path, hold: Callable[..., ceremony.Public]
) -> None:
    with pytest.raises(Refused, match="passphrases_alike"):
        hold(a=WORDS["taro"], b=WORDS["taro"], c=WORDS["jiro"])
    assert not list(tmp_path.iterdir())


def test_two_or_four_officers_hold_no_ceremony(
    tmp_path: Path, hold: Callable[..., ceremony.Public]
) -> None:
    for words in (dict(list(WORDS.items())[:2]), {**WORDS, "shiro": b"a fourth officer's words"}):
        with pytest.raises(Refused, match="three_officers_needed"):
            hold(**words)
    assert not list(tmp_path.iterdir())


def test_a_short_passphrase_is_refused(hold: Callable[..., ceremony.Public]) -> None:
    with pytest.raises(Refused, match="passphrase_too_short"):
        hold(**{**WORDS, "jiro": b"short"})


def test_a_sheet_that_is_not_typed_back_leaves_nothing(
    tmp_path: Path, hold: Callable[..., ceremony.Public]
) -> None:
    def wrong(_: str, rows: tuple[str, ...]) -> Sequence[str]:
        return [rows[0], rows[2], rows[1], rows[3]]

    with pytest.raises(BadInput, match="2: mistyped"):
        hold(wrong)
    assert not list(tmp_path.iterdir())


def test_another_sheet_of_the_same_ceremony_is_not_the_printed_one(
    tmp_path: Path, hold: Callable[..., ceremony.Public]
) -> None:
    with pytest.raises(BadInput, match="not what was printed"):
        hold(lambda identifier, _: sheet.rows(bytes(32), identifier))
    assert not list(tmp_path.iterdir())


def test_an_aborted_ceremony_leaves_nothing(
    tmp_path: Path, hold: Callable[..., ceremony.Public]
) -> None:
    def gone(_: str, __: tuple[str, ...]) -> Sequence[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold(gone)
    assert not list(tmp_path.iterdir())


def test_a_ceremony_is_held_once(tmp_path: Path, hold: Callable[..., ceremony.Public]) -> None:
    hold()
    before = (tmp_path / ceremony.FILE).read_bytes()

    with pytest.raises(Conflict):
        hold()
    assert before == (tmp_path / ceremony.FILE).read_bytes()


def test_after_an_officer_was_replaced_the_old_one_opens_nothing(
    tmp_path: Path, hold: Callable[..., ceremony.Public], root: bytes
) -> None:
    hold()
    words = {"hanako": WORDS["hanako"], "taro": WORDS["taro"], "saburo": b"a new officer's words"}
    hold(again=True, **words)

    with pytest.raises(Refused):
        ceremony.open_by_two(tmp_path, {n: WORDS[n] for n in ("hanako", "jiro")})
    opened = ceremony.open_by_two(tmp_path, {n: words[n] for n in ("taro", "saburo")})
    assert root == opened.root


def test_an_aborted_replacement_leaves_the_old_box(
    tmp_path: Path, hold: Callable[..., ceremony.Public], root: bytes
) -> None:
    hold()

    with pytest.raises(BadInput):
        hold(lambda _, rows: rows[:3], again=True)
    two = {n: WORDS[n] for n in ("hanako", "jiro")}
    assert root == ceremony.open_by_two(tmp_path, two).root


def test_a_forgotten_passphrase_is_recovered(tmp_path: Path, city_root: SigningKey) -> None:
    first = FileBackend.create(tmp_path, b"soon forgotten")
    carrier = id_of(bytes(15) + b"\1")
    wrapped = first.wrap_new(carrier, b"k" * 32)
    root = backends.root_key(tmp_path, b"soon forgotten")
    ceremony.hold(tmp_path, root, city_root, WORDS, by_heart, cost=CHEAP)

    two = {n: WORDS[n] for n in ("hanako", "jiro")}
    ceremony.recover(tmp_path, ceremony.open_by_two(tmp_path, two), b"a new one")

    with pytest.raises(WrongKey):
        FileBackend.open(tmp_path, b"soon forgotten")
    assert b"k" * 32 == FileBackend.open(tmp_path, b"a new one").unwrap(carrier, wrapped)


def test_no_secret_stands_in_the_file(
    tmp_path: Path, hold: Callable[..., ceremony.Public], root: bytes, city_root: SigningKey
) -> None:
    printed: list[str] = []

    def typed(_: str, rows: tuple[str, ...]) -> Sequence[str]:
        printed.extend(rows)
        return rows

    said = hold(typed)
    written = (tmp_path / ceremony.FILE).read_bytes()
    seed = city_root.private.private_bytes_raw()
    for secret in (root, seed, sheet.read(printed, said.id), *WORDS.values()):
        assert secret not in written
        assert base64_of(secret).encode() not in written


@given(at=st.integers(0, 4000), bit=st.integers(0, 7))
def test_any_changed_bit_of_the_box_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("box")
    ceremony.hold(folder, bytes(32), SigningKey.generate(Use.ROOT), WORDS, by_heart, cost=CHEAP)
    path = folder / ceremony.FILE
    whole = bytearray(path.read_bytes())
    whole[at % len(whole)] ^= 1 << bit
    path.write_bytes(whole)

    failed = 0
    for pair in PAIRS:
        try:
            ceremony.open_by_two(folder, {name: WORDS[name] for name in pair})
        except AzukariError:
            failed += 1
    assert failed  # a changed pair stops that pair, anything else all three


# --- the sheet


def test_a_sheet_is_four_rows_of_four_groups() -> None:
    """A vector: computed once with this code and kept, so that old sheets stay readable."""
    rows = sheet.rows(bytes(range(32)), CEREMONY)

    assert VECTOR == rows
    assert bytes(range(32)) == sheet.read(rows, CEREMONY)


VECTOR = (
    "000G-40R4-0M30-EKZ6",
    "104G-M2RC-1M70-YNVA",
    "208H-44RM-2MB1-E389",
    "30CH-M6RW-3MF1-Y353",
)


@given(secret=st.binary(min_size=32, max_size=32))
def test_any_secret_is_read_again(secret: bytes) -> None:
    assert secret == sheet.read(sheet.rows(secret, CEREMONY), CEREMONY)


@given(
    secret=st.binary(min_size=32, max_size=32),
    row=st.integers(0, 3),
    at=st.integers(0, 18),
    letter=st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
)
def test_a_mistyped_letter_never_gives_the_secret(
    secret: bytes, row: int, at: int, letter: str
) -> None:
    rows = list(sheet.rows(secret, CEREMONY))
    if rows[row][at] in ("-", letter):
        return
    rows[row] = rows[row][:at] + letter + rows[row][at + 1 :]

    with suppress(BadInput):  # but for one in 65,536, which is not the secret that was printed
        assert secret != sheet.read(rows, CEREMONY)


def test_a_mistyped_row_is_named() -> None:
    rows = list(sheet.rows(bytes(32), CEREMONY))
    rows[2] = rows[2][:-1] + ("1" if rows[2][-1] != "1" else "2")

    with pytest.raises(BadInput, match="3: mistyped"):
        sheet.read(rows, CEREMONY)


def test_a_sheet_of_another_ceremony_is_refused() -> None:
    with pytest.raises(BadInput, match="another ceremony"):
        sheet.read(sheet.rows(bytes(32), CEREMONY), id_of(bytes(15) + b"\1"))


@pytest.mark.parametrize("typed", [[], [""] * 4, ["x"] * 5, ["é" * 16] * 4, ["0" * 17] * 4])
def test_what_is_no_sheet_is_refused(typed: list[str]) -> None:
    with pytest.raises(BadInput):
        sheet.read(typed, CEREMONY)


def test_o_and_0_and_l_and_1_are_taken_as_meant() -> None:
    rows = sheet.rows(bytes(range(32)), CEREMONY)
    swapped = [row.replace("0", "o").replace("1", "l") for row in rows]

    assert bytes(range(32)) == sheet.read(swapped, CEREMONY)


def test_a_box_of_another_version_is_refused(
    tmp_path: Path, hold: Callable[..., ceremony.Public]
) -> None:
    hold()
    path = tmp_path / ceremony.FILE
    path.write_bytes(path.read_bytes().replace(b'"v":1', b'"v":2'))

    with pytest.raises(BadFormat):
        ceremony.public(tmp_path)
