"""Carriers by network: files for one device of one order, and one silence for everything else.

Every test asks the real server over loopback.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from azukari.desk import custody, people
from azukari.desk import loss as losses
from azukari.errors import BadFormat, BadInput, BadSignature, NotFound, Unreachable
from azukari.names import new_id
from azukari.seal import request as requests
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import download, shipment
from azukari.shelf.folder import Folder

pytestmark = pytest.mark.real

MINUTE = 60_000


def test_the_device_of_the_order_gets_the_list_and_every_file(door: Any) -> None:
    listed = shipment.read_shipment(door.ask(door.shipment).body, door.key_of)

    assert door.carrier == listed.carrier
    for file in listed.files:
        answer = door.ask(door.file(file.name))
        assert 200 == answer.status
        assert file.sha256 == hashlib.sha256(answer.body).hexdigest()
        assert f'"{file.sha256}"' == answer.headers["etag"]
        assert "no-store" == answer.headers["cache-control"]
        assert "nosniff" == answer.headers["x-content-type-options"]


def test_the_list_is_the_one_that_was_sent(door: Any, tmp_path: Path) -> None:
    assert (tmp_path / "service" / "shipment.json").read_bytes() == door.ask(door.shipment).body


@pytest.mark.parametrize(
    "wanted, start, end",
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=5-999999999999", 5, None),
    ],
)
def test_one_range_is_given(door: Any, wanted: str, start: int, end: int | None) -> None:
    name, data = door.part()

    answer = door.ask(door.file(name), range=wanted)

    assert 206 == answer.status
    assert data[start:end] == answer.body
    first = start % len(data)
    last = (end or len(data)) - 1
    assert f"bytes {first}-{last}/{len(data)}" == answer.headers["content-range"]


def test_attack_a_range_beyond_the_end(door: Any) -> None:
    name, data = door.part()
    for wanted in (f"bytes={len(data)}-", "bytes=-0", "bytes=9-3"):
        answer = door.ask(door.file(name), range=wanted)

        assert (416, b"") == (answer.status, answer.body)
        assert f"bytes */{len(data)}" == answer.headers["content-range"]


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "lines=1-2", "bytes=--1", "bytes=a-b"])
def test_what_is_no_single_range_is_the_whole_file(door: Any, wanted: str) -> None:
    name, data = door.part()

    answer = door.ask(door.file(name), range=wanted)

    assert (200, data) == (answer.status, answer.body)


def test_half_of_another_content_is_not_continued(door: Any) -> None:
    name, data = door.part()
    etag = f'"{hashlib.sha256(data).hexdigest()}"'

    same = door.ask(door.file(name), range="bytes=9-", if_range=etag)
    other = door.ask(door.file(name), range="bytes=9-", if_range='"0"')

    assert (206, data[9:]) == (same.status, same.body)
    assert (200, data) == (other.status, other.body)


# --- what is not given, each time with the same silence


def silent(door: Any, path: str, header: str | None = None, **more: str) -> bool:
    """Is the answer the one that a carrier gets which does not exist?"""
    nowhere = door.ask(f"/carriers/{new_id()}/shipment")
    answer = door.ask(path, header, **more)
    told = {k: v for k, v in answer.headers.items() if k != "date"}
    known = {k: v for k, v in nowhere.headers.items() if k != "date"}
    return (answer.status, answer.body, told) == (404, b"", known)


def test_attack_enumeration_of_carriers(door: Any) -> None:
    """Neither without a signature nor with one does an id answer otherwise than no id."""
    for known in (door.carrier, door.city.carriers[0], new_id()):
        assert silent(door, f"/carriers/{known}/shipment", "")
    for path in (
        f"/carriers/{door.city.carriers[0]}/shipment",
        "/carriers/C-7Q4M-2K/shipment",
        "/carriers",
        "/",
        "/schema",
        door.shipment + "/",
        door.shipment.upper(),
        door.file("azukari/9999.azs"),
    ):
        assert silent(door, path), path
    for method in ("HEAD", "POST", "OPTIONS", "PUT", "DELETE"):
        header = door.mark(door.shipment, method=method)
        assert 404 == door.ask(door.shipment, header, method=method).status
    assert silent(door, door.shipment, target=door.shipment + "?x=1")


@contextmanager
def asked_of_the_records(door: Any) -> Iterator[list[str]]:
    """Every statement that the office puts to its database meanwhile."""
    said: list[str] = []

    def note(_line: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(door.city.office.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(door.city.office.engine, "before_cursor_execute", note)


def test_attack_enumeration_of_carriers_takes_the_same_way_for_every_id(door: Any) -> None:
    """Unknown, somebody else's on a stick, revoked: the same questions in the same order."""
    losses.declare(door.city.office, door.city.carriers[1:], door.city.declared())
    ways = []
    for known in (new_id(), *door.city.carriers):
        with asked_of_the_records(door) as said:
            assert silent(door, f"/carriers/{known}/shipment")
        # `silent` asks for an id that does not exist beside it.
        ways += [said[: len(said) // 2], said[len(said) // 2 :]]

    assert ways[0]
    assert all(way == ways[0] for way in ways)


def test_uniform_refusals_tell_a_stranger_nothing(door: Any) -> None:
    """Whatever is wrong, or several things at once: one answer, and no carrier is looked at."""
    stranger = SigningKey.generate(Use.RECEIPT)
    headers = [
        "",
        "no mark",
        door.mark(door.shipment, device=new_id()),
        door.mark(door.shipment, signer=stranger),
        door.mark(door.shipment, device=new_id(), signer=stranger),
        door.mark(door.shipment, at=door.city.clock.now() - 60 * MINUTE),
        door.mark(door.shipment, host="other.example"),
        door.mark(door.file("azukari/m.azs")),
    ]
    with asked_of_the_records(door) as said:
        answers = [door.ask(door.shipment, header) for header in headers]

    told = {
        (one.status, one.body, *sorted(f"{k}: {v}" for k, v in one.headers.items() if k != "date"))
        for one in answers
    }
    assert 1 == len(told)
    assert 404 == answers[0].status
    assert not [statement for statement in said if "FROM carrier" in statement]


def test_attack_a_replayed_request(door: Any) -> None:
    header = door.mark(door.shipment)

    assert 200 == door.ask(door.shipment, header).status
    assert silent(door, door.shipment, header)


def test_attack_a_replay_at_another_file_range_method_or_host(door: Any) -> None:
    name, _ = door.part()
    header = door.mark(door.file(name), range="bytes=0-9")

    assert silent(door, door.shipment, header)
    assert silent(door, door.file(name), header)
    assert silent(door, door.file(name), header, range="bytes=0-99")
    assert silent(door, door.file(name), header, range="bytes=0-9", host="office.example")
    elsewhere = door.mark(door.shipment, host="office.example")
    assert silent(door, door.shipment, elsewhere, host="office.example")
    assert silent(door, door.shipment, elsewhere)
    assert 206 == door.ask(door.file(name), header, range="bytes=0-9").status


def test_attack_another_device_s_signature(door: Any) -> None:
    other = SigningKey.generate(Use.RECEIPT)
    assert silent(door, door.shipment, door.mark(door.shipment, signer=other))
    assert silent(door, door.shipment, door.mark(door.shipment, device=new_id()))


def test_attack_a_signature_in_another_spelling(door: Any) -> None:
    header = door.mark(door.shipment)
    for bad in (header.upper(), header.replace(", ", ","), header * 2, "x" * 4000):
        assert silent(door, door.shipment, bad)
    assert 200 == door.ask(door.shipment, header).status


def test_attack_clock_games(door: Any) -> None:
    """Older or further ahead than two minutes, or from before the office began to listen."""
    now = door.city.clock.now
    assert silent(door, door.shipment, door.mark(door.shipment, at=now() - 1))
    kept = door.mark(door.shipment, at=now() + 2 * MINUTE)
    assert silent(door, door.shipment, door.mark(door.shipment, at=now() + 2 * MINUTE + 1))
    assert silent(door, door.shipment, door.mark(door.shipment, at=0))
    door.city.clock.set("2022-06-21 17:30")
    assert silent(door, door.shipment, kept)
    assert silent(door, door.shipment, door.mark(door.shipment, at=now() - 2 * MINUTE - 1))
    assert 200 == door.ask(door.shipment, door.mark(door.shipment, at=now() - 2 * MINUTE)).status


@pytest.mark.parametrize(
    "name",
    [
        "../sealed/READ-ME.txt",
        "azukari/../READ-ME.txt",
        "/etc/passwd",
        "azukari//m.azs",
        "./READ-ME.txt",
        "azukari\\m.azs",
        "azukari/envelope.json/",
        "shipment.json",
    ],
)
def test_attack_path_traversal_in_a_file_name(door: Any, name: str) -> None:
    assert silent(door, door.file(name))


def test_attack_a_link_in_the_place_of_a_part(door: Any, tmp_path: Path) -> None:
    name, data = door.part()
    (tmp_path / "secret").write_bytes(b"x" * len(data))
    (door.sealed / name).unlink()
    (door.sealed / name).symlink_to(tmp_path / "secret")

    assert silent(door, door.file(name))


def test_a_revoked_carrier_is_not_served(door: Any) -> None:
    name, _ = door.part()
    city = door.city
    city.keeper.revoke(new_id(), city.person("officer"), [door.carrier], None)

    assert silent(door, door.shipment)
    assert silent(door, door.file(name))


def test_a_lost_carrier_is_not_served(door: Any) -> None:
    losses.declare(door.city.office, [door.carrier], door.city.declared())

    assert silent(door, door.shipment)


def test_a_carrier_that_was_not_sent_is_not_served(unsent: Any) -> None:
    assert silent(unsent, unsent.shipment)


def test_a_carrier_on_a_stick_is_not_served(door: Any) -> None:
    hand, city = door.city.cast.hand, door.city
    custody.pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))

    assert silent(door, f"/carriers/{city.carriers[0]}/shipment")


