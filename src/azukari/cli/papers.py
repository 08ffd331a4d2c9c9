"""Documents as files: written under a speaking name, read with a limit, signed by a second hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from azukari import settings
from azukari.cli.call import FOLDER, Call
from azukari.cli.output import aligned, harmless, instant
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


def hands_before(call: Call, post: desk.Post) -> list[tuple[str, str]]:
    """Whose hands are under a half already, for whoever is about to add one; a wrong one raises.

    A site knows the city's keys and whoever's entry it holds; of others it says that their hand was
    not verified here, which the city does before the document holds.
    """
    try:
        held = settings.load(call.home)
    except BadFormat:
        raise BadInput("--home", "a site that believes the city's keys is expected") from None
    if held.site == "office":
        raise BadInput("FILE", "this hand is set under it elsewhere, not at the office")
    trust = desk.trust_of(call.home)
    known = {key.id: key for key in trust.believed(call.now())}
    if held.site == "contractor":
        inbox = desk.open_inbox(call.home, held.city, call.now())
        known |= {key.id: key for key in inbox.person_keys()}
    right, not_verified = doc.hands_of(post.envelope, known.get)
    rows = [("signed by", f"{key.use} key {key.id}") for key in right]
    return rows + [("not verified here", f"key {key}") for key in not_verified]


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


def lay_before(document: Any) -> None:
    """At a terminal, all that a document says, before a key is asked for: nobody signs unseen."""
    if sys.stdin.isatty():
        for line in aligned(lines(document)):
            click.echo(harmless(line), err=True)


def _joined(values: list[Any]) -> str:
    if values and isinstance(values[0], doc.OrderedTable):
        return "; ".join(f"{t.table}: {', '.join(t.columns)}, {t.rows} rows" for t in values)
    return ", ".join(map(str, values)) or "none"
