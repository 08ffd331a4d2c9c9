"""What the key service gives and what it refuses, by the whole path a grant takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from azukari.errors import BadFormat, ClockBehind, Conflict, NotFound, Refused
from azukari.keys.client import BoundPart, GrantAsk, Sealed
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import Use
from azukari.seal.grant import open_grant, read_grant
from azukari.shelf import keyring
from azukari.vault import schema

ANSWER = BoundPart("0001", "households", ("answer",), ("operator", "supervisor"))


def last_ask(city: Any) -> GrantAsk:
    """The newest question that the office kept."""
    with city.office.act() as tx:
        rows = tx.execute(select(schema.grant.c.ask)).scalars().all()
    return msgspec.json.decode(rows[-1], type=GrantAsk)


def asked_with(city: Any, **changed: Any) -> GrantAsk:
    """The evening's question with another opening, not asked yet."""
    act = new_id()
    city.ask(act=act)
    ask = last_ask(city)
    return dataclasses.replace(ask, opening=dataclasses.replace(ask.opening, **changed))


def opened(city: Any, grant: bytes) -> Any:
    device = city.open_device()
    outer = read_grant(grant, device.trust.key(Use.GRANT, city.clock.now()))
    return open_grant(outer, keyring.one_time_key(device.one_time_key(outer.key)))


def test_a_grant_opens_the_parts_of_its_role_only(at_six: Any) -> None:
    operator = opened(at_six, at_six.ask())
    at_six.close()
    at_six.open()
    supervisor = opened(
        at_six,
        at_six.ask(
            role="supervisor",
            person=at_six.person("supervisor"),
            one_time_key=at_six.one_time_keys[1],
        ),
    )

    fewer, more = ({line.part for line in body.parts} for body in (operator, supervisor))
    assert "m" in fewer
    assert fewer < more


def test_a_key_is_in_the_ledger_before_it_is_given(at_six: Any) -> None:
    at_six.ask()

    released = [entry for entry in at_six.entries("keys") if entry.type == "key.released"]
    assert 1 == len(released)
    assert released[0].refs[0] == at_six.carriers[0]
    assert at_six.person("operator") in released[0].refs


def test_same_act_asked_twice(at_six: Any) -> None:
    """No second entry, and a grant that only the same one-time key opens."""
    act = new_id()
    first = opened(at_six, at_six.ask(act=act))
    before = at_six.types("keys")
    at_six.restart()

    again = at_six.keeper.grant(act, at_six.person("clerk"), last_ask(at_six))

    assert before == at_six.types("keys")
    assert first == opened(at_six, again)


@pytest.mark.parametrize("change", ["one_time_key", "person", "role", "not_after"])
def test_same_act_with_another_question(at_six: Any, change: str) -> None:
    act = new_id()
    at_six.ask(act=act)
    ask = last_ask(at_six)
    other: dict[str, Any] = {
        "one_time_key": at_six.one_time_keys[1],
        "person": at_six.person("hidden"),
        "role": "supervisor",
        "not_after": ms("2022-06-21 19:00"),
    }
    changed = dataclasses.replace(ask.opening, **{change: other[change]})
    before = at_six.types("keys")

    with pytest.raises(Conflict):
        at_six.keeper.grant(act, at_six.person("clerk"), dataclasses.replace(ask, opening=changed))

    assert before == at_six.types("keys")


def test_a_refused_act_stays_refused_and_is_one_entry(at_six: Any) -> None:
    """Otherwise the office's ledger would say refused and the keys' released, of one act."""
    act, by = new_id(), at_six.person("clerk")
    good = asked_with(at_six, one_time_key=at_six.one_time_keys[1])
    later = dataclasses.replace(good.opening, not_before=1)
    bad = dataclasses.replace(good, opening=later)
    for _ in range(2):
        with pytest.raises(Refused, match="window_outside_order"):
            at_six.keeper.grant(act, by, bad)

    with pytest.raises(Conflict):
        at_six.keeper.grant(act, by, good)

    assert 1 == at_six.types("keys").count("key.refused")
    assert 1 == at_six.types("keys").count("key.released")  # the one before


def test_one_time_key_used_twice(at_six: Any) -> None:
    at_six.ask()

    with pytest.raises(Refused, match="one_time_key_used"):
        at_six.ask()


def test_new_grant_after_revocation(at_six: Any) -> None:
    at_six.lose()

    with pytest.raises(Refused, match="carrier_is_revoked"):
        at_six.ask()

    assert "key.released" not in at_six.types("keys")


