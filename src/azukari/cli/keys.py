"""``azukari keys``: the ceremony over the roots, a forgotten passphrase, a lost officer.

Secrets come from the terminal or a descriptor and leave on paper only; the page that is printed is
destroyed when the ceremony ends, however it ends.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from azukari.cli import keys_acts, keys_site, seat, speech
from azukari.cli.call import FOLDER, Call, reads, secret, unlocks
from azukari.cli.output import aligned, show
from azukari.errors import BadInput, Locked
from azukari.keys import backends, ceremony, sheet
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import files

_WORDS: Final = (
    "この紙は鍵サービスと市の根の鍵を開けます。金庫に入れ、写さず、撮らないでください。",
    "This paper opens the key service and the city's root key.",
    "Keep it in a safe; no copy, no picture.",
    "`azukari keys recover --sheet` で使います。 It is used with `azukari keys recover --sheet`.",
)
Printed = Callable[[str, tuple[str, ...]], Sequence[str]]
_OFFICERS = click.option(
    "--officer", "officers", metavar="NAME", multiple=True, help="An officer, by name."
)
_OFFICERS_FD = click.option(
    "--officer-fd", type=int, metavar="N", help="The officers' passphrases, by line."
)
_SHEET = click.option(
    "--sheet", "from_sheet", is_flag=True, help="Open with the printed sheet, not two officers."
)
_SHEET_FD = click.option(
    "--sheet-fd", type=int, metavar="N", help="The sheet's four rows, by line."
)
_PRINT = click.option(
    "--print",
    "paper",
    type=FOLDER,
    metavar="FILE",
    required=True,
    help="Where the sheet is written to be printed: a printer's device, a pipe, or a new file.",
)
_TYPED_FD = click.option(
    "--typed-fd", type=int, metavar="N", help="The four rows typed back from the paper, by line."
)


@click.group("keys", epilog="Example: azukari keys show")
def command() -> None:
    """The key service's roots: who can open them, and what to do when somebody cannot."""


@command.command(
    "init",
    epilog="Example: azukari keys init --officer hanako --officer taro --officer jiro "
    "--print sheet.html",
)
@_OFFICERS
@_OFFICERS_FD
@_PRINT
@_TYPED_FD
@unlocks
@reads
def init(
    call: Call,
    officers: tuple[str, ...],
    officer_fd: int | None,
    paper: Path,
    typed_fd: int | None,
) -> None:
    """Hold the ceremony: make the city's root key, wrap both roots, print the recovery sheet.

    Any two of the three officers, or the sheet, will open the roots.  The sheet is typed back from
    the paper before the ceremony counts; broken off, it leaves nothing behind.
    """
    home = seat.keys_home(call)
    asked = "passphrase of the key service"
    passphrase = secret(call.passphrase_fd, asked, Locked(f"{asked}: nobody to ask"))
    root = backends.root_key(home, passphrase)
    words = _passphrases(officers, officer_fd, new=True)
    with _printed(paper, typed_fd) as typed_back:
        said = ceremony.hold(home, root, SigningKey.generate(Use.ROOT), words, typed_back)
    _told(call, said)


@command.command("recover", epilog="Example: azukari keys recover --officer hanako --officer jiro")
@_OFFICERS
@_OFFICERS_FD
@_SHEET
@_SHEET_FD
@unlocks
@reads
def recover(
    call: Call,
    officers: tuple[str, ...],
    officer_fd: int | None,
    from_sheet: bool,
    sheet_fd: int | None,
) -> None:
    """Give the key service a new passphrase, with two of three officers or the sheet.

    The roots stay what they are; the old passphrase opens nothing here any more, only old backups.
    """
    home = seat.keys_home(call)
    opened = _opened(home, officers, officer_fd, from_sheet, sheet_fd)
    asked = "new passphrase of the key service"
    typed = secret(call.passphrase_fd, asked, Locked(f"{asked}: nobody to ask"), twice=True)
    ceremony.recover(home, opened, typed)
    show(call, {"recovered": True}, ["the key service has a new passphrase"])


