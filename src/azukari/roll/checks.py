"""What a cell of each type must hold: a column of strings becomes values and faults.

A cell that is not what its type says refuses its row; nothing is mended and nothing guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from azukari.personal import Kind
from azukari.roll.columns import ACCOUNT_KINDS, ELSEWHERE, STATUSES, Column
from azukari.roll.eras import days
from azukari.roll.fold import BIDI, ZERO_WIDTH, fold_kanas, fold_names

# Every reason a row can be refused for, with its sentence.  No sentence holds a value.
REASONS: Final = {
    "undecodable": "the bytes are no characters of the file's encoding",
    "bad-quotes": "the quotes of the row do not close as RFC 4180 wants",
    "too-few-cells": "the row has fewer cells than the header",
    "too-many-cells": "the row has more cells than the header",
    "empty": "the cell may not be empty",
    "control-character": "the cell holds a control character",
    "not-digits": "the cell holds something other than the digits 0 to 9",
    "wrong-length": "the cell has too many or too few digits",
    "negative": "the amount is negative",
    "unknown-word": "the cell holds none of the words of its column",
    "no-such-day": "the cell is no era date, or the era has no such day",
    "not-kana": "the cell holds something other than half-width kana",
    "duplicate": "the resident already stands in an earlier row of this file",
    "not-in-register": "the resident is not in the register",
    "payer-not-in-register": "the person supporting the resident is not in the register",
    "own-dependant": "the resident is entered as their own dependant",
}

_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]|\r(?:[^\n]|$)"
# The characters a bank file may hold: half-width kana, capitals, digits and a few marks.
_BANK_TEXT: Final = r"^[\x{ff62}\x{ff63}\x{ff66}-\x{ff9f}A-Z0-9 ()\-.,/\\]+$"
FLAGS: Final = {
    "private-use": r"[\x{e000}-\x{f8ff}\x{f0000}-\x{ffffd}\x{100000}-\x{10fffd}]",
    "bidi": f"[{BIDI}]",
    "zero-width": f"[{ZERO_WIDTH}\U000e0001-\U000e007f]",
    "formula": r"^[=+\-@\t\r]",  # a spreadsheet would compute it
}
SEX: Final = {"男": "male", "女": "female"}


@dataclass
class Checked:
    """The values of one column by their names in the roll, and masks of the rows at fault.

    Values of faulty rows are null or anything; the row is going to be left out.
    """

    values: dict[str, pa.Array]
    faults: list[tuple[str, pa.Array]] = field(default_factory=list)  # reason, boolean mask


def check(column: Column, cells: pa.Array) -> Checked:
    """Check one column; ``cells`` are strings without null."""
    checked = _CHECKS[column.type](column, cells)
    if column.empty == "refused":
        checked.faults.insert(0, ("empty", pc.equal(cells, "")))
    return checked


def flag_words(columns: Iterable[pa.Array]) -> pa.Array:
    """For each row the words of ``FLAGS`` that hold for any of its cells, null where none does."""
    columns = list(columns)
    any_flag = "|".join(FLAGS.values())
    found: dict[int, set[str]] = {}
    for column in columns:
        rows = pc.indices_nonzero(pc.match_substring_regex(column, any_flag))
        flagged = column.take(rows)
        for word, pattern in FLAGS.items():
            carries = pc.match_substring_regex(flagged, pattern)
            for row in rows.filter(carries).to_pylist():
                found.setdefault(row, set()).add(word)
    words = [" ".join(word for word in FLAGS if word in carried) for carried in found.values()]
    rows = pa.array(range(len(columns[0])), pa.int32())
    return pa.array(words, pa.string()).take(pc.index_in(rows, pa.array(found.keys(), pa.int32())))


def flag_counts(flagged: pa.ChunkedArray) -> dict[str, int]:
    """How many rows carry each flag; flags that nobody carries are not named."""
    words = " ".join(flagged.drop_null().to_pylist()).split()
    return {word: words.count(word) for word in FLAGS if word in words}


def _empty_is_null(cells: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(cells, ""), None, cells)


def _digits(length: int) -> Callable[[Column, pa.Array], Checked]:
    def checked(column: Column, cells: pa.Array) -> Checked:
        digits = pc.match_substring_regex(cells, "^[0-9]*$")
        right = pc.equal(pc.binary_length(cells), length)
        return Checked(
            {column.name: cells},
            [("not-digits", pc.invert(digits)), ("wrong-length", pc.invert(right))],
        )

    return checked


def _text(column: Column, cells: pa.Array) -> Checked:
    values = {column.name: _empty_is_null(cells)}
    faults = [("control-character", pc.match_substring_regex(cells, _CONTROL))]
    if column.kind is Kind.NAME:
        forms = values[f"{column.name}_fold"] = fold_names(cells)
        # A name of spaces and invisible characters is no name.
        faults.append(("empty", pc.equal(forms, "")))
    elif column.kind is Kind.KANA:
        values[f"{column.name}_fold"] = fold_kanas(values[column.name])
    return Checked(values, faults)


def _bank_text(column: Column, cells: pa.Array) -> Checked:
    return Checked(
        {column.name: cells},
        [("not-kana", pc.invert(pc.match_substring_regex(cells, _BANK_TEXT)))],
    )


def _number(most_digits: int) -> Callable[[Column, pa.Array], Checked]:
    def checked(column: Column, cells: pa.Array) -> Checked:
        digits = pc.match_substring_regex(cells, "^[0-9]*$")
        fits = pc.less_equal(pc.binary_length(cells), most_digits)
        good = pc.and_(pc.and_(digits, fits), pc.not_equal(cells, ""))
        return Checked(
            {column.name: pc.cast(pc.if_else(good, cells, None), pa.int64())},
            [
                ("negative", pc.match_substring_regex(cells, "^-[0-9]+$")),
                ("not-digits", pc.invert(digits)),
                ("wrong-length", pc.invert(fits)),
            ],
        )

    return checked


def _words(words: dict[str, str]) -> Callable[[Column, pa.Array], Checked]:
    def checked(column: Column, cells: pa.Array) -> Checked:
        values = _translate(cells, words)
        return Checked({column.name: values}, [("unknown-word", _unknown(cells, values))])

    return checked


def _yes(*, no: str) -> Callable[[Column, pa.Array], Checked]:
    """``1`` is true; ``no`` is false, and where that is not the empty cell, empty is null."""

    def checked(column: Column, cells: pa.Array) -> Checked:
        yes = pc.equal(cells, "1")
        known = pc.or_(yes, pc.equal(cells, no))
        unknown_word = pc.and_(pc.invert(known), pc.not_equal(cells, ""))
        return Checked(
            {column.name: pc.if_else(known, yes, None)}, [("unknown-word", unknown_word)]
        )

    return checked


def _postal_code(column: Column, cells: pa.Array) -> Checked:
    right = pc.match_substring_regex(cells, "^[0-9]{3}-[0-9]{4}$")
    seven = pc.binary_replace_slice(pc.cast(cells, pa.binary()), 3, 4, b"")
    values = pc.cast(pc.if_else(right, seven, None), pa.string())
    return Checked(
        {column.name: values},
        [("wrong-length", pc.and_(pc.invert(right), pc.not_equal(cells, "")))],
    )


def _era_date(column: Column, cells: pa.Array) -> Checked:
    coded = cells.dictionary_encode()
    found = [days(written) for written in coded.dictionary.to_pylist()]
    bad = pa.array([known is None for known in found], pa.bool_()).take(coded.indices)
    first, last = (
        pa.array(column_of_days, pa.date32()).take(coded.indices)
        for column_of_days in (
            [known and known.first for known in found],
            [known and known.last for known in found],
        )
    )
    if column.name == "birth":
        values = {"birth": _empty_is_null(cells), "birth_from": first, "birth_to": last}
    else:
        values = {column.name: pc.if_else(pc.equal(first, last), first, None)}
    return Checked(values, [("no-such-day", bad)])


def _payer(column: Column, cells: pa.Array) -> Checked:
    elsewhere = _translate(cells, ELSEWHERE)
    is_number = pc.match_substring_regex(cells, "^[0-9]{10}$")
    is_word = pc.or_(pc.is_valid(elsewhere), pc.equal(cells, ""))
    return Checked(
        {
            column.name: pc.if_else(is_number, cells, None),
            "dependant_elsewhere": elsewhere,
        },
        [("unknown-word", pc.invert(pc.or_(is_number, is_word)))],
    )


def _translate(cells: pa.Array, words: dict[str, str]) -> pa.Array:
    at = pc.index_in(cells, pa.array(words.keys(), pa.string()))
    return pa.array(words.values(), pa.string()).take(at)


def _unknown(cells: pa.Array, values: pa.Array) -> pa.Array:
    return pc.and_(pc.is_null(values), pc.not_equal(cells, ""))


def _same(words: Iterable[str]) -> dict[str, str]:
    return {word: word for word in words}


_CHECKS: Final[dict[str, Callable[[Column, pa.Array], Checked]]] = {
    "10 digits": _digits(10),
    "7 digits": _digits(7),
    "4 digits": _digits(4),
    "3 digits": _digits(3),
    "text": _text,
    "half-width kana": _bank_text,
    "yen": _number(12),
    "persons": _number(2),
    "era date": _era_date,
    "男 女": _words(SEX),
    "課税 非課税 未申告 他市照会中 条約": _words(STATUSES),
    "生活保護 児童手当": _words(ACCOUNT_KINDS),
    "1 2 4 9": _words(_same("1249")),
    "1": _yes(no=""),
    "1 0": _yes(no="0"),
    "NNN-NNNN": _postal_code,
    "10 digits, or 市外課税 市外非課税 市外不明": _payer,
}
