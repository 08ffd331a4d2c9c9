"""A city's office as a rehearsal leaves it, and a way to call the program without a process."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace

from azukari.cli import main
from azukari.desk import order as orders
from azukari.entrust.order import NETWORK
from azukari.rehearse import evening, night
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.house import TERMS, agreement
from azukari.rehearse.night import Night
from azukari.seal.documents import OrderedTable

RESIDENTS = 300


@dataclass(frozen=True)
class Ran:
    """One call: its exit code and what it said where."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the program; secrets by name of their option go through pipes."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "AZUKARI_HOME", "AZUKARI_PERSON"):
        monkeypatch.delenv(name, raising=False)

    def ran(
        *words: object, stdin: str = "", now: Callable[[], int] | None = None, **secrets: bytes
    ) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        line = [str(word) for word in words]
        with contextlib.ExitStack() as stack:
            for option, secret in secrets.items():
                line += [f"--{option.replace('_', '-')}", str(stack.enter_context(pipe(secret)))]
            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            code = main(line, now)
        return Ran(code, out.getvalue(), err.getvalue())

    return ran


@contextlib.contextmanager
def pipe(secret: bytes) -> Iterator[int]:
    """A descriptor from which a secret can be read once."""
    there, here = os.pipe()
    os.write(here, secret + b"\n")
    os.close(here)
    try:
        yield there
    finally:
        os.close(there)


@dataclass(frozen=True)
class Site:
    """A rehearsal's folder, copied for one test, with all that is needed to go on by hand."""

    out: Path
    order: str
    labels: tuple[str, ...]
    secrets: dict[str, bytes]

    @property
    def office(self) -> Path:
        return self.out / "sites" / "office"

    @property
    def persons(self) -> Path:
        return self.out / "persons"


@pytest.fixture(scope="session")
def ordered_site(stretched_once: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The office at 16:30: the order stands, two people approved it, nothing is sealed."""
    played = _begun(tmp_path_factory.mktemp("ordered"))
    played.clock.set("2022-06-21 10:00")
    played.order = night._order(played)
    office, cast = played.house.office, played.house.cast
    orders.request(office, played.order, cast.signer("requester"))
    for name in ("approver_1", "approver_2"):
        orders.approve(office, played.order.id, *cast.hand(name))
    return _left(played, ())


@pytest.fixture(scope="session")
def files_site(stretched_once: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The office at 16:30: an order lets out at most 20 files by network, two people approved."""
    played = _begun(tmp_path_factory.mktemp("files"))
    played.clock.set("2022-06-21 10:00")
    office, cast, now = played.house.office, played.house.cast, played.clock.now()
    terms = replace(TERMS, columns=["files.content"], media=[NETWORK], depth=0)
    wider = replace(terms, depth=1)
    first, above = agreement(office, cast, "", "city", "contractor", wider, now)
    narrow = replace(terms, may_re_entrust=False)
    second, below = agreement(office, cast, first, "contractor", "centre", narrow, now)
    orders.enrol(office, above, below)
    table = OrderedTable(table="files", columns={"content": ["supervisor"]}, rows=20)
    changed = {"agreement": second, "tables": [table], "medium": NETWORK, "media": []}
    played.order = replace(night._order(played), carriers=1, **changed)
    orders.request(office, played.order, cast.signer("requester"))
    for name in ("approver_1", "approver_2"):
        orders.approve(office, played.order.id, *cast.hand(name))
    (cast.folder / "supervisor.id").write_text(cast.people["supervisor"])
    return _left(played, ())


@pytest.fixture(scope="session")
def night_site(stretched_once: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The office at 20:35: two carriers out, one opened, both late."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evening, "ENQUIRIES", 10)
        played = _begun(tmp_path_factory.mktemp("night"))
        for chapter in (
            night.word_of_the_day,
            night.ordered_and_sealed,
            evening.handed_over_and_answered,
        ):
            chapter(played)
        played.clock.set("2022-06-21 20:35")
    return _left(played, tuple(carrier.label for carrier in played.sealed))


@pytest.fixture
def site(night_site: Site, tmp_path: Path) -> Site:
    """A copy of the night's site, to act on."""
    return copied(night_site, tmp_path / "site")


def copied(site: Site, to: Path) -> Site:
    shutil.copytree(site.out, to)
    return Site(to, site.order, site.labels, site.secrets)


@pytest.fixture
def copy_site() -> Callable[[Site, Path], Site]:
    return copied


def _begun(out: Path) -> Night:
    played = Night(out, RESIDENTS, 1, StoryClock("2022-04-01 09:00"), lambda _: None)
    for chapter in (night.invented_city, night.set_up, night.taken_in, night.decided):
        chapter(played)
    return played


def _left(played: Night, labels: tuple[str, ...]) -> Site:
    house = played.house
    secrets = dict(house.cast.passphrases) | {"keys": house.passphrase}
    for name, secret in secrets.items():
        (played.out / "persons" / f"{name}.pass").write_bytes(secret + b"\n")
    house.close()
    return Site(played.out, played.order.id, labels, secrets)
