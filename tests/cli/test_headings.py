"""The words of an incident's pages: each in both languages, with the same values in them."""

from __future__ import annotations

import re

import pytest

from azukari.cli.headings import codes, said

NAMES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("code", codes())
def test_both_languages_say_it_with_the_same_values(code: str) -> None:
    ja, en = said(code)

    assert set(NAMES.findall(ja)) == set(NAMES.findall(en))
    assert "" not in (ja, en)
    assert re.search("[ぁ-ヿ一-鿿]", ja)
    assert not re.search("[ぁ-ヿ一-鿿]", en)
