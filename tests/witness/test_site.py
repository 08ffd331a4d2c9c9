"""A witness at work: what it signs, refuses, remembers; and what a crash or a second one does."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import stat
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import (
    BadFormat,
    BadSignature,
    ClockBehind,
    Conflict,
    LedgerBroken,
    LedgerError,
    LedgerFork,
    NotFound,
    Unreachable,
    WrongKey,
)
from azukari.ledger.checkpoint import Checkpoint, Signer, open_checkpoint, sign_note
from azukari.ledger.cosign import find_cosignature
from azukari.ledger.tree import consistency_proof, leaf_hash, root_of
from azukari.ledger.witnessing import MAX_REQUEST_BYTES, encode_request
from azukari.shelf import busy
from azukari.witness import memory, site
from azukari.witness.alarm import SILENCE_MS, Alarm, What, alarms
from azukari.witness.site import Site, create, open_site

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/witness.json").read_text("utf-8"))
LOG = Signer("ledger.kakuu.example/office", Ed25519PrivateKey.from_private_bytes(bytes(32)))
STRANGER = Signer("ledger.else.example/office", Ed25519PrivateKey.from_private_bytes(b"\3" * 32))
NAME = "committee.example/w1"
LEAVES = [leaf_hash(b"%d" % i) for i in range(40)]
FORK = LEAVES[:9] + [leaf_hash(b"another %d" % i) for i in range(9, 40)]
NOON = 1_655_780_400_000


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.ms = NOON

    def __call__(self) -> int:
        return self.ms


def head(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(LOG.name, size, root_of(leaves[:size]))


def request(old: int, size: int, leaves: list[bytes] = LEAVES, signer: Signer = LOG) -> bytes:
    def hashes(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : index + 1 << level])

    text = Checkpoint(signer.name, size, root_of(leaves[:size])).text()
    return encode_request(old, consistency_proof(old, size, hashes), sign_note(signer, text))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def witness(tmp_path: Path, clock: Clock) -> Site:
    create(tmp_path / "w", NAME)
    made = open_site(tmp_path / "w", NAME, clock)
    made.add_log(LOG.verifier().vkey())
    return made


def test_a_head_that_continues_is_cosigned_with_the_witnesss_time(witness: Site) -> None:
    witness.cosign(request(0, 7))

    done = witness.cosign(request(7, 12))

    found = find_cosignature(done.lines, head(12).text(), witness.witness)
    assert (head(12), NOON // 1000) == (done.head, found.at_s)


def test_the_same_head_is_cosigned_again_at_a_later_time(witness: Site, clock: Clock) -> None:
    witness.cosign(request(0, 7))
    clock.ms += 60_000

    assert witness.cosign(request(7, 7)).at_s == NOON // 1000 + 60


@pytest.mark.parametrize("step", range(len(VECTOR["requests"]["steps"])))
def test_what_another_witness_answers_this_one_answers(
    step: int, tmp_path: Path, clock: Clock
) -> None:
    """Requests, keys and status of an implementation by others, in their order."""
    create(tmp_path / "w", NAME)
    made = open_site(tmp_path / "w", NAME, clock)
    made.add_log(VECTOR["requests"]["vkey"])
    raised: dict[int, type[Exception]] = {403: BadSignature, 409: Conflict, 422: LedgerBroken}

    for each in VECTOR["requests"]["steps"][: step + 1]:
        body = each["body"].encode()
        if each["status"] == 200:
            done = made.cosign(body)
            assert find_cosignature(done.lines, done.head.text(), made.witness)
        else:
            with pytest.raises(raised[each["status"]]):
                made.cosign(body)


# --- attacks


def test_fork_shown_to_the_witness_is_refused_kept_and_never_forgotten(
    witness: Site, clock: Clock
) -> None:
    witness.cosign(request(0, 12))

    with pytest.raises(LedgerFork):
        witness.cosign(request(12, 12, FORK))
    witness.cosign(request(12, 20))

    assert [Alarm(LOG.name, What.FORKED, NOON)] == alarms(witness.memory(), clock())
    cosigned, kept = sorted((witness.home / site.EVIDENCE).iterdir())
    assert request(12, 12, FORK) == kept.read_bytes()
    # What it had cosigned then, too: by now it knows a longer one.
    assert head(12) == open_checkpoint(cosigned.read_bytes(), LOG.verifier())
    assert witness.memory().logs[0].head() == head(20)


def test_a_ledger_that_forks_again_and_again_fills_no_disk(
    witness: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "MAX_EVIDENCE", 3)
    witness.cosign(request(0, 12))

    for number in range(6):
        leaves = [leaf_hash(b"%d %d" % (number, i)) for i in range(12)]
        with pytest.raises(LedgerFork):
            witness.cosign(request(12, 12, leaves))

    assert len(list((witness.home / site.EVIDENCE).glob("*.request"))) == 3


def test_a_ledger_that_fills_the_evidence_leaves_room_for_that_of_another(
    witness: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "MAX_EVIDENCE", 2)
    witness.add_log(STRANGER.verifier().vkey())
    for signer in (LOG, STRANGER):
        witness.cosign(request(0, 12, signer=signer))

    for number in range(4):
        leaves = [leaf_hash(b"%d %d" % (number, i)) for i in range(12)]
        with pytest.raises(LedgerFork):
            witness.cosign(request(12, 12, leaves))
    with pytest.raises(LedgerFork):
        witness.cosign(request(12, 12, FORK, STRANGER))

    kept = [path.read_bytes() for path in (witness.home / site.EVIDENCE).glob("*.request")]
    assert 3 == len(kept)
    assert request(12, 12, FORK, STRANGER) in kept


def test_a_clock_that_was_ahead_when_a_ledger_was_added_buys_it_no_silence(
    tmp_path: Path, clock: Clock
) -> None:
    create(tmp_path / "ahead", NAME)
    made = open_site(tmp_path / "ahead", NAME, clock)
    clock.ms = NOON + 365 * 86_400_000
    made.add_log(LOG.verifier().vkey())
    clock.ms = NOON

    assert [What.CLOCK] == [one.what for one in alarms(made.memory(), clock())]
    made.cosign(request(0, 7))
    clock.ms += SILENCE_MS + 1

    assert Alarm(LOG.name, What.SILENT, NOON) in alarms(made.memory(), clock())


def test_fork_shown_to_the_witness_further_on_is_refused_and_said(
    witness: Site, clock: Clock
) -> None:
    witness.cosign(request(0, 12))

    with pytest.raises(LedgerBroken):
        witness.cosign(request(12, 20, FORK))

    assert [Alarm(LOG.name, What.UNPROVEN, NOON)] == alarms(witness.memory(), clock())
    witness.cosign(request(12, 20))
    assert alarms(witness.memory(), clock()) == []


@pytest.mark.parametrize("old", [0, 5, 7])
def test_rollback_is_refused_and_nothing_changes(old: int, witness: Site) -> None:
    witness.cosign(request(0, 12))
    before = witness.memory()

    with pytest.raises(Conflict):
        witness.cosign(request(old, 7))

    assert before == witness.memory()
    assert witness.size(request(old, 7)) == 12


def test_replayed_old_request_is_refused(witness: Site) -> None:
    old = request(0, 7)
    witness.cosign(old)
    witness.cosign(request(7, 12))

    with pytest.raises(Conflict):
        witness.cosign(old)


def test_a_ledger_it_was_not_given_is_refused(witness: Site) -> None:
    with pytest.raises(NotFound):
        witness.cosign(request(0, 7, signer=STRANGER))


def test_wrong_key_kind_a_witnesss_key_is_no_ledger(witness: Site) -> None:
    with pytest.raises(BadFormat):
        witness.add_log(witness.witness.vkey())


def test_a_second_key_under_a_known_name_is_another_ledger(witness: Site) -> None:
    """Whoever could replace the key could begin another history under the old name."""
    other = Signer(LOG.name, STRANGER.key)

    with pytest.raises(Conflict):
        witness.add_log(other.verifier().vkey())


def test_a_witness_does_not_witness_itself(witness: Site) -> None:
    own = Signer("own.example", witness.cosigner.key)

    with pytest.raises(Conflict):
        witness.add_log(own.verifier().vkey())


@pytest.mark.parametrize("cut", [0, 1, 10, 60, 140, -1])
def test_truncated_note_is_refused_and_nothing_remembered(cut: int, witness: Site) -> None:
    with pytest.raises(BadFormat):
        witness.cosign(request(0, 7)[:cut])

    assert witness.memory().logs[0].head() is None


def test_huge_body_is_refused(witness: Site) -> None:
    with pytest.raises(BadFormat):
        witness.cosign(request(0, 7) + b"\n" * MAX_REQUEST_BYTES)


def test_a_clock_that_was_set_back_signs_nothing_and_is_said(witness: Site, clock: Clock) -> None:
    """Else silence would be hidden by standing still."""
    witness.cosign(request(0, 7))
    clock.ms -= 3_600_000

    with pytest.raises(ClockBehind):
        witness.cosign(request(7, 12))

    assert [Alarm("", What.CLOCK, NOON)] == alarms(witness.memory(), clock())


def test_a_clock_a_little_behind_never_makes_time_go_back(witness: Site, clock: Clock) -> None:
    witness.cosign(request(0, 7))
    clock.ms -= 60_000

    assert witness.cosign(request(7, 12)).at_s == NOON // 1000


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 14), st.integers(1, 14), st.booleans(), st.booleans()), max_size=12
    )
)
def test_whatever_is_asked_in_whatever_order_one_history_is_signed_and_only_grows(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, int, bool, bool]]
) -> None:
    home = tmp_path_factory.mktemp("w")
    create(home, NAME)
    made = open_site(home, NAME, Clock())
    made.add_log(LOG.verifier().vkey())
    signed: list[Checkpoint] = []

    for old, size, forked, helpful in asked:
        leaves = FORK if forked else LEAVES
        # A helpful asker begins where the witness stands, as one that wants to be heard would.
        old = made.size(request(0, size, leaves)) if helpful else old
        with contextlib.suppress(BadFormat, Conflict, LedgerFork, LedgerBroken):
            signed.append(made.cosign(request(min(old, size), size, leaves)).head)

    assert sorted(one.size for one in signed) == [one.size for one in signed]
    beyond = {one.root == root_of(LEAVES[: one.size]) for one in signed if one.size > 9}
    assert len(beyond) <= 1
    assert made.size(request(0, 1)) == (signed[-1].size if signed else 0)


def test_a_witness_that_is_held_for_too_long_says_so(
    witness: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy, "_PATIENCE_S", 0.02)

    with memory.in_turn(witness.home), pytest.raises(Unreachable, match="held by another"):
        witness.cosign(request(0, 7))


# --- silence


def test_a_ledger_silent_for_26_hours_raises_the_alarm(witness: Site, clock: Clock) -> None:
    witness.cosign(request(0, 7))

    assert alarms(witness.memory(), NOON + SILENCE_MS) == []
    assert [Alarm(LOG.name, What.SILENT, NOON)] == alarms(witness.memory(), NOON + SILENCE_MS + 1)


def test_an_old_head_brought_again_does_not_hide_silence(witness: Site, clock: Clock) -> None:
    """The clockwork of the city has stopped, and somebody replays its last words."""
    witness.cosign(request(0, 7))
    for _ in range(27):
        clock.ms += 3_600_000
        witness.cosign(request(7, 7))

    assert [Alarm(LOG.name, What.SILENT, NOON)] == alarms(witness.memory(), clock())


def test_a_ledger_that_never_came_is_silent_too(witness: Site) -> None:
    assert [Alarm(LOG.name, What.SILENT, NOON)] == alarms(witness.memory(), NOON + SILENCE_MS + 1)


def test_a_ledger_without_heartbeat_may_be_silent(tmp_path: Path, clock: Clock) -> None:
    create(tmp_path / "w", NAME)
    made = open_site(tmp_path / "w", NAME, clock)
    made.add_log(LOG.verifier().vkey(), heartbeat=False)

    assert alarms(made.memory(), NOON + 100 * SILENCE_MS) == []


# --- memory


def test_what_was_signed_is_remembered_after_a_restart(witness: Site, clock: Clock) -> None:
    witness.cosign(request(0, 12))

    again = open_site(witness.home, NAME, clock)

    assert again.witness == witness.witness
    with pytest.raises(LedgerFork):
        again.cosign(request(12, 12, FORK))


def test_a_witness_that_lost_its_memory_is_none(witness: Site, clock: Clock) -> None:
    (witness.home / memory.FILE).unlink()

    with pytest.raises(LedgerError, match="lost its memory"):
        open_site(witness.home, NAME, clock)
    with pytest.raises(LedgerError, match="lost its memory"):
        witness.cosign(request(0, 7))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(99),
        b'{"v":"\xff"}',
        b"{}x",
        b'{"v":2}',
        b'{"v":1,"more":1}',
        b"[" * 99_999,
        b'{"v":1,"logs":[{"vkey":"x","added_at":0}]}',
    ],
)
def test_a_damaged_memory_is_never_begun_anew(raw: bytes, witness: Site, clock: Clock) -> None:
    (witness.home / memory.FILE).write_bytes(raw)

    with pytest.raises(LedgerError):
        open_site(witness.home, NAME, clock)
    with pytest.raises(LedgerError):
        witness.cosign(request(0, 7))
    assert raw == (witness.home / memory.FILE).read_bytes()


def test_a_memory_with_a_head_that_its_ledger_did_not_sign_is_not_believed(witness: Site) -> None:
    witness.cosign(request(0, 12))
    path = witness.home / memory.FILE
    path.write_bytes(path.read_bytes().replace(b"\\n12\\n", b"\\n11\\n"))

    with pytest.raises(LedgerError, match="did not sign"):
        witness.cosign(request(11, 13))


def test_keys_and_memory_are_for_the_owner_alone(witness: Site) -> None:
    for path in (witness.home / "keys" / site.KEY, witness.home / memory.FILE):
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_witness_is_made_once(witness: Site) -> None:
    with pytest.raises(Conflict):
        create(witness.home, NAME)


def test_a_damaged_key_is_refused(witness: Site, clock: Clock) -> None:
    (witness.home / "keys" / site.KEY).write_bytes(b"-----BEGIN PRIVATE KEY-----\n")

    with pytest.raises(WrongKey):
        open_site(witness.home, NAME, clock)


# --- crashes and two at once


def test_killed_between_remembering_and_answering_costs_a_repetition(
    witness: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer left; asked again it tells from where, and never signs another history."""

    def killed(*_: Any) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(site, "cosign", killed)
        with pytest.raises(KeyboardInterrupt):
            witness.cosign(request(0, 12))
    again = open_site(witness.home, NAME, clock)

    with pytest.raises(LedgerFork):
        again.cosign(request(0, 12, FORK))
    with pytest.raises(Conflict):
        again.cosign(request(0, 12))
    assert again.size(request(0, 12)) == 12
    assert head(12) == again.cosign(request(12, 12)).head


