"""``azukari in``: take in one file from another site, said first, once."""

from __future__ import annotations

from pathlib import Path

import click

from azukari import settings
from azukari.cli import papers, speech
from azukari.cli.call import Call, reads
from azukari.cli.output import aligned, show
from azukari.desk import post as desk
from azukari.desk import public


@click.command("in", epilog="Example: azukari in approval-7q4m2k.json")
@papers.FILE
@click.option("--look", "only_look", is_flag=True, help="Say what it is and change nothing.")
@reads
def command(call: Call, file: Path, only_look: bool) -> None:
    """Take in one signed file from another site: an order, an approval, a grant, a receipt …

    Says what it is, whose signature was found right, how it continues what is known and what it
    changes; then it is taken in, once.  What is known already changes nothing.  FILE is ``-`` for
    the text of one QR code as a scanner types it.
    """
    post = papers.read(file)
    held = settings.load(call.home)
    if held.site == "office":
        look = _office(call, post, only_look)
    elif held.site == "contractor":
        inbox = desk.open_inbox(call.home, held.city, call.now())
        look = inbox.look(post, call.now())
        _say(call, look)
        if not only_look:
            inbox.take(look)
    elif held.site == "call-centre":
        look = desk.look_at_call_centre(call.home, post, call.now())
        _say(call, look)
        if not only_look:
            desk.take_at_call_centre(call.home, look)
    elif held.site == "public":
        look = public.look(call.home, post, call.now())
        _say(call, look)
        if not only_look:
            public.take(call.home, look)
    else:
        raise desk.elsewhere(post)
    if look.known:
        speech.say("known already: nothing is changed")


def _office(call: Call, post: desk.Post, only_look: bool) -> desk.Look:
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.desk import post_office

    with seat.office(call) as office:
        look = post_office.look(office, post)
        _say(call, look)
        if not only_look:
            post_office.take(office, look)
    return look


def _say(call: Call, look: desk.Look) -> None:
    value = {
        "what": look.post.word,
        "id": look.post.id,
        "from": look.sender,
        "continues": look.continues,
        "changes": list(look.changes),
        "known": look.known,
    }
    rows = [
        ("what", f"{look.post.word} {look.post.id}"),
        ("signed by", look.sender),
        ("continues", look.continues),
        *(("changes", change) for change in look.changes or ("nothing",)),
    ]
    show(call, value, aligned(rows))
