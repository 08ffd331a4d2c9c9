"""An access review laid out for whoever reads it: who, paid by whom in whose word, used when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One person; employers are names of parties, empty where it is none the city knows."""

    person: str
    roles: tuple[str, ...]
    since: int
    last_used_at: int  # 0: never
    trained_until: int  # 0: a course is missing
    officer: str | None  # in the officer's word; none: not answered yet
    own: str | None  # in the person's own word; none: nothing since they were admitted
    why: tuple[str, ...]  # why they went
    gone: bool  # no longer counts, for this or any other reason


@dataclass(frozen=True)
class Sheet:
    """The newest closed review of an agreement; where there is none, everybody who counts now."""

    agreement: str
    processor: str
    reviewed: tuple[int, int] | None  # from, to; none: it was never reviewed
    answered_at: int | None
    due_at: int | None
    rows: tuple[Row, ...]

    def late(self, now: int) -> bool:
        """Should it have been reviewed again by now?"""
        return self.due_at is not None and self.due_at < now

    @property
    def gone(self) -> int:
        """How many no longer count because of this review."""
        return sum(bool(row.why) for row in self.rows)
