"""An incident whose carriers cannot be counted ends all the same by words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from azukari.carrier.life import State
from azukari.desk import closing, respond
from azukari.errors import Conflict, Refused
from azukari.vault import records

pytestmark = pytest.mark.real

LAW_ON = dt.date(2026, 9, 1)


def broken_off(city: Any) -> None:
    """Every carrier of the bag is a sealing that broke off: no counterfoil was ever made."""
    for carrier in city.carriers:
        with city.office.act() as tx:
            records.change_carrier(
                tx, carrier, state=State.SEALING, counterfoil=None, envelope=None
            )


def test_attack_a_bag_that_cannot_be_counted_is_declared_so_that_it_stays_open_for_ever(
    at_six: Any,
) -> None:
    at_six.clock.set("2026-09-01 10:00")
    broken_off(at_six)
    incident = at_six.lose().incident
    with pytest.raises(Conflict):
        respond.respond(at_six.office, incident, party="", law_on=LAW_ON)
    by = at_six.person("officer")
    off = dict.fromkeys(at_six.carriers, "例: 見つからない")

    with pytest.raises(Refused) as refused:
        closing.close(at_six.office, incident, by, off, LAW_ON)
    assert ("duty_not_answered",) == refused.value.reasons
    owed = closing.standing(at_six.office, incident, LAW_ON).unanswered
    assert "appi-organ.report.prompt" in owed

    for duty in owed:
        closing.answer(at_six.office, incident, duty, "not-due", "例", by)
    closing.close(at_six.office, incident, by, off, LAW_ON)

    assert "incident.closed" in at_six.types("office")
