"""Write the tables of `docs/law.md` from the packs, so that page and program never differ.

    python -m tools.law_table

Only what stands between a `<!-- name: made by … -->` and its `<!-- end -->` is written; all else on
the page is people's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from azukari.incident.pack import ASKED_FOR, PACKS, Obligation, Pack, packs

PAGE = Path(__file__).parents[1] / "docs/law.md"
_WHO = {"organ": "a city", "business": "a business", "processor": "a contractor"}


def duties(read: tuple[Pack, ...]) -> Iterator[str]:
    """One line an obligation."""
    yield "| obligation | who, to whom | article | by when | sure | in force | file |"
    yield "|---|---|---|---|---|---|---|"
    for pack in read:
        for one in pack.obligation:
            cells = (
                f"`{one.id}`",
                f"{' or '.join(_WHO[role] for role in one.who)}, to {one.authority_en}",
                one.article,
                _when(one),
                f"{one.certainty}; {one.certainty_note}" if one.certainty_note else one.certainty,
                f"from {one.in_force_from}" + (f" to {one.in_force_to}" if one.in_force_to else ""),
                f"`packs/{pack.id}.toml`",
            )
            yield f"| {' | '.join(cells)} |"


def sources(read: tuple[Pack, ...]) -> Iterator[str]:
    """Where each obligation was read, when, and how its days are counted."""
    yield "| obligation | source | read | how it is counted |"
    yield "|---|---|---|---|"
    for pack in read:
        for one in pack.obligation:
            yield f"| `{one.id}` | {one.source} | {one.date_read} | {one.counting} |"


def triggers(read: tuple[Pack, ...]) -> Iterator[str]:
    """Each trigger of each pack once."""
    yield "| trigger | pack | article | sure |"
    yield "|---|---|---|---|"
    found = {
        (each.code, each.more_than, pack.id, each.article, each.certainty): None
        for pack in read
        for one in pack.obligation
        for each in one.trigger
    }
    for code, number, pack_id, article, sure in found:
        limit = "" if number is None else f" {number:,}"
        yield f"| `{code}`{limit} | {pack_id} | {article} | {sure} |"


def written(text: str) -> str:
    """The page with its tables as the packs have them."""
    read = packs((*PACKS, *ASKED_FOR))
    for table in (duties, sources, triggers):
        opening = f"<!-- {table.__name__}: made by `python -m tools.law_table` -->"
        block = "\n".join((opening, *table(read), "<!-- end -->"))
        pattern = re.compile(f"{re.escape(opening)}.*?<!-- end -->", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise SystemExit(f"{PAGE.name}: one place for the table of {table.__name__} is needed")
        text = pattern.sub(block.replace("\\", r"\\"), text)
    return text


def _when(one: Obligation) -> str:
    if one.hours is not None:
        return f"within {one.hours} hours of knowing"
    if one.days is None:
        return "promptly; no days"
    first, last = one.days
    when = f"day {last}" if first == last else f"promptly, day {first} to {last}"
    if one.days_if_improper_purpose is not None:
        when += f", {one.days_if_improper_purpose[1]} where an improper purpose is possible"
    return when


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
