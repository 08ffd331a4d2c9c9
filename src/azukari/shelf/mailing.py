"""One mail to one address by SMTP: bytes out, and how it went.

The line is TLS, verified, unless the server offers none and the settings allow that.  A password
goes over nothing else.  What the mail says is not known here; a server's answer is not believed
beyond its number, and never repeated to anybody.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

from azukari.errors import BadInput, BadSettings, Unreachable
from azukari.shelf import files
from azukari.shelf.patience import within

TIMEOUT_S: Final = 20.0  # a tick must not stand still because a server does
WHOLE_S: Final = 60.0  # nor because it answers in drops
MAX_PASSWORD: Final = 1024
#: What the mail servers of cities take: no quotes, no comments, no other alphabets.
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS: Final = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?=.{{1,253}}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*",
    re.ASCII,
)


class Went(StrEnum):
    """How one mail went."""

    SENT = "sent"  # the server took it
    AWAY = "away"  # nobody answered: nothing was given
    UNSURE = "unsure"  # the line broke while the mail was given
    NO_TLS = "no_tls"  # the server offers none, or none that can be verified
    LOGIN = "login"  # it does not know user and password
    REFUSED = "refused"  # it does not take this mail, or this address


@dataclass(frozen=True)
class Route:
    """Where mails are given off, as the settings say."""

    host: str
    port: int
    sender: str
    tls: Literal["demanded", "offered"] = "demanded"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None  # certificates to believe instead of the system's


def checked_address(text: str, where: str) -> str:
    """A mail address as it may stand in a header; `BadInput` where it is none."""
    # fullmatch: `$` would let a line break stand at the end.
    if len(text) > 254 or not _ADDRESS.fullmatch(text) or len(text.partition("@")[0]) > 64:
        raise BadInput(where, "a mail address such as toban@example.jp is expected")
    return text


def read_password(path: Path) -> str:
    """The password of a file that nobody else can read."""
    if path.is_file() and path.stat().st_mode & 0o077:
        raise BadSettings("mail_password: the file can be read by others; chmod 600 it")
    try:
        return files.read_small(path, MAX_PASSWORD).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadSettings("mail_password: not text") from None


def send(route: Route, to: str, mail: bytes) -> Went:
    """Give one mail to the server; never raises for what a server or a line does."""
    try:
        return within(WHOLE_S, lambda: _send(route, to, mail))
    except Unreachable:
        return Went.UNSURE


def _send(route: Route, to: str, mail: bytes) -> Went:
    try:
        server = smtplib.SMTP(route.host, route.port, timeout=TIMEOUT_S)
    except (OSError, smtplib.SMTPException):
        return Went.AWAY
    try:
        ready = _ready(route, server)
        return _give(route, server, to, mail) if ready is Went.SENT else ready
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _ready(route: Route, server: smtplib.SMTP) -> Went:
    """TLS and login, as far as they are wanted."""
    try:
        server.ehlo()
        secure = server.has_extn("starttls")
        if secure:
            server.starttls(context=ssl.create_default_context(cafile=route.ca))
            server.ehlo()
        if not secure and (route.tls == "demanded" or route.user):
            return Went.NO_TLS
        if route.user:
            server.login(route.user, route.password)
    except (ssl.SSLError, smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
        login = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError)
        return Went.LOGIN if login else Went.NO_TLS
    except (OSError, smtplib.SMTPException):
        return Went.AWAY
    return Went.SENT


def _give(route: Route, server: smtplib.SMTP, to: str, mail: bytes) -> Went:
    try:
        server.sendmail(route.sender, [to], mail)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException):
        return Went.REFUSED
    except (OSError, smtplib.SMTPException):
        return Went.UNSURE
    return Went.SENT
