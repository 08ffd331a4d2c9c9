"""Which incident is meant: the one that is named, or the newest; never one of several."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from azukari.cli import chosen
from azukari.desk import loss
from azukari.errors import NotFound
from azukari.names import new_id

pytestmark = pytest.mark.real


def test_attack_the_beginning_of_several_incidents_means_none_of_them(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second loss whose id begins like the first: `close` of the one does not close the other."""
    made = (f"0{n}" + new_id()[2:] for n in itertools.count(1))
    monkeypatch.setattr(loss, "new_id", lambda: next(made))
    first = at_six.lose().incident
    at_six.clock.at += 60_000
    # Known earlier by who says so, and yet the newest.
    knew = at_six.clock.now()
    said = at_six.declared(known_at=knew, last_held_at=knew, lost_before=knew)
    second = loss.declare(at_six.office, at_six.carriers[1:], said).incident

    with pytest.raises(NotFound, match="several"):
        chosen.incident(at_six.office, "0")

    assert first == chosen.incident(at_six.office, first[:2].upper())
    assert second == chosen.incident(at_six.office, second)
    assert second == chosen.incident(at_six.office, "")
    with pytest.raises(NotFound):
        chosen.incident(at_six.office, "z")
