"""The five states of a part: who can have read it, and on whose word we say so.

A part is in exactly one state.  Only *never released* is a fact about the whole world, and it
rests on the keys' ledger; every other state rests on the word of a device, of a person, or of
nobody, and pages say which.

Two kinds of release stand in that ledger.  ``seal`` gives a key to the office at the moment of
sealing; the office seals the parts, keeps no key, and nobody outside has learned anything, so the
states do not speak of it.  ``open`` gives a key to a device outside: the states speak of these
only.  A use that is not known counts as ``open``.

This is not a judgement of what happened: a device that opened a part could have passed it on
before its one-time key was destroyed, in every state but the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from azukari.carrier.counterfoil import Counterfoil


class State(StrEnum):
    """The five states, best first; the worst of all releases is the state of the part."""

    NEVER_RELEASED = "never_released"
    KEY_DESTROYED = "released_key_destroyed"
    DEVICE_ACCOUNTED_FOR = "released_device_accounted_for"
    NO_RECEIPT = "released_no_receipt"
    TRAVELLED = "released_travelled"  # worst: the sealed part and its key may be in one hand


class Word(StrEnum):
    """On whose word a state rests."""

    LEDGER = "ledger"  # the keys' ledger, complete up to a signed head
    DEVICE = "device"  # a receipt signed by the device
    PERSON = "person"  # somebody who says so, by name, at the office
    NOBODY = "nobody"  # nothing was said; we take the worse


SEAL: Final = "seal"
OPEN: Final = "open"
ERASED: Final = "erased"
_RANK: Final = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True)
class Release:
    """One release of keys, as the keys' ledger and the office know it.

    ``window_to`` is ms since 1970, UTC.  ``receipt`` is what the device signed last about this
    grant (``None`` if nothing came).  ``travelled``: was the device, or a paper with the grant,
    with the carrier when it was lost; ``None`` is *not known* and counts as yes, so a carrier that
    is not lost says ``False``.
    """

    carrier: str
    parts: tuple[str, ...]
    use: str
    grant: str = ""
    device: str = ""
    window_to: int | None = None
    receipt: str | None = None
    one_time_key_destroyed: bool = False
    device_accounted_for: bool | None = None
    travelled: bool | None = None


@dataclass(frozen=True)
class PartState:
    """The state of one part, on whose word, and the code of the sentence that says it.

    ``open_until`` is the latest end of a window whose key is not destroyed (ms), ``None`` if no
    such key is out; the window is kept by our reader only, not by mathematics.
    """

    state: State
    on_whose_word: Word
    sentence_code: str
    releases: int = 0
    open_until: int | None = None


def state(part: str, releases: Sequence[Release]) -> PartState:
    """The state of a part, from every release of its carrier; the worst release wins."""
    counted = [one for one in releases if part in one.parts and one.use != SEAL]
    if not counted:
        return PartState(State.NEVER_RELEASED, Word.LEDGER, "state.never_released.ledger")
    judged = [_judge(one) for one in counted]
    # On one state the weaker word wins: "nobody said so" must not hide behind "somebody did".
    worst, word = max(judged, key=lambda found: (_RANK[found[0]], found[1] is Word.NOBODY))
    windows = [
        one.window_to
        for one, (found, _) in zip(counted, judged, strict=True)
        if found is not State.KEY_DESTROYED and one.window_to is not None
    ]
    code = f"state.{worst.value}.{word.value}"
    return PartState(worst, word, code, len(counted), max(windows, default=None))


def states(foil: Counterfoil, releases: Sequence[Release]) -> dict[str, PartState]:
    """The state of every part of one carrier; releases of other carriers are left aside."""
    own = [one for one in releases if one.carrier == foil.carrier]
    return {part.id: state(part.id, own) for part in foil.parts}


def worst(found: Sequence[PartState]) -> State:
    """The worst of some states; of none it is *never released*."""
    return max((one.state for one in found), key=_RANK.__getitem__, default=State.NEVER_RELEASED)


def rank(of: State) -> int:
    """0 for the best state, 4 for the worst."""
    return _RANK[of]


def _judge(one: Release) -> tuple[State, Word]:
    # A destroyed one-time key makes a grant waste paper, wherever device and paper are now.
    if one.receipt == ERASED and one.one_time_key_destroyed:
        return State.KEY_DESTROYED, Word.DEVICE
    if one.travelled is None:
        return State.TRAVELLED, Word.NOBODY
    if one.travelled:
        return State.TRAVELLED, Word.PERSON
    if one.device_accounted_for:
        return State.DEVICE_ACCOUNTED_FOR, Word.PERSON
    return State.NO_RECEIPT, Word.NOBODY