def _dies_answering(home: Path) -> None:
    """Another process, killed by the system at the moment it would sign."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "cosign", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        open_site(home, NAME, lambda: NOON).cosign(request(0, 12))


@pytest.mark.skipif(os.name == "nt", reason="no fork there")
def test_killed_by_the_system_between_remembering_and_answering(
    witness: Site, clock: Clock
) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=_dies_answering, args=(witness.home,)
    )

    process.start()
    process.join(60)

    assert -signal.SIGKILL == process.exitcode
    again = open_site(witness.home, NAME, clock)
    assert head(12) == again.memory().logs[0].head()
    with pytest.raises(LedgerFork):
        again.cosign(request(0, 12, FORK))
    assert head(12) == again.cosign(request(12, 12)).head


def test_killed_while_remembering_signs_nothing(
    witness: Site, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness.cosign(request(0, 7))
    signed: list[object] = []
    monkeypatch.setattr(site, "cosign", lambda *given: signed.append(given))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        witness.cosign(request(7, 12))
    monkeypatch.undo()

    assert signed == []
    assert open_site(witness.home, NAME, clock).memory().logs[0].head() == head(7)


def test_a_full_disk_signs_nothing(witness: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[object] = []
    monkeypatch.setattr(site, "cosign", lambda *given: signed.append(given))

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unreachable):
        witness.cosign(request(0, 7))

    assert signed == []


def _asks(home: Path, first: int, results: Any) -> None:
    """Another program with the same home, in a process of its own."""
    made = open_site(home, NAME, lambda: NOON)
    done = []
    for size in range(first, 39, 2):
        # Each asks from where the witness says, with its own history.
        leaves = LEAVES if first == 1 else FORK
        old = made.size(request(0, size, leaves))
        try:
            cosigned = made.cosign(request(min(old, size), size, leaves))
        except (Conflict, LedgerFork, LedgerBroken):
            continue
        done.append((cosigned.head.size, cosigned.head.root))
    results.put(done)


@pytest.mark.skipif(os.name == "nt", reason="no fork there")
def test_two_writers_with_two_histories_get_one_between_them(witness: Site) -> None:
    """Whichever comes first past the ninth entry, the other gets nothing any more."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    both = [context.Process(target=_asks, args=(witness.home, n, results)) for n in (1, 2)]

    for one in both:
        one.start()
    signed = [results.get(timeout=60) for _ in both]
    for one in both:
        one.join()

    beyond = [
        {root == root_of(LEAVES[:size]) for size, root in each if size > 9} for each in signed
    ]
    told = {one for each in beyond for one in each}
    assert len(told) == 1, signed
    sizes = sorted(size for each in signed for size, _ in each)
    assert len(set(sizes)) == len(sizes)


def test_while_one_works_another_waits(witness: Site, clock: Clock) -> None:
    order: list[str] = []

    class Slow:
        def __call__(self) -> int:
            order.append("asked the time")
            return NOON

    slow = Site(witness.home, witness.cosigner, Slow())
    with memory.in_turn(witness.home):
        thread = Thread(target=lambda: slow.cosign(request(0, 7)))
        thread.start()
        thread.join(0.1)
        assert order == []
    thread.join(10)

    assert order
    assert witness.size(request(7, 7)) == 7
