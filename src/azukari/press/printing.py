"""The one function that prints: a template, values and a language become a PDF or pictures.

Values go in as data and never into a template's source: Typst reads them as JSON and sets them as
text, whatever they hold.  Nothing is read but the templates of this package and the fonts, nothing
is fetched, and the same values give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import typst

from azukari.errors import BadFormat, NotFound
from azukari.press import letters

Language = Literal["ja", "en"]
TEMPLATES: Final = Path(__file__).parent / "templates"
#: Papers of an office are kept for decades and read aloud by machines.  Both standards refuse a
#: letter that the font lacks, so that even a fault of `letters` leaves no blank.
STANDARDS: Final[list[typst.PDFStandard]] = ["a-2a", "ua-1"]
_PPI: Final = 110.0
#: More letters than these are no paper, and would keep the typesetter busy for minutes.
MOST_LETTERS: Final = 200_000


def pdf(template: str, value: Mapping[str, Any], language: Language, at: dt.datetime) -> bytes:
    """A paper as a PDF for archives (PDF/A-2a) and for everybody (PDF/UA-1).

    Args:
        template: the name of a file in ``templates``, without its ending.
        value: what the template sets: texts, whole numbers, truths, lists and objects of these.
        at: the instant that stands in the file as its making; no clock is asked.
    """
    (found,) = _compiled(template, value, language, at, form="pdf")
    return found


def pictures(
    template: str, value: Mapping[str, Any], language: Language, at: dt.datetime, ppi: float = _PPI
) -> list[bytes]:
    """The same paper, a PNG a page: to look at."""
    return _compiled(template, value, language, at, form="png", ppi=ppi)


def _compiled(
    template: str,
    value: Mapping[str, Any],
    language: Language,
    at: dt.datetime,
    *,
    form: Literal["pdf", "png"],
    ppi: float | None = None,
) -> list[bytes]:
    source = TEMPLATES / f"{template}.typ"
    if template not in names():
        raise NotFound("there is no such template")
    if at.utcoffset() is None:
        raise BadFormat("a paper's instant needs a zone")
    data = msgspec.json.encode(_shown(msgspec.to_builtins(value))).decode()
    if len(data) > MOST_LETTERS:
        raise BadFormat(f"a paper of more than {MOST_LETTERS:,} letters")
    inputs = {"value": data, "language": language}
    try:
        made = typst.Compiler(
            source, root=TEMPLATES, font_paths=_fonts(), sys_inputs=inputs
        ).compile(
            format=form,
            ppi=ppi,
            timestamp=int(at.timestamp()),
            pdf_standards=STANDARDS if form == "pdf" else [],
        )
    except typst.TypstError:
        # Its message quotes what it was given.
        raise BadFormat(f"the paper {template} cannot be set") from None
    found = made if isinstance(made, list) else [made]
    return [page for page in found if page is not None]


@cache
def names() -> frozenset[str]:
    """Every template there is; what they share begins with an underline."""
    return frozenset(path.stem for path in TEMPLATES.glob("*.typ") if not path.name.startswith("_"))


@cache
def _fonts() -> typst.Fonts:
    """Our fonts and no other: a paper looks the same on every machine."""
    folders = [font.parent for font in letters.FONTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return letters.breakable(letters.shown(value))
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return value
