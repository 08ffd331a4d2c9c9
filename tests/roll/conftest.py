"""A small export that is right in every cell, and the way to break it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import pytest

from azukari.roll.columns import FILES
from azukari.roll.intake import Intake, take_in

Rows = dict[str, list[list[str]]]  # by file; the header first
Bytes = dict[str, bytes]

_TOWN = "660-0001,架空市例示町1丁目2番3号"
_RIGHT = {
    "register": [
        f"8800000001,7700000001,世帯主,架空　太郎,カクウ　タロウ,S63.01.07,男,{_TOWN},H元.05.09,",
        f"8800000002,7700000001,妻,架空　花子,カクウ　ハナコ,H01.01.08,女,{_TOWN},H10.04.01,",
        f"8800000003,7700000002,母,見本　髙,ミホン　タカ,S22.03.不詳,女,{_TOWN},S22.03.不詳,1",
        f"8800000004,7700000002,世帯主,見本　次郎,ミホン　ジロウ,R03.04.01,男,{_TOWN},R03.04.01,",
        "8800000005,7700000003,,例示　三郎,,,,,,,",
    ],
    "tax": [
        "8800000001,5800,課税,3000000,1,0,0,0,",
        "8800000002,0,非課税,0,0,0,0,0,8800000001",
        "8800000003,0,非課税,,,1,,,市外課税",
        "8800000005,,未申告,,,,,,",
    ],
    "accounts": [
        "8800000003,生活保護,9001,001,1,0000001,ﾐﾎﾝ ﾀｶ",
        "8800000001,児童手当,9002,002,2,0000002,ｶｸｳ ﾀﾛｳ",
    ],
}


@pytest.fixture
def right() -> Rows:
    """The cells of a right export, header first, free to be changed."""
    return {
        file: [[column.header for column in columns], *[row.split(",") for row in _RIGHT[file]]]
        for file, columns in FILES.items()
    }


@pytest.fixture
def written() -> Callable[..., Bytes]:
    """Write cells as a city's system does: commas, CRLF, CP932, no quotes."""

    def write(rows: Rows, encoding: str = "cp932") -> Bytes:
        return {
            file: "".join(",".join(row) + "\r\n" for row in table).encode(encoding)
            for file, table in rows.items()
        }

    return write


@pytest.fixture
def taken() -> Callable[[Mapping[str, bytes]], Intake]:
    """Take in files given as bytes."""

    def take(files: Mapping[str, bytes]) -> Intake:
        return take_in({file: io.BytesIO(raw) for file, raw in files.items()})

    return take
