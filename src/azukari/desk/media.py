"""Media at the office: registered, named in orders, refused, looked at, cleared, retired.

A medium has an asset tag, which people see, and a serial where the machine tells it.  Nothing is
sealed onto one that is unknown, retired, occupied, not empty, or not in the order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row

from azukari.carrier.life import State
from azukari.carrier.manifest import PAGES, read_envelope
from azukari.desk.office import Office, new_act
from azukari.desk.tick import abandon
from azukari.entrust.order import NETWORK
from azukari.errors import AzukariError, BadInput, Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.shelf import busy, files, filesystem, medium
from azukari.shelf.book import Draft
from azukari.shelf.folder import Folder
from azukari.shelf.medium import Holds, Seen
from azukari.vault import media as rows
from azukari.vault import records, schema

_TAG: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")


@dataclass(frozen=True)
class Looked:
    """A medium and what the office knows of it."""

    seen: Seen
    tag: str | None  # None: the machine told no serial, or one that is not registered
    carrier: Row[Any] | None  # what lies on it, if it is the office's


def register(office: Office, tag: str, place: Path, by: str) -> Seen:
    """Give a medium its asset tag; one entry.

    Its serial is kept where this machine tells it.  A tag is given once, a serial is in use once.
    """
    tag = tag.upper()
    if not _TAG.fullmatch(tag):
        raise BadInput("TAG", "letters, digits, dots and dashes are expected, at most 32")
    seen = medium.look(place)
    with office.act() as tx:
        if rows.medium(tx, tag) is not None:
            raise Conflict(f"{tag} is registered already: a tag is given once")
        other = None if seen.serial is None else rows.by_serial(tx, seen.serial)
        if other is not None:
            raise Conflict(f"this medium is registered already, as {other.tag}")
        identifier, mounted = new_id(), seen.mounted
        tx.execute(
            schema.medium.insert().values(
                tag=tag,
                id=identifier,
                serial=seen.serial,
                mounted=int(mounted),
                kind=seen.files.kind,
                by=by,
                registered_at=office.now(),
            )
        )
        detail = {"tag": tag, "serial": seen.serial or filesystem.NOT_TOLD}
        draft = Draft(new_act(), "medium.registered", by, (identifier,), detail=detail)
        office.write(tx, draft)
    return seen


def retire(office: Office, tag: str, by: str) -> None:
    """Nothing is sealed onto a medium any more; one entry.  Its tag is never given again."""
    with office.act() as tx:
        row = _known(tx, tag)
        if row.retired_at is not None:
            raise Conflict(f"{row.tag} is retired already")
        if (on := rows.occupied(tx, row.tag)) is not None:
            raise Conflict(f"{row.tag} carries {on.label}, which is {on.state}")
        mine = schema.medium.c.tag == row.tag
        tx.execute(schema.medium.update().where(mine).values(retired_at=office.now()))
        draft = Draft(new_act(), "medium.retired", by, (row.id,), detail={"tag": row.tag})
        office.write(tx, draft)


def look(office: Office, place: Path) -> Looked:
    """What a medium is and carries, as far as serial and finder's page tell; changes nothing."""
    seen = medium.look(place)
    with office.act() as tx:
        row = None if seen.serial is None else rows.by_serial(tx, seen.serial)
        tag = None if row is None else row.tag
        return Looked(seen, tag, _lying_on(office, tx, seen, tag))


def ready(office: Office, order: doc.Order, place: Path, tag: str | None) -> str | None:
    """Refuse a medium that this order's next carrier may not be sealed onto; its tag if it may.

    Without a tag the medium is known by its serial, or not at all.  None: the carrier is sent by
    network, and the folder is no medium.  Tries its names with empty files that are taken away.
    """
    if order.medium == NETWORK:
        if tag is not None:
            raise Refused("sealing", ("medium_not_of_order",))
        files.folder(place)
        return None
    seen = medium.look(place)
    with office.act() as tx:
        if tag is None and seen.serial is not None:
            row = rows.by_serial(tx, seen.serial)
            tag = None if row is None else row.tag
        reasons = _why_not(tx, order, tag, seen)
    if reasons or tag is None:
        raise Refused(f"sealing onto {tag or 'this medium'}", reasons)
    filesystem.check_writable(seen.files)
    if seen.holds is not Holds.NOTHING:
        raise Conflict("the medium is not empty")
    # The plain name first: what fails at that is the medium, not the name.
    filesystem.check_keeps_names(place, sorted(PAGES))
    return tag.upper()


