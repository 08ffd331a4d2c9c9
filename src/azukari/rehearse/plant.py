"""Values planted on purpose, to see the search find them: each kind, each writing, each place.

For the search's own test only.  The bytes around a plant are random, as in a sealed file, so that
what is found there can only be the plant.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_PLAIN: Final = re.compile(r"[\w.\-]+")
_NOISE: Final = hashlib.shake_256(b"azukari/noise").digest(512)


@dataclass(frozen=True)
class Plant:
    """One planted value: where it stands in ``data``, or that it is a field, or a file's name."""

    kind: str
    how: str
    data: bytes
    offsets: tuple[int, ...] = ()  # empty: a field, or in a name
    name: str = "planted.bin"


def plants(
    texts: Iterable[tuple[str, str, bytes]],
    numbers: Iterable[tuple[str, str]],
    short: Mapping[str, str],
) -> Iterator[Plant]:
    """Every plant.

    Args:
        texts: (kind, encoding, bytes) of values of at least eight bytes.
        numbers: (kind, digits, with or without a joint) of values of digits.
        short: whole field → kind.
    """
    for kind, encoding, value in texts:
        yield _thrice(kind, encoding, value)
        if encoding == "utf-8":
            for how, undo in _ESCAPED.items():
                escaped = undo(value.decode())
                yield Plant(kind, how, _NOISE + b'"' + escaped + b'"' + _NOISE, (len(_NOISE) + 1,))
            if b"/" not in value:
                yield Plant(kind, "a file name", b"", name=f"x-{value.decode()}.csv")
    for kind, digits in numbers:
        yield _thrice(kind, "ascii", digits.encode())
        wide = f'"{digits}"'.encode("utf-16-le")
        yield Plant(kind, "utf-16", _NOISE + wide, (len(_NOISE) + 2,))
        yield Plant(kind, "utf-16, odd", _NOISE + b'"' + wide, (len(_NOISE) + 3,))
        yield Plant(kind, "a file name", b"", name=f"x-{digits}.csv")
    for kind in sorted(set(short.values())):
        for text in [t for t, k in short.items() if k == kind and _PLAIN.fullmatch(t)][:1]:
            for name, form in _FIELDS.items():
                yield Plant(kind, f"a field of {name}", form(text).encode(), name=name)
            yield Plant(kind, "a file name", b"", name=f"{text}.csv")


def _thrice(kind: str, how: str, value: bytes) -> Plant:
    """At the start, in the middle and at the end."""
    apart = b'"' + _NOISE + b'"'
    step = len(value) + len(apart)
    return Plant(kind, how, value + apart + value + apart + value, (0, step, 2 * step))


def _json(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


def _upper(text: str) -> bytes:
    return re.sub(rb"\\u[0-9a-f]{4}", lambda m: b"\\u" + m.group()[2:].upper(), _json(text))


def _bytes(text: str) -> bytes:
    return "".join(f"\\x{byte:02x}" for byte in text.encode()).encode()


def _references(text: str) -> bytes:
    return "".join(f"&#x{ord(letter):x};" for letter in text).encode()


_ESCAPED: Final[Mapping[str, Callable[[str], bytes]]] = {
    "json": lambda text: "".join(
        f"\\u{unit:04x}" for unit in memoryview(text.encode("utf-16-le")).cast("H")
    ).encode(),
    "json, ascii left": _upper,
    "json, quotes only": lambda text: json.dumps(text, ensure_ascii=False)[1:-1].encode(),
    "table": lambda text: text.replace('"', '""').encode(),
    "percent": lambda text: quote(text).encode(),
    "bytes": _bytes,
    "html": lambda text: html.escape(text).encode(),
    "html references": _references,
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 of json": lambda text: base64.b64encode(b'{"payload": "' + _json(text) + b'"}'),
}
_FIELDS: Final[Mapping[str, Callable[[str], str]]] = {
    "a.json": lambda text: json.dumps({"detail": [1, {"of": text}]}),
    "a.jsonl": lambda text: f"{json.dumps({'n': 1})}\n{json.dumps({text: 1})}\n",
    "a.csv": lambda text: f'size,name\r\n1,"{text}"\r\n',
    "a.html": lambda text: f"<table><tr><td class=x> {text} </td></tr></table>",
    "a.log": lambda text: f"22:30:01 warning person={text} opened 3",
    "a.txt": lambda text: f"GET /residents/{quote(text)}?page=2 200",
}
