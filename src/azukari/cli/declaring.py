"""``azukari incident declare``: something is lost, and whoever knows says what little they know.

At an office it is revoked in the same breath, without the key service's passphrase.  Elsewhere it
is written into a signed file that anybody brings or sends: `azukari in` at the office declares it.
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
from azukari.cli.call import Call, acts
from azukari.cli.dates import moment
from azukari.cli.output import aligned, instant, show
from azukari.errors import BadInput, Refused
from azukari.names import new_id
from azukari.seal import documents as doc

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
@papers.TO
@acts
def declare(
    call: Call,
    labels: tuple[str, ...],
    tags: tuple[str, ...],
    bag: str,
    known_at: str | None,
    last_held_at: str | None,
    in_the_bag: str | None,
    typed: tuple[str, ...],
    to: Path,
) -> None:
    """Declare carriers lost: their keys are revoked first, then it is recorded and counted.

    Anybody enrolled may, of what concerns them.  Without --carrier, --tag or --bag the office shows
    what may be meant, what --as holds first, and asks; elsewhere the bag of --as is meant.
    This cannot be undone by one person.  All carriers of one bag are one declaration.
    """
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
    from azukari.cli import seat
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
        words |= {"bag": by}
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
    path = papers.write(to, doc.issue(said, signer))
    unsaid = () if held else ("last held at",)
    rows = [row for row in papers.lines(said) if row[0] not in unsaid]
    rows.append(("written", path))
    show(call, {"loss": said.id, "file": str(path)}, aligned(rows))
    speech.say("NOTHING IS REVOKED YET: bring or send this file to the city, and call it now")
    speech.hint("the office takes it in with `azukari in`, and revokes")


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
