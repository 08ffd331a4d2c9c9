"""What an administrator does with time and with what others were not shown yet, and what each of
those who stand elsewhere can say of it; where nobody can, that is asserted too.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from tests.hostile import hands
from tests.hostile.machine import COMMITTEE, OWN, WHICH, Machine

from azukari.desk import witnesses
from azukari.desk.office import new_act
from azukari.errors import ClockBehind, Unreachable
from azukari.ledger.entry import decode
from azukari.shelf import asking
from azukari.shelf.book import Draft

pytestmark = pytest.mark.real

HOUR_MS = 3_600_000


def cut_the_line(*_: object) -> tuple[int, bytes]:
    raise Unreachable("the witness does not answer")


def rows_of(machine: Machine) -> dict[str, Any]:
    """The set-up that an audit by the stranger's policy claims, with what it promises."""
    said = machine.at_office("ledger", "audit", "--json", "--policy", machine.policy)
    found: dict[str, Any] = json.loads(said.out)
    return found


# --- clocks and ticks


def test_set_the_clock_back(machine: Machine) -> None:
    """The office notices by its own entries; a witness, whose clock is elsewhere, names the gap."""
    machine.clock.at -= HOUR_MS

    said = machine.at_office("tick")

    assert "the clock stands behind the ledger: nothing is let out until it is right" in said.err
    with machine.city() as city:
        assert "clock.suspect" == city.types("office")[-1]
        assert city.entries("office")[-1].at >= city.entries("office")[-2].at
        with pytest.raises(ClockBehind):
            city.ask(one_time_key=city.one_time_keys[1])
    asked = machine.at_office("tick")
    assert f"{COMMITTEE}: its clock is 3600 s ahead of ours" in asked.err + said.err


def test_set_the_clock_back_where_nobody_wrote_since(machine: Machine) -> None:
    """Only what was cosigned is newer than the clock: entries alone would not tell."""
    machine.clock.at += HOUR_MS
    machine.elsewhere.at += HOUR_MS
    with machine.city() as city:
        witnesses.take(city.office, machine.witness(COMMITTEE).cosign(_anew(city, "office")).lines)
    machine.clock.at -= HOUR_MS
    with machine.city() as city:
        assert city.entries("office")[-1].at <= machine.clock.at
        with pytest.raises(ClockBehind, match="behind what is signed already"):
            city.ask(one_time_key=city.one_time_keys[1])


def _anew(city: Any, which: witnesses.Which) -> bytes:
    seen = next(s for s in witnesses.seen(city.office, which) if s.witness.name == COMMITTEE)
    return witnesses.request(city.office, COMMITTEE, which, seen.size)


def test_stop_the_tick(machine: Machine) -> None:
    """26 hours later the committee's own laptop says so, though old heads are brought again."""
    with machine.city() as city:
        old = _anew(city, "office")
    machine.elsewhere.at += 20 * HOUR_MS
    machine.witness(COMMITTEE).cosign(old)
    assert 0 == machine.status().code
    machine.elsewhere.at += 7 * HOUR_MS

    said = machine.status()

    assert 1 == said.code
    for which in WHICH:
        assert f"ALARM silent  azukari.example/kakuu/{which}: nothing new came for 26 hours" in (
            said.out
        )


def test_stop_the_tick_is_said_by_whatever_runs_its_check(machine: Machine) -> None:
    machine.clock.at += HOUR_MS

    said = machine.at_office("tick", "--check")

    assert 1 == said.code
    assert "tick" in said.err


# --- what nobody was shown yet


