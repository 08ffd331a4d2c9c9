"""The evidence about the encryption of what was lost, gathered for whoever must judge it.

Techniques with the list each stands on, where every key was, which grants are out, the place of the
revocation in the keys' ledger, proofs of entries, the version of this program and the known answers
it gives, a record of its tests where one is handed in, and the questions that only a person can
answer.  Nothing here is added up and no sentence
is a verdict; ``docs/law.md`` says what the law asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from azukari.carrier.exposure import PartState
from azukari.errors import BadSettings
from azukari.incident.case import Basis, Statement
from azukari.incident.exemption import Point, Speaks
from azukari.incident.pack import Certainty
from azukari.incident.readers import Reader
from azukari.incident.selftest import Check
from azukari.incident.sentences import Language, Value, say
from azukari.incident.tested import HandedIn

Standing = Literal["by_name", "by_parts", "not_by_name"]


class Technique(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One technique, what it is used for, and whether a list names it."""

    name: str
    use_ja: str
    use_en: str
    standing: Standing
    certainty: Certainty
    certainty_note_ja: str = ""
    certainty_note_en: str = ""


class Techniques(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, with the list and where it was read."""

    list: str
    source: str
    source_note_ja: str
    source_note_en: str
    date_read: dt.date
    technique: tuple[Technique, ...]


@dataclass(frozen=True)
class Revoked:
    """When a carrier's keys were stopped, and which entries of the keys' ledger say so.

    ``at`` is ``None`` while they are not.  ``shredded`` is the number of the entry that says its
    keys were destroyed.
    """

    label: str
    at: dt.datetime | None
    index: int | None
    size: int
    shredded: int | None = None


@dataclass(frozen=True)
class Proved:
    """One entry with the proof that it stands in its ledger: a tlog-proof and the entry's line."""

    log: str
    index: int
    size: int
    type: str
    entry: str
    proof: str


@dataclass(frozen=True)
class Dossier:
    """The evidence as a value; ``keys_proved``: the key service answered and signed its head."""

    incident: str
    drafted_at: dt.datetime
    labels: Mapping[str, str]
    states: Mapping[tuple[str, str], PartState]
    then: Mapping[tuple[str, str], PartState]  # when it was lost
    readers: tuple[Reader, ...]
    revoked: tuple[Revoked, ...]
    proved: tuple[Proved, ...]
    keys_proved: bool
    software: Mapping[str, str]
    source_sha256: str  # of the program's own files
    self_test: tuple[Check, ...]  # run for this very dossier
    tests: HandedIn | None
    points: tuple[Point, ...]


Section = tuple[str, tuple[Statement, ...]]
SECTIONS: Final = (
    *("dossier.techniques", "dossier.keys", "dossier.outstanding", "dossier.revocation"),
    *(
        "dossier.proofs",
        "dossier.software",
        "evidence.for",
        "evidence.against",
        "dossier.questions",
    ),
)


@cache
def techniques() -> Techniques:
    """The techniques of this version, as they ship with it."""
    raw = files("azukari.incident").joinpath("packs", "techniques.toml").read_bytes()
    try:
        return msgspec.toml.decode(raw, type=Techniques)
    except msgspec.DecodeError:
        raise BadSettings("techniques.toml: not a list of techniques") from None


def sections(dossier: Dossier, language: Language) -> tuple[Section, ...]:
    """The dossier as sections of sentences, each with its values and on what it rests."""
    told = (
        _techniques(language),
        _keys(dossier, language),
        _outstanding(dossier, language),
        _revocation(dossier),
        _proofs(dossier),
        _software(dossier),
        *(_points(dossier, way) for way in (Speaks.FOR, Speaks.AGAINST, Speaks.OPEN)),
    )
    return tuple((name, tuple(found)) for name, found in zip(SECTIONS, told, strict=True))


def lines(dossier: Dossier, language: Language) -> Iterator[str]:
    """The dossier to read."""
    yield say("dossier.title", (), language)
    for name, statements in sections(dossier, language):
        yield ""
        yield say(name, (), language)
        for one in statements:
            yield f"  {say(one.code, one.values, language)}"


def render_json(dossier: Dossier, setup: Mapping[str, object]) -> bytes:
    """The dossier as JSON in UTF-8: codes and values for machines, both languages, the proofs.

    ``setup``: which promise holds where this was gathered, as far as that was verified.
    """
    english = dict(sections(dossier, "en"))
    value = {
        "draft": True,
        "incident": dossier.incident,
        "drafted_at": dossier.drafted_at,
        "setup": setup,
        "sections": [
            {
                "code": name,
                "ja": say(name, (), "ja"),
                "en": say(name, (), "en"),
                "statements": [
                    {
                        "code": ja.code,
                        "ja": say(ja.code, ja.values, "ja"),
                        "en": say(en.code, en.values, "en"),
                        "values": dict(en.values),
                        "basis": ja.basis,
                    }
                    for ja, en in zip(japanese, english[name], strict=True)
                ],
            }
            for name, japanese in sections(dossier, "ja")
        ],
        "proofs": dossier.proved,
    }
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=1)


