"""The trust bundle at the office: which of its keys other sites believe, signed by the root.

The root key comes from outside, is used for this one signature and kept nowhere here.
"""

from __future__ import annotations

import hashlib

from azukari.desk.office import Office, new_act
from azukari.entrust.order import DAY_MS
from azukari.errors import BadSignature
from azukari.seal.envelope import PublicKey, Signer, Use
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.shelf.book import Draft


def issue(office: Office, grant_key: PublicKey, root: Signer, days: int, by: str) -> bytes:
    """A new bundle with a later serial than any before; one entry.

    It believes the office's enrol, order and carrier keys, the key service's grant key and the
    first officers' person keys, from a day ago, because clocks differ, for so many days.
    """
    if grant_key.use is not Use.GRANT:
        raise BadSignature("only a grant key signs grants")
    now = office.now()
    start, end = now - DAY_MS, now + days * DAY_MS
    keys = [office.signers[name].public for name in ("enrol", "order", "carrier")]
    lines = [trusted(key, start, end) for key in (*keys, grant_key, *office.founders)]
    data = issue_bundle(TrustBundle(1, now, start, end, lines, []), root)
    with office.act(permits=True) as tx:
        detail = {"serial": now, "sha256": hashlib.sha256(data).hexdigest(), "days": days}
        office.write(tx, Draft(new_act(), "trust.published", by, (root.public.id,), detail=detail))
    return data
