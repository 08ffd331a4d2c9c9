"""What is late, at the command line: settings to a mail server and back, by a person's own hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from azukari.cli import exits
from azukari.errors import BadInput, BadSettings, Unreachable
from azukari.rehearse.clock import ms

Start = Callable[..., Any]


@pytest.fixture
def at_night(run: Any, site: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Call the program at 20:35 of the night, at the office."""
    monkeypatch.setenv("AZUKARI_HOME", str(site.office))
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    clock = count(ms("2022-06-21 20:35"))

    def ran(*words: object, wait_ms: int = 0, **secrets: bytes) -> Any:
        return run(*words, now=lambda: next(clock) + wait_ms, **secrets)

    return ran


def tell(site: Any, **said: object) -> None:
    """Lines more in the office's settings."""
    with (site.office / "azukari.toml").open("a", encoding="utf-8") as file:
        for name, value in said.items():
            file.write(f"{name} = {msgspec.json.encode(value).decode()}\n")


def by_mail(site: Any, box: Any, **said: object) -> None:
    known = {"mail_host": "localhost", "mail_port": box.route.port, "mail_from": box.route.sender}
    if box.route.ca:
        known["mail_ca"] = str(box.route.ca)
    tell(site, **(known | said))


def everybody(at_night: Any, site: Any) -> list[str]:
    listed = json.loads(at_night("person", "list", "--json").out)
    people = [one["person"] if "person" in one else one["id"] for one in listed]
    secret = {"person_fd": site.secrets["officer"]}
    for number, person in enumerate(people):
        address = f"p{number}@kakuu.example"
        noted = at_night(
            "person", "contact", person, "--mail", address, "--as", "officer", **secret
        )
        assert (exits.DONE, "noted\n") == (noted.code, noted.out), noted.err
    return people


def test_from_the_settings_to_the_mail_server(at_night: Any, site: Any, mail_server: Start) -> None:
    box = mail_server()
    by_mail(site, box)
    everybody(at_night, site)

    ticked = at_night("tick")

    assert "sent: 2 messages" in ticked.out, ticked.err
    [first, second] = box.mails
    assert {*box.to} == {first["To"], second["To"]}
    assert all(label in first["Subject"] + second["Subject"] for label in site.labels)
    assert "kakuu.example" not in ticked.out + ticked.err
    assert "sent" not in at_night("tick").out


def test_a_password_comes_from_its_file_or_a_descriptor(
    at_night: Any, site: Any, mail_server: Start, tmp_path: Path
) -> None:
    box = mail_server(login=("office", "right"))
    secret = tmp_path / "mail.pass"
    secret.write_text("right\n")
    secret.chmod(0o644)
    by_mail(site, box, mail_user="office", mail_password=str(secret))
    everybody(at_night, site)

    refused = at_night("tick")
    assert (exits.CODES[BadSettings], 0) == (refused.code, len(box.mails))
    assert "right" not in refused.err.replace("is not right", "")
    wrong = at_night("tick", mail_password_fd=b"wrong")
    assert "does not take user and password" in wrong.err
    secret.chmod(0o600)

    # What did not go is tried again a minute or two later.
    assert 2 == json.loads(at_night("tick", "--json", wait_ms=300_000).out)["sent"]
    assert 2 == len(box.mails)


def test_a_server_that_is_away_is_said_and_ends_nothing(
    at_night: Any, site: Any, mail_server: Start
) -> None:
    box = mail_server()
    by_mail(site, box)
    everybody(at_night, site)
    box.stop()

    ticked = at_night("tick", "--json")

    assert exits.DONE == ticked.code
    assert [{"channel": "mail", "why": "message_away"}] == json.loads(ticked.out)["unsent"]
    assert "mail: the mail server does not answer" in ticked.err
    assert 2 == json.loads(at_night("tick", "--check", "--json").out)["unsent"]


def test_where_nobody_has_an_address_it_is_said(
    at_night: Any, site: Any, mail_server: Start
) -> None:
    by_mail(site, mail_server())

    assert "nobody who is to be told has a mail address" in at_night("tick").err


@pytest.mark.parametrize(
    "said",
    [
        {"mail_host": "localhost"},
        {"mail_from": "azukari@kakuu.example"},
        {"quiet_hours": "22-7"},
        {"quiet_hours": "24:00-07:00"},
        {"escalate_minutes": [0]},
        {"escalate_minutes": [20_000]},
        {"mail_tls": "none"},
        {"mail_host": "localhost", "mail_from": "a@b", "mail_user": "office"},
    ],
)
def test_settings_that_would_silence_something_are_refused(
    at_night: Any, site: Any, said: dict[str, object]
) -> None:
    tell(site, **said)

    assert exits.CODES[BadSettings] == at_night("tick").code


@pytest.mark.parametrize(
    "said",
    [
        {"mail_host": "localhost", "mail_from": "a@b\\nBcc: c@d"},
        {"mail_host": "localhost", "mail_from": "A <a@b.example>"},
        {"webhook": "http://alarm.example/"},
        {"webhook": "https://user@alarm.example/"},
    ],
)
def test_mail_header_injection_settings_are_addresses_or_refused(
    at_night: Any, site: Any, said: dict[str, object]
) -> None:
    tell(site, **said)

    assert exits.CODES[BadInput] == at_night("tick").code


def test_an_address_is_forgotten(at_night: Any, site: Any) -> None:
    [person, *_] = everybody(at_night, site)
    secret = {"person_fd": site.secrets["officer"]}

    forgotten = at_night("person", "contact", person, "--erase", "--as", "officer", **secret)
    again = at_night("person", "contact", person, "--erase", "--as", "officer", **secret)
    neither = at_night("person", "contact", person, "--as", "officer", **secret)

    assert ("forgotten\n", 10, 3) == (forgotten.out, again.code, neither.code)
    assert exits.CODES[Unreachable] not in (forgotten.code, again.code)


def test_everything_that_is_due_says_whose_it_is_and_who_is_told(at_night: Any) -> None:
    found = json.loads(at_night("alarm", "list", "--all", "--json").out)

    assert {"return", "erase", "receipts"} <= {one["what"] for one in found}
    assert all(one["whose"] and one["ladder"] for one in found)
    assert all(one["told"] is None for one in found)
