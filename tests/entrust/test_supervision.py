"""Supervision: a draw that anybody draws again, and what is late."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.entrust.supervision import Check, FollowUp, Kind, State, beneath, sample
from azukari.names import id_of
from azukari.seal.documents import Agreement, Terms

ACT = id_of(bytes(16))
CARRIERS = [id_of(bytes([number]) * 16) for number in range(20)]
TERMS = Terms(
    columns=[],
    purposes=[],
    media=[],
    expires_at=0,
    may_re_entrust=True,
    depth=9,
    training=[],
    approvers=2,
    device_key="file",
)


def link(number: int, parent: int | None) -> Agreement:
    above = "" if parent is None else id_of(bytes([parent]) * 16)
    identifier = id_of(bytes([number]) * 16)
    return Agreement(
        id=identifier,
        parent=above,
        replaces="",
        entrustor="a",
        processor="b",
        terms=TERMS,
        from_at=0,
    )


def test_a_draw_is_by_the_digest_of_act_and_carrier() -> None:
    """The sentence of the operators' page, written a second time."""

    def rank(carrier: str) -> str:
        whole = b"azukari/sample/1\x00" + ACT.encode() + b"\x00" + carrier.encode()
        return hashlib.sha256(whole).hexdigest()

    assert tuple(sorted(CARRIERS, key=rank)[:5]) == sample(CARRIERS, ACT, 5)


def test_a_draw_is_what_it_was() -> None:
    """A vector: what was drawn once is drawn by every later version."""
    digest = hashlib.sha256(" ".join(sample(CARRIERS, ACT, 3)).encode()).hexdigest()

    assert "6e82690c223cbd2fdff6b5514a7375d6db766319c2e7c30a04fe5594ee2362e6" == digest


@settings(deadline=None)
@given(st.permutations(CARRIERS), st.integers(0, 25))
def test_a_draw_is_the_same_in_any_order_and_never_more_than_asked(
    carriers: list[str], most: int
) -> None:
    drawn = sample(carriers, ACT, most)

    assert sample(CARRIERS, ACT, most) == drawn
    assert min(most, len(CARRIERS)) == len(set(drawn)) == len(drawn)
    assert set(drawn) <= set(CARRIERS)


def test_every_carrier_is_drawn_by_some_act() -> None:
    acts = [id_of(number.to_bytes(16, "big")) for number in range(300)]

    assert set(CARRIERS) == {sample(CARRIERS, act, 1)[0] for act in acts}


def test_beneath_an_agreement_is_what_hangs_on_it_and_no_more() -> None:
    links = [link(1, None), link(2, 1), link(3, 2), link(4, None), link(5, 4)]

    assert [links[0], links[1], links[2]] == beneath(links[0].id, links)
    assert [links[1], links[2]] == beneath(links[1].id, links)
    assert [] == beneath(id_of(bytes([9]) * 16), links)


def test_agreements_in_a_ring_end() -> None:
    links = [link(1, 2), link(2, 1)]

    assert 2 == len(beneath(links[0].id, links))


def test_where_a_check_stands() -> None:
    check = Check(CARRIERS[0], ACT, Kind.VISIT, 0, "p", planned_at=10, due_at=20)
    follow_up = FollowUp(CARRIERS[1], "p", 20, "what")

    for one, done in (
        (check, lambda at: replace(check, done_at=at)),
        (follow_up, lambda at: replace(follow_up, closed_at=at)),
    ):
        assert State.PLANNED is one.state(20)
        assert State.LATE is one.state(21)
        assert State.DONE is done(20).state(99)
        assert State.DONE_LATE is done(21).state(99)
