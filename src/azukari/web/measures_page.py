"""Measures on paper: what failed, what was done against it, who looked again; it asks for nothing.

It is given measures and names and decides nothing.  Whatever people wrote is escaped, and what
would turn letters about or hide is shown by its number.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from azukari.incident import measures
from azukari.incident.measures import Measure, State
from azukari.incident.sentences import visible
from azukari.incident.tasks import OWNERS
from azukari.web.chain_words import clock

#: Colour never stands alone: each state has a sign of its own.
SIGNS: Final = {State.OPEN: "□", State.LATE: "▲", State.DONE: "◇", State.CLOSED: "■"}


def render(
    found: Sequence[Measure],
    city: str,
    names: Mapping[str, str],
    labels: Mapping[str, str],
    now: int,
) -> str:
    """The page: Japanese with English beside it, in one file without script or request.

    Args:
        names: how persons are called on it, by id.
        labels: how carriers are; any other subject stands by the beginning of its id.
    """
    environment, css = _environment()
    counted = Counter(one.state(now) for one in found)
    return environment.get_template("measures.html").render(
        css=Markup(css),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        measures=found,
        table=measures.table(),
        counted=[(state, *measures.STATES[state], counted[state]) for state in State],
        states=measures.STATES,
        signs=SIGNS,
        owners=OWNERS,
        names=names,
        labels=labels,
        city=city,
        now=now,
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
    environment.filters |= {"visible": _visible, "clock": clock, "count": "{:,}".format}
    css, _, _ = loader.get_source(environment, "order.css")
    return environment, css


def _visible(text: str) -> str:
    # On one line: a line break of the writer's must not look like a line of ours.
    return visible(text).replace("\n", "⟨U+000A⟩")
