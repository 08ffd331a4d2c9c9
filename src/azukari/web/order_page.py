"""An order on paper: one page that asks for nothing, to be read, compared and signed by people.

It is given a sheet and what must be said about reasons; it decides nothing and looks nothing up.
Whatever others wrote is escaped, and what would turn letters about or hide is shown by its number.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from azukari.entrust.order import NETWORK
from azukari.entrust.sheet import Sheet
from azukari.incident.sentences import visible
from azukari.web.chain_words import clock

#: Columns and roles in the words of an office; what is not here stands as the order spells it.
COLUMNS: Final = {
    "name_forms": "氏名（検索用）",
    "kana_forms": "カナ（検索用）",
    "birth_dates": "生年月日",
    "postal_code": "郵便番号",
    "answer": "該当・非該当の答え",
    "reason": "その理由",
    "content": "ファイルの中身",
}
ROLES: Final = {"operator": "受付担当", "supervisor": "責任者"}
TABLES: Final = {"households": "世帯（抜き出し）", "files": "ファイル"}
PEOPLE: Final = {
    "requester": ("申請した人", "asks for it"),
    "holder": ("運ぶ人", "carries it"),
    "recipient": ("受け取る人", "takes it at the other end"),
    "grant_by": ("開封許可を運ぶ人", "brings the grant, apart from it"),
    "device_holder": ("届くまで端末を持つ人", "has the device until it arrives"),
}
TIMES: Final = {
    "requested_at": ("申請", "requested"),
    "receive_by": ("受領の期限", "to be received by"),
    "return_by": ("返却の期限", "to be back by"),
    "expires_at": ("許可の期限", "the order expires"),
}


def render(sheet: Sheet, sentence: Callable[[str, str], str], qr: str | None) -> str:
    """The page: Japanese with English beside it, in one file without script or request.

    Args:
        sentence: what a reason means, by its code and ``ja`` or ``en``.
        qr: the order's envelope as an SVG of our own drawing; none where it is too large for one.
    """
    environment, css = paper()
    latin, kana = sheet.words.split("-"), sheet.kana.split("・")
    return environment.get_template("order.html").render(
        css=Markup(css),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        qr=None if qr is None else Markup(qr),  # noqa: S704  # drawn here, of squares only
        sheet=sheet,
        order=sheet.order,
        by_network=sheet.order.medium == NETWORK,
        words=list(zip(kana, latin, strict=True)),
        counted=sum(one.counts for one in sheet.said),
        sentence=sentence,
        columns=COLUMNS,
        roles=ROLES,
        tables=TABLES,
        people=PEOPLE,
        times=[(*TIMES[name], getattr(sheet.order, name)) for name in TIMES],
    )


@cache
def paper() -> tuple[Environment, str]:
    """What pages to print are made with, and how they look; shared by them."""
    loader = PackageLoader("azukari.web")
    environment = Environment(
        loader=loader,
        autoescape=True,  # for every template, whatever its name ends in
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": _visible, "clock": clock, "count": "{:,}".format}
    css, _, _ = loader.get_source(environment, "order.css")
    return environment, css


def _visible(text: str) -> str:
    # On one line: a line break of the writer's must not look like a line of ours.
    return visible(text).replace("\n", "⟨U+000A⟩")
