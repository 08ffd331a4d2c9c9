"""A loss: revoked first, recorded whatever happens, counted exactly, found byte by byte."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.carrier.counterfoil import as_int
from azukari.carrier.life import State
from azukari.desk import audit, loss, respond, stating, tick
from azukari.desk.counterfoil import read_counterfoil
from azukari.errors import BadFormat, BadSignature, Conflict, NotFound, Unreachable
from azukari.incident.facts import DEVICES
from azukari.ledger import acts
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.vault import records


def away(*_: object, **__: object) -> None:
    raise Unreachable("it does not answer")


def state(city: Any, carrier: int = 0) -> str:
    with city.office.act() as tx:
        return str(records.carrier(tx, city.carriers[carrier]).state)


def responded(city: Any, incident: str, **changed: Any) -> Any:
    said = {"party": "架空市"}
    return respond.respond(city.office, incident, **(said | changed))


# -- revoke first


def test_a_declared_loss_is_revoked_before_it_is_recorded(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    revoke, record = at_six.keeper.revoke, loss.record

    def noted(name: str, work: Any) -> Any:
        def worked(*given: Any, **named: Any) -> Any:
            order.append(name)
            return work(*given, **named)

        return worked

    monkeypatch.setattr(at_six.keeper, "revoke", noted("revoked", revoke))
    monkeypatch.setattr(loss, "record", noted("recorded", record))

    incident = at_six.lose()

    assert ["revoked", "recorded"] == order
    assert incident.revoked
    acts = {entry.act for which in ("keys", "office") for entry in at_six.entries(which)
            if entry.type in ("carrier.revoked", "carrier.lost", "incident.opened")}  # fmt: skip
    assert {incident.act} == acts
    assert State.LOST == state(at_six, 0) == state(at_six, 1)


def test_revocation_first_when_the_offices_database_fails(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss is said to be unrecorded; the keys are revoked; the tick writes it down."""
    with monkeypatch.context() as patched:
        patched.setattr(loss, "record", away)
        with pytest.raises(Unreachable):
            at_six.lose()
    assert "carrier.revoked" == at_six.types("keys")[-1]
    assert "carrier.lost" not in at_six.types("office")

    tick.tick(at_six.office)

    assert "carrier.lost" in at_six.types("office")
    assert State.LOST == state(at_six)
    assert [] == audit.audit(at_six.office)


