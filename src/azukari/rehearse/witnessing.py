"""Three witnesses, each with a home, a key and one writer of its own: the city's and two outside.

The contractor's is asked by network, the others are brought a stick, and each answers with the very
program that it would run elsewhere.  Here all of them run on the one machine of the rehearsal: what
can be verified is whose keys signed what, never in whose hands these keys are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from azukari import settings
from azukari.desk import cosigning, witnesses
from azukari.desk.witnesses import UNREACHABLE, Which
from azukari.ledger.checkpoint import parse_checkpoint, split_note
from azukari.ledger.vouching import Vouched
from azukari.rehearse.exported import Verified
from azukari.rehearse.house import ORIGIN
from azukari.rehearse.night import Night
from azukari.seal.policy import NamedPolicy, issue_policy
from azukari.witness import site
from azukari.witness.site import Site

#: How many witnesses that are not the city's must have cosigned before a head is believed.
ENOUGH: Final = 2


@dataclass(frozen=True)
class Who:
    """A witness as the story knows it."""

    key: str  # in the names of folders
    name: str
    whose: str  # as it stands on the page
    own: bool  # the city's
    by_network: bool


CITY: Final = Who("city", "kansa.kakuu.example/w1", "架空市 監査事務局", True, False)
CONTRACTOR: Final = Who("contractor", "reiji.example/w1", "例示受託", False, True)
COMMITTEE: Final = Who("committee", "committee.example/w1", "第三者委員会", False, False)
EVERY: Final = (CITY, CONTRACTOR, COMMITTEE)
OUTSIDE: Final = (CONTRACTOR, COMMITTEE)


@dataclass(frozen=True)
class Line:
    """Where a witness listens, and what ends it."""

    url: str
    stop: Callable[[], None]


@dataclass(frozen=True)
class Shown:
    """How long both ledgers were when they were shown, and what each witness had cosigned then."""

    sizes: dict[Which, int]
    cosigned: dict[str, dict[Which, int]]  # by the witness's name


def set_up(night: Night) -> None:
    """Each is given both ledgers; the office is told of it; the city signs whose word is enough."""
    with night.step("witnesses", "2022-04-01 14:00") as words:
        house = night.house
        office, officer = house.office, house.cast.people["officer"]
        night.known["witnesses"], night.known["lines"] = {}, []
        for who in EVERY:
            found = _created(night, who)
            line = _listening(found) if who.by_network else None
            night.known["witnesses"][who.name] = found
            night.known["lines"] += [line] if line else []
            url = line.url if line else ""
            witnesses.add(office, found.witness.vkey(), url, who.own, officer)
        night.known["policy"] = _policy(night)
        show(night, "set up")
        lines = len(night.known["lines"])
        words.append(f"the city's and {len(OUTSIDE)} outside it, {lines} of them by network")
        words.append("homes and keys of their own, all on this same machine")


def show(night: Night, moment: str, since_ms: int | None = None) -> None:
    """Show both ledgers to all of them; with ``since_ms`` as it is done at once after a loss.

    Who does not answer within the moment that somebody waits at the counter is asked again, as the
    next tick would.
    """
    office = night.house.office
    told = cosigning.ask(office) if since_ms is None else cosigning.at_once(office, since_ms)
    if any(UNREACHABLE in one.why for one in told):
        cosigning.ask(office)
    for each in witnesses.known(office):
        if not each.url:
            for which in witnesses.WHICH:
                stick(night, each.witness.name, which)
    night.known.setdefault("shown", {})[moment] = _shown(night)


def stick(night: Night, name: str, which: Which) -> None:
    """The stick goes to a witness and comes back: what a ledger holds now is cosigned."""
    office = night.house.office
    asked = witnesses.request(office, name, which)
    witnesses.take(office, night.known["witnesses"][name].cosign(asked).lines)


def told(night: Night, found: Verified) -> list[dict[str, Any]]:
    """For the result: who they are, how they were reached, and what each cosigned at the end."""
    reached = {one.witness.name: bool(one.url) for one in witnesses.known(night.house.office)}
    return [
        {
            "name": who.name,
            "whose": who.whose,
            "own": who.own,
            "reached": "network" if reached[who.name] else "stick",
            "cosigned": {which: _cosigned(found.vouched[which], who) for which in witnesses.WHICH},
        }
        for who in EVERY
    ]


def _cosigned(vouched: Vouched, who: Who) -> int:
    words = (one.size for one in vouched.words if one.cosignature.witness.name == who.name)
    return max(words, default=0)


def hang_up(night: Night) -> None:
    """Whoever listens stops."""
    for line in night.known.get("lines", ()):
        line.stop()


def _created(night: Night, who: Who) -> Site:
    home = night.out / "sites" / f"witness-{who.key}"
    site.create(home, who.name)
    settings.write(home, settings.Settings(site="witness", origin=who.name))
    found = site.open_site(home, who.name, night.clock.now)
    found.add_log(night.house.office.book.verifier())
    found.add_log(night.house.keeper.verifier)
    return found


def _listening(found: Site) -> Line | None:
    """The witness at a port of this machine; None where the extra ``web`` is not installed."""
    try:
        from azukari.web import serve, witness
    except ImportError:
        return None
    ready, stops = threading.Event(), list[Callable[[], None]]()

    def started(stop: Callable[[], None]) -> None:
        stops.append(stop)
        ready.set()

    port = serve.free_port("127.0.0.1", 0)
    app = witness.api(found, lambda _: None)
    worker = threading.Thread(
        target=serve.serve, args=(app, "127.0.0.1", port, started), daemon=True
    )
    worker.start()
    if not ready.wait(30):
        return None

    def stop() -> None:
        stops[0]()
        worker.join(30)

    return Line(f"http://127.0.0.1:{port}", stop)


def _policy(night: Night) -> bytes:
    """Both ledgers, all witnesses, and that two outside the city must have cosigned."""
    house, found = night.house, night.known["witnesses"]
    lines = [f"# {ORIGIN}", f"log {house.office.book.verifier()}", f"log {house.keeper.verifier}"]
    lines += [f"witness {who.key} {found[who.name].witness.vkey()}" for who in EVERY]
    lines.append(" ".join(["group", "outside", str(ENOUGH), *(who.key for who in OUTSIDE)]))
    text = "\n".join([*lines, "quorum outside", ""])
    return issue_policy(
        NamedPolicy(1, house.office.book.origin, house.clock.now(), text), house.root
    )


def _shown(night: Night) -> Shown:
    office = night.house.office
    sizes = {
        which: parse_checkpoint(split_note(witnesses.head(office, which))[0]).size
        for which in witnesses.WHICH
    }
    cosigned: dict[str, dict[Which, int]] = {who.name: {} for who in EVERY}
    for which in witnesses.WHICH:
        for one in witnesses.seen(office, which):
            cosigned[one.witness.name][which] = one.size
    return Shown(sizes, cosigned)
