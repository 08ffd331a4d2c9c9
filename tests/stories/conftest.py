"""The city on the afternoon of 21 June 2022, with what stories about orders need at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import media, people
from azukari.desk import order as orders
from azukari.desk import seal as seals
from azukari.errors import BadFormat, NotFound, Refused
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.shelf import files
from azukari.shelf.folder import Folder
from azukari.vault import records

LATER = {
    "receive_by": ms("2022-06-22 18:00"),
    "return_by": ms("2022-06-22 20:00"),
    "expires_at": ms("2022-06-30 17:00"),
}


@dataclass
class Desk:
    """A city and its counter: orders onto fresh media, approved, sealed or refused."""

    city: Any
    media: int = 2  # M-0001 and M-0002 carry the evening's carriers

    def order(self, **changed: Any) -> doc.Order:
        """Another order like the evening's, onto media that are registered and empty."""
        known = {**LATER, "carriers": 1} | changed
        tags = [self._medium() for _ in range(known["carriers"])]
        order: doc.Order = self.city.new_order(media=tags, **known)
        return order

    def approve(self, order: doc.Order, *names: str) -> None:
        for name in names or ("approver_1", "approver_2"):
            orders.approve(self.city.office, order.id, *self.city.cast.hand(name))

    def seal(self, order: doc.Order, which: int = 0) -> seals.SealedCarrier:
        office, by = self.city.office, self.city.person("clerk")
        cargo = seals.select_cargo(office, order.id, self.city.roll, self.city.determination, by)
        tag = order.media[which]
        return seals.seal(office, cargo, self.city.out / "media" / tag, by, tag)

    def reasons(self, order: doc.Order, which: int = 0) -> tuple[str, ...]:
        """Why the key service lets nothing be sealed; on the medium lies no carrier then."""
        before = self.city.types("office").count("carrier.sealed")

        with pytest.raises(Refused) as refused:
            self.seal(order, which)

        assert "key.refused" == self.city.types("keys")[-1]
        assert before == self.city.types("office").count("carrier.sealed")
        with pytest.raises((NotFound, BadFormat)):
            Folder(self.city.out / "media" / order.media[which]).envelope()
        return refused.value.reasons

    def link(self, parent: str, entrustor: str, processor: str, terms: doc.Terms) -> doc.Agreement:
        """A link that nobody has signed yet."""
        parties = self.city.cast.parties
        return doc.Agreement(
            id=new_id(),
            parent=parent,
            replaces="",
            entrustor=parties[entrustor],
            processor=parties[processor],
            terms=terms,
            from_at=self.city.clock.now(),
        )

    def asked(self, link: doc.Agreement, *names: str) -> bytes:
        """A request to the city, signed by these."""
        return doc.start(link, *(self.city.cast.signer(name) for name in names))

    def agreed(self, link: doc.Agreement, *names: str) -> bytes:
        """A link with the city's order key under it, rightly or by misuse, taken in at the desk."""
        half = self.asked(link, *names)
        whole = doc.add_signature(half, self.city.office.signers["order"])
        orders.enrol(self.city.office, whole)
        return whole

    def terms(self, party: str, **changed: Any) -> doc.Terms:
        """What the city agreed to for a party, with changes."""
        agreement = self.city.agreements[party]
        with self.city.office.act() as tx:
            known = doc.unverified(records.document(tx, agreement), doc.Agreement)
        return replace(known.terms, **changed)

    def tomorrow(self, text: str = "2022-06-22 17:30") -> None:
        """Another day comes, and with it the city's word of that day."""
        self.city.clock.set(text)
        people.statement(self.city.office)

    def _medium(self) -> str:
        self.media += 1
        tag = f"M-{self.media:04}"
        place = files.folder(self.city.out / "media" / tag)
        media.register(self.city.office, tag, place, self.city.person("clerk"))
        return tag


@pytest.fixture
def desk(city: Any) -> Desk:
    """The city at 17:00, between two orders."""
    return Desk(city)
