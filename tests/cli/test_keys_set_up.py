"""A key service and an office on two hosts introduce themselves, by two files people compare."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from azukari.errors import BadFormat, Conflict
from azukari.keys import service
from azukari.keys.offer import City, fingerprint, read_pin
from azukari.seal.envelope import SigningKey, Use

pytestmark = pytest.mark.real


def _set_up(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("AZUKARI_PERSON", str(tmp_path / "persons"))
    keys, office = tmp_path / "keys", tmp_path / "office"
    made = run(
        *("init", "--site", "keys", "--home", keys, "--single-disk"),
        *("--origin", "azukari.example/kakuu"),
        passphrase_fd=b"of the key service",
    )
    assert 0 == made.code, made.err
    founded = run(
        *("init", "--site", "office", "--home", office, "--single-disk", "--city", "架空市"),
        *("--call", "00", "--origin", "azukari.example/kakuu", "--keys", keys / "offer.json"),
        *("--keys-url", "http://127.0.0.1:9"),
        *("--person", "one", "--person", "two", "--person", "three"),
        person_fd=b"first\nsecond\nthird",
    )
    assert 0 == founded.code, founded.err
    return keys, office


def test_two_sites_introduce_themselves(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, office = _set_up(run, tmp_path, monkeypatch)
    early = run("keys", "serve", "--home", keys, "--locked")
    assert 10 == early.code
    assert "pinned" in early.err

    shown = run("keys", "pin", office / "pin.json", "--home", keys)
    assert 0 == shown.code
    assert not (keys / "pinned.json").exists()
    told = re.search(r"fingerprint +(\S+)", shown.out)
    assert told is not None
    assert fingerprint((office / "pin.json").read_bytes()) == told[1]
    wrong = run("keys", "pin", office / "pin.json", "--home", keys, "--matches", "0" * 26)
    assert 3 == wrong.code
    assert not (keys / "pinned.json").exists()

    for _ in range(2):
        done = run("keys", "pin", office / "pin.json", "--home", keys, "--matches", told[1])
        assert 0 == done.code, done.err

    keeper = service.open_keys(keys, None, lambda: 0)
    assert 3 == len(keeper.believed.people)
    keeper.close()
    assert not (office / "root.key").exists()
    assert not (keys / "office.db").exists()


def test_a_second_city_is_not_pinned(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, office = _set_up(run, tmp_path, monkeypatch)
    answer = service.answer_key(keys)
    first = read_pin((office / "pin.json").read_bytes(), answer.public)
    service.pin(keys, "azukari.example/kakuu/keys", first)
    other = City(
        first.city, first.enrol, SigningKey.generate(Use.ORDER).public, first.ask, first.documents
    )

    with pytest.raises(Conflict, match="pinned a city's keys already"):
        service.pin(keys, "azukari.example/kakuu/keys", other)


def test_a_pin_for_another_key_service_is_refused(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, office = _set_up(run, tmp_path, monkeypatch)

    with pytest.raises(BadFormat, match="another key service"):
        read_pin((office / "pin.json").read_bytes(), SigningKey.generate(Use.ANSWER).public)


def test_an_office_that_nobody_pinned_yet_says_so(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, office = _set_up(run, tmp_path, monkeypatch)

    ran = run("ledger", "audit", "--home", office)

    assert 13 == ran.code
    assert "the key service cannot be reached" in ran.err
