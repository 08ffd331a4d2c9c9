"""Every control that fails opens a measure by itself; another person says when it is enough."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.desk import audit, custody, loss, measures, tick
from azukari.errors import BadInput, Conflict, NotFound, Refused
from azukari.incident.measures import State


def opened(city: Any) -> list[tuple[str, str]]:
    """Control and subject of every measure."""
    return [(one.control, one.subject) for one in measures.measures_of(city.office)]


def one(city: Any) -> str:
    """A loss, and the id of the measure it asks for."""
    loss.declare(city.office, city.carriers[:1], city.declared())
    (measure,) = measures.gather(city.office)
    return measure


# -- opened


def test_nothing_failed_nothing_is_asked(at_six: Any) -> None:
    assert [] == measures.gather(at_six.office)
    assert [] == opened(at_six)


def test_a_loss_asks_for_one(at_six: Any) -> None:
    one(at_six)

    assert [("lost", at_six.carriers[0])] == opened(at_six)
    assert "measure.opened" == at_six.types("office")[-1]


def test_what_is_late_asks_for_one_in_the_tick_that_says_so(at_six: Any) -> None:
    at_six.clock.set("2022-06-21 20:31")

    ticked = tick.tick(at_six.office)

    assert 2 == len(ticked.measures)
    assert {("late", carrier) for carrier in at_six.carriers} == set(opened(at_six))
    assert [] == tick.tick(at_six.office).measures


def test_what_nobody_received_asks_for_another(city: Any) -> None:
    hand = city.cast.hand
    custody.pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))
    city.clock.set("2022-06-21 18:31")

    tick.tick(city.office)

    # The other one was never handed over, which is as late.
    assert {("unreceived", carrier) for carrier in city.carriers} == set(opened(city))


def test_a_wrong_hand_is_refused_and_asks_for_one(city: Any) -> None:
    hand = city.cast.hand
    with pytest.raises(Refused):
        custody.pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("hidden"))

    measures.gather(city.office)

    assert ("wrong_hand", city.carriers[0]) in opened(city)
    assert "custody.refused" in city.types("office")


def test_an_untrained_hand_asks_for_training(city: Any) -> None:
    hand = city.cast.hand
    city.clock.set("2023-06-21 17:00")  # every pass has ended
    with pytest.raises(Refused, match="hand-over"):
        custody.pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))

    measures.gather(city.office)

    assert [("training_lapsed", city.carriers[0])] == opened(city)


def test_a_broken_chain_asks_for_one(at_six: Any) -> None:
    from azukari.desk import agree

    agree.suspend(at_six.office, at_six.agreements["centre"])
    with pytest.raises(Refused):
        at_six.ask()

    measures.gather(at_six.office)

    assert [("broken_chain", at_six.carriers[0])] == opened(at_six)


def test_another_device_or_a_revoked_carrier_asks_for_one(at_six: Any) -> None:
    loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())
    with pytest.raises(Refused):
        at_six.ask()

    measures.gather(at_six.office)

    assert {"lost", "after_revocation"} == {control for control, _ in opened(at_six)}


def test_a_refused_order_asks_for_one(city: Any) -> None:
    from azukari.desk import people

    order = city.new_order()
    people.refuse(city.office, order.id, city.person("approver_1"), city.cast.signer("approver_1"))

    measures.gather(city.office)

    assert [("approval_refused", order.id)] == opened(city)


def test_a_carrier_found_changed_asks_for_one_and_an_unchanged_one_for_none(at_six: Any) -> None:
    at_six.lose()
    (at_six.media[1] / "READ-ME.txt").write_bytes(b"other")
    officer = at_six.person("officer"), at_six.cast.signer("officer")
    for carrier, place in zip(at_six.carriers, at_six.media, strict=True):
        loss.find(at_six.office, carrier, place, *officer)

    measures.gather(at_six.office)

    assert [("found_changed", at_six.carriers[1])] == [
        found for found in opened(at_six) if found[0] == "found_changed"
    ]


def test_the_same_failure_again_opens_no_second_while_the_first_is_open(at_six: Any) -> None:
    one(at_six)
    loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())

    assert [] == measures.gather(at_six.office)


def test_after_it_was_closed_the_same_failure_opens_another(at_six: Any) -> None:
    measure = one(at_six)
    measures.done(at_six.office, measure, at_six.person("officer"), "例: 鍵付きの箱にした")
    measures.check(at_six.office, measure, at_six.person("clerk"), "例: 見た", enough=True)
    loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())

    assert 1 == len(measures.gather(at_six.office))


def test_a_crash_while_they_are_opened_leaves_none_or_all(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_six.lose()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(measures, "_looked", die)
        with pytest.raises(Killed):
            measures.gather(at_six.office)
    assert [] == opened(at_six)

    assert 1 == len(measures.gather(at_six.office))


# -- late


def test_a_late_measure_raises_the_alarm_once_and_asks_for_no_measure(at_six: Any) -> None:
    measure = one(at_six)
    at_six.clock.set("2022-08-01 09:00")

    alarms = tick.tick(at_six.office).alarms

    assert measure in alarms
    assert measure not in tick.tick(at_six.office).alarms
    assert not [subject for _, subject in opened(at_six) if subject == measure]
    (found,) = [m for m in measures.measures_of(at_six.office) if m.id == measure]
    assert State.LATE is found.state(at_six.clock.now())


# -- done, and looked at again


def test_another_person_closes_it(at_six: Any) -> None:
    measure = one(at_six)
    measures.done(at_six.office, measure[:8], at_six.person("officer"), "例: 箱")
    measures.check(at_six.office, measure[:8], at_six.person("clerk"), "例: 見た", enough=True)

    (found,) = measures.measures_of(at_six.office)
    assert State.CLOSED is found.state(at_six.clock.now())
    assert found.done is not None
    assert found.checked is not None
    assert ("例: 箱", "例: 見た") == (found.done.text, found.checked.text)
    assert ["measure.done", "measure.closed"] == at_six.types("office")[-2:]
    at_six.clock.set("2022-08-01 09:00")
    assert measure not in tick.tick(at_six.office).alarms
    assert [] == audit.audit(at_six.office)


def test_attack_whoever_did_it_checks_it(at_six: Any) -> None:
    measure = one(at_six)
    measures.done(at_six.office, measure, at_six.person("officer"), "例: 箱")
    before = at_six.types("office")

    with pytest.raises(Refused, match="checking a measure"):
        measures.check(at_six.office, measure, at_six.person("officer"), "例: 見た", enough=True)

    assert before == at_six.types("office")
    assert measures.measures_of(at_six.office)[0].checked is None


def test_not_enough_and_it_is_open_again_with_the_same_due_date(at_six: Any) -> None:
    measure = one(at_six)
    due = measures.measures_of(at_six.office)[0].due_at
    measures.done(at_six.office, measure, at_six.person("officer"), "例: 箱")
    measures.check(at_six.office, measure, at_six.person("clerk"), "例: 箱がない", enough=False)

    (found,) = measures.measures_of(at_six.office)
    assert (due, None, None) == (found.due_at, found.done, found.checked)
    assert "measure.reopened" == at_six.types("office")[-1]


def test_what_does_not_follow_is_refused(at_six: Any) -> None:
    measure, by = one(at_six), at_six.person("officer")
    other = at_six.person("clerk")

    with pytest.raises(Conflict):
        measures.check(at_six.office, measure, other, "例", enough=True)
    with pytest.raises(BadInput):
        measures.done(at_six.office, measure, by, "  ")
    for unknown in ("", "8", "0" * 26):
        with pytest.raises(NotFound):
            measures.done(at_six.office, unknown, by, "例")
    measures.done(at_six.office, measure, by, "例")
    with pytest.raises(Conflict):
        measures.done(at_six.office, measure, other, "例")
    measures.check(at_six.office, measure, other, "例", enough=True)
    with pytest.raises(Conflict):
        measures.check(at_six.office, measure, other, "例", enough=False)


def test_what_people_wrote_stands_in_no_entry_and_can_be_erased(at_six: Any) -> None:
    measure = one(at_six)
    measures.done(at_six.office, measure, at_six.person("officer"), "例: 箱を買った")

    with at_six.office.act() as tx:
        size = at_six.office.book.head(tx).size
        lines = at_six.office.book.entries(tx, 0, size)
        assert not [line for line in lines if "箱".encode() in line]
        at_six.office.book.erase_detail(tx, size - 1, at=at_six.clock.now())

    (found,) = measures.measures_of(at_six.office)
    assert found.done is not None
    assert "" == found.done.text
