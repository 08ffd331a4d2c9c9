"""Checks of what was written: blanks that are named, no verdicts, nothing said that must not be.

Promise 15.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from azukari.desk import papers as kinds
from azukari.incident import form, release
from azukari.rehearse.checks import Checks
from azukari.rehearse.drafts import Papers
from azukari.rehearse.night import Night

#: How a judge would speak; folded to lower case and looked for in whatever was written.
VERDICTS: Final = (
    "違法", "適法", "違反し", "違反する", "違反である", "有罪", "無罪", "過失", "故意",
    "義務はない", "義務はありません", "義務を負わない", "義務が免除", "免除される", "免除されます",
    "報告は不要", "報告不要", "通知は不要", "通知不要", "責任はない", "責任はありません",
    "exempt from", "is exempt", "are exempt", "guilty", "violat", "illegal", "unlawful", "negligen",
    "not liable", "no duty", "no obligation", "need not report", "need not be reported",
)  # fmt: skip
#: What no record of the office can tell, and nobody had said minutes after the loss.
NEVER_RECORDED: Final = frozenset(
    {"circumstances", "cause", "damage_seen", "other_matters", "police_number"}
)
#: The sentence of June 2022, and what no city can know.
GIVEN_AWAY: Final = {
    "パスワードは英数字13桁です。": "key_length",
    "パスワードは十三文字の英数字で、設定されています。": "key_length",
    "The password has thirteen letters and digits.": "key_length",
    "漏えいはありません。": "no_leak",
}


def evidence_never_a_verdict(checks: Checks, night: Night) -> None:
    """Promise 15."""
    written: Papers = night.known["papers"]
    folder = night.out / "papers"
    _blanks(checks, written, folder)
    checks.add(15, "a verdict that is planted is found", all(judges([v]) for v in VERDICTS))
    texts = {one.form.kind: _text(written, one.form.kind, folder) for one in written.drafts}
    checks.add(15, "every paper was drafted", set(texts) == set(kinds.KINDS))
    for kind, text in texts.items():
        checks.add(15, f"no verdict in the paper {kind}", not judges(text))
    page = (folder / "report-after-receipt.html").read_text(encoding="utf-8")
    checks.add(15, "no verdict in the draft as a page", not judges([page]))
    duties = [*night.response.city, *night.response.processor]
    checks.add(
        15,
        "every duty says its source and how sure",
        duties and all(duty.source and duty.article and duty.certainty for duty in duties),
    )
    _public(checks, written)


def judges(texts: Iterable[str]) -> list[str]:
    """The words of a verdict in these texts."""
    whole = "\n".join(texts).lower()
    return [word for word in VERDICTS if word in whole]


def _blanks(checks: Checks, written: Papers, folder: Path) -> None:
    """What nobody recorded stands as a blank in the value, in the paper and in its data."""
    for kind in ("prompt", "final"):
        drafted = kinds.report_of(written.told, "prompt" if kind == "prompt" else "final")
        names = {blank.name for blank in drafted.blanks}
        data = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
        told = {blank["name"] for item in data["items"] for blank in item["blanks"]}
        made = next(one.form for one in written.drafts if one.form.kind == kind)
        checks.add(
            15,
            f"what nobody said is a named blank in the {kind} report",
            NEVER_RECORDED <= names == told == set(made.blanks)
            and all(blank.who_must_fill and blank.why for blank in drafted.blanks),
        )


def _public(checks: Checks, written: Papers) -> None:
    """What everybody will read, and what must not be said."""
    texts = {
        one.form.kind: form.without_blanks(one.form)
        for one in written.drafts
        if one.form.kind in kinds.PUBLIC
    }
    checks.add(
        15,
        "what is said in public was held against the facts and the roll",
        set(texts) == set(kinds.PUBLIC)
        and written.known.residents
        and not any(one.objections for one in written.drafts),
    )
    refused = [
        code in {one.code for one in release.check(f"{text}\n{said}", written.known)}
        for text in texts.values()
        for said, code in GIVEN_AWAY.items()
    ]
    checks.add(15, "the sentence of 2022 in it is refused", refused and all(refused))


def _text(written: Papers, kind: str, folder: Path) -> list[str]:
    """A paper in both languages as lines, and its data."""
    both = [
        line
        for language in ("ja", "en")
        for line in form.lines(kinds.form_of(written.told, kind, language))
    ]
    return [*both, (folder / f"{kind}.json").read_text(encoding="utf-8")]
