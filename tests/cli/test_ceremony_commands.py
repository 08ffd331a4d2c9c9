"""The ceremony at the keyboard: what is printed, typed back, and left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azukari import settings
from azukari.cli import exits
from azukari.desk import post
from azukari.entrust.order import DAY_MS
from azukari.errors import BadSignature
from azukari.keys import ceremony, sheet
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal.envelope import Use

HOLD = ("keys", "init", "--officer", "hanako", "--officer", "taro", "--officer", "jiro")
WORDS = b"the first of three\nthe second of three\nthe third of three"
ROW = re.compile(r"(?m)^\d +([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})$")
Held = Callable[..., tuple[Any, list[str]]]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cost = dict(ceremony.hold.__kwdefaults__ or {}) | {"cost": 1 << 4}
    monkeypatch.setattr(ceremony.hold, "__kwdefaults__", cost)


@pytest.fixture
def hold(run: Any, site: Any, tmp_path: Path) -> Held:
    """Hold a ceremony with somebody who reads the paper as it comes and types it back."""

    def held(
        *words: str, mistake: bool = False, paper: str = "sheet.txt", **secrets: bytes
    ) -> tuple[Any, list[str]]:
        where, rows = tmp_path / paper, list[str]()
        there, here = os.pipe()

        def reader() -> None:
            for _ in range(1000):
                if where.is_file() and len(found := ROW.findall(where.read_text("utf-8"))) == 4:
                    rows.extend(found)
                    break
                threading.Event().wait(0.01)
            typed = [sheet_row[::-1] for sheet_row in rows] if mistake else rows
            os.write(here, "".join(f"{row}\n" for row in typed).encode())
            os.close(here)

        thread = threading.Thread(target=reader)
        thread.start()
        try:
            ran = run(
                *words, "--home", site.office, "--print", where, "--typed-fd", there, **secrets
            )
        finally:
            thread.join()
            os.close(there)
        assert not where.exists()
        return ran, rows

    return held


def ceremony_held(hold: Held, site: Any) -> list[str]:
    ran, rows = hold(*HOLD, passphrase_fd=site.secrets["keys"], officer_fd=WORDS)
    assert exits.DONE == ran.code, ran.err
    return rows


def test_a_ceremony_prints_a_sheet_and_destroys_the_page(hold: Held, site: Any) -> None:
    ran, rows = hold(*HOLD, passphrase_fd=site.secrets["keys"], officer_fd=WORDS)

    assert exits.DONE == ran.code
    assert sheet.ROWS == len(rows)
    assert "any two of hanako, taro, jiro" in ran.out
    for said in (ran.out, ran.err):
        assert not [row for row in rows if row in said]


def test_the_page_is_html_where_it_is_called_so(hold: Held, site: Any) -> None:
    ran, rows = hold(
        *HOLD, paper="sheet.html", passphrase_fd=site.secrets["keys"], officer_fd=WORDS
    )

    assert exits.DONE == ran.code
    assert sheet.ROWS == len(rows)


def test_a_mistyped_sheet_leaves_nothing(hold: Held, site: Any) -> None:
    ran, _ = hold(*HOLD, mistake=True, passphrase_fd=site.secrets["keys"], officer_fd=WORDS)

    assert 3 == ran.code
    assert "mistyped" in ran.err
    assert not (site.out / "sites" / "keys" / ceremony.FILE).exists()


def test_a_forgotten_passphrase_is_replaced_by_two_officers(
    hold: Held, run: Any, site: Any
) -> None:
    ceremony_held(hold, site)
    two = b"the first of three\nthe third of three"

    ran = run(
        "keys", "recover", "--home", site.office, "--officer", "hanako", "--officer", "jiro",
        officer_fd=two, passphrase_fd=b"a new passphrase",
    )  # fmt: skip

    assert exits.DONE == ran.code, ran.err
    assert exits.DONE == run("tick", "--home", site.office, passphrase_fd=b"a new passphrase").code
    assert 7 == run("tick", "--home", site.office, passphrase_fd=site.secrets["keys"]).code


def test_a_forgotten_passphrase_is_replaced_with_the_sheet(hold: Held, run: Any, site: Any) -> None:
    rows = ceremony_held(hold, site)
    typed = "\n".join(rows).lower().encode()

    ran = run(
        "keys", "recover", "--sheet", "--home", site.office,
        sheet_fd=typed, passphrase_fd=b"a new passphrase",
    )  # fmt: skip

    assert exits.DONE == ran.code, ran.err
    assert exits.DONE == run("tick", "--home", site.office, passphrase_fd=b"a new passphrase").code


def test_a_lost_officer_is_replaced_by_the_other_two(hold: Held, run: Any, site: Any) -> None:
    old = ceremony_held(hold, site)
    ran, new = hold(
        "keys", "rotate", "--officer", "hanako", "--officer", "taro",
        "--new", "hanako", "--new", "taro", "--new", "saburo",
        officer_fd=b"the first of three\nthe second of three",
        new_fd=b"the first of three\nthe second of three\na third who is new",
    )  # fmt: skip

    assert exits.DONE == ran.code, ran.err
    assert old != new
    assert "saburo" in run("keys", "show", "--home", site.office).out
    refused = run(
        "keys", "recover", "--home", site.office, "--officer", "hanako", "--officer", "jiro",
        officer_fd=b"the first of three\nthe third of three", passphrase_fd=b"x",
    )  # fmt: skip
    assert 9 == refused.code


def test_one_officer_recovers_nothing(hold: Held, run: Any, site: Any) -> None:
    ceremony_held(hold, site)

    ran = run(
        "keys", "recover", "--home", site.office, "--officer", "hanako",
        officer_fd=b"the first of three", passphrase_fd=b"a new passphrase",
    )  # fmt: skip

    assert 9 == ran.code
    assert exits.DONE == run("tick", "--home", site.office, passphrase_fd=site.secrets["keys"]).code


def test_a_machine_that_is_gone_comes_back_from_recovery_backups_and_the_sheet(
    hold: Held, run: Any, site: Any, tmp_path: Path
) -> None:
    typed = "\n".join(ceremony_held(hold, site)).encode()
    for what in ("office", "keys", "wrapping"):
        ran = run("backup", what, tmp_path / what, "--recovery", "--home", site.office)
        assert exits.DONE == ran.code, ran.err
    shutil.rmtree(site.office)
    shutil.rmtree(site.out / "sites" / "keys")

    for what in ("office", "keys", "wrapping"):
        ran = run("restore", tmp_path / what, "--home", site.office, sheet_fd=typed)
        assert exits.DONE == ran.code, ran.err

    assert "not serving" not in ran.err
    ticked = run("tick", "--home", site.office, passphrase_fd=site.secrets["keys"])
    assert exits.DONE == ticked.code, ticked.err


def test_story_two_officers_renew_what_other_sites_believe(
    hold: Held, run: Any, site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ceremony, bundle, a forgotten passphrase, renewed windows, a revoked key, at three sites."""
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    at = ms("2022-06-21 20:40")
    homes = {name: tmp_path / name for name in ("contractor", "call-centre")}
    first_third = b"the first of three\nthe third of three"
    second_third = b"the second of three\nthe third of three"

    def issued(day: int, two: tuple[str, str], words: bytes) -> tuple[Path, str]:
        ran = run(
            "trust", "issue", "--officer", two[0], "--officer", two[1], "--as", "officer",
            "--to", tmp_path / f"post-{day}", "--home", site.office, "--json",
            now=lambda: at + day * DAY_MS, officer_fd=words, person_fd=site.secrets["officer"],
        )  # fmt: skip
        assert exits.DONE == ran.code, ran.err
        told = json.loads(ran.out)
        return Path(told["files"][0]), told["root"]

    def taken(bundle: Path, day: int) -> set[int]:
        moment = at + day * DAY_MS
        return {
            run("in", bundle, "--home", home, now=lambda: moment).code for home in homes.values()
        }

    # The ceremony; the first bundle pins the root at both sites.
    ceremony_held(hold, site)
    first, root = issued(0, ("hanako", "jiro"), first_third)
    city = settings.load(site.office).city
    for name, home in homes.items():
        ran = run(
            "init", "--site", name, "--city", city, "--root", first.parent / "city-root.pub",
            "--trust", first, "--home", home, now=lambda: at,
        )  # fmt: skip
        assert exits.DONE == ran.code, ran.err

    # The key service's passphrase is forgotten: the same root, by two other officers.
    ran = run(
        "keys", "recover", "--home", site.office, "--officer", "taro", "--officer", "jiro",
        officer_fd=second_third, passphrase_fd=b"a new passphrase",
    )  # fmt: skip
    assert exits.DONE == ran.code, ran.err

    # Renewed: a later serial, later windows; an older bundle is refused from then on.
    second, same = issued(300, ("taro", "jiro"), second_third)
    believed = {home: post.trust_of(home) for home in homes.values()}
    assert root == same
    assert {exits.DONE} == taken(second, 300)
    for home, before in believed.items():
        after = post.trust_of(home)
        assert after.serial > before.serial
        assert not before.believed(at + 400 * DAY_MS)
        assert {key.id for key in before.believed(at)} == {
            key.id for key in after.believed(at + 400 * DAY_MS)
        }
    assert {11} == taken(first, 301)
    assert {exits.DONE} == taken(second, 301)  # known already

    # A key is revoked; it counts at a site until the next bundle, and never again after it.
    keys = json.loads(run("trust", "show", "--json", "--home", site.office).out)
    grant = next(key["id"] for key in keys if key["use"] == "grant")
    said = [
        run(
            "trust", "revoke", key, "--as", "officer", "--home", site.office,
            now=lambda: at + 302 * DAY_MS, person_fd=site.secrets["officer"],
        ).code
        for key in (grant, grant, new_id())
    ]  # fmt: skip
    assert [exits.DONE, 11, 10] == said
    now = at + 303 * DAY_MS
    assert all(grant == post.trust_of(home).key(Use.GRANT, now).id for home in homes.values())
    third, _ = issued(303, ("hanako", "jiro"), first_third)
    fourth, _ = issued(304, ("hanako", "jiro"), first_third)
    for bundle in (third, fourth):
        assert {exits.DONE} == taken(bundle, 304)
        for home in homes.values():
            assert [grant] == post.trust_of(home).revoked
            with pytest.raises(BadSignature):
                post.trust_of(home).key(Use.GRANT, now)
    assert {11} == taken(second, 305)
    assert "revoked" in run("trust", "show", "--home", site.office).out


@pytest.mark.parametrize("words", [b"the first of three\nsomething else", b"a guess\na guess more"])
def test_attack_one_officer_alone_signs_no_bundle(
    hold: Held, run: Any, site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    ceremony_held(hold, site)

    ran = run(
        "trust", "issue", "--officer", "hanako", "--officer", "jiro", "--as", "officer",
        "--to", tmp_path / "post", "--home", site.office,
        officer_fd=words, person_fd=site.secrets["officer"],
    )  # fmt: skip

    assert 7 == ran.code
    assert not (tmp_path / "post").exists()
