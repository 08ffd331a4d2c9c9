"""The office and its witnesses: what it shows, what it keeps, what it says when one quarrels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import witnesses
from azukari.desk.tick import tick
from azukari.desk.witnesses import Told
from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    Conflict,
    LedgerBehind,
    LedgerBroken,
    LedgerFork,
    NotFound,
    Unreachable,
)
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.ledger.cosign import Witness, cosignatures
from azukari.ledger.policy import parse_policy
from azukari.ledger.vouching import vouched
from azukari.ledger.witnessing import decode_request
from azukari.shelf import asking
from azukari.vault import cosigned as rows
from azukari.witness.alarm import What, alarms
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
}


@pytest.fixture
def witness(city: Any, tmp_path: Path) -> Callable[[str], Site]:
    """Make a witness that was given both ledgers."""

    def made(name: str = "committee") -> Site:
        create(tmp_path / name, f"{name}.example/w1")
        site = open_site(tmp_path / name, f"{name}.example/w1", city.clock.now)
        site.add_log(city.office.book.verifier())
        site.add_log(city.keeper.verifier)
        return site

    return made


def known(city: Any, site: Site, url: str = "", own: bool = False) -> str:
    witnesses.add(city.office, site.witness.vkey(), url, own, city.person("officer"))
    return site.witness.name


def stick(city: Any, site: Site, name: str, which: witnesses.Which) -> list[Told]:
    return witnesses.take(
        city.office, site.cosign(witnesses.request(city.office, name, which)).lines
    )


def by_wire(site: Site, patch: pytest.MonkeyPatch) -> list[int]:
    """The witness at the address, without a wire; returns the statuses it answered."""
    answered: list[int] = []

    def add_checkpoint(url: str, body: bytes) -> tuple[int, bytes]:
        assert url == URL
        try:
            said = 200, site.cosign(body).lines
        except AzukariError as error:
            status = STATUS[type(error)]
            said = status, f"{site.size(body)}\n".encode() if status == 409 else b"no\n"
        answered.append(said[0])
        return said

    patch.setattr(asking, "add_checkpoint", add_checkpoint)
    return answered


def test_a_witness_is_added_by_an_entry_and_once(city: Any, witness: Any) -> None:
    site = witness()
    known(city, site)

    assert city.types("office")[-1] == "witness.added"
    with pytest.raises(Conflict):
        known(city, site)
    assert city.types("office").count("witness.added") == 1


@pytest.mark.parametrize("name", ["outside", "none", "w1\x7f"])
def test_a_witness_whose_name_would_spoil_every_policy_is_refused(
    name: str, city: Any, witness: Any
) -> None:
    site = Witness(name, witness().witness.public)

    with pytest.raises(Conflict, match="no policy can name"):
        witnesses.add(city.office, site.vkey(), "", False, city.person("officer"))
    assert witnesses.known(city.office) == []
    assert "witness.added" not in city.types("office")


def test_one_witness_under_two_names_is_refused(city: Any, witness: Any) -> None:
    """Else the city would count its own witness as one outside, too."""
    site = witness()
    known(city, site, own=True)
    again = Witness("auditor.example/w2", site.witness.public)

    with pytest.raises(Conflict, match="no policy can name"):
        witnesses.add(city.office, again.vkey(), "", False, city.person("officer"))
    assert [site.witness] == [one.witness for one in witnesses.known(city.office)]


def test_a_ledger_that_would_be_its_own_witness_is_refused(city: Any) -> None:
    log = parse_vkey(city.office.book.verifier())
    vkey = Witness("committee.example/w1", log.public).vkey()

    with pytest.raises(Conflict, match="no policy can name"):
        witnesses.add(city.office, vkey, "", False, city.person("officer"))


def test_wrong_key_kind_a_ledger_is_no_witness(city: Any) -> None:
    with pytest.raises(BadFormat):
        witnesses.add(city.office, city.office.book.verifier(), "", False, city.person("officer"))
    assert witnesses.known(city.office) == []


@pytest.mark.parametrize("which", witnesses.WHICH)
def test_by_stick_there_and_back_again_and_again(
    which: witnesses.Which, city: Any, witness: Any
) -> None:
    site = witness()
    name = known(city, site)

    for _ in range(3):
        [told] = stick(city, site, name, which)
        city.hand_over() if not city.types("office").count("carrier.received") else None
        city.office.follow_keys()

        assert (name, which) == (told.witness, told.which)
    [seen] = witnesses.seen(city.office, which)
    assert seen.size == told.size


def test_a_second_request_goes_on_from_what_was_cosigned(city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    [told] = stick(city, site, name, "office")
    city.hand_over()

    again = decode_request(witnesses.request(city.office, name, "office"))

    assert told.size == again.old
    assert again.claimed().size > told.size


def test_the_head_that_was_cosigned_carries_both_signatures(city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    stick(city, site, name, "keys")

    note = witnesses.cosigned_head(city.office, "keys", witnesses.head(city.office, "keys"))

    assert open_checkpoint(note, parse_vkey(city.keeper.verifier))
    assert len(cosignatures(note, [site.witness])) == 1


def test_two_witnesses_under_one_head_stand_in_one_note(city: Any, witness: Any) -> None:
    sites = [witness(name) for name in ("committee", "auditor")]
    names = [known(city, site) for site in sites]
    asked = [witnesses.request(city.office, name, "office") for name in names]
    for site, body in zip(sites, asked, strict=True):
        witnesses.take(city.office, site.cosign(body).lines)

    [note] = witnesses.notes(city.office, "office")

    assert len(cosignatures(note, [site.witness for site in sites])) == 2


# --- what is not taken


def test_cosignature_of_another_witness_key_is_not_taken(city: Any, witness: Any) -> None:
    site, other = witness(), witness("impostor")
    name = known(city, site)
    body = witnesses.request(city.office, name, "office")

    with pytest.raises(BadSignature):
        witnesses.take(city.office, other.cosign(body).lines)

    assert witnesses.seen(city.office, "office") == []


def test_a_cosignature_that_nobody_asked_for_is_not_taken(city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    lines = site.cosign(witnesses.request(city.office, name, "office")).lines
    city.hand_over()
    witnesses.request(city.office, name, "office")

    with pytest.raises(BadSignature):
        witnesses.take(city.office, lines)


def test_an_older_answer_never_replaces_a_newer_one(city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    body = witnesses.request(city.office, name, "office")
    older = site.cosign(body).lines
    city.clock.at += 60_000
    again = witnesses.request(city.office, name, "office", decode_request(body).claimed().size)
    newer = site.cosign(again)
    witnesses.take(city.office, newer.lines)

    witnesses.take(city.office, older)

    [seen] = witnesses.seen(city.office, "office")
    assert newer.at_s == seen.cosignature.at_s


def test_timestamps_in_the_future_are_not_taken(city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    ahead = Site(site.home, site.cosigner, lambda: city.clock.now() + 3_600_000)

    lines = ahead.cosign(witnesses.request(city.office, name, "office")).lines

    with pytest.raises(BadSignature, match="has not come"):
        witnesses.take(city.office, lines)


@pytest.mark.parametrize("cut", [0, 10, 60, -2])
def test_a_truncated_answer_is_not_taken(cut: int, city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    lines = site.cosign(witnesses.request(city.office, name, "office")).lines

    with pytest.raises((BadFormat, BadSignature)):
        witnesses.take(city.office, lines[:cut])


def test_a_huge_answer_is_not_taken(city: Any, witness: Any) -> None:
    site = witness()
    name = known(city, site)
    lines = site.cosign(witnesses.request(city.office, name, "office")).lines

    with pytest.raises(BadFormat):
        witnesses.take(city.office, lines * 200)


def test_nobody_asks_a_witness_that_is_not_known(city: Any) -> None:
    with pytest.raises(NotFound):
        witnesses.request(city.office, "committee.example/w1", "office")


# --- by network, softly


def test_the_tick_shows_what_grew_and_only_that(
    city: Any, witness: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = witness()
    known(city, site, URL)
    answered = by_wire(site, monkeypatch)

    first, second = tick(city.office).asked, tick(city.office).asked

    assert [("office", ()), ("keys", ())] == [(one.which, one.why) for one in first]
    assert second == []
    assert answered == [200, 200]


def test_a_tick_and_its_heartbeat_keep_a_witness_quiet(
    city: Any, witness: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five days on which nobody did anything: no alarm; two hours after the tick stopped: one."""
    site = witness()
    known(city, site, URL)
    by_wire(site, monkeypatch)
    for _ in range(5 * 24):
        city.clock.at += 3_600_000
        tick(city.office)

        assert alarms(site.memory(), city.clock.now()) == []
    city.clock.at += 27 * 3_600_000

    silent = {(alarm.what, alarm.log) for alarm in alarms(site.memory(), city.clock.now())}
    ledgers = (city.office.book.origin, city.keeper.head().origin)
    assert {(What.SILENT, ledger) for ledger in ledgers} == silent


