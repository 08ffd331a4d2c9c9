"""What the mayor's page tells beside the results of the run: values, ready to be shown.

No resident is in it: counts, times, names of parties, people at work and parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Hold:
    """Somebody, or nobody, held the carriers for a while."""

    who: str
    role: str
    from_at: datetime
    to_at: datetime | None  # None: still
    note: str = ""
    lost: bool = False


@dataclass(frozen=True)
class Incident:
    """The loss as the records tell it."""

    lost_from: datetime  # last surely held
    lost_to: datetime  # noticed; every duration on the page counts from here
    known_at: datetime  # the city knew
    declared_at: datetime
    revoked_at: datetime
    found_at: datetime | None
    alarm_at: datetime | None = None  # our own clockwork noticed that something was late


@dataclass(frozen=True)
class KindCount:
    """How many persons a kind of data on the carriers is about; suppressed ones counted apart."""

    kind: str
    ja: str
    persons: int
    suppressed: int


@dataclass(frozen=True)
class PartLine:
    """One part of one carrier and its state, by its code in ``sentences.PART_STATES``."""

    carrier_label: str
    part: str
    columns: Sequence[str]
    state: str
    on_whose_word: str  # a code of ``sentences.WORDS``, or a sentence


@dataclass(frozen=True)
class DutyBar:
    """A duty with its clock; ``due_at`` None where the rule says no day."""

    name: str
    who: str
    from_at: datetime
    due_at: datetime | None
    source: str
    certainty: str  # S, T, M or U


@dataclass(frozen=True)
class Asked:
    """One person of an access review; times None: never, or of a course that was not passed."""

    who: str
    since: datetime
    used: datetime | None
    trained: datetime | None
    officer_says: str  # who pays them, in the word of their party's officer
    own_word: str  # and in their own, anew; empty: nothing since they were admitted
    why: Sequence[str]  # why they go, as sentences; empty: they stay


@dataclass(frozen=True)
class Refusal:
    """Somebody asked without a right, and every reason they were told, as sentences."""

    at: datetime
    who: str
    asked: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Told:
    """One round in which our own clockwork told somebody of what was late."""

    at: datetime
    what: Sequence[str]  # as sentences
    whom: str  # which rung
    names: Sequence[str]  # who got a mail
    mails: int


@dataclass(frozen=True)
class Paper:
    """A paper of the night: its title and where it lies beside the page."""

    title: str
    pdf: str  # empty: there was nothing to print with
    data: str  # empty: it is a page and no form
    blanks: int
    page: str = ""


@dataclass(frozen=True)
class Watcher:
    """A witness: whose it is, how it was reached, how far it cosigned, what it noticed."""

    name: str
    whose: str
    own: bool  # the city's
    by_network: bool
    office: int  # entries
    keys: int
    noticed: Sequence[str]  # attempts at another history, as sentences


@dataclass(frozen=True)
class Story:
    """What the page tells beside the results of the run."""

    title: str
    custody: Sequence[Hold]
    incident: Incident
    kinds: Sequence[KindCount]
    persons_total: int
    suppressed_total: int
    parts: Sequence[PartLine]
    duties: Sequence[DutyBar]
    now: datetime
    chain: str = ""  # the picture of the chain of parties, an SVG of our own drawing
    reviewed: Sequence[Asked] = ()
    refusals: Sequence[Refusal] = ()
    told: Sequence[Told] = ()
    papers: Sequence[Paper] = ()
    watchers: Sequence[Watcher] = ()
