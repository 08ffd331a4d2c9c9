"""What others were shown of a ledger: an older copy and another history let nothing out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import cosigning, pulse, standing, witnesses
from azukari.desk.tick import tick
from azukari.desk.witnesses import Told
from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    ClockBehind,
    Conflict,
    LedgerBehind,
    LedgerBroken,
    LedgerFork,
    NotFound,
    Unreachable,
)
from azukari.ledger.cosign import Cosigner
from azukari.shelf import asking
from azukari.vault import alarms as rows
from azukari.witness.site import Site, create, open_site

pytestmark = pytest.mark.real

URL = "https://committee.example"
STATUS: dict[type[AzukariError], int] = {
    BadFormat: 400,
    NotFound: 404,
    BadSignature: 403,
    Conflict: 409,
    LedgerFork: 409,
    LedgerBroken: 422,
    ClockBehind: 503,
}


class Wire:
    """The witness at the address, without a wire."""

    def __init__(self, site: Site) -> None:
        self.site, self.asked, self.away = site, 0, False

    def __call__(self, url: str, body: bytes) -> tuple[int, bytes]:
        assert url == URL
        if self.away:
            raise Unreachable("nobody")
        self.asked += 1
        try:
            return 200, self.site.cosign(body).lines
        except AzukariError as error:
            status = STATUS[type(error)]
            return status, f"{self.site.size(body)}\n".encode() if status == 409 else b"no\n"


@pytest.fixture
def wire(at_six: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A committee's witness that the office asks by network and that saw both ledgers."""
    create(tmp_path / "committee", "committee.example/w1")
    site = open_site(tmp_path / "committee", "committee.example/w1", at_six.clock.now)
    site.add_log(at_six.office.book.verifier())
    site.add_log(at_six.keeper.verifier)
    made = Wire(site)
    monkeypatch.setattr(asking, "add_checkpoint", made)
    witnesses.add(at_six.office, site.witness.vkey(), URL, False, at_six.person("officer"))
    tick(at_six.office)
    return made


@pytest.fixture
def put_back(at_six: Any, wire: Wire, tmp_path: Path) -> Callable[..., None]:
    """Put an image from before this moment back, of the homes that are named."""
    homes = {"office": at_six.office_home, "keys": at_six.keys_home}
    at_six.close()
    for name, home in homes.items():
        shutil.copytree(home, tmp_path / "image" / name)
    at_six.open()

    def back(*names: str) -> None:
        at_six.close()
        for name in names:
            shutil.rmtree(homes[name])
            shutil.copytree(tmp_path / "image" / name, homes[name])
        at_six.open()

    return back


# --- at start, and in each round


def test_at_start_everybody_agrees_and_every_witness_is_asked(at_six: Any, wire: Wire) -> None:
    before = wire.asked

    told = standing.at_start(at_six.office)

    assert [("office", ()), ("keys", ())] == [(one.which, one.why) for one in told]
    assert before + 2 == wire.asked


def test_rollback_of_a_whole_machine_is_noticed_at_start(
    at_six: Any, wire: Wire, put_back: Any
) -> None:
    """Both homes and whatever store there was: only the witness knows."""
    at_six.ask()
    tick(at_six.office)
    put_back("office", "keys")

    with pytest.raises(LedgerBehind, match="/w1 cosigned more"):
        standing.at_start(at_six.office)


def test_rollback_is_noticed_by_a_tick_and_lets_nothing_out(
    at_six: Any, wire: Wire, put_back: Any
) -> None:
    at_six.ask()
    tick(at_six.office)
    put_back("office", "keys")
    at_six.clock.at += cosigning.AGAIN_MS
    released = at_six.types("keys").count("key.released")

    assert 2 == len(tick(at_six.office).quarrels)

    with pytest.raises(LedgerBehind):
        at_six.ask()
    assert released == at_six.types("keys").count("key.released")
    assert (pulse.QUARREL,) == pulse.pulse(at_six.office, 600_000).why
    assert ["ledger"] == [one.what for one in tick(at_six.office).raised]
    assert at_six.lose().revoked


def test_rollback_of_the_keys_alone_is_noticed_by_the_offices_copy(
    at_six: Any, wire: Wire, put_back: Any
) -> None:
    at_six.ask()
    tick(at_six.office)
    put_back("keys")

    with pytest.raises(LedgerBehind, match="shorter than the office's copy"):
        standing.at_start(at_six.office)
    with pytest.raises(LedgerBehind):
        at_six.ask(one_time_key=at_six.one_time_keys[1])


