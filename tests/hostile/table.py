"""What an administrator can do to two ledgers by hand, and who says what about it.

Everybody looks after every attack; whoever is not named beside it noticed nothing, and that is
asserted as well.  docs/security.md has the same table in words.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.hostile import hands
from tests.hostile.hands import Lines, changed, lines, number_of, remake, rows, sign_into_store
from tests.hostile.machine import COMMITTEE, OWN, Machine

from azukari.desk.witnesses import Which
from azukari.ledger.entry import decode
from azukari.seal.envelope import Use
from azukari.shelf import keyring

ROWS, ENTRIES, HEAD = "its own rows", "its own entries", "its own signed head"
STORE, COPY, OTHER = "the checkpoint store", "the office's copy", "the other ledger"
CITY_S, COMMITTEE_S = f"witness {OWN}", f"witness {COMMITTEE}"
START, ROUND, STATUS = "at start", "round", "committee"
KEPT, STRANGER = "contractor", "stranger"

#: Who notices on the machine itself, by `azukari ledger audit` or because no program starts.
HERE: Final = (ROWS, ENTRIES, HEAD, STORE, COPY, OTHER, START)
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Attack:
    """What is done, as the page says it, by which hand, and what each who notices says of it."""

    name: str
    hand: Callable[[Machine], None]
    said: Mapping[str, str]  # by who notices, an expression

    @property
    def cells(self) -> tuple[str, ...]:
        """The line of the page: the attack, and who notices in which set-up."""
        here = [who for who in HERE if who in self.said]
        witness = [
            words
            for words, keys in (
                ("what it cosigned", (COMMITTEE_S,)),
                ("asked again", (ROUND,) if COMMITTEE in self.said.get(ROUND, "") else ()),
                ("its own alarm", (STATUS,)),
            )
            if any(key in self.said for key in keys)
        ]
        others = ["yes" if who in self.said else "no" for who in (KEPT, STRANGER)]
        return (self.name, ", ".join(here) or NOBODY, ", ".join(witness) or NOBODY, *others)


def _sql(which: Which, *statements: str) -> Callable[[Machine], None]:
    def hand(machine: Machine) -> None:
        with rows(machine.database(which)) as db:
            for statement in statements:
                assert db.execute(statement).rowcount > 0, statement

    return hand


def _edit(which: Which, kind: str) -> Callable[[Machine], None]:
    """The first entry of a type is by somebody else, and nothing beside it is touched."""

    def hand(machine: Machine) -> None:
        i = number_of(machine, which, kind)
        line = changed(lines(machine, which)[i], by="0" * 26)
        with rows(machine.database(which)) as db:
            db.execute("UPDATE entry SET body = ? WHERE i = ?", (line, i))

    return hand


def _remade(which: Which, change: Callable[[Lines], Lines]) -> Callable[[Machine], None]:
    """Other entries, and everything that follows from them."""
    return lambda machine: remake(machine.database(which), change(lines(machine, which)))


def _swapped(made: Lines) -> Lines:
    return [made[1], made[0], *made[2:]]


def _swap_tiles(machine: Machine) -> None:
    with rows(machine.database("office")) as db:
        for old, new in ((0, 99), (1, 0), (99, 1)):
            db.execute("UPDATE tile SET n = ? WHERE level = 0 AND n = ?", (new, old))


def _put_back(*names: str) -> Callable[[Machine], None]:
    return lambda machine: machine.put_back(*names)


def _replace_log_key(machine: Machine) -> None:
    path = machine.office / "keys" / "log.key"
    path.unlink()
    keyring.new_signing_key(path, Use.LOG_OFFICE)


def _move_a_release(machine: Machine) -> None:
    """It leaves the keys' ledger and stands at the end of the office's."""
    theirs, own = lines(machine, "keys"), lines(machine, "office")
    moved = theirs.pop(number_of(machine, "keys", "key.released"))
    remake(machine.database("keys"), theirs)
    remake(machine.database("office"), [*own, changed(moved, at=decode(own[-1]).at)])


def _without_store(machine: Machine) -> None:
    shutil.rmtree(machine.store)


def _shorter_in_the_store_too(machine: Machine) -> None:
    remake(machine.database("office"), lines(machine, "office")[:-4])
    sign_into_store(machine, "office")


def _another_release(made: Lines) -> Lines:
    i = next(i for i, line in enumerate(made) if decode(line).type == "key.released")
    return [*made[:i], changed(made[i], by="0" * 26), *made[i + 1 :]]


def _second_history(machine: Machine) -> None:
    """With nothing left here that anybody cosigned."""
    hands.second_history(machine, "keys", _another_release)
    with rows(machine.database("office")) as db:
        db.execute("DELETE FROM cosigned")


def _another_copy(machine: Machine) -> None:
    made = _another_release(lines(machine, "keys"))
    remake(machine.database("office"), made, "keys_")


def _older_cosignature(*columns: str) -> Callable[[Machine], None]:
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


_LAST = "WHERE i = (SELECT max(i) FROM detail)"
_EMPTIED = f"UPDATE detail SET salt = NULL, body = NULL, erased = 1 {_LAST}"
_BENT = f"UPDATE detail SET body = '{{}}' {_LAST}"
_UNLISTED = r"entry \d+: its detail is gone, and no list that two persons signed names it"


def _tail(which: Which) -> str:
    return rf"{which}: entry \d+: its tail was dropped: \d+ entries were shown, \d+ are here"


def _another(which: Which) -> str:
    return rf"{which}: entry 0: another history was shown, first in one of the entries 0 to \d+"


def _fork(which: Which) -> str:
    return f"{COMMITTEE} cosigned another history of the ledger {which}"


def _behind(which: Which) -> str:
    return f"{COMMITTEE} cosigned more of the ledger {which} than is here"


def _shown(which: Which) -> str:
    return rf"kakuu/{which}: it has \d+ entries, and \d+ were shown before, says the checkpoint st"


def _of(which: Which, what: str) -> str:
    return rf"azukari.example/kakuu/{which}: {what}"


_KEPT_TAIL = r"its tail was dropped: \d+ entries are here, and the head that was kept has \d+"
_FEW = "too few witnesses of the policy cosigned what is here"
_COSIGNED = r"cosigned/0: another history of \d+ entries, .* in the name of .*committee"
_NEITHER = (
    r"checkpoint: its root is not that of the entries,"
    r" nor is that of cosigned/0, of \d+ entries, .* in the name of .*committee"
)
_TWO = r"two histories of \d+ entries, here and in the checkpoint store"
_STORED = r"the \d+ entries that the checkpoint store holds are another history"
_FORKED = r"ALARM forked  azukari.example/kakuu/{}: a second history of one length was shown"
_TILE = r"hash \d+ is not that of entry \d+"
_SHORTER = r"the keys' ledger is shorter than the office's copy of it"
_QUOTED = "the copy is what was quoted"
_DIFFERS = r"the keys' ledger differs from the office's copy, first at entry"

ATTACKS: Final = (
    Attack(
        "edit an entry of the office's ledger",
        _edit("office", "party.added"),
        {
            ROWS: "office: entry 0: tile 0/0: hash 0 is not that of entry 0",
            STORE: _another("office"),
            CITY_S: _another("office"),
            COMMITTEE_S: _another("office"),
            KEPT: _of("office", "tile/0/000: hash 0 is not that of entry 0"),
            STRANGER: _of("office", "tile/0/000: hash 0 is not that of entry 0"),
        },
    ),
    Attack(
        "edit an entry of the keys' ledger",
        _edit("keys", "key.released"),
        {
            ROWS: r"keys: .*head: its root is not that of its \d+ entries",
            COPY: rf"keys: entry \d+: .*edited: key.released was there.*another in by; {_QUOTED}",
            STORE: _another("keys"),
            START: _of("keys", _STORED),
            CITY_S: _another("keys"),
            COMMITTEE_S: _another("keys"),
            KEPT: _of("keys", _NEITHER),
            STRANGER: _of("keys", _NEITHER),
        },
    ),
    Attack(
        "edit a tile",
        _sql("office", "UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND n = 1"),
        {
            ROWS: "office: entry 256: tile 0/1: hash 0 is not that of entry 256",
            START: _of("office", _STORED),
            ROUND: f"({OWN}|{COMMITTEE}) cosigned another history of the ledger office, of",
            KEPT: _of("office", "tile/0/001: hash 0 is not that of entry 256"),
            STRANGER: _of("office", "tile/0/001: hash 0 is not that of entry 256"),
        },
    ),
    Attack(
        "swap two tiles",
        _swap_tiles,
        {
            ROWS: "office: entry 0: tile 0/0: hash 0 is not that of entry 0",
            START: _of("office", _STORED),
            ROUND: f"({OWN}|{COMMITTEE}) cosigned another history of the ledger office, of",
            KEPT: _of("office", f"tile/0/000: {_TILE}"),
            STRANGER: _of("office", f"tile/0/000: {_TILE}"),
        },
    ),
    Attack(
        "edit the head",
        _sql("office", "UPDATE head SET root = zeroblob(32)"),
        {
            ROWS: r"office: .*head: its root is not that of its \d+ entries",
            START: _of("office", _TWO),
            ROUND: _fork("office"),
            STATUS: _FORKED.format("office"),
            KEPT: _of("office", "checkpoint: its root is not that of the entries"),
            STRANGER: _of("office", "checkpoint: its root is not that of the entries"),
        },
    ),
    Attack(
        "edit the head of the keys' ledger",
        _sql("keys", "UPDATE head SET root = zeroblob(32)"),
        {
            ROWS: r"keys: .*head: its root is not that of its \d+ entries",
            HEAD: "keys: .*the head of the keys' ledger is not of its entries",
            START: _of("keys", _TWO),
            ROUND: "the keys' head is not that of the entries it shows",
            KEPT: _of("keys", "checkpoint: its root is not that of the entries"),
            STRANGER: _of("keys", "checkpoint: its root is not that of the entries"),
        },
    ),
    Attack(
        "edit the frontier",
        _sql("office", "UPDATE head SET frontier = zeroblob(8)"),
        {ROWS: "office: .*head: its frontier is not that of its entries"},
    ),
    Attack(
        "edit a detail",
        _sql("office", _BENT),
        {ROWS: r"office: entry \d+: its detail is not the one it commits to"},
    ),
    Attack(
        "empty a detail by hand",
        _sql("office", _EMPTIED),
        {ENTRIES: f"office: {_UNLISTED}"},
    ),
    Attack(
        "empty a detail of the keys' ledger by hand",
        _sql("keys", _EMPTIED),
        {ENTRIES: f"keys: {_UNLISTED}"},
    ),
    Attack(
        "drop the tail of the office's ledger",
        _remade("office", lambda made: made[:-4]),
        {
            STORE: _tail("office"),
            START: _shown("office"),
            CITY_S: _tail("office"),
            COMMITTEE_S: _tail("office"),
            ROUND: _behind("office"),
            KEPT: _of("office", _KEPT_TAIL),
            STRANGER: _of("office", _FEW),
        },
    ),
    Attack(
        "drop the tail of the keys' ledger",
        _remade("keys", lambda made: made[:-1]),
        {
            COPY: rf"keys: entry \d+: .*its tail was dropped: \d+ entries were .*{_QUOTED}",
            STORE: _tail("keys"),
            START: _shown("keys"),
            CITY_S: _tail("keys"),
            COMMITTEE_S: _tail("keys"),
            ROUND: f"(?s){_SHORTER}.*{_behind('keys')}",
            KEPT: _of("keys", _KEPT_TAIL),
            STRANGER: _of("keys", _FEW),
        },
    ),
    Attack(
        "drop the tail, and store the shorter head signed with the stolen key",
        _shorter_in_the_store_too,
        {
            CITY_S: _tail("office"),
            COMMITTEE_S: _tail("office"),
            ROUND: _behind("office"),
            KEPT: _of("office", _KEPT_TAIL),
            STRANGER: _of("office", _FEW),
        },
    ),
    Attack(
        "reorder two entries of the office's ledger",
        _remade("office", _swapped),
        {
            STORE: _another("office"),
            START: _of("office", _TWO),
            CITY_S: _another("office"),
            COMMITTEE_S: _another("office"),
            ROUND: _fork("office"),
            STATUS: _FORKED.format("office"),
            KEPT: _of("office", _COSIGNED),
            STRANGER: _of("office", _COSIGNED),
        },
    ),
    Attack(
        "reorder two entries of the keys' ledger",
        _remade("keys", _swapped),
        {
            COPY: rf"keys: entry 0: .*reordered: what was entry 1 stands here.*{_QUOTED}",
            STORE: _another("keys"),
            START: _of("keys", _TWO),
            CITY_S: _another("keys"),
            COMMITTEE_S: _another("keys"),
            ROUND: f"{_DIFFERS} 0",
            KEPT: _of("keys", _COSIGNED),
            STRANGER: _of("keys", _COSIGNED),
        },
    ),
    Attack(
        "move a release to the other ledger",
        _move_a_release,
        {
            ROWS: r"office: entry \d+: it belongs to another log",
            COPY: rf"keys: entry \d+: .*taken out: key.released was there.*{_QUOTED}",
            STORE: _tail("keys"),
            START: _shown("keys"),
            CITY_S: _tail("keys"),
            COMMITTEE_S: _tail("keys"),
            ROUND: f"(?s){_SHORTER}.*{_behind('keys')}",
            KEPT: _of("office", r"entry \d+: it belongs to another log"),
            STRANGER: _of("office", r"entry \d+: it belongs to another log"),
        },
    ),
    Attack(
        "put the office's home back from a backup",
        _put_back("sites/office"),
        {
            STORE: _tail("office"),
            OTHER: r"keys: entry \d+: carrier.revoked is unpaired: no carrier.lost",
            START: _shown("office"),
            ROUND: _behind("office"),
            KEPT: _of("office", _KEPT_TAIL),
            STRANGER: "carrier.revoked is unpaired: no carrier.lost",
        },
    ),
    Attack(
        "put the keys' home back from a backup",
        _put_back("sites/keys"),
        {
            COPY: rf"keys: entry \d+: .*its tail was dropped: .*{_QUOTED}",
            STORE: _tail("keys"),
            START: _shown("keys"),
            CITY_S: _tail("keys"),
            COMMITTEE_S: _tail("keys"),
            ROUND: f"(?s){_SHORTER}.*{_behind('keys')}",
            KEPT: _of("keys", _KEPT_TAIL),
            STRANGER: _of("keys", _FEW),
        },
    ),
    Attack(
        "put every home back from a backup",
        _put_back("sites"),
        {
            STORE: f"(?s){_tail('office')}.*{_tail('keys')}",
            START: _shown("keys"),
            ROUND: f"(?s){_behind('office')}.*{_behind('keys')}",
            KEPT: _of("office", _KEPT_TAIL),
        },
    ),
    Attack(
        "put an image of the whole machine back, its store too",
        _put_back("sites", "stores"),
        {
            ROUND: f"(?s){_behind('office')}.*{_behind('keys')}",
            KEPT: _of("office", _KEPT_TAIL),
        },
    ),
    Attack(
        "replace the log's key",
        _replace_log_key,
        {
            STORE: "office: .*the store holds no head that this ledger signed",
            START: _of("office", "the head in the checkpoint store is not signed by its key"),
            ROUND: f"{COMMITTEE} office: witness_refuses",
            KEPT: _of("office", "note: no signature by a known key"),
            STRANGER: _of("office", "note: no signature by a known key"),
        },
    ),
    Attack(
        "delete the checkpoint store",
        _without_store,
        {
            STORE: "(?s)office: .*the store holds no head.*keys: .*the store holds no head",
            START: "the checkpoint store holds no head of azukari.example/kakuu/keys",
        },
    ),
    Attack(
        "make both ledgers, copy and store anew and sign them with the stolen keys",
        _second_history,
        {
            ROUND: f"(?s){_fork('office')}.*{_fork('keys')}",
            STATUS: f"(?s){_FORKED.format('office')}.*{_FORKED.format('keys')}",
            KEPT: _of("office", r"another history: the head that was kept, of \d+ entries"),
            STRANGER: _of("office", _FEW),
        },
    ),
    Attack(
        "replace the office's copy of the keys' entries",
        _another_copy,
        {
            COPY: r"keys: entry \d+: .*edited: key.released was there.*the copy is not what was q",
            START: _DIFFERS,
            ROUND: f"(?s){_DIFFERS}.*({OWN}|{COMMITTEE}) cosigned another history of the ledger k",
        },
    ),
    Attack(
        "replay an older cosignature",
        _older_cosignature("size", "at_s", "note", "line"),
        {},
    ),
    Attack(
        "put an older cosignature under the newest head",
        _older_cosignature("line"),
        {ROWS: f"(?s)office: .*what is kept of {COMMITTEE} is not what it cosigned.*keys: "},
    ),
    Attack(
        "take a witness out of the office's records",
        _sql(
            "office",
            f"DELETE FROM witness WHERE name = '{COMMITTEE}'",
            f"DELETE FROM cosigned WHERE vkey LIKE '{COMMITTEE}+%'",
        ),
        {
            ENTRIES: rf"office: entry \d+: witness {COMMITTEE} is asked no more, and no entry says",
            STRANGER: _of("office", _FEW),
        },
    ),
    Attack(
        "call the city's own witness an outsider",
        _sql("office", f"UPDATE witness SET own = 0 WHERE name = '{OWN}'"),
        {ENTRIES: rf"office: entry \d+: witness {OWN} is asked elsewhere, or as another's"},
    ),
)
