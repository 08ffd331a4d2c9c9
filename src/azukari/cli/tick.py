"""``azukari tick``: one round of what must happen by itself."""

from __future__ import annotations

import click

from azukari.cli import reasons, seat, speech
from azukari.cli.call import Call, reads, unlocks
from azukari.cli.output import show
from azukari.desk import tick as desk
from azukari.vault import records


@click.command("tick", epilog="Example: azukari tick")
@unlocks
@reads
def command(call: Call) -> None:
    """Raise what is late, finish what a crash left; safe to repeat, run it every minute.

    Works without the key service's passphrase; only destroying the key of a carrier whose sealing
    broke off, and repeating a grant, need it.
    """
    with seat.office(call) as office:
        done = desk.tick(office)
        with office.act() as tx:
            label = {row.id: row.label for row in records.carriers(tx)}
    late = [label.get(carrier, carrier) for carrier in done.alarms]
    abandoned = [label.get(carrier, carrier) for carrier in done.abandoned]
    asked = [
        {"witness": one.witness, "ledger": one.which, "size": one.size, "why": list(one.why)}
        for one in done.asked
    ]
    value = {
        "alarms": late,
        "finished": done.finished,
        "abandoned": abandoned,
        "asked": asked,
    }
    lines = [f"late: {name}" for name in late]
    lines += [f"finished: act {act}" for act in done.finished]
    lines += [f"abandoned: {name}" for name in abandoned]
    lines += [
        f"cosigned: {o.which}, {o.size:,} entries, {o.witness}" for o in done.asked if not o.why
    ]
    show(call, value, lines or ["nothing to do"])
    for one in done.asked:
        for why in one.why:
            speech.say(f"{one.witness}, {one.which}: {reasons.sentence(why, call.language)}")
    carriers = sum(subject in label for subject in done.alarms)
    if carriers:
        speech.say(f"{carriers} carriers are late")
        speech.hint("`azukari carrier show LABEL` says who has it")
    if checks := len(late) - carriers:
        speech.say(f"{checks} checks or reviews of processors are late")
        speech.hint("`azukari supervise show` and `azukari agreement review show` say which")
