"""The vectors of documents are a history that the key service believes, one after the other."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from azukari.errors import BadFormat
from azukari.keys.policy import Believed, Pinned
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, parse, peek

VECTORS = Path(__file__).parents[1] / "vectors" / "seal"
#: Who has these believed: the office, or nobody but the reader at hand.
ELSEWHERE = {
    *("handover", "receipt", "inspection", "loss", "roster", "review", "restoration"),
    *("erasure", "hold", "lift"),
}


@pytest.fixture(scope="module")
def papers() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / "papers.json").read_text(encoding="utf-8"))
    return [one for one in found if one["expect"] == "ok"]


@pytest.fixture
def believed(papers: list[dict[str, Any]]) -> Believed:
    """A key service of that city, which believes nothing yet."""
    named = json.loads((VECTORS / "paper-keys.json").read_text(encoding="utf-8"))
    key = {k["name"]: PublicKey.load(Use(k["use"]), b64decode(k["public"])) for k in named}
    [city] = [one["body"]["id"] for one in papers if one["name"] == "party: the city"]
    founders = (key["hanako"], key["taro"], key["yoko"])
    return Believed(Pinned(city, key["enrol"], key["order"], founders))


def test_the_history_is_believed_in_its_order(papers: Any, believed: Believed) -> None:
    for one in papers:
        envelope, at = b64decode(one["document"]), 1_655_776_800_000
        if one["word"] in ELSEWHERE:
            with pytest.raises(BadFormat):
                believed.take(envelope, at)
        else:
            assert believed.take(envelope, at), one["name"]
            assert not believed.take(envelope, at), one["name"]


def test_a_restoration_of_the_history_is_one(papers: Any, believed: Believed) -> None:
    [word] = [b64decode(one["document"]) for one in papers if one["word"] == "restoration"]
    for one in papers:
        if one["word"] not in ELSEWHERE:
            believed.take(b64decode(one["document"]), 1_655_776_800_000)

    assert parse(peek(word)[1], doc.Restoration) == believed.restoration(word)


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (0, ["approver_in_quiet_time", "approver_enrolled_by_requester"]),
        (1, ["approver_enrolled_by_requester"]),
        (30, []),
    ],
)
def test_an_erasure_of_the_history_is_one_once_its_two_are_independent(
    papers: Any, believed: Believed, days: int, why: list[str]
) -> None:
    [word] = [b64decode(one["document"]) for one in papers if one["word"] == "erasure"]
    begun = 1_655_776_800_000
    for one in papers:
        if one["word"] not in ELSEWHERE:
            believed.take(b64decode(one["document"]), begun)

    found, reasons = believed.erasure(word, begun + days * 86_400_000)

    assert parse(peek(word)[1], doc.Erasure) == found
    assert why == reasons
