"""A person says what no record can: it is written down with the duties as they are matched then.

The words themselves are stated.py; this is the act, which matches before it writes.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from azukari.desk import links, respond, stated, tasks
from azukari.desk.office import Office
from azukari.errors import BadInput

Word = tuple[str, str, str]  # question, party or empty, answer


def state(office: Office, incident: str, said: Sequence[Word], by: str, now: int) -> None:
    """Record some words together; durable when it returns, an entry each.

    The duties of every party are matched with these words in them, on today's law, and kept with
    each word as a snapshot.

    Raises:
        Conflict: the incident is closed.
        BadInput: no question of ours, or no answer to it.
        NotFound: no such incident, or a party that has nothing to do with it.
    """
    checked = stated.check(said, now)
    with office.act() as tx:
        tasks.must_be_open(tx, incident)
    before = stated.words_of(office, incident)
    newer = {(question, party) for question, party, _ in checked}
    kept = tuple(one for one in before.every if (one.question, one.party) not in newer)
    new = tuple(stated.Stated(q, party, answer, by, now) for q, party, answer in checked)
    found = respond.respond(
        office,
        incident,
        party=office.city,
        law_on=respond.instant(now).date(),
        words=stated.Words((*kept, *new)),
    )
    for _, party, _ in checked:
        if party:
            links.link_of(found.links, party)
    _in_time(found.links, respond.recorded_at(office, found.incident.act), checked)
    stated.record(office, incident, checked, by, _snapshot(found.links))


def _in_time(every: Sequence[links.Link], recorded: int, said: Sequence[Word]) -> None:
    """Nobody knew later than they told of it: what is said so would move a deadline away."""
    for question, party, answer in said:
        if question != stated.KNEW or answer == "unknown":
            continue
        one = links.link_of(every, party)
        told = recorded if one is every[0] else one.told_at
        if told is not None and int(answer) > told:
            raise BadInput("time", "a party knew before it told of it, or wrote it down")


def _snapshot(every: Sequence[links.Link]) -> bytes:
    """What each party's duties were matched to, with the facts and the texts they stood on."""
    matched = [
        {
            "duties": [msgspec.Raw(duty.snapshot.encode()) for duty in link.duties],
            "known_at": link.known_at,
            "party": link.party,
            "states": {duty.id: duty.state for duty in link.duties},
            "told_at": link.told_at,
        }
        for link in every
    ]
    return msgspec.json.encode(matched, order="sorted")
