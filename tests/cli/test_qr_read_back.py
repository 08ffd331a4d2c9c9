"""QR codes are read back by a reader that others wrote, and what it read is taken in.

The pictures are those that people hold: a drawing as the browser shows it, the page of an order,
the blocks of a terminal.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.cli import qr
from azukari.desk import order as orders
from azukari.desk import people, post, post_office, trust
from azukari.keys import service
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.vault import records

pytestmark = pytest.mark.real

Picture = npt.NDArray[np.uint8]


def decoded(picture: Picture) -> bytes:
    """The bytes of the one code in a picture."""
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return bytes(found.bytes)


def squares(data: bytes) -> Picture:
    """A code as squares of four dots, dark on light, with its quiet zone."""
    rows = qr.code_of(data).matrix_iter(scale=4, border=4)
    return np.array([[0 if dark else 255 for dark in row] for row in rows], dtype=np.uint8)


def blocks(text: str) -> Picture:
    """What a terminal shows, letter by letter: a block is light, on a dark screen."""
    halves = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}
    lines = text.splitlines()
    wide = max(map(len, lines))
    rows = [
        [halves[letter][half] for letter in line.ljust(wide)] for line in lines for half in (0, 1)
    ]
    small = np.pad(np.array(rows, dtype=np.uint8), 2)
    return small.repeat(4, axis=0).repeat(4, axis=1)


def browsed(page: Path, width: int, height: int) -> Picture:
    """A page as a browser shows it."""
    if shutil.which("chromium") is None:
        pytest.skip("no chromium on this machine")
    shot = page.with_suffix(".png")
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-background-networking", f"--user-data-dir={page.parent / 'browser'}"),
            *("--force-device-scale-factor=2", f"--window-size={width},{height}"),
            *(f"--screenshot={shot}", page.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return from_png(shot.read_bytes())


def from_png(data: bytes) -> Picture:
    """The red of a picture of 8 bits a colour; PNG, second edition, 9.2: filters."""
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", data[16:29])
    assert depth == 8
    size, at, packed = {2: 3, 6: 4}[kind], 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        packed += data[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * size)
    above = np.zeros(width * size, np.int64)
    rows = []
    for how, line in zip(raw[:, 0], raw[:, 1:].astype(np.int64), strict=True):
        if how == 2:
            line = (line + above) & 255
        elif how == 1:
            line = np.cumsum(line.reshape(width, size), axis=0).ravel() & 255
        elif how in (3, 4):
            line = _row(int(how), line, above, size)
        above = line
        rows.append(line)
    return np.array(rows, np.uint8).reshape(height, width, size)[:, :, 0].copy()


def _row(
    how: int, line: npt.NDArray[np.int64], above: npt.NDArray[np.int64], size: int
) -> npt.NDArray[np.int64]:
    out = [0] * size + line.tolist()
    up = [0] * size + above.tolist()
    for i in range(size, len(out)):
        a, b, c = out[i - size], up[i], up[i - size]
        by = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
        guess = (a + b) // 2 if how == 3 else (a, b, c)[by.index(min(by))]
        out[i] = (out[i] + guess) & 255
    return np.array(out[size:], np.int64)


@pytest.fixture
def papers(city: Any) -> dict[str, bytes]:
    """A document of each word that crosses between sites and is small."""
    office, cast = city.office, city.cast
    order = city.new_order()
    root = SigningKey.generate(Use.ROOT)
    with office.act() as tx:
        found = {
            "order": records.document(tx, order.id),
            "agreement": records.document(tx, order.agreement),
            "person": records.documents(tx, doc.Person)[0],
            "party": records.documents(tx, doc.Party)[0],
        }
    return found | {
        "approval": city.approval(order, "approver_1"),
        "status": people.statement(office),
        "trust": trust.issue(
            office, service.grant_key(city.keys_home), root, 365, cast.people["clerk"]
        ),
    }


def test_a_grant_is_read_back(at_six: Any) -> None:
    grant = at_six.ask()

    assert grant == decoded(squares(grant))


def test_a_reader_of_others_reads_every_document(papers: dict[str, bytes]) -> None:
    for word, envelope in papers.items():
        assert envelope == decoded(squares(envelope)), word
        assert envelope.isascii(), word


@settings(deadline=None, max_examples=20)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=120))
def test_any_line_comes_back_as_it_was(text: str) -> None:
    assert text.encode() == decoded(squares(text.encode()))


def test_the_longest_document_is_read_back() -> None:
    data = b"".join(b"%d," % n for n in range(1000))[:2953]

    assert 2953 == len(data)
    assert data == decoded(squares(data))


def test_blocks_on_a_terminal_are_read_back(papers: dict[str, bytes], capsys: Any) -> None:
    qr.draw(papers["approval"], "-")

    assert papers["approval"] == decoded(blocks(capsys.readouterr().out))


def test_an_approval_on_paper_is_taken_in(city: Any, tmp_path: Path) -> None:
    """Drawn on one machine, shown by a browser, read by a phone, typed in at the office."""
    order = city.new_order()
    approval = city.approval(order, "approver_1")
    qr.draw(approval, str(tmp_path / "approval.svg"))

    read = decoded(browsed(tmp_path / "approval.svg", 900, 900))
    look = post_office.look(city.office, post.open_post(read + b"\r\n"))
    post_office.take(city.office, look)

    assert [approval] == orders.evidence(city.office, order.id)[1:]


def test_the_page_of_an_order_carries_the_order_itself(
    ordered_site: Any, copy_site: Any, run: Any, tmp_path: Path
) -> None:
    site = copy_site(ordered_site, tmp_path / "site")
    page = tmp_path / "order.html"
    at = ("--home", site.office)
    assert 0 == run("order", "show", site.order, "--html", page, "--to", tmp_path, *at).code

    read = decoded(browsed(page, 1200, 2000))

    (file,) = tmp_path.glob("order-*.json")
    assert file.read_bytes() == read
    again = run("in", "-", *at, stdin=read.decode())
    assert 0 == again.code
    assert "known already" in again.err


def test_out_draws_what_is_kept_and_what_is_at_hand(
    ordered_site: Any, copy_site: Any, run: Any, tmp_path: Path
) -> None:
    site = copy_site(ordered_site, tmp_path / "site")
    at = ("--home", site.office)
    assert 0 == run("out", site.order, "--to", tmp_path, *at).code
    (file,) = tmp_path.glob("order-*.json")

    kept = run("out", site.order, "--qr", tmp_path / "kept.svg", *at)
    here = run("out", file, "--qr", tmp_path / "here.svg", *at)
    shown = run("out", file, "--qr", "-", *at)

    assert (0, 0, 0) == (kept.code, here.code, shown.code)
    assert (tmp_path / "kept.svg").read_bytes() == (tmp_path / "here.svg").read_bytes()
    assert file.read_bytes() == decoded(blocks(shown.out))
    assert 3 == run("out", file, "--to", tmp_path, *at).code


def test_what_is_no_document_or_too_large_is_not_drawn(run: Any, city: Any, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(b"not a document")
    order = replace(city.new_order(), route="by way of " * 200)
    large = doc.issue(order, city.office.signers["order"], city.cast.signer("requester"))
    (tmp_path / "order.json").write_bytes(large)

    assert 4 == run("out", tmp_path / "note.txt", "--qr", tmp_path / "a.svg").code
    refused = run("out", tmp_path / "order.json", "--qr", tmp_path / "a.svg")

    assert 3 == refused.code
    assert f"{len(large):,} bytes; one QR code holds 2,953" in refused.err
    assert not (tmp_path / "a.svg").exists()
