"""Play the whole night, judge it, and leave everything under one folder.

OUT/index.html   the page a mayor can read      OUT/result.json   the same for machines
OUT/carriers/    the lost folders               OUT/papers/       drafts and signed reports
OUT/ledger/      both ledgers, exported         OUT/sites/        every site's own HOME
OUT/city/        the invented export            OUT/persons/      key files, never in a HOME
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from azukari import promises
from azukari.errors import Conflict
from azukari.rehearse import (
    attacks_history,
    audit,
    checks,
    checks_answers,
    evening,
    exported,
    lateness,
    losing,
    mending,
    night,
    race,
    silence,
    stranger,
    who_may,
    witnessing,
)
from azukari.rehearse.attacks_agreements import ON_AGREEMENTS
from azukari.rehearse.attacks_finder import finder
from azukari.rehearse.attacks_grant import with_grant
from azukari.rehearse.attacks_keys import ON_THE_KEYS
from azukari.rehearse.attacks_people import ON_PEOPLE
from azukari.rehearse.attempts import REFUSED, Attack, Hands
from azukari.rehearse.cast import PARTIES, PEOPLE
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.night import Night
from azukari.rehearse.page import render
from azukari.rehearse.search import Values
from azukari.rehearse.tale import tell
from azukari.rehearse.world import try_all
from azukari.shelf import files, machine

MARK: Final = ".azukari-rehearsal"
NOT_SO_HERE: Final = ("the witnesses ran on this same machine, in the same hands",)
PUBLIC: Final = frozenset(
    {word for _, said, _ in PEOPLE.values() for word in (said, *said.split())}
    | {name for name, _ in PARTIES.values()}
)


@dataclass(frozen=True)
class Outcome:
    """How the night went."""

    result: dict[str, Any]
    failures: list[str]
    page: Path

    @property
    def failed(self) -> bool:
        return bool(self.failures)


def rehearse(
    out: Path,
    residents: int,
    seed: int,
    export: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    sentence: Callable[[str], str] = str,
    verifier: bool = False,
) -> Outcome:
    """Play the night into ``out``, which must be empty or written by an earlier rehearsal.

    Args:
        sentence: says a reason's code in the page's language; without it codes stand there.
        verifier: the one in Go is built meanwhile, and asked at the end.
    """
    if export is not None:
        _must_lie_elsewhere(export, out)
    with _alone_in(out):
        return _played(out, residents, seed, export, say, sentence, verifier)


def _played(
    out: Path,
    residents: int,
    seed: int,
    export: Path | None,
    say: Callable[[str], None],
    sentence: Callable[[str], str],
    verifier: bool,
) -> Outcome:
    begun = time.perf_counter()
    _clear(out)
    lines: list[str] = []

    def speak(line: str) -> None:
        lines.append(line)
        say(line)

    played = Night(out, residents, seed, StoryClock("2022-04-01 09:00"), speak, export)
    building = stranger.begin(out / "verifier") if verifier else stranger.NOBODY
    played.known["stranger"] = building
    try:
        for chapter in (
            night.invented_city,
            night.set_up,
            witnessing.set_up,
            who_may.lent_people_let_in,
            who_may.reviewed,
            who_may.company_nobody_knew,
            lateness.reachable,
            night.taken_in,
            night.decided,
            night.word_of_the_day,
            night.ordered_and_sealed,
            evening.handed_over_and_answered,
            who_may.turned_away,
            lateness.late,
            losing.lost,
            losing.erased,
        ):
            chapter(played)
        judged = checks.Checks()
        with Hands(played) as hands:
            values, attacks = _found_by_a_stranger(played, hands)
            attacks += _rewritten(played, hands)
            silence.nobody_says_anything(played)
            losing.recovered(played)
            mending.mended(played)
            failures = audit.audited(played, hands, judged, values, attacks)
        shutil.rmtree(out / "copies")
        played.figures["wall_s"] = round(time.perf_counter() - begun, 1)
        if (peak := machine.peak_mib()) is not None:
            played.figures["peak_mib"] = peak
        (out / "rehearsal.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = _write(played, judged, attacks, sentence)
        # The last places where a value could stand are the page and the result themselves.
        before = len(judged.done[9])
        places = [out / name for name in ("index.html", "result.json", "rehearsal.log")]
        for place in places:
            checks_answers.no_value_in(judged, values, place)
        if len(judged.done[9]) != before:
            result = _write(played, judged, attacks, sentence)
    finally:
        building.stop()
        witnessing.hang_up(played)
        if hasattr(played, "house"):
            played.house.close()
    failures += [*judged.broken(), *checks.attacks_held(attacks)]
    return Outcome(result, failures, out / "index.html")


def _found_by_a_stranger(played: Night, hands: Hands) -> tuple[Values, list[Attack]]:
    """Chapter 8."""
    with played.step("found by a stranger", "2022-06-22 10:00") as words:
        with played.measured("search_values_s"):
            values = Values.of(played.open_roll(), public=PUBLIC)
        with played.measured("attacks_s"):
            attacks = []
            deeds = (*ON_THE_KEYS, race.RACING, *ON_AGREEMENTS, *ON_PEOPLE)
            for attack in (*finder(hands, values), *with_grant(hands), *try_all(hands, deeds)):
                attacks.append(attack)
                played.say(f"  {attack.outcome}: {attack.name}: {attack.reason}")
        for outcome in ("refused", "opened", "known limit"):
            words.append(f"{sum(a.outcome == outcome for a in attacks)} {outcome}")
    return values, attacks


def _rewritten(played: Night, hands: Hands) -> list[Attack]:
    """Chapter 9: somebody who has everything of the office's, on copies."""
    with played.step("an administrator", "2022-06-22 11:00") as words:
        attacks = list(attacks_history.rewritten(played, hands))
        played.known["history_tried"] = attacks
        for attack in attacks:
            played.say(f"  {attack.outcome}: {attack.name}: {attack.reason}")
        refused = [attack for attack in attacks if attack.outcome == REFUSED]
        who = dict.fromkeys(attack.noticed_by for attack in refused)
        words.append(f"{len(refused)} of {len(attacks)} ways to another history refused")
        words.append(f"noticed by {', '.join(who) or 'nobody'}")
    return attacks