def test_same_act_asked_after_revocation(at_six: Any) -> None:
    act = new_id()
    at_six.ask(act=act)
    at_six.lose()

    for _ in range(2):
        with pytest.raises(Refused, match="carrier_is_revoked"):
            at_six.keeper.grant(act, at_six.person("clerk"), last_ask(at_six))

    types = at_six.types("keys")
    assert types.index("key.released") < types.index("carrier.revoked")
    assert 1 == types.count("key.refused")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"device": new_id()}, "device_unknown"),
        ({"person": "hidden"}, "person_not_of_recipient"),
        ({"person": "engineer"}, "person_not_of_recipient"),
        ({"person": new_id()}, "person_unknown"),
        ({"role": "supervisor"}, "role_not_allowed"),
        ({"one_time_key": new_id()}, "one_time_key_unknown"),
        ({"not_after": ms("2022-06-22 20:30")}, "window_outside_order"),
        ({"not_before": ms("2022-06-20 20:30")}, "window_outside_order"),
    ],
)
def test_attack_ask_for_what_the_order_does_not_say(
    at_six: Any, changed: dict[str, Any], why: str
) -> None:
    """Device never enrolled, party outside the chain, edited dates: each named, none released."""
    people = at_six.cast.people
    ask = {key: people.get(value, value) for key, value in changed.items()}

    with pytest.raises(Refused) as refused:
        at_six.ask(**ask)

    assert why in refused.value.reasons
    assert "key.released" not in at_six.types("keys")
    assert "key.refused" == at_six.types("keys")[-1]
    assert "grant.refused" == at_six.types("office")[-1]


def test_an_id_that_is_none_does_not_reach_the_ledger(at_six: Any) -> None:
    marker = "架空　太郎"

    with pytest.raises(Refused):
        at_six.keeper.grant(
            new_id(), at_six.person("clerk"), asked_with(at_six, device=marker, person=marker)
        )

    assert marker.encode() not in b"".join(at_six.keeper.entries(0))


def test_attack_a_grant_for_a_copy_with_another_content(at_six: Any) -> None:
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1])
    other = dataclasses.replace(ask, envelope_sha256="0" * 64)

    with pytest.raises(Refused, match="carrier_is_bound_to_another_content"):
        at_six.keeper.grant(new_id(), at_six.person("clerk"), other)


def test_attack_an_order_of_ones_own_in_the_question(at_six: Any) -> None:
    """The keeper's own copy decides; a wider one in the question does not count."""
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1], not_after=ms("2022-06-29 10:00"))
    wider = msgspec.structs.replace(at_six.order, return_by=ms("2022-06-30 10:00"))
    lying = dataclasses.replace(ask, opening=dataclasses.replace(ask.opening, order=wider))

    with pytest.raises(Refused, match="window_outside_order"):
        at_six.keeper.grant(new_id(), at_six.person("clerk"), lying)


def test_attack_an_order_of_another_carrier(at_six: Any) -> None:
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1])
    other = msgspec.structs.replace(at_six.order, id=new_id())
    lying = dataclasses.replace(ask, opening=dataclasses.replace(ask.opening, order=other))

    with pytest.raises(Refused, match="carrier_of_another_order"):
        at_six.keeper.grant(new_id(), at_six.person("clerk"), lying)


def test_a_journal_key_that_is_none_is_refused_before_anything_is_released(at_six: Any) -> None:
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1])
    before = at_six.types("keys")

    with pytest.raises(BadFormat):
        at_six.keeper.grant(
            new_id(), at_six.person("clerk"), dataclasses.replace(ask, journal_key=b"none")
        )

    assert before == at_six.types("keys")


@pytest.mark.parametrize(
    "changed",
    [{"chain_length": 1 << 60}, {"chain_length": -1}, {"chain_head": "\ud800"}, {"chain_head": ""}],
)
def test_attack_a_grant_that_no_device_could_read_uses_up_no_key(
    at_six: Any, changed: dict[str, Any]
) -> None:
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1])
    before = at_six.types("keys")

    with pytest.raises(BadFormat):
        at_six.keeper.grant(new_id(), at_six.person("clerk"), dataclasses.replace(ask, **changed))

    assert before == at_six.types("keys")


def test_grant_after_its_end(at_six: Any) -> None:
    at_six.clock.set("2022-06-21 20:31")

    with pytest.raises(Refused, match="window_outside_order"):
        at_six.ask()


def test_old_status_statement(at_six: Any) -> None:
    """No word from the city for more than a day: silence is not consent."""
    at_six.clock.set("2022-06-22 10:01")

    with pytest.raises(Refused, match="status_old"):
        at_six.ask(not_after=ms("2022-06-22 11:00"))


