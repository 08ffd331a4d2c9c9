"""Printing: values are data, the same values are the same bytes, and nothing leaves the page."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from azukari.errors import BadFormat, NotFound
from azukari.press import letters, printing
from azukari.press.letters import shown

pytestmark = pytest.mark.real

AT = dt.datetime(2022, 6, 22, 15, 45, tzinfo=dt.timezone(dt.timedelta(hours=9)))
ATTACKS = [
    '#read("/etc/passwd")',
    '#eval("1+1")',
    "#panic()",
    '#include "_house.typ"',
    "] #pagebreak() [",
    "]]]",
    "\\",
    "\\ #h(1fr)",
    "$ x^2 integral $",
    "`raw` ```raw```",
    "= heading",
    "*bold* _italic_ @ref <label>",
    "// comment",
    "/* comment",
    "#set page(fill: black)",
    '", "is": "panic", "x": "',
    "{{ 7 * 7 }} {by.__class__}",
]


def paper(*texts: str, **changed: Any) -> dict[str, Any]:
    return {
        "title": "試し",
        "author": "架空市",
        "footer": "足",
        "stamp": "",
        "stamp_note": "",
        "to": "",
        "facts": [],
        "sections": [{"title": "本文", "blocks": [{"is": "text", "text": one} for one in texts]}],
    } | changed


def words(value: dict[str, Any], template: str = "paper") -> str:
    """What a reader of the PDF can copy out of it, without its gaps."""
    reader = PdfReader(io.BytesIO(printing.pdf(template, value, "ja", AT)))
    return squeezed("".join(page.extract_text() for page in reader.pages))


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize("text", ATTACKS)
def test_typst_injection_in_a_text_is_printed_letter_by_letter(text: str) -> None:
    found = words(paper("前", text, "後"))

    assert f"前{squeezed(text)}後" in found


@pytest.mark.parametrize("place", ["title", "footer", "stamp", "stamp_note", "to"])
def test_typst_injection_in_any_place_is_printed_letter_by_letter(place: str) -> None:
    attack = '#read("/etc/passwd") ] \\ $x$ `'
    said = {"stamp": "下書き"} if place == "stamp_note" else {}

    assert squeezed(attack) in words(paper("本文", **(said | {place: attack})))


@pytest.mark.parametrize("attack", ATTACKS)
def test_typst_injection_in_blocks_of_every_kind_is_printed(attack: str) -> None:
    blocks = [
        {"is": "points", "texts": [attack]},
        {"is": "note", "text": attack},
        {"is": "blank", "asks": attack, "why": attack},
        {"is": "rows", "widths": [1], "head": [attack], "rows": [[attack]]},
        {
            "is": "hands",
            "label": attack,
            "holds": [{"who": attack, "since": attack, "note": attack, "lost": True}],
        },
        {"is": "figures", "figures": [[attack, attack]]},
        {
            "is": "clock",
            "bars": [
                {
                    "name": attack,
                    "who": attack,
                    "left": attack,
                    "due": attack,
                    "gone": 500,
                    "first": 300,
                    "over": False,
                }
            ],
        },
    ]

    found = words(paper(sections=[{"title": attack, "blocks": blocks}]))

    assert found.count(squeezed(attack)) >= 16


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=40)
def test_any_text_is_printed_as_it_is_shown(text: str) -> None:
    """In the smallest type a word may still be drawn as a variant; its letters are the same."""
    plain = squeezed(shown(text))
    if any(letter in plain for letter in "\u3000\xa0") or not plain.isascii():
        printing.pdf("paper", paper(text), "ja", AT)  # the standards refuse a missing letter
    else:
        assert f"前{plain}後" in words(paper("前", text, "後"))


def test_bidi_and_control_characters_are_printed_by_their_numbers() -> None:
    found = words(paper("調査\u202e了完\x07"))

    assert "調査〈U+202E〉了完〈U+0007〉" in found


def test_a_gaiji_is_printed_as_a_mark_and_never_as_a_blank() -> None:
    assert "渡〓〈U+E000〉様" in words(paper("渡\ue000様"))


def test_a_fault_that_lets_a_missing_letter_through_prints_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second hand behind `letters`: the standards themselves refuse a blank."""
    monkeypatch.setattr(letters, "shown", lambda text: text)

    with pytest.raises(BadFormat, match="cannot be set"):
        printing.pdf("paper", paper("渡\ue000様"), "ja", AT)


