"""What an administrator can do to two ledgers by hand, and who says what about it.

Everybody looks after every attack; whoever is not named beside it noticed nothing, and that is
asserted as well.  docs/security.md has the same table in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.hostile import deeds
from tests.hostile.machine import COMMITTEE, OWN, Machine

from azukari.desk.witnesses import Which

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
        deeds.edit("office", "party.added"),
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
        deeds.edit("keys", "key.released"),
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
        deeds.sql("office", "UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND n = 1"),
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
        deeds.swap_tiles,
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
        deeds.sql("office", "UPDATE head SET root = zeroblob(32)"),
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
        deeds.sql("keys", "UPDATE head SET root = zeroblob(32)"),
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
        deeds.sql("office", "UPDATE head SET frontier = zeroblob(8)"),
        {ROWS: "office: .*head: its frontier is not that of its entries"},
    ),
    Attack(
        "edit a detail",
        deeds.sql("office", _BENT),
        {ROWS: r"office: entry \d+: its detail is not the one it commits to"},
    ),
    Attack(
        "empty a detail by hand",
        deeds.sql("office", _EMPTIED),
        {ENTRIES: f"office: {_UNLISTED}"},
    ),
    Attack(
        "empty a detail of the keys' ledger by hand",
        deeds.sql("keys", _EMPTIED),
        {ENTRIES: f"keys: {_UNLISTED}"},
    ),
    Attack(
        "drop the tail of the office's ledger",
        deeds.remade("office", lambda made: made[:-4]),
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
        deeds.remade("keys", lambda made: made[:-1]),
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
        deeds.shorter_in_the_store_too,
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
        deeds.remade("office", deeds.swapped),
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
        deeds.remade("keys", deeds.swapped),
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
        deeds.move_a_release,
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
        deeds.put_back("sites/office"),
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
        deeds.put_back("sites/keys"),
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
        deeds.put_back("sites"),
        {
            STORE: f"(?s){_tail('office')}.*{_tail('keys')}",
            START: _shown("keys"),
            ROUND: f"(?s){_behind('office')}.*{_behind('keys')}",
            KEPT: _of("office", _KEPT_TAIL),
        },
    ),
    Attack(
        "put an image of the whole machine back, its store too",
        deeds.put_back("sites", "stores"),
        {
            ROUND: f"(?s){_behind('office')}.*{_behind('keys')}",
            KEPT: _of("office", _KEPT_TAIL),
        },
    ),
    Attack(
        "replace the log's key",
        deeds.replace_log_key,
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
        deeds.without_store,
        {
            STORE: "(?s)office: .*the store holds no head.*keys: .*the store holds no head",
            START: "the checkpoint store holds no head of azukari.example/kakuu/keys",
        },
    ),
    Attack(
        "make both ledgers, copy and store anew and sign them with the stolen keys",
        deeds.second_history,
        {
            ROUND: f"(?s){_fork('office')}.*{_fork('keys')}",
            STATUS: f"(?s){_FORKED.format('office')}.*{_FORKED.format('keys')}",
            KEPT: _of("office", r"another history: the head that was kept, of \d+ entries"),
            STRANGER: _of("office", _FEW),
        },
    ),
    Attack(
        "replace the office's copy of the keys' entries",
        deeds.another_copy,
        {
            COPY: r"keys: entry \d+: .*edited: key.released was there.*the copy is not what was q",
            START: _DIFFERS,
            ROUND: f"(?s){_DIFFERS}.*({OWN}|{COMMITTEE}) cosigned another history of the ledger k",
        },
    ),
    Attack(
        "replay an older cosignature",
        deeds.older_cosignature("size", "at_s", "note", "line"),
        {},
    ),
    Attack(
        "put an older cosignature under the newest head",
        deeds.older_cosignature("line"),
        {ROWS: f"(?s)office: .*what is kept of {COMMITTEE} is not what it cosigned.*keys: "},
    ),
    Attack(
        "take a witness out of the office's records",
        deeds.sql(
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
        deeds.sql("office", f"UPDATE witness SET own = 0 WHERE name = '{OWN}'"),
        {ENTRIES: rf"office: entry \d+: witness {OWN} is asked elsewhere, or as another's"},
    ),
)
