"""The settings of one HOME, as they stand in ``azukari.toml``; unknown lines are refused.

A setting is where a program is and for whom it works, never a secret and never a person.  What
each means to an operator stands in ``docs/settings.md``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from azukari.errors import BadFormat, BadSettings, Conflict
from azukari.names import raw_id

FILE: Final = "azukari.toml"
MAX_BYTES: Final = 1 << 16
Site = Literal["office", "keys", "contractor", "call-centre", "witness", "public"]
Language = Literal["ja", "en"]
SITES: Final[tuple[Site, ...]] = get_args(Site)
#: One printable line; what an operator types never turns the reading direction around.
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
#: What must be true before a key leaves the key service.
ReleaseAfter = Literal["", "entry", "checkpoint", "cosigned"]
Origin = Annotated[
    str, msgspec.Meta(max_length=128, pattern=r"^$|^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*$")
]

#: How much memory, in DuckDB's spelling; empty: the engine's own 2GB.
Size = Annotated[
    str, msgspec.Meta(max_length=9, pattern=r"^$|^[1-9][0-9]{0,5}(KB|MB|GB|KiB|MiB|GiB)$")
]

#: A quarter of a year where it is not said; there is no never.
ReviewDays = Annotated[int, msgspec.Meta(ge=0, le=366)]

_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
#: Hours of the day in Japan; the end may lie on the next.
Hours = Annotated[str, msgspec.Meta(max_length=11, pattern=rf"^$|^{_CLOCK}-{_CLOCK}$")]
#: At least a minute and at most a week each; there is no never.
Minutes = Annotated[
    tuple[Annotated[int, msgspec.Meta(ge=1, le=10_080)], ...], msgspec.Meta(max_length=8)
]
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
#: What may stand in it, and what not, is for whoever opens it to say in full.
Database = Annotated[
    str, msgspec.Meta(max_length=500, pattern=r"^\Z|^postgresql://[^\s\x00-\x1f\x7f-\x9f]+\Z")
]
MailTLS = Literal["", "demanded", "offered"]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one site knows about itself; a path that is not absolute starts at HOME."""

    site: Site
    city: str = ""  # the city's id as a party; a key service has it pinned, a witness has none
    call: Line = ""  # whom a finder calls: printed on every carrier
    enquiries: Line = ""  # an office: whom residents call after a loss; never the finder's number
    origin: Origin = ""  # the name this site's ledger is known under; the name of a witness
    keys_home: str = ""  # an office: where its key service lives; never inside HOME
    keys_url: Line = ""  # where the key service on another host listens; elsewhere for a loss
    release_after: ReleaseAfter = ""  # empty: checkpoint in one process, cosigned apart
    checkpoint_store: str = ""  # where the newest signed heads are kept; never inside HOME
    database: Database = ""  # a PostgreSQL server for the records; empty: a file in HOME
    memory_limit: Size = ""  # of the query engine; what does not fit ends, and spills nowhere
    review_days: ReviewDays = 0  # an office: how often access is reviewed; 0: every 92 days
    quiet_hours: Hours = ""  # what can wait is not sent then, such as 22:00-07:00
    escalate_minutes: Minutes = ()  # from each rung to the next; empty: 60, 60, 120
    mail_host: Line = ""  # the mail server that takes what is late; empty: no mail
    mail_port: Port = 0  # empty: 587
    mail_from: Line = ""  # the address that mails come from
    mail_tls: MailTLS = ""  # empty: demanded
    mail_user: Line = ""  # as the mail server knows this office
    mail_password: str = ""  # the file with its password, 0600
    mail_ca: str = ""  # certificates to believe instead of the system's
    webhook: Line = ""  # where a program listens for alarms
    language: Language = "ja"  # of pages and papers; speech follows the person who calls


#: A line of comment above every setting of the file.
MEANING: Final[Mapping[str, str]] = {
    "site": "what this machine is: " + ", ".join(SITES),
    "city": "the city's id",
    "call": "whom a finder calls; printed on every carrier",
    "enquiries": "whom residents call after a loss; printed in the press release",
    "origin": "the name of this site's ledger, or of this witness, for ever",
    "keys_home": "where the key service lives; never inside this folder",
    "keys_url": "where the key service listens, on another host",
    "release_after": "a key leaves after its entry, the checkpoint of it, or the office's word",
    "checkpoint_store": "where the newest signed heads are kept; never inside this folder",
    "database": "the PostgreSQL server that holds the records, without a password",
    "memory_limit": "of the query engine, such as 2GB; it never spills to a disk",
    "review_days": "every how many days it is reviewed who may come near the data, at most 366",
    "quiet_hours": "when what can wait is not sent; never what a loss may be behind, or a law",
    "escalate_minutes": "how long each rung of people has before the next is told",
    "mail_host": "the mail server that takes messages about what is late",
    "mail_port": "its port",
    "mail_from": "the address that mails come from",
    "mail_tls": "demanded, or offered: where the server has none, mails go in the clear",
    "mail_user": "the name this office has at the mail server",
    "mail_password": "the file with the password for it, which nobody else can read",
    "mail_ca": "a file of certificates to believe of the mail server",
    "webhook": "where a program listens for alarms",
    "language": "of pages and papers: ja or en",
}