def _techniques(language: Language) -> Iterator[Statement]:
    known = techniques()
    for one in known.technique:
        use = one.use_ja if language == "ja" else one.use_en
        standing = say(f"standing.{one.standing}", (), language)
        yield _said(
            "dossier.technique",
            "design",
            name=one.name,
            use=use,
            standing=standing,
            certainty=one.certainty,
        )
        note = one.certainty_note_ja if language == "ja" else one.certainty_note_en
        if note:
            yield _said("dossier.technique.note", "design", note=note)
    read: dict[str, Value] = {"source": known.source, "date_read": known.date_read}
    note = known.source_note_ja if language == "ja" else known.source_note_en
    yield _said("dossier.list", "design", list=known.list, note=note, **read)


def _keys(dossier: Dossier, language: Language) -> Iterator[Statement]:
    for (carrier, part), state in dossier.states.items():
        label = dossier.labels[carrier]
        basis: Basis = "ledger" if state.sentence_code.endswith(".ledger") else "record"
        before = dossier.then[carrier, part].sentence_code
        yield _said("dossier.part.then", basis, label=label, part=part, state=before)
        yield _said("dossier.part", basis, label=label, part=part, state=state.sentence_code)
        for one in dossier.readers:
            if one.carrier == carrier and part in one.parts:
                code = "dossier.given.gone" if one.ended else "dossier.given"
                values = _reader(one, language)
                if one.ended:
                    del values["until"]
                yield _said(code, "ledger", **values)


def _outstanding(dossier: Dossier, language: Language) -> Iterator[Statement]:
    out = [one for one in dossier.readers if not one.ended]
    for one in out:
        values = _reader(one, language)
        more: dict[str, Value] = {"grant": one.grant, "label": one.label}
        yield _said(
            "dossier.outstanding.one", "ledger", **more, **values, persons=one.persons.persons
        )
    if not out:
        yield _said("dossier.outstanding.none", "record")


def _reader(one: Reader, language: Language) -> dict[str, Value]:
    unknown = say("dossier.not_known", (), language)
    until = None if one.until is None else dt.datetime.fromtimestamp(one.until / 1000, dt.UTC)
    party = one.keeper.name if one.keeper is not None else unknown
    return {"device": one.device, "party": party, "until": unknown if until is None else until}


def _revocation(dossier: Dossier) -> Iterator[Statement]:
    for one in dossier.revoked:
        if one.at is None or one.index is None:
            yield _said("dossier.revoked.not", "ledger", label=one.label)
        else:
            place: dict[str, Value] = {"index": one.index, "size": one.size}
            yield _said("dossier.revoked", "ledger", label=one.label, at=one.at, **place)
        if one.shredded is not None:
            yield _said("dossier.shredded", "ledger", label=one.label, index=one.shredded)


def _proofs(dossier: Dossier) -> Iterator[Statement]:
    for one in dossier.proved:
        place: dict[str, Value] = {"index": one.index, "size": one.size}
        yield _said("dossier.proof", "ledger", log=one.log, type=one.type, **place)
    if not dossier.keys_proved:
        yield _said("dossier.proofs.none", "record")


def _software(dossier: Dossier) -> Iterator[Statement]:
    for name, version in dossier.software.items():
        yield _said("dossier.version", "record", name=name, version=version)
    yield _said("dossier.source", "record", sha256=dossier.source_sha256)
    for one in dossier.self_test:
        code = "dossier.self_test.passed" if one.passed else "dossier.self_test.failed"
        yield _said(code, "record", name=one.name)
    if dossier.tests is None:
        yield _said("dossier.tests.none", "record")
        return
    of, record = dossier.tests, dossier.tests.record
    ended = dt.datetime.fromtimestamp(record.ended_at / 1000, dt.UTC)
    yield _said(
        "dossier.tests.record",
        "record",
        passed=record.passed,
        failed=record.failed,
        skipped=record.skipped,
        left_out=record.left_out,
        version=record.version,
        python=record.python,
        ended=ended,
    )
    yield _said("dossier.tests.not_signed", "record", sha256=of.sha256)


def _points(dossier: Dossier, way: Speaks) -> Iterator[Statement]:
    found = [one for one in dossier.points if one.speaks is way]
    for one in found:
        yield Statement(one.code, one.values, "record")
    if not found:
        yield _said("dossier.points.none", "record")


def _said(code: str, basis: Basis, **values: Value) -> Statement:
    return Statement(code, tuple(values.items()), basis)
