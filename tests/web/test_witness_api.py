"""A witness that listens: the statuses and bodies of C2SP tlog-witness, on the wire."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from azukari.desk import cosigning, witnesses
from azukari.errors import BadInput, Unreachable
from azukari.ledger.checkpoint import Checkpoint, Signer, sign_note
from azukari.ledger.cosign import find_cosignature
from azukari.ledger.tree import consistency_proof, leaf_hash, root_of
from azukari.ledger.witnessing import MAX_REQUEST_BYTES, encode_request
from azukari.shelf import asking
from azukari.web import serve, witness
from azukari.witness import memory
from azukari.witness.site import Site, create, open_site

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/witness.json").read_text("utf-8"))
LOG = Signer("ledger.kakuu.example/office", Ed25519PrivateKey.from_private_bytes(bytes(32)))
STRANGER = Signer("ledger.else.example/office", Ed25519PrivateKey.from_private_bytes(b"\3" * 32))
FALSE = Signer(LOG.name, STRANGER.key)
NAME = "committee.example/w1"
LEAVES = [leaf_hash(b"%d" % i) for i in range(40)]
FORK = LEAVES[:9] + [leaf_hash(b"another %d" % i) for i in range(9, 40)]
NOON = 1_655_780_400_000


def request(old: int, size: int, leaves: list[bytes] = LEAVES, signer: Signer = LOG) -> bytes:
    def hashes(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : index + 1 << level])

    text = Checkpoint(signer.name, size, root_of(leaves[:size])).text()
    return encode_request(old, consistency_proof(old, size, hashes), sign_note(signer, text))


@dataclass
class Running:
    """A witness that listens on a free loopback port, and what it logged."""

    site: Site
    port: int
    log: list[str] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None
    now: int = NOON

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, body: bytes, method: str = "POST", path: str = "/add-checkpoint") -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request(method, path, body)
            answer = line.getresponse()
            return Answer(answer.status, answer.read(), answer.getheader("content-type", ""))
        finally:
            line.close()


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    kind: str


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    create(tmp_path / "w", NAME)
    made = Running(open_site(tmp_path / "w", NAME, lambda: NOON), serve.free_port("127.0.0.1", 0))
    made.site = Site(made.site.home, made.site.cosigner, lambda: made.now)
    made.site.add_log(LOG.verifier().vkey())
    ready = threading.Event()

    def started(stop: Callable[[], None]) -> None:
        made.stop = stop
        ready.set()

    app = witness.api(made.site, made.log.append)
    thread = threading.Thread(
        target=serve.serve, args=(app, "127.0.0.1", made.port, started), daemon=True
    )
    thread.start()
    assert ready.wait(30)
    yield made
    made.stop()
    thread.join(30)


def test_a_head_is_cosigned_by_network(running: Running) -> None:
    answer = running.ask(request(0, 7))

    text = Checkpoint(LOG.name, 7, root_of(LEAVES[:7])).text()
    assert answer.status == 200
    assert answer.kind.startswith("text/plain")
    assert find_cosignature(answer.body, text, running.site.witness).at_s == NOON // 1000


def test_the_very_same_bytes_by_stick_and_by_network_have_one_answer(running: Running) -> None:
    by_network = running.ask(request(0, 7)).body

    assert by_network == running.site.cosign(request(7, 7)).lines


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, None),
        (b"old 0\n\nnothing\n", 400, None),
        (request(0, 7)[:-20], 400, None),
        (request(0, 7, signer=STRANGER), 404, None),
        (request(0, 7, signer=FALSE), 403, None),
        (request(0, 14), 409, b"12\n"),
        (request(7, 14), 409, b"12\n"),
        (request(0, 5), 409, b"12\n"),
        (request(12, 12, FORK), 409, b"12\n"),
        (request(12, 20, FORK), 422, None),
        (request(12, 12), 200, None),
        (request(12, 20), 200, None),
    ],
)
def test_every_status_has_its_body(
    body: bytes, status: int, said: bytes | None, running: Running
) -> None:
    running.ask(request(0, 12))

    answer = running.ask(body)

    assert status == answer.status
    if said is not None:
        assert ("text/x.tlog.size", said) == (answer.kind, answer.body)
    elif status != 200:
        assert answer.body.endswith(b"\n")
        assert len(answer.body.splitlines()) == 1


def test_what_another_witness_answers_this_one_answers_on_the_wire(running: Running) -> None:
    running.site.add_log(VECTOR["requests"]["vkey"])

    for step in VECTOR["requests"]["steps"]:
        assert step["status"] == running.ask(step["body"].encode()).status, step["what"]


def test_huge_body_is_refused_before_it_is_read(running: Running) -> None:
    assert running.ask(b"old 0\n\n" + b"x" * MAX_REQUEST_BYTES).status == 413
    assert running.ask(request(0, 7)).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/add-checkpoint"), ("POST", "/"), ("GET", "/"), ("POST", "/memory.json")],
)
def test_nothing_else_is_there(method: str, path: str, running: Running) -> None:
    answer = running.ask(b"", method, path)

    assert answer.status in (404, 405)
    assert answer.body in (b"refused\n", b"")


def test_a_witness_that_cannot_remember_says_so_and_signs_nothing(running: Running) -> None:
    (running.site.home / memory.FILE).unlink()

    answer = running.ask(request(0, 7))

    assert (503, b"the witness cannot remember now\n") == (answer.status, answer.body)


@pytest.mark.parametrize("edited", [(b'"v":1', b'"v":2'), (b"\\n7\\n", b"\\n6\\n")])
def test_an_edited_memory_is_no_askers_business(
    edited: tuple[bytes, bytes], running: Running
) -> None:
    running.ask(request(0, 7))
    path = running.site.home / memory.FILE
    assert edited[0] in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(*edited))

    answer = running.ask(request(7, 12))

    assert (503, b"the witness cannot remember now\n") == (answer.status, answer.body)


@pytest.mark.parametrize("kept", [0, 1, 100, -1, -20])
def test_a_torn_memory_is_no_askers_business(kept: int, running: Running) -> None:
    running.ask(request(0, 7))
    path = running.site.home / memory.FILE
    torn = path.read_bytes()[:kept]
    path.write_bytes(torn)

    answer = running.ask(request(7, 12))

    assert (503, b"the witness cannot remember now\n") == (answer.status, answer.body)
    assert torn == path.read_bytes()


def test_a_clock_that_was_set_back_is_no_askers_business(running: Running) -> None:
    running.ask(request(0, 7))
    running.now -= 3_600_000

    assert running.ask(request(7, 12)).status == 503


def test_the_log_tells_what_was_asked_and_no_address(running: Running) -> None:
    running.ask(request(0, 7))
    running.ask(request(0, 12))

    assert running.log[0] == f"200 {LOG.name}: 7 entries cosigned"
    assert running.log[1].startswith("409 ")
    assert not [line for line in running.log if "127.0.0.1" in line]


def test_many_at_once_are_answered_one_after_another(running: Running) -> None:
    """Each size is signed at most once, and the memory ends at the longest."""
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(running.ask(request(0, n)).status))
        for n in range(1, 17)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200] + [409] * 15


# --- the office asks


def test_the_office_asks_by_network_and_keeps_what_was_signed(city: Any, running: Running) -> None:
    office, keeper = city.office, city.keeper
    running.now = office.now()
    witnesses.add(office, running.site.witness.vkey(), running.url, False, office.city)
    for vkey in (office.book.verifier(), keeper.verifier):
        running.site.add_log(vkey)

    told = cosigning.ask(office)

    assert [("office", ()), ("keys", ())] == [(one.which, one.why) for one in told]
    for which in witnesses.WHICH:
        [seen] = witnesses.seen(office, which)
        assert seen.note == witnesses.head(office, which)
    assert cosigning.ask(office) == []


def test_an_address_that_is_none_is_refused() -> None:
    for url in (
        "",
        "committee.example",
        "ftp://committee.example",
        "http://committee.example",
        "https://user@committee.example",
        "https://committee.example/?a",
        "https://committee.example/#a",
        "https://committee.example:no",
        "https://",
    ):
        with pytest.raises(BadInput):
            asking.checked_url(url)


def test_nobody_at_the_address_is_unreachable() -> None:
    port = serve.free_port("127.0.0.1", 0)

    with pytest.raises(Unreachable):
        asking.add_checkpoint(f"http://127.0.0.1:{port}", b"")
