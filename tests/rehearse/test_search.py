"""The search finds every planted value, and nothing where there is nothing."""

from __future__ import annotations

import base64
import csv
import io
import json
import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import NotFound
from azukari.rehearse.search import HIDDEN, Hit, Values, search_files
from azukari.roll.columns import ACCOUNTS_SCHEMA, REGISTER_SCHEMA, TAX_SCHEMA, Roll

NAME = "架空　髙太郎"
KANA = "カクウ　タカタロウ"
ADDRESS = "架空県架空市例示町三丁目12番3号"
QUOTED = '=HYPERLINK("x","見\\本")　句之介'
PEOPLE = (
    ("9100000001", "9200000001", NAME, KANA, "S63.01.07", date(1988, 1, 7), ADDRESS),
    ("9100000002", "9200000001", "架空 𠮷", "カクウ キチ", "R04.01.08", date(2022, 1, 8), ADDRESS),
    ("9100000003", "9200000002", "<b>見本</b>", "ミホン", "不詳", None, "架空市仮町9"),
    ("9100000004", "9200000003", QUOTED, "ミホン", "不詳", None, "架空市仮町9"),
)


def _roll() -> Roll:
    register = pa.Table.from_pylist(
        [
            {
                "ordinal": ordinal,
                "line": ordinal + 2,
                "resident": resident,
                "household": household,
                "name": name,
                "kana": kana,
                "name_fold": name.replace("　", "").replace(" ", "").replace("髙", "高"),
                "kana_fold": kana.replace("　", "").replace(" ", ""),
                "birth": birth,
                "birth_from": born,
                "birth_to": born,
                "address": address,
                "suppressed": False,
            }
            for ordinal, (resident, household, name, kana, birth, born, address) in enumerate(
                PEOPLE
            )
        ],
        schema=REGISTER_SCHEMA,
    )
    accounts = pa.Table.from_pylist(
        [
            {
                "ordinal": 0,
                "line": 2,
                "resident": "9100000001",
                "kind": "assistance",
                "bank": "9999",
                "branch": "903",
                "account_type": "1",
                "number": "7654321",
                "holder": "ｶｸｳ ﾀｶﾀﾛｳ",
            }
        ],
        schema=ACCOUNTS_SCHEMA,
    )
    return Roll(register, TAX_SCHEMA.empty_table(), accounts)


@pytest.fixture(scope="module")
def values() -> Values:
    return Values.of(_roll())


def _kinds(hits: list[Hit]) -> set[str]:
    return {hit.kind for hit in hits}


def test_every_planted_kind_in_every_writing_is_found(values: Values) -> None:
    assert values.self_test() > 100


def test_a_search_that_misses_a_plant_says_so(
    values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "search", lambda data, limit=None: [])

    with pytest.raises(NotFound, match="missed a planted name") as told:
        values.self_test()

    assert "架空" not in str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16-le"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", NAME),
        ("name", "架空高太郎"),
        ("kana", KANA),
        ("address", ADDRESS),
        ("holder", "ｶｸｳ ﾀｶﾀﾛｳ"),
        ("resident", "9100000002"),
        ("household", "9200000002"),
        ("account", "9037654321"),
    ],
)
def test_a_value_between_other_bytes_is_found(
    values: Values, encoding: str, kind: str, value: str
) -> None:
    data = b"\xff\xfe" + value.encode(encoding) + b"\xff\x9f"

    hits = values.search(data)

    assert (kind, 2) in {(hit.kind, hit.offset) for hit in hits}


def test_windows_spelling_of_cp932_is_found(values: Values) -> None:
    data = NAME.encode("cp932").replace(b"\xee\xe0", b"\xfb\xfc")

    assert data != NAME.encode("cp932")
    assert [Hit("name", "cp932-windows", 0)] == values.search(data)


@pytest.mark.parametrize("joint", ["", "-", ",", "\t", '","'])
def test_branch_and_number_are_found_together(values: Values, joint: str) -> None:
    assert [Hit("account", "ascii", 1)] == values.search(f'"903{joint}7654321"'.encode())


@pytest.mark.parametrize(
    "text", ["x9100000001", "9100000001f", "19100000001", "91000000010", "903..7654321", "7654321"]
)
def test_digits_inside_something_longer_are_nobodys_number(values: Values, text: str) -> None:
    assert values.search(text.encode()) == []


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_attack_a_quotation_mark_in_a_name_hides_it_in_json(
    values: Values, ascii_only: bool, layers: int
) -> None:
    text = QUOTED
    for _ in range(layers):
        text = json.dumps({"of": text}, ensure_ascii=ascii_only)

    assert "name" in _kinds(values.search(text.encode()))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_attack_a_quotation_mark_in_a_name_hides_it_in_a_table(
    values: Values, encoding: str
) -> None:
    """A cell with quotation marks shows each of them twice."""
    out = io.StringIO()
    csv.writer(out).writerow(["1", QUOTED, "例示"])
    assert QUOTED not in out.getvalue()

    assert "name" in _kinds(values.search(out.getvalue().encode(encoding)))