def test_a_value_of_many_letters_without_a_gap_ends_where_the_page_does() -> None:
    """No ink right of the margin, where a printer would cut it off."""
    long = paper("A" * 600, "9" * 600, "я" * 600, "é" * 300, ("あ" + "A" * 25) * 20)
    (picture,) = printing.pictures("paper", long, "ja", AT, ppi=72)

    width, rows = _red(picture)
    assert min(value for row in rows for value in row[-int(width * 0.08) :]) > 240


def _red(png: bytes) -> tuple[int, list[list[int]]]:
    """The red of every pixel of a picture that Typst wrote."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    channels = {2: 3, 6: 4}[png[25]]
    at, packed = 33, b""
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        packed += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, stride = zlib.decompress(packed), width * channels
    rows, before = [], bytes(stride)
    for y in range(height):
        line = bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        how = raw[y * (stride + 1)]
        for x in range(stride):
            left = line[x - channels] if x >= channels else 0
            corner = before[x - channels] if x >= channels else 0
            up = before[x]
            line[x] = (
                line[x] + (0, left, up, (left + up) // 2, _near(left, up, corner))[how]
            ) % 256
        rows.append(list(line[::channels]))
        before = bytes(line)
    return width, rows


def _near(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def test_the_same_values_are_the_same_bytes_in_another_process() -> None:
    code = (
        "import datetime as dt, hashlib, sys, json\n"
        "from azukari.press import printing\n"
        "at = dt.datetime.fromisoformat(sys.argv[2])\n"
        "made = printing.pdf('paper', json.loads(sys.argv[1]), 'ja', at)\n"
        "print(hashlib.sha256(made).hexdigest())\n"
    )
    value = paper("一", "二")
    line = [sys.executable, "-c", code, json.dumps(value), AT.isoformat()]
    other = subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()

    assert hashlib.sha256(printing.pdf("paper", value, "ja", AT)).hexdigest() == other


def test_the_instant_of_making_is_that_of_the_value() -> None:
    reader = PdfReader(io.BytesIO(printing.pdf("paper", paper("一"), "ja", AT)))

    assert reader.metadata is not None
    assert reader.metadata.creation_date == AT
    assert (reader.metadata.title, reader.metadata.author) == ("試し", "架空市")


def test_an_unknown_template_an_instant_without_a_zone_and_a_half_value_are_refused() -> None:
    with pytest.raises(NotFound):
        printing.pdf("../../passwd", paper(), "ja", AT)
    with pytest.raises(NotFound):
        printing.pdf("_house", paper(), "ja", AT)
    with pytest.raises(BadFormat, match="zone"):
        printing.pdf("paper", paper(), "ja", AT.replace(tzinfo=None))
    with pytest.raises(BadFormat, match="cannot be set") as caught:
        printing.pdf("paper", {"title": "secret"}, "ja", AT)
    assert "secret" not in str(caught.value)


def test_a_template_takes_no_value_but_as_data() -> None:
    """What would run a text, or read something else than our own values, stands in no template."""
    for path in sorted(Path(printing.TEMPLATES).glob("*.typ")):
        source = path.read_text("utf-8")
        assert not [word for word in ("eval(", "read(", "@preview", "plugin(") if word in source]
        assert source.count("sys.inputs") <= 2


def test_very_many_long_words_are_still_printed() -> None:
    many = paper(("A" * 25 + " ") * 3_000, ("あ" + "A" * 25) * 3_000)

    assert printing.pdf("paper", many, "ja", AT).startswith(b"%PDF")


def test_a_value_that_would_keep_the_typesetter_busy_is_refused() -> None:
    with pytest.raises(BadFormat, match="200,000 letters"):
        printing.pdf("paper", paper("A" * 200_001), "ja", AT)
