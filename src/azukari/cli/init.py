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
@click.option("--keys", "offer", type=FOLDER, metavar="OFFER", help="The key service is elsewhere.")
@click.option("--keys-url", metavar="URL", default="", help="Where it listens.")
@click.option("--store", type=FOLDER, metavar="DIR", help="The newest signed heads, off this disk.")
@click.option(
    "--database",
    metavar="URL",
    default="",
    help="A PostgreSQL server keeps the records.",
)
@click.option(
    "--city", "name", metavar="NAME", default="", help="The city's name; elsewhere its id."
)
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
    offer: Path | None,
    keys_url: str,
    store: Path | None,
    **of_an_office: Any,
) -> None:
    """Set up a site in an empty HOME, with what that site needs and no more.

    An office: the key service goes beside HOME, into HOME-keys, or is on another host, by --keys;
    the first officers enrol each other, and their keys go into the folder $AZUKARI_PERSON, never
    into HOME.  Keys: a key service, and its offer for the office.  A contractor: an inbox, no roll.
    A call centre: a device.  A witness, by --name: its key.  A public site: the city's root and
    trust bundle; the pages for residents come with a later version.
    """
    if of_an_office["database"] and site not in ("office", "keys"):
        raise BadInput("--database", "only an office and a key service keep records")
    if site == "keys":
        # Late: the other sites have no database, and no program for one.
        from azukari.cli import keys_site

        keys_site.create(
            call, of_an_office["origin"], _store(call, store, single_disk), of_an_office["database"]
        )
        return
    if site == "witness":
        _witness(call, of_an_office["origin"])
        return
    if site == "office":
        if not single_disk and offer is None:
            raise Refused("init", ("single_disk_not_accepted",))
        # Late: the other sites have no database, and no program for one.
        from azukari.cli import founding

        founded = founding.City(**of_an_office)
        if offer is None:
            founding.beside(call, founded)
        else:
            place = _store(call, store, single_disk)
            founding.apart(call, founded, files.read_small(offer, MAX_BYTES), keys_url, place)
        return
    if root is None or trust is None:
        raise BadInput("init", "--root and --trust are expected: files of the city")
    _elsewhere(call, site, of_an_office["name"], root, trust, openings, keys_url)


def _store(call: Call, store: Path | None, single_disk: bool) -> Path:
    """Where the newest signed heads go; beside HOME only where somebody accepted that."""
    if store is None and not single_disk:
        raise BadInput("--store", "a folder on another disk is expected, or --single-disk")
    return call.home.with_name(f"{call.home.name}-store") if store is None else store.absolute()


def _elsewhere(
    call: Call, site: str, city: str, root: Path, trust: Path, openings: int, keys_url: str
) -> None:
    settings.must_be_new(call.home)
    if keys_url:
        # Late: few sites tell the key service of a loss themselves.
        from azukari.keys import remote

        remote.over_http(keys_url)
    language: settings.Language = "ja" if call.language == "ja" else "en"
    key = read_root(root)
    bundle = files.read_small(trust, MAX_BYTES)
    value = {"home": str(call.home), "site": site, "city": city, "root": key.id}
    if site == "contractor":
        written = settings.Settings(
            site="contractor", city=city, language=language, keys_url=keys_url
        )
        settings.check(call.home, written)
        post.pin(call.home, key, bundle)
        files.folder(call.home / "inbox")
    elif site == "public":
        written = settings.Settings(site="public", city=city, language=language)
        settings.check(call.home, written)
        post.pin(call.home, key, bundle)
    else:
        written = settings.Settings(
            site="call-centre", city=city, language=language, keys_url=keys_url
        )
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
