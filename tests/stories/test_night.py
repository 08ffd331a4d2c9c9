"""The whole night: what it must leave behind, and that each of its judgements can fail."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from azukari.desk.papers import KINDS
from azukari.desk.witnesses import WHICH
from azukari.errors import BadInput, BadSignature, Conflict, NotFound
from azukari.ledger.audit import verify_export
from azukari.rehearse import exported, stranger
from azukari.rehearse.attacks_history import BY_NETWORK, BY_STICK, STORE
from azukari.rehearse.lateness import ADDRESSES, ROUNDS
from azukari.rehearse.run import MARK, Outcome, rehearse
from azukari.rehearse.witnessing import COMMITTEE, CONTRACTOR
from azukari.seal.envelope import PublicKey, SigningKey, Use, unbase64

pytestmark = pytest.mark.real

SMALL = 400
NOW_S = 1_700_000_000  # long after the night
RUN = "import sys; from azukari.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    out = tmp_path_factory.mktemp("night")
    return out, rehearse(out, SMALL, 3, verifier=True)


def states(outcome: Outcome) -> dict[str, str]:
    return {number: told["state"] for number, told in outcome.result["promises"].items()}


def test_no_promise_breaks_and_no_attack_opens(played: tuple[Path, Outcome]) -> None:
    _, outcome = played

    assert [] == outcome.failures
    assert {"refused", "known limit"} == {a["outcome"] for a in outcome.result["attacks"]}


def test_only_what_was_checked_is_called_kept(played: tuple[Path, Outcome]) -> None:
    _, outcome = played
    kept = {n for n, state in states(outcome).items() if state == "kept"}
    outsiders = {n for n, state in states(outcome).items() if state == "kept against outsiders"}

    assert {"1", "4", "5", "6", "7", "8", "9", "10", "12", "15"} == kept
    assert {"2", "3"} == outsiders
    for told in outcome.result["promises"].values():
        assert (told["state"] == "not yet") or told["checked_by"]


def test_the_known_limits_are_two_and_each_has_its_paragraph(played: tuple[Path, Outcome]) -> None:
    _, outcome = played
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    limits = {a["name"] for a in outcome.result["attacks"] if a["outcome"] == "known limit"}

    assert 2 == len(limits)
    assert all(name in page for name in limits)


def test_result_json_has_the_promised_shape(played: tuple[Path, Outcome]) -> None:
    out, outcome = played
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))

    assert outcome.result == result
    assert {
        "residents",
        "seed",
        "setup",
        "holds",
        "on_your_word",
        "not_so_here",
        "witnesses",
        "verifier",
        "steps",
        "attacks",
        "promises",
        "figures",
    } == set(result)
    assert all({"name", "story_at", "measured_s", "outcome"} == set(s) for s in result["steps"])
    assert all({"name", "outcome", "reason", "noticed_by"} == set(a) for a in result["attacks"])
    assert [str(n) for n in range(1, 16)] == list(result["promises"])
    wanted = {"wall_s", "peak_mib", "invent_s", "take_in_s", "decide_s", "seal_s"}
    wanted |= {"revoke_s", "impact_s", "impact_to_papers_s", "papers_s", "release_check_s"}
    assert wanted <= set(result["figures"])


def test_both_ledgers_verify_from_their_files_alone(played: tuple[Path, Outcome]) -> None:
    out, _ = played
    for name in ("office", "keys"):
        folder = out / "ledger" / name
        vkey = (folder / "vkey").read_text(encoding="utf-8").strip()

        def read(path: str, at: Path = folder) -> bytes:
            if not (at / path).is_file():
                raise NotFound(path)
            return (at / path).read_bytes()

        assert verify_export(read, vkey)


def test_two_witnesses_outside_the_city_cosigned_and_that_they_run_here_is_said(
    played: tuple[Path, Outcome],
) -> None:
    out, outcome = played
    result = outcome.result

    assert "one machine + a witness elsewhere + two witnesses outside the city" == result["setup"]
    assert ["that the policy's witnesses are not the city's"] == result["on_your_word"]
    assert "this same machine" in result["not_so_here"][0]
    assert [True, False, False] == [each["own"] for each in result["witnesses"]]
    assert {"network", "stick"} == {each["reached"] for each in result["witnesses"]}
    for name in ("office", "keys"):
        entries = (out / "ledger" / name / "checkpoint").read_text(encoding="utf-8").split("\n")[1]
        assert {int(entries)} == {each["cosigned"][name] for each in result["witnesses"]}
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "立会人もすべて同じ 1 台の上で" in page


def test_the_program_for_outsiders_says_the_same_from_the_folder_alone(
    played: tuple[Path, Outcome],
) -> None:
    out, outcome = played
    ledger = out / "ledger"
    vkeys = [arg for name in WHICH for arg in ("--vkey", ledger / name / "vkey")]
    policy = ("--policy", ledger / "policy.json", "--root", ledger / "city-root.pub")

    program = [sys.executable, "-c", RUN, "ledger", "verify", "--json"]
    ran = subprocess.run([*program, ledger, *vkeys, *policy], capture_output=True, check=False)

    told = json.loads(ran.stdout)
    assert (0, []) == (ran.returncode, told["findings"])
    assert [outcome.result[key] for key in ("setup", "holds")] == [told["setup"], told["holds"]]
    assert outcome.result["witnesses"][0]["cosigned"] == {n: told[n]["witnessed"] for n in WHICH}


def test_attack_a_policy_signed_by_another_root(played: tuple[Path, Outcome]) -> None:
    out, _ = played

    with pytest.raises(BadSignature):
        exported.verified(out / "ledger", SigningKey.generate(Use.ROOT).public, NOW_S)


def test_attack_one_of_two_witnesses_is_left_out_of_the_folder(
    played: tuple[Path, Outcome], tmp_path: Path
) -> None:
    out, _ = played
    folder = shutil.copytree(out / "ledger", tmp_path / "ledger")
    heads = [*folder.glob("*/checkpoint"), *folder.glob("*/cosigned/*")]
    for path in heads:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(one for one in lines if "committee.example" not in one), "utf-8")

    root = PublicKey.load(Use.ROOT, unbase64((folder / "city-root.pub").read_text("ascii").strip()))
    found = exported.verified(folder, root, NOW_S)

    assert heads
    assert (0, False) == (found.outside, found.whole())


def test_a_verifier_in_go_is_asked_where_there_is_one_and_its_absence_is_said(
    played: tuple[Path, Outcome],
) -> None:
    out, outcome = played
    said = outcome.result["verifier"]
    without = " ".join(outcome.result["promises"]["8"]["without"])

    if said["checked"]:
        assert said["agrees"]
        assert "the verifier in Go" not in without
        assert (out / "verifier").is_dir() or stranger._MADE.is_file()
    else:
        assert said["why"] in without


def test_attack_the_administrator_s_other_history_is_kept_as_evidence_by_who_was_shown_it(
    played: tuple[Path, Outcome],
) -> None:
    out, outcome = played
    noticed = {a["name"]: a["noticed_by"] for a in outcome.result["attacks"] if a["noticed_by"]}

    assert {STORE, COMMITTEE.name, CONTRACTOR.name} == set(noticed.values())
    assert set(BY_STICK + BY_NETWORK) == set(noticed)
    for who in (COMMITTEE, CONTRACTOR):
        evidence = out / "sites" / f"witness-{who.key}" / "evidence"
        assert [".cosigned", ".request"] == sorted(each.suffix for each in evidence.iterdir())


def test_the_report_of_measures_lies_among_the_papers(played: tuple[Path, Outcome]) -> None:
    out, _ = played
    page = (out / "papers" / "measures.html").read_text(encoding="utf-8")

    assert "例示受託 責任者" in page
    assert "全員が署名した" in page
    assert 'href="papers/measures.html"' in (out / "index.html").read_text(encoding="utf-8")


def test_every_paper_lies_there_as_data_and_printed_and_the_page_leads_to_it(
    played: tuple[Path, Outcome],
) -> None:
    pytest.importorskip("typst")
    out, _ = played
    page = (out / "index.html").read_text(encoding="utf-8")

    for kind in KINDS:
        assert json.loads((out / "papers" / f"{kind}.json").read_bytes())
        assert (out / "papers" / f"{kind}.pdf").read_bytes().startswith(b"%PDF-")
        assert f'href="papers/{kind}.pdf"' in page
        assert f'href="papers/{kind}.json"' in page


def test_the_page_shows_when_who_was_told_of_what_is_late(played: tuple[Path, Outcome]) -> None:
    out, _ = played
    page = (out / "index.html").read_text(encoding="utf-8")

    for at in ROUNDS:
        assert at[11:] in page
    mails = sorted((out / "mails").iterdir())
    assert 14 == len(mails)
    assert ADDRESSES["engineer"].encode() in mails[0].read_bytes()


def test_a_stranger_s_folder_is_not_emptied(tmp_path: Path) -> None:
    mine = tmp_path / "holiday.jpg"
    mine.write_bytes(b"mine")

    with pytest.raises(Conflict):
        rehearse(tmp_path, SMALL, 1)

    assert b"mine" == mine.read_bytes()


def test_every_file_of_a_person_or_site_is_private(played: tuple[Path, Outcome]) -> None:
    out, _ = played
    for folder in ("persons", "sites"):
        for path in (out / folder).rglob("*"):
            if path.is_file():
                assert 0 == path.stat().st_mode & 0o077, path.relative_to(out)


def test_a_city_s_own_export_is_played_with_the_same_intake(
    played: tuple[Path, Outcome], tmp_path: Path
) -> None:
    out, _ = played
    mine = tmp_path / "export"
    shutil.copytree(out / "city", mine)
    lines = (mine / "register.csv").read_bytes().split(b"\r\n")
    lines.insert(3, b"1,2,3")  # a row that is none
    (mine / "register.csv").write_bytes(b"\r\n".join(lines))

    outcome = rehearse(tmp_path / "out", 0, 1, mine)

    assert [] == outcome.failures
    assert SMALL == outcome.result["residents"]
    step = next(s for s in outcome.result["steps"] if s["name"] == "take in")
    assert "1 rows refused" in step["outcome"]


def test_an_export_that_is_missing_a_file_leaves_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()

    with pytest.raises(BadInput, match=r"register\.csv"):
        rehearse(tmp_path / "out", 0, 1, tmp_path / "export")

    assert (tmp_path / "out" / MARK).exists()


@pytest.mark.parametrize("where", ["inside", "linked"])
def test_attack_an_export_inside_the_folder_that_is_emptied_is_not_destroyed(
    tmp_path: Path, where: str
) -> None:
    out = tmp_path / "out"
    (out / "city").mkdir(parents=True)
    (out / MARK).touch()
    (out / "city" / "register.csv").write_text("dear")
    export = out / "city"
    if where == "linked":
        export = tmp_path / "export"
        export.mkdir()
        (export / "register.csv").symlink_to(out / "city" / "register.csv")

    with pytest.raises(Conflict, match="empties first"):
        rehearse(out, 0, 1, export)

    assert "dear" == (out / "city" / "register.csv").read_text()


def test_attack_a_second_rehearsal_empties_the_folder_under_the_first(tmp_path: Path) -> None:
    def again(line: str) -> None:
        if "invent:" in line:
            with pytest.raises(Conflict, match="another rehearsal"):
                rehearse(tmp_path / "out", 60, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rehearse(tmp_path / "out", 60, 1, say=again)

    assert (tmp_path / "out" / "city" / "register.csv").exists()


def test_attack_killed_while_it_empties_the_folder_it_still_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    (out / "city").mkdir(parents=True)
    (out / "papers").mkdir()
    (out / MARK).touch()

    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("azukari.rehearse.run.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            rehearse(out, 60, 1)

    assert (out / MARK).exists()


@pytest.mark.parametrize("residents", [50, 51])
def test_a_city_too_small_for_every_case_breaks_no_promise(tmp_path: Path, residents: int) -> None:
    assert [] == rehearse(tmp_path / "out", residents, 1).failures


def test_what_kept_does_not_speak_of_is_named_beside_it(played: tuple[Path, Outcome]) -> None:
    _, outcome = played
    told = outcome.result["promises"]

    assert ["3", "4", "5", "8"] == [number for number, each in told.items() if each["without"]]
    assert "watch" in told["3"]["without"][0]
    assert "a machine that stops with its witness" in told["5"]["without"][0]
    assert all("here all are on one machine" in told[n]["without"][0] for n in ("4", "8"))


@pytest.mark.night
def test_the_night_of_a_whole_city(tmp_path: Path) -> None:
    outcome = rehearse(tmp_path / "out", 465_177, 1)

    assert [] == outcome.failures
    assert 465_177 == outcome.result["residents"]
    step = next(s for s in outcome.result["steps"] if s["name"] == "decide")
    assert "eligible" in step["outcome"]
