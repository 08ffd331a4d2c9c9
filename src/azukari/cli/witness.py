"""``azukari witness``: the program of a committee member, an auditor, a contractor.

It needs no office, no database and no network: a stick will do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from azukari import settings
from azukari.cli import exits, speech, vigil
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, instant, show
from azukari.errors import BadSettings, Conflict, LedgerFork
from azukari.ledger.witnessing import MAX_REQUEST_BYTES, decode_request
from azukari.shelf import files
from azukari.witness import site as sites
from azukari.witness.alarm import Alarm, What, alarms

#: What an alarm means: Japanese, English.
WORDS: Final[dict[What, tuple[str, str]]] = {
    What.FORKED: (
        "同じ長さの別の歴史を示されました。evidence の中身を委員会に渡してください",
        "a second history of one length was shown; give what lies in evidence to the committee",
    ),
    What.UNPROVEN: (
        "署名済みの記録が、以前のものに続く証明なしに届きました",
        "a signed head came without proof that it continues what was cosigned",
    ),
    What.SILENT: (
        "26時間、新しい記録が届いていません。市に電話してください",
        "nothing new came for 26 hours; telephone the city",
    ),
    What.CLOCK: (
        "この機械の時計が、以前の署名より遅れています",
        "this machine's clock stands behind what it signed",
    ),
}


@click.group("witness", epilog="Example: azukari witness cosign request-7q4m2k.txt")
def command() -> None:
    """Remember how long a ledger was, and sign that it only grew.

    For a machine outside the city; `azukari init --site witness` sets it up.
    """


@command.command("key", epilog="Example: azukari witness key")
@reads
def key(call: Call) -> None:
    """The witness's public key, one line: give it to the city and to whoever verifies."""
    vkey = _open(call).witness.vkey()
    show(call, {"vkey": vkey}, [vkey])


@command.command("add-log", epilog="Example: azukari witness add-log office.vkey")
@click.argument("vkey", metavar="VKEY|FILE")
@click.option(
    "--no-heartbeat", is_flag=True, help="It promises no daily entry: its silence is no alarm."
)
@reads
def add_log(call: Call, vkey: str, no_heartbeat: bool) -> None:
    """Watch one more ledger, by its verifier; once, and for ever.

    Compare the line with one that reached you another way: it decides whose history you watch.
    """
    name = _open(call).add_log(line_of(vkey), heartbeat=not no_heartbeat)
    show(call, {"log": name, "heartbeat": not no_heartbeat}, [name])


@command.command("cosign", epilog="Example: azukari witness cosign request-7q4m2k.txt --out back")
@click.argument("file", metavar="FILE", type=FOLDER)
@click.option("--out", type=FOLDER, metavar="FILE", help="Write the answer there, not to stdout.")
@reads
def cosign(call: Call, file: Path, out: Path | None) -> None:
    """Look at a request that came on a stick, remember what it shows, and sign it.

    The file holds the very bytes that would come by network, and the answer is what would go back.
    """
    site, body = _open(call), files.read_small(file, MAX_REQUEST_BYTES)
    try:
        done = site.cosign(body)
    except Conflict as error:
        size, shown = site.size(body), decode_request(body).claimed().size
        if shown < size:  # who carries the stick is the first to hear of it
            raise Conflict(
                f"{error}, and {shown} are shown now: an old file, or the city has forgotten"
                " entries; telephone it"
            ) from None
        # The asker counts from another head than the witness does, as when an answer was lost.
        raise Conflict(f"{error}: ask again with --old {size}") from None
    except LedgerFork:
        speech.say("the request is kept in evidence: it convicts whoever signed it")
        raise
    if out is not None:
        files.write_new(out, done.lines)
    value = {
        "log": done.head.origin,
        "size": done.head.size,
        "root": done.head.root.hex(),
        "at": done.at_s,
        "cosignature": done.lines.decode(),
    }
    said = [f"{done.head.origin}: {done.head.size:,} entries cosigned, {instant(done.at_s * 1000)}"]
    show(call, value, said if out is not None else done.lines.decode().splitlines())


@command.command("status", epilog="Example: azukari witness status")
@reads
def status(call: Call) -> None:
    """Every ledger, how long it was last, and what is wrong; exits 1 if a person must look.

    Run it every hour by cron: a ledger that has not grown for 26 hours is an alarm of ours.
    """
    memory = _open(call).memory()
    found = alarms(memory, call.now())
    logs = []
    for known in memory.logs:
        head = known.head()
        logs.append(
            {
                "log": known.log.name,
                "size": 0 if head is None else head.size,
                "cosigned_at": known.cosigned_at or None,
                "grown_at": known.grown_at or None,
                "heartbeat": known.heartbeat,
            }
        )
    wrong = [{"log": one.log, "what": one.what.value, "since": one.since} for one in found]
    rows = [
        (one["log"], one["size"], instant(known.cosigned_at or None))
        for one, known in zip(logs, memory.logs, strict=True)
    ]
    lines = aligned([("ledger", "entries", "last cosigned"), *rows]) if rows else ["no ledger yet"]
    lines += [_told(call, alarm) for alarm in found]
    show(call, {"logs": logs, "alarms": wrong}, lines)
    if found:
        speech.say(f"{len(found)} alarms")
        raise click.exceptions.Exit(exits.NO)


@command.command("serve", epilog="Example: azukari witness serve --port 8444")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Else only this machine.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Else any that is free."
)
@reads
def serve(call: Call, host: str, port: int) -> None:
    """Cosign by network, until it is ended: POST /add-checkpoint.

    Says an alarm by itself, when it begins and every day as long as it lasts.
    Needs no secret from whoever asks, and speaks no TLS: for other machines a reverse proxy with a
    certificate stands before it.  Needs the extra `web`.
    """
    # Late: a witness that is fed by stick needs none of this installed.
    from azukari.web import serve as web
    from azukari.web import witness

    site = _open(call)
    port = web.free_port(host, port)
    listens = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def started(_stop: Callable[[], None]) -> None:
        value = {"address": f"http://{listens}", "port": port, "vkey": site.witness.vkey()}
        show(call, value, aligned([("listens", value["address"]), ("key", value["vkey"])]))

    def say(alarm: Alarm) -> None:
        speech.say(_told(call, alarm))

    with vigil.kept(site, say, call.language, vigil.EVERY_S):
        web.serve(witness.api(site, speech.say), host, port, started)


def line_of(given: str) -> str:
    """A verifier itself, or the first line of the file that holds it."""
    if "+" in given and not Path(given).is_file():
        return given
    text = files.read_small(Path(given), 4096).decode("utf-8", "replace")
    return next(iter(text.splitlines()), "").strip()


def _told(call: Call, alarm: Alarm) -> str:
    ja, en = WORDS[alarm.what]
    words = ja if call.language == "ja" else en
    who = f"{alarm.log}: " if alarm.log else ""
    return f"ALARM {alarm.what.value}  {who}{words} ({instant(alarm.since)})"


def _open(call: Call) -> sites.Site:
    found = settings.load(call.home)
    if found.site != "witness":
        raise BadSettings(f"{settings.FILE}: this HOME is a {found.site}, a witness is needed")
    return sites.open_site(call.home, found.origin, call.now)
