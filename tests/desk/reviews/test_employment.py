"""A person's own word, anew, on who pays them; and why people leave."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import backup, enrol, evidence, people, post, post_office, review
from azukari.errors import BadInput, BadSignature, Refused
from azukari.keys import again
from azukari.keys.policy import Believed
from azukari.seal import documents as doc

DAY_MS = 86_400_000


def take_in(city: Any, envelope: bytes) -> post.Look:
    look = post_office.look(city.office, post.open_post(envelope))
    post_office.take(city.office, look)
    return look


def reasons(refused: Any) -> tuple[str, ...]:
    return tuple(refused.value.reasons)


def test_false_employer_by_their_own_word_alone(centre: Any) -> None:
    """The key service believes the person; the office need not say anything."""
    city, operator = centre.city, centre.city.person("operator")
    city.keeper.believe([centre.state(operator, "")])

    for _ in range(2):
        with pytest.raises(Refused) as refused:
            city.ask()
        assert "person_left" in reasons(refused)
        city.restart()


def test_false_employer_takes_it_back(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    take_in(city, centre.state(operator, city.cast.parties["hidden"]))
    city.clock.set("2022-06-21 18:30")

    take_in(city, centre.state(operator, centre.party))

    assert operator in city.keeper.believed.negative
    assert operator in people.withdrawn(city.office)


def test_false_employer_said_in_another_name(centre: Any) -> None:
    """Nobody gets a colleague thrown out: only the person's own key says who pays them."""
    city, operator = centre.city, centre.city.person("operator")
    for name in ("supervisor", "officer", "centre_officer"):
        forged = centre.state(operator, "", city.cast.signer(name))
        with pytest.raises(BadSignature):
            city.keeper.believe([forged])
        with pytest.raises(BadSignature):
            take_in(city, forged)
    assert operator not in city.keeper.believed.negative
    assert "person.stated" not in city.types("office")


def test_false_employer_kept_by_their_officer(centre: Any) -> None:
    """An answer that names another employer and asks to keep the person all the same."""
    half = centre.answer(centre.roster(), (centre.city.person("operator"),))
    lines = [replace(line, verdict="keep") for line in doc.unverified(half, doc.Review).people]

    with pytest.raises(Refused) as refused:
        review.look(centre.city.office, centre.changed(half, people=lines))

    assert ("review_contradicts_itself",) == reasons(refused)


def test_false_employer_covered_by_their_officer(centre: Any) -> None:
    """The officer says that they are theirs; their own word is enough."""
    city, operator = centre.city, centre.city.person("operator")
    half = centre.answer(centre.roster())
    take_in(city, centre.state(operator, city.cast.parties["hidden"]))

    closed = centre.close(half)

    (found,) = [one for one in closed.looked.findings if one.why]
    assert (operator, True) == (found.line.person, found.false_employer)
    assert (centre.party, city.cast.parties["hidden"]) == (found.line.employer, found.own)


def test_a_word_that_agrees_changes_nothing_but_is_kept(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    word = centre.state(operator, centre.party)

    look = take_in(city, word)

    assert (("the person says again who pays them",), "the person") == (look.changes, look.sender)
    assert ["person.stated"] == city.types("office")[-1:]
    assert operator not in people.withdrawn(city.office)
    assert take_in(city, word).known
    assert 1 == city.types("office").count("person.stated")
    assert city.ask()


def test_a_word_ahead_of_now_is_refused(centre: Any) -> None:
    person, signer = centre.city.cast.hand("operator")
    word = enrol.state(person, "", signer, centre.city.clock.now() + DAY_MS)

    with pytest.raises(BadInput, match="ahead of now"):
        take_in(centre.city, word)


def test_who_goes_by_their_own_word_leaves_on_record_and_their_device_stays(
    centre: Any,
) -> None:
    city, operator = centre.city, centre.city.person("operator")
    take_in(city, centre.state(operator, ""))

    assert ["person.stated", "person.left"] == city.types("office")[-2:]
    with city.office.act() as tx:
        last = city.office.book.head(tx).size - 1
        assert {"because": "employer-changed"} == city.office.book.detail(tx, last)
    assert city.device not in city.keeper.believed.negative
    again = {"person": city.person("supervisor"), "role": "supervisor"}
    assert city.ask(**again)


def test_whoever_decides_again_believes_the_word_too(centre: Any) -> None:
    """In whatever order the files come: an officer who goes has vouched for people before."""
    city, officer = centre.city, centre.city.person("centre_officer")
    take_in(city, centre.state(officer, ""))
    files = evidence.gather(city.office, city.order.id)
    pinned = again.pinned(files.pop(again.PINNED))
    alone = {name: one for name, one in files.items() if doc.word_of(one) is not doc.Status}

    for order in (alone, dict(reversed(alone.items()))):
        believed, why = again.believe(pinned, order)

        assert {} == why
        assert {officer} == believed.negative
        assert city.person("operator") in believed.people


def test_who_has_left_before_leaves_no_second_time(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    people.leave(city.office, operator, city.person("officer"))

    take_in(city, centre.state(operator, ""))

    assert 1 == city.types("office").count("person.left")
    assert ["person.stated"] == city.types("office")[-1:]


def test_a_restored_key_service_is_told_the_word_again(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    take_in(city, centre.state(operator, ""))
    empty = Believed(city.keeper.believed.pinned)

    class Restored:
        def believe(self, documents: list[bytes]) -> None:
            for envelope in documents:
                empty.take(envelope, city.clock.now())

    told: Any = Restored()
    assert backup.believe_again(city.office, told)
    assert operator in empty.negative


@pytest.mark.parametrize("because", people.BECAUSE)
def test_why_somebody_leaves_stands_in_the_detail(centre: Any, because: str) -> None:
    city, operator = centre.city, centre.city.person("operator")

    people.leave(city.office, operator, city.person("officer"), because)

    with city.office.act() as tx:
        last = city.office.book.head(tx).size - 1
        assert {"because": because} == city.office.book.detail(tx, last)


def test_nobody_leaves_for_a_reason_that_is_none(centre: Any) -> None:
    with pytest.raises(BadInput):
        people.leave(centre.city.office, centre.city.person("operator"), "", "他の理由")
    assert "person.left" not in centre.city.types("office")