def test_an_answer_that_was_lost_is_asked_for_again_from_where_the_witness_says(
    city: Any, witness: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = witness()
    name = known(city, site, URL)
    site.cosign(witnesses.request(city.office, name, "office"))  # the answer never came
    answered = by_wire(site, monkeypatch)

    told = tick(city.office).asked

    assert [(), ()] == [one.why for one in told]
    assert answered == [409, 200, 200]


def test_a_witness_that_does_not_answer_stops_nothing(
    city: Any, witness: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(city, witness(), URL)
    known(city, witness("auditor"), URL)

    def nobody(*_: object) -> tuple[int, bytes]:
        raise Unreachable("the witness does not answer")

    monkeypatch.setattr(asking, "add_checkpoint", nobody)

    told = tick(city.office).asked

    assert [(witnesses.UNREACHABLE,)] * 2 == [one.why for one in told]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((200, b"nonsense\n"), witnesses.WRONG),
        ((200, b""), witnesses.WRONG),
        ((200, "— committee.example/w1 AAAA\n".encode()), witnesses.WRONG),
        ((409, b"twelve\n"), witnesses.WRONG),
        ((409, "１２\n".encode()), witnesses.WRONG),
        ((409, b"9" * 16 + b"\n"), witnesses.AHEAD),
        ((409, b"1\n"), witnesses.ANOTHER),
        ((422, b"no\n"), witnesses.ANOTHER),
        ((403, b"no\n"), witnesses.REFUSES),
        ((404, b"no\n"), witnesses.REFUSES),
        ((500, b"no\n"), witnesses.REFUSES),
        ((302, b""), witnesses.REFUSES),
    ],
)
def test_whatever_a_witness_answers_the_tick_goes_on(
    answer: tuple[int, bytes],
    why: str,
    city: Any,
    witness: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known(city, witness(), URL)
    monkeypatch.setattr(asking, "add_checkpoint", lambda *_: answer)

    told = tick(city.office).asked

    assert {(why,)} == {one.why for one in told}
    assert witnesses.seen(city.office, "office") == []


def test_rollback_of_the_office_is_noticed_by_the_witness(
    another: Any, witness: Any, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older copy of the whole office, put back: it is told that it has forgotten."""
    site = witness()
    known(city, site, URL)
    by_wire(site, monkeypatch)
    city.hand_over()
    tick(city.office)
    old = another()
    known(old, site, URL)

    told = {one.which: one.why for one in tick(old.office).asked}

    assert told["office"] == (witnesses.AHEAD,)


def test_fork_shown_to_the_witness_by_a_rolled_back_office_is_noticed_by_both(
    another: Any, witness: Any, city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older copy writes on until it is long enough: another history."""
    site = witness()
    known(city, site, URL)
    by_wire(site, monkeypatch)
    city.hand_over()
    tick(city.office)
    old = another()
    old.clock.at += 60_000
    known(old, site, URL)
    size = site.memory().of(old.office.book.origin).head().size
    while len(old.types("office")) <= size + 3:
        old.clock.at += 21 * 3_600_000
        tick(old.office)
        site = Site(site.home, site.cosigner, old.clock.now)
        by_wire(site, monkeypatch)

    told = {one.which: one.why for one in tick(old.office).asked}

    assert told["office"] == (witnesses.ANOTHER,)
    assert What.UNPROVEN in {one.what for one in alarms(site.memory(), old.clock.now())}


# --- what it is worth


def chosen(city: Any, *sites: Site, quorum: str = "all") -> Any:
    lines = [f"log {city.office.book.verifier()}", f"log {city.keeper.verifier}"]
    lines += [f"witness w{i} {site.witness.vkey()}" for i, site in enumerate(sites)]
    lines.append(f"group g {quorum} " + " ".join(f"w{i}" for i in range(len(sites))))
    return parse_policy("\n".join([*lines, "quorum g", ""]).encode())


def judged(city: Any, policy: Any, *, now: int | None = None) -> Any:
    office = city.office
    return vouched(
        witnesses.notes(office, "office"),
        parse_vkey(office.book.verifier()),
        policy,
        lambda size: witnesses.root_at(office, "office", size),
        (now or office.now()) // 1000,
    )


def test_witnesses_enough_vouch_for_as_much_as_the_shortest_of_them_saw(
    city: Any, witness: Any
) -> None:
    sites = [witness(name) for name in ("committee", "auditor")]
    names = [known(city, site) for site in sites]
    [short] = stick(city, sites[0], names[0], "office")
    city.hand_over()
    [long] = stick(city, sites[1], names[1], "office")

    assert short.size == judged(city, chosen(city, *sites)).reach
    assert long.size == judged(city, chosen(city, *sites, quorum="any")).reach
    assert judged(city, chosen(city, *sites, witness("absent"))).reach is None


def test_the_officess_proposal_counts_no_witness_of_the_city(city: Any, witness: Any) -> None:
    own, outside = witness("own"), witness("committee")
    logs = [city.office.book.verifier(), city.keeper.verifier]
    name = known(city, own, own=True)
    assert witnesses.policy_text(city.office, logs) is None
    outer = known(city, outside)
    proposed = parse_policy((witnesses.policy_text(city.office, logs) or "").encode())
    stick(city, own, name, "office")

    assert judged(city, proposed).reach is None
    [told] = stick(city, outside, outer, "office")
    assert told.size == judged(city, proposed).reach


def test_a_policy_for_another_ledger_is_refused(city: Any, witness: Any) -> None:
    site = witness()
    stick(city, site, known(city, site), "office")
    policy = parse_policy(
        f"log {city.keeper.verifier}\nwitness w {site.witness.vkey()}\nquorum w\n".encode()
    )

    with pytest.raises(BadSignature, match="does not know"):
        judged(city, policy)


def test_timestamps_in_the_future_do_not_count(city: Any, witness: Any) -> None:
    site = witness()
    stick(city, site, known(city, site), "office")

    assert judged(city, chosen(city, site), now=city.clock.now() - 3_600_000).reach is None


def test_a_cosigned_head_of_another_history_is_a_fork(
    another: Any, city: Any, witness: Any
) -> None:
    """The database was rewritten after a witness signed; its row was left, or is brought back."""
    site, other = witness(), another()
    name = known(city, site)
    city.hand_over()
    stick(city, site, name, "office")
    [seen] = witnesses.seen(city.office, "office")
    other.clock.at += 60_000
    known(other, site)
    other.hand_over()
    while len(other.types("office")) < seen.size:
        other.clock.at += 21 * 3_600_000
        tick(other.office)
    with other.office.act() as tx:
        rows.asked(tx, "office", site.witness.vkey(), seen.note)
        rows.answered(
            tx,
            "office",
            site.witness.vkey(),
            seen.size,
            seen.cosignature.at_s,
            seen.note,
            seen.cosignature.line,
        )

    with pytest.raises(LedgerFork, match="another history"):
        judged(other, chosen(city, site))


def test_a_tail_that_was_dropped_after_a_witness_signed_is_noticed(
    another: Any, city: Any, witness: Any
) -> None:
    site, short = witness(), another()
    name = known(city, site)
    city.hand_over()
    stick(city, site, name, "office")
    notes = witnesses.notes(city.office, "office")

    with pytest.raises(LedgerBehind, match="more than here"):
        vouched(
            notes,
            parse_vkey(city.office.book.verifier()),
            chosen(city, site),
            lambda size: witnesses.root_at(short.office, "office", size),
            city.clock.now() // 1000,
        )
