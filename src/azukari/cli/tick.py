"""``azukari tick``: one round of what must happen by itself; ``--check``: does it still happen."""

from __future__ import annotations

import click

from azukari.cli import alerting, exits, reasons, seat, speech
from azukari.cli.call import Call, reads, unlocks
from azukari.cli.output import aligned, instant, show
from azukari.desk import pulse
from azukari.desk import tick as desk
from azukari.desk.office import Office
from azukari.incident.overdue import RUNGS, kind_of
from azukari.vault import records

_MINUTE_MS = 60_000


@click.command("tick", epilog="Example: azukari tick")
@click.option("--check", is_flag=True, help="Do nothing: say when it last ran; exit 1 if too long.")
@click.option(
    "--within",
    type=click.IntRange(1, 10_080),
    default=10,
    show_default=True,
    metavar="MINUTES",
    help="With --check: how long is too long.",
)
@alerting.option
@unlocks
@reads
def command(call: Call, check: bool, within: int, mail_password_fd: int | None) -> None:
    """Raise what is late, send it, finish what a crash left; safe to repeat, run it every minute.

    Works without the key service's passphrase; only destroying the key of a carrier whose sealing
    broke off, and repeating a grant, need it.
    """
    if check:
        _check(call, within)
        return
    told = alerting.alerting(call, mail_password_fd)
    with seat.office(call) as office:
        done = desk.tick(office, told)
        label = _labels(office)
    late = [label.get(carrier, carrier) for carrier in done.alarms]
    abandoned = [label.get(carrier, carrier) for carrier in done.abandoned]
    value = {
        "alarms": late,
        "told": [
            {"alarm": o.act, "label": o.label, "what": o.what, "rung": o.rung, "level": o.level}
            for o in done.raised
        ],
        "finished": done.finished,
        "abandoned": abandoned,
        "asked": [
            {"witness": one.witness, "ledger": one.which, "size": one.size, "why": list(one.why)}
            for one in done.asked
        ],
        "sent": done.posted.sent,
        "unsent": [{"channel": channel, "why": why} for channel, why in done.posted.failed],
        "clock_behind": done.clock_behind,
        "clocks": [{"witness": o.witness, "ahead_s": o.ahead_ms // 1000} for o in done.skewed],
        "quarrels": done.quarrels,
    }
    show(call, value, _lines(done, label, abandoned) or ["nothing to do"])
    speak(call, done, sum(subject in label for subject in done.alarms))


def speak(call: Call, done: desk.Ticked, carriers: int) -> None:
    """What one round has to say to whoever watches."""
    for one in done.asked:
        for why in one.why:
            speech.say(f"{one.witness}, {one.which}: {reasons.sentence(why, call.language)}")
    for channel, why in done.posted.failed:
        speech.say(f"{channel}: {reasons.sentence(why, call.language)}")
    if done.clock_behind:
        speech.say("the clock stands behind the ledger: nothing is let out until it is right")
    for one in {clock.witness: clock for clock in done.skewed}.values():
        way = "ahead of" if one.ahead_ms > 0 else "behind"
        said = f"its clock is {abs(one.ahead_ms) // 1000} s {way} ours: one of the two is wrong"
        speech.say(f"{one.witness}: {said}")
    for quarrel in done.quarrels:
        speech.say(f"{quarrel}: nothing is let out until that is cleared up")
    for raised in done.raised:
        if not raised.reached:
            speech.say(f"{raised.label}: nobody who is to be told has a mail address")
    if carriers:
        speech.say(f"{carriers} carriers are late")
        speech.hint("`azukari carrier show LABEL` says who has it")
    if others := len(done.alarms) - carriers:
        speech.say(f"{others} other things are late")
        speech.hint("`azukari alarm list` says what, and whose")


def _lines(done: desk.Ticked, label: dict[str, str], abandoned: list[str]) -> list[str]:
    lines = []
    for one in done.raised:
        what = "" if one.subject in label else f", {kind_of(one.what).en}"
        told = f", told {RUNGS[one.rung][1]}" if one.level else ""
        lines.append(f"{'still late' if one.level else 'late'}: {one.label}{what}{told}")
    lines += [f"finished: act {act}" for act in done.finished]
    lines += [f"abandoned: {name}" for name in abandoned]
    lines += [f"sent: {done.posted.sent} messages"] if done.posted.sent else []
    return lines + [
        f"cosigned: {o.which}, {o.size:,} entries, {o.witness}" for o in done.asked if not o.why
    ]


def _labels(office: Office) -> dict[str, str]:
    with office.act() as tx:
        return {row.id: row.label for row in records.carriers(tx)}


def _check(call: Call, within: int) -> None:
    with seat.office(call) as office:
        found = pulse.pulse(office, within * _MINUTE_MS)
    value = {
        "well": not found.why,
        "ticked_at": found.ticked_at,
        "last_entry_at": found.last_entry_at,
        "unsent": found.unsent,
        "why": list(found.why),
    }
    rows = [
        ("last tick", instant(found.ticked_at)),
        ("last entry", instant(found.last_entry_at)),
        ("messages that wait", found.unsent),
    ]
    show(call, value, aligned(rows))
    for why in found.why:
        speech.say(reasons.sentence(why, call.language))
    if found.why:
        raise click.exceptions.Exit(exits.NO)
