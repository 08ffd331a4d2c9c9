"""The office's API, listening on a free loopback port, with a carrier sent by network."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from azukari.desk import order as orders
from azukari.desk import seal as seals
from azukari.desk import send
from azukari.entrust.order import NETWORK
from azukari.rehearse.house import TERMS, agreement
from azukari.seal.envelope import SigningKey
from azukari.seal.request import HEADER, Asked, sign_request
from azukari.shelf import download
from azukari.web import carriers, serve


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


@dataclass
class Door:
    """A running server, a device's view of it, and what it logged."""

    city: Any
    carrier: str
    sealed: Path
    port: int = 0
    log: list[str] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def shipment(self) -> str:
        return f"/carriers/{self.carrier}/shipment"

    def file(self, name: str) -> str:
        return f"/carriers/{self.carrier}/files/{name}"

    def part(self) -> tuple[str, bytes]:
        """The largest part: its name, and its bytes as sealed."""
        path = max(self.sealed.rglob("*.azs"), key=lambda one: one.stat().st_size)
        return path.relative_to(self.sealed).as_posix(), path.read_bytes()

    def identity(self) -> SigningKey:
        device = self.city.open_device()
        self.city._devices.remove(device)
        device.close()
        key: SigningKey = device.identity
        return key

    def mark(self, path: str, **other: Any) -> str:
        """The header of a request, right but for what keywords change."""
        known: dict[str, Any] = {"method": "GET", "range": "", "host": self.host, "path": path}
        asked = Asked(**{key: other.pop(key, value) for key, value in known.items()})
        device = other.pop("device", self.city.device)
        at = other.pop("at", self.city.clock.now())
        return sign_request(
            asked, device, at, other.pop("signer", None) or self.identity(), **other
        )

    def ask(self, path: str, header: str | None = None, **more: str) -> Answer:
        """One request on the wire; ``more``: method, range, host, if_range."""
        wanted = more.get("range", "")
        if header is None:
            header = self.mark(path, range=wanted)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.putrequest(
                more.get("method", "GET"),
                more.get("target", quote(path)),
                skip_host=True,
                skip_accept_encoding=True,
            )
            line.putheader("Host", more.get("host", self.host))
            if header:
                line.putheader(HEADER, header)
            if wanted:
                line.putheader("Range", wanted)
            if "if_range" in more:
                line.putheader("If-Range", more["if_range"])
            line.endheaders()
            answer = line.getresponse()
            return Answer(
                answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
            )
        finally:
            line.close()

    def source(self) -> download.Source:
        url = f"http://{self.host}"
        return download.Source(url, self.city.device, self.identity(), self.city.clock.now)

    def key_of(self, key: str) -> Any:
        known = self.city.office.signers["carrier"].public
        return known if known.id == key else None


@pytest.fixture
def sealed_for_network(city: Any, tmp_path: Path) -> Door:
    """A carrier sealed under an order by network, not sent; nobody listens."""
    from msgspec.structs import replace

    office, cast, now = city.office, city.cast, city.clock.now()
    terms = replace(TERMS, media=[NETWORK])
    first, above = agreement(office, cast, "", "city", "contractor", terms, now)
    lower = replace(terms, may_re_entrust=False, depth=0)
    second, below = agreement(office, cast, first, "contractor", "centre", lower, now)
    orders.enrol(office, above, below)
    city.keeper.believe([orders.status(office, now, [])])
    order = city.new_order(agreement=second, carriers=1, medium=NETWORK, media=[])
    for name in ("approver_1", "approver_2"):
        orders.approve(office, order.id, *cast.hand(name))
    clerk = city.person("clerk")
    cargo = seals.select_cargo(office, order.id, city.roll, city.determination, clerk)
    sealed = seals.seal(office, cargo, tmp_path / "sealed", clerk)
    return Door(city, sealed.carrier, tmp_path / "sealed")


@pytest.fixture
def unsent(sealed_for_network: Door) -> Iterator[Door]:
    """The same, and the office listens."""
    door = sealed_for_network
    door.port = serve.free_port("127.0.0.1", 0)
    app = carriers.api(door.city.office, door.host, door.log.append)
    ready = threading.Event()

    def started(stop: Callable[[], None]) -> None:
        door.stop = stop
        ready.set()

    thread = threading.Thread(
        target=serve.serve, args=(app, "127.0.0.1", door.port, started), daemon=True
    )
    thread.start()
    assert ready.wait(20)
    yield door
    door.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def door(unsent: Door, tmp_path: Path) -> Door:
    """The same, and the carrier was sent."""
    city = unsent.city
    send.send(city.office, unsent.carrier, tmp_path / "service", city.person("clerk"))
    return unsent
