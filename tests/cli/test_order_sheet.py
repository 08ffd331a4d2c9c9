"""An order as it is shown to whoever signs it: the same everywhere, whatever was written in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from azukari import words
from azukari.cli import order_sheet, reasons
from azukari.cli.call import Call
from azukari.cli.output import harmless
from azukari.desk import order as orders
from azukari.desk import order_sheet as desk
from azukari.entrust.sheet import Sheet
from azukari.errors import BadInput, Conflict, Refused
from azukari.seal import documents as doc
from azukari.vault import schema
from azukari.web.order_page import render

TURNED = "by train\u202e\u2066, 9 rows\nat most 5 rows\x1b[2J\u200b<b>"


@pytest.fixture
def order(city: Any) -> doc.Order:
    """An order that nobody has approved yet."""
    found: doc.Order = city.new_order()
    return found


def sheet_of(city: Any, order: doc.Order) -> Sheet:
    return desk.order_sheet(city.office, order.id)


def said(sheet: Sheet) -> str:
    return "\n".join(map(harmless, order_sheet.lines(sheet, "en")))


def seen(sheet: Sheet) -> str:
    """What a reader sees of the page."""
    parts: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            parts.append(data)

    page = render(sheet, reasons.sentence, None)
    Reader().feed(re.sub("(?s)<style>.*?</style>", "", page))
    return " ".join("".join(parts).split())


def forge(city: Any, order: doc.Order, **changed: Any) -> None:
    """Whoever controls the office's database puts another order under the same id."""
    signers = (city.office.signers["order"], city.cast.signer("requester"))
    envelope = doc.issue(replace(order, **changed), *signers)
    with city.office.act() as tx:
        table = schema.document
        tx.execute(update(table).where(table.c.id == order.id).values(envelope=envelope))


def test_page_terminal_and_ledger_show_the_same_eight_words(city: Any, order: doc.Order) -> None:
    eight = words.eight_words(doc.digest(order))
    kana = words.in_kana(eight)

    sheet = sheet_of(city, order)

    assert eight in said(sheet)
    assert kana in said(sheet)
    for pair in zip(kana.split("・"), eight.split("-"), strict=True):
        assert " ".join(pair) in seen(sheet)
    assert eight == desk.words_by_ledger(city.office)[order.id]


def test_page_and_terminal_say_all_that_an_order_names(city: Any, order: doc.Order) -> None:
    orders.approve(city.office, order.id, *city.cast.hand("approver_1"))
    with pytest.raises(Refused):
        orders.approve(city.office, order.id, *city.cast.hand("requester"))
    sheet = sheet_of(city, order)

    for text in (said(sheet), seen(sheet)):
        for part in (
            *(order.id, order.purpose, order.route, order.medium, *order.media, sheet.sha256),
            *(order.requester, order.holder, order.recipient, order.grant_by, order.device),
            order.device_holder,
            *(city.person("approver_1"), "例示受託", "見本コール", "架空市"),
            *("2022-06-21 18:30", "2022-06-21 20:30", "2022-06-30 17:00", "1 of 2 needed"),
            *(column for table in order.tables for column in table.columns),
            *(f"{table.rows:,}" for table in order.tables),
            reasons.sentence("approver_unknown", "en"),
            reasons.sentence("approvals_missing", "en"),
        ):
            assert part in text


def test_an_order_changed_after_its_approval_shows_other_words(city: Any, order: doc.Order) -> None:
    orders.approve(city.office, order.id, *city.cast.hand("approver_1"))
    before = sheet_of(city, order)

    forge(city, order, tables=[replace(order.tables[0], rows=order.tables[0].rows + 1)])
    after = sheet_of(city, order)

    assert before.words != after.words
    assert before.words == desk.words_by_ledger(city.office)[order.id]
    assert [("approval_of_another_order",)] == [one.why for one in after.said]
    assert before.words not in said(after)
    assert reasons.sentence("approval_of_another_order", "ja") in seen(after)


def test_an_order_changed_after_it_was_shown_is_not_signed(city: Any, order: doc.Order) -> None:
    shown = sheet_of(city, order).sha256
    forge(city, order, route="another way")

    with pytest.raises(Conflict, match="not the one that was shown"):
        orders.approve(city.office, order.id, *city.cast.hand("approver_1"), shown=shown)

    assert [] == orders.approvals_of(city.office, order.id)


def test_a_route_that_turns_letters_about_is_shown_by_numbers(city: Any, order: doc.Order) -> None:
    for field in ("route", "purpose"):
        forge(city, order, **{field: TURNED})
        sheet = sheet_of(city, order)

        assert r"by train\u202e\u2066, 9 rows\u000aat most 5 rows\u001b[2J" in said(sheet)
        assert "by train⟨U+202E⟩⟨U+2066⟩, 9 rows⟨U+000A⟩at most 5 rows⟨U+001B⟩[2J⟨U+200B⟩<b>" in (
            seen(sheet)
        )
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\u200b]", said(sheet))
        page = render(sheet, reasons.sentence, None)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\u200b]|<b>[^a]*$", page)


def test_nobody_signs_unseen(city: Any, order: doc.Order, capsys: Any) -> None:
    sheet = sheet_of(city, order)
    call = Call(city.office_home)
    other = words.eight_words("0" * 64)

    for typed, why in (("", "words_missing"), (other, "words_of_another_order")):
        with pytest.raises(Refused) as refused:
            order_sheet.must_be_meant(call, sheet, typed)
        assert (why,) == tuple(refused.value.reasons)
        assert sheet.words in capsys.readouterr().err
    for typed in ("suruma", sheet.words.replace("-", "")):
        with pytest.raises(BadInput, match="no word"):
            order_sheet.must_be_meant(call, sheet, typed)

    for typed in (sheet.words, sheet.kana):
        order_sheet.must_be_meant(call, sheet, typed)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_fewer_than_eight_words_are_not_enough(city: Any, order: doc.Order, size: int) -> None:
    sheet = sheet_of(city, order)
    first = "-".join(sheet.words.split("-")[:size])

    with pytest.raises(Refused):
        order_sheet.must_be_meant(Call(city.office_home), sheet, first)


def test_the_page_asks_for_nothing(city: Any, order: doc.Order) -> None:
    page = render(sheet_of(city, order), reasons.sentence, None)

    assert not re.search(r"<script|https?:|\bsrc=|\bhref=|url\(|@import", page)
    assert "default-src 'none'" in page


def test_a_site_that_knows_little_says_so(order: doc.Order) -> None:
    from azukari.entrust.known import Known
    from azukari.entrust.sheet import laid_out

    nobody = Known("0" * 26, {}, {}, {}, (), (), frozenset(), None)
    sheet = laid_out(order, nobody, {}, order.requested_at)

    assert "not known here as far as the city" in said(sheet)
    assert "この拠点では、市までのつながりは分かりません" in seen(sheet)
    assert f"{order.holder} (not known here)" in said(sheet)
    assert () == sheet.in_the_way