def take(tx: Connection, tag: str | None) -> None:
    """Refuse, in the transaction that begins a carrier, a medium that another was begun on."""
    if tag is not None and rows.occupied(tx, tag) is not None:
        raise Refused(f"sealing onto {tag}", ("medium_carries_another",))


def discard(office: Office, place: Path, label: str, by: str) -> int:
    """Clear a medium of a carrier that is none any more; durable.

    An unfinished one is abandoned first, its key destroyed: that cannot be undone, so its label is
    asked for.  One that was returned is removed.  Anything else is refused.  Returns how many
    files lie there that are not ours; those stay.
    """
    with busy.alone(office.home) as nobody_works:
        if not nobody_works:
            raise Conflict("somebody is sealing: what looks unfinished may be work that goes on")
        found = look(office, place)
        row = found.carrier
        if row is None:
            raise NotFound("nothing lies there that this office knows")
        if label.upper() not in (row.label, row.id.upper()):
            raise Refused("discarding", ("not_confirmed",))
        if row.state == State.SEALING:
            abandon(office, row.id, row.act, by)
        elif row.state not in (State.ABANDONED, State.RETURNED):
            raise Conflict(f"{row.label} is {row.state}: only what is unfinished or returned goes")
        return medium.clear(place)


def _known(tx: Connection, tag: str) -> Row[Any]:
    row = rows.medium(tx, tag)
    if row is None:
        raise NotFound("no medium of this tag is registered")
    return row


def _why_not(tx: Connection, order: doc.Order, tag: str | None, seen: Seen) -> tuple[str, ...]:
    """Every reason why this order's carrier may not be sealed onto this medium."""
    row = None if tag is None else rows.medium(tx, tag)
    if row is None:
        return ("medium_unknown",)
    reasons: list[str] = []
    if row.retired_at is not None:
        reasons.append("medium_retired")
    if row.tag not in {named.upper() for named in order.media}:
        reasons.append("medium_not_of_order")
    if _is_another(tx, row, seen):
        reasons.append("medium_is_another")
    if rows.occupied(tx, row.tag) is not None:
        reasons.append("medium_carries_another")
    return tuple(reasons)


def _is_another(tx: Connection, row: Row[Any], seen: Seen) -> bool:
    """Does the machine say that this is not the medium that was registered under the tag?

    A medium that had a file system of its own and has none now was pulled out, and its place is a
    folder of the machine.  A machine that tells no serials is believed in nothing else.
    """
    if row.mounted and not seen.mounted:
        return True
    if seen.serial is None:
        return False
    if row.serial is not None:
        return bool(row.serial != seen.serial)
    other = rows.by_serial(tx, seen.serial)
    return other is not None and other.tag != row.tag


def _lying_on(office: Office, tx: Connection, seen: Seen, tag: str | None) -> Row[Any] | None:
    """The office's carrier that lies on a medium: by its envelope, its page, or where it began."""
    if seen.holds not in (Holds.CARRIER, Holds.UNFINISHED):
        return None
    if seen.holds is Holds.CARRIER:
        return _by_envelope(office, tx, seen.root)
    if seen.label is not None:
        try:
            return records.carrier(tx, seen.label)
        except NotFound:
            return None
    # No page yet: the newest that was begun on this medium, or in this place.
    begun = rows.carriers_on(tx, tag) if tag else rows.carriers_at(tx, str(seen.root.absolute()))
    return begun[0] if begun else None


def _by_envelope(office: Office, tx: Connection, root: Path) -> Row[Any] | None:
    key = office.signers["carrier"].public
    try:
        envelope = read_envelope(Folder(root).envelope(), {key.id: key}.get)
        return records.carrier(tx, envelope.carrier)
    except AzukariError:
        return None  # not ours, or not whole: inspect says which
