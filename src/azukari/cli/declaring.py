"""``azukari incident declare``: something is lost, and whoever knows says what little they know.

At an office it is revoked in the same breath, without the key service's passphrase.  Elsewhere it
is written into a signed file that anybody brings or sends: `azukari in` at the office declares it.
Where the site knows the key service's address, the same file goes there at once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from azukari import settings
from azukari.cli import hands, papers, speech
from azukari.cli.call import FOLDER, Call, may_act, who_acts
from azukari.cli.dates import moment
from azukari.cli.output import aligned, instant, show
from azukari.errors import AzukariError, BadInput, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import MAX_BYTES, Use
from azukari.shelf import files

NOT_YET: Final = "NOT YET REVOKED"
_ANSWERS: Final = ("yes", "no", "unknown")


@click.command(
    "declare",
    epilog="Example: azukari incident declare --carrier C-7Q4M-2K --in-the-bag no --as officer",
)
@click.option("--carrier", "labels", metavar="LABEL", multiple=True, help="One or more.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="What lies on that medium.")
@click.option("--bag", default="", metavar="PERSON", help="Whatever that person holds, by its id.")
@click.option("--known-at", metavar="TIME", help="When the holder knew; else now.")
@click.option("--last-held-at", metavar="TIME", help="When last held; else the last hand-over.")
@click.option(
    "--in-the-bag",
    type=click.Choice(_ANSWERS),
    help="Was a device, or a paper with a grant, with it?  Else asked; not known counts as yes.",
)
@click.option("--yes", "typed", metavar="LABEL", multiple=True, help="The labels again: scripts.")
@click.option("--file", "signed", type=FOLDER, metavar="FILE", help="What somebody signed.")
@papers.TO
@may_act
def declare(
    call: Call,
    labels: tuple[str, ...],
    tags: tuple[str, ...],
    bag: str,
    known_at: str | None,
    last_held_at: str | None,
    in_the_bag: str | None,
    typed: tuple[str, ...],
    signed: Path | None,
    to: Path,
) -> None:
    """Declare carriers lost: their keys are revoked first, then it is recorded and counted.

    Anybody enrolled may, of what concerns them.  Without --carrier, --tag or --bag the office shows
    what may be meant, what --as holds first, and asks; elsewhere the bag of --as is meant.
    This cannot be undone by one person.  All carriers of one bag are one declaration.  With --file
    the office takes in what somebody signed elsewhere, as `azukari in` does.
    """
    if signed is not None:
        _taken(call, files.read_small(signed, MAX_BYTES), bool(labels or tags or bag))
        return
    who_acts(call)
    now = call.now()
    knew = now if known_at is None else moment("--known-at", known_at)
    held = 0 if last_held_at is None else moment("--last-held-at", last_held_at)
    if not held <= knew <= now:
        raise BadInput("--known-at", "last held, then known, then now: the times must follow")
    if settings.load(call.home).site != "office":
        words = {"carriers": [*labels], "media": [*tags], "bag": bag}
        _sign(call, words, (knew, held, now), _asked(in_the_bag), to)
        return
    # Late: only an office has what this needs.
    from azukari.cli import alerting, seat
    from azukari.desk import declaring, loss

    with seat.office(call) as office:
        by, _ = seat.hand(call, office, call.person or "")
        if not (labels or tags or bag):
            labels = typed = _chosen(declaring.candidates(office, by), seat.names(office), typed)
        meant = declaring.meant(office, by, carriers=labels, media=tags, bag=bag)
        if meant.nothing:
            raise Refused(f"declaring {' '.join(meant.nothing)}", ("nothing_fits",))
        found = [one.label for one in meant.carriers]
        _confirm(found, typed)
        carriers = [one.carrier for one in meant.carriers]
        said = loss.Declared(
            by=by,
            known_at=knew,
            last_held_at=held or declaring.last_held(office, carriers, knew),
            lost_before=knew,
            in_the_bag=declaring.SAID[_asked(in_the_bag)],
        )
        begun = time.perf_counter()
        declared = loss.declare(office, carriers, said)
        took = time.perf_counter() - begun
        alerting.at_once(call, office)
    value = {
        "incident": declared.incident,
        "carriers": found,
        "revoked": declared.revoked,
        "took_s": round(took, 3),
    }
    word = "revoked" if declared.revoked else NOT_YET
    show(call, value, [f"incident {declared.incident}", *(f"{one}: {word}" for one in found)])
    if not declared.revoked:
        speech.say("the key service does not answer; `azukari tick` goes on trying")
    speech.hint("`azukari incident status` counts who is affected and names what is due")


def _sign(
    call: Call, words: dict[str, Any], times: tuple[int, int, int], in_the_bag: str, to: Path
) -> None:
    """The declaration of somebody who is not at the office, as a file."""
    by, signer = hands.own(call)
    if not any(words.values()):
        words |= {"bag": by, "carriers": [*_held(call, by)]}
    knew, held, now = times
    said = doc.Loss(
        id=new_id(),
        known_at=knew,
        last_held_at=held,
        in_the_bag=in_the_bag,
        by=by,
        at=now,
        **words,
    )
    envelope = doc.issue(said, signer)
    path = papers.write(to, envelope)
    unsaid = () if held else ("last held at",)
    rows = [row for row in papers.lines(said) if row[0] not in unsaid]
    rows.append(("written", path))
    revoked = _sent(call, envelope)
    value = {"loss": said.id, "file": str(path), "revoked": list(revoked)}
    show(call, value, [*aligned(rows), *(f"{one}: revoked" for one in revoked)])
    if not revoked:
        speech.say("NOTHING IS REVOKED YET: bring or send this file to the city, and call it now")
    speech.hint(
        f"the office takes it in with `azukari in`, and {'records' if revoked else 'revokes'}"
    )


def _taken(call: Call, envelope: bytes, others: bool) -> None:
    """At the office: a declaration that was signed elsewhere, and may be revoked already."""
    if others:
        raise BadInput("--file", "what is lost stands in the file, and nowhere else")
    # Late: only an office has what this needs.
    from azukari.cli import alerting, seat
    from azukari.desk import declaring

    with seat.office(call) as office:
        declared = declaring.take(office, envelope)
        alerting.at_once(call, office)
    word = "revoked" if declared.revoked else NOT_YET
    value = {"incident": declared.incident, "revoked": declared.revoked}
    show(call, value, [f"incident {declared.incident}", word])


def _held(call: Call, by: str) -> tuple[str, ...]:
    """The ids of what a person at a contractor's site holds, by the papers in its inbox."""
    site = settings.load(call.home)
    if site.site != "contractor":
        return ()
    # Late: only a contractor has an inbox.
    from azukari.desk import post

    try:
        return post.held(post.open_inbox(call.home, site.city, call.now()).steps, by)
    except AzukariError:
        # Whatever is wrong with the inbox: a loss is declared all the same.
        return ()


