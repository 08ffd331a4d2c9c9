"""Callers: residents who ask, some of whom nobody knows, and what they must be told.

The expected answer is worked out here row by row, without the index the call centre uses.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

from azukari.desk.enquire import Enquiry
from azukari.roll.columns import Roll


@dataclass(frozen=True)
class Call:
    """One caller; ``expected`` is the household's answer, or *supervisor*."""

    enquiry: Enquiry
    expected: str
    why: str  # found, suppressed, unknown, ambiguous


def callers(roll: Roll, answers: pa.Table, number: int, seed: int) -> list[Call]:
    """Callers drawn by the seed: nine of ten are residents, the others nobody knows.

    At least one in twenty lives in a household with a suppressed member, where there are such.
    """
    draw = Random(seed)  # noqa: S311  a story that repeats itself, not a secret
    register = roll.register
    known = pc.and_(
        pc.equal(register["birth_from"], register["birth_to"]), pc.is_valid(register["postal_code"])
    )
    asking = register.filter(pc.fill_null(known, False))
    hidden = pc.unique(register.filter(register["suppressed"])["household"])
    of = dict(zip(answers["household"].to_pylist(), answers["answer"].to_pylist(), strict=True))
    shared = _shared(register)
    guarded = asking.filter(pc.is_in(asking["household"], hidden))
    calls = []
    for i in range(number):
        if i % 10 == 9:
            calls.append(_stranger(draw))
            continue
        rows = guarded if i % 20 == 0 and len(guarded) else asking
        row = rows.slice(draw.randrange(len(rows)), 1).to_pylist()[0]
        by_kana = i % 3 == 0 and row["kana"] is not None
        said = row["kana"] if by_kana else row["name"]
        enquiry = Enquiry(said, row["birth_from"], row["postal_code"])
        form = row["kana_fold"] if by_kana else row["name_fold"]
        if row["household"] in set(hidden.to_pylist()):
            calls.append(Call(enquiry, "supervisor", "suppressed"))
        elif shared[form, row["birth_from"], row["postal_code"]] > 1:
            calls.append(Call(enquiry, "supervisor", "ambiguous"))
        else:
            calls.append(Call(enquiry, of[row["household"]], "found"))
    return calls


def _shared(register: pa.Table) -> Counter[tuple[str, dt.date, str | None]]:
    """How many households have somebody with this form, birth date and postal code."""
    found: set[tuple[str, dt.date, str | None, str]] = set()
    columns = [
        register[c].to_pylist() for c in ("birth_from", "birth_to", "postal_code", "household")
    ]
    for form in ("name_fold", "kana_fold"):
        for text, born, until, postal, household in zip(
            register[form].to_pylist(), *columns, strict=True
        ):
            if text and born is not None and born == until:
                found.add((text, born, postal, household))
    return Counter((text, born, postal) for text, born, postal, _ in found)


def _stranger(draw: Random) -> Call:
    """Somebody who lives nowhere in this city."""
    born = dt.date(1950, 1, 1) + dt.timedelta(days=draw.randrange(20_000))
    enquiry = Enquiry(f"不在　{draw.randrange(1000):03d}郎", born, "6600000")
    return Call(enquiry, "supervisor", "unknown")
