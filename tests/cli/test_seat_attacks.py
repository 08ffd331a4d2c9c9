"""Attacks at the keyboard: ``--as`` asserts nothing, and no secret stands where others read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import click
import pytest

from azukari.cli.reference import commands
from azukari.seal.envelope import Use
from azukari.shelf import keyring

SECRETS = ("pass", "secret", "pin", "key", "person-fd")
#: Names of keys, of where they are and of files with public halves: nothing of these is secret.
PUBLIC = ("--keys", "--keys-apart", "--keys-url", "--one-time-key", "--pinned")


@pytest.fixture
def seated(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """At the office's keyboard, with everybody's key file at hand."""
    monkeypatch.setenv("AZUKARI_HOME", str(site.office))
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    return site


def declare(run: Any, site: Any, person: str, **secrets: bytes) -> Any:
    label = site.labels[0]
    return run(
        *("incident", "declare", "--carrier", label, "--yes", label, "--as", person),
        now=lambda: 1_655_811_300_000,
        **secrets,
    )


def losses(run: Any) -> str:
    found: str = run("ledger", "show", "--type", "carrier.lost").out
    return found


def test_as_with_the_persons_key_is_that_person(run: Any, seated: Any) -> None:
    ran = declare(run, seated, "officer", person_fd=seated.secrets["officer"])

    assert 0 == ran.code, ran.err
    assert "revoked" in ran.out


def test_as_without_the_key(run: Any, seated: Any) -> None:
    (seated.persons / "officer.key").unlink()

    ran = declare(run, seated, "officer", person_fd=seated.secrets["officer"])

    assert 8 == ran.code
    assert "" == losses(run)


def test_as_without_the_passphrase(run: Any, seated: Any) -> None:
    ran = declare(run, seated, "officer", person_fd=b"a guess")

    assert 7 == ran.code
    assert "a guess" not in ran.err
    assert "" == losses(run)


def test_as_without_anybody_to_ask(run: Any, seated: Any) -> None:
    assert 8 == declare(run, seated, "officer").code
    assert "" == losses(run)


def test_as_without_a_folder_of_persons(
    run: Any, seated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZUKARI_PERSON")

    assert 8 == declare(run, seated, "officer", person_fd=seated.secrets["officer"]).code


def test_as_with_a_key_that_nobody_enrolled(run: Any, seated: Any) -> None:
    keyring.new_signing_key(seated.persons / "stranger.key", Use.PERSON, b"own")

    ran = declare(run, seated, "stranger", person_fd=b"own")

    assert 8 == ran.code
    assert "" == losses(run)


def test_another_persons_key_under_my_name_is_still_theirs(run: Any, seated: Any) -> None:
    """The entry in the ledger names whose key it was, whatever the file is called."""
    shutil.copy(seated.persons / "clerk.key", seated.persons / "officer.key")

    declare(run, seated, "officer", person_fd=seated.secrets["clerk"])

    shown = run("ledger", "show", "--type", "carrier.lost", "--json").out
    clerk = run("ledger", "show", "--type", "carrier.handed_over", "--json").out
    by = [line for line in shown.splitlines() if '"by"' in line]
    assert by[0] in clerk


@pytest.mark.parametrize("who", ["operator", "engineer"])
def test_whoever_a_carrier_concerns_declares_it_lost_at_the_offices_keyboard(
    who: str, run: Any, seated: Any
) -> None:
    assert 0 == declare(run, seated, who, person_fd=seated.secrets[who]).code

    assert "" != losses(run)


def test_a_person_of_a_party_outside_the_chain_at_the_offices_keyboard(
    run: Any, seated: Any
) -> None:
    ran = declare(run, seated, "hidden", person_fd=seated.secrets["hidden"])

    assert 9 == ran.code
    assert "nothing_fits" in ran.err
    assert "" == losses(run)


@pytest.mark.parametrize("inside", ["office", "keys"])
def test_a_persons_key_inside_a_home(
    inside: str, run: Any, seated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = seated.out / "sites" / inside / "persons"
    shutil.copytree(seated.persons, folder)
    monkeypatch.setenv("AZUKARI_PERSON", str(folder))

    ran = declare(run, seated, "officer", person_fd=seated.secrets["officer"])

    assert 9 == ran.code
    assert "person_key_in_home" in ran.err


def test_a_persons_key_inside_home_by_way_of_a_link(
    run: Any, seated: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(seated.persons, seated.office / "hidden")
    (tmp_path / "persons").symlink_to(seated.office / "hidden")
    monkeypatch.setenv("AZUKARI_PERSON", str(tmp_path / "persons"))

    ran = declare(run, seated, "officer", person_fd=seated.secrets["officer"])

    assert 9 == ran.code


@pytest.mark.parametrize("name", ["../officer", "/etc/officer", "", ".", "a b", "-x"])
def test_a_persons_name_that_leads_out_of_the_folder(name: str, run: Any, seated: Any) -> None:
    ran = declare(run, seated, f"{name}", person_fd=seated.secrets["officer"])

    assert ran.code in (2, 3)
    assert "" == losses(run)


def test_a_label_that_is_not_typed_back(run: Any, seated: Any) -> None:
    main, backup = seated.labels
    for typed in ("", "\n", f"{backup}\n", f"{main} {backup}\n"):
        ran = run(
            *("incident", "declare", "--carrier", main, "--as", "officer"),
            stdin=typed,
            person_fd=seated.secrets["officer"],
        )

        assert 9 == ran.code
        assert "not_confirmed" in ran.err
    assert "" == losses(run)


def test_a_passphrase_on_the_command_line_or_in_the_environment_is_impossible() -> None:
    """Every program of the machine can read there: an option takes a descriptor's number only."""
    for name, command in commands():
        for parameter in command.params:
            words = " ".join(parameter.opts).lower()
            if any(word in words for word in SECRETS):
                public = "vkey" in words or words in PUBLIC
                assert public or parameter.type is click.INT, (
                    f"{name} {words}: a descriptor's number only"
                )
            assert not parameter.envvar, f"{name} {words}"
        assert "auto_envvar_prefix" not in command.context_settings


def test_the_keys_stay_locked_where_a_command_does_not_need_them(run: Any, seated: Any) -> None:
    """Nothing may hold a revocation up: not even a passphrase that nobody remembers at night."""
    ran = declare(run, seated, "officer", person_fd=seated.secrets["officer"])

    assert 0 == ran.code
    assert "passphrase" not in ran.err


def test_without_the_passphrase_nothing_is_opened(run: Any, seated: Any) -> None:
    secret = {"person_fd": seated.secrets["officer"]}

    assert 12 == run("roll", "show", "--as", "officer", **secret).code
    assert 7 == run("roll", "show", "--as", "officer", passphrase_fd=b"a guess", **secret).code


def test_a_home_of_another_site_is_refused(run: Any, seated: Any) -> None:
    for site in ("keys", "contractor", "call-centre"):
        ran = run("ledger", "head", "--home", seated.out / "sites" / site)

        assert 5 == ran.code
        assert "an office is needed" in ran.err


def test_a_home_that_is_none_is_not_made_into_one(run: Any, tmp_path: Path) -> None:
    ran = run("ledger", "head", "--home", tmp_path / "nothing")

    assert 5 == ran.code
    assert not os.path.lexists(tmp_path / "nothing")
