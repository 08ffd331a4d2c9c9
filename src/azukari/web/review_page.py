"""An access review on paper: who was on the list, paid by whom in whose word, and who went.

It is given a sheet and what must be said about reasons; it decides nothing and looks nothing up.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from markupsafe import Markup

from azukari.entrust.review_sheet import Sheet
from azukari.web.order_page import paper

ROLES: Final = {
    "operator": "受付",
    "supervisor": "管理者",
    "holder": "運ぶ人",
    "courier": "開封許可の係",
    "officer": "責任者",
    "requester": "申請者",
    "approver": "承認者",
    "custody": "持出窓口",
}


def render(sheet: Sheet, now: int, sentence: Callable[[str, str], str]) -> str:
    """The page: Japanese with English beside it, in one file without script or request.

    Args:
        sentence: what a reason means, by its code and ``ja`` or ``en``.
    """
    environment, css = paper()
    return environment.get_template("review.html").render(
        css=Markup(css),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        sheet=sheet,
        now=now,
        late=sheet.late(now),
        sentence=sentence,
        roles=ROLES,
    )
