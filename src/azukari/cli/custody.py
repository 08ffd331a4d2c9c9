"""``azukari carrier hand-over|receive|return``: a carrier passes from hand to hand, signed by both.

With both keys at the office's keyboard it is one act.  Else the first hand writes a half-signed
file, the second signs it wherever they are, and the office takes the whole one in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from azukari import settings
from azukari.carrier.manifest import envelope_hash, read_envelope
from azukari.cli import hands, papers
from azukari.cli.call import Call, acts
from azukari.cli.fetching import downloaded, fetched
from azukari.cli.output import aligned, show
from azukari.desk import post
from azukari.errors import BadInput, BadSignature, NotFound
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.trust import TrustBundle
from azukari.shelf.folder import Folder

_WHAT = click.argument("what", metavar="LABEL|MEDIUM|FILE")
_WITH = click.option(
    "--with", "other", default="", metavar="PERSON", help="The other hand, whose key is here, too."
)
_ORDER = click.option(
    "--order", default="", metavar="ID|FILE", help="Elsewhere: under which order it travels."
)


@click.command(
    "hand-over", epilog="Example: azukari carrier hand-over C-7Q4M-2K --to-person ID --as yumi"
)
@_WHAT
@_WITH
@click.option("--to-person", "to_person", default="", metavar="ID", help="Who takes it.")
@click.option("--from-person", "from_person", default="", metavar="ID", help="Who gives it.")
@_ORDER
@papers.TO
@acts
def hand_over(
    call: Call, what: str, other: str, to_person: str, from_person: str, order: str, to: Path
) -> None:
    """A carrier goes to its holder, signed by who gives and who takes.

    LABEL at the office; MEDIUM, its folder (or the carrier's id), at a contractor; FILE,
    half-signed, to add one's hand.
    Whoever acts (--as) gives, if --to-person says who takes; or takes, if --from-person says who
    gives.
    """
    _step(call, "hand-over", what, other, (from_person, to_person), order, to)


@click.command(
    "receive", epilog="Example: azukari carrier receive handover-7q4m2k-half.json --as kanri"
)
@_WHAT
@_WITH
@click.option("--to-person", "to_person", default="", metavar="ID", help="Who takes it.")
@click.option("--from-person", "from_person", default="", metavar="ID", help="Who gives it.")
@_ORDER
@click.option(
    "--from", "source", default="", metavar="DIR|URL", help="Fetch a shipment from there."
)
@click.option("--carrier", default="", metavar="ID", help="Of a URL: which carrier.")
@papers.TO
@acts
def receive(
    call: Call,
    what: str,
    other: str,
    to_person: str,
    from_person: str,
    order: str,
    source: str,
    carrier: str,
    to: Path,
) -> None:
    """A carrier arrives at the recipient of its order, signed by who gives and who takes.

    As for `azukari carrier hand-over`.  By network, with --from: what has arrived in DIR is taken
    over into the folder MEDIUM, checked, and signed for when it is whole; else again later.
    From a URL, an office that serves, the device fetches it with its own key and goes on where it
    broke off.
    """
    if source.startswith(("https://", "http://")):
        downloaded(call, source, carrier, Path(what).absolute())
    elif source:
        fetched(call, Path(source), Path(what))
    _step(call, "receive", what, other, (from_person, to_person), order, to)


@click.command("return", epilog="Example: azukari carrier return C-7Q4M-2K --as yumi --with kenta")
@_WHAT
@_WITH
@click.option("--to-person", "to_person", default="", metavar="ID", help="Who takes it.")
@click.option("--from-person", "from_person", default="", metavar="ID", help="Who gives it.")
@_ORDER
@papers.TO
@acts
def return_(
    call: Call, what: str, other: str, to_person: str, from_person: str, order: str, to: Path
) -> None:
    """A carrier comes back to the city, signed by who gives and who takes; it is not opened again.

    As for `azukari carrier hand-over`; with --with, --as is the person of the city.
    """
    _step(call, "return", what, other, (from_person, to_person), order, to)


def _step(
    call: Call,
    step: str,
    what: str,
    other: str,
    persons: tuple[str, str],
    order: str,
    to: Path,
) -> None:
    at_office = settings.load(call.home).site == "office"
    if Path(what).is_file():
        half = papers.read(Path(what))
        found = papers.whole(half, doc.HandOver)
        if found.step != step:
            raise BadInput("FILE", f"it is a step of another kind than {step}")
        whole = _second_office(call, half) if at_office else _second(call, half, found)
    elif at_office:
        whole = _office(call, step, what, other, persons)
    else:
        whole = _start(call, step, what, persons, order)
    found = doc.unverified(whole, doc.HandOver)
    path = papers.write(to, whole)
    value = {"carrier": found.carrier, "step": step, "file": str(path)}
    word = "half" if doc.is_half(whole) else "signed by both"
    show(call, value, aligned([*papers.lines(found), (word, path)]))


def _office(call: Call, step: str, label: str, other: str, persons: tuple[str, str]) -> bytes:
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.desk import custody

    with seat.office(call) as office:
        mine = seat.hand(call, office, call.person or "")
        if other:
            theirs = seat.hand(call, office, other)
            # The city's hand gives what leaves it and takes what comes back.
            giver, taker = (theirs, mine) if step == "return" else (mine, theirs)
            return custody.pass_on(office, label, step, giver, taker)
        people = _both(mine[0], persons)
        return custody.start(office, label, step, *people, mine[1])


def _second_office(call: Call, half: post.Post) -> bytes:
    from azukari.cli import seat
    from azukari.desk import custody

    with seat.office(call) as office:
        _, signer = seat.hand(call, office, call.person or "")
        whole = doc.add_signature(half.envelope, signer)
        custody.take_step(office, whole)
    return whole


def _second(call: Call, half: post.Post, step: doc.HandOver) -> bytes:
    """The second hand elsewhere; whether the first is right, the office sees."""
    person, signer = hands.own(call)
    if person not in (step.giver, step.taker):
        raise BadSignature("this hand-over names other persons")
    return doc.add_signature(half.envelope, signer)


def _start(call: Call, step: str, what: str, persons: tuple[str, str], order: str) -> bytes:
    """The first hand at a contractor, over the envelope on the medium or an earlier step's."""
    now = call.now()
    asked, trust, steps = _known(call, order, now)
    carrier, content = _content(trust, steps, what, now)
    person, signer = hands.own(call)
    giver, taker = _both(person, persons)
    back = step != "hand-over" or any(
        one.step == "receive" for one in steps if one.carrier == carrier
    )
    document = doc.HandOver(
        id=new_id(),
        carrier=carrier,
        envelope_sha256=content,
        giver=giver,
        taker=taker,
        at=now,
        due_at=asked.return_by if back else asked.receive_by,
        step=step,
    )
    return doc.start(document, signer)


def _known(
    call: Call, order: str, now: int
) -> tuple[doc.Order, TrustBundle, Sequence[doc.HandOver]]:
    """The order, the keys that are believed here, the steps before as far as they are known."""
    if order and Path(order).is_file():
        # A call centre knows no people, so not every signature under it: what it says goes into
        # the step only, and the office compares that with its own order.
        return papers.whole(papers.read(Path(order)), doc.Order), post.trust_of(call.home), ()
    inbox = post.open_inbox(call.home, settings.load(call.home).city, now)
    asked = inbox.believed.orders.get(order)
    if asked is None:
        raise NotFound("the inbox holds no such order: --order ID")
    return asked, inbox.trust, inbox.steps


def _content(
    trust: TrustBundle, steps: Sequence[doc.HandOver], what: str, now: int
) -> tuple[str, str]:
    """Which carrier, and the hash of its envelope; an erased medium has none any more."""
    if Path(what).is_dir():
        data = Folder(Path(what)).envelope()
        keys = {key.id: key for key in trust.believed(now)}
        return read_envelope(data, keys.get).carrier, envelope_hash(data)
    for step in steps:
        if step.carrier == what:
            return step.carrier, step.envelope_sha256
    raise BadInput("MEDIUM", "neither a folder nor the id of a carrier in the inbox")


def _both(mine: str, persons: tuple[str, str]) -> tuple[str, str]:
    """Giver and taker: one is who acts, the other is named."""
    giver, taker = persons
    if bool(giver) == bool(taker):
        raise BadInput("--to-person", "either who takes it or, with --from-person, who gives it")
    return (mine, taker) if taker else (giver, mine)


COMMANDS = {"hand-over": hand_over, "receive": receive, "return": return_}
