"""Any bytes as any signed document end in our error or a value, at every door they come through.

The corpus is the vectors' city, every document of it bent in ways that come from a number alone:
bytes of the file, values of the payload signed again by the right keys, and signatures exchanged.
A run is the same on every machine.  `make fuzz` makes it twenty times as long.
"""

from __future__ import annotations

import json
import os
import random
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

import pytest

from azukari.desk import post, post_office
from azukari.desk.office import Office, create_office, open_office
from azukari.errors import AzukariError
from azukari.keys.client import Keys
from azukari.keys.policy import Believed, Pinned
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, SigningKey, Use
from azukari.vault import records

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
PER_WORD: Final = int(os.environ.get("AZUKARI_FUZZ", "1000"))
#: An office asks its database at every look: of so many bent documents one is looked at there.
LOOKED_AT: Final = 4
NOW = 1_655_776_800_000 + 60_000
WORDS = sorted(kind.__name__.lower() for kind in doc.SIGNED_BY)
#: What the key service has no use for.
ELSEWHERE: Final = {
    *("erasure", "handover", "hold", "inspection", "lift", "loss", "receipt"),
    *("restoration", "review", "roster"),
}
ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    1,
    2**53 - 1,
    2**53,
    2**63,
    2**64,
    10**400,
    1.5,
    "",
    "0" * 26,
    "7" + "z" * 25,
    "8" + "0" * 25,
    "\u0000",
    "\u202e",
    "\U0010ffff",
    "AA==",
    "A" * 70_000,
    [],
    {},
    [[]] * 3,
    [""],
    {"": {}},
    ["x"] * 2_000,
)


class Corpus:
    """The city's documents, and who signs them."""

    def __init__(self, city: ModuleType, writer: ModuleType) -> None:
        self.writer = writer
        self.city = city
        self.found = [(word, {"v": 1, **body}, keys) for _, word, body, keys in city.city()]

    def right(self) -> list[bytes]:
        return [self.signed(word, body, keys) for word, body, keys in self.found]

    def signed(self, word: str, body: Any, keys: list[Any]) -> bytes:
        return bytes(self.writer.canonical(self.outer(word, body, keys)))

    def outer(self, word: str, body: Any, keys: list[Any]) -> dict[str, Any]:
        kind = f"application/vnd.azukari.{word}.v1+json"
        return dict(self.writer.dsse(self.writer.canonical(body), kind, *keys))

    def bent(self, word: str, number: int) -> bytes:
        """The document of a word, bent by a number."""
        chance = random.Random(f"{word} {number}")
        own, body, keys = chance.choice([one for one in self.found if one[0] == word])
        way = chance.random()
        if way < 0.5:
            body = json.loads(json.dumps(body))
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                _bend_value(body, chance)
            return self.signed(own, body, keys)
        if way < 0.7:
            return bytes(self.writer.canonical(self._mixed(own, body, keys, chance)))
        data = self.signed(own, body, keys)
        for _ in range(chance.choice((1, 1, 2, 5))):
            data = _bend_bytes(data, chance)
        return data

    def _mixed(self, word: str, body: Any, keys: list[Any], chance: random.Random) -> Any:
        """Signatures of another document, doubled, left out; another word; another payload."""
        outer = self.outer(word, body, keys)
        other = self.outer(*chance.choice(self.found))
        marks = outer["signatures"]
        way = chance.randrange(7)
        if way == 0:
            outer["signatures"] = other["signatures"]
        elif way == 1:
            outer["signatures"] = [*marks, chance.choice([*marks, *other["signatures"]])]
        elif way == 2:
            outer["signatures"] = chance.sample(marks, chance.randrange(len(marks) + 1))
        elif way == 3:
            outer["payloadType"] = other["payloadType"]
        elif way == 4:
            outer["payload"] = other["payload"]
        elif way == 5:
            mark = chance.choice(marks)
            mark[chance.choice(("keyid", "sig"))] = chance.choice(["", "AA==", marks[0]["keyid"]])
        else:
            raw = _bend_bytes(b64decode(outer["payload"]), chance)
            kind = outer["payloadType"]
            outer = self.writer.dsse(raw, kind, *keys)
        return outer


def _bend_value(body: Any, chance: random.Random) -> None:
    """One value somewhere in it is another, gone, doubled, or one that should not be there."""
    at = body
    while True:
        names = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not names:
            return
        name = chance.choice(names)
        inner = at[name]
        if not isinstance(inner, dict | list) or chance.random() < 0.3:
            break
        at = inner
    way = chance.random()
    if way < 0.6:
        at[name] = deepcopy(chance.choice(ODD))
    elif way < 0.75:
        del at[name]
    elif isinstance(at, list):
        at.append(deepcopy(inner))
    elif way < 0.85:
        at[chance.choice(("more", "", "v", "id"))] = deepcopy(chance.choice(ODD))
    else:
        at[name] = deepcopy(body[chance.choice(list(body))])


