"""A call centre whose people are reviewed: its roster, its officer's answers, their own words."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import answering, enrol, people, review, sitting
from azukari.names import new_id
from azukari.rehearse.cast import sheet
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use

QUARTER = (ms("2022-04-01 00:00"), ms("2022-06-20 00:00"))


@dataclass
class Centre:
    """The call centre's roster, reviewed by the city and answered by its officer."""

    city: Any
    signers: dict[str, SigningKey] = field(default_factory=dict)

    @property
    def agreement(self) -> str:
        return str(self.city.agreements["centre"])

    @property
    def party(self) -> str:
        return str(self.city.cast.parties["centre"])

    def newcomer(self) -> str:
        """Somebody else of the call centre, admitted like everybody."""
        signer, hands = SigningKey.generate(Use.PERSON), ["centre_officer", "clerk", "officer"]
        person = doc.Person(
            id=new_id(),
            party=self.party,
            states_employer=self.party,
            public=base64.b64encode(signer.public.der).decode(),
            roles=["operator"],
            vouched_by=self.city.person(hands[0]),
            enrolled_by=[self.city.person(name) for name in hands[1:]],
            enrolled_at=self.city.clock.now(),
        )
        half = doc.start(person, signer)
        vouched = enrol.vouch(half, self.party, *self.city.cast.hand("centre_officer"))
        people.admit(self.city.office, vouched, "", [self.city.cast.hand(n) for n in hands[1:]])
        self.signers[person.id] = signer
        sitting.take(self.city.office, sheet(person.id, signer, self.city.clock.now()))
        return person.id

    def roster(self, period: tuple[int, int] = QUARTER) -> bytes:
        return review.ask(self.city.office, self.agreement, *period, self.city.cast.hand("officer"))

    def answer(
        self,
        asked: bytes,
        disowned: tuple[str, ...] = (),
        *,
        by: str = "centre_officer",
        removed: tuple[str, ...] = (),
    ) -> bytes:
        """The officer's half: everybody is ours but who is named."""
        read = self.read(asked)
        said = {one.person: self.party for one in read.people} | dict.fromkeys(disowned, "")
        now = self.city.clock.now()
        return answering.answer(read, said, removed, self.city.cast.signer(by), now)

    def read(self, asked: bytes) -> doc.Roster:
        return answering.read(asked, self.city.office.signers["order"].public)

    def close(self, half: bytes, by: str = "officer") -> review.Closed:
        going = review.look(self.city.office, half).going
        return review.close(self.city.office, half, self.city.cast.hand(by), going)

    def changed(self, half: bytes, by: str = "centre_officer", **fields: Any) -> bytes:
        """The same answer but for these fields, signed as if it were meant."""
        said = doc.unverified(half, doc.Review)
        return doc.start(replace(said, **fields), self.city.cast.signer(by))

    def state(self, person: str, employer: str, signer: Any = None) -> bytes:
        if signer is None:
            signer = self.signers.get(person) or self.city.cast.signer(
                {known: name for name, known in self.city.cast.people.items()}[person]
            )
        return enrol.state(person, employer, signer, self.city.clock.now())


@pytest.fixture
def centre(at_six: Any) -> Centre:
    return Centre(at_six)
