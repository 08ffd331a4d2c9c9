"""``azukari supervise show``: what the city did to supervise its processors, on paper too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from azukari.cli import seat
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, instant, show
from azukari.desk import supervision
from azukari.entrust.supervision import Check, FollowUp, Record
from azukari.errors import BadInput
from azukari.shelf import files
from azukari.web import supervision_words as words


@click.command("show", epilog="Example: azukari supervise show AGREEMENT --html supervision.html")
@click.argument("agreement", metavar="[AGREEMENT]", default="")
@click.option("--html", type=FOLDER, metavar="FILE", help="Write a page to print, too.")
@reads
def show_(call: Call, agreement: str, html: Path | None) -> None:
    """Every check that was planned and where it stands; of one agreement all that was done.

    The page is for whoever asks what the city did to supervise a processor: the chain of parties,
    terms, checks as bars against now, findings, follow-ups, reviews, training.
    """
    if html is not None and not agreement:
        raise BadInput("--html", "the agreement that the page is about is expected, too")
    with seat.office(call) as office:
        if not agreement:
            found = supervision.checks_of(office)
            show(call, [_value(one, office.now()) for one in found], _list(call, found))
            return
        record = supervision.record(office, agreement)
    written = [] if html is None else [("written", _page(record, html))]
    show(call, _record(record), [*_lines(record, call.language), *aligned(written)])


def _page(record: Record, to: Path) -> Path:
    # Late: who only reads needs nothing to draw with.
    from azukari.web.supervision_page import render

    files.write_new(to, render(record).encode())
    return to


def _list(call: Call, found: list[Check]) -> list[str]:
    if not found:
        return ["no check was planned"]
    head = ("check", "agreement", "kind", "by", "")
    now = call.now()
    rows = [
        (
            one.id,
            one.agreement,
            one.kind.value,
            instant(one.due_at),
            words.say(words.STATES[one.state(now)], call.language),
        )
        for one in found
    ]
    late = [each for one in found for each in one.follow_ups]
    rows += [
        (
            each.id,
            "",
            "follow-up",
            instant(each.due_at),
            words.say(words.STATES[each.state(now)], call.language),
        )
        for each in late
    ]
    return aligned([head, *rows])


def _lines(record: Record, language: str) -> list[str]:
    return aligned(list(_rows(record, language)))


def _rows(record: Record, language: str) -> Iterator[tuple[str, str]]:
    yield "agreement", record.agreement.id
    for link in record.chain:
        until = "suspended" if link.suspended else f"until {instant(link.until)}"
        yield "", f"{link.entrustor.party} to {link.processor.party}, {until}"
    yield "in force", "yes" if record.in_force else "no"
    counted = (f"{count:,} {what}" for what, count in record.counts.items())
    yield "under it", ", ".join(counted)
    for review in record.reviews:
        yield "access review", instant(review.at)
    for trained in record.trained:
        until = f"until {instant(trained.until)}" if trained.until else "no pass"
        yield "trained", f"{trained.person.id} {until}"
    for check in record.checks:
        yield from _of_a_check(check, record, language)
    yield "late", str(record.late)


def _of_a_check(check: Check, record: Record, language: str) -> Iterator[tuple[str, str]]:
    state = words.say(words.STATES[check.state(record.at)], language)
    yield check.kind.value, f"{check.id}, by {instant(check.due_at)}: {state}"
    for carrier in check.drawn:
        yield "", f"drawn: {record.labels.get(carrier, carrier)}, of {check.among:,}"
    if check.done_at is not None:
        yield "", f"on {instant(check.done_on)}, recorded {instant(check.done_at)}"
        for one in check.looked:
            yield "", f"looked at: {record.labels.get(one, one)}"
        if check.entries is not None:
            yield "", f"looked at: entries {check.entries[0]} to {check.entries[1]}"
        yield "", f"found: {check.findings or words.say(words.ERASED, language)}"
    for each in check.follow_ups:
        yield from _of_a_follow_up(each, record, language)


def _of_a_follow_up(one: FollowUp, record: Record, language: str) -> Iterator[tuple[str, str]]:
    state = words.say(words.STATES[one.state(record.at)], language)
    what = one.what or words.say(words.ERASED, language)
    yield "follow-up", f"{one.id}, by {instant(one.due_at)}: {state}"
    yield "", f"{one.who}: {what}"
    if one.closed_at is not None:
        yield "", f"closed by {one.closed_by}: {one.note or words.say(words.ERASED, language)}"


def _value(check: Check, at: int) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.to_builtins(check)
    value["state"] = check.state(at).value
    for told, one in zip(value["follow_ups"], check.follow_ups, strict=True):
        told["state"] = one.state(at).value
    return value


def _record(record: Record) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(record),
        "checks": [_value(check, record.at) for check in record.checks],
        "late": record.late,
    }


COMMANDS = {"show": show_}
