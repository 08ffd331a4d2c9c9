"""Does what is held here reach everything that was shown of it?  Looked at at start, in each round.

Three others may know more than this office: the key service of its own ledger, the heads that
witnesses cosigned and that are kept here, and every witness that can be reached.  The checkpoint
store is looked at whenever a ledger is opened.  What somebody knows better is remembered until that
very one was asked again and agrees; meanwhile nothing is let out, and losses and revocations go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from azukari.desk import cosigning, witnesses
from azukari.desk.office import BEHIND, FORK, STANDING, Office
from azukari.desk.witnesses import AHEAD, ANOTHER, REFUSES, UNREACHABLE, WHICH, WRONG, Told, Which
from azukari.errors import (
    AzukariError,
    LedgerBehind,
    LedgerError,
    LedgerFork,
    Unreachable,
)
from azukari.vault import alarms as rows
from azukari.vault import records

#: The due row under which people are told, once for each time.
DUE: Final = "ledger"
AT_START_S: Final = 5.0  # who is not reached in this time is said, and asked by the next tick
_KEYS: Final = f"{STANDING}keys"
_NO_WORD: Final = frozenset({UNREACHABLE, REFUSES, WRONG})  # neither agrees nor quarrels
#: With a space: nobody's name, so no witness answers in its place.
_KEPT: Final = f"{STANDING}kept here/"
_Found = Mapping[str, LedgerError | None]  # by who was asked; None: agrees


def at_start(office: Office) -> list[Told]:
    """Look before anything is served; what each witness said, those that do not answer among them.

    Raises:
        LedgerBehind: somebody was shown more than is here.
        LedgerFork: somebody was shown another history.
    """
    told = cosigning.ask(office, within_s=AT_START_S, anew=True)
    look(office, told)
    with office.act() as tx:
        office.must_stand(tx)
    return told


def look(office: Office, told: Sequence[Told]) -> list[str]:
    """Compare both ledgers with what was shown of them; every quarrel that stands, in words."""
    found = {**_by_the_keys(office), **_by_what_is_kept(office), **_by(told)}
    names = [each.witness.name for each in witnesses.known(office)]
    with office.act() as tx:
        known = {_KEYS, *(f"{STANDING}{name}/{which}" for name in names for which in WHICH)}
        before = rows.marks(tx, STANDING)
        for source, wrong in found.items():
            said = None if wrong is None else _spelled(wrong)
            if said != before.get(source):
                rows.set_mark(tx, source, office.now(), said)
        # Who is not asked any more knows nothing better.
        for source in before.keys() - found.keys() - known:
            rows.set_mark(tx, source, office.now(), None)
        standing = rows.marks(tx, STANDING)
        if standing and not before:
            records.set_due(tx, office.city, DUE, office.now() - 1, office.city)
        elif before and not standing:
            records.settle(tx, office.city, office.now(), DUE)
    return [said.partition("|")[2] for said in standing.values()]


def _by_the_keys(office: Office) -> _Found:
    try:
        office.follow_keys()
    except LedgerError as error:
        return {_KEYS: error}
    except Unreachable:
        return {}
    return {_KEYS: None}


def _by_what_is_kept(office: Office) -> _Found:
    """The heads that witnesses cosigned and this office keeps."""
    return {f"{_KEPT}{which}": _kept(office, which) for which in WHICH}


def _kept(office: Office, which: Which) -> LedgerError | None:
    try:
        for one in witnesses.seen(office, which):
            witnesses.must_continue(office, which, one)
    except LedgerError as error:
        return error
    except AzukariError:  # an edited row is no word of a witness; the audit names it
        return None
    return None


def _by(told: Sequence[Told]) -> _Found:
    """What each witness said now; who does not answer, or answers nothing, says nothing new."""
    found: dict[str, LedgerError | None] = {}
    for one in told:
        # A witness whose disk is full, or whoever answers at its address, agrees with nothing.
        if not _NO_WORD.isdisjoint(one.why):
            continue
        wrong: LedgerError | None = None
        if AHEAD in one.why:
            wrong = LedgerBehind(
                f"{one.witness} cosigned more of the ledger {one.which} than is here"
            )
        elif ANOTHER in one.why:
            wrong = LedgerFork(f"{one.witness} cosigned another history of the ledger {one.which}")
        found[f"{STANDING}{one.witness}/{one.which}"] = wrong
    return found


def _spelled(wrong: LedgerError) -> str:
    return f"{FORK if isinstance(wrong, LedgerFork) else BEHIND}|{wrong}"
