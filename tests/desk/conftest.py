"""A street of small houses that crash: copies of one house, a program that dies in them, and what
must hold in whatever it leaves behind.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from tests.zygote import Told, Zygote, kill

from azukari.desk import supervise, supervision
from azukari.entrust.supervision import Kind
from azukari.rehearse.clock import ms

CHILD: Final = Path(__file__).with_name("crash_child.py")
BY: Final = ms("2022-07-15 23:59")  # when checks are due, and what is to follow from them
LATER: Final = ms("2022-08-01 23:59")
RECOVER: Final = ("look", "tick", "look", "tick", "heads")


class Program(Zygote):
    """The child program."""

    def __init__(self) -> None:
        super().__init__(CHILD)

    def ask(self, home: Path, *acts: str, kill_after_s: float | None = None, **how: Any) -> Told:
        def heard(line: dict[str, Any]) -> None:
            if line["say"] == "begun" and kill_after_s is not None:
                time.sleep(kill_after_s)
                kill(line)

        return self.request({"home": str(home), "acts": acts, **how}, heard)


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    program = Program()
    yield program
    program.close()


@pytest.fixture(scope="session")
def built(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small house as it stands at 18:00; tests work on copies of it."""
    home = tmp_path_factory.mktemp("crash") / "house"
    told = program.ask(home, "build")
    assert told.code == 0, told.lines
    return home


@dataclass
class Street:
    """Copies of the house, one for every crash, in one place: the names of media stand in rows."""

    program: Program
    built: Path
    folder: Path

    def copy(self) -> Path:
        home = self.folder / "house"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.built, home)
        return home

    def beside(self, built: Path) -> Street:
        """Another street, of copies of another house."""
        return Street(self.program, built, self.folder / "beside")

    def points(self, *acts: str) -> list[str]:
        """The steps of these acts, by name, when nothing happens to them."""
        told = self.program.ask(self.copy(), *acts)
        assert (told.code, told.all("refused")) == (0, []), told.lines
        points: list[str] = told.all("done")[0]["points"]
        return points

    def crash(self, *acts: str, **how: Any) -> Crash:
        """Perform acts on a copy until the end that ``how`` says; then start again and repair."""
        home = self.copy()
        told = self.program.ask(home, *acts, **how)
        again = self.program.ask(home, *RECOVER)
        assert (again.code, again.all("refused")) == (0, []), again.lines
        found, repaired = again.all("look")
        return Crash(told, home, found, repaired, again.all("heads")[0], again.all("ticked"))


@pytest.fixture
def street(program: Program, built: Path, tmp_path: Path) -> Street:
    return Street(program, built, tmp_path)


@dataclass
class Crash:
    """What was said before the crash, and what a new process found."""

    told: Told
    home: Path
    found: dict[str, Any]  # as the crash left it
    repaired: dict[str, Any]  # after one tick
    heads: dict[str, Any]  # after another tick
    ticked: list[dict[str, Any]]

    def check(self) -> None:
        """Everything that holds after every crash, whatever the act was."""
        self.check_left()
        self.check_acknowledged(self.found)
        self.check_acknowledged(self.repaired)
        assert all("is unpaired" in found for found in self.found["audit"])
        assert self.repaired["audit"] == []
        second = self.ticked[1]
        assert (second["finished"], second["abandoned"], second["alarms"]) == ([], [], [])
        for ledger in ("office", "keys"):
            assert len(self.repaired[ledger]) == self.heads[ledger]
        check_carriers(self.found)
        check_whole(self.repaired)

    def check_left(self) -> None:
        """A key that left has its entry, and no act has two."""
        released = Counter(
            entry[1] for entry in self.found["keys"] if entry[0].startswith("key.released")
        )
        assert {line["act"] for line in self.told.all("left")} <= set(released)
        later = Counter(e[1] for e in self.repaired["keys"] if e[0].startswith("key.released"))
        assert max(later.values()) == 1

    def check_acknowledged(self, look: dict[str, Any]) -> None:
        states = {carrier: state for carrier, state, _ in look["carriers"]}
        folders = set(look["folders"].values())
        issued = {grant[0] for grant in look["grants"] if grant[1] == "issued"}
        for ack in self.told.all("ack"):
            match ack["act"], ack["id"]:
                case "seal", carrier:
                    assert states[carrier] == "sealed"
                    assert carrier in folders
                    assert look["key_states"][carrier] == "bound"
                case "grant", act:
                    assert act in issued
                case "loss", incident:
                    assert any(incident in entry for entry in look["office"])
                    (record,) = look["incidents"]
                    for carrier in record[1].split():
                        assert states[carrier] == "lost"
                        # Or it was acknowledged with these very words: not yet revoked.
                        yet = look["key_states"][carrier] == "revoked"
                        assert yet or (not ack["revoked"] and record[2] == "revoke pending")
                case "take in", roll:
                    assert roll in look["rolls"]
                case "enquire", length:
                    assert look["journal"] >= length


