"""Whatever bytes come through the keyboard or a scanner, they are refused and no fault of ours."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from azukari.cli import exits
from azukari.errors import BadFormat

PROGRAM = "import sys; from azukari.cli import main; sys.exit(main())"


@pytest.mark.parametrize("typed", [b"\xff\xfe\x00", "架空".encode("cp932"), b"\xed\xa0\x80\n"])
def test_attack_bytes_that_are_no_text_in_place_of_a_code(typed: bytes) -> None:
    """As on a Japanese terminal, where a byte that is no UTF-8 otherwise ends the program."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "in", "-", "--lang", "en"],
        input=typed,
        capture_output=True,
        timeout=60,
        env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"},
        check=False,
    )

    assert exits.CODES[BadFormat] == ran.returncode
    assert b"fault" not in ran.stderr
    assert typed not in ran.stderr
