"""What must hold of whatever a death left behind: found by a program that has just been started.

Not a test.  It says every fault in words; none means: what was said before the death is true.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.crash.town import opened
from tests.desk.crash_house import House

from azukari.carrier.manifest import read_envelope
from azukari.desk.audit import audit
from azukari.desk.tick import tick
from azukari.errors import AzukariError, LedgerError, NotFound
from azukari.ledger.acts import roots_at
from azukari.ledger.checkpoint import Checkpoint, open_checkpoint, parse_vkey
from azukari.ledger.entry import Entry, decode
from azukari.ledger.tree import leaf_hash, verify_consistency
from azukari.shelf.checkpoints import Store
from azukari.shelf.database import transaction
from azukari.shelf.folder import Folder
from azukari.vault import records

Told = Sequence[dict[str, Any]]


def judge(home: Path, on: Sequence[str], told: Told) -> dict[str, Any]:
    """Start both programs, look, let one tick repair, and look again.

    Returns every fault, and how many entries both ledgers have.
    """
    faults = list[str]()
    try:
        # A program that does not start after a crash is the first fault of all.
        with opened(home, *on) as house:
            faults += _said(house, told)
            faults += [
                f"before the tick: {found.what}"
                for found in audit(house.office)
                if "is unpaired" not in found.what
            ]
            tick(house.office)
            again = tick(house.office)
            faults += [f"a second tick found {one}" for one in (*again.finished, *again.abandoned)]
            faults += _said(house, told)
            faults += [f"after the tick: {found.what}" for found in audit(house.office)]
            faults += _stored(house)
            faults += _unfinished(house)
            sizes = {name: len(entries) for name, entries in _ledgers(house).items()}
    except AzukariError as error:
        return {"faults": [*faults, f"{type(error).__name__}: {error}"], "sizes": {}}
    return {"faults": faults, "sizes": sizes}


def _lines(house: House) -> dict[str, list[bytes]]:
    with house.office.act() as tx:
        own = house.office.book.entries(tx, 0, house.office.book.head(tx).size)
    return {"office": own, "keys": house.keeper.entries(0)}


def _ledgers(house: House) -> dict[str, list[Entry]]:
    return {name: [decode(line) for line in lines] for name, lines in _lines(house).items()}


def _said(house: House, told: Told) -> Iterator[str]:
    """Whatever a thread said before it died: acts, heads, and keys that left."""
    lines = _lines(house)
    ledgers = {name: [decode(line) for line in each] for name, each in lines.items()}
    yield from _heads(house, lines, [line for line in told if line["say"] == "root"])
    named = {
        (name, entry.type, word)
        for name, entries in ledgers.items()
        for entry in entries
        for word in (entry.act, *entry.refs)
    }
    # A key that left has its entry, and no act has two.
    released = Counter(e.act for e in ledgers["keys"] if e.type.startswith("key.released"))
    yield from (f"act {act} released twice" for act, times in released.items() if times > 1)
    for line in told:
        if line["say"] == "left" and line["act"] not in released:
            yield f"a key left by act {line['act']}, and no entry says so"
        for ledger, kind, word in line.get("needs", ()):
            if ledger == "gone":
                yield from _must_be_gone(house, int(word))
            elif (ledger, kind, word) not in named:
                yield f"{line['act']} was acknowledged: {ledger} has no {kind} of {word}"


def _heads(house: House, lines: dict[str, list[bytes]], roots: Told) -> Iterator[str]:
    """Every signed head that was shown is reproduced, and the last grows into what is here."""
    vkeys = {"office": house.office.book.verifier(), "keys": house.keeper.verifier}
    for name, vkey in vkeys.items():
        notes = dict.fromkeys(line["note"] for line in roots if line["ledger"] == name)
        shown = [open_checkpoint(base64.b64decode(note), parse_vkey(vkey)) for note in notes]
        found = roots_at([leaf_hash(line) for line in lines[name]], (one.size for one in shown))
        for one in shown:
            if found.get(one.size) != one.root:
                yield f"{name}: the head of {one.size} entries that was shown is not reproduced"
        if shown:
            yield from _grows(house, name, max(shown, key=lambda one: one.size))


def _grows(house: House, name: str, shown: Checkpoint) -> Iterator[str]:
    """By a consistency proof, as a witness would ask for it."""
    keys = name == "keys"
    book = house.keeper._book if keys else house.office.book
    try:
        with transaction(house.keeper._engine if keys else house.office.engine) as tx:
            head = book.head(tx)
            _, proof = book.prove_growth(tx, shown.size)
        verify_consistency(shown.size, shown.root, head.size, head.root, proof)
    except (LedgerError, NotFound) as error:
        yield f"{name}: {error}"


def _must_be_gone(house: House, i: int) -> Iterator[str]:
    try:
        with house.office.act() as tx:
            house.office.book.detail(tx, i)
    except NotFound:
        return
    yield f"the detail of entry {i} was erased, and is here again"


def _stored(house: House) -> Iterator[str]:
    """Both checkpoint stores hold the heads as they are."""
    with house.office.act() as tx:
        own = house.office.book.head(tx)
    head = house.keeper.head()
    heads = {
        house.office.book.verifier(): (own.size, own.root.hex()),
        house.keeper.verifier: (head.size, head.root),
    }
    for vkey, here in heads.items():
        known = Store(house.home / "stores", vkey).known()
        if known is None or (known.size, known.root.hex()) != here:
            yield f"the checkpoint store holds another head of {vkey.partition('+')[0]}"


def _unfinished(house: House) -> Iterator[str]:
    """After a tick nothing is half done: carriers, grants, rolls, wrapping keys."""
    wrapping = {path.name for path in (house.home / "sites" / "keys" / "wrapping").iterdir()}
    places = {_whole(house, place) for place in (house.home / "carriers").iterdir()}
    begun = set(house.story["carriers"])
    with house.office.act() as tx:
        carriers = list(records.carriers(tx))
    shredded = {ref for e in _ledgers(house)["keys"] if e.type == "key.shredded" for ref in e.refs}
    for row in carriers:
        if row.state == "sealing":
            yield f"carrier {row.id} is still being sealed"
        if row.id not in begun and (row.id in places) != (row.state != "abandoned"):
            yield f"carrier {row.id} is {row.state}, and its folder says otherwise"
    yield from (f"{one} was shredded, and its wrapping key is here" for one in shredded & wrapping)


def _whole(house: House, root: Path) -> str:
    """The id of the carrier in a folder, or nothing: without a valid envelope it is none."""
    key, folder = house.office.signers["carrier"].public, Folder(root)
    try:
        envelope = read_envelope(folder.envelope(), {key.id: key}.get)
        folder.check(envelope)
    except AzukariError:
        return ""
    return envelope.carrier
