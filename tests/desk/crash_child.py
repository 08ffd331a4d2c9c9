"""The program that dies: performs one act in a house on disk and is killed at a step of it.

Not a test.  It reads one request a line, forks, and lets the child do it, so that a death costs
no new start of Python.  What the child says before it dies stands in the pipe, as it would stand
on a caller's screen.  A *step* is anything that makes something durable: a commit, a sync, a
rename, an unlink, a new file or folder, a write to the journal; it can die before or after each,
and in the middle of a write.  What a power cut does to files that were not synced is not shown.
"""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect
from tests.desk import crash_house as houses
from tests.desk.crash_look import heads, look, rows_of
from tests.zygote import say, serve

from azukari.desk import enquire, take_in
from azukari.desk.grant import finish
from azukari.desk.tick import tick
from azukari.errors import AzukariError
from azukari.names import new_id

PATIENCE_S = 60
"""A child that hangs is a failure, not a wait."""


class Steps:
    """Counts what becomes durable; kills this process, or fails like a full disk, at one point."""

    def __init__(self, how: dict[str, Any]) -> None:
        self.kill_at: int | None = how.get("kill_at")
        self.full_from: int | None = how.get("full_from")
        self.full_for: int = how.get("full_for", 1 << 30)
        self.points: list[str] = []
        self.works = 0

    def point(self, what: str) -> None:
        if len(self.points) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.points.append(what)

    def full(self) -> bool:
        """Is the disk full by now?  Counts a step."""
        self.works += 1
        past = -1 if self.full_from is None else self.works - 1 - self.full_from
        return 0 <= past < self.full_for

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **named: Any) -> Any:
            what = f"{name} {_name(args[0])}"
            if name == "open" and not args[1] & os.O_CREAT:
                return work(*args, **named)
            if name == "write" and args[0] <= 2:  # what this program says
                return work(*args, **named)
            if name != "unlink" and self.full():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), what)
            self.point(f"before {what}")
            if name == "write":
                if len(self.points) == self.kill_at:
                    work(args[0], args[1][: len(args[1]) // 2])
                self.point(f"within {what}")
            found = work(*args, **named)
            if name != "fsync":  # a killed process leaves the same files, synced or not
                self.point(f"after {what}")
            return found

        return step

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Everything that is done inside is counted."""
        names = ("fsync", "replace", "unlink", "mkdir", "open", "write")
        before = {name: getattr(os, name) for name in names}
        commit: Any = DefaultDialect.do_commit

        changes: dict[int, int] = {}

        def commits(dialect: DefaultDialect, connection: Any) -> None:
            driver = getattr(connection, "dbapi_connection", connection)
            if changes.get(id(driver), 0) == driver.total_changes:
                commit(dialect, connection)  # it only read: nothing becomes durable
                return
            changes[id(driver)] = driver.total_changes
            what = f"commit {_database(connection)}"
            if self.full():
                raise sqlite3.OperationalError("database or disk is full")
            self.point(f"before {what}")
            commit(dialect, connection)
            self.point(f"after {what}")

        for name, work in before.items():
            setattr(os, name, self.around(name, work))
        setattr(DefaultDialect, "do_commit", commits)  # noqa: B010  counted, not changed
        try:
            yield
        finally:
            for name, work in before.items():
                setattr(os, name, work)
            setattr(DefaultDialect, "do_commit", commit)  # noqa: B010


class Watched:
    """The key service as the office meets it; says of every key that left that it left."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)

    def release_to_seal(self, act: str, by: str, carrier: str) -> bytes:
        key: bytes = self._keys.release_to_seal(act, by, carrier)
        say("left", act=act, sha256=hashlib.sha256(key).hexdigest())
        return key

    def grant(self, act: str, by: str, ask: Any) -> bytes:
        document: bytes = self._keys.grant(act, by, ask)
        say("left", act=act, sha256=hashlib.sha256(document).hexdigest())
        return document


def act_seal(house: houses.House) -> None:
    number = sum(1 for _ in (house.home / "carriers").iterdir())
    say("ack", act="seal", id=houses.seal_one(house, house.home / "carriers" / str(number)))


def act_grant(house: houses.House, key: int = 1) -> None:
    act = new_id()
    say("asking", act=act)
    houses.ask_for_grant(house, act, key)
    say("ack", act="grant", id=act)


def act_finish(house: houses.House) -> None:
    """Ask for every grant on record once more."""
    for act, state, _ in rows_of(house, "office", "select act, state, document from 'grant'"):
        if state == "issued":
            finish(house.office, act)


def act_loss(house: houses.House) -> None:
    incident = houses.declare_loss(house)
    say("ack", act="loss", id=incident.incident, revoked=incident.revoked)


def act_reuse(house: houses.House) -> None:
    """Try to seal under the id of a sealing that broke off."""
    ((carrier,),) = rows_of(house, "office", "select id from carrier where state = 'abandoned'")
    keys, act, by = house.keeper, new_id(), house.cast.people["clerk"]
    for attempt in (
        lambda: keys.create(act, by, carrier, house.story["order"]),
        lambda: keys.release_to_seal(act, by, carrier),
    ):
        try:
            attempt()
        except AzukariError as error:
            say("refused", act="reuse", error=type(error).__name__)


def act_take_in(house: houses.House) -> None:
    by = house.cast.people["requester"]
    taken = take_in.take_in_roll(house.office, house.home / "city", by)
    say("ack", act="take in", id=taken.roll)


def act_enquire(house: houses.House) -> None:
    device = houses.open_device(house)
    grant, hand = house.story["grant"].encode(), house.cast.signer("operator")
    opened = enquire.open_carrier(device, house.home / "carriers" / "main", grant, hand)
    for number in range(3):
        caller = enquire.Enquiry(f"不在　{number}郎", date(1950, 1, 1), "6600000")
        opened.answer([caller])
        say("ack", act="enquire", id=device.journal.chain.length)
    device.close()


def act_tick(house: houses.House) -> None:
    done = tick(house.office)
    say("ticked", finished=done.finished, abandoned=done.abandoned, alarms=done.alarms)


def act_mixed(house: houses.House) -> None:
    """Whatever an office does in a day, until somebody pulls the plug."""
    act_enquire(house)
    for key in (1, 2, 3):
        act_seal(house)
        act_grant(house, key)
        act_enquire(house)
        act_take_in(house)
        act_tick(house)
    act_loss(house)
    for _ in range(20):
        with suppress(AzukariError):  # lost is lost: nothing is granted, nothing is sealed twice
            act_grant(house, 3)
        act_seal(house)
        act_take_in(house)
        act_tick(house)


def _name(what: Any) -> str:
    if isinstance(what, int):
        return Path(f"/proc/self/fd/{what}").readlink().name
    return Path(what).name


def _database(connection: Any) -> str:
    rows = connection.execute("pragma database_list").fetchall()
    return Path(rows[0][2]).name


ACTS: dict[str, Callable[[houses.House], None]] = {
    "seal": act_seal,
    "grant": act_grant,
    "finish": act_finish,
    "loss": act_loss,
    "reuse": act_reuse,
    "take in": act_take_in,
    "enquire": act_enquire,
    "tick": act_tick,
    "mixed": act_mixed,
    "look": look,
    "heads": heads,
}


def perform(request: dict[str, Any]) -> None:
    """One request, in a process of its own."""
    home = Path(request["home"])
    if request["acts"] == ["build"]:
        houses.build_house(home)
        return
    house = houses.open_house(home)
    watched: Any = Watched(house.keeper)
    object.__setattr__(house.office, "keys", watched)
    steps = Steps(request)
    say("begun", pid=os.getpid())
    with steps.counted():
        for act in request["acts"]:
            try:
                ACTS[act](house)
            except AzukariError as error:
                say("refused", act=act, error=type(error).__name__, text=str(error))
    say("done", points=steps.points, works=steps.works)
    house.close()


if __name__ == "__main__":
    houses.start_quickly()
    serve(perform, PATIENCE_S)
