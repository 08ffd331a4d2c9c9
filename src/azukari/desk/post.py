"""The post: one signed file crosses from site to site, and is taken in once.

What a file is, is said by the file and believed by nobody; each site then verifies it against keys
that it pinned.  The office's side is post_office.py; here are the sites without a database: a
contractor keeps documents in HOME/inbox, a call centre its trust bundle and its grants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azukari.carrier import statement
from azukari.errors import BadFormat, Conflict, Refused
from azukari.keys.policy import Believed, Pinned
from azukari.names import raw_id
from azukari.seal import documents as doc
from azukari.seal import grant as grants
from azukari.seal import trust as trusts
from azukari.seal.envelope import MAX_BYTES, PublicKey, Use, parse, peek, unbase64
from azukari.shelf import files, keyring

MAX_POST: Final = statement.MAX_BYTES
MAX_INBOX: Final = 100_000
GRANT, TRUST, RECEIPT = "grant", "trust", "receipt"


@dataclass(frozen=True)
class Post:
    """One file as it claims to be; nothing in it is verified."""

    word: str  # order, approval, … grant, trust, receipt
    id: str  # of the document; of a trust bundle its serial
    data: bytes  # the file
    envelope: bytes  # what is signed; the file itself, but for receipts
    document: doc.Document | None = None  # none for grants and trust bundles
    half: bool = False
    hands: str = ""  # of a half: how many signatures of how many
    journal: Sequence[bytes] = ()

    @property
    def file_name(self) -> str:
        """A name that says what it is and nothing of anybody."""
        return f"{self.word}-{self.id[:6]}{f'-{self.hands}' if self.half else ''}.json"


@dataclass(frozen=True)
class Look:
    """What a file would do here, before it does it."""

    post: Post
    sender: str  # whose signature was found right
    continues: str  # how it goes on from what is known
    changes: tuple[str, ...]  # empty: nothing, because it is known already

    @property
    def known(self) -> bool:
        return not self.changes


def open_post(data: bytes) -> Post:
    """What a file claims to be; any bytes are a `Post` or our error."""
    if len(data) > MAX_POST:
        raise BadFormat(f"a file of more than {MAX_POST} bytes is no post")
    data = data.strip(b"\r\n")  # a scanner ends its line
    if data.startswith(b'{"journal":'):
        envelope, lines = statement.unpack(data)
        receipt = doc.unverified(envelope, doc.Receipt)
        return Post(RECEIPT, _id(receipt.id), data, envelope, receipt, journal=tuple(lines))
    if len(data) > MAX_BYTES:
        raise BadFormat(f"a document of more than {MAX_BYTES} bytes")
    kind, payload = peek(data)
    if kind == grants.TYPE:
        return Post(GRANT, _id(parse(payload, grants.SealedGrant).grant), data, data)
    if kind == trusts.TYPE:
        return Post(TRUST, str(parse(payload, trusts.TrustBundle).serial), data, data)
    word = doc.word_of(data)
    document = doc.unverified(data, word)
    given, needed = doc.hands(data)
    half, hands = given < needed, f"{given}of{needed}"
    return Post(word.__name__.lower(), _id(document.id), data, data, document, half, hands)


def half_signed(post: Post) -> Refused:
    """Nobody takes in a half."""
    return Refused(post.word, ("half_signed",))


def elsewhere(post: Post) -> Refused:
    """Not for this site."""
    return Refused(post.word, ("post_for_another_site",))


# --- what every site without a database pins


def pin(home: Path, root: PublicKey, bundle: bytes) -> trusts.TrustBundle:
    """Believe this root and its bundle from now on; durable."""
    found = trusts.read_bundle(bundle, root)
    files.folder(home)
    files.write_new(home / "root.pub", root.der)
    files.write_new(home / "trust.json", bundle)
    return found


def pinned_root(home: Path) -> PublicKey:
    return PublicKey.load(Use.ROOT, files.read_small(home / "root.pub", 1024))


def trust_of(home: Path) -> trusts.TrustBundle:
    return trusts.read_bundle(files.read_small(home / "trust.json", MAX_BYTES), pinned_root(home))


def look_at_trust(home: Path, post: Post) -> Look:
    """A newer bundle replaces the one that is held; an older one is a `Conflict`."""
    held = trust_of(home)
    root = pinned_root(home)
    new = trusts.read_bundle(post.envelope, root, known_serial=held.serial)
    if new.serial == held.serial:
        if new != held:
            raise Conflict("two trust bundles with one serial")
        return Look(post, f"city root {root.id}", f"serial {held.serial}", ())
    changes = (f"{len(new.keys)} keys are believed, {len(new.revoked)} revoked",)
    return Look(post, f"city root {root.id}", f"serial {held.serial}, now {new.serial}", changes)


# --- a call centre


def look_at_call_centre(home: Path, post: Post, now: int) -> Look:
    """A call centre takes trust bundles and the grants of its own device."""
    if post.word == TRUST:
        return look_at_trust(home, post)
    if post.word != GRANT:
        raise half_signed(post) if post.half else elsewhere(post)
    key = trust_of(home).key(Use.GRANT, now)
    outer = grants.read_grant(post.envelope, key)
    kept = home / "grants" / post.file_name
    raw_id(outer.key)
    if kept.exists() and files.read_small(kept, MAX_BYTES) == post.data:
        return Look(post, f"grant key {key.id}", "kept already", ())
    path = home / "one-time" / f"{outer.key}.key"
    if not path.exists():
        # Destroyed, or of another device: in either case waste paper here.
        raise Refused("grant", ("grant_of_another_device",))
    inside = grants.open_grant(outer, keyring.one_time_key(path))
    what = f"opens carrier {inside.carrier} as {inside.role}"
    return Look(post, f"grant key {key.id}", f"one-time key {outer.key[:6]}", (what,))


def take_at_call_centre(home: Path, look: Look) -> None:
    """Keep what was looked at; durable."""
    if look.known:
        return
    if look.post.word == TRUST:
        files.write_whole(home / "trust.json", look.post.data)
        return
    files.folder(home / "grants")
    files.write_new(home / "grants" / look.post.file_name, look.post.data)


# --- a contractor


@dataclass
class Inbox:
    """A contractor's documents, verified again at every opening."""

    home: Path
    trust: trusts.TrustBundle
    believed: Believed
    kept: dict[str, Post]  # by id
    steps: list[doc.HandOver]

    def look(self, post: Post, now: int) -> Look:
        """What a document would add here; refused where it is not for a contractor."""
        if post.word == TRUST:
            return look_at_trust(self.home, post)
        if post.half:
            raise half_signed(post)
        known = self.kept.get(post.id)
        if known is not None and known.word == post.word:
            if known.envelope != post.envelope and known.document != post.document:
                raise Conflict("another document with this id is kept")
            return Look(post, "verified before", "kept already", ())
        if post.word == GRANT:
            key = self.trust.key(Use.GRANT, now)
            grants.read_grant(post.envelope, key)
            return Look(post, f"grant key {key.id}", "a grant to carry", ("it is kept to carry",))
        sender = self.verify(post)
        return Look(post, sender, f"{len(self.kept)} kept before", (f"this {post.word} is kept",))

    def take(self, look: Look) -> None:
        """Keep it; durable."""
        if look.known:
            return
        if look.post.word == TRUST:
            files.write_whole(self.home / "trust.json", look.post.data)
            return
        number = len(self.kept)
        path = self.home / "inbox" / f"{number:06d}-{look.post.file_name}"
        files.write_new(path, look.post.data)
        self.kept[look.post.id] = look.post

    def key_of(self, key: str) -> PublicKey | None:
        """A key believed here: the city's, or of a person whose entry is in the inbox."""
        fixed = self.believed.pinned
        pinned = (fixed.order, fixed.enrol, *fixed.founders)
        return {one.id: one for one in (*self.person_keys(), *pinned)}.get(key)

    def person_keys(self) -> list[PublicKey]:
        """The keys of everybody whose entry is in the inbox."""
        entries = self.believed.people.values()
        return [PublicKey.load(Use.PERSON, unbase64(one.public)) for one in entries]

    def verify(self, post: Post, *, kept: bool = False) -> str:
        """Believe it, or raise why not; returns whose word it is."""
        if isinstance(post.document, doc.HandOver):
            doc.read(post.envelope, doc.HandOver, self.key_of)
            self.steps.append(post.document)
            return "both hands"
        if post.word not in _FOR_A_CONTRACTOR:
            raise elsewhere(post)
        # When it came first is not kept: days here are those that entries state.
        self.believed.take(post.envelope, at=0, kept=kept)
        return _FOR_A_CONTRACTOR[post.word]


