"""An order for whoever is about to sign it: its sheet, found at this site, as lines of a terminal.

The lines are the same at the office and at a contractor.  What others wrote into an order is shown
and never obeyed: `output.harmless` stands behind every line.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec

from azukari import settings, words
from azukari.cli import papers, reasons
from azukari.cli.call import Call
from azukari.cli.output import aligned, harmless, instant
from azukari.desk import post
from azukari.entrust.order import NETWORK
from azukari.entrust.sheet import Name, Said, Sheet, laid_out
from azukari.errors import BadFormat, BadInput, BadSettings, NotFound, Refused
from azukari.seal import documents as doc

_SHORT = {"device_holder": "device with"}  # as wide as the widest of the others
WORDS = click.option(
    "--words",
    "typed",
    metavar="WORDS",
    default="",
    help="The order's eight words, from paper or by voice; at a terminal they are asked for.",
)


def at_a_contractor(call: Call, order: str) -> tuple[Sheet, bytes]:
    """The sheet and envelope of an order's file, or of one in the inbox, by what is believed here.

    It is verified: nobody is shown what the city did not sign.
    """
    inbox = _inbox(call)
    if Path(order).is_file():
        found = papers.read(Path(order))
        papers.whole(found, doc.Order)
        inbox.look(found, call.now())
    elif order in inbox.believed.orders:
        found = inbox.kept[order]
    else:
        raise NotFound("the inbox holds no such order")
    document = papers.whole(found, doc.Order)
    believed = inbox.believed
    # An inbox does not know when it first heard of somebody: the day is the one their entry states.
    known = replace(believed.known(), people=believed.people)
    return laid_out(document, known, believed.parties, call.now()), found.envelope


def of_an_inbox(call: Call) -> tuple[list[doc.Order], Counter[str], frozenset[str]]:
    """Every order in the inbox, how many approved each, and what the city took back."""
    believed = _inbox(call).believed
    given = Counter(one.order for one in believed.approvals.values())
    return list(believed.orders.values()), given, frozenset(believed.negative)


def _inbox(call: Call) -> post.Inbox:
    held = settings.load(call.home)
    if held.site != "contractor":
        raise BadSettings(f"{settings.FILE}: an order's file is read at a site with an inbox")
    return post.open_inbox(call.home, held.city, call.now())


def lines(sheet: Sheet, language: str, *more: tuple[str, object]) -> list[str]:
    """All that an order says, and what else is to stand below it."""
    return aligned([*_rows(sheet, language), *more])


def value(sheet: Sheet) -> dict[str, Any]:
    """The same for a program."""
    return {
        **msgspec.to_builtins(sheet.order),
        "sha256": sheet.sha256,
        "words": sheet.words,
        "kana": sheet.kana,
        "approvals": [
            {"approver": s.approver.id, "at": s.at, "until": s.until, "why_not": list(s.why)}
            for s in sheet.said
        ],
        "approvals_needed": sheet.needed,
        "approved_by": [s.approver.id for s in sheet.said if s.until is not None],
        "in_the_way": list(sheet.in_the_way),
    }


def must_be_meant(call: Call, sheet: Sheet, typed: str) -> None:
    """Nobody signs unseen: shows the order, and asks for its words before a key is touched."""
    must_be_typed(lines(sheet, call.language), sheet.words, typed, "approval")


def must_be_typed(shown: list[str], eight: str, typed: str, what: str) -> None:
    """What is to be signed, shown; at a terminal the first and the last of its words are asked for,
    elsewhere all eight come with ``--words``.
    """
    for line in shown:
        click.echo(harmless(line), err=True)
    if not typed and sys.stdin.isatty():
        first, *_, last = eight.split("-")
        typed = click.prompt("the first and the last of the eight words", err=True)
        meant = f"{first} {last}"
    else:
        meant = eight
    if not typed:
        raise Refused(what, ("words_missing",))
    try:
        same = words.same_words(typed, meant)
    except BadFormat as error:
        raise BadInput("--words", str(error)) from None
    if not same:
        raise Refused(what, ("words_of_another_order",))


def _rows(sheet: Sheet, language: str) -> Iterator[tuple[str, str]]:
    order = sheet.order
    yield "order", order.id
    yield "eight words", sheet.words
    yield "", sheet.kana
    yield "purpose", order.purpose
    for table in sheet.tables:
        yield "table", f"{table.name}, at most {table.rows:,} rows"
        for role, columns in table.roles:
            yield "", f"{role}: {', '.join(columns)}"
    yield "carriers", f"{order.carriers:,} by network" if order.medium == NETWORK else _media(order)
    yield "route", order.route or "-"
    for name, who in (*sheet.people, ("device", sheet.device)):
        yield _SHORT.get(name, name.replace("_", " ")), _name(who)
    for field in ("requested_at", "receive_by", "return_by", "expires_at"):
        yield field.replace("_", " "), instant(getattr(order, field))
    for link in sheet.chain:
        until = "suspended" if link.suspended else f"until {instant(link.until)}"
        yield "agreement", f"{_name(link.entrustor)} to {_name(link.processor)}, {until}"
    if not sheet.chain:
        yield "agreement", f"{order.agreement}, not known here as far as the city"
    for said in sheet.said:
        yield "approved" if said.counts else "not approved", _said(said, language)
    yield "approvals", f"{sum(said.counts for said in sheet.said)} of {sheet.needed} needed"
    for code in sheet.in_the_way:
        yield "in the way", f"{code}: {reasons.sentence(code, language)}"
    if sheet.withdrawn:
        yield "refused", "no key is made under it"
    yield "sha256", sheet.sha256


def _media(order: doc.Order) -> str:
    return f"{order.carriers:,} by {order.medium}: {', '.join(order.media)}"


def _name(who: Name) -> str:
    return f"{who.id} ({who.party or 'not known here'})"


def _said(said: Said, language: str) -> str:
    when = f"{instant(said.at)} {_name(said.approver)}"
    if said.counts:
        return f"{when}, until {instant(said.until)}"
    return f"{when}: {'; '.join(reasons.sentence(code, language) for code in said.why)}"
