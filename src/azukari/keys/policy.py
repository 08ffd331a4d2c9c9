"""What the key service believes: documents it verified itself, and every negative fact it was told.

Positive facts come with signatures under keys pinned at set-up, or under persons' and devices' keys
that such documents enrolled.  Negative facts (suspended, left, revoked, paid by another) never go
away by silence.  Nothing here opens a database; the keeper hands documents in, in the order they
were first believed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from msgspec.structs import replace

from azukari.entrust import enrolment, order, retention, review, training
from azukari.entrust.known import Known
from azukari.entrust.may import Why
from azukari.errors import BadFormat, BadSignature, Conflict, Refused
from azukari.names import raw_id
from azukari.seal import documents as doc
from azukari.seal.documents import Signed
from azukari.seal.envelope import PublicKey, Use, base64_of, unbase64
from azukari.seal.grant import p256_der, p256_public

D = TypeVar("D", bound=doc.Document)


@dataclass(frozen=True)
class Pinned:
    """The keys and the city's id, as the key service was set up with.

    ``founders`` are the person keys of the city's first officers, who admit each other.
    """

    city: str
    enrol: PublicKey
    order: PublicKey
    founders: tuple[PublicKey, ...]


@dataclass
class Believed:
    """All verified documents, by id."""

    pinned: Pinned
    parties: dict[str, doc.Party] = field(default_factory=dict)
    agreements: dict[str, doc.Agreement] = field(default_factory=dict)
    people: dict[str, doc.Person] = field(default_factory=dict)
    devices: dict[str, doc.Device] = field(default_factory=dict)
    batches: dict[str, doc.OneTimeKeys] = field(default_factory=dict)
    trainings: dict[str, doc.Training] = field(default_factory=dict)
    stated: dict[str, doc.Employment] = field(default_factory=dict)
    orders: dict[str, doc.Order] = field(default_factory=dict)
    approvals: dict[str, doc.Approval] = field(default_factory=dict)
    negative: set[str] = field(default_factory=set)
    status: doc.Status | None = None
    _known: Known | None = None
    _openers: dict[str, doc.Device] = field(default_factory=dict)  # with every batch of theirs
    _keys: dict[str, PublicKey] = field(default_factory=dict)
    _owner: dict[str, str] = field(default_factory=dict)  # key id -> person or device
    _founders: set[str] = field(default_factory=set)  # persons
    _settling: dict[str, doc.Person] = field(default_factory=dict)  # enrolled as of when believed

    def __post_init__(self) -> None:
        pinned = (self.pinned.enrol, self.pinned.order, *self.pinned.founders)
        self._keys = {key.id: key for key in pinned}

    def take(self, envelope: bytes, at: int, *, kept: bool = False) -> bool:
        """Verify and keep a document; False where it was known already.

        Args:
            at: when it was first believed here; a quiet time runs from then, whatever it says.  0
                where nobody knows: then it runs from the day that an entry states.
            kept: it was believed before and is only read again: who signed it may have left since.

        Raises `BadSignature`, `BadFormat`, or `Conflict` for another document under a known id
        and for a status statement older than the newest known.
        """
        takers: dict[type[doc.Document], Callable[[bytes], bool]] = {
            doc.Party: self._party,
            doc.Person: lambda signed: self._person(signed, at, kept),
            doc.Device: lambda signed: self._device(signed, at, kept),
            doc.OneTimeKeys: lambda signed: self._more_keys(signed, kept),
            doc.Agreement: lambda signed: self._agreement(signed, kept),
            doc.Training: self._training,
            doc.Employment: self._employment,
            doc.Order: self._order,
            doc.Approval: self._approval,
            doc.Suspension: self._suspension,
            doc.Status: self._status,
        }
        kind = doc.word_of(envelope)
        if kind not in takers:
            raise BadFormat(f"the key service has no use for a {kind.__name__}")
        # Whatever it changes, the next decision looks at all of it again.
        self._known = None
        return takers[kind](envelope)

    def known(self) -> Known:
        """The facts a decision is made on."""
        if self._known is None:
            self._known = self._lay_out()
        return self._known

    def _lay_out(self) -> Known:
        return Known(
            city=self.pinned.city,
            agreements=self.agreements,
            people=self._settling,
            devices=self._openers,
            trainings=tuple(self.trainings.values()),
            approvals=tuple(self.approvals.values()),
            negative=frozenset(self.negative),
            status_at=None if self.status is None else self.status.at,
        )

    def opener(self, device: str) -> doc.Device:
        """A device with every one-time key it handed in, with its entry or later."""
        return self._openers[device]

    def restoration(self, envelope: bytes) -> doc.Restoration:
        """A person's word that a carrier may be opened again, checked but not kept."""
        signed = doc.read(envelope, doc.Restoration, self._key)
        self._must_be_by(signed, signed.document.person)
        found: doc.Restoration = signed.document
        person = self.people[found.person]
        if person.party != self.pinned.city or person.id in self.negative:
            raise BadSignature("a restoration needs persons of the city")
        return found

    def erasure(self, envelope: bytes, at: int) -> tuple[doc.Erasure, list[str]]:
        """A list of details under two hands, checked but not kept; and why it does not count."""
        signed = doc.read(envelope, doc.Erasure, self._key)
        found: doc.Erasure = signed.document
        hands = [self._owner.get(key.id, "") for key in signed.keys]
        if found.requester not in hands:
            raise BadSignature("a list of details is signed by another than its requester")
        one, other = (self._settling.get(hand) for hand in hands)
        city = self.pinned.city
        return found, retention.why_not_two(one, other, city, self.negative, at)

    def loss(self, envelope: bytes) -> doc.Loss:
        """A known person's word that something is lost, checked but not kept."""
        signed = doc.read(envelope, doc.Loss, self._key)
        self._must_be_by(signed, signed.document.by)
        found: doc.Loss = signed.document
        if found.by in self.negative:
            raise BadSignature("whoever declares it has left")
        return found

    def owner_of(self, key: PublicKey) -> doc.Person | None:
        """The person whose key this is."""
        return self.people.get(self._owner.get(key.id, ""))

    def independent(self, persons: Collection[str], at: int) -> bool:
        """Two of these at least, enrolled for a day, neither of whom enrolled the other lately?"""
        people = [self._settling[person] for person in set(persons)]
        settled = [p for p in people if at >= p.enrolled_at + order.QUIET_MS]
        return any(not order.tied(one, other, at) for one, other in combinations(settled, 2))

    def _key(self, key: str) -> PublicKey | None:
        return None if key in self.negative else self._keys.get(key)

    def _must_be_by(self, signed: Signed, person: str) -> None:
        """The person's key under the document must be that person's and no other's."""
        if self._owner.get(signed.key(Use.PERSON).id) != person:
            raise BadSignature("signed with the key of another person than it names")

    def _enrol_key(self, key: PublicKey, owner: str) -> None:
        known = self._owner.setdefault(key.id, owner)
        if known != owner:
            raise Conflict("one key cannot be two persons' or devices'")
        self._keys[key.id] = key

    def _party(self, envelope: bytes) -> bool:
        return _keep(self.parties, doc.read(envelope, doc.Party, self._key).document)

    def _person(self, envelope: bytes, at: int, kept: bool) -> bool:
        claimed = doc.unverified(envelope, doc.Person)
        own = PublicKey.load(Use.PERSON, unbase64(claimed.public))
        signed = self._admitted(envelope, doc.Person, own)
        founders = {key.id for key in self.pinned.founders}
        persons = {key.id for key in signed.keys if key.use is Use.PERSON}
        if own.id in founders:
            # The first officers have nobody before them: they sign for each other, at set-up.
            if not persons <= founders or claimed.party != self.pinned.city:
                raise BadSignature("a first officer's entry is signed by the first officers")
            self._may_stand(claimed, enrolment.of_a_founder(claimed))
        else:
            self._must_be_admitted(signed, own, at, kept or claimed.id in self.people)
        new = _keep(self.people, claimed)
        self._enrol_key(own, claimed.id)
        if own.id in founders:
            self._founders.add(claimed.id)
        # No entry is backdated: a quiet time runs from when this service heard of it, or later.
        since = claimed.enrolled_at if own.id in founders else max(claimed.enrolled_at, at)
        self._settling.setdefault(claimed.id, replace(claimed, enrolled_at=since))
        return new

    def _device(self, envelope: bytes, at: int, kept: bool) -> bool:
        claimed = doc.unverified(envelope, doc.Device)
        own = PublicKey.load(Use.RECEIPT, unbase64(claimed.public))
        signed = self._admitted(envelope, doc.Device, own)
        self._must_be_free(claimed.one_time_keys, own=claimed.id)
        self._must_be_admitted(signed, own, at, kept or claimed.id in self.devices)
        new = _keep(self.devices, claimed)
        if new:
            self._openers[claimed.id] = claimed
        self._enrol_key(own, claimed.id)
        return new

    def _admitted(self, envelope: bytes, kind: type[doc.Document], own: PublicKey) -> Signed:
        """An entry signed with the very key it names too: nobody is enrolled with another's."""
        signed = doc.read(envelope, kind, lambda k: own if k == own.id else self._key(k))
        if own.id not in {key.id for key in signed.keys}:
            raise BadSignature("an entry is not signed with the key it names")
        # One credential, one person: checked before anything is kept.
        if self._owner.get(own.id, signed.document.id) != signed.document.id:
            raise Conflict("one key cannot be two persons' or devices'")
        return signed

    def _must_be_admitted(self, signed: Signed, own: PublicKey, at: int, known: bool) -> None:
        """Signed by those whom it names, who may; what was believed once stays believed."""
        hands = {
            self._owner.get(key.id, "")
            for key in signed.keys
            if key.use is Use.PERSON and key.id != own.id
        }
        if hands != doc.admitting(signed.document):
            raise BadSignature("an entry is signed by others than it names")
        if not known:
            city, founders = self.pinned.city, self._founders
            entry = signed.document
            # Nor is it dated ahead, to a day on which who admits would have been here long enough.
            entry = replace(entry, enrolled_at=min(entry.enrolled_at, at or entry.enrolled_at))
            why = enrolment.why_not(entry, self._settling, self.negative, city, founders)
            self._may_stand(entry, why)

    def _may_stand(self, entry: doc.Document, why: list[str]) -> None:
        if why:
            raise Refused(f"enrolling {entry.id}", why)

    def _more_keys(self, envelope: bytes, kept: bool) -> bool:
        """A batch of an enrolled device that counts: its own word, each number new."""
        claimed = doc.unverified(envelope, doc.OneTimeKeys)
        device = self._openers.get(claimed.device)
        if device is None:
            raise BadSignature("one-time keys of a device that is not known")
        own = PublicKey.load(Use.RECEIPT, unbase64(device.public))
        signed = doc.read(envelope, doc.OneTimeKeys, {own.id: own}.get)
        if claimed.id not in self.batches:
            if {device.id, own.id} & self.negative and not kept:
                raise Refused("one-time keys", (Why.DEVICE_REVOKED,))
            self._must_be_free(claimed.keys)
            together = [*device.one_time_keys, *claimed.keys]
            self._openers[device.id] = replace(device, one_time_keys=together)
        return _keep(self.batches, signed.document)

    def _must_be_free(self, keys: list[doc.OneTimeKey], own: str = "") -> None:
        """Each one a key, and no other's: an impossible one would be found out at its release."""
        others = (device for device in self._openers.values() if device.id != own)
        for key in keys:
            raw_id(key.id)
            if base64_of(p256_der(p256_public(unbase64(key.public)))) != key.public:
                raise BadFormat("a one-time key in another spelling than the one")
        taken = {
            said for one in others for key in one.one_time_keys for said in (key.id, key.public)
        }
        new = [said for key in keys for said in (key.id, key.public)]
        # A second number of one key would be a second grant, and one of them outlive its erasing.
        if len(set(new)) != len(new) or taken & set(new):
            raise Conflict("a one-time key has a number that is taken, or is one already")

    def _agreement(self, envelope: bytes, kept: bool) -> bool:
        signed = doc.read(envelope, doc.Agreement, self._key)
        link: doc.Agreement = signed.document
        officers = [
            self.people.get(self._owner.get(key.id, ""))
            for key in signed.keys
            if key.use is Use.PERSON
        ]
        parties = sorted("" if one is None else one.party for one in officers)
        if parties != sorted((link.entrustor, link.processor)):
            raise BadSignature("an agreement is signed by an officer of each of its parties")
        if any(one is None or enrolment.OFFICER not in one.roles for one in officers):
            raise BadSignature("an agreement is signed by officers")
        known = kept or link.id in self.agreements
        if not known and any(one is None or one.id in self.negative for one in officers):
            raise BadSignature("an officer who signed has left")
        return _keep(self.agreements, link)

    def _training(self, envelope: bytes) -> bool:
        signed = doc.read(envelope, doc.Training, self._key)
        # The enrol key alone invents no pass: the person signed what they answered.
        self._must_be_by(signed, signed.document.person)
        training.check(signed.document)
        return _keep(self.trainings, signed.document)

    def _employment(self, envelope: bytes) -> bool:
        """A person's own word on who pays them; another than their party is a no for good."""
        signed = doc.read(envelope, doc.Employment, self._key)
        found: doc.Employment = signed.document
        self._must_be_by(signed, found.person)
        new = _keep(self.stated, found)
        if review.differs(found, self.people[found.person]):
            self.negative.add(found.person)
        return new

    def _order(self, envelope: bytes) -> bool:
        signed = doc.read(envelope, doc.Order, self._key)
        self._must_be_by(signed, signed.document.requester)
        order.check(signed.document)
        return _keep(self.orders, signed.document)

    def _approval(self, envelope: bytes) -> bool:
        signed = doc.read(envelope, doc.Approval, self._key)
        self._must_be_by(signed, signed.document.approver)
        return _keep(self.approvals, signed.document)

    def _suspension(self, envelope: bytes) -> bool:
        found: doc.Suspension = doc.read(envelope, doc.Suspension, self._key).document
        new = found.agreement not in self.negative
        self.negative.add(found.agreement)
        return new

    def _status(self, envelope: bytes) -> bool:
        found: doc.Status = doc.read(envelope, doc.Status, self._key).document
        if self.status is not None and found.serial < self.status.serial:
            raise Conflict("this status statement is older than one already known")
        if self.status is not None and found.serial == self.status.serial:
            if found != self.status:
                raise Conflict("two status statements with one serial")
            return False
        self.status = found
        self.negative |= {*found.suspended, *found.left, *found.revoked}
        return True


def public_text(key: PublicKey) -> str:
    """A public key as documents hold it."""
    return base64_of(key.der)


def _keep(where: dict[str, D], document: D) -> bool:
    known = where.setdefault(document.id, document)
    if known != document:
        raise Conflict(f"another {type(document).__name__} with this id is known")
    return known is document
