"""A whole small city for stories: built once with the real procedures, copied for every test.

Nothing here is imported before a test asks for it, so that the rooms below stay quick to test.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.ledger.exports import Stranger
    from tests.postgres import Server

    from azukari.desk.device import OpenDevice
    from azukari.desk.enquire import Opened
    from azukari.desk.loss import Declared, Incident
    from azukari.desk.office import Office
    from azukari.keys.keeper import Keeper
    from azukari.rehearse.cast import Cast
    from azukari.rehearse.clock import StoryClock
    from azukari.roll.columns import Roll
    from azukari.seal.documents import Document, Order
    from azukari.seal.envelope import Signer

RESIDENTS = 120
AFTER_SEALING = "2022-06-21 17:00"
IN_THE_WINDOW = "2022-06-21 18:00"
RETURN_BY = "2022-06-21 20:30"


@dataclass
class City:
    """Office, key service and one device, open; two carriers sealed and still at the city."""

    out: Path
    clock: StoryClock
    cast: Cast
    passphrase: bytes
    city: str
    device: str
    agreements: dict[str, str]
    order: Order
    roll: str
    determination: str
    carriers: list[str]
    one_time_keys: list[str]
    office_on: str = ""  # a server's database, else a file
    keys_on: str = ""
    office: Office = field(init=False)
    keeper: Keeper = field(init=False)
    _devices: list[OpenDevice] = field(default_factory=list)

    @property
    def media(self) -> list[Path]:
        return [self.out / "carriers" / name for name in ("main", "backup")]

    @property
    def device_home(self) -> Path:
        return self.out / "sites" / "call-centre"

    @property
    def keys_home(self) -> Path:
        return self.out / "sites" / "keys"

    @property
    def office_home(self) -> Path:
        return self.out / "sites" / "office"

    def person(self, name: str) -> str:
        """The id of somebody in the cast."""
        return self.cast.people[name]

    def open(self, *, locked: bool = False) -> None:
        """Start both programs."""
        from azukari.desk.office import open_office
        from azukari.keys.service import open_keys
        from azukari.rehearse.house import CALL, ORIGIN

        secret = None if locked else self.passphrase
        self.keeper = open_keys(self.keys_home, secret, self.clock.now, database=self.keys_on)
        self.office = open_office(
            self.office_home,
            city=self.city,
            call=CALL,
            origin=f"{ORIGIN}/office",
            keys=self.keeper,
            now=self.clock.now,
            database=self.office_on,
        )

    def close(self) -> None:
        for device in self._devices:
            device.close()
        self._devices.clear()
        self.office.close()
        self.keeper.close()

    def restart(self, *, locked: bool = False) -> None:
        """Stop and start both programs: only what is durable is known afterwards."""
        self.close()
        self.open(locked=locked)

    def hand_over(self) -> None:
        """Both carriers travel to the call centre and are received there."""
        from azukari.desk.custody import pass_on

        hand = self.cast.hand
        for carrier in self.carriers:
            pass_on(self.office, carrier, "hand-over", hand("clerk"), hand("engineer"))
            pass_on(self.office, carrier, "receive", hand("engineer"), hand("supervisor"))

    def ask(self, **changed: Any) -> bytes:
        """The evening's grant for the main carrier, or one that differs in what keywords say."""
        from azukari.desk import grant as grants

        return grants.issue(self.office, self.carriers[0], **(self.asked() | changed))

    def asked(self) -> dict[str, Any]:
        """What the office asks for when nothing is wrong."""
        from azukari.rehearse.clock import ms

        return {
            "person": self.person("operator"),
            "role": "operator",
            "device": self.device,
            "one_time_key": self.one_time_keys[0],
            "not_before": ms(IN_THE_WINDOW),
            "not_after": ms(RETURN_BY),
            "by": self.person("clerk"),
        }

    def open_device(self) -> OpenDevice:
        """The call centre's device; closed with the city."""
        from azukari.desk.device import open_device

        device = open_device(self.device_home, self.clock.now)
        self._devices.append(device)
        return device

    def opened(self, *, device: OpenDevice | None = None, role: str = "operator") -> Opened:
        """The main carrier, opened by the book."""
        from azukari.desk.enquire import open_carrier

        person = self.person("operator" if role == "operator" else "supervisor")
        grant = self.ask(role=role, person=person)
        hand = self.cast.signer("operator" if role == "operator" else "supervisor")
        return open_carrier(device or self.open_device(), self.media[0], grant, hand)

    def declared(self, **changed: Any) -> Declared:
        """What the officer on duty says of a loss."""
        from azukari.desk.loss import Declared
        from azukari.rehearse.clock import ms

        said: dict[str, Any] = {
            "by": self.person("officer"),
            "known_at": ms("2022-06-22 03:00"),
            "last_held_at": ms("2022-06-21 22:30"),
            "lost_before": ms("2022-06-22 03:00"),
            "in_the_bag": None,
        }
        return Declared(**(said | changed))

    def lose(self, **changed: Any) -> Incident:
        """Both carriers are gone, and the office is told."""
        from azukari.desk.loss import declare

        return declare(self.office, self.carriers, self.declared(**changed))

    def open_roll(self) -> Roll:
        from azukari.desk.take_in import open_roll

        return open_roll(self.office, self.roll, self.person("officer"))

    def new_order(self, **changed: Any) -> Order:
        """Another order like the evening's, requested at the office."""
        from msgspec.structs import replace as restruct

        from azukari.desk.order import request
        from azukari.names import new_id

        order = restruct(
            self.order, **({"id": new_id(), "requested_at": self.clock.now()} | changed)
        )
        names = {person: name for name, person in self.cast.people.items()}
        request(self.office, order, self.cast.signer(names[order.requester]))
        return order

    def approval(
        self, order: Order, by: str, signer: Signer | None = None, **changed: Any
    ) -> bytes:
        """An approval as somebody in the cast would sign it, made outside the office."""
        from azukari.names import new_id
        from azukari.seal import documents as doc

        said: dict[str, Any] = {
            "id": new_id(),
            "order": order.id,
            "order_sha256": doc.digest(order),
            "approver": self.person(by),
            "at": self.clock.now(),
            "expires_at": order.expires_at,
        }
        return doc.issue(doc.Approval(**(said | changed)), signer or self.cast.signer(by))

    def entry(
        self,
        signer: Signer,
        *,
        hands: list[str] | None = None,
        by: Signer | None = None,
        **changed: Any,
    ) -> bytes:
        """The entry of somebody new of the city, with every hand it names.

        ``hands``: others sign in their place; ``by``: another key signs in the newcomer's.
        """
        import base64

        from azukari.names import new_id
        from azukari.seal import documents as doc

        two = [self.person("clerk"), self.person("officer")]
        said: dict[str, Any] = {
            "id": new_id(),
            "party": self.city,
            "states_employer": self.city,
            "public": base64.b64encode(signer.public.der).decode(),
            "roles": ["approver"],
            "vouched_by": (changed.get("enrolled_by") or two)[-1],
            "enrolled_by": two,
            "enrolled_at": self.clock.now(),
        }
        person = doc.Person(**(said | changed))
        names = {known: name for name, known in self.cast.people.items()}
        if hands is None:
            hands = [names[one] for one in sorted(doc.admitting(person)) if one in names]
        others = [self.cast.signer(name) for name in hands]
        return doc.issue(person, self.office.signers["enrol"], by or signer, *others)

    def by_order_key(self, document: Document) -> bytes:
        """A document under the city's order key alone."""
        from azukari.seal import documents as doc

        return doc.issue(document, self.office.signers["order"])

    def types(self, which: str) -> list[str]:
        """The types of a ledger's entries, oldest first; ``which``: office or keys."""
        return [entry.type for entry in self.entries(which)]

    def entries(self, which: str) -> list[Any]:
        from azukari.ledger.entry import decode

        if which == "keys":
            return [decode(line) for line in self.keeper.entries(0)]
        with self.office.act() as tx:
            size = self.office.book.head(tx).size
            return [decode(line) for line in self.office.book.entries(tx, 0, size)]


