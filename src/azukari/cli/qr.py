"""A signed document as one QR code: a picture, or blocks on the terminal.

The code holds the file's bytes as they are, in one segment; nothing is added and nothing said.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Final

import segno

from azukari.errors import BadInput
from azukari.shelf import files

MOST_BYTES: Final = 2953  # version 40 with the least correction, ISO/IEC 18004, table 7
_MODULE: Final = 4  # the side of one square of a picture


def code_of(data: bytes) -> segno.QRCode:
    """The code of a document; `BadInput` where it does not fit into one."""
    if len(data) > MOST_BYTES:
        raise BadInput(
            "FILE", f"{len(data):,} bytes; one QR code holds {MOST_BYTES:,}: it goes as a file"
        )
    # boost_error: what room is left goes into correction, for paper that was folded.
    return segno.make_qr(data, error="l", mode="byte", boost_error=True)


def inline(data: bytes) -> str:
    """The code as an element of a page: squares in the colour of the text, and nothing else."""
    drawn: str = code_of(data).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None, dark="#000", light="#fff"
    )
    return drawn


def draw(data: bytes, to: str) -> None:
    """Write the picture to a new file, or to the terminal for ``-``."""
    code = code_of(data)
    if to == "-":
        code.terminal(out=sys.stdout, compact=True)
        return
    path = Path(to)
    if path.suffix != ".svg":
        raise BadInput("--qr", "a name that ends in .svg, or -, is expected")
    picture = io.BytesIO()
    code.save(picture, kind="svg", scale=_MODULE, nl=False)
    files.write_new(path, picture.getvalue())
