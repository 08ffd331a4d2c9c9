"""Names that nobody has: tables of invented family and given names, with kana and account kana.

Every family name begins with a word that means "made up" (架空, 見本, 仮名 …), so that a reader
sees at once that nobody is meant.  Among them stand on purpose the names that break programs:
variant and private-use characters, names that a spreadsheet or a template would execute, and, in
the UTF-8 export only, names with invisible characters.  This file knows no resident.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

Pair = tuple[str, str]  # as written, kana

_MADE_UP: Final = """架空カクウ 仮名カナ 例示レイジ 見本ミホン 試作シサク 雛形ヒナガタ 模写モシャ
空想クウソウ 仮置カリオキ 絵空エソラ 無名ムメイ 練習レンシュウ 机上キジョウ 紙上シジョウ
試験シケン 標本ヒョウホン 図例ズレイ 凡例ハンレイ 夢想ムソウ 仮想カソウ 虚構キョコウ
作例サクレイ 仮面カメン 幻影ゲンエイ 幻想ゲンソウ 代役ダイヤク 仮題カダイ 下書シタガキ"""
_LAND: Final = """川カワ 山ヤマ 田ダ 野ノ 本モト 木ギ 島ジマ 原ハラ 沢ザワ 崎サキ 村ムラ 井イ 谷タニ
森モリ 橋バシ 池イケ 浜ハマ 辺ベ 瀬セ 柳ヤナギ 塚ヅカ 岡オカ 口グチ 内ウチ"""
# In CP932 all of these lie in the ranges that Windows and Python write with different bytes.
_VARIANTS: Final = """髙タカ 﨑サキ 濵ハマ 瀨セ 德トク 栁ヤナギ"""
_GAIJI: Final = "".join(chr(0xE000 + step * 37) for step in range(8))  # private use
_MIDDLE: Final = """例レイ 仮カ 試シ 模モ 架カ 空クウ 想ソウ 幻ゲン 標ヒョウ 図ズ 写シャ 作サク
番バン 号ゴウ 零レイ 某ボウ 習シュウ 練レン 虚キョ 雛スウ 案アン 項コウ 欄ラン 符フ
帳チョウ 票ヒョウ 紙シ 枠ワク 点テン 線セン 角カク 印イン 筆ヒツ 墨ボク 別ベツ 題ダイ 類ルイ
単タン 複フク 列レツ 行ギョウ 段ダン 句ク 語ゴ 頁ケツ 稿コウ 版ハン 刷サツ"""
_MALE_END: Final = """太郎タロウ 次郎ジロウ 三郎サブロウ 四郎シロウ 五郎ゴロウ 吉キチ 助スケ 平ヘイ
之介ノスケ 蔵ゾウ"""
_FEMALE_END: Final = "子コ 美ミ 代ヨ 江エ 香カ 奈ナ 花カ 恵エ 音ネ 乃ノ 穂ホ"
_FOREIGN: Final = """サンプル ダミー テスト モック フィクション スペシメン エグザンプル
ドラフト"""
_FOREIGN_END: Final = ("", "ソン", "スキー", "マン", "エフ", "ベルク", "エス", "ヴィッチ")
_FOREIGN_GIVEN: Final = """アルファ ベータ ガンマ デルタ イプシロン ゼータ イータ シータ イオタ
カッパ ラムダ ミュー ニュー クシー オミクロン パイ ロー シグマ タウ ウプシロン ファイ カイ
プサイ オメガ"""
# What a spreadsheet, a template, a page or a query would take for its own.
ATTACKS: Final = (
    ("=1+1", "イコールイチ"),
    ('=HYPERLINK("x","見本")', "ハイパーリンク"),
    ("#eval(1)", "イバル"),
    ("@SUM(1,1)", "アットサム"),
    ("+81見本", "プラス"),
    ("-1見本", "マイナス"),
    ("<b>見本</b>", "ビーミホン"),
    ("<script>alert(1)</script>", "スクリプト"),
    ("{{7*7}}", "カッコカッコ"),
    ("';DROP TABLE--", "ドロップ"),
)
# Characters that no CP932 file can hold.
INVISIBLE: Final = (
    ("架空\u202e見本\u202c", "カクウ"),  # right-to-left override
    ("架空\u2066見本\u2069", "カクウ"),  # isolate
    ("架\u200b空", "カクウ"),  # zero-width space
    ("架\u200d空", "カクウ"),  # zero-width joiner
    ("\U00020bb7例", "キチレイ"),  # 𠮷, outside the basic plane
    ("葛\U000e0100例", "カツレイ"),  # variation selector
)


@dataclass(frozen=True)
class Names:
    """Family and given names as index tables; an index means the same in every list of its kind.

    ``families`` holds, one range after another, ordinary, rare (variants and private use),
    foreign and attacking names; ``givens`` male, female and foreign names.
    """

    families: list[Pair]
    givens: list[Pair]
    ordinary: range
    rare: range
    foreign: range
    attacks: range
    male: range
    female: range
    foreign_given: range


def names(encoding: str) -> Names:
    """The tables for an export in ``encoding``: ``cp932`` or ``utf-8``."""
    made_up, land = _pairs(_MADE_UP), _pairs(_LAND)
    variants = [*_pairs(_VARIANTS), *((character, "ガイジ") for character in _GAIJI)]
    families, givens = _Table(), _Table()
    return Names(
        ordinary=families.add([*made_up, *_product(made_up, land)]),
        rare=families.add(
            [_join(made_up[i * 5 % len(made_up)], v) for i, v in enumerate(variants)]
        ),
        foreign=families.add(
            [(f + end, f + end) for f in _FOREIGN.split() for end in _FOREIGN_END]
        ),
        attacks=families.add([*ATTACKS, *(INVISIBLE if encoding == "utf-8" else ())]),
        male=givens.add(_product(_pairs(_MIDDLE), _pairs(_MALE_END))),
        female=givens.add(_product(_pairs(_MIDDLE), _pairs(_FEMALE_END))),
        foreign_given=givens.add([(given, given) for given in _FOREIGN_GIVEN.split()]),
        families=families.rows,
        givens=givens.rows,
    )


def account_kana(kana: str) -> str:
    """Kana as a bank writes it: half-width, no small kana, ``-`` for the long vowel."""
    return "".join(_HALF.get(sign, sign) for sign in unicodedata.normalize("NFD", kana))


class _Table:
    def __init__(self) -> None:
        self.rows: list[Pair] = []

    def add(self, rows: list[Pair]) -> range:
        self.rows.extend(rows)
        return range(len(self.rows) - len(rows), len(self.rows))


def _pairs(text: str) -> list[Pair]:
    """Words such as ``川カワ`` taken apart where the kana begins."""
    found = []
    for word in text.split():
        kana = next(i for i, sign in enumerate(word) if "ァ" <= sign <= "ヺ")
        found.append((word[:kana], word[kana:]))
    return found


def _join(first: Pair, second: Pair) -> Pair:
    return first[0] + second[0], first[1] + second[1]


def _product(first: list[Pair], second: list[Pair]) -> list[Pair]:
    return [_join(one, two) for one in first for two in second]


def _half_width() -> dict[str, str]:
    half = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF71, 0xFF9E)}
    small = dict(zip("ァィゥェォッャュョ", "アイウエオツヤユヨ", strict=True))
    return {
        **half,
        **{sign: half[large] for sign, large in small.items()},
        "ー": "-",
        "\u3099": "ﾞ",
        "\u309a": "ﾟ",
        "\u3000": " ",
    }


_HALF: Final = _half_width()
