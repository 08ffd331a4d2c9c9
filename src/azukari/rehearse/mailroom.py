"""The mail server of the invented city: for one evening, on this machine's own loopback.

It takes whatever is given to it and keeps it, so that the night can say who was written to and
when.  It offers no TLS, no login and no way out: nothing here leaves the machine.
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from azukari.shelf.mailing import Route

SENDER: Final = "azukari@kakuu.example"
TIMEOUT_S: Final = 20.0
_MOST_BYTES: Final = 1 << 16  # of one line, and of one mail


@dataclass(frozen=True)
class Mail:
    """One mail as it was given off: to whom, and its bytes."""

    to: str
    raw: bytes

    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=SMTP)


@dataclass
class MailRoom:
    """What came, in order, and the way there."""

    route: Route
    mails: list[Mail] = field(default_factory=list)


@contextmanager
def opened() -> Iterator[MailRoom]:
    """Take mails on a port of this machine's choice, until the block ends."""
    kept: list[Mail] = []

    class Desk(_Desk):
        mails = kept

    with socketserver.TCPServer(("127.0.0.1", 0), Desk) as server:
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        worker.start()
        try:
            host, port = "127.0.0.1", server.server_address[1]
            yield MailRoom(Route(host, port, SENDER, tls="offered"), kept)
        finally:
            server.shutdown()
            worker.join()


class _Desk(socketserver.StreamRequestHandler):
    """One connection, in the few words of SMTP (RFC 5321) that our own mails need."""

    timeout = TIMEOUT_S
    mails: list[Mail]

    def handle(self) -> None:
        to: list[str] = []
        self._say(b"220 rehearsal")
        while line := self.rfile.readline(_MOST_BYTES):
            match line[:4].upper():
                case b"EHLO" | b"HELO" | b"RSET" | b"NOOP":
                    self._say(b"250 rehearsal")
                case b"MAIL":
                    to.clear()
                    self._say(b"250 OK")
                case b"RCPT":
                    to.append(line.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace"))
                    self._say(b"250 OK")
                case b"DATA":
                    self._say(b"354 go on")
                    raw = self._text()
                    self.mails += [Mail(one, raw) for one in to]
                    self._say(b"250 OK")
                case b"QUIT":
                    self._say(b"221 good night")
                    return
                case _:
                    self._say(b"502 not here")

    def _text(self) -> bytes:
        """Everything up to the line that is a dot; a doubled dot at a line's start is one."""
        lines: list[bytes] = []
        while (line := self.rfile.readline(_MOST_BYTES)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
