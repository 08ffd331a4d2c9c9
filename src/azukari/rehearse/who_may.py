"""Who may, chapter by chapter: an access review, a company nobody knew, and who was turned away.

In 2022 the city had never heard of the company whose man had the sticks.  Here it asks before
anything is ordered, and whoever does not belong is told so while it still costs nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from azukari.desk import agree, answering, employment, enrol, entrusting, people, review, sitting
from azukari.desk import order as orders
from azukari.entrust.review import NOBODY
from azukari.errors import Refused
from azukari.names import new_id
from azukari.rehearse.cast import sheet
from azukari.rehearse.clock import ms
from azukari.rehearse.evening import ask_for_grant
from azukari.rehearse.night import Night, TurnedAway
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use

#: Two operators of the call centre, who are nobody's there: what they are called on the page.
LENT: Final = {"lent_1": "見本コール 受付（二人目）", "lent_2": "見本コール 受付（三人目）"}
_VOUCH: Final = ("centre_officer", "clerk", "officer")


def lent_people_let_in(night: Night) -> None:
    """A week before, the call centre vouches for two more; all say that it pays them."""
    with night.step("two more people", "2022-06-13 09:00") as words:
        house, cast = night.house, night.house.cast
        for name in LENT:
            signer = SigningKey.generate(Use.PERSON)
            person = doc.Person(
                id=new_id(),
                party=cast.parties["centre"],
                states_employer=cast.parties["centre"],
                public=base64.b64encode(signer.public.der).decode(),
                roles=["operator"],
                vouched_by=cast.people[_VOUCH[0]],
                enrolled_by=[cast.people[one] for one in _VOUCH[1:]],
                enrolled_at=night.clock.now(),
            )
            half = doc.start(person, signer)
            vouched = enrol.vouch(half, person.party, *cast.hand(_VOUCH[0]))
            people.admit(house.office, vouched, "", [cast.hand(one) for one in _VOUCH[1:]])
            sitting.take(house.office, sheet(person.id, signer, night.clock.now()))
            night.known[name] = (person.id, signer)
        words.append("vouched for by their officer, admitted by two of the city, trained")


def reviewed(night: Night) -> None:
    """The city asks the call centre who of these people are its own."""
    with night.step("access review", "2022-06-20 10:00") as words:
        house, cast, office = night.house, night.house.cast, night.house.office
        period = ms("2022-04-01 00:00"), ms("2022-06-20 00:00")
        asked = review.ask(office, house.agreements["centre"], *period, cast.hand("officer"))
        # One of the two says it herself, at a terminal of her own.
        night.clock.set("2022-06-20 11:00")
        first, signer = night.known["lent_1"]
        own = doc.Employment(
            id=new_id(), person=first, employer=cast.parties["hidden"], at=night.clock.now()
        )
        employment.take(office, doc.issue(own, signer))
        # Of the other the officer says it, who must answer for everybody on the list.
        night.clock.set("2022-06-20 14:00")
        roster = answering.read(asked, office.signers["order"].public)
        second, _ = night.known["lent_2"]
        paid_by = {one.person: roster.party for one in roster.people}
        paid_by[second] = NOBODY
        officer = cast.signer("centre_officer")
        half = answering.answer(roster, paid_by, (), officer, night.clock.now())
        night.clock.set("2022-06-20 15:00")
        going = review.look(office, half).going
        night.review = review.close(office, half, cast.hand("officer"), going)
        words.append(
            f"{len(roster.people)} people of the call centre, {len(going)} are not its own"
        )
        words.append("they no longer count")


def company_nobody_knew(night: Night) -> None:
    """The call centre would pass the work on to a company that the city never heard of."""
    with night.step("a company nobody knew", "2022-06-20 16:00") as words:
        house, cast, office = night.house, night.house.cast, night.house.office
        known = {one.id: one for one in agree.agreements_of(office)}
        above = known[house.agreements["centre"]]
        everybody = {one.id: one for one in orders.people_of(office)}
        officer, hidden = cast.hand("centre_officer"), cast.parties["hidden"]
        _turn_away(
            night,
            "見本コール 責任者",
            "re-entrust",
            lambda: entrusting.narrow(
                known,
                everybody,
                office.city,
                above.id,
                hidden,
                above.terms,
                officer,
                night.clock.now(),
            ),
        )
        # The program would not even write it; both sign a paper of their own all the same.
        night.clock.set("2022-06-20 17:00")
        link = doc.Agreement(
            id=new_id(),
            parent=above.id,
            replaces="",
            entrustor=above.processor,
            processor=hidden,
            terms=above.terms,
            from_at=night.clock.now(),
        )
        paper = doc.start(link, officer[1], cast.signer("hidden_officer"))
        of_the_city = cast.hand("officer")
        _turn_away(
            night,
            "見本コールと名簿にない再々委託先",
            "approve a re-entrustment",
            lambda: agree.approve(office, paper, of_the_city),
        )
        agree.refuse(office, paper, of_the_city, "the city does not know this company")
        night.known["refused_link"] = link
        words.append("its request to be entrusted too was refused, for good")


def turned_away(night: Night) -> None:
    """In the evening somebody of that company, and one who was reviewed, ask for the keys."""
    with night.step("turned away", "2022-06-21 19:50") as words:
        people_of_cast = night.house.cast.people
        _turn_away(
            night,
            "名簿にない再々委託先 作業者",
            "open the carrier",
            lambda: ask_for_grant(
                night,
                person=people_of_cast["hidden"],
                role="supervisor",
                device=new_id(),
                one_time_key=new_id(),
            ),
        )
        _turn_away(
            night,
            LENT["lent_2"],
            "open the carrier",
            lambda: ask_for_grant(
                night,
                person=night.known["lent_2"][0],
                one_time_key=night.known["one_time_keys"][3],
            ),
        )
        asked = night.turned_away[-2:]
        refused = sum(bool(each.reasons) for each in asked)
        words.append(f"{refused} of {len(asked)} who asked for the keys without a right refused")


def _turn_away(night: Night, who: str, asked: str, deed: Callable[[], object]) -> None:
    """Whoever is not turned away has no reasons, and the night's checks find that."""
    reasons: tuple[str, ...] = ()
    try:
        deed()
    except Refused as refused:
        reasons = refused.reasons
    night.turned_away.append(TurnedAway(night.clock.now(), who, asked, reasons))
