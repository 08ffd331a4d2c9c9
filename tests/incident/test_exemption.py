"""Evidence speaks for, against, or asks a person; it is never added up."""

from __future__ import annotations

import datetime as dt

from azukari.carrier.exposure import PartState, State, Word
from azukari.incident.exemption import Revocation, Speaks, evidence

AT = dt.datetime(2022, 6, 22, 15, 46, tzinfo=dt.UTC)
NEVER = PartState(State.NEVER_RELEASED, Word.LEDGER, "")
OUT = PartState(State.TRAVELLED, Word.NOBODY, "")


def test_a_carrier_whose_keys_never_left_speaks_for_itself() -> None:
    points = evidence({("c", "p"): NEVER}, {"c": Revocation(AT)})

    assert not [point for point in points if point.speaks is Speaks.AGAINST]
    assert "evidence.b3.no_key_out" in [point.code for point in points]


def test_a_key_that_travelled_speaks_against_and_asks_further() -> None:
    points = evidence({("c", "p"): NEVER, ("c", "q"): OUT}, {"c": Revocation(AT)})
    by_code = {point.code: point.speaks for point in points}

    assert by_code["evidence.b1.released_travelled"] is Speaks.AGAINST
    assert by_code["evidence.b2.already_out"] is Speaks.OPEN
    assert "evidence.b3.no_key_out" not in by_code


def test_a_carrier_that_is_not_revoked_speaks_against() -> None:
    points = evidence({("c", "p"): NEVER, ("d", "p"): NEVER}, {"c": Revocation(AT)})

    assert ("carriers", 1) in next(
        point.values for point in points if point.code == "evidence.b2.not_revoked"
    )


def test_implementation_and_the_bag_are_always_a_persons_to_answer() -> None:
    points = evidence({("c", "p"): NEVER}, {"c": Revocation(AT, "HSM")})
    asked = {point.code for point in points if point.speaks is Speaks.OPEN}

    assert {"evidence.a.implemented", "evidence.b1.bag"} <= asked
