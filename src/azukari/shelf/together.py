"""Acts of many threads of one program, committed together: many acts for one sync of the disk.

A thread that is alone commits at once.  While others wait for their turn they work one after the
other in the same open transaction, each behind a savepoint, and whoever is last commits for all.
Nobody returns before that commit is durable, and an act that fails takes back only itself.
Between programs the database decides whose turn it is.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from sqlalchemy import Connection, Engine

from azukari.errors import AzukariError, Conflict, Unreachable
from azukari.shelf.database import savepoint, stands, transaction

MOST: Final = 256  # acts of one commit
LONGEST_S: Final = 0.05  # of a group; afterwards nobody joins it
_GIVEN_UP: Final = "the database gave the transaction up: nothing of it is kept"

# Called with the transaction before it is committed; what it gives is called when that is durable.
Settle = Callable[[Connection], Callable[[], None] | None]


class Together:
    """The acts on one database; every thread of the program uses the same one."""

    def __init__(self, engine: Engine, settle: Settle | None = None) -> None:
        self._engine, self._settle = engine, settle
        self._lock = threading.Lock()  # of what follows; held for moments only
        self._working: int | None = None  # the thread whose turn it is
        self._queue: deque[_Ticket] = deque()
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
        self._take_turn()
        group = self._open()
        first = group.acts == 0
        try:
            if first:
                yield group.tx
            else:
                with savepoint(group.tx):
                    yield group.tx
                    # A server ends a transaction at an error, also at one that the act passed over:
                    # back to the savepoint, or all who worked in it would lose theirs.
                    _must_stand(group.tx)
        except BaseException as error:
            if first:  # nobody joined while it worked: there is nothing else to keep
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
        return len(self._queue)

    def _take_turn(self) -> None:
        """Return when it is this thread's turn; those who came before come first."""
        me = threading.get_ident()
        with self._lock:
            if self._working == me:
                raise Conflict("an act within an act")
            if self._working is None:
                self._working = me
                return
            ticket = _Ticket(me)
            self._queue.append(ticket)
        try:
            ticket.called.wait()
        except BaseException:  # interrupted: whoever may have called this thread goes on
            with self._lock:
                called = ticket not in self._queue
                if not called:
                    self._queue.remove(ticket)
            if called:
                self._hand_on(self._group)
            raise

    def _open(self) -> _Group:
        """The open group, or a new one."""
        if self._group is None:
            try:
                self._group = _Group(transaction(self._engine))
            except BaseException:
                self._over(None)
                raise
        return self._group

    def _end(self, group: _Group) -> None:
        """Hand the turn on; return when the group is durable, or lost."""
        group.count()
        self._hand_on(group)
        interrupted: BaseException | None = None
        while not group.over.is_set():
            try:
                group.over.wait()
            except KeyboardInterrupt as late:  # the act is done: how it ended is waited for
                interrupted = late
        if interrupted is not None:
            raise interrupted

    def _hand_on(self, group: _Group | None) -> None:
        """The turn to the next who joins; where nobody does, the group is committed."""
        with self._lock:
            if self._queue and (group is None or not group.full):
                self._call_next()
                return
        if group is not None:
            group.commit(self._settle)
        self._over(group)

    def _abandon(self, group: _Group, error: BaseException) -> None:
        try:
            group.take_back(error)
        finally:
            self._over(group)

    def _over(self, group: _Group | None) -> None:
        """The group, if it was one, is over; the turn to the next."""
        with self._lock:
            self._group = None
            if self._queue:
                self._call_next()
            else:
                self._working = None
        if group is not None:
            group.over.set()

    def _call_next(self) -> None:
        ticket = self._queue.popleft()
        self._working = ticket.thread
        ticket.called.set()


class _Ticket:
    """A thread that waits for its turn."""

    def __init__(self, thread: int) -> None:
        self.thread = thread
        self.called = threading.Event()


class _Group:
    """One transaction and the acts in it."""

    def __init__(self, transaction: AbstractContextManager[Connection]) -> None:
        self._transaction = transaction
        self.tx = transaction.__enter__()
        self.acts = 0
        self.full = False  # nobody joins it any more
        self.over = threading.Event()
        self._until = time.monotonic() + LONGEST_S
        self._lost = False  # the database gave the transaction up
        self.wrong: BaseException | None = None  # why nothing of it is durable
        self.unsettled: AzukariError | None = None  # durable; what came after it failed

    def count(self) -> None:
        """One act more; a full disk, say, ends a transaction by itself, and then nobody joins."""
        self.acts += 1
        self._lost = self._lost or not stands(self.tx)
        self.full = self._lost or self.acts >= MOST or time.monotonic() > self._until

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
        if self._lost:
            gone = Unreachable(_GIVEN_UP)
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


def _must_stand(tx: Connection) -> None:
    if not stands(tx):
        raise Unreachable(_GIVEN_UP)
