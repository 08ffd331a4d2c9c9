"""What records tell for the nine items of a report: its course, kinds, persons, states of keys.

Where the lost carriers are of several rolls, each roll has its own numbers under its own heading,
and nothing is added up: an ordinal of one roll is another person's in the next.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping

from azukari.incident.case import Basis, Case, LostCarrier, OnRecord, Statement
from azukari.incident.impact import Count, Impact, Sensitivity
from azukari.incident.rolls import numbered
from azukari.incident.sentences import Value


def statements(case: Case) -> Mapping[int, tuple[Statement, ...]]:
    """What is recorded, by the number of the item."""
    return {
        1: _outline(case),
        2: _kinds(case),
        3: _persons(case),
        5: _damage(case),
        8: tuple(map(_measure, case.measures)),
    }


def filed(case: Case) -> tuple[Statement, ...]:
    """What the final report says of the prompt one: when it was filed, or that nobody said so."""
    if case.prompt_filed_at is None:
        return (Statement("outline.prompt_not_filed", (), "record"),)
    return (Statement("outline.prompt_filed", (("at", case.prompt_filed_at),), "record"),)


def _measure(one: OnRecord) -> Statement:
    values: tuple[tuple[str, Value], ...] = (
        ("control", f"control.{one.control}"),
        ("owner", f"who.{one.owner}"),
        ("due_at", one.due_at),
        ("stands", f"measure.{one.state}"),
    )
    return Statement("measures.one", values, "record")


def _outline(case: Case) -> tuple[Statement, ...]:
    labels = "、".join(one.label for one in case.lost)
    found = [
        Statement("outline.lost", (("carriers", len(case.lost)), ("labels", labels)), "record"),
        Statement("outline.known", (("party", case.party), ("at", case.known_at)), "record"),
    ]
    for one in case.lost:
        label: tuple[str, Value] = ("label", one.label)
        revoked = "outline.revoked" if one.restored_at is None else "outline.revoked_once"
        course: tuple[tuple[str, dt.datetime | None, Basis], ...] = (
            ("outline.held", one.last_held_at, "person"),
            ("outline.noticed", one.noticed_at, "person"),
            ("outline.declared", one.declared_at, "ledger"),
            (revoked, one.revoked_at, "ledger"),
            (_found(one), one.found_at, "record"),
            ("outline.restored", one.restored_at, "ledger"),
        )
        told = [(code, at, basis) for code, at, basis in course if at is not None]
        found += [Statement(code, (label, ("at", at)), basis) for code, at, basis in told]
        if one.revoked_at is None:
            found.append(Statement("outline.not_revoked", (label,), "ledger"))
    return tuple(found)


def _found(one: LostCarrier) -> str:
    return "outline.found" if one.medium_found else "outline.found_copy"


def _kinds(case: Case) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for one, heading in numbered(case.rolls):
        found += _heading(heading)
        found += _kinds_of(one.impact)
    return (*found, *_apart(case), Statement("kinds.sealed", (), "design"))


def _kinds_of(counted: Impact) -> Iterator[Statement]:
    for kind, count in counted.by_kind.items():
        values = (("kind", f"kind.{kind.value}"), *_of(count))
        yield Statement("kinds.one", values, "counterfoil")
    special = counted.by_sensitivity.get(Sensitivity.SPECIAL_CARE)
    if special is not None:
        yield Statement("kinds.special_care", _of(special), "counterfoil")
    for one in counted.by_carrier:
        if one.not_counted:
            files = (("label", one.label), ("files", one.not_counted))
            yield Statement("kinds.not_known", files, "counterfoil")


def _persons(case: Case) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for one, heading in numbered(case.rolls):
        found += _heading(heading)
        found += _persons_of(one.impact)
    return (*found, *_apart(case))


def _persons_of(counted: Impact) -> Iterator[Statement]:
    total = "persons.at_least" if counted.not_counted else "persons.total"
    # Nobody counted is not a number: where there are files only, no 0 is said.
    if counted.total.persons or not counted.not_counted:
        yield Statement(total, _of(counted.total), "counterfoil")
    if counted.households is not None:
        households = (("households", counted.households),)
        yield Statement("persons.households", households, "counterfoil")
    for one in counted.by_carrier:
        if one.not_counted:
            files = (("label", one.label), ("files", one.not_counted))
            yield Statement("persons.not_counted", files, "counterfoil")
        if one.not_counted and not one.rows:
            continue
        numbers = (("persons", one.total.persons), ("only_here", one.only_here.persons))
        yield Statement("persons.carrier", (("label", one.label), *numbers), "counterfoil")
    if len(counted.by_carrier) > 1 and not counted.not_counted:
        every = (("persons", counted.on_every_carrier.persons),)
        yield Statement("persons.every", every, "counterfoil")


def _damage(case: Case) -> tuple[Statement, ...]:
    """What can have been read: persons by state, parts by state and word, windows still open."""
    found: list[Statement] = []
    for one, heading in numbered(case.rolls):
        found += _heading(heading)
        found += [
            Statement(
                "state.count", (("state", f"state.{state.value}"), *_of(count)), "counterfoil"
            )
            for state, count in one.persons_by_state.items()
            if count.persons
        ]
    found += _apart(case)
    for lost in case.lost:
        own = [state for (carrier, _), state in case.states.items() if carrier == lost.carrier]
        for code, number in sorted(Counter(state.sentence_code for state in own).items()):
            values = (("label", lost.label), ("parts", number), ("state", code))
            basis: Basis = "ledger" if code.endswith(".ledger") else "record"
            found.append(Statement("state.part", values, basis))
        until = [state.open_until for state in own if state.open_until is not None]
        if until:
            at = dt.datetime.fromtimestamp(max(until) / 1000, tz=dt.UTC)
            values_at = (("label", lost.label), ("at", at))
            found.append(Statement("state.open_until", values_at, "ledger"))
    return tuple(found)


def _heading(values: tuple[tuple[str, Value], ...]) -> Iterator[Statement]:
    """Which roll the next numbers are of; nothing where there is one."""
    if values:
        yield Statement("rolls.one", values, "counterfoil")


def _apart(case: Case) -> Iterator[Statement]:
    """That the numbers of several rolls are not one number."""
    if len(case.rolls) > 1:
        yield Statement("rolls.apart", (("rolls", len(case.rolls)),), "counterfoil")


def _of(count: Count) -> tuple[tuple[str, Value], tuple[str, Value]]:
    return ("persons", count.persons), ("suppressed", count.suppressed)
