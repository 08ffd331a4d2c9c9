"""The life of a carrier: which act may follow which state."""

from __future__ import annotations

import pytest

from azukari.carrier.life import Act, State, after
from azukari.errors import Conflict

LEGAL: dict[tuple[State, Act], State] = {
    (State.SEALING, Act.SEAL): State.SEALED,
    (State.SEALING, Act.ABANDON): State.ABANDONED,
    (State.SEALED, Act.HAND_OVER): State.TRAVELLING,
    (State.TRAVELLING, Act.HAND_OVER): State.TRAVELLING,
    (State.RECEIVED, Act.HAND_OVER): State.TRAVELLING,
    (State.ERASED, Act.HAND_OVER): State.ERASED,
    (State.TRAVELLING, Act.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Act.ERASE): State.ERASED,
    (State.TRAVELLING, Act.RETURN): State.RETURNED,
    (State.RECEIVED, Act.RETURN): State.RETURNED,
    (State.ERASED, Act.RETURN): State.RETURNED,
    (State.LOST, Act.FIND): State.FOUND,
    **{
        (state, Act.LOSE): State.LOST
        for state in State
        if state not in (State.SEALING, State.ABANDONED)
    },
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_every_state_and_act_is_a_step_or_a_conflict(state: State, act: Act) -> None:
    if (state, act) in LEGAL:
        assert LEGAL[state, act] == after(state, act)
        return
    with pytest.raises(Conflict, match=state):
        after(state, act)


def test_an_abandoned_carrier_is_abandoned_for_good() -> None:
    assert not [act for (state, act) in LEGAL if state is State.ABANDONED]


def test_nothing_leads_back_to_a_carrier_that_can_be_sealed_again() -> None:
    assert State.SEALING not in LEGAL.values()
    assert [State.SEALED] == [to for (_, act), to in LEGAL.items() if act is Act.SEAL]
