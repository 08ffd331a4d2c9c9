"""Writes the vectors beside it with the second writer: every case, its source, what must happen.

What is random on a real carrier is fixed here, so that it writes the same bytes on every machine:
never use a key of this file for anything else.  Run
``python -m tests.vectors.seal.generate [FOLDER]``.  ``published.json`` is not of this making.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from tests.vectors.seal.papers import paper_keys, papers
from tests.vectors.seal.second_writer import (
    DER,
    HEAD,
    LENGTH,
    SPKI,
    TAG,
    Key,
    Vector,
    b64,
    built,
    canonical,
    context,
    crockford,
    dsse,
    fixed,
    hkdf,
    hpke,
    p256,
)

OWN: Final = "made by generate.py from fixed randomness, following docs/spec/carrier-v1.md"
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493  # of Ed25519, RFC 8032 §5.1
CARRIER, ORDER, DEVICE = (crockford(fixed(word, 16)) for word in ("carrier", "order", "device"))
CARRIER_KEY = fixed("carrier key", 32)
PART = "0417"


def part_key(part: str) -> bytes:
    return hkdf(CARRIER_KEY, b"", context("part", CARRIER, part), 32)


def streams() -> list[Vector]:
    base = {
        "key": part_key(PART).hex(),
        "carrier": CARRIER,
        "part": PART,
        "head": "28" + fixed("head", 39).hex(),
        "commit": hkdf(part_key(PART), b"", context("commit", CARRIER, PART), 32).hex(),
        "pattern": bytes(range(251)).hex(),
        "size": 1000,
        "step": 1 << 16,
    }
    other = {"commit": hkdf(part_key("0418"), b"", context("commit", CARRIER, "0418"), 32).hex()}
    large = {"size": 2_500_000, "step": 1 << 22}
    whole, large_whole = HEAD + (1 << 16) + TAG, HEAD + (1 << 21) + 3 * TAG
    cases: list[tuple[str, str, Vector]] = [
        ("small", "ok", {}),
        ("empty", "ok", {"size": 0}),
        ("just one step", "ok", {"size": (1 << 16) - LENGTH}),
        ("one byte more than a step", "ok", {"size": (1 << 16) - LENGTH + 1, "step": 1 << 17}),
        ("more padding than it needs", "ok", {"step": 1 << 20}),
        ("a full first segment and nothing more", "ok", {"size": (1 << 20) - 56, "step": 1 << 20}),
        ("five segments", "ok", large),
        ("flip in the salt", "Damaged", {"edits": [["flip", 5, 0]]}),
        ("flip in the nonce prefix", "Damaged", {"edits": [["flip", 39, 7]]}),
        ("flip in the header's length", "BadFormat", {"edits": [["flip", 0, 0]]}),
        ("flip in the content", "Damaged", {"edits": [["flip", 100, 3]]}),
        ("flip in the last tag", "Damaged", {"edits": [["flip", whole - 1, 0]]}),
        ("flip in the middle of five", "Damaged", {**large, "edits": [["flip", 2_000_000, 1]]}),
        ("cut by a byte", "BadFormat", {"edits": [["cut", whole - 1]]}),
        ("cut to nothing", "BadFormat", {"edits": [["cut", 0]]}),
        ("cut to the step below", "Damaged", {**large, "edits": [["cut", large_whole]]}),
        ("append a byte", "BadFormat", {"edits": [["append", 1]]}),
        ("append up to the next step", "Damaged", {"edits": [["append", 1 << 16]]}),
        ("swap two segments", "Damaged", {**large, "edits": [["swap", 1, 2]]}),
        ("a byte in the padding", "Damaged", {"padding": [[65_527, 1]]}),
        ("a byte after the content", "Damaged", {"padding": [[1000, 255]]}),
        ("length one too large", "Damaged", {"length": (1 << 16) - LENGTH + 1}),
        ("length of all ones", "Damaged", {"length": (1 << 64) - 1}),
        ("length too short", "Damaged", {"length": 999}),
        ("no size step", "BadFormat", {"step": 3 << 16}),
        ("the commitment of another key", "WrongKey", other),
    ]
    made = [{"name": n, "source": OWN, "expect": e, **base, **more} for n, e, more in cases]
    # The full first segment ends without room for a length: the next step is the smallest.
    made[5]["step"] = 1 << 21
    return [{**one, "sealed_sha256": hashlib.sha256(built(one)).hexdigest()} for one in made]


def ids() -> list[Vector]:
    raws = [bytes(16), b"\xff" * 16, bytes(range(16)), fixed("id", 16)]
    good = [{"name": r.hex(), "expect": "ok", "raw": r.hex(), "id": crockford(r)} for r in raws]
    bad = ["", "8" + "0" * 25, "0" * 25, "0" * 27, "O" * 26, "0" * 25 + "l", "0" * 25 + "Z"]
    refused = [{"name": f"not an id: {t!r}", "expect": "BadFormat", "id": t} for t in bad]
    return [{**one, "source": OWN} for one in [*good, *refused]]


def keys() -> list[Vector]:
    uses = "root enrol order carrier grant log/office log/keys witness receipt person press"
    one = Key("person").der  # the same key for every use: as many ids
    made = []
    for use in uses.split():
        digest = hashlib.sha256(b"\0".join([b"azukari/key/1", use.encode(), one])).digest()
        made.append({"use": use, "public": b64(one), "id": crockford(digest[:16])})
    return [{"name": m["use"], "source": OWN, "expect": "ok", **m} for m in made]


def envelopes() -> list[Vector]:
    kind = "application/vnd.azukari.status.v1+json"
    body = {
        "at": 1_655_776_800_000,
        "id": crockford(fixed("status", 16)),
        "left": [],
        "revoked": [],
        "serial": 3,
        "suspended": [crockford(fixed("party", 16))],
        "v": 1,
    }
    order, other, person = Key("order"), Key("order", "other"), Key("person")
    right = dsse(canonical(body), kind, order)
    sig = base64.b64decode(right["signatures"][0]["sig"])
    grown = sig[:32] + (int.from_bytes(sig[32:], "little") + GROUP_ORDER).to_bytes(32, "little")
    mark = right["signatures"][0]

    def signed(value: Vector, *by: Key) -> bytes:
        return canonical(dsse(canonical(value), kind, *(by or (order,))))

    def edited(**fields: Any) -> bytes:
        return canonical({**right, **fields})

    twice = canonical(body).replace(b'"serial":3', b'"serial":3,"serial":3')
    spaced = json.dumps(body, sort_keys=True).encode()
    cases = [
        ("right", "ok", canonical(right)),
        ("signed by another order key nobody believes", "BadSignature", signed(body, other)),
        ("right signature of a key of another kind", "BadSignature", signed(body, person)),
        ("one signature too many", "BadSignature", signed(body, order, person)),
        ("no signature", "BadSignature", edited(signatures=[])),
        ("the same signature twice", "BadSignature", edited(signatures=[mark, mark])),
        ("signature with the group's order added", "BadSignature",
         edited(signatures=[{**mark, "sig": b64(grown)}])),
        ("signature of another length", "BadSignature",
         edited(signatures=[{**mark, "sig": b64(sig[:63])}])),
        ("another payload under the signature", "BadSignature",
         edited(payload=b64(canonical({**body, "serial": 4})))),
        ("another type", "BadSignature", edited(payloadType=kind.replace("status", "order"))),
        ("payload with a name twice", "BadFormat", canonical(dsse(twice, kind, order))),
        ("payload with spaces", "BadFormat", canonical(dsse(spaced, kind, order))),
        ("payload with an unknown name", "BadFormat", signed({**body, "more": 1})),
        ("payload without a name", "BadFormat", signed({k: body[k] for k in body if k != "at"})),
        ("payload of another version", "BadFormat", signed({**body, "v": 2})),
        ("number past 2^53 - 1", "BadFormat", signed({**body, "serial": 2**53})),
        ("number below 0", "BadFormat", signed({**body, "serial": -1})),
        ("id of another spelling", "BadFormat", signed({**body, "id": str(body["id"]).upper()})),
        ("envelope with spaces", "BadFormat", json.dumps(right, sort_keys=True).encode()),
        ("envelope with a line end", "BadFormat", canonical(right) + b"\n"),
        ("envelope with an unknown name", "BadFormat", edited(more=1)),
        ("base64 for URLs", "BadFormat", edited(payload=right["payload"][:-4] + "_-==")),
        ("base64 without its end", "BadFormat", edited(payload=right["payload"][:-1])),
        ("not JSON", "BadFormat", b"\x00"),
    ]  # fmt: skip
    return [
        {"name": n, "source": OWN, "expect": e, "key": order.public(), "document": b64(d)}
        for n, e, d in cases
    ]


def carriers() -> list[Vector]:
    kind, office = "application/vnd.azukari.carrier.v1+json", Key("carrier")
    parts: list[Vector] = []
    for part in (PART, "m"):
        commit = hkdf(part_key(part), b"", context("commit", CARRIER, part), 32).hex()
        digest, head = fixed(f"file {part}", 32).hex(), "28" + fixed(f"head {part}", 39).hex()
        size = HEAD + (1 << 16) + TAG
        line = {"bytes": size, "commit": commit, "head": head, "id": part, "sha256": digest}
        parts.append(line)
    pages = {p: fixed(p, 32).hex() for p in ("READ-ME.txt", "はじめに.txt")}
    body = {
        "carrier": CARRIER,
        "label": "C-7Q4M-2K",
        "pages": pages,
        "parts": parts,
        "suite": "AES256-GCM-HKDF-1MB",
        "v": 1,
    }

    def signed(*by: Key, **fields: Any) -> str:
        return b64(canonical(dsse(canonical({**body, **fields}), kind, *(by or (office,)))))

    def named(part: str) -> str:
        return signed(parts=[{**parts[0], "id": part}, parts[1]])

    one, manifest = parts
    cases = [
        ("right", "ok", signed()),
        ("signed by an order key", "BadSignature", signed(Key("order"))),
        ("signed by two carrier keys", "BadSignature", signed(office, Key("carrier", "other"))),
        ("signed by a carrier key nobody believes", "BadSignature", signed(Key("carrier", "x"))),
        ("another version", "BadFormat", signed(v=2)),
        ("another suite", "BadFormat", signed(suite="AES256-GCM")),
        ("no id", "BadFormat", signed(carrier="C-7Q4M-2K")),
        ("no manifest", "BadFormat", signed(parts=[one])),
        ("no parts", "BadFormat", signed(parts=[])),
        ("a part twice", "BadFormat", signed(parts=[one, one, manifest])),
        ("parts in another order", "BadFormat", signed(parts=[manifest, one])),
        ("a part outside the folder", "BadFormat", named("../../0417")),
        ("a part at the root", "BadFormat", named("/0417")),
        ("a part of five digits", "BadFormat", named("04170")),
        ("a part of other digits", "BadFormat", named("٠٤١٧")),
        ("a part with a line end", "BadFormat", named("0417\n")),
        ("a digest in capitals", "BadFormat",
         signed(parts=[{**one, "sha256": one["sha256"].upper()}, manifest])),
        ("a short commitment", "BadFormat",
         signed(parts=[{**one, "commit": one["commit"][:62]}, manifest])),
        ("a page missing", "BadFormat", signed(pages={"READ-ME.txt": pages["READ-ME.txt"]})),
        ("a page too many", "BadFormat", signed(pages={**pages, "more.txt": "0" * 64})),
    ]  # fmt: skip
    believed = [office.public(), Key("carrier", "other").public(), Key("order").public()]
    more = {"source": OWN, "keys": believed}
    return [{"name": n, "expect": e, "document": d, **more} for n, e, d in cases]


def trusts() -> list[Vector]:
    kind, root = "application/vnd.azukari.trust.v1+json", Key("root")
    line = {"from_at": 1, "public": Key("carrier").public()["public"], "to_at": 9, "use": "carrier"}
    body = {"from_at": 1, "keys": [line], "revoked": [], "serial": 7, "to_at": 9, "v": 1}

    def signed(by: Key = root, **fields: Any) -> str:
        return b64(canonical(dsse(canonical({**body, **fields}), kind, by)))

    cases = [
        ("right", "ok", signed(), 7),
        ("older than the one known", "Conflict", signed(), 8),
        ("signed by an order key", "BadSignature", signed(Key("order")), 0),
        ("of another root", "BadSignature", signed(Key("root", "other")), 0),
        ("another version", "BadFormat", signed(v=2), 0),
        ("a use nobody knows", "BadFormat", signed(keys=[{**line, "use": "king"}]), 0),
        ("a key that is none", "BadFormat", signed(keys=[{**line, "public": "AAAA"}]), 0),
    ]
    more = {"root": root.public(), "source": OWN}
    return [
        {"name": n, "expect": e, "document": d, "known_serial": s, **more} for n, e, d, s in cases
    ]


def grants() -> list[Vector]:
    kind, suite = "application/vnd.azukari.grant.v1+json", "P256-HKDF-SHA256-AES256GCM"
    service, device, other = Key("grant"), p256("one-time"), p256("another device")
    grant, number = crockford(fixed("grant", 16)), crockford(fixed("one-time id", 16))
    body = {
        "carrier": CARRIER,
        "chain_head": hashlib.sha256(b"azukari/journal/1").hexdigest(),
        "chain_length": 0,
        "device": DEVICE,
        "envelope": hashlib.sha256(b"an envelope").hexdigest(),
        "grant": grant,
        "journal_key": b64(p256("journal").public_key().public_bytes(DER, SPKI)),
        "not_after": 1_655_863_200_000,
        "not_before": 1_655_776_800_000,
        "order": ORDER,
        "parts": [{"key": b64(part_key(p)), "part": p} for p in ("m", PART)],
        "person": crockford(fixed("person", 16)),
        "person_key": crockford(fixed("person key", 16)),
        "role": "operator",
        "v": 1,
    }
    info = b"\0".join([b"azukari/grant/1", suite.encode(), grant.encode(), number.encode()])

    def paper(value: Vector = body, by: Key = service, bind: bytes = info, **fields: Any) -> bytes:
        sealed = hpke(canonical(value), device.public_key(), bind, "ephemeral")
        outer = {"grant": grant, "key": number, "sealed": b64(sealed), "suite": suite, "v": 1}
        return canonical(dsse(canonical({**outer, **fields}), kind, by))

    flipped = info[:-1] + bytes([info[-1] ^ 1])
    cases = [
        ("right", "ok", paper(), device),
        ("on another device", "WrongKey", paper(), other),
        ("one bit of info", "WrongKey", paper(bind=flipped), device),
        ("outside with another one-time key", "WrongKey", paper(key=ORDER), device),
        ("outside with another id", "WrongKey", paper(grant=ORDER), device),
        ("inside of another grant", "BadFormat", paper({**body, "grant": ORDER}), device),
        ("signed by a carrier key", "BadSignature", paper(by=Key("carrier")), device),
        ("another suite", "BadFormat", paper(suite="XWING"), device),
        ("another version", "BadFormat", paper(v=2), device),
        ("inside of another version", "BadFormat", paper({**body, "v": 2}), device),
        ("inside that is no base64", "BadFormat", paper(sealed="-"), device),
    ]
    return [
        {"name": n, "source": OWN, "expect": e, "document": b64(d)}
        | {"one_time_secret": f"{private.private_numbers().private_value:064x}"}
        | {"key": service.public(), "body": body}
        for n, e, d, private in cases
    ]


def main(folder: Path) -> None:
    """Write every file."""
    for name, vectors in {
        "ids": ids(),
        "keys": keys(),
        "stream": streams(),
        "envelope": envelopes(),
        "carrier": carriers(),
        "trust": trusts(),
        "grant": grants(),
        "papers": papers(),
        "paper-keys": paper_keys(),
    }.items():
        text = json.dumps(vectors, indent=1, ensure_ascii=False, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
