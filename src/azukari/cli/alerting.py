"""How an office tells of what is late: from its settings to what the desk needs."""

from __future__ import annotations

import click

from azukari import settings
from azukari.cli import reasons, speech
from azukari.cli.call import Call, Command, secret
from azukari.desk import first_word
from azukari.desk.alarms import Alerting
from azukari.desk.office import Office
from azukari.errors import AzukariError, BadSettings
from azukari.incident.overdue import Plan, Quiet
from azukari.shelf import asking, mailing

_MINUTE_MS = 60_000
_PORT = 587  # message submission, RFC 6409


def option(command: Command) -> Command:
    """``--mail-password-fd N``."""
    return click.option(
        "--mail-password-fd",
        type=int,
        metavar="N",
        help="Read the mail server's password from this file descriptor.",
    )(command)


def alerting(call: Call, mail_password_fd: int | None = None) -> Alerting:
    """What the settings say; a password is read now, before anything is done."""
    found = settings.load(call.home)
    steps = tuple(minutes * _MINUTE_MS for minutes in found.escalate_minutes) or Plan().steps_ms
    quiet = Quiet.of(found.quiet_hours) if found.quiet_hours else None
    if found.webhook:
        asking.checked_url(found.webhook, "webhook")
    return Alerting(
        plan=Plan(steps, quiet),
        mail=_route(call, found, mail_password_fd) if found.mail_host else None,
        webhook=found.webhook,
        language=found.language,
    )


def at_once(call: Call, office: Office) -> None:
    """Tell of a loss right after it was recorded; nothing that fails here makes the loss fail."""
    try:
        posted = first_word.tell(office, alerting(call))
    except AzukariError as error:
        speech.say(f"nobody was told yet, `azukari tick` goes on trying: {error}")
        return
    if posted.sent:
        speech.say(f"messages sent: {posted.sent}")
    for channel, why in posted.failed:
        said = reasons.sentence(why, call.language)
        speech.say(f"{channel}: not sent, `azukari tick` goes on trying: {said}")


def _route(call: Call, found: settings.Settings, fd: int | None) -> mailing.Route:
    password = ""
    if found.mail_user and fd is not None:
        missing = BadSettings("mail_password: no password came")
        password = secret(fd, "password of the mail server", missing).decode()
    elif found.mail_user:
        if not found.mail_password:
            raise BadSettings("mail_password: a user has a password, here or --mail-password-fd")
        password = mailing.read_password(call.home / found.mail_password)
    return mailing.Route(
        host=found.mail_host,
        port=found.mail_port or _PORT,
        sender=mailing.checked_address(found.mail_from, "mail_from"),
        tls=found.mail_tls or "demanded",
        user=found.mail_user,
        password=password,
        ca=(call.home / found.mail_ca) if found.mail_ca else None,
    )