@command.command(
    "rotate",
    epilog="Example: azukari keys rotate --officer hanako --officer taro "
    "--new hanako --new taro --new saburo --print sheet.html",
)
@_OFFICERS
@_OFFICERS_FD
@_SHEET
@_SHEET_FD
@click.option("--new", "new", metavar="NAME", multiple=True, help="An officer from now on; three.")
@click.option("--new-fd", type=int, metavar="N", help="The new officers' passphrases, by line.")
@_PRINT
@_TYPED_FD
@reads
def rotate(
    call: Call,
    officers: tuple[str, ...],
    officer_fd: int | None,
    from_sheet: bool,
    sheet_fd: int | None,
    new: tuple[str, ...],
    new_fd: int | None,
    paper: Path,
    typed_fd: int | None,
) -> None:
    """Replace the officers and the sheet; for one who left, or a sheet that somebody saw.

    What the old officers could open in a copy they made, they still can: destroy old backups.
    """
    home = seat.keys_home(call)
    opened = _opened(home, officers, officer_fd, from_sheet, sheet_fd)
    words = _passphrases(new, new_fd, new=True)
    with _printed(paper, typed_fd) as typed_back:
        said = ceremony.hold(home, opened.root, opened.city_root, words, typed_back, again=True)
    _told(call, said)


@command.command("show", epilog="Example: azukari keys show")
@reads
def show_(call: Call) -> None:
    """Who can open the roots, and the public keys that came of the ceremony."""
    _told(call, ceremony.public(seat.keys_home(call)))


def rows(fd: int | None, prompt: str) -> list[str]:
    """The sheet's rows as they are typed."""
    without = BadInput("the sheet", "no terminal to type it at")
    return [
        secret(fd, f"{prompt}, row {i + 1} of {sheet.ROWS}", without).decode("utf-8", "replace")
        for i in range(sheet.ROWS)
    ]


def _opened(
    home: Path,
    officers: tuple[str, ...],
    officer_fd: int | None,
    from_sheet: bool,
    sheet_fd: int | None,
) -> ceremony.Opened:
    if from_sheet:
        return ceremony.open_by_sheet(home, rows(sheet_fd, "the sheet"))
    return ceremony.open_by_two(home, _passphrases(officers, officer_fd, new=False))


def _passphrases(names: Sequence[str], fd: int | None, *, new: bool) -> dict[str, bytes]:
    words = {}
    for name in names:
        without = BadInput("--officer", "no terminal to ask for a passphrase at")
        words[name] = secret(fd, f"passphrase of {name}", without, twice=new)
    return words


@contextmanager
def _printed(paper: Path, typed_fd: int | None) -> Iterator[Printed]:
    """Write the sheet where it is printed from, and take it away again at the end."""
    made: list[Path] = []

    def typed_back(identifier: str, found: tuple[str, ...]) -> Sequence[str]:
        text = _page(identifier, found, as_html=paper.suffix == ".html").encode()
        if paper.exists() and not paper.is_file():  # a printer or a pipe: nothing stays on a disk
            with files.own_errors(paper.name), paper.open("wb") as there:
                there.write(text)
        else:
            files.write_new(paper, text)
            made.append(paper)
        speech.say(f"print {paper.name} now, then type it back from the paper")
        return rows(typed_fd, "from the paper")

    try:
        yield typed_back
    finally:
        for file in made:
            files.destroy(file)


def _page(identifier: str, found: tuple[str, ...], *, as_html: bool) -> str:
    lines = ["azukari 復旧用紙 / recovery sheet", f"ceremony {identifier}", "", *_WORDS, ""]
    lines += [f"{i + 1}   {row}" for i, row in enumerate(found)]
    text = "\n".join(lines) + "\n"
    if not as_html:
        return text
    return (
        '<!doctype html><html lang="ja"><meta charset="utf-8"><title>azukari</title>'
        f'<pre style="font-size:14pt;white-space:pre-wrap">{html.escape(text)}</pre></html>\n'
    )


def _told(call: Call, said: ceremony.Public) -> None:
    names = [officer.name for officer in said.officers]
    value = {
        "ceremony": said.id,
        "officers": names,
        "city_root": said.city_root,
        "recovery": said.recovery,
    }
    table = [
        ("ceremony", said.id),
        ("officers", f"any two of {', '.join(names)}"),
        ("city root", said.city_root),
        ("recovery", said.recovery),
    ]
    show(call, value, aligned(table))


for _name, _command in (keys_site.COMMANDS | keys_acts.COMMANDS).items():
    command.add_command(_command, _name)
