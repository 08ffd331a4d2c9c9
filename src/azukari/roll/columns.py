"""The columns of a city's export and of a roll: header, type, unit, meaning of an empty cell.

Three files in CP932 with CRLF and Japanese headers, as a city's system writes them, become three
Arrow tables.  ``docs/columns.md`` is this page for people; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from azukari.personal import Kind


@dataclass(frozen=True)
class Column:
    """One column of an export."""

    header: str
    name: str
    kind: Kind
    type: str  # how the cell is written: see docs/columns.md
    empty: str  # what an empty cell means; "refused" where it may not be empty


REGISTER: Final = (
    Column("住民番号", "resident", Kind.NUMBER, "10 digits", "refused"),
    Column("世帯番号", "household", Kind.NUMBER, "10 digits", "refused"),
    Column("続柄", "relationship", Kind.FAMILY, "text", "not known"),
    Column("氏名", "name", Kind.NAME, "text", "refused"),
    Column("氏名カナ", "kana", Kind.KANA, "text", "not known"),
    Column("生年月日", "birth", Kind.BIRTH, "era date", "not known"),
    Column("性別", "sex", Kind.SEX, "男 女", "not known"),
    Column("郵便番号", "postal_code", Kind.POSTAL, "NNN-NNNN", "not known"),
    Column("住所", "address", Kind.ADDRESS, "text", "not known"),
    Column("住民となった日", "resident_since", Kind.SINCE, "era date", "not known"),
    Column("支援措置", "suppressed", Kind.SUPPRESSION, "1", "not suppressed"),
)
TAX: Final = (
    Column("住民番号", "resident", Kind.NUMBER, "10 digits", "refused"),
    Column("均等割額", "levied_yen", Kind.TAX, "yen", "not known"),
    Column("課税状況", "status", Kind.TAX, "課税 非課税 未申告 他市照会中 条約", "refused"),
    Column("合計所得金額", "total_income_yen", Kind.TAX, "yen", "not known"),
    Column("扶養人数", "dependants", Kind.TAX, "persons", "not known"),
    Column("障害者", "disabled", Kind.TAX, "1 0", "not known"),
    Column("寡婦", "widowed", Kind.TAX, "1 0", "not known"),
    Column("ひとり親", "single_parent", Kind.TAX, "1 0", "not known"),
    Column(
        "扶養者",
        "dependant_of",
        Kind.TAX,
        "10 digits, or 市外課税 市外非課税 市外不明",
        "nobody's dependant",
    ),
)
ACCOUNTS: Final = (
    Column("住民番号", "resident", Kind.NUMBER, "10 digits", "refused"),
    Column("区分", "kind", Kind.ASSISTANCE, "生活保護 児童手当", "refused"),
    Column("銀行コード", "bank", Kind.ACCOUNT, "4 digits", "refused"),
    Column("支店コード", "branch", Kind.ACCOUNT, "3 digits", "refused"),
    Column("預金種目", "account_type", Kind.ACCOUNT, "1 2 4 9", "refused"),
    Column("口座番号", "number", Kind.ACCOUNT, "7 digits", "refused"),
    Column("名義カナ", "holder", Kind.KANA, "half-width kana", "refused"),
)
FILES: Final = {"register": REGISTER, "tax": TAX, "accounts": ACCOUNTS}

STATUSES: Final = {
    "課税": "taxed",
    "非課税": "exempt",
    "未申告": "undeclared",
    "他市照会中": "asking",
    "条約": "treaty",
}
ELSEWHERE: Final = {"市外課税": "taxed", "市外非課税": "exempt", "市外不明": "unknown"}
ACCOUNT_KINDS: Final = {"生活保護": "assistance", "児童手当": "child_allowance"}

# ``ordinal`` counts kept register rows from 0 in file order; every set of persons is a set of it.
REGISTER_SCHEMA: Final = pa.schema(
    [
        pa.field("ordinal", pa.int32(), nullable=False),
        pa.field("line", pa.int32(), nullable=False),  # first line of the row in the export
        pa.field("resident", pa.string(), nullable=False),
        pa.field("household", pa.string(), nullable=False),
        pa.field("relationship", pa.string()),
        pa.field("name", pa.string(), nullable=False),  # as received, private use included
        pa.field("kana", pa.string()),
        pa.field("name_fold", pa.string(), nullable=False),  # search form, roll.fold
        pa.field("kana_fold", pa.string()),
        pa.field("birth", pa.string()),  # as received
        pa.field("birth_from", pa.date32()),  # earliest and latest day it can be;
        pa.field("birth_to", pa.date32()),  # equal where the day is known, both null where nothing
        pa.field("sex", pa.string()),  # male, female
        pa.field("postal_code", pa.string()),  # seven digits
        pa.field("address", pa.string()),
        pa.field("resident_since", pa.date32()),
        pa.field("suppressed", pa.bool_(), nullable=False),
        pa.field("flags", pa.string()),  # null, or words: private-use bidi zero-width formula
    ]
)
TAX_SCHEMA: Final = pa.schema(
    [
        pa.field("ordinal", pa.int32(), nullable=False),  # of the resident in the register
        pa.field("line", pa.int32(), nullable=False),
        pa.field("resident", pa.string(), nullable=False),
        pa.field("levied_yen", pa.int64()),
        pa.field("status", pa.string(), nullable=False),  # a value of STATUSES
        pa.field("total_income_yen", pa.int64()),
        pa.field("dependants", pa.int64()),
        pa.field("disabled", pa.bool_()),
        pa.field("widowed", pa.bool_()),
        pa.field("single_parent", pa.bool_()),
        pa.field("dependant_of", pa.string()),  # a resident number of this register
        pa.field("dependant_elsewhere", pa.string()),  # a value of ELSEWHERE
    ]
)
ACCOUNTS_SCHEMA: Final = pa.schema(
    [
        pa.field("ordinal", pa.int32(), nullable=False),
        pa.field("line", pa.int32(), nullable=False),
        pa.field("resident", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # a value of ACCOUNT_KINDS
        pa.field("bank", pa.string(), nullable=False),
        pa.field("branch", pa.string(), nullable=False),
        pa.field("account_type", pa.string(), nullable=False),
        pa.field("number", pa.string(), nullable=False),
        pa.field("holder", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Roll:
    """A register as received, with its tax facts and accounts."""

    register: pa.Table
    tax: pa.Table
    accounts: pa.Table
