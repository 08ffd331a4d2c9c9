"""A false alarm is undone by two persons, stays in the history, and the carrier goes on."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.carrier.life import State
from azukari.desk import audit, loss, papers, restored, tick
from azukari.desk.custody import pass_on
from azukari.desk.respond import respond
from azukari.errors import BadSignature, Conflict, Refused, Unreachable
from azukari.incident.form import lines
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.vault import records, schema


def state(city: Any, carrier: int = 0) -> str:
    with city.office.act() as tx:
        return str(records.carrier(tx, city.carriers[carrier]).state)


def restore(city: Any, revocation: str, *names: str, carrier: int = 0) -> None:
    """At the key service, on the signed words of these persons."""
    words = [
        doc.issue(
            doc.Restoration(
                id=new_id(),
                carrier=city.carriers[carrier],
                person=city.person(name),
                revocation=revocation,
                at=city.clock.now(),
            ),
            city.cast.signer(name),
        )
        for name in names or ("approver_1", "approver_2")
    ]
    city.keeper.restore(new_id(), city.person("officer"), city.carriers[carrier], words)


def due(city: Any) -> list[tuple[str, str]]:
    rows = schema.due.c
    with city.office.act() as tx:
        found = tx.execute(schema.due.select().where(rows.done.is_(None))).all()
    return [(row.subject, row.what) for row in found if row.subject in city.carriers]


def test_it_goes_on_where_it_was(at_six: Any) -> None:
    incident = at_six.lose()
    assert [] == due(at_six)
    restore(at_six, incident.act)

    ticked = tick.tick(at_six.office)

    assert 1 == len(ticked.finished)
    assert (State.RECEIVED, State.LOST) == (state(at_six, 0), state(at_six, 1))
    assert [(at_six.carriers[0], "return")] == due(at_six)
    at_six.ask()
    hand = at_six.cast.hand
    pass_on(at_six.office, at_six.carriers[0], "return", hand("supervisor"), hand("clerk"))
    assert State.RETURNED == state(at_six)
    assert [] == audit.audit(at_six.office)


def test_it_stays_in_both_ledgers(at_six: Any) -> None:
    incident = at_six.lose()
    restore(at_six, incident.act)

    restored.follow(at_six.office)

    for which in ("office", "keys"):
        kinds = [
            entry.type
            for entry in at_six.entries(which)
            if at_six.carriers[0] in entry.refs and entry.type.startswith("carrier.")
        ]
        assert "carrier.restored" == kinds[-1]
        assert {"carrier.lost", "carrier.revoked"} & set(kinds)
    acts = {
        entry.act
        for which in ("office", "keys")
        for entry in at_six.entries(which)
        if entry.type == "carrier.restored"
    }
    assert 1 == len(acts)


def told(city: Any, incident: str) -> Any:
    found = respond(city.office, incident, party="架空市")
    return papers.telling_of(city.office, found)


def said(telling: Any, kind: str) -> str:
    return "\n".join(lines(papers.form_of(telling, kind, "ja")))


@pytest.mark.real
def test_no_paper_looks_for_what_was_a_false_alarm(at_six: Any) -> None:
    """Nor says that its keys are released no more."""
    incident = at_six.lose()
    for carrier in (0, 1):
        restore(at_six, incident.act, carrier=carrier)
    restored.follow(at_six.office)

    telling = told(at_six, incident.incident)

    assert telling.false_alarm
    assert not telling.found
    for kind in papers.KINDS:
        assert "所在不明" not in said(telling, kind)
        assert "見つかっていません" not in said(telling, kind)
        assert "以後、鍵は渡されない" not in said(telling, kind)
    assert "媒体の紛失が誤りであった" in papers.form_of(telling, "press", "ja").title
    assert "誤りとして取り消した時刻" in said(telling, "prompt")


@pytest.mark.real
def test_where_one_of_two_is_restored_the_other_is_looked_for_still(at_six: Any) -> None:
    incident = at_six.lose()
    restore(at_six, incident.act)
    restored.follow(at_six.office)

    telling = told(at_six, incident.incident)

    assert (1, False, False) == (telling.restored, telling.found, telling.false_alarm)
    assert telling.revoked_at is not None
    assert "媒体はまだ見つかっていません" in said(telling, "press")
    assert "媒体1点は、紛失が誤り" in said(telling, "press")
    assert "所在不明" in said(telling, "brief")
    assert "封緘物1点の紛失は、誤りとして" in said(telling, "brief")


@pytest.mark.real
def test_what_is_lost_again_after_a_false_alarm_is_missing(at_six: Any) -> None:
    restore(at_six, at_six.lose().act)
    restored.follow(at_six.office)
    at_six.clock.set("2022-06-21 19:00")

    telling = told(at_six, at_six.lose().incident)

    assert 0 == telling.restored
    assert all(one.missing for one in telling.case.lost)


def test_once(at_six: Any) -> None:
    restore(at_six, at_six.lose().act)

    assert 1 == len(restored.follow(at_six.office))
    assert [] == restored.follow(at_six.office)
    assert 1 == at_six.types("office").count("carrier.restored")


def test_what_never_left_the_office_is_to_be_handed_over_again(city: Any) -> None:
    restore(city, loss.declare(city.office, city.carriers[:1], city.declared()).act)
    assert [(city.carriers[1], "receive")] == due(city)

    restored.follow(city.office)

    assert State.SEALED == state(city)
    assert [(city.carriers[1], "receive"), (city.carriers[0], "receive")] == due(city)


def test_a_late_return_is_late_again(at_six: Any) -> None:
    incident = at_six.lose()
    restore(at_six, incident.act)
    at_six.clock.set("2022-06-21 23:00")

    tick.tick(at_six.office)  # brings it back
    alarms = tick.tick(at_six.office).alarms

    assert at_six.carriers[0] in alarms


def test_on_its_way_it_is_waited_for_again(city: Any) -> None:
    hand = city.cast.hand
    pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))
    restore(city, loss.declare(city.office, city.carriers[:1], city.declared()).act)

    restored.follow(city.office)

    assert State.TRAVELLING == state(city)
    assert [(city.carriers[1], "receive"), (city.carriers[0], "receive")] == due(city)


def test_attack_restore_by_one_person(at_six: Any) -> None:
    """One hand, twice or with a second key of nobody else: nothing is restored anywhere."""
    incident = at_six.lose()
    for names in (("approver_1",), ("approver_1", "approver_1"), ("approver_1", "operator")):
        with pytest.raises((Refused, BadSignature)):
            restore(at_six, incident.act, *names)

    assert [] == restored.follow(at_six.office)
    assert State.LOST == state(at_six)
    assert "carrier.restored" not in at_six.types("keys")
    with pytest.raises(Refused):
        at_six.ask()


def test_attack_an_older_restoration_brings_nothing_back_from_a_newer_loss(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost, restored, lost again while the key service is away: its newest word is *restored*."""
    restore(at_six, at_six.lose().act)
    restored.follow(at_six.office)
    assert State.RECEIVED == state(at_six)

    def away(*_: object, **__: object) -> None:
        raise Unreachable("it does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(at_six.keeper, "revoke", away)
        again = at_six.lose()
        assert not again.revoked
        assert [] == restored.follow(at_six.office)
    assert State.LOST == state(at_six)

    tick.tick(at_six.office)

    assert State.LOST == state(at_six)
    assert (
        "carrier.revoked"
        == [
            entry.type
            for entry in at_six.entries("keys")
            if entry.type in ("carrier.revoked", "carrier.restored")
        ][-1]
    )


def test_attack_shred_through_a_loss(at_six: Any) -> None:
    """Declaring a loss destroys nothing: no step, tick or discarding shreds what was declared lost.

    Else whoever may declare could destroy the only copy of what a carrier holds.
    """
    incident = at_six.lose()
    hand = at_six.cast.hand
    for step, giver, taker in (("return", "supervisor", "clerk"), ("hand-over", "clerk", "clerk")):
        with pytest.raises((Conflict, Refused)):
            pass_on(at_six.office, at_six.carriers[0], step, hand(giver), hand(taker))
    tick.tick(at_six.office)
    tick.tick(at_six.office)

    shredded = [
        ref
        for entry in at_six.entries("keys")
        if entry.type == "key.shredded"
        for ref in entry.refs
    ]
    assert not set(at_six.carriers) & set(shredded)
    restore(at_six, incident.act)
    restored.follow(at_six.office)
    assert at_six.ask()  # its key is whole
