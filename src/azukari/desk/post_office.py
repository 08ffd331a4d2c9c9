"""The office's side of the post: what came from elsewhere, verified, taken in once.

Every word has its procedure (`order`, `custody`, `receipts`); here is only which, and what is said
before.  A document that is kept already changes nothing; one for another site is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from azukari.desk import collect, custody, declaring, employment, receipts, sitting
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.desk.post import Look, Post, elsewhere, half_signed
from azukari.errors import Conflict, NotFound
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.vault import records


def look(office: Office, post: Post) -> Look:
    """What a file would change here; its signatures are verified, nothing is changed."""
    if post.half and isinstance(post.document, doc.Training):
        return _sheet(office, post, post.document)
    if post.half:
        raise half_signed(post)
    if post.document is None or post.word not in _WORDS:
        raise elsewhere(post)
    if isinstance(post.document, doc.Loss):
        return _loss(office, post, post.document)
    kept = _kept(office, post)
    sender, changes, continues = _WORDS[post.word]
    if isinstance(post.document, doc.Receipt):
        return _receipt(office, post, post.document)
    if kept:
        return Look(post, sender, "kept already", ())
    if post.word == "order":
        # Orders are signed with the office's own order key: one from elsewhere was not made here.
        raise elsewhere(post)
    _verified(office, post)
    if isinstance(post.document, doc.HandOver):
        continues = _hands(office, post.document)
    if isinstance(post.document, doc.Employment):
        changes = employment.said(office, post.document)
    if isinstance(post.document, doc.Approval):
        continues = f"order {orders.order_of(office, post.document.order).id}"
    return Look(post, sender, continues, (changes,))


def take(office: Office, look: Look) -> None:
    """Take in what was looked at; what each procedure checks, it checks again."""
    post = look.post
    if not look.known:
        _TAKERS.get(post.word, _enrol)(office, post)


def _kept(office: Office, post: Post) -> bool:
    """Is this document kept?  Another one under its id is a `Conflict`."""
    try:
        with office.act() as tx:
            kept = records.document(tx, post.id)
    except NotFound:
        return False
    # Two hands may have signed in another order: one document all the same.
    if doc.word_of(kept) is not type(post.document):
        raise Conflict("another document with this id is kept")
    if doc.unverified(kept, type(post.document)) != post.document:
        raise Conflict("another document with this id is kept")
    return True


def _sheet(office: Office, post: Post, sheet: doc.Training) -> Look:
    """The one half that an office takes in: marking it and signing it is one act."""
    who = f"person {sheet.person}"
    if _kept(office, post):
        return Look(post, who, "kept already", ())
    mark = sitting.look(office, post.envelope).mark
    said = f"{mark.right} of {mark.asked} answers are right"
    change = "the person has passed a course" if mark.passed else "the person waits and sits again"
    return Look(post, who, f"course {sheet.course}", (f"{said}: {change}",))


def _loss(office: Office, post: Post, said: doc.Loss) -> Look:
    identifier, kept = declaring.kept_as(office, post.envelope)
    if kept:
        return Look(post, _WORDS[post.word][0], "kept already", ())
    _, found = declaring.read(office, post.envelope)
    labels = " ".join(one.label for one in found.carriers)
    changes = [f"revoked, and recorded as lost: {labels}"]
    changes += [f"fits nothing that concerns who says it: {word}" for word in found.nothing]
    if identifier != said.id:
        changes.append(
            "ANOTHER FILE CAME UNDER ITS ID before: both are kept, ask whoever signed them"
        )
    return Look(post, f"person {said.by}", "a new incident", tuple(changes))


def _receipt(office: Office, post: Post, receipt: doc.Receipt) -> Look:
    receipts.read_receipt(office, post.envelope)
    known = receipts.chain_of(office, receipt.device)
    said = f"device {receipt.device}"
    if receipts.is_taken(office, post.envelope):
        return Look(post, said, f"record {known.length} is known", ())
    goes_on = f"records {receipt.first} to {receipt.length}, {known.length} known"
    changes = [f"{len(post.journal)} journal lines, {receipt.answered} answers"]
    gone = len(receipt.one_time_keys_destroyed)
    if gone:
        changes.append(f"{gone} one-time keys destroyed, by the device's word")
    return Look(post, said, goes_on, tuple(changes))


def _verified(office: Office, post: Post) -> None:
    """Every signature under it is right, by the city's keys and the people's it names."""
    own = office.signers["enrol"].public, office.signers["order"].public
    keys = [*own, *(_key(Use.PERSON, one.public) for one in orders.people_of(office))]
    if isinstance(post.document, doc.Person):
        keys.append(_key(Use.PERSON, post.document.public))
    if isinstance(post.document, doc.Device):
        keys.append(_key(Use.RECEIPT, post.document.public))
    if isinstance(post.document, doc.OneTimeKeys):
        keys.append(collect.device_key(office, post.document.device))
    doc.read(post.envelope, doc.word_of(post.envelope), {key.id: key for key in keys}.get)


def _key(use: Use, public: str) -> PublicKey:
    return PublicKey.load(use, unbase64(public))


def _hands(office: Office, step: doc.HandOver) -> str:
    with office.act() as tx:
        row = records.carrier(tx, step.carrier)
    return f"{step.step} of {row.label}, which is {row.state}"


def _enrol(office: Office, post: Post) -> None:
    orders.enrol(office, post.envelope)


def _approve(office: Office, post: Post) -> None:
    orders.take_approval(office, post.envelope)


def _train(office: Office, post: Post) -> None:
    if post.half:
        sitting.take(office, post.envelope)
    else:
        orders.enrol(office, post.envelope)


def _state(office: Office, post: Post) -> None:
    employment.take(office, post.envelope)


def _pass_on(office: Office, post: Post) -> None:
    custody.take_step(office, post.envelope)


def _declare(office: Office, post: Post) -> None:
    declaring.take(office, post.envelope)


def _take_receipt(office: Office, post: Post) -> None:
    receipts.take_receipt(office, post.envelope, post.journal)


_TAKERS: Final[dict[str, Callable[[Office, Post], None]]] = {
    "approval": _approve,
    "employment": _state,
    "handover": _pass_on,
    "loss": _declare,
    "receipt": _take_receipt,
    "training": _train,
}
#: word -> from whom, what taking it in changes, how it continues what is known
_WORDS: Final = {
    "party": ("the city", "the party is enrolled", "new"),
    "person": ("the city and the person", "the person is enrolled", "new"),
    "device": ("the city and the device", "the device is enrolled", "new"),
    "employment": ("the person", "", "new"),
    "onetimekeys": ("the device", "the device can be given more grants", "new"),
    "agreement": ("the city and the processor", "the agreement is in force", "new"),
    "training": ("the city and the person", "the person has passed a course", "new"),
    "suspension": ("the city", "the agreement holds no more", "new"),
    "order": ("the city and the requester", "", ""),
    "approval": ("the approver", "the order has one approval more", ""),
    "handover": ("both hands", "who has the carrier", ""),
    "loss": ("whoever declares it", "carriers are lost", ""),
    "receipt": ("the device", "", ""),
}
