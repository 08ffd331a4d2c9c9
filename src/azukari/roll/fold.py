"""Search forms of names and kana: what two spellings of one person have in common.

A search form stands beside the name as received and never replaces it.  It is not an identity:
two residents may share one, and nothing is decided by it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

import pyarrow as pa

# Variants that nobody can tell apart on the telephone, one line per modern form.  Compatibility
# ideographs (U+F9xx, U+FAxx) that Unicode itself decomposes need no line; U+FA11 﨑 does.
VARIANTS: Final = {
    "高": "髙",
    "崎": "﨑嵜碕",
    "浜": "濵濱",
    "瀬": "瀨",
    "徳": "德",
    "柳": "栁桺",
    "辺": "邊邉",
    "斉": "齋齊斎",
    "島": "嶋嶌",
    "沢": "澤",
    "桜": "櫻",
    "広": "廣",
    "国": "國",
    "富": "冨",
    "吉": "𠮷",
    "真": "眞",
    "渕": "淵渊",
    "竜": "龍",
    "昇": "曻",
    "土": "圡",
    "橋": "槗",
    "館": "舘",
    "恵": "惠",
    "条": "條",
    "蔵": "藏",
    "増": "增",
    "関": "關",
    "黒": "黑",
    "寿": "壽",
    "栄": "榮",
    "実": "實",
    "塩": "鹽",
    "万": "萬",
    "礼": "禮",
    "鉄": "鐵",
    "滝": "瀧",
    "亀": "龜",
    "静": "靜",
    "清": "淸",
    "曽": "曾",
    "尭": "堯",
    "遥": "遙",
    "桑": "桒",
    "弥": "彌",
    "豊": "豐",
    "鶴": "靏靍",
}

BIDI: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ZERO_WIDTH: Final = "\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff"
_SELECTORS: Final = [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0xE0000, 0xE0080)]
_MOST_PASSES: Final = 8
# The long mark and everything that stands for it on one keyboard or another.
_LONG_MARKS: Final = "ー-‐‑‒–—―−─━~〜・"
_SMALL: Final = dict(
    zip(
        "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ",
        "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ",
        strict=True,
    )
)

_SPACES: Final = [code for code in range(0x3001) if chr(code).isspace()]
_DROPPED: Final[dict[int, str | None]] = dict.fromkeys(
    [*_SPACES, *_SELECTORS, *map(ord, BIDI + ZERO_WIDTH)]
)
_NAME_TABLE: Final = _DROPPED | {
    ord(variant): modern for modern, variants in VARIANTS.items() for variant in variants
}
_KANA_TABLE: Final = (
    _DROPPED
    | {
        hiragana: _SMALL.get(chr(hiragana + 0x60), chr(hiragana + 0x60))
        for hiragana in range(0x3041, 0x3097)
    }
    | {ord(small): large for small, large in _SMALL.items()}
    | {ord(mark): None for mark in _LONG_MARKS}
)


def fold_name(name: str) -> str:
    """The search form of a name.

    Widths are made one (NFKC), Latin letters small, spaces and invisible characters dropped,
    the variants of ``VARIANTS`` made modern.  Private-use characters stay as they are.
    """
    return _fold(name, _NAME_TABLE)


def fold_kana(kana: str) -> str:
    """The search form of a name in kana.

    Full-width large katakana: hiragana, half-width and small kana are rewritten, long marks,
    hyphens, middle dots and spaces dropped.  Voiced and unvoiced stay apart.
    """
    return _fold(kana, _KANA_TABLE)


def fold_names(column: pa.Array) -> pa.Array:
    """``fold_name`` over an Arrow column of strings; null stays null."""
    return _fold_column(column, fold_name)


def fold_kanas(column: pa.Array) -> pa.Array:
    """``fold_kana`` over an Arrow column of strings; null stays null."""
    return _fold_column(column, fold_kana)


def _fold(text: str, table: dict[int, str | None]) -> str:
    # A search form must be its own search form.  Dropping a character can bring two others
    # together that Unicode composes, and case and normal form pull against each other for ever
    # (ΐ): so normalise last, fold again until nothing changes, and count the passes.  No entry of
    # a table leads to another, so where the case is settled nothing can change any more.
    for _ in range(_MOST_PASSES):
        before = text
        text = unicodedata.normalize("NFKC", text).translate(table).casefold()
        text = unicodedata.normalize("NFKC", text)
        if text in (before, text.casefold()):
            break
    return text


def _fold_column(column: pa.Array, fold: Callable[[str], str]) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    coded = column.dictionary_encode()
    forms = pa.array([fold(value) for value in coded.dictionary.to_pylist()], pa.string())
    return forms.take(coded.indices)
