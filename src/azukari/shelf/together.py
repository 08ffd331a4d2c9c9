"""Acts of many threads of one program, committed together: many acts for one sync of the disk.

A thread that is alone commits at once.  While others wait for their turn they work one after the
other in the same open transaction, each behind a savepoint, and whoever is last commits for all.
Nobody returns before that commit is durable, and an act that fails takes back only itself.
Between programs the database decides whose turn it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from sqlalchemy import Connection, Engine

from azukari.errors import AzukariError, Conflict, Unreachable
from azukari.shelf.database import savepoint, stands, transaction

MOST: Final = 256  # acts of one commit
LONGEST_S: Final = 0.05  # of a group; afterwards nobody joins it

# Called with the transaction before it is committed; what it gives is called when that is durable.
Settle = Callable[[Connection], Callable[[], None] | None]


class Together:
    """The acts on one database; every thread of the program uses the same one."""

    def __init__(self, engine: Engine, settle: Settle | None = None) -> None:
        self._engine, self._settle = engine, settle
        self._turn = threading.Condition()
        self._working: int | None = None  # the thread whose act, or commit, is going on
        self._waiting = 0  # threads that would join
        self._group: _Group | None = None

    @contextmanager
    def act(self, *, wait: bool = True) -> Iterator[Connection]:
        """One act in a transaction: durable when it ends, gone if anything is raised.

        Args:
            wait: False passes over an error of what is settled after the commit.

        Raises:
            Conflict: an act within an act of the same thread; or a row that is there already.
            Unreachable: the database cannot be used now; nothing of this act is kept.
        """
        group = self._join()
        first = group.acts == 0
        try:
            if first:
                yield group.tx
            else:
                with savepoint(group.tx):
                    yield group.tx
        except BaseException as error:
            if first:  # nobody joins while it works: there is nothing else to keep
                self._abandon(group, error)
            else:
                self._end(group)
            raise
        self._end(group)
        if group.wrong is not None:
            raise group.wrong
        if wait and group.unsettled is not None:
            raise group.unsettled

    def waiting(self) -> int:
        """How many threads would act and wait for their turn."""
        return self._waiting

    def _join(self) -> _Group:
        """Wait for the turn, and begin a group or join the open one."""
        me = threading.get_ident()
        with self._turn:
            if self._working == me:
                raise Conflict("an act within an act")
            self._waiting += 1
            try:
                self._turn.wait_for(self._may_work)
                self._working = me
            finally:
                self._waiting -= 1
                self._turn.notify_all()
            if self._group is not None:
                return self._group
        try:
            group = _Group(transaction(self._engine))
        except BaseException:
            self._pass_on(None)
            raise
        self._group = group
        return group

    def _may_work(self) -> bool:
        return self._working is None and (self._group is None or not self._group.full)

    def _end(self, group: _Group) -> None:
        """Hand the turn on; return when the group is durable, or lost."""
        interrupted: BaseException | None = None
        with self._turn:
            group.acts += 1
            # A full disk, say, ends a transaction by itself; what came after would stand alone.
            group.lost = group.lost or not stands(group.tx)
            group.full = group.lost or group.acts >= MOST or time.monotonic() > group.until
            self._working = None
            self._turn.notify_all()
            while True:
                try:
                    self._turn.wait_for(lambda: group.over or self._is_last(group))
                    break
                except KeyboardInterrupt as late:  # what others wait for is finished first
                    interrupted = late
            if not group.over:
                self._working, group.full = threading.get_ident(), True
        if not group.over:
            try:
                group.commit(self._settle)
            finally:
                self._pass_on(group)
        if interrupted is not None:
            raise interrupted

    def _is_last(self, group: _Group) -> bool:
        return self._working is None and (group.full or self._waiting == 0)

    def _abandon(self, group: _Group, error: BaseException) -> None:
        try:
            group.take_back(error)
        finally:
            self._pass_on(group)

    def _pass_on(self, group: _Group | None) -> None:
        """Nobody works; the group, if it was one, is over."""
        with self._turn:
            if group is not None:
                group.over, self._group = True, None
            self._working = None
            self._turn.notify_all()


class _Group:
    """One transaction and the acts in it."""

    def __init__(self, transaction: AbstractContextManager[Connection]) -> None:
        self._transaction = transaction
        self.tx = transaction.__enter__()
        self.acts = 0
        self.until = time.monotonic() + LONGEST_S
        self.full = False  # nobody joins it any more
        self.lost = False  # the database gave the transaction up
        self.over = False
        self.wrong: BaseException | None = None  # why nothing of it is durable
        self.unsettled: AzukariError | None = None  # durable; what came after it failed

    def commit(self, settle: Settle | None) -> None:
        """Make it durable, and settle what that asks for; says in itself what went wrong."""
        try:
            after = self._ready(settle)
            self._transaction.__exit__(None, None, None)
        except BaseException as error:  # noqa: BLE001  raised by every act of the group
            self.wrong = error
            return
        try:
            if after is not None:
                after()
        except AzukariError as error:
            self.unsettled = error

    def _ready(self, settle: Settle | None) -> Callable[[], None] | None:
        """What is to be done after the commit; where anything is raised, all is taken back."""
        if self.lost:
            gone = Unreachable("the database gave the transaction up: nothing of it is kept")
            self.take_back(gone)
            raise gone
        try:
            return settle(self.tx) if settle is not None else None
        except BaseException as error:
            self.take_back(error)
            raise

    def take_back(self, error: BaseException) -> None:
        """Roll back; raises where the database's own error has another name here."""
        self._transaction.__exit__(type(error), error, error.__traceback__)
