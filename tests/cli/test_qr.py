"""One QR code holds a document's bytes as they are, or the reason why not is said.

No program here reads pictures: what is compared is the one segment that the library draws, and that
the drawing is of the version and correction that were meant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segno import consts, encoder

from azukari.cli import qr
from azukari.errors import BadInput, Conflict


def drawn(data: bytes) -> bytes:
    """The bytes of the one segment into which the library puts a document."""
    prepare: Any = encoder.prepare_data  # it has no types
    (segment,) = prepare(data, consts.MODE_BYTE, None)
    bits = "".join(map(str, segment.bits))
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


@settings(deadline=None, max_examples=50)
@given(st.binary(min_size=1, max_size=300))
def test_the_segment_is_the_document_s_bytes(data: bytes) -> None:
    assert data == drawn(data)
    assert "byte" == qr.code_of(data).mode


def test_the_longest_document_fits_and_one_byte_more_does_not() -> None:
    assert "40-L" == qr.code_of(b"x" * 2953).designator

    with pytest.raises(BadInput, match="2,954 bytes; one QR code holds 2,953: it goes as a file"):
        qr.code_of(b"x" * 2954)


def test_a_picture_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(b"mine")

    with pytest.raises(Conflict):
        qr.draw(b"{}", str(tmp_path / "a.svg"))
    with pytest.raises(BadInput, match="svg"):
        qr.draw(b"{}", str(tmp_path / "a.png"))

    assert b"mine" == (tmp_path / "a.svg").read_bytes()
    assert ["a.svg"] == [path.name for path in tmp_path.iterdir()]


def test_it_is_drawn_in_blocks_on_a_terminal(capsys: Any) -> None:
    qr.draw(b'{"a":1}', "-")

    text = capsys.readouterr().out
    assert {*" \n▀▄█"} >= set(text)
    assert len(text.splitlines()) * 2 >= qr.code_of(b'{"a":1}').symbol_size()[1]
