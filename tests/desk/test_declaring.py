"""Declaring with what little somebody knows: by those whom it concerns, once, whoever's clock."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.desk import audit, declaring, loss, post, post_office
from azukari.errors import AzukariError, BadSignature, Refused
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.vault import records


def said(city: Any, who: str, signer: Any = None, **changed: Any) -> bytes:
    """A declaration as somebody in the cast signs it away from the office."""
    words: dict[str, Any] = {
        "id": new_id(),
        "carriers": [],
        "media": [],
        "bag": "",
        "known_at": city.clock.now(),
        "last_held_at": 0,
        "in_the_bag": "unknown",
        "by": city.person(who),
        "at": city.clock.now(),
    }
    return doc.issue(doc.Loss(**(words | changed)), signer or city.cast.signer(who))


def label(city: Any, carrier: int = 0) -> str:
    with city.office.act() as tx:
        return str(records.carrier(tx, city.carriers[carrier]).label)


def tag(city: Any, carrier: int = 0) -> str:
    with city.office.act() as tx:
        return str(records.carrier(tx, city.carriers[carrier]).tag)


def sizes(city: Any) -> tuple[int, int, int]:
    """How long both ledgers are, and how many incidents there are."""
    return len(city.types("office")), len(city.types("keys")), len(loss.incidents(city.office))


def brought(city: Any, envelope: bytes) -> Any:
    """Taken in at the office as a file that somebody brings."""
    look = post_office.look(city.office, post.open_post(envelope))
    post_office.take(city.office, look)
    return look


# -- what may be meant


def test_what_somebody_holds_is_shown_first(at_six: Any) -> None:
    from azukari.desk.custody import pass_on

    hand = at_six.cast.hand
    pass_on(at_six.office, at_six.carriers[1], "hand-over", hand("supervisor"), hand("engineer"))

    mine = declaring.candidates(at_six.office, at_six.person("engineer"))
    theirs = declaring.candidates(at_six.office, at_six.person("supervisor"))

    assert at_six.carriers[::-1] == [one.carrier for one in mine]
    assert at_six.carriers == [one.carrier for one in theirs]


def test_what_is_in_the_citys_hands_is_not_shown(city: Any) -> None:
    assert [] == declaring.candidates(city.office, city.person("officer"))


def test_a_stranger_to_the_carriers_is_shown_none(at_six: Any) -> None:
    assert [] == declaring.candidates(at_six.office, at_six.person("hidden"))


@pytest.mark.parametrize("by", ["officer", "engineer", "operator", "contractor_officer"])
def test_whoever_it_concerns_declares_by_tag(at_six: Any, by: str) -> None:
    look = brought(at_six, said(at_six, by, media=[tag(at_six, 1)]))

    assert not look.known
    (incident,) = loss.incidents(at_six.office)
    found, declared = loss.incident_of(at_six.office, incident)
    assert (at_six.carriers[1],) == found.carriers
    assert found.revoked
    assert at_six.person(by) == declared.by
    assert [] == audit.audit(at_six.office)


def test_the_bag_is_whatever_its_bearer_holds(at_six: Any) -> None:
    bag = at_six.person("supervisor")

    brought(at_six, said(at_six, "supervisor", bag=bag, in_the_bag="yes"))

    (incident,) = loss.incidents(at_six.office)
    found, declared = loss.incident_of(at_six.office, incident)
    assert set(at_six.carriers) == set(found.carriers)
    assert declared.in_the_bag is True
    # Nobody said when it was last held: the last hand-over that both hands signed.
    assert ms("2022-06-21 17:00") <= declared.last_held_at <= declared.known_at


def test_a_word_that_fits_nothing_does_not_hold_up_those_that_do(at_six: Any) -> None:
    look = brought(at_six, said(at_six, "engineer", carriers=["C-0000-00", label(at_six)]))

    assert any("C-0000-00" in change for change in look.changes)
    (incident,) = loss.incidents(at_six.office)
    assert (at_six.carriers[0],) == loss.incident_of(at_six.office, incident)[0].carriers


def test_a_clock_ahead_elsewhere_holds_nothing_up(at_six: Any) -> None:
    ahead = at_six.clock.now() + 10 * 86_400_000

    brought(at_six, said(at_six, "engineer", carriers=[label(at_six)], known_at=ahead, at=ahead))

    (incident,) = loss.incidents(at_six.office)
    found, declared = loss.incident_of(at_six.office, incident)
    assert found.revoked
    assert declared.last_held_at <= declared.known_at <= at_six.clock.now()


# -- once


def test_the_same_declaration_again_changes_nothing(at_six: Any) -> None:
    envelope = said(at_six, "engineer", carriers=[label(at_six)])
    brought(at_six, envelope)
    before = sizes(at_six)

    assert brought(at_six, envelope).known

    assert before == sizes(at_six)


def test_a_crash_before_the_paper_was_kept_leaves_one_incident(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = said(at_six, "engineer", carriers=[label(at_six)])

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(records, "keep_document", die)
        with pytest.raises(Killed):
            declaring.take(at_six.office, envelope)

    declaring.take(at_six.office, envelope)

    assert 1 == len(loss.incidents(at_six.office))
    assert 1 == at_six.types("keys").count("carrier.revoked")


def test_replayed_a_bag_of_last_week_is_not_what_its_bearer_holds_now(at_six: Any) -> None:
    """Somebody found nothing lost then; the paper must not revoke what is carried later."""
    then = ms("2022-06-18 12:00")
    old = said(at_six, "supervisor", bag=at_six.person("supervisor"), known_at=then, at=then)
    before = sizes(at_six)

    with pytest.raises(Refused, match="declaring a loss"):
        declaring.take(at_six.office, old)

    assert before == sizes(at_six)


# -- who may not


def guesses(city: Any) -> list[dict[str, Any]]:
    return [
        {"carriers": [label(city)]},
        {"carriers": ["C-0000-00"]},
        {"carriers": [city.carriers[0]]},
        {"carriers": [new_id()]},
        {"media": [tag(city)]},
        {"media": ["M-9999"]},
        {"bag": city.person("supervisor")},
        {"bag": new_id()},
        {},
    ]


def test_attack_declare_by_a_strangers_guess_of_labels(at_six: Any) -> None:
    """Enrolled, and of no party of this chain: the same answer whatever they guess."""
    before, told = sizes(at_six), set()
    for guess in guesses(at_six):
        with pytest.raises(AzukariError) as refused:
            brought(at_six, said(at_six, "hidden", **guess))
        told.add((type(refused.value), str(refused.value), getattr(refused.value, "reasons", ())))

    assert 1 == len(told)
    assert before == sizes(at_six)
    assert "key.released" in _asked(at_six)  # nothing was revoked


def test_attack_declare_by_somebody_who_is_not_enrolled(at_six: Any) -> None:
    """Another key, or a name nobody has: refused before a label is looked up."""
    before = sizes(at_six)
    for guess in guesses(at_six):
        forged = said(at_six, "engineer", at_six.cast.signer("hidden"), **guess)
        with pytest.raises(BadSignature):
            brought(at_six, forged)
        nobody = said(at_six, "engineer", by=new_id(), **guess)
        with pytest.raises((BadSignature, Refused)):
            brought(at_six, nobody)

    assert before == sizes(at_six)


def test_whoever_left_declares_nothing(at_six: Any) -> None:
    from azukari.desk import people

    people.leave(at_six.office, at_six.person("engineer"), at_six.person("officer"))

    with pytest.raises(Refused):
        brought(at_six, said(at_six, "engineer", carriers=[label(at_six)]))

    assert [] == loss.incidents(at_six.office)


def _asked(city: Any) -> list[str]:
    city.ask()
    return list(city.types("keys"))


def test_attack_another_declaration_handed_in_under_the_id_of_one_under_way(at_six: Any) -> None:
    """Whoever sees the file in transit signs one of their own with its id, of a carrier less."""
    true = said(at_six, "engineer", carriers=list(at_six.carriers))
    identifier = doc.unverified(true, doc.Loss).id
    brought(at_six, said(at_six, "supervisor", id=identifier, carriers=[at_six.carriers[1]]))

    look = brought(at_six, true)

    assert any("ANOTHER FILE CAME UNDER ITS ID" in change for change in look.changes)
    entries = at_six.entries("keys")
    revoked = {ref for one in entries if one.type == "carrier.revoked" for ref in one.refs}
    assert set(at_six.carriers) <= revoked
    with at_six.office.act() as tx:
        kept = records.documents(tx, doc.Loss)
    assert 2 == len(kept)
    assert true in kept
    assert brought(at_six, true).known
    assert [] == audit.audit(at_six.office)
