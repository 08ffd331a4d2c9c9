"""The search sheet on paper, for the holder and the police: one page that asks for nothing.

It is given a sheet and names and looks nothing up.  Whatever people typed is escaped, and what
would turn letters about or hide is shown by its number.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from markupsafe import Markup

from azukari.desk.search import KINDS, Sheet
from azukari.incident.police import MEDIA
from azukari.incident.sentences import table
from azukari.web.order_page import paper


def render(sheet: Sheet, names: Mapping[str, str]) -> str:
    """The page: Japanese with English beside it, in one file without script or request.

    Args:
        names: how persons are called on it, by id.
    """
    environment, css = paper()
    return environment.get_template("search_sheet.html").render(
        css=Markup(css),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        sheet=sheet,
        in_bag=sheet.of("bag", "phone", "tag", "device"),
        way=sheet.of("way_home"),
        seen=sheet.of("seen"),
        kinds=KINDS,
        media={kind: table()[f"medium.{kind}"] for kind in MEDIA},
        names=names,
    )