def test_nothing_is_served_after_the_day_of_return(door: Any) -> None:
    door.city.clock.set("2022-06-21 20:30")

    assert silent(door, door.shipment)


def test_a_suspended_device_gets_nothing(door: Any) -> None:
    door.city.clock.set("2022-06-21 17:10")
    people.suspend_device(door.city.office, door.city.device, door.city.person("officer"))

    assert silent(door, door.shipment)


def test_the_log_holds_ids_and_status_only(door: Any) -> None:
    name, _ = door.part()
    door.ask(door.file(name))
    door.ask("/carriers/架空 太郎/shipment", "")

    assert f"{door.city.device} {door.carrier} 200" == door.log[0]
    assert {"- - 404"} == set(door.log[1:])


# --- the device's side


def test_an_interrupted_download_resumes_and_equals(
    door: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line breaks after every few thousand bytes; the same call goes on."""
    arriving = tmp_path / "arriving"
    asked: list[int] = []
    real, left = download._read, [3000]

    def broken(answer: Any, size: int) -> bytes:
        if size > 1 << 18:  # the list
            return real(answer, size)
        if left[0] <= 0:
            left[0] = 3000
            raise Unreachable("the line broke")
        piece = real(answer, min(size, 1000))
        left[0] -= len(piece)
        return piece

    get = download.Source.get

    def watched(self: Any, path: str, start: int = 0) -> Any:
        asked.append(start)
        return get(self, path, start)

    monkeypatch.setattr(download.Source, "get", watched)
    with monkeypatch.context() as patch:
        patch.setattr(download, "_read", broken)
        for _ in range(20):
            try:
                download.download(door.source(), door.carrier, arriving, door.key_of)
                break
            except (Unreachable, BadFormat):
                continue
    download.download(door.source(), door.carrier, arriving, door.key_of)

    assert any(asked)  # something was continued in its middle
    assert shipment.fetch(arriving, tmp_path / "arrived", door.key_of).whole
    assert Folder(door.sealed).envelope() == Folder(tmp_path / "arrived").envelope()


def test_a_wrong_beginning_is_fetched_anew_the_next_time(door: Any, tmp_path: Path) -> None:
    arriving, (name, data) = tmp_path / "arriving", door.part()
    (arriving / name).parent.mkdir(parents=True)
    (arriving / name).write_bytes(b"\0" * 100)

    for whole in (False, True):
        download.download(door.source(), door.carrier, arriving, door.key_of)
        assert whole is shipment.fetch(arriving, tmp_path / "arrived", door.key_of).whole

    assert data == (tmp_path / "arrived" / name).read_bytes()


def test_what_the_office_does_not_give_is_not_found(door: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        download.download(door.source(), door.city.carriers[0], tmp_path / "a", door.key_of)

    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://office.example",
        "https://u:p@office.example",
        "https://office.example/x",
        "ftp://office.example",
        "https://",
    ],
)
def test_only_an_address_that_is_safe_is_asked(door: Any, url: str) -> None:
    with pytest.raises(BadInput):
        download.Source(url, door.city.device, door.identity(), door.city.clock.now)


def test_only_a_device_s_key_signs_requests(door: Any) -> None:
    with pytest.raises(BadSignature):
        door.mark(door.shipment, signer=SigningKey.generate(Use.PERSON))
    asked = requests.Asked("GET", "/a\0b", "", door.host)
    with pytest.raises(BadFormat, match="control"):
        requests.sign_request(asked, door.city.device, 0, door.identity())
