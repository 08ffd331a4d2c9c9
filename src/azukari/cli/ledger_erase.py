"""``azukari ledger erase``: details emptied by a rule, on the signed words of two persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from azukari import words
from azukari.cli import order_sheet, reasons, seat, speech
from azukari.cli.call import Call, acts, reads
from azukari.cli.dates import end_of
from azukari.cli.output import aligned, instant, show
from azukari.desk import audit, erasing
from azukari.desk.office import Office
from azukari.entrust.retention import RULES
from azukari.ledger.entry import decode
from azukari.seal import documents as doc

_RULE = click.option("--rule", type=click.Choice(list(RULES)), required=True, help="Which rule.")
_UNTIL = click.option(
    "--until", default="", metavar="DAY", help="Nothing younger; else as old as the rule asks."
)


@click.group("erase", epilog="Example: azukari ledger erase show --rule refusals")
def command() -> None:
    """Empty details that a rule no longer keeps: two persons, and no hold.

    The entries stay, and every proof with them; what they committed to is gone for good.
    """


@command.command("show", epilog="Example: azukari ledger erase show --rule refusals")
@click.option("--rule", type=click.Choice(list(RULES)), help="What falls under this one now.")
@_UNTIL
@reads
def show_(call: Call, rule: str | None, until: str) -> None:
    """The rules and every list that was asked for; or what falls under one, and what holds it."""
    with seat.office(call) as office:
        if rule is None:
            lists = erasing.all_asked_for(office)
            show(call, _overview(lists), _overview_lines(lists))
            return
        looked = erasing.look(office, rule, _day(until))
    show(call, _value(looked), _lines(looked, call.language))


@command.command(
    "request", epilog="Example: azukari ledger erase request --rule refusals --as hanako"
)
@_RULE
@_UNTIL
@click.option(
    "--because", default="its time is over", show_default=True, metavar="TEXT", help="Why now."
)
@click.option("--leave-held", is_flag=True, help="Leave out what is held, instead of refusing.")
@acts
def request(call: Call, rule: str, until: str, because: str, leave_held: bool) -> None:
    """Ask for the list of what falls under a rule now; nothing is emptied yet.

    Another person of the city agrees to this very list within a week.
    """
    with seat.office(call) as office:
        looked = erasing.look(office, rule, _day(until))
        if looked.held and not leave_held:
            for line in _held(looked, call.language):
                speech.say(line)
        hand = seat.person(call, office)
        asked = erasing.request(office, looked, because, hand, leave_held=leave_held)
    show(call, _told(asked), _sheet(asked))
    speech.hint("another person agrees: `azukari ledger erase approve ID`")


@command.command(
    "approve",
    epilog="Example: azukari ledger erase approve ID --as yoko --words "
    "mukinu-naruki-kokani-kikomi-makomo-kanuro-runimi-rimuno",
)
@click.argument("erasure", metavar="ID")
@order_sheet.WORDS
@acts
def approve(call: Call, erasure: str, typed: str) -> None:
    """Agree to a list and empty it; then both ledgers are verified and paired again.

    The list is shown first; nobody signs unseen.  This cannot be undone.  Asked again after a
    crash it goes on where it stood.
    """
    with seat.both(call) as (office, _):
        asked = erasing.asked_for(office, erasure).erasure
        sheet, sha256 = _sheet(asked), doc.digest(asked)
        order_sheet.must_be_typed(sheet, words.eight_words(sha256), typed, erasing.WHAT)
        done = erasing.approve(office, erasure, seat.person(call, office), shown=sha256)
        findings = audit.audit(office)
    rows = [
        ("erased", erasure),
        ("details", len(done.erasure.entries)),
        ("addresses", len(done.erasure.contacts)),
        ("left in the database's files", "nothing" if done.settled else "perhaps"),
        ("audit", f"{len(findings)} findings" if findings else "no findings"),
    ]
    value = {
        **_told(asked),
        "act": done.act,
        "settled": done.settled,
        "findings": [{"ledger": f.ledger, "index": f.index, "what": f.what} for f in findings],
    }
    show(call, value, aligned(rows))
    if not done.settled:
        speech.hint("somebody was reading, or the database has no such means: ask again")
    speech.hint("backups made before today still hold these details")


def emptied(office: Office, which: str) -> dict[int, str]:
    """For a diary: what to say of each entry whose detail is gone."""
    with office.act() as tx:
        gone = erasing.erased_in(office, tx, "keys" if which == "keys" else "office")
    return {
        i: f"detail erased on {instant(at)[:10]} by rule {rule}"
        if rule
        else f"detail lost on {instant(at)[:10]}"
        for i, (at, rule) in gone.items()
    }


def _day(until: str) -> int | None:
    return end_of("--until", until) if until else None


def _overview(lists: list[erasing.Asked]) -> dict[str, Any]:
    rules = [
        {"rule": r.name, "ledger": r.ledger, "days": r.days, "types": list(r.types)}
        for r in RULES.values()
    ]
    return {
        "rules": rules,
        "lists": [{**_told(one.erasure), "state": _state(one)} for one in lists],
    }


def _overview_lines(lists: list[erasing.Asked]) -> list[str]:
    rules = [(r.name, r.ledger, f"{r.days:,} days", " ".join(r.types)) for r in RULES.values()]
    asked = [
        (one.erasure.id, one.erasure.rule, f"{len(one.erasure.entries):,} details", _state(one))
        for one in lists
    ]
    return [*aligned([("rule", "ledger", "kept for", "details of"), *rules]), *aligned(asked)]


def _state(asked: erasing.Asked) -> str:
    if asked.done_at is not None:
        return f"erased {instant(asked.done_at)}"
    return "asked for" if asked.whole is None else "agreed to, not finished: approve it again"


def _value(looked: erasing.Looked) -> dict[str, Any]:
    return {
        "rule": looked.rule.name,
        "until": looked.until,
        "entries": list(looked.lines),
        "contacts": len(looked.contacts),
        "held": [{"entry": h.entry, "why": h.why, "about": h.about} for h in looked.held],
        "elsewhere": dict(looked.elsewhere),
    }


def _lines(looked: erasing.Looked, language: str) -> Iterator[str]:
    types = Counter(decode(line).type for line in looked.free.values())
    yield f"{looked.rule.name}: until {instant(looked.until)}, {len(looked.free):,} details"
    yield from aligned((f"  {kind}", count) for kind, count in sorted(types.items()))
    if looked.contacts:
        yield f"addresses of persons who left: {len(looked.contacts):,}"
    yield from _held(looked, language)
    if looked.elsewhere:
        told = ", ".join(f"{count:,} {word.lower()}" for word, count in looked.elsewhere.items())
        yield f"signed documents that name the same, not touched: {told}"


def _held(looked: erasing.Looked, language: str) -> list[str]:
    """Each entry that is held, with every reason."""
    return [
        f"held: entry {one.entry}, {one.why} {one.about}: {reasons.sentence(one.why, language)}"
        for one in looked.held
    ]


def _told(asked: doc.Erasure) -> dict[str, Any]:
    sha256 = doc.digest(asked)
    return {
        "erasure": asked.id,
        "rule": asked.rule,
        "entries": asked.entries,
        "contacts": len(asked.contacts),
        "sha256": sha256,
        "words": words.eight_words(sha256),
    }


def _sheet(asked: doc.Erasure) -> list[str]:
    told = _told(asked)
    rows = [
        ("list", asked.id),
        ("eight words", told["words"]),
        ("", words.in_kana(told["words"])),
        ("ledger", asked.ledger),
        ("rule", f"{asked.rule}, until {instant(asked.until)}"),
        ("details", f"{len(asked.entries):,}: entries {_runs(asked.entries)}"),
        ("addresses", f"{len(asked.contacts):,}"),
        ("because", asked.because),
        ("asked for by", asked.requester),
        ("counts until", instant(asked.expires_at)),
        ("sha256", told["sha256"]),
    ]
    return aligned(rows)


def _runs(entries: list[int]) -> str:
    """Numbers in a row as from and to: 3-5, 9."""
    runs: list[list[int]] = []
    for entry in entries:
        if runs and runs[-1][1] == entry - 1:
            runs[-1][1] = entry
        else:
            runs.append([entry, entry])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs) or "none"
