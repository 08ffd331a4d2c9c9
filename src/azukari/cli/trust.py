"""``azukari trust``: which of the city's keys other sites believe.

The bundle is signed by the city's root key, which signs nothing else.
"""

from __future__ import annotations

from pathlib import Path

import click

from azukari import settings
from azukari.cli import hands, papers, seat, speech
from azukari.cli.call import Call, acts, reads, secret
from azukari.cli.output import aligned, show
from azukari.desk import apart, witnesses
from azukari.desk import trust as desk
from azukari.errors import BadInput, BadSignature
from azukari.keys import ceremony, service
from azukari.seal.envelope import SigningKey, Use, base64_of
from azukari.seal.policy import NamedPolicy, issue_policy
from azukari.shelf import files, keyring


@click.group("trust", epilog="Example: azukari trust issue --root city-root --as officer")
def command() -> None:
    """The trust bundle: which of the city's keys other sites believe."""


@command.command(
    "issue",
    epilog="Example: azukari trust issue --officer hanako --officer jiro --to out --as hanako",
)
@click.option(
    "--officer", "officers", multiple=True, metavar="NAME", help="Two of the ceremony's three."
)
@click.option("--officer-fd", type=int, metavar="N", help="The officers' passphrases, by line.")
@click.option("--root", default="", metavar="NAME", help="Without a ceremony: NAME.key, as --as.")
@click.option("--new", is_flag=True, help="Make that root key; once, where there is none.")
@click.option(
    "--days",
    type=click.IntRange(1, 1100),
    default=365,
    show_default=True,
    help="How long it holds.",
)
@papers.TO
@acts
def issue(
    call: Call,
    officers: tuple[str, ...],
    officer_fd: int | None,
    root: str,
    new: bool,
    days: int,
    to: Path,
) -> None:
    """Sign a trust bundle with the city's root key, and write both for the other sites.

    Where a witness outside the city is asked, also the policy that `azukari ledger policy` shows.

    Two officers open the root of the ceremony (`azukari keys init`); where none was held, it is a
    key file like a person's, whose passphrase is read before theirs.  The bundle goes by any way;
    the root's id goes on paper, so that each site can compare.
    """
    found = settings.load(call.home)
    if bool(officers) == bool(root):
        raise BadInput("--officer", "two officers of the ceremony, or --root, are expected")
    home = seat.keys_home(call) if officers or not found.keys_url else call.home
    far = apart.service_of(call.home) if found.keys_url else None
    grants = service.grant_key(home) if far is None else far.grant
    signer = _of_the_ceremony(home, officers, officer_fd) if officers else _file(call, root, new)
    with seat.both(call) as (office, keeper):
        by, _ = seat.person(call, office)
        data = desk.issue(office, grants, signer, days, by, None if far is None else far.answer)
        logs = [office.book.verifier(), keeper.verifier]
        text = witnesses.policy_text(office, logs)
        named = NamedPolicy(1, office.book.origin, office.now(), text or "")
    written = papers.write(to, data)
    public = _public(to, signer)
    value = {"root": signer.public.id, "files": [str(written), str(public)]}
    rows = [("root", signer.public.id), ("bundle", written), ("root key", public)]
    if text is not None:
        policy = to / "policy.json"
        files.write_whole(policy, issue_policy(named, signer))
        value["files"] = [str(written), str(public), str(policy)]
        rows.append(("policy", policy))
    show(call, value, aligned(rows))
    speech.hint("give the root's id on paper: a site that compares cannot be given another root")


def _of_the_ceremony(home: Path, officers: tuple[str, ...], fd: int | None) -> SigningKey:
    words = {}
    for name in officers:
        without = BadInput("--officer", "no terminal to ask for a passphrase at")
        words[name] = secret(fd, f"passphrase of {name}", without)
    return ceremony.open_by_two(home, words).city_root


def _file(call: Call, root: str, new: bool) -> SigningKey:
    path = hands.key_file(root, [call.home])
    without = BadSignature("the root's passphrase: nobody to ask, and no --person-fd")
    typed = secret(call.person_fd, "passphrase of the city's root", without, twice=new)
    if new:
        return keyring.new_signing_key(path, Use.ROOT, typed)
    if not path.is_file():
        raise BadSignature("the root key that is named is not at hand")
    return keyring.signing_key(path, Use.ROOT, typed)


def _public(to: Path, root: SigningKey) -> Path:
    path = to / "city-root.pub"
    files.write_whole(path, f"{base64_of(root.public.der)}\n".encode())
    return path


@command.command("show", epilog="Example: azukari trust show")
@reads
def show_(call: Call) -> None:
    """The keys that the next bundle names: what each signs, its id, and whether it was revoked."""
    home = settings.keys_home(call.home, settings.load(call.home))
    with seat.office(call) as office:
        keys, gone = desk.named(office, service.grant_key(home)), desk.revoked(office)
    value = [{"use": key.use, "id": key.id, "revoked": key.id in gone} for key in keys]
    rows = [(key.use, key.id, "revoked" if key.id in gone else "") for key in keys]
    show(call, value, aligned([("use", "key", ""), *rows]))


@command.command("revoke", epilog="Example: azukari trust revoke ID --as hanako")
@click.argument("which", metavar="ID")
@acts
def revoke(call: Call, which: str) -> None:
    """Say that a key of the city is not to be believed any more: copied, or not trusted.

    This cannot be undone.  A site goes on believing the key until it takes in the next bundle:
    `azukari trust issue`, then `azukari in` there.  This version makes no new key of that kind.
    """
    home = settings.keys_home(call.home, settings.load(call.home))
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        desk.revoke(office, service.grant_key(home), which, by)
    show(call, {"revoked": which}, aligned([("revoked", which)]))
    speech.hint("no site knows it before the next bundle: `azukari trust issue`, then `azukari in`")
