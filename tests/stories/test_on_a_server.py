"""The evening and the loss with the records on a PostgreSQL server: the same acts as on a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.postgres import name_of

from azukari.carrier.life import State
from azukari.desk.audit import audit
from azukari.desk.tick import tick
from azukari.errors import Refused
from azukari.vault import records

if TYPE_CHECKING:
    from tests.postgres import Server

pytestmark = pytest.mark.real


@pytest.fixture(params=["city", "city_on_a_server"])
def town(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def states(town: Any) -> list[str]:
    with town.office.act() as tx:
        return [records.carrier(tx, carrier).state for carrier in town.carriers]


def test_sealed_handed_over_granted_lost_and_audited(town: Any) -> None:
    town.hand_over()
    town.clock.set("2022-06-21 18:00")
    grant = town.ask()
    before = [town.types(which) for which in ("office", "keys")]

    town.restart()  # what both programs know now is what is durable
    known = [town.types(which) for which in ("office", "keys")]
    again = town.ask(one_time_key=town.one_time_keys[1])
    town.clock.set("2022-06-22 03:10")
    town.lose()
    tick(town.office)

    assert grant != again
    assert before == known
    assert [State.LOST, State.LOST] == states(town)
    with pytest.raises(Refused, match="carrier_is_"):
        town.ask(one_time_key=town.one_time_keys[2])
    assert [] == audit(town.office)
    types = town.types("keys")
    assert types.index("key.released") < types.index("carrier.revoked") < types.index("key.refused")
    town.keeper.verify()


def test_a_loss_is_recorded_while_the_keys_database_is_away_and_revoked_when_it_is_back(
    city_on_a_server: Any, postgres: Server
) -> None:
    town, keys = city_on_a_server, name_of(city_on_a_server.keys_on)
    town.hand_over()
    town.clock.set("2022-06-22 03:10")

    postgres.sql(f"ALTER DATABASE {keys} ALLOW_CONNECTIONS false")
    try:
        postgres.hang_up(keys)
        revoked = town.lose().revoked
        tick(town.office)
        without = town.types("office")
    finally:
        postgres.sql(f"ALTER DATABASE {keys} ALLOW_CONNECTIONS true")
    tick(town.office)

    assert not revoked
    assert "carrier.lost" in without
    assert [State.LOST, State.LOST] == states(town)
    assert "carrier.revoked" in town.types("keys")
    assert [] == audit(town.office)