def test_a_value_behind_two_escapes_is_found(values: Values) -> None:
    payload = base64.b64encode(json.dumps({"who": NAME, "no": "9100000003"}).encode())
    envelope = json.dumps({"payload": payload.decode()}).encode()

    found = {(hit.kind, hit.encoding) for hit in values.search(envelope)}

    assert ("name", "base64+json+utf-8") in found
    assert ("resident", "base64+ascii") in found


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.json", '{"x": {"y": ["架空"]}}', "surname"),
        ("a.json", '{"at": "1988-01-07"}', "birth"),
        ("a.csv", "a,S63.01.07\r\n", "birth"),
        ("a.csv", "1,7654321\r\n", "account number"),
        ("a.html", "<p title='例示町'>x</p>", "town"),
        ("a.txt", "GET /p/%E4%BE%8B%E7%A4%BA%E7%94%BA/1", "town"),
        ("a.log", "refused person=ミホン", "kana"),
    ],
)
def test_a_short_value_is_found_as_a_whole_field(
    values: Values, name: str, text: str, kind: str
) -> None:
    assert {kind} == _kinds(values.search_fields(text.encode(), name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"x": "架空市の訓練"}'),
        ("a.json", '{"at": "2022-01-08"}'),  # a day on which things happen
        ("a.json", '{"bytes": 7654321}'),  # a count, not a string
        ("a.csv", "不詳,1\r\n"),
    ],
)
def test_a_part_of_a_field_is_nobodys(values: Values, name: str, text: str) -> None:
    assert values.search_fields(text.encode(), name) == []


def test_public_texts_are_not_values() -> None:
    values = Values.of(_roll(), public=frozenset({ADDRESS, "架空"}))

    assert values.search(ADDRESS.encode()) + values.search_fields("架空".encode(), "a.txt") == []
    assert {"name"} == _kinds(values.search(NAME.encode()))


def test_a_folder_is_searched_with_its_names(values: Values, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "clean.json").write_text('{"n": 3}', encoding="utf-8")
    (tmp_path / "sites" / "empty.db").touch()
    (tmp_path / "sites" / "leak.db").write_bytes(b"\0\1" + KANA.encode() + b"\0")
    (tmp_path / "9100000002.csv").write_text("n\r\n1\r\n", encoding="utf-8")
    (tmp_path / "sites" / "架空").write_bytes(b"\0")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")

    found = search_files(tmp_path, values)

    assert [
        (HIDDEN, [Hit("resident", "ascii", 0, "name")]),
        ("sites/leak.db", [Hit("kana", "utf-8", 2)]),
    ] == found[:2]
    assert [("sites/" + HIDDEN, {"surname"})] == [(path, _kinds(h)) for path, h in found[2:]]


def test_what_is_told_never_holds_a_value(values: Values, tmp_path: Path) -> None:
    folder = tmp_path / ADDRESS
    folder.mkdir()
    for index, (resident, _, name, _, _, _, _) in enumerate(PEOPLE):
        (folder / f"{index} {resident}.csv").write_text(f"{name},{resident}", encoding="utf-8")

    told = repr(search_files(tmp_path, values))

    assert told.count(HIDDEN) >= len(PEOPLE)
    assert not values.search(told.encode())


def test_sealed_bytes_hold_nothing_by_chance(values: Values) -> None:
    assert values.search(random.Random(1).randbytes(2_000_000)) == []


def test_a_roll_of_nobody_finds_nothing() -> None:
    nobody = Roll(
        REGISTER_SCHEMA.empty_table(), TAX_SCHEMA.empty_table(), ACCOUNTS_SCHEMA.empty_table()
    )

    values = Values.of(nobody)

    assert (len(values), values.search(NAME.encode()), values.self_test()) == (0, [], 0)


@settings(deadline=None, max_examples=200)
@given(before=st.binary(max_size=80), after=st.binary(max_size=80), data=st.data())
def test_any_bytes_around_a_name_do_not_hide_it(
    values: Values, before: bytes, after: bytes, data: st.DataObject
) -> None:
    text = data.draw(st.sampled_from([NAME, KANA, ADDRESS, "<b>見本</b>"]))
    encoding = data.draw(st.sampled_from(["utf-8", "cp932", "utf-16-le"]))

    hits = values.search(before + text.encode(encoding) + after)

    assert len(before) in {hit.offset for hit in hits}
