"""``azukari in``: take in files from another site, each once, and say what it was."""

from __future__ import annotations

from pathlib import Path

import click

from azukari import settings
from azukari.cli import papers, speech
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, show
from azukari.desk import post as desk
from azukari.desk import public
from azukari.errors import AzukariError


@click.command("in", epilog="Example: azukari in approval-7q4m2k.json")
@click.argument("files", metavar="FILE...", type=FOLDER, nargs=-1, required=True)
@click.option("--look", "only_look", is_flag=True, help="Say what it is and change nothing.")
@reads
def command(call: Call, files: tuple[Path, ...], only_look: bool) -> None:
    """Take in signed files from another site: an order, an approval, a grant, a receipt …

    Says what each is, whose signature was found right, how it continues what is known and what it
    changes; then it is taken in, once.  What is known already changes nothing.  Of several files
    one that needs another, as an order needs its requester's entry, is taken after it; each is
    taken for itself, so that one that is refused keeps no other out.  FILE is ``-`` for the text of
    one QR code as a scanner types it.
    """
    looks: list[desk.Look] = []
    left, refused = _read(files)
    before = -1
    while left and before != len(left):
        before, waiting = len(left), left
        left, why = [], []
        for file, post in waiting:
            try:
                looks.append(_one(call, post, only_look))
            except AzukariError as error:  # it may need one of the others: tried again after them
                left.append((file, post))
                why.append((file, error))
        if len(left) == before:
            refused += why
    if looks or len(files) > 1:
        _show(call, looks, single=len(files) == 1)
    if refused:
        for file, _ in refused if len(files) > 1 else ():
            speech.say(f"{file.name}: not taken in")
        raise refused[0][1]
    if all(look.known for look in looks):
        speech.say("known already: nothing is changed")


def _read(
    files: tuple[Path, ...],
) -> tuple[list[tuple[Path, desk.Post]], list[tuple[Path, AzukariError]]]:
    """What each file claims to be; one that is nothing keeps no other out."""
    read: list[tuple[Path, desk.Post]] = []
    refused: list[tuple[Path, AzukariError]] = []
    for file in files:
        try:
            read.append((file, papers.read(file)))
        except AzukariError as error:
            refused.append((file, error))
    return read, refused


def _one(call: Call, post: desk.Post, only_look: bool) -> desk.Look:
    """Look at one file, and take it in unless it is only looked at."""
    held = settings.load(call.home)
    if held.site == "office":
        look = _office(call, post, only_look)
    elif held.site == "contractor":
        inbox = desk.open_inbox(call.home, held.city, call.now())
        look = inbox.look(post, call.now())
        if not only_look:
            inbox.take(look)
    elif held.site == "call-centre":
        look = desk.look_at_call_centre(call.home, post, call.now())
        if not only_look:
            desk.take_at_call_centre(call.home, look)
    elif held.site == "public":
        look = public.look(call.home, post, call.now())
        if not only_look:
            public.take(call.home, look)
    else:
        raise desk.elsewhere(post)
    return look


def _office(call: Call, post: desk.Post, only_look: bool) -> desk.Look:
    # Late: only an office has what this needs.
    from azukari.cli import alerting, seat
    from azukari.desk import post_office

    with seat.office(call) as office:
        look = post_office.look(office, post)
        if not only_look:
            post_office.take(office, look)
            if post.word == "loss":
                alerting.at_once(call, office)
    return look


def _show(call: Call, looks: list[desk.Look], single: bool) -> None:
    """What was found; one file as one value, several as a list, with an empty line between."""
    values = [
        {
            "what": look.post.word,
            "id": look.post.id,
            "from": look.sender,
            "continues": look.continues,
            "changes": list(look.changes),
            "known": look.known,
        }
        for look in looks
    ]
    lines: list[str] = []
    for look in looks:
        rows = [
            ("what", f"{look.post.word} {look.post.id}"),
            ("signed by", look.sender),
            ("continues", look.continues),
            *(("changes", change) for change in look.changes or ("nothing",)),
        ]
        lines += ["", *aligned(rows)] if lines else aligned(rows)
    show(call, values[0] if single else values, lines)
