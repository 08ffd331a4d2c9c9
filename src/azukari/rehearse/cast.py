"""Who plays in the night: parties and persons, all invented, each with a key of their own.

Keys lie beside the sites, never in a HOME, under a passphrase that only this run knows.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from azukari.entrust import course as courses
from azukari.entrust import training
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use
from azukari.shelf import files, keyring

COURSE: Final = "entrusted-data"

#: role in the story -> (party, what stands on the page, roles at work)
PEOPLE: Final = {
    "requester": ("city", "架空市 給付金担当", ["requester"]),
    "approver_1": ("city", "架空市 情報保護 主任", ["approver"]),
    "approver_2": ("city", "架空市 監査 主任", ["approver"]),
    "clerk": ("city", "架空市 持出窓口", ["custody", "officer"]),
    "officer": ("city", "架空市 当直の職員", ["officer"]),
    "deputy": ("city", "架空市 情報保護 係長", ["officer"]),
    "contractor_officer": ("contractor", "例示受託 責任者", ["officer"]),
    "engineer": ("contractor", "例示受託 技術者", ["holder"]),
    "courier": ("contractor", "例示受託 開封許可の係", ["courier"]),
    "centre_officer": ("centre", "見本コール 責任者", ["officer"]),
    "supervisor": ("centre", "見本コール 管理者", ["supervisor"]),
    "operator": ("centre", "見本コール 受付", ["operator"]),
    "hidden_officer": ("hidden", "名簿にない再々委託先 責任者", ["officer"]),
    "hidden": ("hidden", "名簿にない再々委託先 作業者", ["operator"]),
}
#: The city's first officers, pinned where the key service is set up; they admit each other.
FOUNDERS: Final = ("clerk", "officer", "deputy")
PARTIES: Final = {
    "city": ("架空市", "city"),
    "contractor": ("例示受託", "contractor"),
    "centre": ("見本コール", "sub-contractor"),
    "hidden": ("名簿にない再々委託先", "sub-contractor"),
}


@dataclass
class Cast:
    """The ids, the keys' files and their passphrases."""

    folder: Path
    parties: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    passphrases: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def gather(cls, folder: Path) -> Cast:
        """Give everybody an id and a key file."""
        cast = cls(folder)
        cast.parties = {name: new_id() for name in PARTIES}
        for name in PEOPLE:
            cast.people[name] = new_id()
            cast.passphrases[name] = secrets.token_hex(16).encode()
            keyring.new_signing_key(cast._path(name), Use.PERSON, cast.passphrases[name])
            cast.leave(name, cast.passphrases[name])
        return cast

    def leave(self, name: str, passphrase: bytes) -> None:
        """Write a passphrase beside the keys, so that one can play on by hand.

        A rehearsal's only: a person's passphrase otherwise lies in no file.
        """
        files.write_new(self.folder / f"{name}.pass", passphrase)

    def signer(self, name: str) -> Signer:
        """A person's own key, opened with that person's own passphrase."""
        return keyring.signing_key(self._path(name), Use.PERSON, self.passphrases[name])

    def hand(self, name: str) -> tuple[str, Signer]:
        """A person's id and key, as custody needs them."""
        return self.people[name], self.signer(name)

    def said(self, person: str) -> str:
        """What stands on the page for a person's id."""
        names = {known: PEOPLE[name][1] for name, known in self.people.items()}
        return names[person]

    def party_documents(self, enrol: Signer) -> list[bytes]:
        return [
            doc.issue(doc.Party(id=self.parties[key], name=name, role=role), enrol)
            for key, (name, role) in PARTIES.items()
        ]

    def person_documents(self, enrol: Signer, at: int) -> list[bytes]:
        """Everybody's entry, with every hand; the first officers' come first."""
        names = [*FOUNDERS, *(name for name in PEOPLE if name not in FOUNDERS)]
        return [self.person_document(name, enrol, at) for name in names]

    def person_document(self, name: str, enrol: Signer, at: int) -> bytes:
        """The entry with every hand: the person's, their officer's, two of the city's."""
        signer = self.signer(name)
        party, _, roles = PEOPLE[name]
        two = [other for other in FOUNDERS if other != name][:2]
        officer = self.officer_of(name, two)
        person = doc.Person(
            id=self.people[name],
            party=self.parties[party],
            states_employer=self.parties[party],
            public=base64.b64encode(signer.public.der).decode(),
            roles=roles,
            vouched_by=self.people[officer],
            enrolled_by=[self.people[other] for other in two],
            enrolled_at=at,
        )
        hands = dict.fromkeys((officer, *two))
        return doc.issue(person, enrol, signer, *(self.signer(hand) for hand in hands))

    def officer_of(self, name: str, two: list[str]) -> str:
        """Who vouches: the party's officer; for its first officer one of the city's two."""
        party = PEOPLE[name][0]
        own = f"{party}_officer"
        if party == "city":
            return next(one for one in two if "officer" in PEOPLE[one][2])
        return two[0] if name == own else own

    def device_document(self, device: doc.Device, identity: Signer, enrol: Signer) -> bytes:
        """A device's entry with every hand."""
        by_id = {person: name for name, person in self.people.items()}
        hands = [self.signer(by_id[person]) for person in sorted(doc.admitting(device))]
        return doc.issue(device, enrol, identity, *hands)

    def founders(self) -> tuple[PublicKey, ...]:
        """The keys of the city's first officers."""
        return tuple(self.signer(name).public for name in FOUNDERS)

    def sat(self, name: str, at: int, *, mistakes: int = 0) -> bytes:
        """The sheet of somebody who sat the course, signed with their own key."""
        return sheet(self.people[name], self.signer(name), at, mistakes=mistakes)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.key"


def sheet(person: str, signer: Signer, at: int, *, mistakes: int = 0) -> bytes:
    """What a person answers who sits the course in Japanese; the city has yet to mark it."""
    course, sitting = courses.load(COURSE, "ja"), new_id()
    chosen = {}
    for number, one in enumerate(training.asked(course, sitting)):
        wrong = next(place for place in one.order if place != one.question.right)
        chosen[one.question.id] = wrong if number < mistakes else one.question.right
    return doc.start(training.sheet(course, sitting, person, chosen, at), signer)
