"""The outbox: messages written with their alarm, sent after it is durable, tried until they go.

At least once: a program that dies between giving a mail and noting it leaves a row that was begun
and never ended, and the mail goes again, with the same Message-ID and saying that it may be the
second.  Two programs at once never send one row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from azukari.desk.alarms import Alerting
from azukari.desk.office import Office
from azukari.desk.tasks import detail
from azukari.desk.whose import Known, Owed, owed
from azukari.errors import Unreachable
from azukari.incident.notice import Notice, mail
from azukari.seal import alarm as documents
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import asking, keyring, mailing
from azukari.shelf.mailing import Went
from azukari.vault import alarms as rows
from azukari.vault import schema

KIND: Final = "application/vnd.dsse.envelope.v1+json"
#: Longer than any message takes; whatever was begun before belongs to a program that died.
LEASE_MS: Final = 10 * 60_000
_FIRST_WAIT_MS: Final = 60_000
_LONGEST_WAIT_MS: Final = 3_600_000
#: How sending went wrong, and why one is not tried at all.
AWAY: Final = "message_away"
UNSURE: Final = "message_unsure"
NO_TLS: Final = "message_no_tls"
LOGIN: Final = "message_login"
REFUSED: Final = "message_refused"
NO_ADDRESS: Final = "message_no_address"
NO_CHANNEL: Final = "message_no_channel"
_WHY: Final = {
    Went.AWAY: AWAY,
    Went.UNSURE: UNSURE,
    Went.NO_TLS: NO_TLS,
    Went.LOGIN: LOGIN,
    Went.REFUSED: REFUSED,
}
#: The whole channel is down then, not this message alone.
_DOWN: Final = (AWAY, UNSURE, NO_TLS, LOGIN, NO_CHANNEL)


@dataclass
class Posted:
    """What one round of the outbox came to."""

    sent: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # channel, why


def send(office: Office, alerting: Alerting) -> Posted:
    """Send what waits; each message is taken in hand, sent, and only then noted."""
    done, down = Posted(), set[str]()
    with office.act() as tx:
        now = office.now()
        waiting = rows.waiting(tx, now, now - LEASE_MS)
    for row in waiting:
        # A server that is away is asked once a round: nothing else waits for it.
        if row.channel in down:
            continue
        why = _one(office, alerting, row)
        if why is None:
            continue
        if why:
            done.failed.append((row.channel, why))
            down.update([row.channel] if why in _DOWN else [])
        else:
            done.sent += 1
    return done


def message_id(alarm: str, person: str, sender: str) -> str:
    """The same for the same message, so that one that comes twice is recognised."""
    return f"{alarm}.{person}@{sender.partition('@')[2]}"


def alarm_key(office: Office) -> SigningKey:
    """The key under which alarms are posted; made when it is first asked for."""
    path = office.home / "keys" / "alarm.key"
    if not path.exists():
        return keyring.new_signing_key(path, Use.ALARM)
    return keyring.signing_key(path, Use.ALARM)


def _one(office: Office, alerting: Alerting, row: Row[Any]) -> str | None:
    """Send one message: empty where it went, else why not; None where another program has it."""
    with office.act() as tx:
        if not rows.claim(tx, row, office.now()):
            return None
        told = _Told.of(office, tx, row)
    why = (
        _posted(office, alerting, told) if row.channel == rows.WEBHOOK else _mailed(alerting, told)
    )
    with office.act() as tx:
        if not why:
            rows.went(tx, row.n, office.now())
        else:
            wait = min(_FIRST_WAIT_MS << min(row.tries, 10), _LONGEST_WAIT_MS)
            rows.failed(tx, row.n, office.now() + wait, why, unsure=why == UNSURE)
    return why


@dataclass(frozen=True)
class _Told:
    """A message and all that it says, as it is now."""

    alarm: Row[Any]
    owed: Owed
    to: str | None
    person: str
    notice: Notice
    log: str

    @classmethod
    def of(cls, office: Office, tx: Connection, row: Row[Any]) -> _Told:
        alarm = rows.alarm(tx, row.alarm)
        due = tx.execute(select(schema.due).where(schema.due.c.n == alarm.due)).one()
        known = Known.of(office, tx)
        one = owed(known, tx, due)
        since = "done" if alarm.done else "answered" if alarm.answered_by else ""
        notice = Notice(
            alarm=alarm.act,
            what=one.what,
            label=one.label,
            due_at=one.due_at,
            raised_at=alarm.at,
            rung=alarm.rung,
            whose=one.whose,
            call=office.call,
            since=since,
            answers=tuple(
                (known.name(said.by), said.at, detail(office, tx, said.entry).get("note", ""))
                for said in rows.answers_of_party(tx, alarm.due)
            ),
            repeat=bool(row.unsure) or row.begun_at is not None,
        )
        to = rows.contacts(tx).get(row.person)
        return cls(alarm, one, to, row.person, notice, office.book.origin)


def _mailed(alerting: Alerting, told: _Told) -> str:
    if alerting.mail is None:
        return NO_CHANNEL
    if told.to is None:
        return NO_ADDRESS
    sender = alerting.mail.sender
    identifier = message_id(told.alarm.act, told.person, sender)
    letter = mail(told.notice, alerting.language, sender, told.to, identifier)
    went = mailing.send(alerting.mail, told.to, letter)
    return "" if went is Went.SENT else _WHY[went]


def _posted(office: Office, alerting: Alerting, told: _Told) -> str:
    if not alerting.webhook:
        return NO_CHANNEL
    raised = documents.Raised(
        id=told.alarm.act,
        log=told.log,
        what=told.owed.what,
        subject=told.owed.subject,
        label=told.owed.label,
        level=told.alarm.level,
        due_at=told.owed.due_at,
        raised_at=told.alarm.at,
        since=told.notice.since,
        repeat=told.notice.repeat,
    )
    document = documents.issue_raised(raised, alarm_key(office))
    try:
        status, _ = asking.post(alerting.webhook, document, KIND)
    except Unreachable:
        # It may have been read before the line broke.
        return UNSURE
    return "" if 200 <= status < 300 else REFUSED
