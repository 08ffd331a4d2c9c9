"""The trust bundle at the office: which of its keys other sites believe, signed by the root.

The root key comes from outside, is used for this one signature and kept nowhere here.  A key that
was revoked stands as revoked in every later bundle, whoever issues it.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from azukari.desk.office import Office, new_act
from azukari.entrust.order import DAY_MS
from azukari.errors import BadSignature, Conflict, NotFound
from azukari.ledger.entry import decode
from azukari.seal.envelope import PublicKey, Signer, Use
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.shelf.book import Draft

REVOKED = "trust.revoked"


def issue(
    office: Office,
    grant_key: PublicKey,
    root: Signer,
    days: int,
    by: str,
    answer_key: PublicKey | None = None,
) -> bytes:
    """A new bundle with a later serial than any before; one entry.

    It believes the office's enrol, order and carrier keys, the key service's grant key and the
    first officers' person keys, from a day ago, because clocks differ, for so many days; but for
    those that were revoked.  ``answer_key``: of a key service on another host, which a party tells
    of a loss itself.
    """
    now = office.now()
    start, end = now - DAY_MS, now + days * DAY_MS
    keys = [*named(office, grant_key), *([] if answer_key is None else [answer_key])]
    lines = [trusted(key, start, end) for key in keys]
    with office.act(permits=True) as tx:
        gone = _revoked(office, tx)
        data = issue_bundle(TrustBundle(1, now, start, end, lines, gone), root)
        detail = {"serial": now, "sha256": hashlib.sha256(data).hexdigest(), "days": days}
        office.write(tx, Draft(new_act(), "trust.published", by, (root.public.id,), detail=detail))
    return data


def named(office: Office, grant_key: PublicKey) -> list[PublicKey]:
    """The keys of which a bundle speaks."""
    if grant_key.use is not Use.GRANT:
        raise BadSignature("only a grant key signs grants")
    own = (office.signers[name].public for name in ("enrol", "order", "carrier"))
    return [*own, grant_key, *office.founders]


def revoke(office: Office, grant_key: PublicKey, key: str, by: str) -> None:
    """From the next bundle on, nobody believes this key; one entry, for good.

    `NotFound` for a key that no bundle names, `Conflict` where it was revoked before.
    """
    if key not in {one.id for one in named(office, grant_key)}:
        raise NotFound("no trust bundle of this office names such a key")
    with office.act() as tx:
        if key in _revoked(office, tx):
            raise Conflict("this key was revoked before")
        office.write(tx, Draft(new_act(), REVOKED, by, (key,)))


def revoked(office: Office) -> list[str]:
    """The ids of every key that was revoked, in order of their ids."""
    with office.act() as tx:
        return _revoked(office, tx)


def _revoked(office: Office, tx: Connection) -> list[str]:
    own = map(decode, office.book.entries(tx, 0, office.book.head(tx).size))
    return sorted({entry.refs[0] for entry in own if entry.type == REVOKED})
