"""The life of a carrier: which act may follow which state.

Pure: the state stands in the office's records; this says what may happen next.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from azukari.errors import Conflict


class State(StrEnum):
    SEALING = "sealing"
    ABANDONED = "abandoned"  # a crash or a fault came between; the id is never used again
    SEALED = "sealed"
    TRAVELLING = "travelling"
    RECEIVED = "received"
    ERASED = "erased"
    RETURNED = "returned"
    LOST = "lost"
    FOUND = "found"


class Act(StrEnum):
    SEAL = "seal"
    ABANDON = "abandon"
    HAND_OVER = "hand over"
    RECEIVE = "receive"
    ERASE = "erase"
    RETURN = "return"
    LOSE = "lose"
    FIND = "find"


_NEXT: Final = {
    (State.SEALING, Act.SEAL): State.SEALED,
    (State.SEALING, Act.ABANDON): State.ABANDONED,
    (State.SEALED, Act.HAND_OVER): State.TRAVELLING,
    (State.TRAVELLING, Act.HAND_OVER): State.TRAVELLING,
    (State.TRAVELLING, Act.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Act.HAND_OVER): State.TRAVELLING,
    (State.RECEIVED, Act.ERASE): State.ERASED,
    # The medium still travels back: who has it stands in the custody, that it is empty here.
    (State.ERASED, Act.HAND_OVER): State.ERASED,
    (State.TRAVELLING, Act.RETURN): State.RETURNED,
    (State.RECEIVED, Act.RETURN): State.RETURNED,
    (State.ERASED, Act.RETURN): State.RETURNED,
    (State.LOST, Act.FIND): State.FOUND,
}
#: Whatever was whole once can be lost: on its way, at hand in the office, returned, or once more.
_CAN_BE_LOST: Final = frozenset(set(State) - {State.SEALING, State.ABANDONED})


def after(state: State, act: Act) -> State:
    """The next state; `Conflict` where the act may not follow."""
    if act is Act.LOSE and state in _CAN_BE_LOST:
        return State.LOST
    if (state, act) not in _NEXT:
        raise Conflict(f"a carrier that is {state} cannot be the object of '{act}'")
    return _NEXT[state, act]
