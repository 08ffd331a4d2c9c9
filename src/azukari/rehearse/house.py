"""The house of the night: every site with a HOME of its own, set up with the real procedures.

sites/office       the city's office           sites/keys         the key service
sites/contractor   who carries                 sites/call-centre  a device without a network
persons/           key files, never in a HOME
stores/            the newest signed heads, never in a HOME
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from azukari import settings
from azukari.desk import device as devices
from azukari.desk import order as orders
from azukari.desk import sitting
from azukari.desk.office import Office, create_office, open_office
from azukari.keys import service
from azukari.keys.keeper import Keeper
from azukari.keys.policy import Pinned
from azukari.names import new_id
from azukari.rehearse.cast import COURSE, Cast
from azukari.rehearse.clock import StoryClock, ms
from azukari.roll.select import COLUMNS
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, SigningKey, Use
from azukari.seal.trust import TrustBundle, issue_bundle, trusted
from azukari.shelf import files, keyring

PURPOSE: Final = "answer eligibility enquiries"
MEDIUM: Final = "stick"
CALL: Final = "架空市 情報保護担当（24 時間、電話 00-0000-0000）"
ORIGIN: Final = "azukari.example/kakuu"
YEAR_END: Final = "2023-03-31 23:59"
#: What the city allows its contractor; links below only narrow it.
TERMS: Final = doc.Terms(
    columns=[f"households.{column}" for column in COLUMNS],
    purposes=[PURPOSE],
    media=[MEDIUM],
    expires_at=ms(YEAR_END),
    may_re_entrust=True,
    depth=1,
    training=[COURSE],
    approvers=2,
    device_key="file",
)


@dataclass
class House:
    """All sites, open."""

    out: Path
    clock: StoryClock
    cast: Cast
    office: Office
    keeper: Keeper
    root: SigningKey
    passphrase: bytes
    device: str
    agreements: dict[str, str]

    @property
    def device_home(self) -> Path:
        return self.out / "sites" / "call-centre"

    @property
    def keys_home(self) -> Path:
        return self.out / "sites" / "keys"

    @property
    def office_home(self) -> Path:
        return self.out / "sites" / "office"

    def close(self) -> None:
        self.office.close()
        self.keeper.close()


def build(out: Path, clock: StoryClock, *, office_on: str = "", keys_on: str = "") -> House:
    """Set everything up as it stood on 1 April: keys, people, agreements, a device.

    ``office_on``, ``keys_on``: a server's databases for the records, else they are files.
    """
    cast = Cast.gather(files.folder(out / "persons"))
    sites = out / "sites"
    create_office(sites / "office", cast.founders(), office_on)
    signer = {
        name: keyring.signing_key(sites / "office" / "keys" / f"{name}.key", use)
        for name, use in {"enrol": Use.ENROL, "order": Use.ORDER, "carrier": Use.CARRIER}.items()
    }
    city = cast.parties["city"]
    pinned = Pinned(city, signer["enrol"].public, signer["order"].public, cast.founders())
    passphrase = secrets.token_hex(16).encode()
    cast.leave("key-service", passphrase)
    service.create_keys(sites / "keys", passphrase, pinned, f"{ORIGIN}/keys")
    store = out / "stores"
    keeper = service.open_keys(sites / "keys", passphrase, clock.now, store, database=keys_on)
    office = open_office(
        sites / "office",
        city=city,
        call=CALL,
        origin=f"{ORIGIN}/office",
        keys=keeper,
        now=clock.now,
        store=store,
        database=office_on,
    )
    root = SigningKey.generate(Use.ROOT)
    keys = [*(signer[name].public for name in sorted(signer)), service.grant_key(sites / "keys")]
    bundle = issue_bundle(_bundle(keys, clock.now()), root)
    files.folder(sites / "contractor")
    device = devices.create_device(sites / "call-centre", root.public, bundle, one_time_keys=4)
    for site in settings.SITES[:4]:
        settings.write(sites / site, _settings(site, city))
    agreements = _enrol(office, cast, sites / "call-centre", clock)
    return House(out, clock, cast, office, keeper, root, passphrase, device, agreements)


def agreement(
    office: Office,
    cast: Cast,
    parent: str,
    entrustor: str,
    processor: str,
    agreed: doc.Terms,
    at: int,
) -> tuple[str, bytes]:
    """An agreement signed by both parties' officers, approved by the city."""
    link = doc.Agreement(
        id=new_id(),
        parent=parent,
        replaces="",
        entrustor=cast.parties[entrustor],
        processor=cast.parties[processor],
        terms=agreed,
        from_at=at,
    )
    above = "officer" if entrustor == "city" else f"{entrustor}_officer"
    hands = (cast.signer(above), cast.signer(f"{processor}_officer"))
    return link.id, doc.issue(link, office.signers["order"], *hands)


def _settings(site: settings.Site, city: str) -> settings.Settings:
    """What a site of the rehearsal says of itself, so that its HOME can be opened by hand."""
    if site == "office":
        return settings.Settings(
            site="office",
            city=city,
            call=CALL,
            origin=f"{ORIGIN}/office",
            keys_home="../keys",
            checkpoint_store="../../stores",
        )
    return settings.Settings(
        site=site, city=city, origin=f"{ORIGIN}/keys" if site == "keys" else ""
    )


def _enrol(office: Office, cast: Cast, device_home: Path, clock: StoryClock) -> dict[str, str]:
    at, enrol = clock.now(), office.signers["enrol"]
    orders.enrol(office, *cast.party_documents(enrol))
    orders.enrol(office, *cast.person_documents(enrol, at))
    for number, name in enumerate(cast.people):
        # Every other one errs once, as people do; the city marks each sheet itself.
        sitting.take(office, cast.sat(name, at, mistakes=number % 2))
    first, city_contractor = agreement(office, cast, "", "city", "contractor", TERMS, at)
    narrower = replace(TERMS, may_re_entrust=False, depth=0, expires_at=ms("2022-12-31 23:59"))
    second, contractor_centre = agreement(office, cast, first, "contractor", "centre", narrower, at)
    orders.enrol(office, city_contractor, contractor_centre)
    officer, two = cast.people["centre_officer"], [cast.people[n] for n in ("clerk", "officer")]
    device, identity = devices.public_part(device_home, cast.parties["centre"], officer, two, at)
    orders.enrol(office, cast.device_document(device, identity, enrol))
    return {"contractor": first, "centre": second}


def _bundle(keys: list[PublicKey], at: int) -> TrustBundle:
    until = ms(YEAR_END)
    return TrustBundle(1, 1, at, until, [trusted(key, at, until) for key in keys], [])
