"""Whether this very program still gives the answers that are known: run wherever it is asked.

Seal, grant, signature, ledger and commitment, each against an answer that another program or a
published table gave, and each with one bit turned, which must be refused.  The answers ship with
the package and are the same as in the tests' vectors.  It says nothing of what is not asked here.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from azukari.errors import AzukariError, BadSettings
from azukari.ledger import entry, tree
from azukari.seal import documents, grant, stream
from azukari.seal.envelope import PublicKey, Use, canonical, parse, unbase64


@dataclass(frozen=True)
class Check:
    """One known answer, and whether it was given."""

    name: str
    passed: bool


@cache
def answers() -> Mapping[str, Any]:
    """The known answers, as they ship."""
    raw = files("azukari.incident").joinpath("packs", "known-answers.json").read_bytes()
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError:
        raise BadSettings("known-answers.json: not a table of known answers") from None


def run(known: Mapping[str, Any] | None = None) -> tuple[Check, ...]:
    """Ask for every known answer now; what raises has failed."""
    known = answers() if known is None else known
    return tuple(Check(name, _passes(check, known[name])) for name, check in _CHECKS.items())


def _passes(check: Callable[[Mapping[str, Any]], bool], known: Mapping[str, Any]) -> bool:
    try:
        return check(known)
    except Exception:  # noqa: BLE001  whatever comes instead of the known answer is a failed test
        return False


def _seal(known: Mapping[str, Any]) -> bool:
    """The stream of the vector, written from its primitives, is read; what we write we read."""
    key, commit = bytes.fromhex(known["key"]), bytes.fromhex(known["commit"])
    names = (known["carrier"], known["part"])
    pattern, size = bytes.fromhex(known["pattern"]), known["size"]
    content = (pattern * (size // len(pattern) + 1))[:size]
    sealed = _written(known, content)
    if hashlib.sha256(sealed).hexdigest() != known["sealed_sha256"]:
        return False
    again = stream.seal_bytes(content, key, *names)
    both = all(
        stream.open_sealed(io.BytesIO(one), key, *names, commit=commit).read() == content
        for one in (sealed, again)
    )
    turned = bytearray(sealed)
    turned[100] ^= 1
    return both and _refused(lambda: stream.open_sealed(io.BytesIO(turned), key, *names).read())


def _written(known: Mapping[str, Any], content: bytes) -> bytes:
    """One segment of a sealed stream by the words of its specification."""
    head, key = bytes.fromhex(known["head"]), bytes.fromhex(known["key"])
    info = f"azukari/part/1|{known['carrier']}|{known['part']}".encode()
    cipher = AESGCM(HKDF(hashes.SHA256(), 32, head[1:33], info).derive(key))
    padded = content.ljust(known["step"] - 8, b"\0") + len(content).to_bytes(8, "big")
    return head + cipher.encrypt(head[33:40] + bytes(4) + b"\x01", padded, None)


def _grant(known: Mapping[str, Any]) -> bool:
    service = PublicKey.load(Use.GRANT, unbase64(known["key"]["public"]))
    private = ec.derive_private_key(int(known["one_time_secret"], 16), ec.SECP256R1())
    other = ec.derive_private_key(7, ec.SECP256R1())
    outer = grant.read_grant(unbase64(known["document"]), service)
    body = grant.open_grant(outer, private)
    # What is sealed anew opens too, with its own key and no other.
    der = grant.p256_der(private.public_key())
    subject = grant.seal_subject(41, der, "self-test")
    return (
        body == parse(canonical(known["body"]), grant.GrantBody)
        and grant.open_subject(subject, private, "self-test") == 41
        and _refused(lambda: grant.open_grant(outer, other))
        and _refused(lambda: grant.open_subject(subject, other, "self-test"))
    )


def _signature(known: Mapping[str, Any]) -> bool:
    key = PublicKey.load(Use.ORDER, unbase64(known["key"]["public"]))
    document = unbase64(known["document"])
    signed = documents.read(document, documents.Status, {key.id: key}.get)
    # The signature is base 64: another letter of it is another signature under the same words.
    at = document.index(b'"sig":"') + 17
    turned = document[:at] + (b"A" if document[at] != ord("A") else b"B") + document[at + 1 :]
    return [key] == list(signed.keys) and _refused(
        lambda: documents.read(turned, documents.Status, {key.id: key}.get)
    )


def _ledger(known: Mapping[str, Any]) -> bool:
    leaves = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in known["leaves"]]
    roots = [tree.root_of(leaves[:size]).hex() for size in range(1, len(leaves) + 1)]
    growing, grown = tree.Frontier(), []
    for leaf in leaves:
        growing.extend([leaf])
        grown.append(growing.root().hex())
    turned = [tree.leaf_hash(b"\x01"), *leaves[1:]]
    return roots == grown == known["roots"] and tree.root_of(turned).hex() != roots[-1]


def _commitment(known: Mapping[str, Any]) -> bool:
    salt, about = bytes.fromhex(known["salt"]), (known["log"], known["act"], known["type"])
    body = entry.canonical(known["detail"])
    right, turned = (entry.commitment(salt, *about, one) for one in (body, body + b" "))
    wanted: str = known["commit"]
    return body == known["body"].encode() and right == wanted != turned


def _refused(work: Callable[[], object]) -> bool:
    try:
        work()
    except AzukariError:
        return True
    return False


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "seal": _seal,
    "grant": _grant,
    "signature": _signature,
    "ledger": _ledger,
    "commitment": _commitment,
}
