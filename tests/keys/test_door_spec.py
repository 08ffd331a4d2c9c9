"""A second client of the key service's door, from the specification alone.

It asks the product's own door; nothing of ours signs the question or reads the answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, BadSignature, Conflict, WrongKey
from azukari.keys import wire
from azukari.names import new_id
from azukari.seal.envelope import SigningKey, Use

EMPTY = hashlib.sha256(b"").hexdigest()
ASK = SigningKey.generate(Use.ASK)
ANSWER = SigningKey.generate(Use.ANSWER)
SENT = wire.ask(wire.Checkpoint(), ASK, ANSWER.public.id, wire.Seen(EMPTY, 0), 1)
TOLD = wire.answer(
    SENT.message,
    wire.read_question(SENT.message, ASK.public, ANSWER.public.id),
    wire.done(b"the head"),
    2,
    ANSWER,
)


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def envelope(kind: str, payload: bytes, key: SigningKey) -> bytes:
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    mark = {"keyid": key.public.id, "sig": text(key.private.sign(message))}
    return canonical({"payload": text(payload), "payloadType": kind, "signatures": [mark]})


def ask(line: Any, what: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
    """One question and what its answer says, by the page."""
    own = ec.generate_private_key(ec.SECP256R1())
    public = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    question = {
        "at": line.city.clock.now(),
        "id": new_id(),
        "key": text(public),
        "seen": seen,
        "to": line.answer.public.id,
        "v": 1,
        "what": what,
    }
    kind = "application/vnd.azukari.keys-question.v1+json"
    sent = envelope(kind, canonical(question), line.ask)
    outer = json.loads(line.door.answer(sent)[1])
    assert "application/vnd.azukari.keys-answer.v1+json" == outer["payloadType"]
    payload = base64.b64decode(outer["payload"])
    assert outer == json.loads(envelope(outer["payloadType"], payload, line.answer))
    page = json.loads(payload)
    assert hashlib.sha256(sent).hexdigest() == page["question"]
    assert ["at", "question", "sealed", "v"] == sorted(page)
    info = b"azukari/keys-answer/1\0P256-HKDF-SHA256-AES256GCM\0" + page["question"].encode()
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    said: dict[str, Any] = json.loads(
        suite.decrypt(base64.b64decode(page["sealed"]), own, info=info)
    )
    assert ["kind", "more", "reasons", "result"] == sorted(said)
    return said


def test_a_stranger_gets_a_key_once_it_holds_the_entry(line: Any) -> None:
    what = {"act": new_id(), "ask": "release_to_seal", "by": line.city.person("clerk")}
    what["carrier"] = line.city.roll

    first = ask(line, what, {"root": EMPTY, "size": 0})
    note = base64.b64decode(ask(line, {"ask": "checkpoint"}, _NONE)["result"][0])
    _, size, root = note.decode().splitlines()[:3]
    seen = {"root": base64.b64decode(root).hex(), "size": int(size)}
    second = ask(line, what, seen)

    assert ("acknowledge", []) == (first["kind"], first["result"])
    assert ("", False, []) == (second["kind"], second["more"], second["reasons"])
    assert 32 == len(base64.b64decode(second["result"][0]))


def test_a_stranger_is_told_every_reason(line: Any) -> None:
    what = {"act": new_id(), "ask": "create", "by": line.city.person("clerk")}

    said = ask(line, what | {"carrier": new_id(), "order": new_id()}, _NONE)

    assert ("Refused", ["order_unknown"]) == (said["kind"], said["reasons"])


def test_a_list_that_is_longer_than_one_answer_goes_on(
    line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_CONTENT", 1000)
    whole = line.city.keeper.entries(0)

    said = ask(line, {"ask": "entries", "start": 0}, _NONE)

    assert said["more"]
    assert whole[: len(said["result"])] == [base64.b64decode(one) for one in said["result"]]
    assert whole == line.keys.entries(0)


@given(st.binary(max_size=300))
def test_any_bytes_that_are_no_question_are_refused(message: bytes) -> None:
    with pytest.raises((BadFormat, BadSignature)):
        wire.read_question(message, ASK.public, ANSWER.public.id)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(at=st.integers(0, len(SENT.message) - 1), flip=st.integers(1, 255))
def test_no_other_bytes_are_the_same_question(at: int, flip: int) -> None:
    changed = bytearray(SENT.message)
    changed[at] ^= flip

    with pytest.raises((BadFormat, BadSignature)):
        wire.read_question(bytes(changed), ASK.public, ANSWER.public.id)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(at=st.integers(0, len(TOLD) - 1), flip=st.integers(1, 255))
def test_no_other_bytes_are_the_same_answer(at: int, flip: int) -> None:
    changed = bytearray(TOLD)
    changed[at] ^= flip

    with pytest.raises((BadFormat, BadSignature, WrongKey)):
        wire.read_answer(bytes(changed), SENT, ANSWER.public)


def test_the_kinds_of_errors_on_the_page_are_those_that_cross() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "spec" / "keys-v1.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| `BadFormat`, "))

    named = {word.strip("` ") for word in row.split("|")[1].split(",")}
    assert set(wire._KINDS) == named


def test_what_is_no_error_of_the_list_crosses_as_away() -> None:
    from azukari.errors import MediumFailed

    assert "Unreachable" == wire.failed(MediumFailed("told to nobody")).kind
    assert "Conflict" == wire.failed(Conflict("told to nobody")).kind
    assert "told to nobody" not in str(wire.failed(Conflict("told to nobody")))


_NONE = {"root": EMPTY, "size": 0}
