"""A public site: what it believes, and the city's newest word on who no longer counts.

It stands in the internet, so it is given nothing that it could lose: no key, no register, no
document of anybody but these two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from azukari.desk import post as posts
from azukari.desk.post import Look, Post
from azukari.errors import Conflict
from azukari.seal import documents as doc
from azukari.seal.envelope import MAX_BYTES, Use
from azukari.shelf import files

STATUS: Final = "status.json"


def look(home: Path, post: Post, now: int) -> Look:
    """What a file would change here; only trust bundles and status statements change anything."""
    if post.word == posts.TRUST:
        return posts.look_at_trust(home, post)
    if not isinstance(post.document, doc.Status):
        raise posts.half_signed(post) if post.half else posts.elsewhere(post)
    key = posts.trust_of(home).key(Use.ORDER, now)
    new: doc.Status = doc.read(post.envelope, doc.Status, {key.id: key}.get).document
    held = _held(home)
    if held is not None and new.serial < held.serial:
        raise Conflict("this status statement is older than one already known")
    if held is not None and new.serial == held.serial:
        if new != held:
            raise Conflict("two status statements with one serial")
        return Look(post, f"order key {key.id}", "kept already", ())
    gone = len(new.suspended) + len(new.left) + len(new.revoked)
    before = "none was known" if held is None else f"serial {held.serial}, now {new.serial}"
    return Look(post, f"order key {key.id}", before, (f"{gone} no longer count",))


def take(home: Path, look: Look) -> None:
    """Keep what was looked at; durable."""
    if not look.known:
        name = "trust.json" if look.post.word == posts.TRUST else STATUS
        files.write_whole(home / name, look.post.data)


def _held(home: Path) -> doc.Status | None:
    """The one that is kept; it was verified when it came, and the key it came under may be gone."""
    if not (home / STATUS).exists():
        return None
    return doc.unverified(files.read_small(home / STATUS, MAX_BYTES), doc.Status)
