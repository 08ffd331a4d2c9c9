"""``azukari serve``: an office's API for carriers by network; at a keys site the key service."""

from __future__ import annotations

from collections.abc import Callable

import click

from azukari import settings
from azukari.cli import alerting, keys_site, reasons, seat, speech, ticking
from azukari.cli.call import Call, reads, unlocks
from azukari.cli.output import aligned, show
from azukari.desk import standing
from azukari.desk.alarms import Alerting
from azukari.desk.office import Office
from azukari.errors import BadInput


@click.command("serve", epilog="Example: azukari serve --port 8443 --name office.example:443")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Else only this machine.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Else any that is free."
)
@click.option(
    "--name", default="", metavar="HOST[:PORT]", help="As devices write it; else ADDRESS:N."
)
@click.option(
    "--tick-every",
    type=click.IntRange(0, 3600),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="A round of `azukari tick` so often; 0: none.",
)
@alerting.option
@click.option("--locked", is_flag=True, help="At a keys site: without its passphrase.")
@unlocks
@reads
def command(
    call: Call,
    host: str,
    port: int,
    name: str,
    tick_every: int,
    mail_password_fd: int | None,
    locked: bool,
) -> None:
    """Give carriers that were sent by network to their recipients' devices, until it is ended.

    Only files of a carrier on its way, only to the enrolled device that its order names, only to
    requests that this device signed; needs no passphrase.  Raises what is late meanwhile, as
    `azukari tick` does.  Speaks no TLS: for other machines a reverse proxy with a certificate
    stands before it, and --name is what they call that.  Needs the extra `web`.  At a keys site
    this is `azukari keys serve`.
    """
    if settings.load(call.home).site == "keys":
        if name:
            raise BadInput("--name", "a key service is known by its keys, not by a name")
        keys_site.listen(call, host, port, locked=locked)
        return
    told = alerting.alerting(call, mail_password_fd)
    with seat.office(call) as office:
        _compare(call, office)
        _listen(call, office, told, (host, port, name), tick_every)


def _compare(call: Call, office: Office) -> None:
    """Nothing is served before this office was compared with what others were shown of it."""
    for one in standing.at_start(office):
        for why in one.why:
            speech.say(f"{one.witness}, {one.which}: {reasons.sentence(why, call.language)}")


def _listen(
    call: Call, office: Office, told: Alerting, at: tuple[str, int, str], tick_every: int
) -> None:
    # Late: an office that never serves needs none of this installed.
    from azukari.web import carriers, serve

    host, port, name = at
    with ticking.ticking(call, office, told, tick_every):
        port = serve.free_port(host, port)
        listens = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        app = carriers.api(office, name or listens, speech.say)

        def started(_stop: Callable[[], None]) -> None:
            value = {"address": f"http://{listens}", "port": port, "name": name or listens}
            show(call, value, aligned([("listens", value["address"]), ("name", value["name"])]))

        serve.serve(app, host, port, started)