def load(home: Path) -> Settings:
    """The settings of a HOME; `BadSettings` where there are none, or a line is not right."""
    path = home / FILE
    if path.is_symlink() or not path.is_file():
        raise BadSettings(f"{FILE}: there is none in this HOME: nothing was set up here")
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise BadSettings(f"{FILE}: longer than {MAX_BYTES} bytes")
    try:
        settings = msgspec.toml.decode(raw, type=Settings)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{FILE}: {_reason(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadSettings(f"{FILE}: not TOML") from None
    check(home, settings)
    return settings


def write(home: Path, settings: Settings) -> None:
    """Write the settings of a new HOME; durable.  A HOME that has some keeps them: `Conflict`.

    Written last at set-up: a HOME without this file is not one.
    """
    check(home, settings)
    text = "".join(
        f"# {MEANING[name]}\n{name} = {_quoted(value)}\n"
        for name, value in msgspec.structs.asdict(settings).items()
        if value
    )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(home / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{FILE}: this HOME is set up already") from None
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def must_be_new(folder: Path) -> None:
    """A site is set up where nothing lies yet; else `Conflict`."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder.name} exists already and is not empty")


def keys_home(home: Path, settings: Settings) -> Path:
    """Where the key service of an office lives."""
    return (home / settings.keys_home).resolve()


def checkpoint_store(home: Path, settings: Settings) -> Path | None:
    """Where the newest signed heads of this site's ledgers are kept; None where it is not said."""
    return (home / settings.checkpoint_store).resolve() if settings.checkpoint_store else None


def check(home: Path, settings: Settings) -> None:
    """Raise `BadSettings` where settings contradict themselves, or a value is none."""
    try:
        msgspec.convert(msgspec.structs.asdict(settings), Settings)
        if settings.site not in ("keys", "witness") or settings.city:
            raw_id(settings.city)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{FILE}: {_reason(error)}") from None
    except BadFormat:
        raise BadSettings(f"{FILE}: city: not an id") from None
    missing = [
        name
        for name in ("call", "origin", "keys_home", "checkpoint_store")
        # A key service on another host has a home of its own there.
        if not (name == "keys_home" and settings.keys_url)
        if settings.site == "office" and not getattr(settings, name)
    ]
    if missing:
        raise BadSettings(f"{FILE}: {missing[0]}: an office needs it")
    if bool(settings.mail_host) != bool(settings.mail_from):
        raise BadSettings(f"{FILE}: mail_from: a mail server and an address, both or neither")
    if settings.keys_home and settings.keys_url:
        raise BadSettings(f"{FILE}: keys_url: the key service is here or elsewhere, not both")
    if settings.release_after == "cosigned" and settings.site != "keys":
        # In one process nobody else is there to hold the entry.
        raise BadSettings(f"{FILE}: release_after: cosigned is for a key service on its own host")
    if settings.database and settings.site not in ("office", "keys"):
        raise BadSettings(f"{FILE}: database: only an office and a key service keep records")
    if _says_a_password(settings.database):
        # Shown, copied and backed up like the rest of this file.
        raise BadSettings(f"{FILE}: database: a password stands in it: it belongs in a passfile")
    if settings.site == "witness" and not settings.origin:
        raise BadSettings(f"{FILE}: origin: a witness needs it")
    if settings.keys_home and keys_home(home, settings).is_relative_to(home.resolve()):
        # A backup of HOME would carry the keys away together with what they open.
        raise BadSettings(f"{FILE}: keys_home: never inside HOME")
    store = checkpoint_store(home, settings)
    if store is not None and any(
        store.is_relative_to(place)
        for place in (home.resolve(), *([keys_home(home, settings)] if settings.keys_home else []))
    ):
        # Put back together with a HOME, it would forget what it is there to remember.
        raise BadSettings(f"{FILE}: checkpoint_store: never inside HOME or the keys' home")


def _says_a_password(url: str) -> bool:
    try:
        found = urlsplit(url)
    except ValueError:  # no address at all; whoever opens it says so
        return False
    return found.password is not None or "password=" in found.query


def default_home(environ: Mapping[str, str]) -> Path:
    """``$AZUKARI_HOME``, or else the folder the platform keeps programs' data in."""
    if chosen := environ.get("AZUKARI_HOME"):
        return Path(chosen)
    own = Path.home()
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or own / "AppData" / "Local") / "azukari"
    if sys.platform == "darwin":
        return own / "Library" / "Application Support" / "azukari"
    return Path(environ.get("XDG_DATA_HOME") or own / ".local" / "share") / "azukari"


def _quoted(value: object) -> str:
    """A string, a number or numbers of TOML; for one printable line they are those of JSON."""
    return msgspec.json.encode(value).decode()


def _reason(error: msgspec.ValidationError) -> str:
    """What is wrong and where; never what stood there."""
    text = str(error)
    named = re.search(r"field `([a-z_]{1,40})`", text)
    if named is not None:
        return f"{named[1]}: {'unknown' if 'unknown' in text else 'missing'}"
    place = re.search(r"`\$\.([a-z_]{1,40})", text)
    return "a line is unknown" if place is None else f"{place[1]}: not what this setting can be"
