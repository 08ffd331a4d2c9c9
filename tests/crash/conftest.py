"""A town that crashes: one house built on either database, copied for every life, and a program
that dies in it again and again.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.postgres import name_of
from tests.zygote import Told, Zygote, kill

if TYPE_CHECKING:
    from tests.postgres import Server

CHILD: Final = Path(__file__).with_name("child.py")


class Program(Zygote):
    """The child program."""

    def __init__(self) -> None:
        super().__init__(CHILD)

    def ask(
        self,
        do: str,
        home: Path,
        *on: str,
        after_s: float = 0.0,
        begun: threading.Event | None = None,
        **how: Any,
    ) -> Told:
        """``after_s``: how long after its ``now`` the child is killed; ``begun``: it is at work."""

        def heard(line: dict[str, Any]) -> None:
            if line["say"] == "begun" and begun is not None:
                begun.set()
            if line["say"] == "now":
                time.sleep(after_s)
                kill(line)

        return self.request({"do": do, "home": str(home), "on": on, **how}, heard)


@dataclass
class Life:
    """One copy of the house, and everything that was said in it before it died, each time."""

    program: Program
    home: Path
    on: tuple[str, ...]
    said: list[dict[str, Any]] = field(default_factory=list)

    def die(
        self,
        seed: str,
        step: int,
        after_s: float | None,
        *,
        years: bool = False,
        away: bool = False,
        program: Program | None = None,
        begun: threading.Event | None = None,
    ) -> Told:
        """Work until that step; killed there, or a moment later.

        ``away``: the database comes and goes meanwhile.  ``program``: another than the life's own.
        """
        told = (program or self.program).ask(
            "bustle", self.home, *self.on, after_s=after_s or 0.0, begun=begun,
            seed=seed, step=step, die=after_s is None, years=years, away=away,
        )  # fmt: skip
        self.said += [one for one in told.lines if one["say"] in ("ack", "root", "left")]
        return told

    def judged(self, *more: dict[str, Any]) -> dict[str, Any]:
        """What a program finds that starts now, held against all that was ever said."""
        told = self.program.ask("judge", self.home, *self.on, told=[*self.said, *more])
        assert told.code == 0, told.lines
        [found] = told.all("judged")
        return found


@pytest.fixture(scope="session")
def programs() -> Iterator[list[Program]]:
    """Two, for lives beside each other."""
    made = [Program(), Program()]
    yield made
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def program(programs: list[Program]) -> Program:
    return programs[0]


@pytest.fixture(scope="session", params=["file", "server"])
def built(
    request: pytest.FixtureRequest, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, tuple[str, ...]]:
    """The house as it stands at 18:00, and where its records are; tests work on copies."""
    home, on = tmp_path_factory.mktemp("crash") / "house", tuple[str, ...]()
    if request.param == "server":
        server: Server = request.getfixturevalue("postgres")
        on = (server.database(), server.database())
    told = program.ask("build", home, *on)
    assert told.code == 0, told.lines
    return home, on


@pytest.fixture
def new_life(
    request: pytest.FixtureRequest,
    programs: list[Program],
    built: tuple[Path, tuple[str, ...]],
    tmp_path: Path,
) -> Iterator[Callable[[], Life]]:
    """Copies of the house, each with databases of its own."""
    base, on = built
    made = list[Life]()

    def copy() -> Life:
        home = tmp_path / f"life-{len(made)}"
        shutil.copytree(base, home)
        places = on
        if on:
            server: Server = request.getfixturevalue("postgres")
            for one in on:
                server.hang_up(name_of(one))
            places = tuple(server.database("TEMPLATE", name_of(one)) for one in on)
        made.append(Life(programs[len(made) % len(programs)], home, places))
        return made[-1]

    yield copy
    for life in made:
        for place in life.on:
            request.getfixturevalue("postgres").give_back(place)
