"""``azukari backup``: the office, its key service or the wrapping keys in one encrypted file."""

from __future__ import annotations

from pathlib import Path

import click

from azukari import settings
from azukari.cli import seat
from azukari.cli.call import FOLDER, Call, reads, secret
from azukari.cli.output import aligned, show
from azukari.desk import backup as desk
from azukari.errors import BadInput, Refused
from azukari.keys import ceremony
from azukari.seal.envelope import unbase64
from azukari.shelf.backup import KINDS
from azukari.shelf.wrapped import Passphrase, Recovery


@click.command("backup", epilog="Example: azukari backup office /media/safe/office-0621.backup")
@click.argument("what", type=click.Choice(KINDS))
@click.argument("file", metavar="FILE", type=FOLDER)
@click.option(
    "--recovery", is_flag=True, help="Seal it to the ceremony's recovery key; nobody types a word."
)
@click.option("--backup-fd", type=int, metavar="N", help="Read the backup's passphrase from here.")
@reads
def command(call: Call, what: str, file: Path, recovery: bool, backup_fd: int | None) -> None:
    """Write a backup of the office, of the keys, or of the wrapping keys; each a file of its own.

    Programs may go on meanwhile.  The wrapping keys are apart, with another passphrase in another
    place: together with the keys they open everything, and a destroyed key lives on in them until
    that file is destroyed too.  The checkpoint store is part of none.  Records on a PostgreSQL
    server are copied by pg_dump, not by this.
    """
    found = settings.load(call.home)
    if found.database and found.site == what:
        # Of HOME alone it would look whole, and nothing of it could be put back.
        raise Refused(f"backup {what}", ("records_on_a_server",))
    lock = _lock(call, recovery, backup_fd)
    if what == "office":
        index = desk.back_up_office(call.home, file, lock, call.now())
    elif what == "keys":
        index = desk.back_up_keys(seat.keys_home(call), file, lock, call.now())
    else:
        index = desk.back_up_wrapping(seat.keys_home(call), file, lock, call.now())
    total = sum(kept.bytes for kept in index.files)
    value = {"kind": what, "files": len(index.files), "bytes": total, "entries": index.size}
    show(call, value, aligned((name, found) for name, found in value.items()))


def _lock(call: Call, recovery: bool, fd: int | None) -> Passphrase | Recovery:
    if recovery:
        said = ceremony.public(seat.keys_home(call))
        return Recovery(unbase64(said.recovery), said.id)
    without = BadInput("--backup-fd", "no terminal to ask for the backup's passphrase at")
    return Passphrase(secret(fd, "passphrase of the backup", without, twice=True))
