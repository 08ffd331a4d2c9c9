"""``azukari alarm``: what is late and whose, an answer to it, and the key of what is posted."""

from __future__ import annotations

from typing import Final

import click

from azukari.cli import seat, speech
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, instant, show
from azukari.desk import alarms, outbox
from azukari.desk.whose import Owed
from azukari.errors import BadInput
from azukari.incident.notice import which
from azukari.incident.overdue import RUNGS
from azukari.incident.sentences import Language
from azukari.seal.envelope import base64_of

MAX_NOTE: Final = 500


@click.group("alarm", epilog="Example: azukari alarm list")
def command() -> None:
    """What is late: list it, answer it; the key that verifies what is posted."""


@command.command("list", epilog="Example: azukari alarm list --all --json")
@click.option("--all", "everything", is_flag=True, help="Also what is due and not late yet.")
@reads
def list_(call: Call, everything: bool) -> None:
    """What is late and nobody answered: what, whose, since when, and who was told last."""
    with seat.office(call) as office:
        found = alarms.owing(office, everything=everything)
    language = 0 if call.language == "ja" else 1
    value = [
        {
            "alarm": one.alarm,
            "what": one.owed.what,
            "subject": one.owed.subject,
            "label": one.owed.label,
            "due_at": one.owed.due_at,
            "whose": one.owed.owner,
            "told": one.rung,
            "answered_outside_the_city": list(one.answered),
            "ladder": [
                {"rung": step.rung, "people": list(step.people)} for step in one.owed.ladder
            ],
        }
        for one in found
    ]
    rows = [
        (
            one.owed.label,
            instant(one.owed.due_at),
            _what(one.owed, "ja" if call.language == "ja" else "en"),
            one.owed.whose or "-",
            _told(one, language),
        )
        for one in found
    ]
    heads = ("subject", "due", "what", "whose", "told last")
    show(call, value, aligned([heads, *rows]) if rows else ["nothing is late"])


def _told(one: alarms.Owing, language: int) -> str:
    """Up to which rung, and who outside the city took it up meanwhile."""
    rung = RUNGS[one.rung][language] if one.rung else "-"
    who = ", ".join(one.answered)
    return f"{rung} ({('応答', 'answered')[language]}: {who})" if who else rung


def _what(owed: Owed, language: Language) -> str:
    """The kind, and which: two deadlines of law of one incident are two."""
    kind = owed.kind.ja if language == "ja" else owed.kind.en
    named = which(owed.what, owed.label, language)
    return f"{kind}: {named}" if named else kind


@command.command(
    "answer", epilog="Example: azukari alarm answer C-7Q4M-2K --note 'on its way' --as hanako"
)
@click.argument("named", metavar="SUBJECT")
@click.option("--note", default="", metavar="TEXT", help="What you know; never a resident's value.")
@acts
def answer(call: Call, named: str, note: str) -> None:
    """Take up what is late, by a carrier's label or an id: nobody further above is told.

    Whoever is on a rung of it may, with their own key, and not who holds a carrier alone.  Who is
    not of the city answers for their own party: the city's officers are told in their time all the
    same.  It is still late until it is done; what you answered stands in the ledger.
    """
    if len(note) > MAX_NOTE:
        raise BadInput("--note", f"at most {MAX_NOTE} letters")
    with seat.office(call) as office:
        by, signer = seat.hand(call, office, call.person or "")
        answered = alarms.answer(office, named, by, signer, note)
    acts_of = [one.alarm for one in answered]
    show(call, {"answered": acts_of}, [f"answered: alarm {act}" for act in acts_of])
    if not all(one.stops for one in answered):
        speech.say("the city's officers are told in their time all the same, with this answer")


@command.command("key", epilog="Example: azukari alarm key --json")
@reads
def key(call: Call) -> None:
    """The key under which alarms are posted to the webhook; made when it is first asked for."""
    with seat.office(call) as office:
        public = outbox.alarm_key(office).public
    value = {"id": public.id, "public": base64_of(public.der)}
    show(call, value, aligned([("key", public.id), ("public", value["public"])]))