def test_clock_set_back_on_the_key_service(at_six: Any) -> None:
    """Nothing is released; revoking still works."""
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1])
    at_six.clock.set("2022-06-21 16:00")
    acts: list[Callable[[], object]] = [
        lambda: at_six.keeper.grant(new_id(), at_six.person("clerk"), ask),
        lambda: at_six.keeper.create(new_id(), at_six.person("clerk"), new_id(), None),
        lambda: at_six.keeper.release_to_seal(new_id(), at_six.person("clerk"), at_six.roll),
    ]
    for deed in acts:
        with pytest.raises(ClockBehind):
            deed()

    at_six.keeper.revoke(new_id(), at_six.person("officer"), at_six.carriers, None)

    assert "carrier.revoked" == at_six.types("keys")[-1]


def test_order_used_up(city: Any) -> None:
    """A third carrier, also after one of the two was returned and its key destroyed."""
    by = city.person("clerk")
    with pytest.raises(Refused, match="order_used_up"):
        city.keeper.create(new_id(), by, new_id(), city.order.id)
    city.keeper.shred(new_id(), by, city.carriers[0])

    with pytest.raises(Refused, match="order_used_up"):
        city.keeper.create(new_id(), by, new_id(), city.order.id)

    assert 2 == city.types("keys").count("key.bound")


def test_a_sealing_that_broke_off_does_not_use_the_order_up(city: Any) -> None:
    by, order = city.person("clerk"), approved(city)
    for _ in range(3):
        carrier = new_id()
        city.keeper.create(new_id(), by, carrier, order.id)
        city.keeper.shred(new_id(), by, carrier)

    city.keeper.create(new_id(), by, new_id(), order.id)


def test_a_carriers_id_is_never_used_again(city: Any) -> None:
    by = city.person("clerk")
    for carrier in (city.carriers[0], city.roll):
        with pytest.raises(Conflict):
            city.keeper.create(new_id(), by, carrier, None)


def test_making_a_carrier_twice_by_one_act_is_once(city: Any) -> None:
    act, carrier = new_id(), new_id()
    for _ in range(2):
        city.keeper.create(act, city.person("clerk"), carrier, None)

    assert "key.created" == city.types("keys")[-1]
    assert 1 == sum(carrier in entry.refs for entry in city.entries("keys"))


def test_a_key_left_by_a_crash_before_its_row_does_not_block_the_act(city: Any) -> None:
    act, carrier = new_id(), new_id()
    city.keeper._open().wrap_new(carrier, bytes(32))

    city.keeper.create(act, city.person("clerk"), carrier, None)

    assert 32 == len(city.keeper.release_to_seal(act, city.person("clerk"), carrier))


def test_key_of_a_sealed_carrier_asked_again(city: Any) -> None:
    by = city.person("clerk")
    with pytest.raises(Refused, match="carrier_is_bound"):
        city.keeper.release_to_seal(new_id(), by, city.carriers[0])

    assert "key.refused" == city.types("keys")[-1]


def test_a_carrier_is_sealed_by_the_act_that_made_it_only(city: Any) -> None:
    order, carrier = approved(city), new_id()
    city.keeper.create(new_id(), city.person("clerk"), carrier, order.id)

    with pytest.raises(Refused, match="carrier_is_created"):
        city.keeper.release_to_seal(new_id(), city.person("clerk"), carrier)


def test_attack_suspend_between_making_and_sealing(city: Any) -> None:
    """An order that was good when the carrier was made is asked again before its key goes out."""
    order, carrier, act = approved(city), new_id(), new_id()
    city.keeper.create(act, city.person("clerk"), carrier, order.id)
    suspend(city, "centre")

    with pytest.raises(Refused, match="agreement_suspended"):
        city.keeper.release_to_seal(act, city.person("clerk"), carrier)

    assert "key.released.seal" not in city.types("keys")[-2:]


def test_an_order_without_approvals_makes_no_key(city: Any) -> None:
    order = city.new_order(requested_at=city.clock.now(), **LATER)
    city.keeper.believe(evidence(city, order))

    with pytest.raises(Refused, match="approvals_missing"):
        city.keeper.create(new_id(), city.person("clerk"), new_id(), order.id)
    with pytest.raises(Refused, match="order_unknown"):
        city.keeper.create(new_id(), city.person("clerk"), new_id(), new_id())


# -- binding

LATER = {
    "receive_by": ms("2022-06-22 18:00"),
    "return_by": ms("2022-06-22 20:00"),
    "expires_at": ms("2022-06-30 17:00"),
}


def approved(city: Any) -> Any:
    """Another order of the evening, approved twice and known to the key service."""
    order = city.new_order(**LATER)
    city.keeper.believe(evidence(city, order))
    city.keeper.believe([city.approval(order, name) for name in ("approver_1", "approver_2")])
    return order


def evidence(city: Any, order: Any) -> list[bytes]:
    from azukari.desk.order import evidence

    return evidence(city.office, order.id)


def suspend(city: Any, party: str) -> None:
    word = doc.Suspension(id=new_id(), agreement=city.agreements[party], at=city.clock.now())
    city.keeper.believe([city.by_order_key(word)])


