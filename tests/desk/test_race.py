"""A loss declared while a key is on its way out: whoever is first, nothing leaves after it.

Two programs on the same homes, each with connections of its own, at the same time.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from azukari.desk import audit, grant, loss
from azukari.errors import Refused
from azukari.keys import register
from azukari.keys.keeper import Keeper
from azukari.ledger.acts import order_of_revocations


@contextlib.contextmanager
def second(city: Any) -> Iterator[Any]:
    """The same office and key service, opened a second time."""
    office, keeper = city.office, city.keeper
    city.open()
    other = city.office
    city.office, city.keeper = office, keeper
    try:
        yield other
    finally:
        other.close()
        other.keys.close()


def both(*works: Callable[[], object]) -> list[BaseException | None]:
    """Do these at the same time; what each ended with."""
    ended: list[BaseException | None] = [None for _ in works]
    begin = threading.Barrier(len(works))

    def work(i: int) -> None:
        begin.wait(10)
        try:
            works[i]()
        except Exception as error:  # noqa: BLE001  handed to the test, which names what it expects
            ended[i] = error

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return ended


def turns(city: Any) -> list[str]:
    """What the keys' ledger tells of the main carrier, in order."""
    return [
        entry.type
        for entry in city.entries("keys")
        if city.carriers[0] in entry.refs
        and entry.type in ("key.released", "carrier.revoked", "key.refused")
    ]


def check(city: Any, released: bool) -> None:
    """Released before the revocation or refused; and nothing left after it."""
    city.office.follow_keys()
    wanted = ["key.released", "carrier.revoked"] if released else ["carrier.revoked", "key.refused"]
    assert wanted == turns(city)
    assert [] == order_of_revocations(city.entries("keys"))
    with pytest.raises(Refused):
        city.ask(one_time_key=city.one_time_keys[1])
    assert "key.released" not in turns(city)[turns(city).index("carrier.revoked") :]
    assert [] == audit.audit(city.office)


@pytest.mark.parametrize("ahead_ms", [-4, -1, 0, 1, 4, 12])
def test_attack_revoke_race_with_a_release_in_flight(at_six: Any, ahead_ms: int) -> None:
    """Both at once, the loss a little ahead or behind."""
    with second(at_six) as office:

        def release() -> None:
            time.sleep(max(0, ahead_ms) / 1000)
            at_six.ask()

        def declare() -> None:
            time.sleep(max(0, -ahead_ms) / 1000)
            loss.declare(office, at_six.carriers, at_six.declared())

        refused, failed = both(release, declare)

    assert failed is None
    assert refused is None or isinstance(refused, Refused)
    check(at_six, released=refused is None)


def test_attack_a_release_that_is_being_written_is_before_the_revocation(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss waits for the transaction that writes the release, and revokes right after it."""
    writing, release = threading.Event(), Keeper._release

    def slowly(*given: Any) -> None:
        writing.set()
        time.sleep(0.3)
        release(*given)

    monkeypatch.setattr(Keeper, "_release", slowly)
    with second(at_six) as office:

        def declare() -> None:
            assert writing.wait(10)
            loss.declare(office, at_six.carriers, at_six.declared())

        assert [None, None] == both(at_six.ask, declare)

    check(at_six, released=True)


def test_attack_a_release_asked_for_while_the_revocation_is_being_written_is_refused(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, change = threading.Event(), register.change

    def slowly(*given: Any, **named: Any) -> None:
        change(*given, **named)
        if named.get("state") == "revoked" and not writing.is_set():
            writing.set()
            time.sleep(0.3)

    monkeypatch.setattr(register, "change", slowly)
    with second(at_six) as office:

        def ask() -> None:
            assert writing.wait(10)
            grant.issue(office, at_six.carriers[0], **at_six.asked())

        refused, failed = both(ask, at_six.lose)

    assert isinstance(refused, Refused)
    assert failed is None
    check(at_six, released=False)


def test_attack_key_service_down_at_declare_lets_nothing_out_when_it_comes_back(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Declared while it was away: the next who asks for a key makes it revoke first."""
    from azukari.errors import Unreachable

    def away(*_: object, **__: object) -> None:
        raise Unreachable("it does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(at_six.keeper, "revoke", away)
        assert not at_six.lose().revoked
    assert [] == turns(at_six)

    with pytest.raises(Refused):
        at_six.ask()

    assert ["carrier.revoked", "key.refused"] == turns(at_six)
