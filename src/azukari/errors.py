"""Everything azukari refuses, as one tree.

A class exists where a caller does something different about it::

    AzukariError
    ├── BadInput          a file from outside is not what it must be: file, line, column, reason
    ├── BadFormat         bytes that are not the format they claim to be
    │   └── BadSettings   azukari.toml, a programme or a pack
    ├── Damaged           right key, wrong bytes: flipped, cut, swapped, appended
    ├── WrongKey          the key does not belong to these bytes
    ├── BadSignature      not signed, not by that key, or by a key of another kind
    ├── Refused           who may says no; carries every reason
    ├── NotFound          no such carrier, order, person, household
    ├── Conflict          already done, already used, or done differently before
    ├── Locked            the key service is locked
    ├── Unreachable       the other program does not answer
    │   └── MediumFailed  a medium cannot be written or read: pulled out, full, write-protected
    ├── ClockBehind       our clock stands behind what we already wrote
    └── LedgerError
        ├── LedgerBroken  the tree does not match its entries
        ├── LedgerFork    two histories of one ledger
        └── LedgerBehind  a shorter history than one already shown

Messages state a fact in lower case and never hold a resident's value.  Exit codes, HTTP status
and advice belong to the doors.
"""

from __future__ import annotations

from collections.abc import Sequence


class AzukariError(Exception):
    """The root of the tree; never raised itself."""


class BadInput(AzukariError):
    """A file from outside is not what it must be; says where, never what stood there."""

    def __init__(
        self, file: str, reason: str, *, line: int | None = None, column: str | None = None
    ) -> None:
        self.file, self.reason, self.line, self.column = file, reason, line, column
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {reason}" if column is None else f"{where}: {column}: {reason}")


class BadFormat(AzukariError):
    """Bytes that are not the format they claim to be."""


class BadSettings(BadFormat):
    """A settings, programme or pack file has an unknown or impossible line."""


class Damaged(AzukariError):
    """The key is right and the bytes are not."""


class WrongKey(AzukariError):
    """The key does not belong to these bytes."""


class BadSignature(AzukariError):
    """Not signed, not by that key, or by a key of another kind."""


class Refused(AzukariError):
    """Who may says no.

    ``reasons`` are codes of ``entrust.may`` or ``keys.policy``, at least one, in the order
    they were found.
    """

    def __init__(self, what: str, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"{what}: refused: {', '.join(self.reasons)}")


class NotFound(AzukariError):
    """There is no such thing here."""


class Conflict(AzukariError):
    """Already done, already used, or done differently before."""


class Locked(AzukariError):
    """The key service was started without its passphrase: it revokes and answers, no more."""


class Unreachable(AzukariError):
    """The other program does not answer."""


class MediumFailed(Unreachable):
    """A medium cannot be written or read: pulled out, full, write-protected, worn out."""


class ClockBehind(AzukariError):
    """Our clock stands more than two minutes behind what was already recorded."""


class LedgerError(AzukariError):
    """A ledger is not what it must be."""


class LedgerBroken(LedgerError):
    """The tree does not match its entries, or an entry breaks the profile."""


class LedgerFork(LedgerError):
    """Two histories of one ledger."""


class LedgerBehind(LedgerError):
    """A shorter history than one already shown."""
