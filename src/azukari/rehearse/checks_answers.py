"""Checks of what was said and written: values, decisions, and answers to callers.

Promises 9, 10 and 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from azukari.desk import device as devices
from azukari.desk import enquire
from azukari.errors import AzukariError, NotFound
from azukari.rehearse.attempts import Hands
from azukari.rehearse.checks import Checks
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.evening import ENQUIRIES
from azukari.rehearse.night import Night
from azukari.rehearse.search import Values, search_files
from azukari.seal import documents as doc
from azukari.seal.envelope import unbase64
from azukari.seal.grant import open_subject


def no_value_anywhere(checks: Checks, values: Values, places: Sequence[Path]) -> int:
    """Promise 9; returns how many plants the search found before it was believed."""
    planted = 0
    try:
        planted = values.self_test()
        checks.add(9, f"{planted} planted values were found", planted > 0)
    except NotFound:
        checks.add(9, "planted values were found", False)
    for place in places:
        no_value_in(checks, values, place)
    return planted


def no_value_in(checks: Checks, values: Values, place: Path) -> None:
    """Promise 9, of one file or one folder with the names in it."""
    hits = search_files(place, values) if place.is_dir() else _file(place, values)
    checks.add(9, f"no value in {place.name}", not hits)


def no_value_in_a_name(checks: Checks, values: Values, out: Path) -> None:
    """Promise 9, of every file's and folder's name; the invented export is the city's own."""
    paths = [path for path in out.rglob("*") if (out / "city") not in path.parents]
    hits = [path for path in paths if values.search_name(path.name)]
    checks.add(9, f"no value in {len(paths)} names of files and folders", paths and not hits)


def nobody_by_default(checks: Checks, night: Night) -> None:
    """Promise 10."""
    answers, reasons = night.decided.households, night.decided.reasons
    households = sum(answers.values())
    known = {"eligible", "not_eligible", "undecided"}
    checks.add(10, "every answer is one of three", set(answers) <= known)
    checks.add(10, "every household has a reason", sum(reasons.values()) == households)
    if night.invented is not None:
        planned = night.invented.cases
        checks.add(10, "no household is missing", households == night.invented.households)
        same = answers.get("eligible", 0) == planned["eligible"]
        checks.add(10, "as many eligible as the invented city planned", same)
        same = reasons.get("only_dependants", 0) == planned["only_dependants"]
        checks.add(10, "as many only-dependants as planned", same)


def journalled_first(checks: Checks, night: Night, hands: Hands) -> None:
    """Promise 12."""
    receipt: doc.Receipt = night.known["receipt"]
    said, calls = night.known["said"], night.known["calls"]
    checks.add(12, "as many records as answers", receipt.answered == len(said) == ENQUIRIES)
    wrong = sum(call.expected != answer for call, answer in zip(calls, said, strict=True))
    checks.add(12, "every answer is the one worked out row by row", wrong == 0)
    kinds = {call.why for call in calls}
    same = {answer for c, answer in zip(calls, said, strict=True) if c.why != "found"}
    checks.add(
        12,
        "not found and suppressed are one answer",
        "unknown" in kinds and same == {"supervisor"},
    )
    checks.add(12, "what cannot be journalled is not answered", _unwritten(night, hands))
    checks.add(12, "the city can open the subjects", _subjects(night))


def _file(place: Path, values: Values) -> Sequence[object]:
    data = place.read_bytes()
    return [*values.search(data, limit=1), *values.search_fields(data, place.name, limit=1)]


def _unwritten(night: Night, hands: Hands) -> bool:
    """A device whose journal cannot be written must not answer."""
    clock = StoryClock("2022-06-21 19:50")
    device = devices.open_device(hands.device(), clock.now)
    hand = night.house.cast.signer("operator")
    opened = enquire.open_carrier(device, hands.carrier().root, night.grant, hand)
    device.journal.close()  # as if the disk had gone away
    try:
        opened.answer([night.known["calls"][0].enquiry])
    except (AzukariError, OSError):
        return True
    return False


def _subjects(night: Night) -> bool:
    """The city opens the sealed subjects of the journal: one for each known caller."""
    path = night.house.device_home / "journal.jsonl"
    lines = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    key = night.house.office.journal_key
    found = [
        open_subject(unbase64(line["subject"]), key, line["grant"])
        for line in lines
        if line["kind"] == "enquiry"
    ]
    known = sum(call.why == "found" for call in night.known["calls"])
    return bool(sum(position >= 0 for position in found) == known)
