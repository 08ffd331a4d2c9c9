"""The words of supervision on pages and terminals: kinds of checks, states, what is counted."""

from __future__ import annotations

from typing import Final

from azukari.entrust.supervision import Kind, State

Words = tuple[str, str]  # Japanese, English

KINDS: Final[dict[Kind, Words]] = {
    Kind.VISIT: ("実地の検査", "visit"),
    Kind.LOG: ("記録の点検", "review of logs"),
    Kind.SAMPLE: ("封緘物の抜取り", "sample of carriers"),
}
STATES: Final[dict[State, Words]] = {
    State.PLANNED: ("予定", "planned"),
    State.LATE: ("期限を過ぎた", "late"),
    State.DONE: ("済み", "done"),
    State.DONE_LATE: ("遅れて済み", "done late"),
}
#: How a state looks beside its words: the class of the badge, and a sign, for colour is not enough.
BADGES: Final[dict[State, tuple[str, str]]] = {
    State.PLANNED: ("plain", "□"),
    State.LATE: ("bad", "×"),
    State.DONE: ("good", "○"),
    State.DONE_LATE: ("limit", "△"),
}
COUNTS: Final[dict[str, Words]] = {
    "orders": ("持出許可", "orders"),
    "carriers": ("封緘物", "carriers"),
    "alarms": ("警報", "alarms"),
    "losses": ("紛失", "losses"),
}
FOLLOW_UP: Final[Words] = ("是正", "follow-up")
ERASED: Final[Words] = ("（文は消去された）", "(the text was erased)")


def say(words: Words, language: str) -> str:
    return words[0] if language == "ja" else words[1]