def test_revocation_first_when_the_offices_database_cannot_even_be_read(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id needs no looking up; a label does, and says so."""
    with monkeypatch.context() as patched:
        patched.setattr(records, "carrier", away)
        patched.setattr(loss, "record", away)
        with pytest.raises(Unreachable, match="the carriers are revoked"):
            at_six.lose()
        with pytest.raises(BadFormat):
            loss.declare(at_six.office, ["C-7Q4M-2K"], at_six.declared())

    assert "carrier.revoked" == at_six.types("keys")[-1]
    tick.tick(at_six.office)
    assert [] == audit.audit(at_six.office)


class Killed(BaseException):
    """The program dies here."""


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("ticked", [False, True])
def test_a_loss_said_again_after_a_crash_is_one_incident(
    at_six: Any, monkeypatch: pytest.MonkeyPatch, ticked: bool
) -> None:
    """Killed between the two stores; said again before or after a tick found the revocation."""
    with monkeypatch.context() as patched:
        patched.setattr(loss, "_say", die)
        with pytest.raises(Killed):
            at_six.lose()
    at_six.restart()
    if ticked:
        tick.tick(at_six.office)

    incident = at_six.lose()
    tick.tick(at_six.office)

    assert [incident.incident] == loss.incidents(at_six.office)
    assert at_six.declared() == loss.incident_of(at_six.office, incident.incident)[1]
    assert 1 == at_six.types("keys").count("carrier.revoked")
    # The tick wrote down a loss of which nobody had said anything; what was said then is one more.
    assert 1 + ticked == at_six.types("office").count("carrier.lost")
    assert 1 == at_six.types("office").count("incident.opened")
    assert [] == audit.audit(at_six.office)


def test_other_carriers_in_the_bag_are_a_loss_of_their_own(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(loss, "_say", die)
        with pytest.raises(Killed):
            loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())

    whole = at_six.lose()
    tick.tick(at_six.office)

    assert tuple(at_six.carriers) == whole.carriers
    assert 2 == at_six.types("keys").count("carrier.revoked")
    assert [] == audit.audit(at_six.office)


def test_a_loss_that_was_said_already_is_said_twice_and_counted_twice(at_six: Any) -> None:
    """Only what nobody lived to say goes on; a second declaration is somebody's second word."""
    first, second = at_six.lose(), at_six.lose()

    assert first.incident != second.incident
    assert 2 == at_six.types("keys").count("carrier.revoked")


def test_what_was_restored_since_is_revoked_anew(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The act that died is not taken up again: its revocation was undone by two persons."""
    from azukari.seal import documents as doc

    with monkeypatch.context() as patched:
        patched.setattr(loss, "_say", die)
        with pytest.raises(Killed):
            loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())
    act = next(e.act for e in at_six.entries("keys") if e.type == "carrier.revoked")
    words = [
        doc.issue(
            doc.Restoration(
                id=new_id(),
                carrier=at_six.carriers[0],
                person=at_six.person(name),
                revocation=act,
                at=at_six.clock.now(),
            ),
            at_six.cast.signer(name),
        )
        for name in ("approver_1", "approver_2")
    ]
    at_six.keeper.restore(new_id(), at_six.person("officer"), at_six.carriers[0], words)

    again = loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())

    assert act != again.act
    assert 2 == at_six.types("keys").count("carrier.revoked")


def test_one_carrier_named_twice_is_lost_once(at_six: Any) -> None:
    with at_six.office.act() as tx:
        name = records.carrier(tx, at_six.carriers[0]).label

    incident = loss.declare(
        at_six.office, [name, at_six.carriers[0], *at_six.carriers], at_six.declared()
    )

    assert tuple(at_six.carriers) == incident.carriers
    assert [] == audit.audit(at_six.office)


def test_a_sealing_that_broke_off_does_not_stop_the_count_of_a_bag(at_six: Any) -> None:
    with at_six.office.act() as tx:
        records.change_carrier(
            tx, at_six.carriers[1], state=State.SEALING, counterfoil=None, envelope=None
        )

    incident = at_six.lose()

    assert incident.revoked
    assert responded(at_six, incident.incident).rolls[0].impact.total.persons


def test_attack_a_key_service_that_forgot_is_behind(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.errors import LedgerBehind

    at_six.ask()
    head = at_six.keeper.head()
    older = type(head)(origin=head.origin, size=head.size - 1, root=head.root)
    monkeypatch.setattr(at_six.keeper, "head", lambda: older)

    with pytest.raises(LedgerBehind), at_six.office.act() as tx:
        at_six.office.keys_head(tx)
    assert at_six.lose().revoked
    assert "carrier.lost" in at_six.types("office")
    tick.tick(at_six.office)


def test_a_key_service_that_does_not_answer_leaves_the_revocation_owed(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(at_six.keeper, "revoke", away)
        incident = at_six.lose()
        assert not incident.revoked
        assert [] == tick.tick(at_six.office).finished
        assert audit.audit(at_six.office)
    found, _ = loss.incident_of(at_six.office, incident.incident)
    assert not found.revoked

    assert [incident.act] == tick.tick(at_six.office).finished

    found, _ = loss.incident_of(at_six.office, incident.incident)
    assert found.revoked
    assert [] == audit.audit(at_six.office)
    assert [] == tick.tick(at_six.office).finished


def test_clock_set_back_everywhere_a_loss_is_declared_all_the_same(at_six: Any) -> None:
    at_six.clock.set("2022-04-01 00:00")

    incident = at_six.lose()

    assert incident.revoked
    assert ["incident.opened", "duty.matched"] == at_six.types("office")[-2:]


@pytest.mark.parametrize("before", ["sealed", "travelling", "returned", "lost"])
def test_whatever_became_of_a_carrier_it_can_be_lost(city: Any, before: str) -> None:
    from azukari.desk.custody import pass_on

    hand = city.cast.hand
    if before in ("travelling", "returned"):
        pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))
    if before == "returned":
        pass_on(city.office, city.carriers[0], "return", hand("engineer"), hand("clerk"))
    if before == "lost":
        city.lose()

    incident = city.lose()

    assert incident.revoked
    assert State.LOST == state(city)
    assert [] == audit.audit(city.office)


def test_a_carrier_nobody_knows_is_not_found(city: Any) -> None:
    with pytest.raises(NotFound):
        loss.declare(city.office, [new_id()], city.declared())


def test_carriers_are_known_by_their_labels_too(city: Any) -> None:
    with city.office.act() as tx:
        name = records.carrier(tx, city.carriers[0]).label

    incident = loss.declare(city.office, [name.lower()], city.declared())

    assert (city.carriers[0],) == incident.carriers


def test_an_unknown_incident(city: Any) -> None:
    with pytest.raises(NotFound):
        loss.incident_of(city.office, new_id())


# -- count


def test_impact_from_the_counterfoil_equals_brute_force(at_six: Any) -> None:
    """Persons per kind, from the carrier's own parts, opened and joined back by hand."""
    register = at_six.open_roll().register.to_pylist()
    incident = at_six.lose()

    found = responded(at_six, incident.incident).rolls[0].impact

    hidden_homes = {row["household"] for row in register if row["suppressed"]}
    everybody = len(register)
    open_ = sum(row["household"] not in hidden_homes for row in register)
    persons = {kind.value: count.persons for kind, count in found.by_kind.items()}
    assert everybody == found.total.persons
    assert sum(row["suppressed"] for row in register) == found.total.suppressed
    assert {everybody} == {persons[kind] for kind in ("name", "kana", "birth")}
    assert {open_} == {persons[kind] for kind in ("postal", "answer")}


def test_two_carriers_in_one_bag_count_nobody_twice(at_six: Any) -> None:
    one = loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())
    both = at_six.lose()

    single, double = (responded(at_six, i.incident).rolls[0].impact for i in (one, both))

    assert single.total.persons == double.total.persons


def test_canaries_are_no_persons(at_six: Any) -> None:
    foil = read_counterfoil(at_six.office, at_six.carriers[0])
    table = foil.tables[0]

    assert 8 == len(table.canaries)
    assert len(at_six.open_roll().register) == as_int(table.sets["all"]).bit_count()


def test_an_edited_counterfoil_is_not_read(at_six: Any) -> None:
    with at_six.office.act() as tx:
        raw = bytes(records.carrier(tx, at_six.carriers[0]).counterfoil)
        other = bytes(records.carrier(tx, at_six.carriers[1]).counterfoil)
    from azukari.errors import AzukariError

    for wrong in (raw[:-1] + bytes([raw[-1] ^ 1]), other, raw[:100]):
        with at_six.office.act() as tx:
            records.change_carrier(tx, at_six.carriers[0], counterfoil=wrong)
        with pytest.raises(AzukariError):
            read_counterfoil(at_six.office, at_six.carriers[0])


# -- the five states


def test_a_carrier_that_was_never_opened_was_never_released(at_six: Any) -> None:
    at_six.ask()
    found = responded(at_six, at_six.lose().incident)

    backup = {s.state.value for (c, _), s in found.states.items() if c == at_six.carriers[1]}
    main = {s.state.value for (c, _), s in found.states.items() if c == at_six.carriers[0]}
    assert {"never_released"} == backup
    assert main == {"never_released", "released_travelled"}  # the reason is the supervisor's
    keys = at_six.entries("keys")
    assert acts.fate(keys, at_six.carriers[1]).never_released(len(keys))
    assert not acts.fate(keys, at_six.carriers[0]).never_released(len(keys))


@pytest.mark.parametrize(
    ("bag", "accounted", "state_"),
    [
        (None, True, "released_travelled"),  # not known counts as yes
        (True, True, "released_travelled"),
        (False, True, "released_device_accounted_for"),
        (False, None, "released_no_receipt"),
    ],
)
def test_the_state_rests_on_what_was_said(
    at_six: Any, bag: bool | None, accounted: bool | None, state_: str
) -> None:
    at_six.ask()
    incident = at_six.lose(in_the_bag=bag)

    if accounted:
        said = (DEVICES, "", "yes")
        by = at_six.person("officer")
        stating.state(at_six.office, incident.incident, [said], by, at_six.clock.now())

    found = responded(at_six, incident.incident)

    assert state_ in {s.state.value for s in found.states.values()}


# -- found


def find(city: Any, carrier: int = 0, name: str = "officer", key: str | None = None) -> Any:
    return loss.find(
        city.office,
        city.carriers[carrier],
        city.media[carrier],
        city.person(name),
        city.cast.signer(key or name),
    )[0]


def test_a_carrier_found_as_it_was_is_unchanged_to_the_last_byte(at_six: Any) -> None:
    at_six.lose()

    report = find(at_six)

    assert report.unchanged
    assert {"unchanged"} == set(report.parts.values()) | set(report.pages.values())
    assert ["carrier.found", "carrier.inspected"] == at_six.types("office")[-2:]


@pytest.mark.parametrize("change", ["part", "page", "envelope", "foreign", "missing"])
def test_whatever_was_touched_is_named(at_six: Any, change: str) -> None:
    at_six.lose()
    root = at_six.media[0]
    part = next((root / "azukari").glob("[0-9]*.azs"))
    match change:
        case "part":
            part.write_bytes(part.read_bytes()[::-1])
        case "page":
            (root / "READ-ME.txt").write_bytes(b"call me instead")
        case "envelope":
            (root / "azukari" / "envelope.json").unlink()
        case "foreign":
            (root / "virus.exe").write_bytes(b"")
        case "missing":
            part.unlink()

    report = find(at_six)

    assert not report.unchanged
    assert (change == "foreign") == (report.foreign == 1)
    if change in ("part", "missing"):
        assert {"part": "changed"}.get(change, change) == report.parts[part.stem]


def test_as_without_the_key(at_six: Any) -> None:
    at_six.lose()

    with pytest.raises(BadSignature):
        find(at_six, key="clerk")

    assert State.LOST == state(at_six)


def test_what_was_not_lost_is_not_found(at_six: Any) -> None:
    with pytest.raises(Conflict):
        find(at_six)


def test_a_found_carrier_stays_revoked(at_six: Any) -> None:
    from azukari.errors import Refused

    at_six.lose()
    find(at_six)
    at_six.clock.set("2022-06-21 18:30")

    with pytest.raises(Refused, match="carrier_is_revoked"):
        at_six.ask(not_after=ms("2022-06-21 20:00"))


def test_the_state_at_the_time_of_the_loss_is_not_improved_by_what_came_after(
    at_six: Any,
) -> None:
    """The exemption asks how it was then; a key destroyed the day after was out that night."""
    from azukari.desk import erase
    from azukari.desk.grant import take_receipt

    grant, device = at_six.ask(), at_six.open_device()
    at_six.clock.set("2022-06-22 03:10")
    incident = at_six.lose(in_the_bag=False).incident
    receipt, lines = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)
    take_receipt(at_six.office, receipt, lines)

    found = responded(at_six, incident)

    assert {"never_released", "released_key_destroyed"} == {
        one.state.value for one in found.states.values()
    }
    assert {"never_released", "released_no_receipt"} == {
        one.state.value for one in found.then.values()
    }
    codes = {dict(one.values).get("state") for one in found.case.evidence}
    assert "state.released_no_receipt" in codes


def test_a_key_destroyed_before_it_was_lost_was_destroyed_then(at_six: Any) -> None:
    from azukari.desk import erase
    from azukari.desk.grant import take_receipt

    grant, device = at_six.ask(), at_six.open_device()
    receipt, lines = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)
    take_receipt(at_six.office, receipt, lines)
    at_six.clock.set("2022-06-22 03:10")

    found = responded(at_six, at_six.lose(in_the_bag=False).incident)

    assert found.states == found.then


def test_what_was_released_after_it_was_lost_was_not_out_then(at_six: Any) -> None:
    at_six.ask()
    told = {"lost_before": ms("2022-06-21 17:00"), "last_held_at": ms("2022-06-21 16:00")}

    found = responded(at_six, at_six.lose(in_the_bag=False, **told).incident)

    assert {"never_released"} == {one.state.value for one in found.then.values()}
    assert {"never_released"} != {one.state.value for one in found.states.values()}
