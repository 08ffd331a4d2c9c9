"""People at a party's own site: its officer's hand under an entry, and a person's own word anew.

The officer says who pays the person, apart from what the person said; a difference stops the
enrolment before anybody signs.  Imports nothing that holds a vault: a contractor has none.
"""

from __future__ import annotations

from azukari.errors import BadFormat, BadSignature, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64


def own_half(half: bytes) -> doc.Person | doc.Device:
    """What the first half of an entry says; signed by the very key it names and by nobody else."""
    kind = doc.word_of(half)
    if not issubclass(kind, doc.Person | doc.Device):
        raise BadFormat("expected is the entry of a person or a device")
    claimed = doc.unverified(half, kind)
    use = Use.PERSON if kind is doc.Person else Use.RECEIPT
    own = PublicKey.load(use, unbase64(claimed.public))
    found: doc.Person | doc.Device = doc.read_half(half, kind, {own.id: own}.get).document
    return found


def vouch(half: bytes, party: str, officer: str, signer: Signer) -> bytes:
    """The entry with the officer's hand under it; `Refused` where the two statements differ.

    ``party`` is who pays the person, or whose machine it is, in the officer's word.
    """
    entry = own_half(half)
    if signer.public.use is not Use.PERSON:
        raise BadSignature("an officer vouches with a person's key")
    if entry.vouched_by != officer:
        raise Refused("vouching", ("enrolled_by_others",))
    stated = {entry.party}
    if isinstance(entry, doc.Person):
        stated.add(entry.states_employer)
    if stated != {party}:
        said = isinstance(entry, doc.Person)
        raise Refused("vouching", ("employer_disagrees" if said else "device_of_another_party",))
    return doc.add_signature(half, signer)


def state(person: str, employer: str, signer: Signer, at: int) -> bytes:
    """A person's own word on who pays them from now on; ``employer`` empty: nobody known here."""
    return doc.issue(doc.Employment(id=new_id(), person=person, employer=employer, at=at), signer)
