"""``azukari init``: a new site, with only what that site needs.

An office gets its key service beside it; a contractor an inbox for documents and no roll; a call
centre a device: its keys, one-time keys, the city's trust bundle, a journal; a witness its key and
an empty memory; a public site the city's root and trust bundle, and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from azukari import settings
from azukari.cli import speech
from azukari.cli.call import FOLDER, Call, reads, unlocks
from azukari.cli.output import aligned, show
from azukari.desk import device as devices
from azukari.desk import post
from azukari.errors import BadInput, Refused
from azukari.seal.envelope import MAX_BYTES, PublicKey, Use, unbase64
from azukari.shelf import files
from azukari.witness import site as witnesses


@click.command(
    "init",
    epilog="Example: azukari init --site office --single-disk --city 架空市 --call 00-0000-0000 "
    "--origin azukari.example/kakuu --person hanako --person taro --person jiro",
)
@click.option(
    "--site", type=click.Choice(settings.SITES), required=True, help="What the machine is."
)
@click.option("--single-disk", is_flag=True, help="Accept that the keys lie on the same machine.")
@click.option("--city", metavar="NAME", default="", help="The city's name; elsewhere its id.")
@click.option("--call", "number", metavar="TEXT", default="", help="Whom a finder calls.")
@click.option(
    "--origin",
    "--name",
    metavar="NAME",
    default="",
    help="The ledgers' name; or a witness's.",
)
@click.option(
    "--person", "people", metavar="NAME", multiple=True, help="A first officer; give three or more."
)
@click.option("--person-fd", "people_fd", type=int, metavar="N", help="Their passphrases, by line.")
@click.option("--root", type=FOLDER, metavar="FILE", help="Elsewhere: the city's root key.")
@click.option("--trust", type=FOLDER, metavar="FILE", help="Elsewhere: the city's trust bundle.")
@click.option(
    "--openings",
    type=click.IntRange(1, 500),
    default=8,
    show_default=True,
    metavar="N",
    help="A call centre: how many grants it can ever open.",
)
@unlocks
@reads
def command(
    call: Call,
    site: str,
    single_disk: bool,
    root: Path | None,
    trust: Path | None,
    openings: int,
    **of_an_office: Any,
) -> None:
    """Set up a site in an empty HOME, with what that site needs and no more.

    An office: the key service goes beside HOME, into HOME-keys, the newest signed heads into
    HOME-store; the first officers enrol each other, and their keys go into the folder
    $AZUKARI_PERSON, never into HOME.  A contractor: an inbox, no roll.  A call centre: a device.
    A witness, by --name: its key.  A public site: the city's root and trust bundle; `azukari in`
    takes newer ones, and the pages for residents come with a later version.
    """
    if site == "keys":
        raise Refused("init", ("site_keys_not_yet",))
    if site == "witness":
        _witness(call, of_an_office["origin"])
        return
    if site == "office":
        if not single_disk:
            raise Refused("init", ("single_disk_not_accepted",))
        # Late: the other sites have no database, and no program for one.
        from azukari.cli import founding

        founding.office(call, **of_an_office)
        return
    if root is None or trust is None:
        raise BadInput("init", "--root and --trust are expected: files of the city")
    _elsewhere(call, site, of_an_office["city"], root, trust, openings)


def _elsewhere(call: Call, site: str, city: str, root: Path, trust: Path, openings: int) -> None:
    settings.must_be_new(call.home)
    language: settings.Language = "ja" if call.language == "ja" else "en"
    key = read_root(root)
    bundle = files.read_small(trust, MAX_BYTES)
    value = {"home": str(call.home), "site": site, "city": city, "root": key.id}
    if site == "contractor":
        written = settings.Settings(site="contractor", city=city, language=language)
        settings.check(call.home, written)
        post.pin(call.home, key, bundle)
        files.folder(call.home / "inbox")
    elif site == "public":
        written = settings.Settings(site="public", city=city, language=language)
        settings.check(call.home, written)
        post.pin(call.home, key, bundle)
    else:
        written = settings.Settings(site="call-centre", city=city, language=language)
        settings.check(call.home, written)
        value["device"] = devices.create_device(call.home, key, bundle, openings)
        value["one_time_keys"] = str(openings)
    settings.write(call.home, written)
    show(call, value, aligned((name.replace("_", " "), found) for name, found in value.items()))
    speech.say("compare the root's id with the one the city gave on paper")


def _witness(call: Call, name: str) -> None:
    """A key and an empty memory; which ledgers it watches, it is told by `witness add-log`."""
    settings.must_be_new(call.home)
    language: settings.Language = "ja" if call.language == "ja" else "en"
    written = settings.Settings(site="witness", origin=name, language=language)
    settings.check(call.home, written)
    vkey = witnesses.create(call.home, name).vkey()
    settings.write(call.home, written)
    rows = [("home", str(call.home)), ("site", "witness"), ("name", name), ("vkey", vkey)]
    show(call, dict(rows), aligned(rows))
    speech.say("never put this home back from a copy: a witness that forgot signs what it must not")


def read_root(path: Path) -> PublicKey:
    """The city's root key from the file that the city hands out."""
    text = files.read_small(path, 1024).decode("ascii", "replace").strip()
    return PublicKey.load(Use.ROOT, unbase64(text))