def test_roll_back_a_release_before_anyone_saw_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one machine the store alone notices; put back with the rest, it is what it was before."""
    monkeypatch.setattr(asking, "add_checkpoint", cut_the_line)
    key_in_hand = _released_and_imaged(machine)

    shutil.rmtree(machine.here / "sites")
    shutil.copytree(machine.image / "sites", machine.here / "sites")
    noticed = machine.at_office("carrier", "list")
    machine.put_back("stores")
    monkeypatch.setattr(asking, "add_checkpoint", machine.add_checkpoint)

    assert key_in_hand
    assert 18 == noticed.code
    assert "were shown before, says the checkpoint store" in noticed.err
    # Nobody who stands elsewhere was shown it: neither the witness nor who kept a head can tell,
    # and the set-up claims no more than that it is so against outsiders.
    assert {} == machine.look()
    told = rows_of(machine)
    assert "one machine + a witness elsewhere" == told["setup"]
    assert "never released: against outsiders" == told["holds"]["2"]


def test_roll_back_a_release_that_a_witness_saw(machine: Machine) -> None:
    """Each release is shown to the witnesses at once, so there are two seconds to do it in."""
    _released_and_imaged(machine)
    assert 0 == machine.at_office("tick").code
    machine.put_back("sites", "stores")

    found = machine.look()

    assert {"round"} == set(found)
    assert f"{COMMITTEE} cosigned more of the ledger keys than is here" in found["round"]


def _released_and_imaged(machine: Machine) -> bytes:
    """The machine as it was, then another carrier's key in the administrator's hands."""
    machine.image = machine.away / "just-before"
    shutil.copytree(machine.here, machine.image)
    with machine.city() as city:
        before = city.types("keys")
        key = city.keeper.release_to_seal("0" * 26, city.person("clerk"), city.roll)
        assert [*before, "key.released.roll"] == city.types("keys")
    assert machine.at_office("carrier", "list").code == 0  # the store follows
    return key


def test_take_the_write_ahead_log_away(machine: Machine) -> None:
    """What was committed since the last checkpoint of the database is gone with its file."""
    with machine.city() as city:
        with city.office.act() as tx:
            city.office.write(tx, Draft(new_act(), "ledger.heartbeat", city.city))
        for end in ("", "-wal"):
            path = machine.office / f"office.db{end}"
            shutil.copy(path, machine.away / path.name)
    whole = len(hands.lines(machine, "office"))
    machine.at_office("carrier", "list")  # the store follows
    for path in machine.office.glob("office.db*"):
        path.unlink()
    shutil.copy(machine.away / "office.db", machine.office)

    lost = whole - len(hands.lines(machine, "office"))
    said, found = machine.at_office("carrier", "list"), machine.audited()

    assert lost > 0
    assert f"it has {whole - lost} entries, and {whole} were shown before" in said.err
    assert f"office: entry {whole - lost}: its tail was dropped" in found["the checkpoint store"]


# --- cosignatures and policies


def test_replay_an_older_answer_of_the_witness_by_stick(machine: Machine) -> None:
    """Only a cosignature of a head that was asked about is taken."""
    answer = machine.away / "answer"
    with machine.city() as city:
        answer.write_bytes(machine.witness(COMMITTEE).cosign(_anew(city, "office")).lines)
    machine.go_on()
    with machine.city() as city:
        witnesses.request(city.office, COMMITTEE, "office")

    said = machine.at_office("ledger", "take-cosignature", answer)

    assert 8 == said.code
    assert "no known witness's word on a head that it was asked about" in said.err


def test_replay_hides_no_dropped_tail(machine: Machine) -> None:
    """Ledgers, store and cosignatures of the same evening: only who was shown more can tell."""
    machine.put_back("sites/office", "sites/keys", "stores")

    assert {"round", "contractor"} == set(machine.look())


def test_edit_the_policy_that_the_city_proposes(machine: Machine) -> None:
    """With the city's own witness alone it asks for nothing that the city does not run."""
    text = machine.policy.read_text()
    edited = machine.away / "edited"
    edited.write_text(
        "\n".join(
            line.replace(f"outside any {COMMITTEE}", f"outside any {OWN}")
            for line in [*text.splitlines(), ""]
        )
    )
    assert edited.read_text().split() != text.split()
    given = machine.export(machine.away / "given")

    theirs, own = (machine.verify(given, "--policy", path) for path in (edited, machine.policy))
    at_office = machine.at_office("ledger", "audit", "--policy", edited)

    # A policy that came along with what it judges proves nothing: the one on paper is unchanged.
    assert (0, 0) == (theirs.code, own.code)
    assert "set-up: one machine, no witness" in at_office.out
    assert "history: against outsiders" in at_office.out


def test_a_witness_that_is_asked_no_more_raises_the_alarm_itself(machine: Machine) -> None:
    with hands.rows(machine.database("office")) as db:
        db.execute("DELETE FROM witness WHERE name = ?", (COMMITTEE,))
    machine.at_office("tick")
    machine.elsewhere.at += 27 * HOUR_MS

    assert "ALARM silent" in machine.status().out


# --- one machine, and nobody elsewhere


def test_without_a_witness_a_second_history_is_noticed_by_nobody_here(alone: Machine) -> None:
    """And the row that is printed says no more than that it is so against outsiders."""
    kept = alone.export(alone.away / "kept")

    def by_another(made: hands.Lines) -> hands.Lines:
        kinds = [decode(line).type for line in made]
        i = kinds.index("key.released.seal")
        return [*made[:i], hands.changed(made[i], by="0" * 26), *made[i + 1 :]]

    hands.second_history(alone, "keys", by_another)

    assert {} == alone.audited()
    assert 0 == alone.at_office("carrier", "list").code
    said = alone.at_office("ledger", "audit")
    assert "set-up: one machine, no witness" in said.out
    assert "promise 8, history: against outsiders" in said.out
    given = alone.export(alone.away / "given")
    plain, compared = (
        alone.run("ledger", "verify", given / "keys", "--vkey", kept / "keys" / "vkey", *more)
        for more in ((), ("--kept", kept / "keys" / "checkpoint"))
    )
    assert (0, 17) == (plain.code, compared.code)
    assert "kakuu/keys: another history: the head that was kept" in compared.err


def test_without_a_witness_an_image_put_back_is_noticed_by_nobody_here(alone: Machine) -> None:
    shutil.copytree(alone.here, alone.image)
    alone.go_on()
    assert 0 == alone.at_office("carrier", "list").code
    alone.put_back("sites")

    refused = alone.at_office("carrier", "list")
    alone.put_back("stores")

    assert 18 == refused.code
    assert {} == alone.audited()
    assert "history: against outsiders" in alone.at_office("ledger", "audit").out
