"""The evening, chapter by chapter: handed over, opened, callers answered.

It goes on where night.py ends: the carriers lie sealed at the city.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from azukari.desk import custody, enquire, evidence, take_in
from azukari.desk import device as devices
from azukari.desk import grant as grants
from azukari.desk.office import Office
from azukari.names import new_id
from azukari.rehearse import callers, witnessing
from azukari.rehearse.clock import ms
from azukari.rehearse.night import RETURN_BY, Night

ENQUIRIES: Final = 1000


def handed_over_and_answered(night: Night) -> None:
    """Chapter 5."""
    with night.step("hand over and answer", "2022-06-21 17:00") as words:
        house, cast, office = night.house, night.house.cast, night.house.office
        for carrier in night.sealed:
            custody.pass_on(
                office, carrier.carrier, "hand-over", cast.hand("clerk"), cast.hand("engineer")
            )
        night.known["on_the_way"] = snapshot(night, "on-the-way")
        night.clock.set("2022-06-21 17:50")
        for carrier in night.sealed:
            custody.pass_on(
                office, carrier.carrier, "receive", cast.hand("engineer"), cast.hand("supervisor")
            )
        night.clock.set("2022-06-21 18:00")
        night.known["one_time_keys"] = sorted(
            path.stem for path in (house.device_home / "one-time").iterdir()
        )
        with night.measured("grant_s"):
            night.known["grant_act"] = new_id()
            night.grant = ask_for_grant(night, act=night.known["grant_act"])
        witnessing.show(night, "release", night.clock.now())
        # What whoever decides again rests on: the signed documents of this very moment.
        night.known["granted_at"] = night.clock.now()
        night.known["evidence"] = evidence.gather(office, night.order.id)
        night.clock.set("2022-06-21 18:10")
        device = devices.open_device(house.device_home, night.clock.now)
        with night.measured("open_s"):
            opened = enquire.open_carrier(
                device, night.bag[0], night.grant, cast.signer("operator")
            )
        calls = callers.callers(night.open_roll(), _answers(night), ENQUIRIES, night.seed)
        night.clock.set("2022-06-21 18:15")
        with night.measured("enquire_s"):
            said = [opened.answer([call.enquiry])[0] for call in calls]
        night.known["calls"], night.known["said"] = calls, said
        device.close()
        words.append(f"{len(said):,} enquiries answered, the backup not opened")
    # The device goes back into its locker; nobody erases anything.  Later tonight the copies that
    # strangers try are copies of this moment.
    night.clock.set("2022-06-21 19:40")
    shutil.copytree(house.device_home, night.out / "copies" / "call-centre")
    night.known["before_loss"] = snapshot(night, "before")
    # The contractor's engineer packs both carriers to bring them back.
    for carrier in night.sealed:
        custody.pass_on(
            office, carrier.carrier, "hand-over", cast.hand("supervisor"), cast.hand("engineer")
        )


def ask_for_grant(
    night: Night, office: Office | None = None, *, act: str | None = None, **changed: Any
) -> bytes:
    """Ask for the night's grant, or for one that differs in what keywords say."""
    house, cast = night.house, night.house.cast
    ask: dict[str, Any] = {
        "person": cast.people["operator"],
        "role": "operator",
        "device": house.device,
        "one_time_key": night.known["one_time_keys"][0],
        "not_before": ms("2022-06-21 18:00"),
        "not_after": ms(RETURN_BY),
        "by": cast.people["clerk"],
    }
    office = office or house.office
    return grants.issue(office, night.main.carrier, act=act, **(ask | changed))


def _answers(night: Night) -> pa.Table:
    by = night.house.cast.people["officer"]
    return take_in.open_table(night.house.office, night.decided.determination, "households", by)


def snapshot(night: Night, name: str) -> Path:
    """Copy the office's and the key service's sites, without the sealed rolls, for the attacks."""
    target = night.out / "copies" / name
    for site in ("office", "keys"):
        shutil.copytree(
            night.out / "sites" / site,
            target / site,
            ignore=shutil.ignore_patterns("rolls"),
        )
    return target
