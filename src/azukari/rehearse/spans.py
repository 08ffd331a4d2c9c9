"""Instants and lengths of time as the page says them, in Japanese time and in words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

JST: Final = timezone(timedelta(hours=9), "JST")


def clock(at: datetime) -> str:
    local = at.astimezone(JST)
    return f"{local.month} 月 {local.day} 日（{'月火水木金土日'[local.weekday()]}）{local:%H:%M}"


def day(at: datetime) -> str:
    local = at.astimezone(JST)
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


def until(at: datetime, since: datetime) -> str:
    """As `clock`, without the day where it is the same."""
    local = at.astimezone(JST)
    return f"{local:%H:%M}" if local.date() == since.astimezone(JST).date() else clock(at)


def story_at(text: str) -> str:
    try:
        return clock(datetime.fromisoformat(text))
    except ValueError:
        return text


def _parts_of(span: timedelta) -> list[tuple[int, str, str]]:
    seconds = round(abs(span).total_seconds())
    days, hours = divmod(seconds // 3600, 24)
    minutes, rest = seconds // 60 % 60, seconds % 60
    if days < 3:
        days, hours = 0, days * 24 + hours
    if days:
        return [(days, "日", "d"), (hours, "時間", "h")]
    if hours or minutes:
        return [(hours, "時間", "h"), (minutes, "分", "min")]
    return [(rest, "秒", "s")]


def span(span: timedelta) -> str:
    return " ".join(f"{n} {ja}" for n, ja, _ in _parts_of(span) if n) or "0 秒"


def span_en(span: timedelta) -> str:
    return " ".join(f"{n} {en}" for n, _, en in _parts_of(span) if n) or "0 s"
