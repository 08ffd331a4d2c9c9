"""The city's machine, on which its administrator is root, and the people who keep something of it
elsewhere: a committee's witness, a contractor with the heads they were shown, a stranger who chose
a policy.

No test stands here.  `look` lets everybody look, each with their own command, and gives what they
said; who noticed nothing is not in it.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from azukari.cli import main
from azukari.desk import cosigning, standing, witnesses
from azukari.desk.office import new_act
from azukari.errors import AzukariError, BadSignature, Conflict, LedgerBroken, LedgerFork, NotFound
from azukari.ledger.checkpoint import Signer
from azukari.rehearse.clock import StoryClock
from azukari.seal.envelope import Use
from azukari.shelf import keyring
from azukari.shelf.book import Draft
from azukari.witness.site import Site, open_site

if TYPE_CHECKING:
    from tests.conftest import City

OWN, COMMITTEE = "city.example/w0", "committee.example/w1"
WHICH: Final = witnesses.WHICH
NO: Final = 1
_STATUS: Final = {NotFound: 404, BadSignature: 403, Conflict: 409, LedgerFork: 409}


@dataclass(frozen=True)
class Said:
    """One command: its exit code and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Machine:
    """``here`` is root's; ``away`` is other people's."""

    here: Path
    away: Path
    base: City  # who is in it, and which secrets they have
    clock: StoryClock  # the machine's; root sets it
    elsewhere: StoryClock  # other people's
    image: Path  # the whole machine as it was before the carriers travelled

    @property
    def office(self) -> Path:
        return self.here / "sites" / "office"

    @property
    def keys(self) -> Path:
        return self.here / "sites" / "keys"

    @property
    def store(self) -> Path:
        return self.here / "stores"

    @property
    def kept(self) -> Path:
        """The contractor's: the signed heads of the export they were given."""
        return self.away / "contractor"

    @property
    def policy(self) -> Path:
        """The stranger's: whose word is enough for them."""
        return self.away / "stranger" / "policy.txt"

    def home_of(self, name: str) -> Path:
        return self.here / "sites" / "witness" if name == OWN else self.away / "committee"

    def database(self, which: witnesses.Which) -> Path:
        return self.office / "office.db" if which == "office" else self.keys / "keys.db"

    def stolen(self, which: witnesses.Which) -> Signer:
        """A ledger's signing key, in its file under the administrator's eyes."""
        use = Use.LOG_OFFICE if which == "office" else Use.LOG_KEYS
        path = self.office / "keys" if which == "office" else self.keys
        return Signer(
            f"azukari.example/kakuu/{which}", keyring.signing_key(path / "log.key", use).private
        )

    def run(self, *words: object, clock: StoryClock | None = None) -> Said:
        """One command of the program, on the city's machine or by another clock elsewhere."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(word) for word in words], (clock or self.clock).now)
        return Said(code, out.getvalue(), err.getvalue())

    def at_office(self, *words: object) -> Said:
        return self.run(*words, "--home", self.office)

    @contextlib.contextmanager
    def city(self) -> Iterator[City]:
        """Both programs opened by hand, and nobody asked whether they are older copies."""
        cast = replace(self.base.cast, folder=self.here / "persons")
        made = replace(self.base, out=self.here, clock=self.clock, cast=cast, _devices=[])
        made.open()
        try:
            yield made
        finally:
            made.close()

    def go_on(self, entries: int = 1) -> None:
        """The office goes on working: so many entries more."""
        with self.city() as city:
            beats = [Draft(new_act(), "ledger.heartbeat", city.city) for _ in range(entries)]
            with city.office.act() as tx:
                city.office.write(tx, *beats)

    def witness(self, name: str) -> Site:
        clock = self.clock if name == OWN else self.elsewhere
        return open_site(self.home_of(name), name, clock.now)

    def status(self) -> Said:
        """What the committee's laptop says when it is asked."""
        home = self.home_of(COMMITTEE)
        return self.run("witness", "status", "--home", home, clock=self.elsewhere)

    def add_checkpoint(self, url: str, body: bytes) -> tuple[int, bytes]:
        """The line to both witnesses."""
        site = self.witness(url.removeprefix("https://"))
        try:
            return 200, site.cosign(body).lines
        except AzukariError as error:
            status = _STATUS.get(type(error), 422 if isinstance(error, LedgerBroken) else 400)
            return status, f"{site.size(body)}\n".encode() if status == 409 else b"no\n"

    def export(self, to: Path) -> Path:
        """What is handed out, made by the administrator: no program looks whether it may be."""
        with self.city() as city:
            for which in WHICH:
                whole = list((city.office if which == "office" else city.keeper).export())
                vkey = city.office.book.verifier() if which == "office" else city.keeper.verifier
                whole = witnesses.published(city.office, which, whole)
                for path, content in [*whole, ("vkey", f"{vkey}\n".encode())]:
                    (to / which / path).parent.mkdir(parents=True, exist_ok=True)
                    (to / which / path).write_bytes(content)
        return to

    def put_back(self, *names: str) -> None:
        """What was copied of the machine before, in the place of what is there now."""
        for name in names:
            shutil.rmtree(self.here / name)
            shutil.copytree(self.image / name, self.here / name)

    # --- everybody looks

    def look(self) -> dict[str, str]:
        """What everybody says who finds something, by who found it."""
        found = self.audited()
        refused = self.at_office("carrier", "list")
        if refused.code:
            found["at start"] = refused.err
        found |= self.asked()
        status = self.status()
        if status.code:
            found["committee"] = status.out
        return found | self.verified()

    def audited(self) -> dict[str, str]:
        """`azukari ledger audit`: findings by who noticed them."""
        said = self.at_office("ledger", "audit", "--json")
        if said.code not in (0, NO):
            return {"audit": said.err}
        found: dict[str, str] = {}
        for one in json.loads(said.out)["findings"]:
            text = f"{one['ledger']}: entry {one['index']}: {one['what']}\n"
            found[one["noticed_by"]] = found.get(one["noticed_by"], "") + text
        return found

    def asked(self) -> dict[str, str]:
        """Both witnesses asked, as at start and in each round."""
        try:
            with self.city() as city:
                told = cosigning.ask(city.office, anew=True)
                quarrels = standing.look(city.office, told)
                whys = {f"{one.witness} {one.which}: {why}" for one in told for why in one.why}
        except AzukariError as error:
            return {"round": str(error)}
        said = "\n".join([*quarrels, *sorted(whys)])
        return {"round": said} if said else {}

    def verified(self) -> dict[str, str]:
        """Contractor and stranger with an export of this moment."""
        to = self.away / "export"
        shutil.rmtree(to, ignore_errors=True)
        try:
            self.export(to)
        except AzukariError as error:
            return {"export": str(error)}
        found = {}
        heads = [word for which in WHICH for word in ("--kept", self.kept / which)]
        for who, more in (("contractor", heads), ("stranger", ["--policy", self.policy])):
            said = self.verify(to, *more)
            if said.code:
                found[who] = said.err + said.out
        return found

    def verify(self, given: Path, *more: object) -> Said:
        """With both verifiers as they were given on paper before."""
        paper = [w for which in WHICH for w in ("--vkey", self.policy.with_name(f"{which}.vkey"))]
        return self.run("ledger", "verify", given, *paper, *more, clock=self.elsewhere)
