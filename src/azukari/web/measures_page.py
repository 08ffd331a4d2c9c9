"""Measures on paper: what failed, what was done against it, who looked again; it asks for nothing.

It is given measures and names and decides nothing.  Whatever people wrote is escaped, and what
would turn letters about or hide is shown by its number.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from azukari.incident import measures
from azukari.incident.measures import Measure, State
from azukari.incident.tasks import OWNERS
from azukari.web.order_page import paper

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
    environment, css = paper()
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
