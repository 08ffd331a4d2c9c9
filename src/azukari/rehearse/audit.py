"""The audit at the end: what every promise is worth, by the ledgers as an outsider gets them."""

from __future__ import annotations

from pathlib import Path

from azukari.rehearse import (
    checks,
    checks_answers,
    checks_bag,
    checks_history,
    checks_late,
    checks_papers,
    checks_who,
    exported,
    stranger,
    witnessing,
)
from azukari.rehearse.attempts import Attack, Hands
from azukari.rehearse.night import Night
from azukari.rehearse.search import Values


def audited(
    played: Night, hands: Hands, judged: checks.Checks, values: Values, attacks: list[Attack]
) -> list[str]:
    """Chapter 12."""
    with played.step("audit", "2022-06-24 15:00") as words:
        out = played.out
        with played.measured("audit_s"):
            witnessing.show(played, "end")
            folder = exported.export(played)
            until = played.clock.now() // 1000
            found = exported.verified(folder, played.house.root.public, until)
            played.known["verified"] = found
            ledgers = checks.Ledgers(found.entries["office"], found.entries["keys"])
            missing = checks.all_is_there(judged, ledgers)
        witnesses = [each.witness.vkey() for each in played.known["witnesses"].values()]
        said = stranger.word(played.known["stranger"], folder, exported.logs(played), witnesses)
        played.known["stranger_said"] = said
        checks_history.nothing_rewritten(judged, played, found, attacks)
        checks_history.a_stranger_agrees(judged, said)
        checks_bag.finder_learns_nothing(judged, played, attacks)
        checks_bag.keys_are_accounted_for(judged, played, ledgers)
        checks_who.nobody_outside_the_chain(judged, played, ledgers, attacks)
        checks_who.nothing_without_an_order(judged, played, ledgers, attacks)
        checks_late.late_by_itself(judged, played, ledgers)
        checks_late.what_failed_is_mended(judged, played.known["mended"])
        checks_bag.revoked_first(judged, played, ledgers, attacks)
        checks_bag.counted_exactly(judged, played)
        checks_papers.evidence_never_a_verdict(judged, played)
        checks_answers.nobody_by_default(judged, played)
        checks_answers.journalled_first(judged, played, hands)
        with played.measured("search_s"):
            places = [out / "ledger", out / "papers", out / "mails", *_databases(out)]
            planted = checks_answers.no_value_anywhere(judged, values, places)
            checks_answers.no_value_in_a_name(judged, values, out)
        size = len(ledgers.office) + len(ledgers.keys)
        words.append(f"{size} entries verified from their files, {len(found.findings)} findings")
        words.append(f"{planted} planted values found, no other")
        words.append(f"the program in Go: {stranger.in_words(said)}")
    return [*missing, *(one.what for one in found.findings)]


def _databases(out: Path) -> list[Path]:
    sites = out / "sites"
    found = [sites / "office" / "office.db", sites / "keys" / "keys.db"]
    found += [path.with_name(path.name + "-wal") for path in found]
    found.append(sites / "call-centre" / "journal.jsonl")
    found += [sites / f"witness-{who.key}" for who in witnessing.EVERY]
    return [path for path in found if path.exists()]
