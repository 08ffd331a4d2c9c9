"""The committee's witness: a home and a key of its own, reached by a stick, in the same rehearsal.

Whether both ledgers were cosigned is judged from the exported files, by a policy that the judge
writes.  It runs on the one machine of the rehearsal, so it makes no promise worth more there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from azukari import settings
from azukari.desk import witnesses
from azukari.ledger.audit import roots_of
from azukari.ledger.checkpoint import parse_checkpoint, parse_vkey, split_note
from azukari.ledger.policy import parse_policy
from azukari.ledger.vouching import Vouched, vouched
from azukari.rehearse.night import Night
from azukari.witness import site

NAME: Final = "committee.example/w1"
ELSEWHERE: Final = "one machine + a witness elsewhere"


def set_up(night: Night) -> None:
    """A laptop of the committee's: it is given both ledgers, and the office is told of it."""
    with night.step("a witness", "2022-04-01 14:00") as words:
        house = night.house
        home = night.out / "sites" / "witness"
        site.create(home, NAME)
        settings.write(home, settings.Settings(site="witness", origin=NAME))
        witness = site.open_site(home, NAME, night.clock.now)
        witness.add_log(house.office.book.verifier())
        witness.add_log(house.keeper.verifier)
        officer = house.cast.people["officer"]
        witnesses.add(house.office, witness.witness.vkey(), "", False, officer)
        night.known["witness"] = witness
        cosign(night)
        words.append("a home and a key of its own, on this same machine")


def cosign(night: Night) -> None:
    """The stick goes there and back: what both ledgers hold now is cosigned."""
    office, witness = night.house.office, night.known["witness"]
    for which in witnesses.WHICH:
        asked = witnesses.request(office, NAME, which)
        witnesses.take(office, witness.cosign(asked).lines)


def vouch(night: Night) -> dict[str, Vouched]:
    """What the witness says of each exported ledger; raises where it saw another history."""
    office = night.house.office
    folders = {which: night.out / "ledger" / which for which in witnesses.WHICH}
    vkeys = {which: (at / "vkey").read_text("utf-8").strip() for which, at in folders.items()}
    lines = [f"log {vkey}" for vkey in vkeys.values()]
    lines += [f"witness {NAME} {night.known['witness'].witness.vkey()}", f"quorum {NAME}", ""]
    policy = parse_policy("\n".join(lines).encode())
    found: dict[str, Vouched] = {}
    for which, folder in folders.items():
        notes = witnesses.notes(office, which)
        head = (folder / "checkpoint").read_bytes()
        sizes = [_size(note) for note in notes]
        roots = roots_of(lambda path, at=folder: _read(at, path), _size(head), sizes)  # type: ignore[misc]  # bound per turn
        log, until = parse_vkey(vkeys[which]), night.clock.now() // 1000
        found[which] = vouched(notes, log, policy, roots.get, until)
    return found


def told(found: dict[str, Vouched]) -> dict[str, Any]:
    """For the result: what was cosigned, where the witness ran, and what it is worth elsewhere."""
    return {
        "ran_on": "the same machine",
        "cosigned": {which: one.reach for which, one in found.items()},
        "elsewhere_it_would_be": ELSEWHERE,
    }


def _size(note: bytes) -> int:
    return parse_checkpoint(split_note(note)[0]).size


def _read(folder: Path, path: str) -> bytes:
    return (folder / path).read_bytes()
