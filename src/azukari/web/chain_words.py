"""The words for agreements on pages and terminals: fields, states, which way a change goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from azukari.entrust.difference import Change, How
from azukari.entrust.tree import Branch, State

JST: Final = timezone(timedelta(hours=9), "JST")
Words = tuple[str, str]  # Japanese, English

FIELDS: Final[dict[str, Words]] = {
    "parent": ("上の契約", "under"),
    "entrustor": ("委託者", "entrusts"),
    "processor": ("受託者", "is entrusted"),
    "from_at": ("開始", "from"),
    "columns": ("項目", "columns"),
    "purposes": ("目的", "purposes"),
    "media": ("媒体", "media"),
    "expires_at": ("期限", "until"),
    "may_re_entrust": ("再委託", "re-entrusting"),
    "depth": ("下に続けられる契約", "links below"),
    "training": ("研修", "courses"),
    "approvers": ("承認者数", "approvers"),
    "device_key": ("端末の鍵", "device key"),
}
STATES: Final[dict[State, Words]] = {
    State.HOLDS: ("有効", "in force"),
    State.SUSPENDED: ("停止", "suspended"),
    State.WAITING: ("市の承認待ち", "waits for the city"),
    State.EXPIRED: ("期間終了", "expired"),
    State.NOT_YET: ("開始前", "not yet in force"),
    State.STOPPED: ("上の契約の停止により無効", "stopped by a link above"),
    State.BROKEN: ("市からつながっていない", "does not reach the city"),
}
HOWS: Final[dict[How, Words]] = {
    How.NARROWER: ("狭くなる", "narrower"),
    How.WIDER: ("広くなる", "wider"),
    How.OTHER: ("どちらでもない", "other"),
}
NONE: Final = ("なし", "none")
YES_NO: Final = (("不可", "可"), ("no", "yes"))
#: Fields of terms of which a picture says how many, not which.
COUNTED: Final = ("columns",)


def say(words: Words, language: str) -> str:
    return words[0] if language == "ja" else words[1]


def value(field: str, content: Any, language: str, names: Mapping[str, str]) -> str:
    """What a field holds, in words; ``names`` are those of parties, by id."""
    if isinstance(content, bool):
        return YES_NO[language != "ja"][content]
    if field.endswith("_at"):
        return clock(content)
    if field in ("entrustor", "processor"):
        return names.get(content, content)
    if isinstance(content, list):
        return ", ".join(content) or say(NONE, language)
    return str(content) or say(NONE, language)


def short(field: str, content: Any, language: str) -> str:
    """The same for a picture: of many columns how many."""
    return str(len(content)) if field in COUNTED else value(field, content, language, {})


def change(one: Change, language: str) -> str:
    """A change on one line: the field, before and after, or what a list lost and gained."""
    field = say(FIELDS[one.field], language)
    how = "" if one.how is How.NARROWER else f"{say(HOWS[one.how], language)}: "
    if isinstance(one.old, list) and one.field not in COUNTED:
        lost = [f"−{word}" for word in one.old if word not in one.new]
        more = [f"+{word}" for word in one.new if word not in one.old]
        return f"{how}{field} {' '.join([*lost, *more])}"
    before, after = short(one.field, one.old, language), short(one.field, one.new, language)
    return f"{how}{field} {before} → {after}"


def terms(branch: Branch, language: str) -> list[str]:
    """What a link allows: all of it under the city, below another what it narrows."""
    if branch.changes or branch.link.parent:
        return [change(one, language) for one in branch.changes if one.field != "expires_at"]
    fields = [name for name in type(branch.link.terms).__struct_fields__ if name != "expires_at"]
    return [
        f"{say(FIELDS[name], language)} {short(name, getattr(branch.link.terms, name), language)}"
        for name in fields
    ]


def clock(ms: int) -> str:
    """An instant as people in Japan read it."""
    try:
        return datetime.fromtimestamp(ms / 1000, JST).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return f"{ms} ms"
