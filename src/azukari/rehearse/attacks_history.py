"""What an administrator tries who has everything of the office's: another history, an older one.

The sites are copies; the witnesses are the real ones, and what they were shown here they remember
for good, as they would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

from azukari.desk import cosigning, standing, witnesses
from azukari.desk.office import new_act, open_office
from azukari.errors import LedgerFork
from azukari.ledger.witnessing import encode_request
from azukari.rehearse.attempts import Attack, Hands, attempt
from azukari.rehearse.house import CALL, ORIGIN
from azukari.rehearse.night import Night
from azukari.rehearse.witnessing import COMMITTEE, CONTRACTOR
from azukari.rehearse.world import AFTER_LOSS, World, open_world
from azukari.shelf import asking
from azukari.shelf.book import Draft
from azukari.vault import schema
from azukari.witness import alarm

STORE: Final = "checkpoint store"
BY_STICK: Final = (
    "a history without the loss shown to a second witness",
    "a backup of the evening put back",
)
BY_NETWORK: Final = (
    "a history without the loss shown by network",
    "a backup put back, the checkpoint store too",
)
#: Longer than anybody at a counter would wait: here it is the answer that counts.
_WITHIN_S: Final = 60.0


def names(night: Night) -> tuple[str, ...]:
    """What is tried: half of it needs a witness that can be asked by network."""
    return BY_STICK + (BY_NETWORK if night.known["lines"] else ())


def rewritten(night: Night, hands: Hands) -> Iterator[Attack]:
    """Every attempt, each on copies of its own, and who noticed it."""
    tried: dict[str, tuple[str, str, Callable[[World], str]]] = {
        BY_STICK[0]: ("LedgerFork", COMMITTEE.name, _by_stick),
        BY_STICK[1]: ("LedgerBehind", STORE, _put_back),
        BY_NETWORK[0]: ("LedgerFork", CONTRACTOR.name, _by_network),
        BY_NETWORK[1]: ("LedgerBehind", CONTRACTOR.name, _all_put_back),
    }
    for name in names(night):
        because, who, deed = tried[name]
        _, at = AFTER_LOSS
        with closing(open_world(hands, night.known["before_loss"], at)) as world:
            yield attempt(name, because, lambda w=world, d=deed: d(w), noticed_by=who)  # type: ignore[misc]  # bound per turn


def _by_stick(world: World) -> str:
    witness = world.night.known["witnesses"][COMMITTEE.name]
    witness.cosign(_another_history(world))
    return "two histories cosigned by one witness"


def _by_network(world: World) -> str:
    """The answer is 409 and a size; that it was told apart from a slip, its own alarm says."""
    (line,) = world.night.known["lines"]
    witness = world.night.known["witnesses"][CONTRACTOR.name]
    status, _ = asking.add_checkpoint(line.url, _another_history(world))
    raised = {one.what for one in alarm.alarms(witness.memory(), witness.now())}
    if status == 409 and alarm.What.FORKED in raised:
        raise LedgerFork(f"{status}, and the witness raised its alarm: two histories, both signed")
    return f"the witness answered {status}"


def _another_history(world: World) -> bytes:
    """The evening went on and nothing was lost: as long as the true history, under the same key."""
    size = world.night.known["shown"]["loss"].sizes["office"]
    office = world.office
    with office.act() as tx:
        missing = size - office.book.head(tx).size
        heartbeats = (Draft(new_act(), "ledger.heartbeat", office.city) for _ in range(missing))
        office.write(tx, *heartbeats)
    return encode_request(size, [], witnesses.head(office, "office"))


def _put_back(world: World) -> str:
    """The office of the evening at the checkpoint store of the night."""
    office = world.office
    open_office(
        office.home,
        city=office.city,
        call=CALL,
        origin=f"{ORIGIN}/office",
        keys=world.keeper,
        now=world.clock.now,
        store=world.night.out / "stores",
    ).close()
    return "an office that forgot the loss"


def _all_put_back(world: World) -> str:
    """Nobody in the house can know better; the office asks a witness, as it does at its start."""
    office = world.office
    (line,) = world.night.known["lines"]
    with office.act() as tx:
        named = schema.witness.c.name == CONTRACTOR.name
        tx.execute(schema.witness.update().where(named).values(url=line.url))
    told = cosigning.ask(office, within_s=_WITHIN_S, anew=True)
    standing.look(office, told)
    with office.act() as tx:
        office.must_stand(tx)
    return "an office that forgot the loss, and that nobody contradicts"