def held(steps: Sequence[doc.HandOver], person: str) -> tuple[str, ...]:
    """The carriers that were passed to a person last, as the steps tell that were taken in."""
    last = {step.carrier: step.taker for step in steps}
    return tuple(carrier for carrier, taker in last.items() if taker == person)


def open_inbox(home: Path, city: str, now: int) -> Inbox:
    """Read and verify everything a contractor holds."""
    trust = trust_of(home)
    enrol, order = trust.key(Use.ENROL, now), trust.key(Use.ORDER, now)
    pinned = Pinned(city, enrol, order, trust.founders(now))
    inbox = Inbox(home, trust, Believed(pinned), {}, [])
    with files.own_errors("inbox"):
        paths = sorted((home / "inbox").iterdir())
    if len(paths) > MAX_INBOX:
        raise BadFormat(f"more than {MAX_INBOX} documents in the inbox")
    for path in paths:
        post = open_post(files.read_small(path, MAX_POST))
        if post.word != GRANT:
            inbox.verify(post, kept=True)
        inbox.kept[post.id] = post
    return inbox


_FOR_A_CONTRACTOR: Final = {
    "party": "the city",
    "person": "the city, the person's party and the person",
    "device": "the city, the device's party and the device",
    "agreement": "the city and both parties",
    "training": "the city and the person",
    "suspension": "the city",
    "status": "the city",
    "order": "the city and the requester",
    "approval": "the approver",
}


def _id(identifier: str) -> str:
    raw_id(identifier)
    return identifier
