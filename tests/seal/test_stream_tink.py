"""Our stream beside Tink's, both ways: the wire format is one, the program is another.

Tink's Python package opens what we seal and seals what we open, under ``AES256_GCM_HKDF_1MB`` with
the raw part key put into a keyset in clear text.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
import tink
from tink import cleartext_keyset_handle, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from azukari.errors import Damaged
from azukari.names import id_of
from azukari.seal.stream import (
    HEADER_BYTES,
    LENGTH_BYTES,
    SEGMENT_BYTES,
    TAG_BYTES,
    SealedReader,
    part_key,
    seal_bytes,
    size_step,
)

CARRIER, PART = id_of(b"c" * 16), id_of(b"p" * 16)
KEY = part_key(bytes(range(32)), CARRIER, PART)
CONTEXT = f"azukari/part/1|{CARRIER}|{PART}".encode()
FIRST, REST = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES, SEGMENT_BYTES - TAG_BYTES
SIZES = [
    0,
    1,
    (1 << 16) - LENGTH_BYTES,
    (1 << 16) - LENGTH_BYTES + 1,
    FIRST - LENGTH_BYTES,
    FIRST - 1,
    FIRST,
    FIRST + 1,
    SEGMENT_BYTES,
    FIRST + REST,
    FIRST + REST + 1,
    FIRST + REST + 72 - LENGTH_BYTES,  # just two mebibytes with its length
    FIRST + 2 * REST + 1,
]


@pytest.fixture(scope="module")
def peer() -> Any:
    """Tink's streaming AEAD with our part key as its only key."""
    streaming_aead.register()
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=SEGMENT_BYTES,
            derived_key_size=32,
            hkdf_hash_type=common_pb2.SHA256,
        ),
        key_value=KEY,
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add()
    entry.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"
    entry.key_data.value = key.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    entry.status, entry.key_id = tink_pb2.ENABLED, 1
    entry.output_prefix_type = tink_pb2.RAW
    handle = cleartext_keyset_handle.read(tink.BinaryKeysetReader(keyset.SerializeToString()))
    return handle.primitive(streaming_aead.StreamingAead)


class Kept(io.BytesIO):
    """Tink closes what it wrote to; this remembers the bytes."""

    kept = b""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()


def sealed_by(peer: Any, plain: bytes) -> bytes:
    sink = Kept()
    with peer.new_encrypting_stream(sink, CONTEXT) as stream:
        stream.write(plain)
    return sink.kept


def opened_by(peer: Any, sealed: bytes, context: bytes = CONTEXT) -> bytes:
    with peer.new_decrypting_stream(io.BytesIO(sealed), context) as stream:
        plain: bytes = stream.read()
    return plain


def content_of(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def padded(content: bytes) -> bytes:
    """The plaintext the specification asks for, put together by hand."""
    zeros = size_step(len(content)) - LENGTH_BYTES - len(content)
    return content + bytes(zeros) + len(content).to_bytes(LENGTH_BYTES, "big")


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_what_we_seal(peer: Any, size: int) -> None:
    content = content_of(size)

    plain = opened_by(peer, seal_bytes(content, KEY, CARRIER, PART))

    assert padded(content) == plain


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_tink_seals(peer: Any, size: int) -> None:
    content = content_of(size)

    sealed = sealed_by(peer, padded(content))

    reader = SealedReader(io.BytesIO(sealed), KEY, CARRIER, PART)
    reader.verify()
    assert content == reader.read()


def test_tink_refuses_our_part_under_another_name(peer: Any) -> None:
    sealed = seal_bytes(b"content", KEY, CARRIER, PART)

    with pytest.raises(tink.TinkError):
        opened_by(peer, sealed, CONTEXT + b"x")


def test_we_refuse_what_tink_sealed_under_another_name(peer: Any) -> None:
    sealed = sealed_by(peer, padded(b"content"))

    with pytest.raises(Damaged):
        SealedReader(io.BytesIO(sealed), KEY, CARRIER, id_of(b"q" * 16))


def test_we_refuse_what_tink_sealed_with_something_in_the_padding(peer: Any) -> None:
    plain = bytearray(padded(b"content"))
    plain[-LENGTH_BYTES - 1] = 1

    with pytest.raises(Damaged):
        SealedReader(io.BytesIO(sealed_by(peer, bytes(plain))), KEY, CARRIER, PART)
