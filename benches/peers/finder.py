"""The finder's attempts on a file that another program sealed, one after another.

Each attempt is made with the program itself.  *Opened* where content comes out that should not,
or where a change goes unnoticed; *refused* where the program says no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benches.peers.parquet import KeyService, ParquetEncryption
from benches.peers.tools import Gocryptfs, Refused, Tool

ROWS: Final = 5000
LETTERS: Final = 13  # of a password, as was told
PLACES: Final = 12  # where a bit is flipped
SECRET_COLUMN: Final = "assistance"


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    word: str
    reason: str

    @property
    def counts(self) -> bool:
        return self.word in ("opened", "refused", "known limit")


class Bag:
    """Two tables of one program's sealing under one key, and their plain twins to compare."""

    def __init__(self, kind: type[Tool], folder: Path) -> None:
        self.folder = folder
        self.tool = kind(folder / "tool")
        self.plain = [self.invented(f"plain-{year}", ROWS, year) for year in (2021, 2022)]
        self.sealed = [self.tool.seal(p, p.with_suffix(".x")) for p in self.plain]
        self.whole = [path.read_bytes() for path in self.sealed]
        self.content = [self.opened(path) for path in self.sealed]

    def invented(self, name: str, rows: int, seed: int) -> Path:
        """A table of nobody: numbers, addresses and a fact that not everybody may see."""
        rng = np.random.default_rng(seed)
        homes = [f"架空町{n}丁目" for n in rng.integers(1, 9999, rows)]
        facts = {
            "resident": np.arange(rows),
            "address": homes,
            SECRET_COLUMN: rng.random(rows) < 0.05,
        }
        path = self.folder / name
        pq.write_table(pa.table(facts), path)
        return path

    def opened(self, sealed: Path, tool: Tool | None = None) -> bytes:
        """What comes out; `Refused` where nothing does."""
        back = self.folder / "back"
        back.unlink(missing_ok=True)
        (tool or self.tool).open(sealed, back)
        return back.read_bytes()

    def changed(self, changes: Iterator[bytes]) -> Outcome:
        """Each change to the newer file in turn; one that opens is enough."""
        tried, through = 0, 0
        for data in changes:
            tried += 1
            self.sealed[1].write_bytes(data)
            try:
                self.opened(self.sealed[1])
                through += 1
            except Refused:
                continue
            finally:
                self.sealed[1].write_bytes(self.whole[1])
        if self.opened(self.sealed[1]) != self.content[1]:
            raise SystemExit(f"benches: attacks: {self.tool.name}: the whole file does not open")
        word = "opened" if through else "refused"
        return Outcome(word, f"{through} of {tried} went unnoticed")


@dataclass(frozen=True)
class Attempt:
    """One line of the list: its name, ours of the rehearsal, and the deed on others."""

    name: str
    ours: str
    deed: Callable[[Bag], Outcome]


def search(bag: Bag) -> Outcome:
    found = sum(f"架空町{n}丁目".encode() in bag.whole[1] for n in range(1, 10_000))
    return Outcome("opened" if found else "refused", f"{found} addresses of the table found")


def flip(bag: Bag) -> Outcome:
    whole = bag.whole[1]
    places = np.linspace(0, len(whole) - 1, PLACES).astype(int).tolist()
    return bag.changed(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places)


