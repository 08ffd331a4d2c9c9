"""Why a row was refused, in the caller's language; the English stands with the checks."""

from __future__ import annotations

from typing import Final

from azukari.roll.checks import REASONS

JA: Final = {
    "undecodable": "ファイルの文字コードにない文字があります",
    "bad-quotes": "引用符が閉じていません",
    "too-few-cells": "見出しより列が少ない行です",
    "too-many-cells": "見出しより列が多い行です",
    "empty": "空欄にできない項目です",
    "control-character": "制御文字が含まれています",
    "not-digits": "数字以外の文字があります",
    "wrong-length": "桁数が違います",
    "negative": "金額が負です",
    "unknown-word": "この列の決まった語ではありません",
    "no-such-day": "暦にない日付です",
    "not-kana": "半角カナ以外の文字があります",
    "duplicate": "同じ住民が前の行にあります",
    "not-in-register": "台帳にない住民です",
    "payer-not-in-register": "扶養者が台帳にいません",
    "own-dependant": "自分自身の被扶養者とされています",
}


def sentence(code: str, language: str) -> str:
    """What the reason of a refused row means; a code that is not known here stands for itself."""
    words = JA if language == "ja" else REASONS
    return words.get(code, code)