def _first_word(night: Any) -> None:
    """The city's word of the day, with the first of all serials: tests count on from there."""
    from azukari.desk.order import status

    night.house.keeper.believe([status(night.house.office, 1, [])])


@pytest.fixture(scope="session")
def stretched_once() -> Iterator[None]:
    """The same passphrase with the same salt is stretched once: copies are opened all the time.

    The result is that of the real cost, so that other processes open the same copies.
    """
    from functools import cache

    from azukari.keys import backends

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "_stretch", cache(backends._stretch))
        yield


@pytest.fixture(scope="session")
def sealed_city(stretched_once: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city at 17:00, closed; nobody works in it, everybody copies it."""
    return _sealed(tmp_path_factory.mktemp("city"))


@pytest.fixture
def city_on_a_server(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[City]:
    """The same, not copied but made on a server, both programs running."""
    made = _sealed(tmp_path / "city", new_database(), new_database())
    made.clock.set(AFTER_SEALING)
    made.open()
    yield made
    made.close()


def _sealed(out: Path, office_on: str = "", keys_on: str = "") -> City:
    from azukari.rehearse import house as houses
    from azukari.rehearse import night as chapters
    from azukari.rehearse.clock import StoryClock

    clock = StoryClock("2022-04-01 09:00")
    night = chapters.Night(out, RESIDENTS, 7, clock, say=lambda _: None)
    chapters.invented_city(night)
    clock.set("2022-04-01 10:00")
    night.house = houses.build(out, clock, office_on=office_on, keys_on=keys_on)
    for chapter in (
        chapters.taken_in,
        chapters.decided,
        _first_word,
        chapters.ordered_and_sealed,
    ):
        chapter(night)
    house = night.house
    house.close()
    keys = sorted(path.stem for path in (house.device_home / "one-time").iterdir())
    return City(
        out=out,
        clock=clock,
        cast=house.cast,
        passphrase=house.passphrase,
        city=house.office.city,
        device=house.device,
        agreements=house.agreements,
        order=night.order,
        roll=night.taken.roll,
        determination=night.decided.determination,
        carriers=[carrier.carrier for carrier in night.sealed],
        one_time_keys=keys,
        office_on=office_on,
        keys_on=keys_on,
    )


@pytest.fixture(scope="session")
def received_city(sealed_city: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The same, closed again after both carriers were received at the call centre."""
    made = _copy(sealed_city, tmp_path_factory.mktemp("received") / "city")
    made.hand_over()
    made.close()
    return made


@pytest.fixture
def city(sealed_city: City, tmp_path: Path) -> Iterator[City]:
    """A copy of the city at 17:00 on 21 June 2022, both programs running."""
    made = _copy(sealed_city, tmp_path / "city")
    yield made
    made.close()


@pytest.fixture
def at_six(received_city: City, tmp_path: Path) -> Iterator[City]:
    """The city at 18:00: both carriers received at the call centre, the window begins."""
    made = _copy(received_city, tmp_path / "city")
    made.clock.set(IN_THE_WINDOW)
    yield made
    made.close()


@pytest.fixture
def another(sealed_city: City, tmp_path: Path) -> Iterator[Callable[[], City]]:
    """Further copies, for what must be compared or tried many times."""
    made: list[City] = []

    def copy() -> City:
        made.append(_copy(sealed_city, tmp_path / f"city-{len(made)}"))
        return made[-1]

    yield copy
    for each in made:
        each.close()


def _copy(base: City, out: Path) -> City:
    from azukari.rehearse.clock import StoryClock
    from azukari.vault import records

    shutil.copytree(base.out, out)
    made = replace(
        base,
        out=out,
        clock=StoryClock(AFTER_SEALING),
        cast=replace(base.cast, folder=out / "persons"),
        _devices=[],
    )
    made.open()
    with made.office.act() as tx:
        for carrier, medium in zip(made.carriers, made.media, strict=True):
            records.change_carrier(tx, carrier, medium=str(medium))
    return made


@pytest.fixture(scope="session")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier of tests/verifiers, built once; skips where there is no Go."""
    import subprocess

    built = tmp_path_factory.mktemp("verifier") / "azukari-verify"
    script = Path(__file__).parents[1] / "tools" / "verifier.sh"
    ran = subprocess.run([script, built], capture_output=True, text=True, check=False)
    if ran.returncode == 3:
        pytest.skip("no Go with golang.org/x/mod on this machine")
    assert ran.returncode == 0, ran.stderr
    return built


@pytest.fixture
def stranger(go_verifier: Path, tmp_path: Path) -> Stranger:
    """That verifier, and an empty folder for what it is given."""
    from tests.ledger.exports import Stranger

    return Stranger(go_verifier, tmp_path)


@dataclass
class Mailbox:
    """A mail server of our own on this machine, and what it was given."""

    route: Any  # azukari.shelf.mailing.Route
    handler: Any
    stop: Callable[[], None]

    @property
    def mails(self) -> list[Any]:
        """Each as `email` reads it, with the address it was given for beside it."""
        import email
        from email.policy import SMTP

        return [email.message_from_bytes(raw, policy=SMTP) for _, raw in self.handler.taken]

    @property
    def to(self) -> list[str]:
        return [address for address, _ in self.handler.taken]


class _Taking:
    """Keeps mails; ``answer`` is what it says instead of taking the next ones."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answer = ""
        self.secure: list[bool] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.answer:
            return self.answer
        self.secure.append(session.ssl is not None)
        self.taken += [(address, bytes(envelope.content)) for address in envelope.rcpt_tos]
        return "250 OK"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of our own, for as long as the tests run."""
    from tests.postgres import started

    with started() as server:
        yield server


@pytest.fixture
def new_database(postgres: Server) -> Iterator[Callable[[], str]]:
    """Gives addresses of empty databases on that server."""
    given: list[str] = []

    def new() -> str:
        given.append(postgres.database())
        return given[-1]

    yield new
    for address in given:
        postgres.give_back(address)


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[Callable[..., Mailbox]]:
    """Starts mail servers: with TLS or without, with a user or without."""
    import ssl

    pytest.importorskip("aiosmtpd", reason="aiosmtpd is not installed: make test installs it")
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    from azukari.shelf.mailing import Route
    from azukari.web.serve import free_port

    running: dict[int, Controller] = {}

    def stop(port: int) -> None:
        running.pop(port).stop()

    def start(*, tls: bool = True, login: tuple[str, str] | None = None, **said: Any) -> Mailbox:
        handler, how = _Taking(), dict[str, Any]()
        if tls:
            how["tls_context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            how["tls_context"].load_cert_chain(_certificate(tmp_path))

        def known(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
            right = login is not None and (given.login, given.password) == tuple(
                word.encode() for word in login
            )
            return AuthResult(success=right, handled=False)

        controller = Controller(
            handler,
            hostname="127.0.0.1",
            port=free_port("127.0.0.1", 0),
            authenticator=known,
            auth_required=login is not None,
            **how,
        )
        controller.start()
        running[controller.port] = controller
        ca = tmp_path / "mail.pem" if tls else None
        route = Route("localhost", controller.port, "azukari@kakuu.example", ca=ca)
        return Mailbox(replace(route, **said), handler, partial(stop, controller.port))

    yield start
    for port in list(running):  # a test may have stopped one before
        stop(port)


def _certificate(folder: Path) -> Path:
    """A certificate and its key for this machine, in one file."""
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "mail.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*plain))
    return path
