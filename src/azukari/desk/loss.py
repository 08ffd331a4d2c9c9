"""A loss declared, a carrier found: revoke first, then record, then look.

Declaring needs little: which carriers, when and where last held, and whether a device or a paper
with a grant was in the same bag (unknown counts as yes).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from azukari.carrier import life
from azukari.carrier.manifest import envelope_hash, read_envelope
from azukari.desk import deadlines, first_word, tasks
from azukari.desk.declared import Declared, begun, unsaid
from azukari.desk.office import Office, new_act
from azukari.desk.order import person_of
from azukari.errors import (
    BadFormat,
    BadInput,
    BadSignature,
    Conflict,
    LedgerBehind,
    LedgerFork,
    NotFound,
    Unreachable,
)
from azukari.names import new_id, raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf import medium
from azukari.shelf.book import Draft
from azukari.shelf.folder import Folder
from azukari.vault import media, records, schema

__all__ = [
    "NOT_KNOWN",
    "OPEN",
    "PENDING",
    "Declared",
    "Incident",
    "declare",
    "find",
    "incident_of",
    "incidents",
    "inspect",
    "record",
    "unsaid",
]

PENDING, OPEN = "revoke pending", "open"
NOT_KNOWN = "not known"  # whether what was found is the medium, or a copy of what was on it


@dataclass(frozen=True)
class Incident:
    """A loss on record."""

    incident: str
    act: str
    carriers: tuple[str, ...]
    revoked: bool  # False: NOT YET REVOKED, the tick goes on trying


def declare(office: Office, carriers: Sequence[str], declared: Declared, act: str = "") -> Incident:
    """One act for all carriers in one bag; when it returns they are revoked and recorded.

    Where the key service is away it is recorded as *revoke pending*, which the tick repeats.
    ``act``: of a signed declaration, which may have reached the key service before.
    """
    ids = _ids(office, carriers)
    act, incident = begun(office, ids) or act or new_act(), new_id()
    revoked = True
    try:
        # Revoke first: counting the affected takes a while, and a key does not.
        office.keys.revoke(act, declared.by, ids, declared.known_at)
    except Unreachable:
        revoked = False
    try:
        incident = _say(office, act, incident, ids, declared, revoked=revoked)
    except Unreachable:
        if not revoked:
            text = "NOT YET REVOKED, and not recorded: neither can be written now; declare it again"
            raise Unreachable(text) from None
        text = "the carriers are revoked; the office cannot record the loss now, the next tick does"
        raise Unreachable(text) from None
    return Incident(incident, act, ids, revoked)


def _ids(office: Office, carriers: Sequence[str]) -> tuple[str, ...]:
    """The carriers' ids, each once; where the office's records fail, ids need no looking up."""
    try:
        with office.act(wait=False) as tx:
            return tuple(dict.fromkeys(records.carrier(tx, each).id for each in carriers))
    except (Unreachable, BadFormat):
        for carrier in carriers:
            raw_id(carrier)
        return tuple(dict.fromkeys(carriers))


def _say(
    office: Office,
    act: str,
    incident: str,
    ids: tuple[str, ...],
    declared: Declared,
    *,
    revoked: bool,
) -> str:
    """Record a loss; the id of its incident."""
    rows_of = schema.incident
    # Whatever became of the checkpoint store: a loss that is recorded must not be told as one that
    # is not, and the next act says what is wrong with the store.
    with office.act(wait=False) as tx:
        # A tick at the same moment may have found the revocation and recorded the loss already.
        mine = rows_of.c.act == act
        known = tx.execute(select(rows_of).where(mine)).one_or_none()
        if known is None:
            record(office, tx, act, incident, ids, declared, revoked=revoked)
            return incident
        already = known.carriers.split()
        # Of a declaration the key service may have known some carriers only: by their ids.
        more = tuple(carrier for carrier in ids if carrier not in already)
        every = (*already, *more)
        _gone(office, tx, more)
        values = {"carriers": " ".join(every), "declared": msgspec.json.encode(declared)}
        tx.execute(rows_of.update().where(mine).values(values))
        wider = Draft(act, "incident.opened", declared.by, (known.id, *every))
        said = _lost(act, every, declared, revoked=revoked)
        office.write(tx, said, *([wider] if more else []))
    return str(known.id)


def record(
    office: Office,
    tx: Connection,
    act: str,
    incident: str,
    carriers: tuple[str, ...],
    declared: Declared,
    *,
    revoked: bool,
) -> None:
    """The office's half of a loss, in the caller's transaction."""
    _gone(office, tx, carriers)
    tx.execute(
        schema.incident.insert().values(
            id=incident,
            act=act,
            carriers=" ".join(carriers),
            state=OPEN if revoked else PENDING,
            declared=msgspec.json.encode(declared),
        )
    )
    tasks.begin(tx, incident, office.now())
    other = None
    # Where the key service forgot or is away again, the loss is written down without its head.
    with suppress(Unreachable, LedgerBehind, LedgerFork):
        other = office.keys_head(tx) if revoked else None
    refs, now = (incident, *carriers), office.now()
    # Where the ledger is ahead of our clock its time is none: what our clock said stands beside it.
    clock = now if now < office.book.last_at(tx) else None
    office.write(
        tx,
        _lost(act, carriers, declared, revoked=revoked),
        Draft(act, "incident.opened", declared.by, refs, other=other, happened=clock),
    )
    deadlines.opened(office, tx, incident, act)
    first_word.due(office, tx, incident, carriers)


def _gone(office: Office, tx: Connection, carriers: Sequence[str]) -> None:
    """From now on these are lost, and nothing more is due of them."""
    for carrier in carriers:
        row = records.carrier(tx, carrier)
        # A loss that was said is written down whatever became of the carrier before: it is lost
        # already, or a sealing that broke off and will be abandoned.
        with suppress(Conflict):
            state = life.after(life.State(row.state), life.Act.LOSE)
            records.change_carrier(tx, carrier, state=state)
        records.settle(tx, carrier, office.now())


def _lost(act: str, carriers: tuple[str, ...], declared: Declared, *, revoked: bool) -> Draft:
    said = msgspec.to_builtins(declared) | {"revoked": revoked}
    detail = {key: value for key, value in said.items() if value is not None}  # it holds no nulls
    at = declared.known_at
    return Draft(act, "carrier.lost", declared.by, carriers, happened=at, detail=detail)


def incident_of(office: Office, incident: str) -> tuple[Incident, Declared]:
    """An incident on record, by its id."""
    with office.act() as tx:
        mine = schema.incident.c.id == incident
        row = tx.execute(select(schema.incident).where(mine)).one_or_none()
    if row is None:
        raise NotFound("the office knows no such incident")
    carriers = tuple(row.carriers.split())
    declared = msgspec.json.decode(row.declared, type=Declared)
    return Incident(row.id, row.act, carriers, row.state != PENDING), declared


def incidents(office: Office) -> list[str]:
    """The ids of every incident."""
    with office.act() as tx:
        return list(tx.execute(select(schema.incident.c.id)).scalars())


def find(
    office: Office, carrier: str, root: Path, inspector: str, signer: Signer, tag: str = ""
) -> tuple[doc.Inspection, bytes]:
    """Inspect a found carrier without any key; a report signed by the inspector; two entries.

    It is compared with the office's own copy of the envelope: equal digests prove that every byte
    of every part is as it was sealed.  `NotFound` where nothing of it lies there.

    A folder may be a copy: whether it is the medium, the serial says, or the inspector by the asset
    tag that they read on it; else it is not known, which papers say.
    """
    known = PublicKey.load(Use.PERSON, unbase64(person_of(office, inspector).public))
    if signer.public != known:
        raise BadSignature("this is not the key of the person who is named")
    with office.act() as tx:
        row = records.carrier(tx, carrier)
    report = inspect(row.envelope, root, row.id, inspector, office.now(), _carrier_keys(office))
    if "unchanged" not in report.parts.values():
        # Neither its envelope nor one part of it: whatever lies here, nobody found the carrier.
        raise NotFound("nothing of this carrier lies there")
    envelope = doc.issue(report, signer)
    state = life.after(life.State(row.state), life.Act.FIND)
    by = _medium_by(office, root, row.tag, tag)
    act = new_act()
    with office.act() as tx:
        records.change_carrier(tx, row.id, state=state)
        records.keep_document(tx, report, envelope, about=row.id)
        detail = {"unchanged": report.unchanged, "parts": report.parts, "pages": report.pages}
        office.write(
            tx,
            Draft(act, "carrier.found", inspector, (row.id,), detail={"medium_by": by}),
            Draft(act, "carrier.inspected", inspector, (row.id, report.id), detail=detail),
        )
    return report, envelope


def _medium_by(office: Office, root: Path, sealed_onto: str | None, read: str) -> str:
    """By what it is the very medium: its serial, a tag that somebody read; or not known."""
    if read and read.upper() != sealed_onto:
        raise BadInput("tag", "not that of the medium which the carrier was sealed onto")
    serial = medium.look(root).serial
    with office.act() as tx:
        known = None if serial is None else media.by_serial(tx, serial)
    if known is not None and known.tag == sealed_onto:
        return "serial"
    return "tag" if read else NOT_KNOWN


def inspect(
    own: bytes,
    root: Path,
    carrier: str,
    inspector: str,
    at: int,
    key_of: Callable[[str], PublicKey | None],
) -> doc.Inspection:
    """Compare a folder with the office's own copy of its envelope; needs no key."""
    envelope = read_envelope(own, key_of)
    folder = Folder(root)
    found = folder.compare(envelope)
    try:
        same = folder.envelope() == own
    except BadFormat:
        same = False
    foreign = folder.foreign(envelope)
    parts = {key[5:]: state for key, state in found.items() if key.startswith("part ")}
    pages = {key[5:]: state for key, state in found.items() if key.startswith("page ")}
    whole = same and set(found.values()) == {"unchanged"} and not foreign
    return doc.Inspection(
        id=new_id(),
        carrier=carrier,
        envelope_sha256=envelope_hash(own),
        at=at,
        inspector=inspector,
        unchanged=whole,
        parts=parts | {"envelope": "unchanged" if same else "changed"},
        pages=pages,
        foreign=len(foreign),
        newest_file_at=folder.newest_ms(),
    )


def _carrier_keys(office: Office) -> Callable[[str], PublicKey | None]:
    key = office.signers["carrier"].public
    return {key.id: key}.get
