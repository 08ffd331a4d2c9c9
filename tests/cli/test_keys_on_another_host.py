"""An office and its key service in two processes, with a HOME each: the night, and its worst hour.

The clock of both is the story's, moving as the machine's does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from azukari import settings
from azukari.desk import apart, post
from azukari.keys import service
from azukari.keys.keeper import Keeper
from azukari.keys.offer import offer
from azukari.ledger.entry import decode
from azukari.rehearse.clock import ms
from azukari.rehearse.house import CALL, ORIGIN
from azukari.seal.envelope import SigningKey, Use, base64_of, canonical
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.shelf import keyring
from azukari.web.serve import free_port

pytestmark = pytest.mark.real

SERVE = """
import sys, time
from azukari.cli import main
base, began = int(sys.argv[1]), float(sys.argv[2])
sys.exit(main(sys.argv[3:], lambda: base + int((time.time() - began) * 1000)))
"""
CLERK, OFFICER = "clerk", "officer"


@dataclass
class Apart:
    """Two homes with a line between them."""

    site: Any
    run: Any
    port: int
    began: float = field(default_factory=time.time)
    base: int = ms("2022-06-21 16:30")
    program: subprocess.Popen[bytes] | None = None
    word: tuple[str, ...] = ("keys", "serve")

    @property
    def office(self) -> Path:
        return Path(self.site.out) / "sites" / "office"

    @property
    def keys(self) -> Path:
        return Path(self.site.out) / "sites" / "keys"

    def now(self) -> int:
        return self.base + int((time.time() - self.began) * 1000)

    def at(self, text: str) -> None:
        """Let the story go on at another hour; the key service is told when it starts."""
        self.base, self.began = ms(text), time.time()

    def start(self, *, locked: bool = False) -> None:
        line = [sys.executable, "-c", SERVE, str(self.base), str(self.began), *self.word]
        line += ["--json", "--home", str(self.keys), "--port", str(self.port)]
        read, write = os.pipe()
        os.write(write, self.site.secrets["keys"] + b"\n")
        os.close(write)
        line += ["--locked"] if locked else ["--passphrase-fd", str(read)]
        self.program = subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[read]
        )
        os.close(read)
        assert self.program.stdout is not None
        told = b""
        while b"}" not in told:
            told += (byte := self.program.stdout.read(1))
            assert byte, "the key service ended"
        assert json.loads(told)["port"] == self.port

    def kill(self) -> None:
        if self.program is not None:
            self.program.kill()
            self.program.communicate(timeout=20)
            self.program = None

    def call(self, *words: object, home: Path | None = None, **secrets: bytes) -> Any:
        return self.run(*words, "--home", home or self.office, now=self.now, **secrets)

    def by(self, name: str, *words: object, **more: Any) -> Any:
        return self.call(*words, "--as", name, person_fd=self.site.secrets[name], **more)

    def types(self) -> list[str]:
        keeper = service.open_keys(self.keys, None, self.now)
        try:
            return [decode(line).type for line in keeper.entries(0)]
        finally:
            keeper.close()


@pytest.fixture
def two(
    ordered_site: Any,
    copy_site: Callable[[Any, Path], Any],
    run: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Apart]:
    """The rehearsal's office and keys, moved apart; the key service runs, unlocked."""
    site = copy_site(ordered_site, tmp_path / "city")
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    made = Apart(site, run, free_port("127.0.0.1", 0))
    _move_apart(made, tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.kill()


def _move_apart(made: Apart, tmp_path: Path) -> None:
    """What set-up does, to homes that have a history already."""
    answer = keyring.new_signing_key(made.keys / "answer.key", Use.ANSWER)
    grant = keyring.signing_key(made.keys / "grant.key", Use.GRANT)
    keeper: Keeper = service.open_keys(made.keys, None, made.now)
    city = keeper.believed.pinned
    ask = apart.introduce(made.office, offer(f"{ORIGIN}/keys", keeper.verifier, answer, grant))
    keeper.close()
    page = json.loads((made.keys / "pinned.json").read_bytes())
    page["ask"] = base64_of(ask.public.der)
    (made.keys / "pinned.json").write_bytes(canonical(page))
    stores = made.site.out / "stores"
    for home, store in ((made.office, stores), (made.keys, tmp_path / "keys-store")):
        (home / settings.FILE).unlink()
        store.mkdir(exist_ok=True)
    for one in stores.iterdir():
        (tmp_path / "keys-store" / one.name).write_bytes(one.read_bytes())
    settings.write(
        made.office,
        settings.Settings(
            site="office",
            city=city.city,
            call=CALL,
            origin=f"{ORIGIN}/office",
            keys_url=f"http://127.0.0.1:{made.port}",
            checkpoint_store="../../stores",
        ),
    )
    settings.write(
        made.keys,
        settings.Settings(
            site="keys", origin=f"{ORIGIN}/keys", checkpoint_store=str(tmp_path / "keys-store")
        ),
    )


def _sealed(two: Apart, tmp_path: Path) -> str:
    """Seal a carrier by hand; its label."""
    stick = tmp_path / "stick"
    stick.mkdir()
    assert 0 == two.by(CLERK, "medium", "register", "M-0001", stick).code
    ran = two.by(CLERK, "carrier", "seal", stick, "--tag", "M-0001", "--order", two.site.order)
    assert 0 == ran.code, ran.err
    return str(ran.out.split()[1])


def _carrier(two: Apart, label: str) -> str:
    found = json.loads(two.call("carrier", "list", "--json").out)
    return next(str(row["carrier"]) for row in found if row["label"] == label)


def test_sealed_granted_lost_while_the_key_service_is_away(two: Apart, tmp_path: Path) -> None:
    label = _sealed(two, tmp_path)
    assert ["key.created", "key.released.seal", "key.bound"] == two.types()[-3:]
    two.kill()
    lost = two.by(OFFICER, "incident", "declare", "--carrier", label, "--yes", label)
    assert 0 == lost.code, lost.err
    assert "NOT YET REVOKED" in lost.out
    assert "carrier.revoked" not in two.types()
    assert "nothing to do" in two.call("tick").out

    two.word = ("serve",)  # at a keys site it is the same
    two.start(locked=True)

    assert "finished: act" in two.call("tick").out
    assert "carrier.revoked" == two.types()[-1]
    assert "findings: none" in two.call("ledger", "audit").out


def _engineer(two: Apart) -> None:
    """The holder's key knows whose it is, as at their own site."""
    found = json.loads(two.call("order", "show", two.site.order, "--json").out)
    (two.site.persons / "engineer.id").write_text(found["holder"])


def _told_of_the_keys(two: Apart) -> Path:
    """The contractor's home, with a trust bundle that names the key service and its address."""
    home: Path = two.site.out / "sites" / "contractor"
    root = SigningKey.generate(Use.ROOT)
    answer = keyring.signing_key(two.keys / "answer.key", Use.ANSWER).public
    start, end = two.now() - 86_400_000, two.now() + 86_400_000
    bundle = TrustBundle(1, 1, start, end, [trusted(answer, start, end)], [])
    city = settings.load(home).city
    for name in ("trust.json", "root.pub", settings.FILE):
        (home / name).unlink(missing_ok=True)
    post.pin(home, root.public, issue_bundle(bundle, root))
    url = f"http://127.0.0.1:{two.port}"
    settings.write(home, settings.Settings(site="contractor", city=city, keys_url=url))
    return home


def test_a_contractor_revokes_at_the_key_service_while_the_office_is_down(
    two: Apart, tmp_path: Path
) -> None:
    label = _sealed(two, tmp_path)
    carrier, home = _carrier(two, label), _told_of_the_keys(two)
    _engineer(two)
    declare = ("incident", "declare", "--in-the-bag", "no", "--to", tmp_path, "--carrier")

    by_label = two.by("engineer", *declare, label, home=home)
    assert "carrier_not_by_id" in by_label.err
    assert "NOTHING IS REVOKED YET" in by_label.err
    said = two.by("engineer", *declare, carrier, "--json", home=home)

    assert 0 == said.code, said.err
    assert [carrier] == json.loads(said.out)["revoked"]
    assert "carrier.revoked" == two.types()[-1]
    brought = two.call("incident", "declare", "--file", json.loads(said.out)["file"])
    assert 0 == brought.code, brought.err
    assert "revoked" in brought.out
    assert 1 == two.types().count("carrier.revoked")
    assert "findings: none" in two.call("ledger", "audit").out


def test_a_file_that_is_brought_to_the_keys_own_host_revokes_there(
    two: Apart, tmp_path: Path
) -> None:
    carrier = _carrier(two, _sealed(two, tmp_path))
    _engineer(two)
    home = two.site.out / "sites" / "contractor"
    declare = ("incident", "declare", "--in-the-bag", "no", "--to", tmp_path, "--carrier", carrier)
    said = two.by("engineer", *declare, "--json", home=home)
    file = json.loads(said.out)["file"]
    two.kill()

    taken = two.call("keys", "revoke", "--loss", file, home=two.keys)

    assert 0 == taken.code, taken.err
    assert f"{carrier}: revoked" in taken.out
    assert "carrier.revoked" == two.types()[-1]
    both = two.call("keys", "revoke", carrier, "--loss", file, home=two.keys)
    assert 0 != both.code


def test_a_grant_is_given_across_and_not_after_a_revocation_at_the_keys(
    two: Apart, tmp_path: Path
) -> None:
    label = _sealed(two, tmp_path)
    asked = _asked(two, label)
    given = two.by(CLERK, "grant", "issue", *asked, "--to", tmp_path / "first")
    assert 0 == given.code, given.err
    carrier = _carrier(two, label)

    revoked = two.by(OFFICER, "keys", "revoke", carrier, home=two.keys)

    assert (0, f"{carrier}: revoked\n") == (revoked.code, revoked.out)
    again = two.by(CLERK, "grant", "issue", *asked, "--to", tmp_path / "second")
    assert 9 == again.code
    assert "carrier_is_revoked" in again.err
    assert "finished: act" in two.call("tick").out
    assert "LOST" in two.call("carrier", "list").out.upper()
    assert "findings: none" in two.call("ledger", "audit").out


def test_revoked_at_the_keys_while_the_office_is_down_and_restored_by_two(
    two: Apart, tmp_path: Path
) -> None:
    label = _sealed(two, tmp_path)
    carrier = _carrier(two, label)
    two.kill()
    assert 0 == two.by(OFFICER, "keys", "revoke", carrier, home=two.keys).code
    keys = {"home": two.keys, "passphrase_fd": two.site.secrets["keys"]}
    both = two.site.secrets[OFFICER] + b"\n" + two.site.secrets["approver_1"]

    alone = two.call(
        *("keys", "restore", carrier, "--as", OFFICER, "--with", OFFICER),
        person_fd=two.site.secrets[OFFICER] + b"\n" + two.site.secrets[OFFICER],
        **keys,
    )
    ran = two.call(
        *("keys", "restore", carrier, "--as", OFFICER, "--with", "approver_1"),
        person_fd=both,
        **keys,
    )

    assert 9 == alone.code
    assert "two_persons_needed" in alone.err
    assert 0 == ran.code, ran.err
    assert "carrier.restored" == two.types()[-1]


def test_a_key_is_destroyed_only_by_who_types_its_name(two: Apart, tmp_path: Path) -> None:
    carrier = _carrier(two, _sealed(two, tmp_path))
    keys = {"home": two.keys, "passphrase_fd": two.site.secrets["keys"]}

    wrong = two.by(OFFICER, "keys", "shred", carrier, "--yes", carrier[:-1], **keys)
    ran = two.by(OFFICER, "keys", "shred", carrier, "--yes", carrier, **keys)

    assert (9, 0) == (wrong.code, ran.code)
    assert "not_confirmed" in wrong.err
    assert "file backend" in ran.out
    assert not (two.keys / "wrapping" / carrier).exists()


def test_attack_a_contractors_person_at_the_key_service(two: Apart, tmp_path: Path) -> None:
    carrier = _carrier(two, _sealed(two, tmp_path))

    ran = two.by("engineer", "keys", "revoke", carrier, home=two.keys)

    assert 9 == ran.code
    assert "person_not_of_city" in ran.err
    assert "carrier.revoked" not in two.types()


def test_a_killed_key_service_started_locked_gives_no_key(two: Apart, tmp_path: Path) -> None:
    two.kill()
    two.start(locked=True)
    stick = tmp_path / "stick"
    stick.mkdir()
    two.by(CLERK, "medium", "register", "M-0001", stick)

    ran = two.by(CLERK, "carrier", "seal", stick, "--tag", "M-0001", "--order", two.site.order)

    assert 12 == ran.code
    assert not (stick / "azukari" / "envelope.json").exists()
    assert "key.created" not in two.types()[-1:]


def test_a_key_service_whose_disk_died_learns_again_from_the_offices_export(
    two: Apart, tmp_path: Path
) -> None:
    word: dict[str, Any] = {"home": two.keys, "backup_fd": b"of the backups"}
    for what in ("keys", "wrapping"):
        assert 0 == two.call("backup", what, tmp_path / what, **word).code
    carrier = _carrier(two, _sealed(two, tmp_path))
    lost = two.by(OFFICER, "keys", "revoke", carrier, home=two.keys)
    assert 0 == lost.code, lost.err
    two.call("tick")
    two.kill()
    shutil.rmtree(two.keys)
    # Nobody exported before: the office's copy is what there is.
    assert 0 == two.call("ledger", "export", tmp_path / "kept").code

    back = [two.call("restore", tmp_path / what, **word) for what in ("keys", "wrapping")]
    assert [0, 0] == [ran.code for ran in back], back[0].err
    assert "not serving yet" in back[1].err
    assert 18 == two.call("keys", "serve", "--locked", home=two.keys).code
    learnt = two.call("restore", tmp_path / "kept" / "keys", home=two.keys)

    assert 0 == learnt.code, learnt.err
    assert re.search("revoked again +1", learnt.out)
    two.start()
    assert "findings: none" in two.call("ledger", "audit").out
    assert "carrier.revoked" in two.types()


def _asked(two: Apart, label: str) -> list[str]:
    """What a grant for the call centre's operator is asked with."""
    path = two.site.persons / "operator.key"
    key = keyring.signing_key(path, Use.PERSON, two.site.secrets["operator"])
    keeper = service.open_keys(two.keys, None, two.now)
    operator = keeper.believed.owner_of(key.public)
    keeper.close()
    assert operator is not None
    return [label, "--person", operator.id, "--role", "operator"]