def test_fork_of_the_keys_alone_is_noticed_by_the_offices_copy(
    at_six: Any, wire: Wire, put_back: Any
) -> None:
    at_six.ask()
    tick(at_six.office)
    put_back("keys")
    at_six.keeper.revoke("0" * 26, at_six.person("officer"), at_six.carriers, None)
    at_six.keeper.shred("0" * 25 + "1", at_six.person("officer"), at_six.carriers[0])

    with pytest.raises(LedgerFork, match="first at entry"):
        standing.at_start(at_six.office)


def test_fork_of_a_whole_machine_is_noticed_though_it_has_grown(
    at_six: Any, wire: Wire, put_back: Any
) -> None:
    at_six.ask()
    tick(at_six.office)
    put_back("office", "keys")
    wire.away = True
    at_six.clock.at += 1000
    for _ in range(3):
        at_six.lose()
    wire.away = False

    with pytest.raises(LedgerFork, match="another history"):
        standing.at_start(at_six.office)


def test_what_a_witness_knew_better_stands_until_that_witness_agrees(
    at_six: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A witness that lies stops releases, not alarms; when it stops lying all is well again."""
    monkeypatch.setattr(asking, "add_checkpoint", lambda *_: (409, b"999999\n"))
    at_six.clock.at += cosigning.AGAIN_MS
    assert 2 == len(tick(at_six.office).quarrels)

    wire.away = True
    monkeypatch.setattr(asking, "add_checkpoint", wire)
    assert 2 == len(tick(at_six.office).quarrels)
    wire.away = False

    assert [] == tick(at_six.office).quarrels
    assert () == pulse.pulse(at_six.office, 600_000).why
    assert at_six.ask()


@pytest.mark.parametrize(
    "answer", [(503, b"no\n"), (403, b"no\n"), (200, b"no line\n"), (409, b"many\n")]
)
def test_rollback_a_witness_that_says_nothing_of_it_takes_no_quarrel_back(
    answer: tuple[int, bytes], at_six: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands between office and witness need not let its next word through."""
    monkeypatch.setattr(asking, "add_checkpoint", lambda *_: (409, b"999999\n"))
    at_six.clock.at += cosigning.AGAIN_MS
    assert 2 == len(tick(at_six.office).quarrels)

    monkeypatch.setattr(asking, "add_checkpoint", lambda *_: answer)
    at_six.clock.at += cosigning.AGAIN_MS

    assert 2 == len(tick(at_six.office).quarrels)
    with pytest.raises(LedgerBehind):
        at_six.ask()


def test_a_witness_that_was_removed_knows_nothing_better_any_more(
    at_six: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "add_checkpoint", lambda *_: (409, b"999999\n"))
    at_six.clock.at += cosigning.AGAIN_MS
    tick(at_six.office)
    before = witnesses.notes(at_six.office, "office")

    name = wire.site.witness.name
    witnesses.remove(at_six.office, name, at_six.person("officer"), "it says what is not so")

    assert [] == tick(at_six.office).quarrels
    assert "witness.removed" in at_six.types("office")
    assert before == witnesses.notes(at_six.office, "office")  # what it cosigned stays
    with pytest.raises(NotFound):
        witnesses.remove(at_six.office, name, at_six.person("officer"), "twice")


def test_a_witness_that_is_away_is_said_and_stops_nothing(at_six: Any, wire: Wire) -> None:
    wire.away = True

    told = standing.at_start(at_six.office)

    assert [(witnesses.UNREACHABLE,)] == [one.why for one in told]
    assert at_six.ask()


def test_a_witness_that_saw_everything_is_asked_again_after_an_hour(
    at_six: Any, wire: Wire
) -> None:
    tick(at_six.office)
    before = wire.asked
    tick(at_six.office)
    assert before == wire.asked
    at_six.clock.at += cosigning.AGAIN_MS

    tick(at_six.office)

    assert before + 2 <= wire.asked


# --- at once


@pytest.mark.parametrize(
    "act", [lambda city: city.lose(), lambda city: city.ask()], ids=["loss", "release"]
)
def test_a_loss_and_a_release_are_cosigned_at_once(
    act: Callable[[Any], Any], at_six: Any, wire: Wire
) -> None:
    since = at_six.clock.now()
    act(at_six)
    at_six.office.follow_keys()

    told = cosigning.at_once(at_six.office, since)

    assert [("office", ()), ("keys", ())] == [(one.which, one.why) for one in told]
    for one in told:
        assert one.size == len(at_six.entries(one.which))


def test_what_is_not_urgent_waits_for_the_tick(at_six: Any, wire: Wire) -> None:
    since = at_six.clock.now()
    at_six.new_order()

    assert [] == cosigning.at_once(at_six.office, since)


def test_a_witness_that_hangs_holds_nothing_up_and_the_others_are_heard(
    at_six: Any, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosigning, "AT_ONCE_S", 0.3)
    create(tmp_path / "sleeper", "sleeper.example/w1")
    sleeper = open_site(tmp_path / "sleeper", "sleeper.example/w1", at_six.clock.now)
    address = "https://sleeper.example"
    witnesses.add(at_six.office, sleeper.witness.vkey(), address, False, at_six.person("officer"))
    ended: list[float] = []

    def line(url: str, body: bytes) -> tuple[int, bytes]:
        if url == address:
            time.sleep(5)
            ended.append(time.monotonic())
        return wire(url, body)

    monkeypatch.setattr(asking, "add_checkpoint", line)
    since = at_six.clock.now()
    at_six.lose()

    told = {(one.witness, one.which): one.why for one in cosigning.at_once(at_six.office, since)}

    assert [] == ended  # whoever hangs was left, not waited for
    assert (witnesses.UNREACHABLE,) == told["sleeper.example/w1", "office"]
    assert () == told["committee.example/w1", "office"] == told["committee.example/w1", "keys"]


# --- clocks


def _witness_clock(wire: Wire, at_six: Any, ahead_ms: int) -> None:
    now = at_six.clock.now
    cosigner: Cosigner = wire.site.cosigner
    wire.site = Site(wire.site.home, cosigner, lambda: now() + ahead_ms)


@pytest.mark.parametrize("ahead_ms", [600_000, -600_000])
def test_clock_that_a_witness_contradicts_is_said_and_written_down_once(
    ahead_ms: int, at_six: Any, wire: Wire
) -> None:
    _witness_clock(wire, at_six, ahead_ms)
    for _ in range(3):
        at_six.clock.at += cosigning.AGAIN_MS

        assert {"committee.example/w1"} == {one.witness for one in tick(at_six.office).skewed}

    assert 1 == at_six.types("office").count("clock.suspect")
    with at_six.office.act(permits=True):
        pass  # one witness's word stops nothing: its clock may be the wrong one
    _witness_clock(wire, at_six, 0)
    at_six.clock.at += 2 * cosigning.AGAIN_MS
    assert [] == tick(at_six.office).skewed
    with at_six.office.act() as tx:
        assert [] == [row for row in rows.due_rows(tx, at_six.city) if row.what == "clock"]


def test_clock_a_minute_off_a_witness_is_no_suspicion(at_six: Any, wire: Wire) -> None:
    at_six.clock.at += 2 * cosigning.AGAIN_MS
    _witness_clock(wire, at_six, 60_000)

    assert [] == tick(at_six.office).skewed
    assert "clock.suspect" not in at_six.types("office")


def test_clock_back_behind_the_newest_cosignature_releases_nothing_and_revokes(
    at_six: Any, wire: Wire
) -> None:
    """Nothing was written meanwhile, so the ledger's last entry does not tell; the witness does."""
    at_six.clock.at += 600_000
    cosigning.ask(at_six.office, anew=True)
    at_six.clock.at -= 600_000
    assert at_six.entries("office")[-1].at <= at_six.clock.now()

    with pytest.raises(ClockBehind):
        at_six.ask()
    assert tick(at_six.office).clock_behind
    assert 1 == at_six.types("office").count("clock.suspect")
    assert at_six.lose().revoked


def test_a_witness_by_the_name_of_what_is_kept_answers_for_nobody_else(
    at_six: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its word that all is well must not stand in the place of the heads that others cosigned."""

    def differs(*_: Any) -> None:
        raise LedgerFork("another history than the one that was cosigned")

    monkeypatch.setattr(witnesses, "must_continue", differs)

    said = standing.look(at_six.office, [Told("kept", "office", 5), Told("kept", "keys", 5)])

    assert len(said) == 2
    with pytest.raises(LedgerFork), at_six.office.act(permits=True):
        pass
