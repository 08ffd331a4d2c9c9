"""What leaves: a grant with the keys of its parts, sealed to one one-time key.

It decides nothing and writes nothing: by now the release stands in the ledger.
"""

from __future__ import annotations

import hashlib
from typing import Any

from azukari.carrier.manifest import MANIFEST_PART
from azukari.keys.client import GrantAsk
from azukari.names import id_of, raw_id
from azukari.seal.documents import Device, Person
from azukari.seal.envelope import PublicKey, Signer, Use, base64_of, unbase64
from azukari.seal.grant import GrantBody, PartKey, seal_grant
from azukari.seal.stream import part_key


def grant_id(act: str) -> str:
    """One act, one grant: the id repeats with the act."""
    return id_of(hashlib.sha256(b"azukari/grant-id/1\0" + raw_id(act)).digest()[:16])


def detail(ask: GrantAsk, parts: tuple[str, ...]) -> dict[str, Any]:
    """What the ledger's detail says of a release."""
    return {
        "one_time_key": ask.opening.one_time_key,
        "parts": list(parts),
        "role": ask.opening.role,
        "not_before": ask.opening.not_before,
        "not_after": ask.opening.not_after,
    }


def sealed(
    act: str,
    ask: GrantAsk,
    order: str,
    parts: tuple[str, ...],
    key: bytes,
    device: Device,
    person: Person,
    signer: Signer,
) -> bytes:
    """The grant of an act: the manifest's key and those of ``parts``, out of the carrier's."""
    opening = ask.opening
    public = next(k.public for k in device.one_time_keys if k.id == opening.one_time_key)
    body = GrantBody(
        v=1,
        grant=grant_id(act),
        carrier=ask.carrier,
        envelope=ask.envelope_sha256,
        order=order,
        device=opening.device,
        person=person.id,
        person_key=PublicKey.load(Use.PERSON, unbase64(person.public)).id,
        role=opening.role,
        parts=[
            PartKey(part, base64_of(part_key(key, ask.carrier, part)))
            for part in (MANIFEST_PART, *parts)
        ],
        not_before=opening.not_before,
        not_after=opening.not_after,
        journal_key=base64_of(ask.journal_key),
        chain_length=ask.chain_length,
        chain_head=ask.chain_head,
    )
    return seal_grant(body, opening.one_time_key, unbase64(public), signer)
