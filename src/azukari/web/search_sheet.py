"""The search sheet on paper, for the holder and the police: one page that asks for nothing.

It is given a sheet and names and looks nothing up.  Whatever people typed is escaped, and what
would turn letters about or hide is shown by its number.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from azukari.desk.search import KINDS, Sheet
from azukari.incident.sentences import visible
from azukari.web.chain_words import clock


def render(sheet: Sheet, names: Mapping[str, str]) -> str:
    """The page: Japanese with English beside it, in one file without script or request.

    Args:
        names: how persons are called on it, by id.
    """
    environment, css = _environment()
    return environment.get_template("search_sheet.html").render(
        css=Markup(css),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        sheet=sheet,
        in_bag=sheet.of("bag", "phone", "tag", "device"),
        way=sheet.of("way_home"),
        seen=sheet.of("seen"),
        kinds=KINDS,
        names=names,
    )


@cache
def _environment() -> tuple[Environment, str]:
    loader = PackageLoader("azukari.web")
    environment = Environment(
        loader=loader,
        autoescape=True,  # for every template, whatever its name ends in
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": _visible, "clock": clock}
    css, _, _ = loader.get_source(environment, "order.css")
    return environment, css


def _visible(text: str) -> str:
    # On one line: a line break of the writer's must not look like a line of ours.
    return visible(text).replace("\n", "⟨U+000A⟩")
