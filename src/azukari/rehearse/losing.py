"""The loss, chapter by chapter: declared, counted, erased on the device, found again.

It goes on where night.py ends, with the real procedures and nothing mocked.
"""

from __future__ import annotations

from typing import Final

from azukari.desk import device as devices
from azukari.desk import erase, loss, people, respond, stating
from azukari.desk import grant as grants
from azukari.incident.facts import DEVICES
from azukari.rehearse import drafts, witnessing
from azukari.rehearse.clock import ms
from azukari.rehearse.evening import snapshot
from azukari.rehearse.night import Night
from azukari.shelf import files
from azukari.vault import records

KNEW: Final = "2022-06-22 03:00"  # the holder wakes and the bag is gone


def lost(night: Night) -> None:
    """Chapter 7."""
    with night.step("lost", "2022-06-22 03:10") as words:
        cast, office = night.house.cast, night.house.office
        said = loss.Declared(
            by=cast.people["officer"],
            known_at=ms(KNEW),
            last_held_at=ms("2022-06-21 22:30"),
            lost_before=ms(KNEW),
            in_the_bag=False,
        )
        with night.measured("revoke_s"):
            carriers = [carrier.carrier for carrier in night.sealed]
            night.incident = loss.declare(office, carriers, said)
        witnessing.show(night, "loss", night.clock.now())
        people.statement(office)
        # The supervisor looked, the officer writes it down: the device is in its locker.
        looked = [(DEVICES, "", "yes")]
        incident = night.incident.incident
        stating.state(office, incident, looked, cast.people["officer"], night.clock.now())
        night.known["declared"] = night.clock.when()
        with night.measured("impact_to_papers_s"):
            with night.measured("impact_s"):
                night.response = _respond(night)
            write_papers(night, "prompt")
            drafts.write(night)
        total = night.response.rolls[0].impact.total
        words.append(f"both revoked; {total.persons:,} persons on them, nobody twice")
        words.append(f"{total.suppressed:,} suppressed residents apart")
        written = night.known["papers"].drafts
        printed = sum(one.printed for one in written)
        words.append(f"{len(written)} papers drafted, {printed} printed")
    night.known["after_loss"] = snapshot(night, "after")


def erased(night: Night) -> None:
    """Between: the call centre is told, the device destroys its key and brings its journal."""
    with night.step("erase on the device", "2022-06-22 03:30") as words:
        house = night.house
        device = devices.open_device(house.device_home, night.clock.now)
        receipt, lines = erase.erase(
            device, night.main.carrier, [night.grant], medium=None, first=0
        )
        device.close()
        night.clock.set("2022-06-22 09:00")
        night.known["receipt"] = grants.take_receipt(house.office, receipt, lines)
        night.response = _respond(night)
        write_papers(night, "after-receipt")
        words.append("one-time key destroyed first, receipt and journal taken in")


def recovered(night: Night) -> None:
    """Chapter 9."""
    with night.step("recovered", "2022-06-24 11:40") as words:
        cast, office = night.house.cast, night.house.office
        reports = []
        for carrier, root in zip(night.sealed, night.bag, strict=True):
            tag = _tag(night, carrier.carrier)
            report, envelope = loss.find(office, carrier.carrier, root, *cast.hand("officer"), tag)
            reports.append(report)
            name = f"inspection-{carrier.label}.json"
            files.write_whole(night.out / "papers" / name, envelope)
        night.known["inspections"] = reports
        night.known["found"] = night.clock.when()
        same = sum(report.unchanged for report in reports)
        words.append(f"{same} of {len(reports)} unchanged to the last byte, two signed reports")
        newest = max(report.newest_file_at for report in reports)
        touched = newest != night.known["newest_ms"]
        words.append("a file time moved since sealing" if touched else "file times as at sealing")
        night.response = _respond(night)


def write_papers(night: Night, name: str) -> None:
    """The draft of the nine items, as data and as a page."""
    from azukari.incident import paper

    folder = files.folder(night.out / "papers")
    draft = night.response.report
    files.write_whole(folder / f"report-{name}.json", paper.render_json(draft))
    files.write_whole(folder / f"report-{name}.html", paper.render_html(draft).encode())


def _tag(night: Night, carrier: str) -> str:
    """As the officer reads it on the stick."""
    with night.house.office.act() as tx:
        return str(records.carrier(tx, carrier).tag)


def _respond(night: Night) -> respond.Response:
    return respond.respond(
        night.house.office,
        night.incident.incident,
        party="架空市",
    )
