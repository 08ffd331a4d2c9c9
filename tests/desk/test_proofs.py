"""Proofs for people outside: each under the best head there is, a party's own and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import people, proofs, witnesses
from azukari.errors import BadInput, LedgerBroken, NotFound
from azukari.ledger.checkpoint import parse_vkey
from azukari.ledger.entry import decode
from azukari.ledger.proof import verify_proof
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.vault import records
from azukari.witness.site import Site, create, open_site

pytestmark = pytest.mark.real


@pytest.fixture
def cosign(city: Any, tmp_path: Path) -> Callable[..., None]:
    """Let a witness look at both heads, as they are now."""
    made: dict[str, Site] = {}

    def looked(name: str, *, own: bool = False) -> None:
        if name not in made:
            create(tmp_path / name, name)
            site = made[name] = open_site(tmp_path / name, name, city.clock.now)
            for vkey in (city.office.book.verifier(), city.keeper.verifier):
                site.add_log(vkey)
            witnesses.add(city.office, site.witness.vkey(), "", own, city.person("officer"))
        for which in witnesses.WHICH:
            asked = witnesses.request(city.office, name, which)
            witnesses.take(city.office, made[name].cosign(asked).lines)

    return looked


def sizes(city: Any) -> dict[str, int]:
    return {which: len(city.entries(which)) for which in witnesses.WHICH}


def verifier(city: Any, which: str) -> Any:
    return parse_vkey(city.keeper.verifier if which == "keys" else city.office.book.verifier())


def test_every_entry_of_both_ledgers_is_proved(city: Any) -> None:
    for which in witnesses.WHICH:
        prover = proofs.Prover(city.office, which)
        assert prover.lines
        for i, line in enumerate(prover.lines):
            proved = prover.prove(i)
            index, head = verify_proof(proved.proof, line, verifier(city, which))

            assert (i, line, ()) == (index, proved.line, proved.cosigned)
            assert len(prover.lines) == head.size == proved.size


def test_a_cosigned_head_is_better_than_the_newest(city: Any, cosign: Callable[..., None]) -> None:
    cosign("w1.example")
    then = sizes(city)
    city.ask()

    for which in witnesses.WHICH:
        prover = proofs.Prover(city.office, which)
        old, new = prover.prove(then[which] - 1), prover.prove(then[which])

        assert (then[which], ("w1.example",)) == (old.size, old.cosigned)
        assert (len(prover.lines), ()) == (new.size, new.cosigned)
        verify_proof(old.proof, old.line, verifier(city, which))


def test_one_outside_the_city_counts_before_any_of_its_own(
    city: Any, cosign: Callable[..., None]
) -> None:
    cosign("outside.example")
    then = sizes(city)
    city.ask()
    for name in ("own.example/1", "own.example/2"):
        cosign(name, own=True)

    proved = proofs.Prover(city.office, "keys").prove(0)

    assert (then["keys"], ("outside.example",)) == (proved.size, proved.cosigned)


def test_attack_a_proof_of_an_entry_that_is_not_there(city: Any) -> None:
    prover = proofs.Prover(city.office, "keys")

    for index in (-1, len(prover.lines)):
        with pytest.raises(NotFound):
            prover.prove(index)


def test_attack_entries_that_are_not_those_of_the_signed_head(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = city.keeper.entries(0)
    monkeypatch.setattr(city.keeper, "entries", lambda _: [lines[1], lines[0], *lines[2:]])

    with pytest.raises(LedgerBroken):
        proofs.Prover(city.office, "keys").prove(len(lines) - 1)


def ids_of(city: Any, party: str) -> set[str]:
    """What only belongs to one party: itself, its people and its devices."""
    with city.office.act() as tx:
        people_ = [doc.unverified(one, doc.Person) for one in records.documents(tx, doc.Person)]
        devices = [doc.unverified(one, doc.Device) for one in records.documents(tx, doc.Device)]
    owners = {one.id: one.party for one in people_} | {one.id: one.party for one in devices}
    return {party, *(one for one, owner in owners.items() if owner == party)}


def test_attack_the_ids_of_another_party_in_a_partys_evidence(at_six: Any) -> None:
    at_six.ask()
    at_six.lose()
    office = at_six.office
    parties = [one.id for one in people.parties_of(office) if one.id != office.city]
    ids = {party: ids_of(at_six, party) for party in parties}
    given = 0

    for party in parties:
        for which, found in proofs.evidence(office, party).items():
            given += len(found.proved)
            others = set().union(*(ids[other] for other in parties if other != party))
            for proved in found.proved:
                entry = decode(proved.line)
                verify_proof(proved.proof, proved.line, verifier(at_six, which))
                assert others.isdisjoint({entry.by, *entry.refs})

    assert given


def test_a_partys_evidence_is_all_that_names_it_but_what_names_others(at_six: Any) -> None:
    at_six.ask()
    at_six.lose()
    office = at_six.office
    with office.act() as tx:
        device = doc.unverified(records.documents(tx, doc.Device)[0], doc.Device)

    found = proofs.evidence(office, device.party)

    given = {which: [decode(one.line).type for one in found[which].proved] for which in found}
    assert {"party.added", "device.enrolled", "grant.asked", "carrier.lost"} <= set(given["office"])
    assert {"key.released", "carrier.revoked"} <= set(given["keys"])
    mine = ids_of(at_six, device.party)
    others = {one.id for one in people.parties_of(office)} - {device.party, office.city}
    foreign = set[str]().union(*(ids_of(at_six, other) for other in others))
    for which, evidence in found.items():
        indices = {one.index for one in evidence.proved}
        about = [
            (i, {one.by, *one.refs})
            for i, one in enumerate(at_six.entries(which))
            if mine & {one.by, *one.refs}
        ]
        assert all(i in indices for i, named in about if not named & foreign)
        assert evidence.withheld >= sum(bool(named & foreign) for _, named in about)
    assert "roll.taken_in" not in given["office"]


def test_the_city_and_a_stranger_have_no_evidence_of_a_party(city: Any) -> None:
    with pytest.raises(BadInput):
        proofs.evidence(city.office, city.city)
    with pytest.raises(NotFound):
        proofs.evidence(city.office, new_id())
