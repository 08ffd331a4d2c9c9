"""A contractor serves two cities: two homes on one machine, and neither city sees the other.

The cities are two houses, each with its own office, key service, root and people.  One engineer of
the contractor carries for both; what is tried with one key of theirs at both cities holds the more
with a key for each.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import order as orders
from azukari.desk import people, post, post_office
from azukari.errors import AzukariError, Conflict
from azukari.names import new_id
from azukari.rehearse.clock import StoryClock, ms
from azukari.rehearse.house import build
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer, SigningKey, Use
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.shelf import files
from azukari.vault import records

pytestmark = pytest.mark.real
KINDS = (doc.Party, doc.Person, doc.Device, doc.Agreement, doc.Training)
UNTIL = ms("2023-03-31 23:59")


@dataclass
class Side:
    """One city, and the home in which the contractor works for it."""

    office: Any
    cast: Any
    agreement: str
    home: Path
    now: int

    def documents(self) -> list[bytes]:
        """In the order in which the office believed them."""
        with self.office.act() as tx:
            return list(records.documents(tx, *KINDS))

    def pin(self) -> None:
        """What the city gives its contractor: a root on paper and a trust bundle."""
        root = SigningKey.generate(Use.ROOT)
        keys = [self.office.signers[name].public for name in ("enrol", "order", "carrier")]
        lines = [trusted(key, 0, UNTIL) for key in (*keys, *self.office.founders)]
        bundle = issue_bundle(TrustBundle(1, 1, 0, UNTIL, lines, []), root)
        post.pin(self.home, root.public, bundle)
        files.folder(self.home / "inbox")

    def inbox(self) -> post.Inbox:
        return post.open_inbox(self.home, self.office.city, self.now)

    def take_all(self) -> None:
        box = self.inbox()
        for envelope in self.documents():
            box.take(box.look(post.open_post(envelope), self.now))

    def hire(self, signer: Signer) -> str:
        """An engineer of the contractor, enrolled here with every hand; their id in this city."""
        contractor, who = self.cast.parties["contractor"], self.cast.people
        person = doc.Person(
            id=new_id(),
            party=contractor,
            states_employer=contractor,
            public=base64.b64encode(signer.public.der).decode(),
            roles=["holder"],
            vouched_by=who["contractor_officer"],
            enrolled_by=[who["clerk"], who["officer"]],
            enrolled_at=self.office.now(),
        )
        hands = (self.cast.signer(one) for one in ("contractor_officer", "clerk", "officer"))
        entry = doc.issue(person, self.office.signers["enrol"], signer, *hands)
        orders.enrol(self.office, entry)
        return person.id

    def step(self, taker: str, signer: Signer, carrier: str) -> bytes:
        """A hand-over from this city's counter to the engineer."""
        step = doc.HandOver(
            id=new_id(),
            carrier=carrier,
            envelope_sha256="00" * 32,
            giver=self.cast.people["clerk"],
            taker=taker,
            at=self.now,
            due_at=self.now + 1,
            step="hand-over",
        )
        return doc.issue(step, self.cast.signer("clerk"), signer)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The second city, with everything of its own."""
    clock = StoryClock("2022-04-01 09:00")
    house = build(tmp_path_factory.mktemp("second") / "city", clock)
    clock.set("2022-06-21 17:00")
    yield house
    house.close()


@pytest.fixture
def two(city: Any, elsewhere: Any, tmp_path: Path) -> tuple[Side, Side]:
    """Both cities, and a machine of the contractor's with a home for each."""
    now = city.clock.now()
    first = Side(city.office, city.cast, city.agreements["contractor"], tmp_path / "for-first", now)
    second = Side(
        elsewhere.office,
        elsewhere.cast,
        elsewhere.agreements["contractor"],
        tmp_path / "for-second",
        now,
    )
    for side in (first, second):
        side.pin()
    return first, second


