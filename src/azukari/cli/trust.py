"""``azukari trust``: which of the city's keys other sites believe.

The bundle is signed by the city's root key, which signs nothing else.
"""

from __future__ import annotations

from pathlib import Path

import click

from azukari import settings
from azukari.cli import hands, papers, seat, speech
from azukari.cli.call import Call, acts, secret
from azukari.cli.output import aligned, show
from azukari.errors import BadSignature
from azukari.keys import service
from azukari.seal.envelope import SigningKey, Use, base64_of
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.shelf import files, keyring

DAY_MS = 86_400_000


@click.group("trust", epilog="Example: azukari trust issue --root city-root --as officer")
def command() -> None:
    """The trust bundle: which of the city's keys other sites believe."""


@command.command(
    "issue", epilog="Example: azukari trust issue --root city-root --new --to out --as officer"
)
@click.option(
    "--root", metavar="NAME", required=True, help="The root: NAME.key in $AZUKARI_PERSON."
)
@click.option("--new", is_flag=True, help="Make this root key; once, where there is none.")
@click.option(
    "--days",
    type=click.IntRange(1, 1100),
    default=365,
    show_default=True,
    help="How long it holds.",
)
@papers.TO
@acts
def issue(call: Call, root: str, new: bool, days: int, to: Path) -> None:
    """Sign a trust bundle with the city's root key, and write both for the other sites.

    The root's passphrase is read before that of the person.  The bundle goes by any way; the root's
    id goes on paper, so that each site can compare.
    """
    path = hands.key_file(root, [call.home])
    without = BadSignature("the root's passphrase: nobody to ask, and no --person-fd")
    typed = secret(call.person_fd, "passphrase of the city's root", without, twice=new)
    if new:
        signer = keyring.new_signing_key(path, Use.ROOT, typed)
    elif path.is_file():
        signer = keyring.signing_key(path, Use.ROOT, typed)
    else:
        raise BadSignature("the root key that is named is not at hand")
    with seat.office(call) as office:
        seat.person(call, office)
        now = office.now()
        until = now + days * DAY_MS
        home = settings.keys_home(call.home, settings.load(call.home))
        keys = [office.signers[name].public for name in ("enrol", "order", "carrier")]
        keys.append(service.grant_key(home))
        lines = [trusted(key, now - DAY_MS, until) for key in keys]
        bundle = TrustBundle(1, now, now - DAY_MS, until, lines, [])
        data = issue_bundle(bundle, signer)
    written = papers.write(to, data)
    public = _public(to, signer)
    value = {"root": signer.public.id, "files": [str(written), str(public)], "serial": now}
    rows = [("root", signer.public.id), ("bundle", written), ("root key", public)]
    show(call, value, aligned(rows))
    speech.hint("give the root's id on paper: a site that compares cannot be given another root")


def _public(to: Path, root: SigningKey) -> Path:
    path = to / "city-root.pub"
    files.write_whole(path, f"{base64_of(root.public.der)}\n".encode())
    return path
