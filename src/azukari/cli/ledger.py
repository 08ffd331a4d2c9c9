"""``azukari ledger``: what was done and when, for people who trust nobody's word for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
import msgspec

from azukari import promises, settings
from azukari.cli import (
    diary,
    exits,
    judging,
    ledger_erase,
    ledger_hold,
    proving,
    seat,
    speech,
    verifying,
)
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import instant, show
from azukari.cli.witnesses import COMMANDS
from azukari.desk import audit as desk
from azukari.desk import witnesses
from azukari.desk.order_sheet import words_by_ledger
from azukari.errors import BadInput, Conflict
from azukari.keys.keeper import Keeper
from azukari.keys.remote import on_another_host
from azukari.ledger.entry import decode
from azukari.shelf import files
from azukari.shelf.checkpoints import Store
from azukari.vault import records

_POLICY: Final = "policy"  # beside an export: what the office proposes, and no more


@click.group("ledger", epilog="Example: azukari ledger show --last 20")
def command() -> None:
    """What was done and when: show, export, verify, audit.

    Office and key service write one ledger each; ids in them mean something only at the office.
    """


@command.command("head", epilog="Example: azukari ledger head --which keys")
@proving.WHICH
@reads
def head(call: Call, which: str) -> None:
    """The size and root of a ledger, signed, and the key others verify it with.

    Below it stands how far each witness cosigned; whoever cosigned this very head signs it too.
    """
    with seat.both(call) as (office, keeper):
        of: witnesses.Which = "keys" if which == "keys" else "office"
        vkey = keeper.verifier if which == "keys" else office.book.verifier()
        text = witnesses.cosigned_head(office, of, witnesses.head(office, of)).decode()
        seen = witnesses.seen(office, of)
    origin, size, root = text.splitlines()[:3]
    said = [
        {"witness": one.witness.name, "size": one.size, "at": one.cosignature.at_s} for one in seen
    ]
    value = {"origin": origin, "size": int(size), "root": root, "vkey": vkey, "checkpoint": text}
    lines = [*text.splitlines(), "", vkey]
    for one in seen:
        at = instant(one.cosignature.at_s * 1000)
        lines.append(f"{one.witness.name} cosigned {one.size:,} entries, {at}")
    show(call, value | {"cosigned": said}, lines)


@command.command("show", epilog="Example: azukari ledger show --last 20 --type carrier")
@proving.WHICH
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N entries.")
@click.option("--type", "kind", metavar="TYPE", default="", help="Only this type, or its start.")
@reads
def show_(call: Call, which: str, last: int | None, kind: str) -> None:
    """A ledger as a diary: day by day, one sentence for each entry.

    Names and labels are this office's; in the ledger itself stand random ids (--json has them, and
    the types).  An order stands there by its eight words, from the hash that its first entry
    commits to.
    """
    with seat.both(call) as (office, keeper):
        theirs = keeper.entries(0) if which == "keys" else []
        with office.act() as tx:
            own = office.book.entries(tx, 0, office.book.head(tx).size) if not theirs else []
            copied = records.keys_entries(tx)
            labels = {row.id: row.label for row in records.carriers(tx)}
        names = seat.names(office) | labels | words_by_ledger(office)
        gone = ledger_erase.emptied(office, which)
    entries = [(i, decode(line)) for i, line in enumerate(theirs or own)]
    chosen = [(i, entry) for i, entry in entries if entry.type.startswith(kind)][-(last or 0) :]
    value = [
        {"i": i} | msgspec.to_builtins(entry) | ({"detail": gone[i]} if i in gone else {})
        for i, entry in chosen
    ]
    revoked = [entry for entry in map(decode, copied) if entry.type == "carrier.revoked"]
    revoked_at = {entry.act: entry.at for entry in revoked}
    show(call, value, diary.pages(chosen, names, revoked_at, gone, call.language))


@command.command("export", epilog="Example: azukari ledger export evidence")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--party", metavar="PARTY", help="Only proofs of its entries; by name or id.")
@reads
def export(call: Call, folder: Path, party: str | None) -> None:
    """Write both ledgers as static files into DIR/office and DIR/keys; details never leave.

    Beside each stands its verifier, the file vkey, and beside both the policy this office proposes,
    if it proposes one: whoever must trust nobody gets the one another way and chooses the other.
    With --party only proofs of the entries about that party, its people, devices, agreements,
    orders, carriers and grants; entries that name another party's, too, are withheld and counted.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder.name} exists already and is not empty")
    if party is not None:
        proving.for_party(call, party, folder)
        return
    with seat.both(call) as (office, keeper):
        ledgers = {
            "office": (
                witnesses.published(office, "office", office.export()),
                office.book.verifier(),
            ),
            "keys": (
                witnesses.published(office, "keys", seat.keys_ledger(call, office, keeper)),
                keeper.verifier,
            ),
        }
        proposed = witnesses.policy_text(office, [vkey for _, vkey in ledgers.values()])
    for name, (found, vkey) in ledgers.items():
        for path, content in found:
            files.folder((folder / name / path).parent)
            files.write_new(folder / name / path, content)
        files.write_new(folder / name / "vkey", f"{vkey}\n".encode())
    if proposed is not None:
        files.write_new(folder / _POLICY, proposed.encode())
    value = {name: {"files": len(found), "vkey": vkey} for name, (found, vkey) in ledgers.items()}
    written = [*ledgers, *([] if proposed is None else [_POLICY])]
    show(call, value | {"policy": proposed}, [str(folder / name) for name in written])


@command.command("audit", epilog="Example: azukari ledger audit --policy policy.txt")
@judging.POLICY
@judging.ROOT
@click.option(
    "--keys-apart", is_flag=True, help="You know that others administer the key service's host."
)
@reads
def audit(call: Call, policy: Path | None, root: Path | None, keys_apart: bool) -> None:
    """Verify both ledgers, pair them act by act, and look for a release after a revocation.

    What is wrong is named with the first entry that differs, by whom it was noticed, and where to
    read on.

    With --policy also how far its witnesses vouch for both.  Exits 1 if an auditor must know
    something; `azukari tick` finishes what a crash left unpaired.
    """
    words: dict[str, Any] = {}
    outside, lines = 0, list[str]()
    site = settings.load(call.home)
    folder = settings.checkpoint_store(call.home, site)
    if keys_apart and not on_another_host(site.keys_url):
        raise BadInput("--keys-apart", "a key service that answers from another host is expected")
    with seat.both(call, compared=False) as (office, keeper):
        logs = judging.logs(office, keeper.verifier)
        stores = {} if folder is None else {name: Store(folder, log) for name, log in logs.items()}
        rows = keeper if isinstance(keeper, Keeper) else None
        findings = desk.audit(office, stores, rows)
        if policy is not None:
            chosen = judging.read(policy, root)
            words, more, outside = judging.of_office(office, logs, chosen, call.now())
            findings += more
            lines = [line for found in words.values() for line in judging.page(found)]
    row = promises.applies(outside=outside, keys_apart=keys_apart)
    value = promises.as_value(row) | {"findings": judging.as_values(findings)}
    if policy is not None:
        value["witnessed"] = {
            name: {"reach": found.reach, "cosigned": judging.told(found)}
            for name, found in words.items()
        }
    show(call, value, [*promises.lines(row), *lines, *judging.findings(findings)])
    if findings:
        speech.say(f"{len(findings)} findings")
        raise click.exceptions.Exit(exits.NO)


for each in (
    proving.prove,
    verifying.command,
    *COMMANDS,
    ledger_erase.command,
    ledger_hold.command,
):
    command.add_command(each)
