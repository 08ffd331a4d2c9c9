"""Backups: whole or not there, nothing in the clear, and what a restored machine must learn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.desk import backup as desk
from azukari.desk.audit import audit
from azukari.desk.grant import issue
from azukari.desk.office import Office, open_office
from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    Conflict,
    Damaged,
    LedgerBehind,
    LedgerError,
    LedgerFork,
    NotFound,
    Refused,
    WrongKey,
)
from azukari.keys.keeper import Keeper
from azukari.keys.service import bring_back, open_keys
from azukari.rehearse.house import CALL, ORIGIN
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, sign
from azukari.seal.grant import p256_der
from azukari.seal.stream import sealed_size
from azukari.shelf import backup, volumes
from azukari.shelf.checkpoints import Store
from azukari.shelf.wrapped import Passphrase, Recovery

if TYPE_CHECKING:
    from tests.conftest import City

CEREMONY = "0" * 26
CHEAP = Passphrase(b"a long enough passphrase", 1 << 4)


def home(folder: Path, **contents: bytes) -> list[tuple[str, Path]]:
    folder.mkdir()
    found = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        found.append((name, folder / name))
    return found


def packed(folder: Path, **contents: bytes) -> Path:
    target = folder / "a.backup"
    backup.write(target, "keys", home(folder / "home", **contents), CHEAP, size=0, at=0)
    return target


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"home", "a.backup"}


# --- the file


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    contents = {"a": b"", "b": b"1", "c": bytes(3_000_000)}
    backup.restore(packed(tmp_path, **contents), CHEAP, tmp_path / "back")

    assert contents == {file.name: file.read_bytes() for file in (tmp_path / "back").iterdir()}


@pytest.mark.parametrize("length", [0, 65_000, 131_064, 131_065, 262_128, 400_000])
def test_a_long_backup_is_several_streams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(volumes, "VOLUME", 1 << 17)
    content = bytes(range(256)) * (length // 256) + b"x" * (length % 256)

    backup.restore(packed(tmp_path, a=content), CHEAP, tmp_path / "back")

    assert content == (tmp_path / "back" / "a").read_bytes()


def test_a_stream_taken_from_the_end_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "VOLUME", 1 << 17)
    target = packed(tmp_path, a=bytes(300_000))
    header = target.read_bytes().index(b"\n") + 1
    whole = target.read_bytes()
    target.write_bytes(whole[: header + 2 * sealed_size(1 << 17)])

    with pytest.raises(Damaged):
        backup.restore(target, CHEAP, tmp_path / "back")
    assert not left(tmp_path)


def test_nothing_of_a_home_is_readable(tmp_path: Path) -> None:
    target = packed(tmp_path, secretname=b"a value that must not be seen")

    assert b"a value that" not in target.read_bytes()
    assert b"secretname" not in target.read_bytes()


def test_another_passphrase_opens_nothing(tmp_path: Path) -> None:
    target = packed(tmp_path, a=b"1")

    with pytest.raises(WrongKey):
        backup.restore(target, Passphrase(b"another", 1 << 4), tmp_path / "back")
    assert not left(tmp_path)


def test_a_backup_to_the_recovery_key_needs_its_private_half(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = p256_der(private.public_key())
    target = tmp_path / "a.backup"
    backup.write(
        target, "office", home(tmp_path / "home", a=b"1"), Recovery(public, CEREMONY), size=0, at=0
    )

    for lock in (
        Recovery(public, CEREMONY),
        CHEAP,
        Recovery(public, CEREMONY, ec.generate_private_key(ec.SECP256R1())),
    ):
        with pytest.raises(WrongKey):
            backup.restore(target, lock, tmp_path / "back")
    backup.restore(target, Recovery(public, CEREMONY, private), tmp_path / "back")
    assert b"1" == (tmp_path / "back" / "a").read_bytes()


@given(at=st.integers(0, 70_000), bit=st.integers(0, 7))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_is_noticed_and_leaves_nothing(tmp_path: Path, at: int, bit: int) -> None:
    folder = tmp_path / "one"
    if not folder.exists():
        folder.mkdir()
        packed(folder, a=b"some content")
    whole = bytearray((folder / "a.backup").read_bytes())
    whole[at % len(whole)] ^= 1 << bit
    changed = folder / "changed"
    changed.write_bytes(whole)

    with pytest.raises(AzukariError):
        backup.restore(changed, CHEAP, folder / "back")
    changed.unlink()
    assert not left(folder)


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../../b", "a//b", "./a", "a\\b", "C:a", "a\0b", ""]
)
def test_a_path_out_of_the_home_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "home").mkdir()
    source = tmp_path / "home" / "a"
    source.write_bytes(b"1")
    backup.write(tmp_path / "a.backup", "keys", [(path, source)], CHEAP, size=0, at=0)

    with pytest.raises(BadFormat):
        backup.restore(tmp_path / "a.backup", CHEAP, tmp_path / "back")
    assert not left(tmp_path)


def test_a_home_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    target = packed(tmp_path, a=b"1")
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "mine").write_bytes(b"2")

    with pytest.raises(Conflict):
        backup.restore(target, CHEAP, tmp_path / "back")
    with pytest.raises(Conflict):
        backup.write(target, "keys", [], CHEAP, size=0, at=0)
    assert b"2" == (tmp_path / "back" / "mine").read_bytes()


def test_a_cost_that_would_take_hours_is_refused(tmp_path: Path) -> None:
    target = packed(tmp_path, a=b"1")
    target.write_bytes(target.read_bytes().replace(b'"n":16', b'"n":1073741824', 1))

    with pytest.raises(BadFormat):
        backup.restore(target, CHEAP, tmp_path / "back")


# --- the homes


@pytest.fixture
def kept(city: City, tmp_path: Path) -> Path:
    """Three backups of the city at 17:00."""
    city.office.follow_keys()
    folder = tmp_path / "kept"
    folder.mkdir()
    desk.back_up_office(city.office_home, folder / "office", CHEAP, 0)
    desk.back_up_keys(city.keys_home, folder / "keys", CHEAP, 0)
    desk.back_up_wrapping(city.keys_home, folder / "wrapping", CHEAP, 0)
    return folder


def stores(city: City) -> Path:
    return city.out / "stores"


def running(city: City) -> None:
    """Both programs with their checkpoint store, as they run in earnest."""
    city.close()
    city.keeper = keeper(city)
    city.office = office(city, city.keeper)


def keeper(city: City, store: bool = True) -> Keeper:
    where = stores(city) if store else None
    return open_keys(city.keys_home, city.passphrase, city.clock.now, where)


def office(city: City, keys: Keeper, store: bool = True) -> Office:
    return open_office(
        city.office_home,
        city=city.city,
        call=CALL,
        origin=f"{ORIGIN}/office",
        keys=keys,
        now=city.clock.now,
        store=stores(city) if store else None,
    )


def evening(city: City) -> None:
    """A grant, a loss, a key destroyed: all after the backups."""
    running(city)
    city.hand_over()
    city.clock.set("2022-06-21 18:00")
    city.ask()
    city.keeper.shred("0" * 25 + "1", city.person("officer"), city.carriers[1])
    city.lose()
    city.office.follow_keys()


def put_back_keys(city: City, kept: Path) -> None:
    city.keeper.close()
    shutil.rmtree(city.keys_home)
    backup.restore(kept / "keys", CHEAP, city.keys_home)
    shutil.rmtree(city.keys_home / "wrapping", ignore_errors=True)
    backup.restore(kept / "wrapping", CHEAP, city.keys_home / "wrapping")


def learn(city: City) -> None:
    copy, asks = desk.copy_of_keys(city.office)
    bring_back(city.keys_home, copy, asks, stores(city), city.clock.now())


def test_a_backup_holds_no_wrapping_key_and_no_store(
    kept: Path, city: City, tmp_path: Path
) -> None:
    backup.restore(kept / "keys", CHEAP, tmp_path / "keys")
    backup.restore(kept / "office", CHEAP, tmp_path / "office")

    names = {path.name for folder in ("keys", "office") for path in (tmp_path / folder).rglob("*")}
    assert "keys.db" in names
    assert "office.db" in names
    assert not names & {"wrapping", "work.lock", *city.carriers}
    assert not [name for name in names if name.endswith(("checkpoint", "-wal", "-shm", "snapshot"))]


def test_a_backup_in_use_leaves_the_home_as_it_was(city: City, tmp_path: Path) -> None:
    before = sorted(path.name for path in city.office_home.iterdir())
    desk.back_up_office(city.office_home, tmp_path / "office", CHEAP, 0)

    assert before == sorted(path.name for path in city.office_home.iterdir())


def test_a_restored_key_service_is_refused_until_it_learnt_what_it_forgot(
    city: City, kept: Path
) -> None:
    evening(city)
    put_back_keys(city, kept)

    with pytest.raises(LedgerBehind):
        keeper(city)
    learn(city)
    city.keeper = keeper(city)
    assert not audit(office(city, city.keeper))


def test_a_restored_key_service_releases_nothing_that_was_revoked(city: City, kept: Path) -> None:
    evening(city)
    put_back_keys(city, kept)
    learn(city)
    city.keeper = keeper(city)
    desk.believe_again(city.office, city.keeper)

    again = office(city, city.keeper)
    with pytest.raises(Refused) as refused:
        issue(again, city.carriers[0], **(city.asked() | {"one_time_key": city.one_time_keys[1]}))
    assert "carrier_is_revoked" in refused.value.reasons
    again.close()


def test_a_destroyed_key_that_came_back_with_a_backup_is_destroyed_again(
    city: City, kept: Path
) -> None:
    evening(city)
    put_back_keys(city, kept)
    assert (city.keys_home / "wrapping" / city.carriers[1]).exists()

    learn(city)
    city.keeper = keeper(city)

    assert not (city.keys_home / "wrapping" / city.carriers[1]).exists()


def test_releases_are_known_again_with_their_one_time_keys(city: City, kept: Path) -> None:
    evening(city)
    before = city.keeper.releases(city.carriers[0])
    put_back_keys(city, kept)
    learn(city)
    city.keeper = keeper(city)

    assert before == city.keeper.releases(city.carriers[0])


def test_a_release_the_office_cannot_narrow_counts_for_every_part(city: City, kept: Path) -> None:
    evening(city)
    copy, _ = desk.copy_of_keys(city.office)
    put_back_keys(city, kept)
    bring_back(city.keys_home, copy, {}, stores(city), 0)
    city.keeper = keeper(city)

    [found] = [r for r in city.keeper.releases(city.carriers[0]) if r["use"] == "open"]
    assert "" == found["ask"]["opening"]["role"]
    assert found["ask"]["opening"]["not_after"] > city.clock.now() * 1000


def test_a_carrier_made_since_the_backup_is_never_opened_again(city: City, kept: Path) -> None:
    running(city)
    roll = "0" * 25 + "2"
    city.keeper.create("0" * 25 + "3", city.person("officer"), roll, None)
    city.office.follow_keys()
    put_back_keys(city, kept)
    learn(city)
    city.keeper = keeper(city)

    with pytest.raises(Refused):
        city.keeper.release_to_seal("0" * 25 + "4", city.person("officer"), roll)
    with pytest.raises(Conflict):
        city.keeper.create("0" * 25 + "5", city.person("officer"), roll, None)


def test_a_copy_that_does_not_reach_what_was_shown_teaches_nothing(city: City, kept: Path) -> None:
    evening(city)
    copy, asks = desk.copy_of_keys(city.office)
    put_back_keys(city, kept)

    with pytest.raises(LedgerBehind):
        bring_back(city.keys_home, copy[:-1], asks, stores(city), 0)
    with pytest.raises(LedgerBehind, match="were shown before"):
        keeper(city)


def test_a_copy_that_tells_another_story_teaches_nothing(city: City, kept: Path) -> None:
    evening(city)
    copy, asks = desk.copy_of_keys(city.office)
    put_back_keys(city, kept)
    swapped = [*copy[:-2], copy[-1], copy[-2]]

    with pytest.raises((LedgerFork, LedgerError)):
        bring_back(city.keys_home, swapped, asks, stores(city), 0)
    with pytest.raises(LedgerBehind):
        keeper(city)


def test_learning_twice_is_learning_once(city: City, kept: Path) -> None:
    evening(city)
    put_back_keys(city, kept)
    learn(city)
    copy, asks = desk.copy_of_keys(city.office)

    assert 0 == bring_back(city.keys_home, copy, asks, stores(city), 0).entries


def test_a_lost_store_stops_both_programs(city: City) -> None:
    running(city)
    city.close()
    shutil.rmtree(stores(city))

    with pytest.raises(LedgerError, match="holds no head"):
        keeper(city)
    city.keeper = keeper(city, store=False)
    with pytest.raises(LedgerError, match="holds no head"):
        office(city, city.keeper)


def test_a_store_that_is_put_back_from_a_kept_head_lets_them_start(city: City) -> None:
    running(city)
    note, vkey = city.keeper.checkpoint(), city.keeper.verifier
    city.close()
    shutil.rmtree(stores(city))

    Store(stores(city), vkey).put_back(note)

    city.keeper = keeper(city)
    city.office = office(city, city.keeper, store=False)


def test_a_restored_office_is_refused_until_its_entries_are_back(city: City, kept: Path) -> None:
    evening(city)
    export = dict(city.office.export())
    city.office.close()
    shutil.rmtree(city.office_home)
    backup.restore(kept / "office", CHEAP, city.office_home)

    with pytest.raises(LedgerBehind):
        office(city, city.keeper)
    again = office(city, city.keeper, store=False)

    def read(path: str) -> bytes:
        if path not in export:
            raise NotFound(f"{path}: it is missing")
        return export[path]

    back = desk.take_back(again, read)
    again.close()
    city.office = office(city, city.keeper)

    assert back.entries > 0
    assert 2 == back.carriers
    assert "carrier.lost" in city.types("office")


def test_a_restored_machine_starts_again(city: City, kept: Path) -> None:
    """Both homes were lost and nothing was written since the backups."""
    city.close()
    shutil.rmtree(city.office_home)
    shutil.rmtree(city.keys_home)
    backup.restore(kept / "office", CHEAP, city.office_home)
    backup.restore(kept / "keys", CHEAP, city.keys_home)
    backup.restore(kept / "wrapping", CHEAP, city.keys_home / "wrapping")
    running(city)

    city.hand_over()
    city.clock.set("2022-06-21 18:00")
    assert city.ask()
    assert city.open_roll()


def test_the_three_files_have_three_keys(kept: Path) -> None:
    wrapped = {backup.header_of(kept / kind).key.sealed for kind in backup.KINDS}

    assert 3 == len(wrapped)


def test_no_key_leaves_before_its_head_is_stored_and_no_revocation_waits_for_it(
    city: City,
) -> None:
    running(city)
    city.office.close()
    city.office = office(city, city.keeper, store=False)  # only the keys' store is away
    city.hand_over()
    city.clock.set("2022-06-21 18:00")
    shutil.rmtree(stores(city))
    stores(city).write_bytes(b"")

    with pytest.raises(AzukariError):
        city.ask()
    city.keeper.revoke("0" * 25 + "9", city.person("officer"), city.carriers, None)

    assert "carrier.revoked" == city.types("keys")[-1]


def test_a_restored_key_service_hears_again_of_every_kind_of_document_it_believes(
    city: City,
) -> None:
    """A kind that nobody tells it again would be forgotten with the first lost disk."""
    told = {doc.Status, *desk._AGAIN}  # the newest status statement is made anew with every act
    for kind, uses in doc.SIGNED_BY.items():
        word = f"application/vnd.azukari.{kind.__name__.lower()}.v1+json"
        forged = sign(b"{}", word, [SigningKey.generate(use) for use in uses])
        with pytest.raises((BadFormat, BadSignature)) as refused:
            city.keeper.believe([forged])

        assert (kind in told) == ("has no use for" not in str(refused.value)), kind
