"""Articles of law as a Japanese reader cites them; the packs name them in English.

第68条第1項 for "art. 68(1)", 第43条第4号 for "rule 43(iv)".  Law of elsewhere stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

from azukari.incident.sentences import Language

_LAWS: Final = (
    ("My Number Act ", "番号法"),
    ("Reporting Rules ", "番号法の報告規則"),
    ("Enforcement Rules ", "個人情報保護法施行規則"),
    ("Act ", "個人情報保護法"),
)
_FOREIGN: Final = ("GDPR", "Regulation")
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}
_ARTICLE: Final = re.compile(r"([0-9]+)(?:-([0-9]+))?((?:\([0-9ivx]+\))*)")
_PART: Final = re.compile(r"\(([0-9ivx]+)\)")


def cite(article: str, language: Language) -> str:
    """An article of a pack in one language."""
    if language == "en":
        return article
    return "、".join(_ja(part) for part in article.split("; "))


def _ja(part: str) -> str:
    if part.startswith(_FOREIGN):
        return part
    law = "規則" if part.startswith("rule") else ""
    for english, japanese in _LAWS:
        if part.startswith(english):
            law, part = japanese, part.removeprefix(english)
            break
    plain = re.sub(r"\b(?:art\.|rules?) ", "", part).replace(" proviso", "ただし書")
    return law + _ARTICLE.sub(_numbered, plain).replace(" and ", "及び")


def _numbered(found: re.Match[str]) -> str:
    branch = f"の{found[2]}" if found[2] else ""
    return f"第{found[1]}条{branch}" + "".join(_below(one) for one in _PART.findall(found[3]))


def _below(number: str) -> str:
    return f"第{number}項" if number.isdigit() else f"第{_ROMAN[number]}号"