def _sent(call: Call, envelope: bytes) -> tuple[str, ...]:
    """What the key service revoked at once, where this site knows where it listens."""
    site = settings.load(call.home)
    if not site.keys_url:
        return ()
    # Late: without an address nothing of this is needed.
    from azukari.desk import post
    from azukari.keys import remote

    try:
        service = post.trust_of(call.home).key(Use.ANSWER, call.now())
        revoked, left = remote.declare(envelope, remote.over_http(site.keys_url), service)
    except AzukariError as error:
        # Whatever it is: the file is written, and goes another way.
        speech.say(f"the key service was not told: {error}")
        return ()
    for word in left:
        speech.say(f"{word}: NOT REVOKED, only the office can look it up")
    return revoked


def _chosen(
    candidates: Iterable[Any], names: dict[str, str], typed: Sequence[str]
) -> tuple[str, ...]:
    """What may be meant, shown; and the labels that somebody types back, which confirms them."""
    rows = [
        (one.label, one.tag or "-", names.get(one.holder, "-"), instant(one.held_from))
        for one in candidates
    ]
    speech.say(
        "which are lost? on the road, what you hold first:" if rows else "none is on the road"
    )
    for line in aligned(rows):
        speech.say(f"  {line}")
    if typed:
        return tuple(typed)
    if rows:
        speech.say("type the labels, on one line; no key for them will be released again")
    labels = tuple(sys.stdin.readline().upper().split())
    if not labels:
        raise Refused("declaring a loss", ("not_confirmed",))
    return labels


def _confirm(labels: Sequence[str], typed: Sequence[str]) -> None:
    """What cannot be undone asks for the carrier's label back."""
    given = list(typed)
    if not given:
        speech.say("no key for it will be released again, and one person cannot undo that")
        for label in labels:
            speech.say(f"type the label of the lost carrier to confirm: {label}")
            given.append(sys.stdin.readline().strip())
    if sorted(word.upper() for word in given) != sorted(labels):
        raise Refused("declaring a loss", ("not_confirmed",))


def _asked(in_the_bag: str | None) -> str:
    """Was a device or a grant's paper in the bag: said, asked at a terminal, or not known."""
    if in_the_bag is not None:
        return in_the_bag
    if not sys.stdin.isatty():
        return "unknown"
    answer: str = click.prompt(
        "was a device, or a paper with a grant, in the same bag?",
        type=click.Choice(_ANSWERS),
        default="unknown",
        err=True,
    )
    return answer