def _write(
    played: Night, judged: checks.Checks, attacks: list[Attack], sentence: Callable[[str], str]
) -> dict[str, Any]:
    found: exported.Verified = played.known["verified"]
    row = promises.applies(outside=found.outside if found.whole() else 0)
    result = {
        "residents": played.residents,
        "seed": played.seed,
        **promises.as_value(row),
        "not_so_here": list(NOT_SO_HERE),
        "witnesses": witnessing.told(played, found),
        "verifier": played.known["stranger_said"],
        "steps": [asdict(step) for step in played.steps],
        "attacks": [asdict(attack) for attack in attacks],
        "promises": judged.states(row),
        "figures": played.figures,
    }
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (played.out / "result.json").write_text(text + "\n", encoding="utf-8")
    (played.out / "index.html").write_text(render(result, tell(played, sentence)), encoding="utf-8")
    return result


def _must_lie_elsewhere(export: Path, out: Path) -> None:
    """What a rehearsal is to read must not lie where it empties first; links are followed."""
    whole = out.resolve()
    if any(path.resolve().is_relative_to(whole) for path in (export, *export.glob("*"))):
        raise Conflict(f"the export lies in {out.name}, which a rehearsal empties first")


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """Hold the folder's mark: a second rehearsal would empty it under the first."""
    mark = out / MARK
    if out.exists() and any(out.iterdir()) and not mark.is_file():
        raise Conflict(f"{out.name} is not empty and was not written by a rehearsal")
    files.folder(out)
    handle = os.open(mark, os.O_RDWR | os.O_CREAT, files.PRIVATE)
    try:
        if not machine.claim(handle):
            raise Conflict(f"another rehearsal is being played in {out.name}")
        yield
    finally:
        os.close(handle)


def _clear(out: Path) -> None:
    """Remove what an earlier rehearsal wrote; killed here, the mark still says whose it is."""
    for path in out.iterdir():
        if path.name != MARK:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    said = "written by azukari rehearse; the next rehearsal empties this folder\n"
    (out / MARK).write_text(said, encoding="utf-8")
