"""Known answers, asked for in this very run: each is given, and each can fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azukari.incident import selftest

VECTORS = Path(__file__).parents[1] / "vectors"


def passed(known: Any = None) -> dict[str, bool]:
    return {one.name: one.passed for one in selftest.run(known)}


def of(path: str, name: str = "") -> Any:
    found = json.loads((VECTORS / path).read_text(encoding="utf-8"))
    found = found.get("commitments", found) if isinstance(found, dict) and name else found
    return next(one for one in found if one["name"] == name) if name else found


def test_every_known_answer_is_given() -> None:
    assert {
        "seal": True,
        "grant": True,
        "signature": True,
        "ledger": True,
        "commitment": True,
    } == passed()


def test_the_known_answers_are_those_of_the_tests_vectors() -> None:
    """The second writer and published tables made them; nothing here was computed by us."""
    tree, ours = of("ledger/rfc6962.json"), selftest.answers()["ledger"]
    assert {
        "seal": of("seal/stream.json", "small"),
        "grant": of("seal/grant.json", "right"),
        "signature": of("seal/envelope.json", "right"),
        "ledger": {"source": ours["source"]} | {name: tree[name] for name in ("leaves", "roots")},
        "commitment": of("ledger/details.json", "text, numbers and order"),
    } == selftest.answers()


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("seal", "sealed_sha256"),
        ("seal", "commit"),
        ("grant", "one_time_secret"),
        ("signature", "document"),
        ("ledger", "roots"),
        ("commitment", "commit"),
    ],
)
def test_another_answer_than_the_known_one_fails_and_no_other(name: str, field: str) -> None:
    known: Any = copy.deepcopy(dict(selftest.answers()))
    value = known[name][field]
    known[name][field] = value[::-1] if isinstance(value, str) else [*value[:-1], value[0]]

    assert {one: one != name for one in known} == passed(known)


@pytest.mark.parametrize(
    ("name", "where", "broken"),
    [
        ("seal", "azukari.seal.stream._context", lambda *_: b"another"),
        ("seal", "azukari.seal.stream.AESGCM", lambda _: _Nothing()),
        ("grant", "azukari.seal.grant._info", lambda *_: b"another"),
        ("signature", "azukari.seal.envelope.PublicKey.verify", lambda *_: None),
        ("ledger", "azukari.ledger.tree.leaf_hash", lambda entry: bytes(31) + entry[:1]),
        ("ledger", "azukari.ledger.tree.node_hash", lambda left, right: left[:16] + right[:16]),
        ("commitment", "azukari.ledger.entry.hmac.digest", lambda *_: bytes(32)),
    ],
)
def test_attack_a_program_that_computes_otherwise_says_so(
    monkeypatch: pytest.MonkeyPatch, name: str, where: str, broken: Callable[..., object]
) -> None:
    """A verification that lets everything pass is one of them."""
    monkeypatch.setattr(where, broken)

    assert not passed()[name]


class _Nothing:
    """A cipher that encrypts nothing and checks nothing."""

    def encrypt_into(self, _nonce: bytes, data: Any, _more: None, out: Any) -> int:
        out[: len(data)] = data
        return len(data)

    def decrypt_into(self, _nonce: bytes, data: Any, _more: None, out: Any) -> int:
        out[:] = bytes(data)[: len(out)]
        return len(out)