def test_one_engineer_carries_for_two_cities_with_one_key(two: tuple[Side, Side]) -> None:
    """One key is one person's in each city; the cities know them under ids of their own."""
    key = SigningKey.generate(Use.PERSON)

    known = [side.hire(key) for side in two]
    for side in two:
        side.take_all()

    assert known[0] != known[1]
    for side, own, other in zip(two, known, reversed(known), strict=True):
        box = side.inbox()
        assert own in box.believed.people
        assert other not in box.believed.people
        step = side.step(own, key, new_id())
        box.take(box.look(post.open_post(step), side.now))
        assert 1 == len(side.inbox().steps)


def test_within_one_city_a_key_stays_one_persons(two: tuple[Side, Side]) -> None:
    key = SigningKey.generate(Use.PERSON)
    two[0].hire(key)

    with pytest.raises(Conflict):
        two[0].hire(key)


def test_nothing_of_one_city_is_taken_in_at_the_home_of_the_other(two: tuple[Side, Side]) -> None:
    key = SigningKey.generate(Use.PERSON)
    for side in two:
        side.hire(key)
        side.take_all()

    for side, other in (two, reversed(two)):
        box = side.inbox()
        before = files_in(side.home)
        for envelope in other.documents():
            with pytest.raises(AzukariError):
                box.look(post.open_post(envelope), side.now)
        assert before == files_in(side.home)


def test_no_home_names_the_other_city_or_its_agreement(two: tuple[Side, Side]) -> None:
    key = SigningKey.generate(Use.PERSON)
    known = [side.hire(key) for side in two]
    for side in two:
        side.take_all()

    for side, other, person in ((*two, known[1]), (two[1], two[0], known[0])):
        written = b"".join(files_in(side.home).values())
        own = b"".join(base64.b64decode(e["payload"]) for e in envelopes(side.home))
        assert side.office.city.encode() in own
        for name in (other.office.city, other.agreement, person, *other.cast.people.values()):
            assert name.encode() not in own + written


def test_attack_a_signature_for_one_city_shown_to_the_other(two: tuple[Side, Side]) -> None:
    """With one key at both, what it signed for one is worth nothing at the other."""
    key = SigningKey.generate(Use.PERSON)
    known = [side.hire(key) for side in two]
    with two[0].office.act() as tx:
        carrier = records.carriers(tx)[0].id
    here = two[0].step(known[0], key, carrier)
    # The other city's counter signs for its own engineer, and names the first city's carrier.
    forged = two[1].step(known[1], key, carrier)
    before = [entries(side) for side in two]

    for side, shown in ((two[1], here), (two[0], forged)):
        with pytest.raises(AzukariError):
            post_office.look(side.office, post.open_post(shown))

    assert before == [entries(side) for side in two]


def test_attack_one_city_enrols_the_engineer_of_the_other_by_their_entry(
    two: tuple[Side, Side],
) -> None:
    """An entry with the very key, signed by another city's hands, enrols nobody here."""
    key = SigningKey.generate(Use.PERSON)
    person = two[0].hire(key)
    with two[0].office.act() as tx:
        entry = records.document(tx, person)

    with pytest.raises(AzukariError):
        orders.enrol(two[1].office, entry)

    assert person not in {one.id for one in orders.people_of(two[1].office)}


def test_who_leaves_one_city_still_carries_for_the_other(two: tuple[Side, Side]) -> None:
    key = SigningKey.generate(Use.PERSON)
    known = [side.hire(key) for side in two]

    people.leave(two[0].office, known[0], two[0].cast.people["officer"])

    assert known[0] in people.withdrawn(two[0].office)
    assert not {*known} & people.withdrawn(two[1].office)


def files_in(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def envelopes(home: Path) -> list[dict[str, str]]:
    return [json.loads(path.read_bytes()) for path in sorted((home / "inbox").iterdir())]


def entries(side: Side) -> int:
    with side.office.act() as tx:
        return int(side.office.book.head(tx).size)
