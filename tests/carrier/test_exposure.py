"""The five states: the worst release wins, unknown counts as the worse, a seal is no release."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.exposure import OPEN, SEAL, PartState, Release, State, Word, rank, state, worst

HOME = Release(
    "c", ("p1", "p2"), OPEN, "g", "d", window_to=1_000, device_accounted_for=False, travelled=False
)
DESTROYED = replace(HOME, receipt="erased", one_time_key_destroyed=True)
RELEASES = st.builds(
    Release,
    carrier=st.just("c"),
    parts=st.sampled_from([("p1",), ("p2",), ("p1", "p2"), ()]),
    use=st.sampled_from([SEAL, OPEN, "something new"]),
    window_to=st.none() | st.integers(min_value=0, max_value=9_999),
    receipt=st.sampled_from([None, "opened", "erased"]),
    one_time_key_destroyed=st.booleans(),
    device_accounted_for=st.sampled_from([None, False, True]),
    travelled=st.sampled_from([None, False, True]),
)


def test_without_a_release_it_was_never_released_on_the_ledgers_word() -> None:
    assert PartState(State.NEVER_RELEASED, Word.LEDGER, "state.never_released.ledger") == state(
        "p1", []
    )


def test_a_release_to_the_office_for_sealing_is_not_a_release_outside() -> None:
    assert State.NEVER_RELEASED is state("p1", [replace(HOME, use=SEAL)]).state


def test_a_use_that_is_not_known_counts_as_opening() -> None:
    assert State.NO_RECEIPT is state("p1", [replace(HOME, use="later invention")]).state


def test_a_release_of_other_parts_says_nothing_about_this_one() -> None:
    assert State.NEVER_RELEASED is state("p3", [HOME]).state


@pytest.mark.parametrize(
    "release, expected, word",
    [
        (HOME, State.NO_RECEIPT, Word.NOBODY),
        (replace(HOME, device_accounted_for=None), State.NO_RECEIPT, Word.NOBODY),
        (replace(HOME, device_accounted_for=True), State.DEVICE_ACCOUNTED_FOR, Word.PERSON),
        (replace(HOME, travelled=True), State.TRAVELLED, Word.PERSON),
        (replace(HOME, travelled=None), State.TRAVELLED, Word.NOBODY),
        (
            replace(HOME, travelled=None, device_accounted_for=True),
            State.TRAVELLED,
            Word.NOBODY,
        ),
        (DESTROYED, State.KEY_DESTROYED, Word.DEVICE),
        (replace(DESTROYED, travelled=True), State.KEY_DESTROYED, Word.DEVICE),
        (replace(DESTROYED, receipt="opened"), State.NO_RECEIPT, Word.NOBODY),
        (replace(DESTROYED, one_time_key_destroyed=False), State.NO_RECEIPT, Word.NOBODY),
    ],
)
def test_one_release_is_in_one_state(release: Release, expected: State, word: Word) -> None:
    found = state("p1", [release])

    assert (expected, word) == (found.state, found.on_whose_word)
    assert f"state.{expected.value}.{word.value}" == found.sentence_code


def test_the_worst_release_wins() -> None:
    found = state("p1", [DESTROYED, replace(HOME, device_accounted_for=True), HOME])

    assert (found.state, found.releases) == (State.NO_RECEIPT, 3)


def test_on_one_state_the_weaker_word_wins() -> None:
    travelled = [replace(HOME, travelled=None), replace(HOME, travelled=True)]

    assert Word.NOBODY is state("p1", travelled).on_whose_word


def test_the_open_window_forgets_destroyed_keys() -> None:
    late = replace(DESTROYED, window_to=9_000)

    assert state("p1", [HOME, late]).open_until == 1_000
    assert state("p1", [late]).open_until is None


def test_the_device_and_the_carrier_in_one_hand_is_the_worst_of_the_five() -> None:
    assert State.TRAVELLED is max(State, key=rank)
    assert State.NEVER_RELEASED is min(State, key=rank)


@given(st.lists(RELEASES, max_size=6), RELEASES)
@settings(deadline=None)
def test_a_further_release_never_makes_a_state_better(
    releases: list[Release], further: Release
) -> None:
    before, after = state("p1", releases), state("p1", [*releases, further])

    assert rank(after.state) >= rank(before.state)


@given(st.lists(RELEASES, max_size=6))
@settings(deadline=None)
def test_the_order_of_releases_never_matters(releases: list[Release]) -> None:
    assert state("p1", releases) == state("p1", sorted(releases, key=repr))


@given(st.lists(RELEASES, max_size=6))
@settings(deadline=None)
def test_never_released_only_where_no_key_went_out(releases: list[Release]) -> None:
    out = any("p1" in one.parts and one.use != SEAL for one in releases)

    assert out is (state("p1", releases).state is not State.NEVER_RELEASED)


def test_the_worst_of_no_states_is_never_released() -> None:
    assert State.NEVER_RELEASED is worst([])
    assert State.NO_RECEIPT is worst([state("p1", [HOME]), state("p1", [])])
