"""Documents as files: written under a speaking name, read with a limit, signed by a second hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from azukari import settings
from azukari.cli.call import FOLDER, Call
from azukari.cli.output import instant
from azukari.desk import post as desk
from azukari.errors import BadFormat, BadInput
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf import files

TO: Final = click.option(
    "--to",
    type=FOLDER,
    metavar="DIR",
    default=Path(),
    help="Where the document is written; else here.",
)
FILE: Final = click.argument("file", metavar="FILE", type=FOLDER)


def write(to: Path, data: bytes) -> Path:
    """Write a document under the name that it gives itself; one that lies there stays."""
    path = files.folder(to) / desk.open_post(data).file_name
    files.write_new(path, data)
    return path


def read(path: Path) -> desk.Post:
    """A document as it claims to be; ``-`` reads a line of stdin, as a scanner types it."""
    if str(path) == "-":
        text = sys.stdin.readline(desk.MAX_POST + 1)
        return desk.open_post(text.encode("utf-8", "surrogateescape"))
    if not path.is_file():
        raise BadInput("FILE", "there is no such file")
    return desk.open_post(files.read_small(path, desk.MAX_POST))


def whole(post: desk.Post, kind: type[doc.Document]) -> Any:
    """The document in a file of one kind, as it claims to be."""
    if not isinstance(post.document, kind):
        raise BadFormat(f"FILE is a {post.word}, expected is a {kind.__name__.lower()}")
    return post.document


def must_be_city(call: Call, post: desk.Post, use: Use) -> None:
    """Where this site believes the city's keys, the half under a document must be the city's."""
    try:
        site = settings.load(call.home).site
    except BadFormat:
        raise BadInput("--home", "a site that believes the city's keys is expected") from None
    if site == "office":
        raise BadInput("FILE", "the city's half was signed here; the other hand signs elsewhere")
    key = desk.trust_of(call.home).key(use, call.now())
    doc.read_half(post.envelope, doc.word_of(post.envelope), {key.id: key}.get)


def add_hand(post: desk.Post, signer: Signer, to: Path) -> Path:
    """The second hand under a half-signed document, and the whole one as a file."""
    return write(to, doc.add_signature(post.envelope, signer))


def key_of(use: Use, public: str) -> PublicKey:
    return PublicKey.load(use, unbase64(public))


def lines(document: Any) -> list[tuple[str, object]]:
    """What a document says, field by field, for whoever is about to sign it."""
    rows: list[tuple[str, object]] = []
    for name in type(document).__struct_fields__:
        value = getattr(document, name)
        if name in ("v", "public", "one_time_keys") or value == "":
            continue
        if name == "terms":
            rows += lines(value)
        elif isinstance(value, int) and name.endswith(("_by", "at")):
            rows.append((name.replace("_", " "), instant(value)))
        elif isinstance(value, list):
            rows.append((name.replace("_", " "), _joined(value)))
        else:
            rows.append((name.replace("_", " "), value))
    return rows


def _joined(values: list[Any]) -> str:
    if values and isinstance(values[0], doc.OrderedTable):
        return "; ".join(f"{t.table}: {', '.join(t.columns)}, {t.rows} rows" for t in values)
    return ", ".join(map(str, values)) or "none"
