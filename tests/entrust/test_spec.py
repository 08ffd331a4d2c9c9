"""The page on who may names every reason there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from azukari.entrust import order
from azukari.entrust.may import Why

PAGE = Path(__file__).parents[2] / "docs" / "spec" / "may-v1.md"
SOURCE = Path(order.__file__).read_text(encoding="utf-8")


def test_the_page_has_every_reason_and_no_other() -> None:
    rows = re.findall(r"(?m)^\| ((?:`\w+`(?:, )?)+) \|", PAGE.read_text(encoding="utf-8"))
    named = {code for row in rows for code in re.findall(r"`(\w+)`", row)}
    fields = {"columns", "purposes", "media", "expires_at", "may_re_entrust", "depth"}
    fields |= {"training", "approvers", "device_key"}
    of_approvals = set(re.findall(r'"(appro\w+_\w+)"', SOURCE))

    assert len(of_approvals) >= 7
    assert {why.value for why in Why} | of_approvals == named - fields
