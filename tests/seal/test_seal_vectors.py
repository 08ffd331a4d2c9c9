"""Every vector ends as it says; and what our code writes is what the second writer writes.

The vectors were made by ``tests/vectors/seal/second_writer.py``, which follows the specification
and imports nothing of azukari.
"""

from __future__ import annotations

import hashlib
import io
import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from azukari import errors
from azukari.carrier import manifest
from azukari.names import id_of, raw_id
from azukari.seal import documents, envelope, grant, stream, trust
from azukari.seal.envelope import PublicKey, SigningKey, Use, canonical, key_id

Vector = dict[str, Any]


def ends(vector: Vector, act: Callable[[], object]) -> object:
    """Do it, and see it end as the vector says; what came of it where it is right."""
    if vector["expect"] == "ok":
        return act()
    with pytest.raises(getattr(errors, vector["expect"])) as caught:
        act()
    assert type(caught.value).__name__ == vector["expect"]
    return None


def key_of(vector: Vector) -> PublicKey:
    return PublicKey.load(Use(vector["use"]), b64decode(vector["public"]))


def test_every_vector_names_its_source_and_its_end(vectors_folder: Path) -> None:
    for path in sorted(vectors_folder.glob("*.json")):
        for vector in json.loads(path.read_text(encoding="utf-8")):
            assert vector["source"]
            assert vector["expect"] == "ok" or hasattr(errors, vector["expect"])


def test_the_generator_writes_the_vectors_that_are_here(
    generator: ModuleType, vectors_folder: Path, tmp_path: Path
) -> None:
    generator.main(tmp_path)

    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (vectors_folder / path.name).read_bytes(), path.name