@pytest.fixture
def unbound(city: Any) -> tuple[Any, str, str]:
    """A carrier with a key and no content yet, and the act that made it."""
    order, carrier, act = approved(city), new_id(), new_id()
    city.keeper.create(act, city.person("clerk"), carrier, order.id)
    return city, act, carrier


def bind(unbound: tuple[Any, str, str], *parts: BoundPart, rows: Any = None, **other: Any) -> None:
    city, act, carrier = unbound
    sealed = Sealed("a" * 64, parts, {"households": 1} if rows is None else rows)
    sealed = dataclasses.replace(sealed, **{k: v for k, v in other.items() if k != "act"})
    city.keeper.bind(other.get("act", act), city.person("clerk"), carrier, sealed)


def test_binding_once_and_again_with_the_same_content(unbound: tuple[Any, str, str]) -> None:
    bind(unbound, ANSWER)
    bind(unbound, ANSWER)

    assert 1 == sum(
        entry.type == "key.bound" and unbound[2] in entry.refs
        for entry in unbound[0].entries("keys")
    )


def test_envelope_of_another_order_bound_twice(unbound: tuple[Any, str, str]) -> None:
    bind(unbound, ANSWER)

    with pytest.raises(Conflict):
        bind(unbound, ANSWER, envelope_sha256="b" * 64)
    with pytest.raises(Conflict):
        bind(unbound, ANSWER, act=new_id(), envelope_sha256="b" * 64)


def test_attack_one_envelope_under_two_carriers(unbound: tuple[Any, str, str]) -> None:
    city, _, carrier = unbound
    with city.office.act() as tx:
        rows = tx.execute(select(schema.carrier.c.envelope)).scalars().all()
    from azukari.carrier.manifest import envelope_hash

    with pytest.raises(Conflict, match="another carrier"):
        bind(unbound, ANSWER, envelope_sha256=envelope_hash(rows[0]))

    assert not any(e.type == "key.bound" and carrier in e.refs for e in city.entries("keys"))


def test_more_columns_than_approved(unbound: tuple[Any, str, str]) -> None:
    for part in (
        BoundPart("0002", "households", ("address",), ("operator",)),
        BoundPart("0002", "residents", ("answer",), ("operator",)),
        BoundPart("0002", "households", ("reason",), ("operator",)),  # the supervisor's alone
        BoundPart("0002", "households", ("answer",), ("operator", "courier")),
    ):
        rows = {"households": 1, part.table: 1}
        with pytest.raises(Refused, match="more_columns_than_approved"):
            bind((unbound[0], *fresh(unbound[0])), ANSWER, part, rows=rows)


def fresh(city: Any) -> tuple[str, str]:
    order, carrier, act = approved(city), new_id(), new_id()
    city.keeper.create(act, city.person("clerk"), carrier, order.id)
    return act, carrier


def test_more_rows_than_approved(unbound: tuple[Any, str, str]) -> None:
    allowed = unbound[0].order.tables[0].rows

    with pytest.raises(Refused, match="more_rows_than_approved"):
        bind(unbound, ANSWER, rows={"households": allowed + 1})
    with pytest.raises(Conflict):  # the act was refused; asking for less is another question
        bind(unbound, ANSWER, rows={"households": allowed})


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        ((), {}),
        ((ANSWER, ANSWER), {"households": 1}),
        ((dataclasses.replace(ANSWER, part="m"),), {"households": 1}),
        ((dataclasses.replace(ANSWER, part="../x"),), {"households": 1}),
        ((ANSWER,), {}),  # a table of any number of rows
        ((ANSWER,), {"households": -1}),
    ],
)
def test_attack_a_binding_that_no_sealing_has(
    unbound: tuple[Any, str, str], parts: tuple[BoundPart, ...], rows: dict[str, int]
) -> None:
    with pytest.raises(BadFormat):
        bind(unbound, *parts, rows=rows)


def test_binding_by_another_act_or_of_a_roll_is_refused(unbound: tuple[Any, str, str]) -> None:
    city = unbound[0]
    with pytest.raises(Refused, match="carrier_is_created"):
        bind(unbound, ANSWER, act=new_id())
    with pytest.raises(Refused):
        bind((city, new_id(), city.roll), ANSWER)
    with pytest.raises(NotFound):
        bind((city, new_id(), new_id()), ANSWER)


def test_attack_a_grant_for_a_roll(at_six: Any) -> None:
    """A roll never travels: no order, no grant."""
    ask = asked_with(at_six, one_time_key=at_six.one_time_keys[1])

    with pytest.raises(Refused, match="order_unknown"):
        at_six.keeper.grant(
            new_id(), at_six.person("clerk"), dataclasses.replace(ask, carrier=at_six.roll)
        )
