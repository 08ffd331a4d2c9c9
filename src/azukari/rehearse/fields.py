"""The whole fields of a text: JSON strings, table cells, URL segments, HTML text, log arguments.

For values too short to be looked for anywhere: a surname inside a sentence is a word, a surname
alone in a cell is somebody's.  A file that is no text has no fields.
"""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import PurePath
from typing import Final
from urllib.parse import unquote

# Of the scheme only its last letter: a long text of hex digits must not be tried from every place.
_URL: Final = re.compile(r"[a-z0-9+.-]://[^\s\"'<>]+|(?<![\w/])/[^\s\"'<>]+")
_URL_PARTS: Final = re.compile(r"[/?&=#;:@]")
_LOG_PARTS: Final = re.compile(r"[\s\"'=,;()\[\]{}<>|]+")
_TABLES: Final = {".csv": ",", ".tsv": "\t"}
_PAGES: Final = {".html", ".htm", ".svg", ".xml"}


def fields(data: bytes, name: str) -> Iterator[str]:
    """Every field of a file, stripped; ``name`` only tells by its ending how to read it."""
    text = _text(data)
    if text is None:
        return
    ending = PurePath(name).suffix.lower()
    if ending in _TABLES:
        yield from _cells(text, _TABLES[ending])
    elif ending in _PAGES:
        yield from _page(text)
    else:
        yield from _lines(text)
    for url in _URL.findall(text):
        yield from segments(url)


def segments(url: str) -> Iterator[str]:
    """The parts of an address or a path, escapes undone."""
    for part in _URL_PARTS.split(url):
        yield unquote(part).strip()
        yield unquote(part, "cp932", "replace").strip()


def _text(data: bytes) -> str | None:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _lines(text: str) -> Iterator[str]:
    """A JSON document; or lines of JSON among others, and the arguments of every other line."""
    whole = _json(text)
    if whole is not None:
        yield from _strings(whole)
        return
    for line in map(str.strip, text.splitlines()):
        value = _json(line)
        if value is not None:
            yield from _strings(value)
        else:
            yield line
            yield from _LOG_PARTS.split(line)


def _json(text: str) -> object | None:
    if text[:1] not in ("{", "["):
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _strings(value: object) -> Iterator[str]:
    """Every string of a JSON value, keys too, and of JSON that stands in a string."""
    todo = [value]
    while todo:
        here = todo.pop()
        if isinstance(here, str):
            yield here.strip()
            todo.append(_json(here) or _json(_payload(here)))
        elif isinstance(here, dict):
            todo += [*here.keys(), *here.values()]
        elif isinstance(here, list):
            todo += here


def _payload(text: str) -> str:
    """The text of a signed document's payload, which is base64; empty if it is none."""
    try:
        return base64.b64decode(text, validate=True).decode() if len(text) % 4 == 0 else ""
    except ValueError:
        return ""


def _cells(text: str, delimiter: str) -> Iterator[str]:
    try:
        for row in csv.reader(text.splitlines(), delimiter=delimiter):
            for cell in row:
                yield cell.strip()
    except csv.Error:
        # A cell longer than the reader allows: no table, so read it as lines.
        yield from _lines(text)


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the base class fixes the arguments
        self.found += [value.strip() for _, value in attrs if value]


def _page(text: str) -> Iterator[str]:
    reader = _Texts()
    reader.feed(text)
    reader.close()
    yield from reader.found