def truncate(bag: Bag) -> Outcome:
    whole = bag.whole[1]
    return bag.changed(whole[:cut] for cut in (-1, len(whole) // 2, -4096, 0))


def append(bag: Bag) -> Outcome:
    whole = bag.whole[1]
    return bag.changed(iter((whole + b"\0", whole + whole[-4096:], whole + whole)))


def swap(bag: Bag) -> Outcome:
    """Last year's file under this year's name, both sealed under one key."""
    return bag.changed(iter(bag.whole[:1]))


def splice(bag: Bag) -> Outcome:
    one, other = bag.whole
    size = min(len(one), len(other))
    cuts = (size // 4, size // 2, size * 3 // 4)
    return bag.changed(other[:at] + one[at : at + 4096] + other[at + 4096 :] for at in cuts)


def forge(bag: Bag) -> Outcome:
    forged = bag.folder / "forged.x"
    bag.tool.forge(bag.plain[0], forged)
    return bag.changed(iter((forged.read_bytes(),)))


def guess_rows(bag: Bag) -> Outcome:
    """From the sizes of two tables of one's own of the same kind."""
    known = []
    for rows in (4000, 6000):
        plain = bag.invented(f"own-{rows}", rows, rows)
        known.append(bag.tool.seal(plain, bag.folder / f"sealed-{rows}.x").stat().st_size)
    per_row = (known[1] - known[0]) / 2000
    told = 4000 + (len(bag.whole[1]) - known[0]) / per_row
    factor = max(told / ROWS, ROWS / told)
    return Outcome("opened" if factor < 1.5 else "refused", f"a factor of {factor:.3f}")


def revoked(bag: Bag) -> Outcome:
    """The finder has the stick and what opens it; the owner does what the program offers."""
    if isinstance(bag.tool, ParquetEncryption):
        bag.tool.revoke()
        return _tried(bag, bag.tool, bag.sealed[1], "a new process asks the key service")
    twin, sealed = _twin(bag, "revoked")
    done = bag.tool.revoke() or "nothing to do is offered"
    return _tried(bag, twin, sealed, done)


def still_running(bag: Bag) -> Outcome:
    """Revoked while a reader runs that had opened it before."""
    tool = bag.tool
    if not isinstance(tool, ParquetEncryption):
        return Outcome("not applicable", "")
    KeyService.revoked.clear()
    tool.read(bag.sealed[1], None, tool.running)
    tool.revoke()
    try:
        tool.read(bag.sealed[1], None, tool.running)
    except Refused as no:
        return Outcome("refused", str(no))
    finally:
        KeyService.revoked.clear()
    return Outcome("opened", "its cache of keys does not ask again")


def erased(bag: Bag) -> Outcome:
    """A key copied before everything that the owner has is erased."""
    if isinstance(bag.tool, ParquetEncryption):
        return Outcome("not applicable", "its keys stay with the key service")
    twin, sealed = _twin(bag, "erased")
    bag.tool.secret.unlink()
    return _tried(bag, twin, sealed, "erasing at the owner's reaches no copy")


def column(bag: Bag) -> Outcome:
    """Whoever may open at all reads a column that is not theirs to see."""
    tool = bag.tool
    if isinstance(tool, ParquetEncryption):
        KeyService.revoked.add(f"k-{SECRET_COLUMN}")
        try:
            tool.read(bag.sealed[1], [SECRET_COLUMN], tool.factory())
        except Refused as no:
            return Outcome("refused", str(no))
        finally:
            KeyService.revoked.clear()
        return Outcome("opened", "the column was read")
    back = bag.folder / "whole"
    back.write_bytes(bag.opened(bag.sealed[1]))
    if SECRET_COLUMN in pq.read_schema(back).names:
        return Outcome("opened", "one key, the whole file")
    return Outcome("refused", "")


def forgotten(bag: Bag) -> Outcome:
    """A column that somebody forgot to name when sealing."""
    if not isinstance(bag.tool, ParquetEncryption):
        return Outcome("not applicable", "")
    sealed = bag.tool.seal(bag.plain[1], bag.folder / "forgotten.x", leave_out="address")
    found = "架空町".encode() in sealed.read_bytes()
    return Outcome("opened" if found else "refused", "it stands there in clear" if found else "")


def proof(bag: Bag) -> Outcome:
    """No attack, but what everybody asks the morning after."""
    return Outcome("cannot be shown", f"{bag.tool.name} keeps no record of who had a key")


def password(bag: Bag) -> Outcome:
    """Somebody said aloud: thirteen characters, changed every year."""
    if not bag.tool.password:
        return Outcome("not applicable", "its key is not a password")
    twin, sealed = _twin(bag, "guessed")
    try:
        return _guess(bag, twin, sealed)
    finally:
        twin.close()


def _guess(bag: Bag, twin: Tool, sealed: Path) -> Outcome:
    start = perf_counter()
    for count, word in enumerate(_guesses(), 1):
        twin.secret.write_text(f"{word}\n", encoding="utf-8")
        try:
            bag.opened(sealed, twin)
        except Refused:
            continue
        seconds = perf_counter() - start
        return Outcome("opened", f"guess {count}, after {seconds:.1f} s, one after another")
    return Outcome("refused", "no guess was right")


def _guesses() -> Iterator[str]:
    """Thirteen letters and digits with a city's name and a year in them, older years first."""
    names = ("kakuu", "kakuushi", "kakuucity", "cityofkakuu", "kakuushiyakusho")
    for year, name, spell in product(range(2015, 2026), names, (str.lower, str.title, str.upper)):
        for word in (f"{spell(name)}{year}", f"{year}{spell(name)}", f"{spell(name)}0{year}"):
            if len(word) == LETTERS:
                yield word


def _twin(bag: Bag, name: str) -> tuple[Tool, Path]:
    twin = bag.tool.copied(bag.folder / name)
    if isinstance(twin, Gocryptfs):
        return twin, twin.cipher / bag.sealed[1].name
    return twin, bag.sealed[1]


def _tried(bag: Bag, tool: Tool, sealed: Path, why: str) -> Outcome:
    try:
        bag.opened(sealed, tool)
    except Refused as no:
        return Outcome("refused", f"{why}: {no}")
    finally:
        tool.close()
    return Outcome("opened", why)


# The last ones spoil the bag: nothing stands after them.
LIST: Final = (
    Attempt("search for values", "search every file for any value of the register", search),
    Attempt("flip one bit", "flip one bit of a part", flip),
    Attempt("truncate", "truncate a part", truncate),
    Attempt("append", "append to a part", append),
    Attempt("swap two files sealed under one key", "swap two parts", swap),
    Attempt(
        "splice a piece of one into the other",
        "splice parts of the backup into the main carrier",
        splice,
    ),
    Attempt("a file of one's own in its place", "plaintext file in place of a part", forge),
    Attempt("row count guessed from sizes", "row count guessed from sizes", guess_rows),
    Attempt("a column nobody named when sealing", "", forgotten),
    Attempt(
        "read a column one must not see",
        "check: only what the operator's role may see was released",
        column,
    ),
    Attempt("guess a password of a known rule", "", password),
    Attempt(
        "show that no key was released",
        "shown: the backup was never released, by the complete entries past its revocation",
        proof,
    ),
    Attempt("open after revocation, stick and key in hand", "new grant after revocation", revoked),
    Attempt(
        "the same, by a reader that still runs",
        "enrolled device with its outstanding grant inside its window",
        still_running,
    ),
    Attempt("a copied key after erase", "copied grant after erase", erased),
)
