"""What is done in each line of the table: one deed of the administrator's, by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from tests.hostile import hands
from tests.hostile.hands import Lines, changed, lines, number_of, remake, rows, sign_into_store
from tests.hostile.machine import COMMITTEE, Machine

from azukari.desk.witnesses import Which
from azukari.ledger.entry import decode
from azukari.seal.envelope import Use
from azukari.shelf import keyring


def sql(which: Which, *statements: str) -> Callable[[Machine], None]:
    def hand(machine: Machine) -> None:
        with rows(machine.database(which)) as db:
            for statement in statements:
                assert db.execute(statement).rowcount > 0, statement

    return hand


def edit(which: Which, kind: str) -> Callable[[Machine], None]:
    """The first entry of a type is by somebody else, and nothing beside it is touched."""

    def hand(machine: Machine) -> None:
        i = number_of(machine, which, kind)
        line = changed(lines(machine, which)[i], by="0" * 26)
        with rows(machine.database(which)) as db:
            db.execute("UPDATE entry SET body = ? WHERE i = ?", (line, i))

    return hand


def remade(which: Which, change: Callable[[Lines], Lines]) -> Callable[[Machine], None]:
    """Other entries, and everything that follows from them."""
    return lambda machine: remake(machine.database(which), change(lines(machine, which)))


def swapped(made: Lines) -> Lines:
    return [made[1], made[0], *made[2:]]


def swap_tiles(machine: Machine) -> None:
    with rows(machine.database("office")) as db:
        for old, new in ((0, 99), (1, 0), (99, 1)):
            db.execute("UPDATE tile SET n = ? WHERE level = 0 AND n = ?", (new, old))


def put_back(*names: str) -> Callable[[Machine], None]:
    return lambda machine: machine.put_back(*names)


def replace_log_key(machine: Machine) -> None:
    path = machine.office / "keys" / "log.key"
    path.unlink()
    keyring.new_signing_key(path, Use.LOG_OFFICE)


def move_a_release(machine: Machine) -> None:
    """It leaves the keys' ledger and stands at the end of the office's."""
    theirs, own = lines(machine, "keys"), lines(machine, "office")
    moved = theirs.pop(number_of(machine, "keys", "key.released"))
    remake(machine.database("keys"), theirs)
    remake(machine.database("office"), [*own, changed(moved, at=decode(own[-1]).at)])


def without_store(machine: Machine) -> None:
    shutil.rmtree(machine.store)


def shorter_in_the_store_too(machine: Machine) -> None:
    remake(machine.database("office"), lines(machine, "office")[:-4])
    sign_into_store(machine, "office")


def another_release(made: Lines) -> Lines:
    i = next(i for i, line in enumerate(made) if decode(line).type == "key.released")
    return [*made[:i], changed(made[i], by="0" * 26), *made[i + 1 :]]


def second_history(machine: Machine) -> None:
    """With nothing left here that anybody cosigned."""
    hands.second_history(machine, "keys", another_release)
    with rows(machine.database("office")) as db:
        db.execute("DELETE FROM cosigned")


def another_copy(machine: Machine) -> None:
    made = another_release(lines(machine, "keys"))
    remake(machine.database("office"), made, "keys_")


def older_cosignature(*columns: str) -> Callable[[Machine], None]:
    """What the committee cosigned before the evening, in the place of its newest."""
    names = ", ".join(columns)
    values = ", ".join(f"{name} = ?" for name in columns)

    def hand(machine: Machine) -> None:
        whose = f"WHERE vkey LIKE '{COMMITTEE}+%'"
        with rows(machine.image / "sites" / "office" / "office.db") as db:
            old = db.execute(f"SELECT {names}, log FROM cosigned {whose}").fetchall()
        with rows(machine.database("office")) as db:
            for row in old:
                db.execute(f"UPDATE cosigned SET {values} {whose} AND log = ?", row)

    return hand
