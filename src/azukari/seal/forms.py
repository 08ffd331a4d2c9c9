"""The forms of signed documents: which fields each has, and of which type.

Instants are integer milliseconds UTC, ids 26 characters.  A field not named here is refused.

Not here: who signs which (documents.py), what the documents permit (entrust/).
"""

from __future__ import annotations

import msgspec

from azukari.seal.envelope import Count


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every document has."""

    v: int = 1
    id: str


class Party(Document, frozen=True):
    """City, contractor, sub-contractor."""

    name: str
    role: str


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an agreement allows; a child may only narrow it."""

    columns: list[str]
    purposes: list[str]
    media: list[str]
    expires_at: Count
    may_re_entrust: bool
    depth: Count  # further links below this one
    training: list[str]  # the courses a person must have passed
    approvers: Count
    device_key: str  # file, token


class Agreement(Document, frozen=True):
    """One link of the chain: both parties' officers sign it, and the city approves it.

    ``parent`` is empty where the entrustor is the city.  ``replaces`` names the agreement that this
    one renews; the older one goes on until it expires or is suspended.
    """

    parent: str
    replaces: str
    entrustor: str
    processor: str
    terms: Terms
    from_at: Count


class Suspension(Document, frozen=True):
    """A link that holds no more, and everything below it."""

    agreement: str
    at: Count


class Person(Document, frozen=True):
    """Someone enrolled, with the key they sign with.

    ``states_employer`` is what the person said, ``party`` what the party's officer said, who is
    named as ``vouched_by`` and signs too, as do the two persons of the city in ``enrolled_by``.
    """

    party: str
    states_employer: str
    public: str  # SubjectPublicKeyInfo, base64
    roles: list[str]
    vouched_by: str
    enrolled_by: list[str]
    enrolled_at: Count


class Employment(Document, frozen=True):
    """A person's own word, anew, on who pays them; one that is not their party revokes them."""

    person: str
    employer: str  # the id of a party; empty: none that the city knows
    at: Count


class OneTimeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A P-256 public key that opens one grant."""

    id: str
    public: str


class Device(Document, frozen=True):
    """A machine that opens carriers; vouched for and admitted as a person is."""

    party: str
    public: str  # signs receipts
    one_time_keys: list[OneTimeKey]
    vouched_by: str
    enrolled_by: list[str]
    enrolled_at: Count


class OneTimeKeys(Document, frozen=True):
    """More one-time keys of an enrolled device, in its own word."""

    device: str
    keys: list[OneTimeKey]
    at: Count


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question of a course, and which of its answers a person chose."""

    question: str
    answer: Count  # its place in the course's text, from 0


class Training(Document, frozen=True):
    """A sheet: what a person answered in a course; with the city's signature a pass."""

    person: str
    course: str
    course_sha256: str  # of the text that was read, in its language
    language: str
    answers: list[Answered]  # in the order in which they were asked
    passed_at: Count
    expires_at: Count


class OrderedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table an order lets out: its columns, for which roles, and at most how many rows."""

    table: str
    columns: dict[str, list[str]]  # column -> roles that may see it
    rows: Count


class Order(Document, frozen=True):
    """A movement order: nothing is carried without one."""

    purpose: str
    agreement: str  # the lowest link: the recipient's
    tables: list[OrderedTable]
    carriers: Count
    medium: str
    media: list[str]  # asset tags
    route: str
    holder: str  # who carries
    recipient: str  # who takes it at the other end
    grant_by: str  # who carries the grant: never the holder
    device: str
    device_holder: str  # who has the device until the carrier arrives: neither of the two
    requester: str
    requested_at: Count
    receive_by: Count
    return_by: Count
    expires_at: Count


class Approval(Document, frozen=True):
    """A person's word for one order, over its hash."""

    order: str
    order_sha256: str
    approver: str
    at: Count
    expires_at: Count


class HandOver(Document, frozen=True):
    """A carrier passes from hand to hand; signed by both."""

    carrier: str
    envelope_sha256: str
    giver: str
    taker: str
    at: Count
    due_at: Count
    step: str  # hand-over, receive, return


class Status(Document, frozen=True):
    """The city's word on who no longer counts; the key service refuses an old or older one."""

    serial: Count
    at: Count
    suspended: list[str]
    left: list[str]
    revoked: list[str]


class Restoration(Document, frozen=True):
    """One of two persons' word that a revoked carrier may be opened again."""

    carrier: str
    person: str
    revocation: str  # the act that revoked it
    at: Count


class Loss(Document, frozen=True):
    """A person's word that something is lost: as much as they know, which may be little.

    What is lost is named by labels or ids of carriers, by asset tags of media, or by a person
    whose bag it was: then whatever they hold by the city's records.
    """

    carriers: list[str]
    media: list[str]
    bag: str  # a person; empty: nobody's
    known_at: Count
    last_held_at: Count  # 0: not known
    in_the_bag: str  # yes, no, unknown: was a device or a paper with a grant in the same bag?
    by: str
    at: Count


class Receipt(Document, frozen=True):
    """The device's statement: its chain from where to where, what it destroyed."""

    device: str
    carrier: str
    first: Count
    length: Count  # records of the whole chain so far
    head: str  # hash of the last record, hex
    answered: Count
    one_time_keys_destroyed: list[str]
    at: Count


class Inspection(Document, frozen=True):
    """What a found carrier looks like beside the office's own copy of its envelope."""

    carrier: str
    envelope_sha256: str
    at: Count
    inspector: str
    unchanged: bool
    parts: dict[str, str]  # part -> unchanged, changed, missing
    pages: dict[str, str]
    foreign: Count
    newest_file_at: Count


class Enrolled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One person of a processor, as the city knows them."""

    person: str
    since: Count
    last_used_at: Count  # 0: never
    trained_until: Count  # of the courses the agreement asks for; 0: one is missing


class Reviewed(Enrolled, frozen=True):
    """The same with the processor's word."""

    employer: str  # the id of a party; empty: none that the city knows
    verdict: str  # keep, remove


class Roster(Document, frozen=True):
    """The city asks a processor who of these works for it: everybody enrolled for it."""

    agreement: str
    party: str
    from_at: Count
    to_at: Count
    people: list[Enrolled]
    at: Count


class Review(Document, frozen=True):
    """An access review: the processor's answer to a roster, closed by the city."""

    roster: str
    agreement: str
    from_at: Count
    to_at: Count
    people: list[Reviewed]
    at: Count


class Erasure(Document, frozen=True):
    """Two persons' word that the details of these entries are emptied, by a rule and now.

    Both sign this very list; what the entries themselves say stays.
    """

    ledger: str  # the log's name
    rule: str  # of entrust/retention.py
    until: Count  # no entry of the list is younger
    entries: list[Count]  # their numbers, rising
    lines_sha256: str  # of the entries themselves, a line feed after each
    contacts: list[str]  # persons whom nobody need reach any more
    because: str
    requester: str  # whose hand is the first of the two
    at: Count
    expires_at: Count


class Hold(Document, frozen=True):
    """Two persons' word that nothing about these is erased: a committee asks, a court, a resident.

    ``about`` are ids as they stand in entries; empty: everything.
    """

    about: list[str]
    because: str
    at: Count


class Lift(Document, frozen=True):
    """Two persons' word that a hold holds no more."""

    hold: str
    because: str
    at: Count
