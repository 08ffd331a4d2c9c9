"""The key service on another host with another administrator: what each of the two can do alone.

Both programs are real, and the line between them; `cosigned` is the rule by which a key leaves.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.hostile import hands

from azukari.desk import apart, audit
from azukari.errors import LedgerBehind, LedgerFork, Unreachable
from azukari.keys.door import Door
from azukari.keys.offer import Service
from azukari.keys.remote import RemoteKeys
from azukari.keys.service import grant_key
from azukari.seal.envelope import SigningKey, Use
from azukari.vault import records

pytestmark = pytest.mark.real


@dataclass
class Hosts:
    """An office's machine and a key service's; each administrator is root on one of them."""

    city: Any
    images: Path
    ask: SigningKey = field(default_factory=lambda: SigningKey.generate(Use.ASK))
    answer: SigningKey = field(default_factory=lambda: SigningKey.generate(Use.ANSWER))
    line: Callable[[bytes], bytes] = field(init=False)
    words: list[str] = field(default_factory=list)  # of each question, and what came of it

    def start(self) -> None:
        """Both programs new: neither remembers anything but what lies on its host."""
        now, keeper = self.city.clock.now, self.city.keeper
        door = Door(keeper, self.answer, self.ask.public, now, cosigned=True)

        def line(message: bytes) -> bytes:
            word, answer = door.answer(message)
            self.words.append(word)
            return answer

        self.line = line
        origin, grant = keeper.head().origin, grant_key(self.city.keys_home)
        service = Service(origin, self.answer.public, grant, keeper.verifier)
        keys = RemoteKeys(service, self.ask, lambda message: self.line(message), now)
        self.city.office = replace(self.city.office, keys=keys)
        apart.join(self.city.office, keys, None)

    def copy(self) -> None:
        """An image of both hosts; each administrator keeps their own."""
        self.city.close()
        for home in (self.city.office_home, self.city.keys_home):
            shutil.copytree(home, self.images / home.name)
        self.city.open()
        self.start()

    def by_hand(self, change: Callable[[], None]) -> None:
        """Something done to the files while both programs stand still."""
        self.city.close()
        change()
        self.city.open()
        self.start()

    def put_back(self, home: Path) -> None:
        def change() -> None:
            shutil.rmtree(home)
            shutil.copytree(self.images / home.name, home)

        self.by_hand(change)

    def released(self) -> int:
        return int(self.city.types("keys").count("key.released"))


@pytest.fixture
def hosts(at_six: Any, tmp_path: Path) -> Hosts:
    made = Hosts(at_six, tmp_path / "images")
    made.start()
    made.copy()
    return made


def test_roll_back_a_release_at_the_keys_host(hosts: Hosts) -> None:
    """The office's copy has it: the first question is refused, and the audit says what is gone."""
    hosts.city.ask()
    hosts.put_back(hosts.city.keys_home)

    with pytest.raises(LedgerBehind, match="lacks what it showed this office"):
        hosts.city.ask(one_time_key=hosts.city.one_time_keys[1])

    assert 0 == hosts.released()


def test_roll_back_a_release_before_the_office_holds_its_entry(hosts: Hosts) -> None:
    """Impossible: until the office has signed that it holds the entry, the key has not left."""
    whole = hosts.line

    def cut(message: bytes) -> bytes:
        answer = whole(message)
        if hosts.words[-1].startswith("grant"):
            hosts.line = nobody
        return answer

    def nobody(_: bytes) -> bytes:
        raise Unreachable("the line is cut as soon as the entry stands")

    hosts.line = cut
    with pytest.raises(Unreachable):
        hosts.city.ask()

    assert 1 == hosts.released()
    assert "grant acknowledge" == hosts.words[-1]  # and not "grant done": nothing was in it
    hosts.put_back(hosts.city.keys_home)
    assert 0 == hosts.released()
    assert hosts.city.ask()  # asked anew, and now the office holds the entry first
    assert hosts.city.keeper.entries(0) == _copied(hosts)


def _copied(hosts: Hosts) -> list[bytes]:
    with hosts.city.office.act() as tx:
        return records.keys_entries(tx)


def test_replace_the_office_s_copy_at_the_office_s_host(hosts: Hosts) -> None:
    """The key service notices by what the office says that it holds, and lets nothing out."""
    hosts.city.ask()
    made = hosts.city.keeper.entries(0)
    made[-1] = hands.changed(made[-1], by="0" * 26)
    hosts.by_hand(lambda: hands.remake(hosts.city.office_home / "office.db", made, "keys_"))

    with pytest.raises(LedgerFork, match="is another than it showed this office"):
        hosts.city.ask(one_time_key=hosts.city.one_time_keys[1])

    assert 1 == hosts.released()


def test_put_the_office_s_host_back(hosts: Hosts) -> None:
    """The keys' ledger, on the other host, has the release that no entry of the office asks for."""
    hosts.city.ask()
    hosts.put_back(hosts.city.office_home)

    found = audit.audit(hosts.city.office)

    assert ["key.released is unpaired: no grant.issued"] == [one.what for one in found]
    assert ["the other ledger"] == [one.by for one in found]


def test_make_the_keys_ledger_anew_at_its_host(hosts: Hosts) -> None:
    """Signed with the stolen key, and as long as before: the office's copy is not so."""
    hosts.city.ask()
    made = hosts.city.keeper.entries(0)
    made[0] = hands.changed(made[0], by="0" * 26)
    hosts.by_hand(lambda: hands.remake(hosts.city.keys_home / "keys.db", made))

    [found] = audit.audit(hosts.city.office)

    assert ("keys", 0, "the office's copy") == (found.ledger, found.index, found.by)
    assert "edited: key.created was there" in found.what
    assert found.what.endswith("the copy is what was quoted")
    with pytest.raises(LedgerFork):
        hosts.city.ask(one_time_key=hosts.city.one_time_keys[1])
