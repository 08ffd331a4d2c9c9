"""What the mayor's page tells of a played night: from records to the page's own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from azukari.desk import agree, custody
from azukari.desk.respond import instant
from azukari.entrust.tree import tree
from azukari.incident.duty import Duty, Tri
from azukari.incident.overdue import RUNGS, kind_of
from azukari.personal import Kind
from azukari.rehearse import mending, witnessing
from azukari.rehearse.attempts import REFUSED
from azukari.rehearse.cast import PARTIES
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.lateness import ADDRESSES, Round
from azukari.rehearse.losing import KNEW
from azukari.rehearse.night import Night
from azukari.rehearse.story import (
    Asked,
    DutyBar,
    Hold,
    Incident,
    KindCount,
    Paper,
    PartLine,
    Refusal,
    Story,
    Told,
    Watcher,
)
from azukari.rehearse.titles import ASKED, ATTACKS
from azukari.rehearse.who_may import LENT
from azukari.web import chain_picture

KINDS: Final = {
    Kind.NAME: "氏名（検索用の形）",
    Kind.KANA: "氏名カナ（検索用の形）",
    Kind.BIRTH: "生年月日",
    Kind.POSTAL: "郵便番号",
    Kind.ANSWER: "給付金の回答と理由",
}
COLUMNS: Final = {
    "name_forms": "氏名の検索形",
    "kana_forms": "カナの検索形",
    "birth_dates": "生年月日",
    "postal_code": "郵便番号",
    "answer": "回答",
    "reason": "理由",
}


def tell(night: Night, sentence: Callable[[str], str]) -> Story:
    """The story of this night; ``sentence`` says a reason's code in the page's language."""
    response, total = night.response, night.response.rolls[0].impact.total
    return Story(
        title="架空市の夜：紛失の訓練",
        custody=_holds(night),
        incident=Incident(
            lost_from=_when("2022-06-21 22:30"),
            lost_to=_when(KNEW),
            known_at=night.known["declared"],
            declared_at=night.known["declared"],
            revoked_at=night.known["declared"],
            found_at=night.known["found"],
            alarm_at=instant(min(each.at for each in night.known["rounds"] if each.raised)),
        ),
        kinds=[
            KindCount(kind.value, KINDS.get(kind, kind.value), count.persons, count.suppressed)
            for kind, count in response.rolls[0].impact.by_kind.items()
        ],
        persons_total=total.persons,
        suppressed_total=total.suppressed,
        parts=[
            PartLine(
                foil.label,
                part.id,
                [COLUMNS.get(column, column) for column in part.columns],
                response.states[foil.carrier, part.id].state.value,
                response.states[foil.carrier, part.id].on_whose_word.value,
            )
            for foil in response.foils
            for part in foil.parts
        ],
        duties=[
            *_bars(response.city, "架空市", night.known["declared"]),
            *_bars(response.processor, PARTIES["contractor"][0], _when(KNEW)),
        ],
        now=night.clock.when(),
        chain=_chain(night),
        reviewed=_reviewed(night, sentence),
        refusals=[
            Refusal(
                instant(each.at),
                each.who,
                ASKED[each.asked],
                [sentence(code) for code in each.reasons],
            )
            for each in night.turned_away
        ],
        told=[_told(night, each) for each in night.known["rounds"]],
        papers=[
            Paper(
                each.form.title,
                f"papers/{each.form.kind}.pdf" if each.printed else "",
                f"papers/{each.form.kind}.json",
                len(each.form.blanks),
            )
            for each in night.known["papers"].drafts
        ]
        + [Paper("再発防止策の報告", "", "", 0, f"papers/{mending.PAGE}")],
        watchers=_watchers(night),
    )


def _watchers(night: Night) -> list[Watcher]:
    told = witnessing.told(night, night.known["verified"])
    noticed = [one for one in night.known["history_tried"] if one.outcome == REFUSED]
    return [
        Watcher(
            each["name"],
            each["whose"],
            each["own"],
            each["reached"] == "network",
            each["cosigned"]["office"],
            each["cosigned"]["keys"],
            [ATTACKS[one.name] for one in noticed if one.noticed_by == each["name"]],
        )
        for each in told
    ]


def _told(night: Night, each: Round) -> Told:
    """Whom one round of the tick told, and of what."""
    what = dict.fromkeys(kind_of(one.what).ja for one in each.raised)
    whom = dict.fromkeys(RUNGS[one.rung][0] for one in each.raised)
    cast = night.house.cast
    names = [cast.said(cast.people[who]) for who, mail in ADDRESSES.items() if mail in each.to]
    return Told(instant(each.at), tuple(what), "、".join(whom), names, len(each.to))


def _chain(night: Night) -> str:
    """Every agreement, and the one that two parties made without the city: it does not hold."""
    office, names = (
        night.house.office,
        {night.house.cast.parties[k]: v[0] for k, v in PARTIES.items()},
    )
    links = [*agree.agreements_of(office), night.known["refused_link"]]
    branches = tree(links, office.city, agree.suspended(office), night.clock.now())
    return chain_picture.render(branches, names[office.city], names, "ja")


def _reviewed(night: Night, sentence: Callable[[str], str]) -> list[Asked]:
    cast = night.house.cast
    parties = {cast.parties[key]: name for key, (name, _) in PARTIES.items()}
    people = {night.known[key][0]: name for key, name in LENT.items()}
    people |= {person: cast.said(person) for person in cast.people.values()}
    return [
        Asked(
            people[one.line.person],
            instant(one.line.since),
            instant(one.line.last_used_at) if one.line.last_used_at else None,
            instant(one.line.trained_until) if one.line.trained_until else None,
            parties.get(one.line.employer, "当社では雇っていない"),
            "" if one.own is None else parties.get(one.own, "ほかの会社"),
            [sentence(code) for code in one.why],
        )
        for one in night.review.looked.findings
    ]


def _holds(night: Night) -> list[Hold]:
    cast = night.house.cast
    holds = [Hold("架空市 持出窓口", "封緘", _when("2022-06-21 16:30"), _when("2022-06-21 17:00"))]
    for hold in custody.line_of(night.house.office, night.main.carrier):
        name = cast.said(hold.holder)
        until = None if hold.to_at is None else instant(hold.to_at)
        holds.append(Hold(name, "預かり", instant(hold.from_at), until))
    last = holds.pop()
    gone, found = _when("2022-06-21 22:30"), night.known["found"]
    holds.append(Hold(last.who, "預かり（返却の途中）", last.from_at, gone, "20:30 が返却期限"))
    holds.append(Hold("誰も持っていない", "紛失", gone, found, "かばんごと紛失", lost=True))
    holds.append(Hold("架空市 当直の職員", "発見・点検", found, None))
    return holds


def _bars(duties: tuple[Duty, ...], who: str, from_at: dt.datetime) -> list[DutyBar]:
    return [
        DutyBar(
            duty.sentence_ja,
            who,
            from_at,
            duty.due_at,
            f"{duty.article}（{duty.source}）",
            duty.certainty,
        )
        for duty in duties
        if duty.in_force and duty.state is not Tri.NOT_MET
    ]


def _when(text: str) -> dt.datetime:
    return StoryClock(text).when()