def _bend_bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    some = data[at : at + chance.choice((1, 2, 8, 64))]
    return chance.choice(
        (
            data[:at],
            data[:at] + data[at + len(some) :],
            data[:at] + some + data[at:],
            data[:at] + chance.randbytes(len(some)) + data[at + len(some) :],
            data[:at]
            + bytes(byte ^ 1 << chance.randrange(8) for byte in some)
            + data[at + len(some) :],
            data[:at]
            + chance.choice((b'"', b"{", b"[" * 3000, b"\\u0000", b"\xff", b"1e9"))
            + data[at:],
        )
    )


@pytest.fixture(scope="module")
def corpus() -> Iterator[Corpus]:
    sys.path.insert(0, str(ROOT))
    try:
        city = import_module("tests.vectors.seal.paper_city")
        yield Corpus(city, import_module("tests.vectors.seal.second_writer"))
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def believed(corpus: Corpus) -> Believed:
    """A key service that believes all of the city."""
    city = corpus.city
    enrol, order = (
        _own(use, key) for use, key in ((Use.ENROL, city.ENROL), (Use.ORDER, city.ORDER))
    )
    founders = tuple(_own(Use.PERSON, city.PEOPLE[name]).public for name in city.FOUNDERS)
    service = Believed(Pinned(city.of("city"), enrol.public, order.public, founders))
    for envelope in corpus.right():
        _tried(service.take, envelope, NOW)
    assert service.orders
    assert service.status
    return service


@pytest.fixture(scope="module")
def office(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The city's office, which keeps all of it and asks no key service: it only looks."""
    home, city = tmp_path_factory.mktemp("fuzz") / "office", corpus.city
    create_office(home, [_own(Use.PERSON, city.PEOPLE[name]).public for name in city.FOUNDERS])
    opened = open_office(
        home,
        city=city.of("city"),
        call="",
        origin="azukari.example/fuzz",
        keys=cast("Keys", None),
        now=lambda: NOW,
    )
    mine = {"enrol": _own(Use.ENROL, city.ENROL), "order": _own(Use.ORDER, city.ORDER)}
    made = replace(opened, signers={**opened.signers, **mine})
    with made.act() as tx:
        for envelope in corpus.right():
            kind = doc.word_of(envelope)
            records.keep_document(tx, doc.unverified(envelope, kind), envelope)
    yield made
    made.close()


@pytest.mark.parametrize("word", WORDS)
def test_any_bytes_as_any_document_end_in_our_error_or_a_value(
    word: str, corpus: Corpus, believed: Believed, office: Office
) -> None:
    ends, looks = Counter[str](), Counter[str]()
    service = _copy(believed)
    for number in range(PER_WORD):
        data = corpus.bent(word, number)
        found = _tried(post.open_post, data)
        taken = _tried(service.take, data, NOW)
        ends[type(taken).__name__] += 1
        _tried(service.restoration, data)
        if taken is True:
            service = _copy(believed)
        if isinstance(found, post.Post) and number % LOOKED_AT == 0:
            looks[type(_tried(post_office.look, office, found)).__name__] += 1

    # The corpus is no heap of rubbish: it comes as far as the signatures, and beyond them.
    assert {"BadFormat", "BadSignature"} <= set(ends), ends
    assert word in ELSEWHERE or ends["bool"], ends
    assert looks["Look"] or looks["Refused"], looks


def test_the_corpus_is_the_same_on_every_machine(corpus: Corpus) -> None:
    first = [corpus.bent("order", number) for number in range(50)]

    assert first == [corpus.bent("order", number) for number in range(50)]
    assert 45 < len(set(first))


def _tried(door: Any, *given: Any) -> Any:
    """What came of it, or our error; anything else falls through and fails the test."""
    try:
        return door(*given)
    except AzukariError as error:
        return error


def _copy(service: Believed) -> Believed:
    """Another that believes the same: what a bent document adds is forgotten again."""
    made = Believed(service.pinned)
    for each in fields(Believed):
        value = getattr(service, each.name)
        setattr(made, each.name, value.copy() if isinstance(value, dict | set) else value)
    return made


def _own(use: Use, key: Any) -> SigningKey:
    own = SigningKey.of(use, key.private)
    assert own.public == PublicKey.load(use, key.der)
    return own
