"""The vectors of signed documents: each right once, and spoilt in every way that is refused.

Follows ``docs/spec/documents-v1.md``; called by generate.py, and knows none of our code.
"""

from __future__ import annotations

import json
from typing import Any, Final

from tests.vectors.seal.paper_city import DEVICE, ENROL, ORDER, PEOPLE, city
from tests.vectors.seal.second_writer import Key, Vector, b64, canonical, dsse, fixed

OWN: Final = "made by papers.py from fixed randomness, following docs/spec/documents-v1.md"
ROOT, STRANGER = Key("root"), Key("person", "stranger")


def paper_keys() -> list[Vector]:
    """Every key that stands under a document, or wrongly does; ``papers.json`` names them by id."""
    names = {"enrol": ENROL, "order": ORDER, "the device": DEVICE, **PEOPLE}
    named = {**names, "root": ROOT, "a stranger": STRANGER}
    return [{"name": n, "source": OWN, "expect": "ok", **k.public()} for n, k in named.items()]


def papers() -> list[Vector]:
    """Every document of the city; of each word the last is spoilt in every way that is refused."""
    found = city()
    last = {word: name for name, word, _, _ in found}
    vectors = []
    for name, word, fields, keys in found:
        body = {"v": 1, **fields}
        vectors.append(vector(f"{word}: {name}", word, "ok", paper(word, body, keys), keys, body))
    for name, word, fields, keys in found:
        if last[word] == name:
            vectors += spoilt(word, {"v": 1, **fields}, keys)
    return vectors


def spoilt(word: str, body: Vector, keys: list[Key]) -> list[Vector]:
    another = "party" if word != "party" else "status"
    first = next(name for name in sorted(body) if name not in ("id", "v"))
    cut = {name: value for name, value in body.items() if name != first}
    wrong = 1 if not isinstance(body[first], int) else "1"
    payload = canonical(body)
    spaced = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    bent = dsse(payload, kind(word), *keys)
    bent["signatures"][0]["sig"] = b64(fixed("no signature", 64))
    cases: list[tuple[str, str, bytes, list[Key]]] = [
        ("a signature too few", "BadSignature", paper(word, body, keys[:-1]), keys),
        ("a signature too many", "BadSignature", paper(word, body, [*keys, STRANGER]), keys),
        ("a key of another use", "BadSignature", paper(word, body, [ROOT, *keys[1:]]), keys),
        ("a key nobody believes", "BadSignature", paper(word, body, keys), keys[1:]),
        ("a wrong signature", "BadSignature", canonical(bent), keys),
        ("as another document", "BadSignature", paper(another, body, keys), keys),
        ("of another version", "BadFormat", paper(word, {**body, "v": 2}, keys), keys),
        (
            "an id that is none",
            "BadFormat",
            paper(word, {**body, "id": "8" + 25 * "0"}, keys),
            keys,
        ),
        (f"without {first}", "BadFormat", paper(word, cut, keys), keys),
        (f"{first} of another type", "BadFormat", paper(word, {**body, first: wrong}, keys), keys),
        ("a field too many", "BadFormat", paper(word, {**body, "more": ""}, keys), keys),
        (
            "in another spelling",
            "BadFormat",
            canonical(dsse(spaced, kind(word), *keys)),
            keys,
        ),
    ]
    extra = [ROOT, STRANGER]
    return [
        vector(f"{word}: {name}", word, expect, data, [*known, *extra], None)
        for name, expect, data, known in cases
    ]


def vector(
    name: str, word: str, expect: str, data: bytes, keys: list[Key], body: Vector | None
) -> Vector:
    made = {
        "name": name,
        "source": OWN,
        "expect": expect,
        "word": word,
        "document": b64(data),
        "believed": [key.id for key in keys],
    }
    return made if body is None else {**made, "body": body}


def paper(word: str, body: dict[str, Any], keys: list[Key]) -> bytes:
    return canonical(dsse(canonical(body), kind(word), *keys))


def kind(word: str) -> str:
    return f"application/vnd.azukari.{word}.v1+json"