def test_the_second_writer_knows_none_of_our_code(vectors_folder: Path) -> None:
    for path in sorted(vectors_folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "import azukari" not in text
        assert "from azukari" not in text


def test_ids(ids_vector: Vector) -> None:
    raw = ends(ids_vector, lambda: raw_id(ids_vector["id"]))

    if raw is not None:
        assert bytes.fromhex(ids_vector["raw"]) == raw
        assert ids_vector["id"] == id_of(bytes.fromhex(ids_vector["raw"]))


def test_key_ids(keys_vector: Vector) -> None:
    der = b64decode(keys_vector["public"])

    assert keys_vector["id"] == key_id(keys_vector["use"], der) == key_of(keys_vector).id


def test_streams(stream_vector: Vector, second_writer: ModuleType) -> None:
    sealed = second_writer.built(stream_vector)
    key, commit = bytes.fromhex(stream_vector["key"]), bytes.fromhex(stream_vector["commit"])

    def opened() -> bytes:
        names = (stream_vector["carrier"], stream_vector["part"])
        reader = stream.SealedReader(io.BytesIO(sealed), key, *names, commit=commit)
        reader.verify()
        return reader.read() or b""

    content = ends(stream_vector, opened)

    assert stream_vector["sealed_sha256"] == hashlib.sha256(sealed).hexdigest()
    if content is not None:
        pattern = bytes.fromhex(stream_vector["pattern"])
        assert second_writer.content_of(pattern, stream_vector["size"]) == content


def test_our_writer_writes_the_stream_of_the_vector(
    right_stream_vector: Vector, second_writer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = bytes.fromhex(right_stream_vector["head"])
    monkeypatch.setattr("azukari.seal.stream.os.urandom", lambda size: head[1:][:size])
    pattern = bytes.fromhex(right_stream_vector["pattern"])

    writer = stream.SealingWriter(
        io.BytesIO(),
        bytes.fromhex(right_stream_vector["key"]),
        right_stream_vector["carrier"],
        right_stream_vector["part"],
    )
    writer.write(second_writer.content_of(pattern, right_stream_vector["size"]))
    writer.finish(right_stream_vector["step"])

    assert right_stream_vector["sealed_sha256"] == writer.sha256.hex()
    assert right_stream_vector["commit"] == writer.commit.hex()


def test_part_keys_come_from_the_carrier_key(generator: ModuleType) -> None:
    ours = stream.part_key(generator.CARRIER_KEY, generator.CARRIER, "m")

    assert generator.part_key("m") == ours


def test_envelopes_and_documents(envelope_vector: Vector) -> None:
    believed = key_of(envelope_vector["key"])
    person = SigningKey.of(Use.PERSON, _private("person")).public
    known = {key.id: key for key in (believed, person)}
    document = b64decode(envelope_vector["document"])

    signed = ends(envelope_vector, lambda: documents.read(document, documents.Status, known.get))

    if isinstance(signed, documents.Signed):
        again = documents.issue(signed.document, SigningKey.of(Use.ORDER, _private("order")))
        assert document == again


def test_papers(papers_vector: Vector, vectors_folder: Path) -> None:
    """Every signed document of the house: who must sign it, and what makes it refused."""
    [kind] = [one for one in documents.SIGNED_BY if one.__name__.lower() == papers_vector["word"]]
    named = json.loads((vectors_folder / "paper-keys.json").read_text(encoding="utf-8"))
    believed = map(key_of, (one for one in named if one["id"] in papers_vector["believed"]))
    known = {key.id: key for key in believed}
    document = b64decode(papers_vector["document"])

    signed = ends(papers_vector, lambda: documents.read(document, kind, known.get))

    if isinstance(signed, documents.Signed):
        assert canonical(papers_vector["body"]) == canonical(signed.document)
        assert len(known) == len(signed.keys)


def test_every_kind_of_document_has_its_vectors(vectors_folder: Path) -> None:
    found = json.loads((vectors_folder / "papers.json").read_text(encoding="utf-8"))

    for kind in documents.SIGNED_BY:
        mine = [one for one in found if one["word"] == kind.__name__.lower()]
        assert {"ok", "BadFormat", "BadSignature"} == {one["expect"] for one in mine}
        assert 12 == len([one for one in mine if one["expect"] != "ok"])


def test_envelopes_of_carriers(carrier_vector: Vector) -> None:
    believed = {key.id: key for key in map(key_of, carrier_vector["keys"])}
    document = b64decode(carrier_vector["document"])

    found = ends(carrier_vector, lambda: manifest.read_envelope(document, believed.get))

    if isinstance(found, manifest.Envelope):
        signer = SigningKey.of(Use.CARRIER, _private("carrier"))
        assert document == manifest.seal_envelope(found, signer)


def test_trust_bundles(trust_vector: Vector) -> None:
    root, document = key_of(trust_vector["root"]), b64decode(trust_vector["document"])

    bundle = ends(
        trust_vector,
        lambda: trust.read_bundle(document, root, known_serial=trust_vector["known_serial"]),
    )

    if isinstance(bundle, trust.TrustBundle):
        signer = SigningKey.of(Use.ROOT, _private("root"))
        assert document == trust.issue_bundle(bundle, signer)


def test_grants(grant_vector: Vector) -> None:
    service, document = key_of(grant_vector["key"]), b64decode(grant_vector["document"])
    private = ec.derive_private_key(int(grant_vector["one_time_secret"], 16), ec.SECP256R1())

    body = ends(
        grant_vector, lambda: grant.open_grant(grant.read_grant(document, service), private)
    )

    if isinstance(body, grant.GrantBody):
        assert envelope.parse(canonical(grant_vector["body"]), grant.GrantBody) == body


def test_published(published_vector: Vector, second_writer: ModuleType) -> None:
    one = {k: v for k, v in published_vector.items() if k not in {"name", "source", "expect"}}
    raw = {k: bytes.fromhex(v) for k, v in one.items() if k not in {"what", "type"}}
    if one["what"] == "hkdf":
        size = len(raw["out"])
        assert raw["out"] == second_writer.hkdf(raw["key"], raw["salt"], raw["info"], size)
    elif one["what"] == "pae":
        assert raw["out"] == envelope._pae(one["type"], raw["payload"])
    else:
        public = ed25519.Ed25519PublicKey.from_public_bytes(raw["public"])
        key = PublicKey.of(Use.PERSON, public)
        ends(published_vector, lambda: key.verify(raw["signature"], raw["message"]))
        if "secret" in raw:
            private = ed25519.Ed25519PrivateKey.from_private_bytes(raw["secret"])
            signer = SigningKey.of(Use.PERSON, private)
            assert key == signer.public
            assert raw["signature"] == signer.sign(raw["message"])


def _private(use: str) -> ed25519.Ed25519PrivateKey:
    """The fixed key of the second writer for one use."""
    seed = hashlib.shake_256(b"azukari vectors|" + use.encode()).digest(32)
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
