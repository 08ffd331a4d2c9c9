"""Exit codes: one table, from the class of an error to the number a script sees.

0 is done; 1 is done, and the answer is no (an audit found something, a promise broke, a carrier
was changed); 2 is a command line that is not understood.  Everything else says why not.
"""

from __future__ import annotations

from typing import Final

from azukari import errors

DONE: Final = 0
NO: Final = 1
USAGE: Final = 2
SYSTEM: Final = 70  # the operating system refused: a full disk, no permission
FAULT: Final = 71  # a fault in azukari
MISSING: Final = 72  # a part that this command needs is not installed here
INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 141

CODES: Final[dict[type[errors.AzukariError], int]] = {
    errors.BadInput: 3,
    errors.BadFormat: 4,
    errors.BadSettings: 5,
    errors.Damaged: 6,
    errors.WrongKey: 7,
    errors.BadSignature: 8,
    errors.Refused: 9,
    errors.NotFound: 10,
    errors.Conflict: 11,
    errors.Locked: 12,
    errors.Unreachable: 13,
    errors.ClockBehind: 14,
    errors.LedgerError: 15,
    errors.LedgerBroken: 16,
    errors.LedgerFork: 17,
    errors.LedgerBehind: 18,
    errors.MediumFailed: 19,
}


def code_of(error: errors.AzukariError) -> int:
    """The exit code of an error; of a class without a line of its own, that of its parent."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), FAULT)