def check_carriers(look: dict[str, Any]) -> None:
    """No folder counts as a carrier that is not on record; no loss stands without revocation."""
    sealed = {ref for entry in look["office"] if entry[0] == "carrier.sealed" for ref in entry[2:]}
    assert {carrier for carrier in look["folders"].values() if carrier} <= sealed
    bound = {ref for entry in look["keys"] if entry[0] == "key.bound" for ref in entry[2:]}
    assert sealed <= bound
    for entry in look["office"]:
        pending = any(act == entry[1] and state != "open" for act, _, state in look["incidents"])
        if entry[0] == "carrier.lost" and not pending:
            assert {look["key_states"][carrier] for carrier in entry[2:]} == {"revoked"}


def check_whole(look: dict[str, Any]) -> None:
    """Nothing half done is left anywhere."""
    check_carriers(look)
    whole = set(look["folders"].values())
    for carrier, state, _ in look["carriers"]:
        assert state != "sealing"
        assert (carrier in whole) == (state != "abandoned")
        if state == "abandoned":
            assert look["key_states"].get(carrier, "shredded") == "shredded"
    assert all(state in ("issued", "refused") for _, state, _, _ in look["grants"])
    assert {state for _, _, state in look["incidents"]} <= {"open"}
    assert look["roll_folders"] == sorted(look["rolls"])
    # A wrapping key that was made for a carrier the keeper never recorded wraps nothing; it stays,
    # because it looks no different from one whose record a restored backup has lost.
    for carrier, state in look["key_states"].items():
        assert (carrier in look["wrapping"]) == (state != "shredded")


class Checks:
    """The city's checks of the contractor, by its approver."""

    secret = "金庫の鍵が机の上にあった"

    def __init__(self, city: Any) -> None:
        self.city, self.office = city, city.office
        self.agreement = city.agreements["contractor"]
        self.hand = city.cast.hand("approver_1")

    def plan(self, kind: Kind = Kind.VISIT, carriers: int = 0, **changed: Any) -> str:
        said = {"agreement": self.agreement, "due_at": BY, "hand": self.hand} | changed
        return supervise.plan(self.office, kind=kind, carriers=carriers, **said)

    def sampled(self, carriers: int = 1) -> tuple[str, tuple[str, ...]]:
        check = self.plan(Kind.SAMPLE, carriers)
        return check, supervise.draw(self.office, check, self.hand)

    def found(self, **changed: Any) -> supervise.Found:
        said: dict[str, Any] = {"text": self.secret, "on": self.city.clock.now()}
        return supervise.Found(**(said | changed))

    def done(self, check: str, **changed: Any) -> list[str]:
        return supervise.done(self.office, check, self.found(**changed), self.hand)

    def followed(self, who: str) -> str:
        """A visit after which somebody has to put something right."""
        person = self.city.person(who)
        [one] = self.done(self.plan(), follow_ups=[(person, LATER, "鍵を金庫に入れる")])
        return one

    def only(self) -> Any:
        [check] = supervision.checks_of(self.office)
        return check

    def only_of(self, check: str) -> Any:
        return next(one for one in supervision.checks_of(self.office) if one.id == check)

    def other_than(self, check: str) -> str:
        """A carrier that a sample did not draw."""
        [other] = set(self.city.carriers) - set(self.only_of(check).drawn)
        return str(other)

    def entry(self) -> Any:
        return self.city.entries("office")[-1]


@pytest.fixture
def checks(city: Any) -> Checks:
    return Checks(city)
