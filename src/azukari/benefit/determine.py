"""The rule of the benefit as query expressions: every person, then every household.

Nothing is computed here: these are expressions that a query engine of a higher room runs.  A null
means *not known* throughout, and ``and``, ``or``, ``not`` on it are those of Kleene's logic, which
is also SQL's.  Importing this page imports Ibis (a quarter of a second); ``rules`` does not.

``docs/programmes.md`` tells the same in words.
"""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from azukari.benefit.rules import HOUSEHOLD_REASONS, PERSON_REASONS, UNDECIDED, Programme

# More dependants than this is a slip of the pen: the number is then not known.  It also keeps
# the arithmetic far from the end of 64 bits, where one absurd row would stop a whole city.
DEPENDANTS_AT_MOST: Final = 99

PERSON_COLUMNS: Final = ("ordinal", "household", "counted", "levy", "reason", "dependence")
HOUSEHOLD_COLUMNS: Final = ("household", "answer", "reason", "members", "counted_members")
# A person's ``since_unknown`` is not among them: the household asks that of everybody anyway.
_LEVY_UNKNOWN: Final = (
    "row_refused",
    "undeclared",
    "moved_in",
    "asking",
    "treaty",
    "disagree",
    "birth_unknown",
)


def persons(
    register: ir.Table,
    tax: ir.Table,
    accounts: ir.Table,
    programme: Programme,
    unsettled: ir.Table | None = None,
) -> ir.Table:
    """Judge every person of a roll.

    Args:
        register, tax, accounts: tables of the schemas of ``roll.columns``; at most one tax row
            for an ordinal, every resident number once.
        programme: dates and thresholds.
        unsettled: ``ordinal``, once each, of persons about whom, or about whose household, a row
            was refused: for them the absence of a row proves nothing.

    Returns:
        One row for every row of the register, never more and never fewer, in no particular
        order: ``ordinal``; ``household``; ``counted`` (registered on the base date; null where
        not known); ``levy`` 'exempt', 'taxed' or null where not known; ``reason`` of the levy, a
        key of PERSON_REASONS; ``dependence`` on somebody taxed, one of DEPENDENCE.
    """
    return evidence(register, tax, accounts, programme, unsettled).select(*PERSON_COLUMNS)


def evidence(
    register: ir.Table,
    tax: ir.Table,
    accounts: ir.Table,
    programme: Programme,
    unsettled: ir.Table | None = None,
) -> ir.Table:
    """The rows of ``persons`` with every fact and criterion on the way beside them.

    Truths (true, false, or null for not known) are ``recorded``, ``assistance``, ``minor``,
    ``allowance``, ``low_income``, ``facts_exempt``; ``limit_yen`` is the income limit that was
    applied; ``payer_here`` says that a payer stands in the register, ``payer_levy`` how that one
    is taxed.
    """
    joined = _mark(_join(register, tax, accounts), unsettled)
    judged = _judge(_truths(joined, programme), programme)
    payers = judged.select(payer="resident", payer_levy="levy").view()
    claims = judged.filter(judged.dependant_of.notnull()).select(
        claimant="ordinal", claimed="dependant_of"
    )
    paid = claims.join(payers, claims.claimed == payers.payer).select("claimant", "payer_levy")
    known = judged.left_join(paid, judged.ordinal == paid.claimant).drop("claimant")
    inside = ibis.cases(
        (known.dependant_of.isnull(), False),
        (known.payer_levy == "taxed", True),
        (known.payer_levy == "exempt", False),
    )
    elsewhere = ibis.cases(
        (known.dependant_elsewhere.isnull(), False),
        (known.dependant_elsewhere == "taxed", True),
        (known.dependant_elsewhere == "exempt", False),
    )
    depends = inside | elsewhere
    return known.mutate(
        payer_here=known.dependant_of.notnull(),
        dependence=ibis.cases(
            # Without a record nobody has said that this person depends on no one.
            (~known.recorded | known.unsettled, "dependence_unknown"),
            (depends, "dependant"),
            (~depends, "independent"),
            else_="payer_unknown",
        ),
    )


def households(judged: ir.Table) -> ir.Table:
    """Judge every household from its persons.

    Args:
        judged: the rows of ``persons``.

    Returns:
        One row for every household among them, in no particular order: ``household``;
        ``answer``, one of ANSWERS; ``reason``, a key of HOUSEHOLD_REASONS, the first that holds;
        ``members``; ``counted_members``, those certainly registered on the base date.
        None of them is ever null.
    """
    return tally(judged).select(*HOUSEHOLD_COLUMNS)


def tally(judged: ir.Table) -> ir.Table:
    """The rows of ``households`` with the four criteria (null: not known) and ``first`` ordinal."""
    counted = judged.counted.fill_null(False)
    possible = judged.counted.fill_null(True)
    exempt = (judged.levy == "exempt").fill_null(False)
    rank = ibis.cases(*((judged.reason == code, place) for place, code in enumerate(_LEVY_UNKNOWN)))
    seen = judged.select(
        "household",
        "ordinal",
        counted=counted,
        possible=possible,
        unsure=judged.counted.isnull(),
        taxed=counted & (judged.levy == "taxed").fill_null(False),
        not_exempt=possible & ~exempt,
        independent=counted & (judged.dependence == "independent"),
        not_dependant=possible & (judged.dependence != "dependant"),
        payer_unknown=possible & (judged.dependence == "payer_unknown"),
        unsettled=judged.reason == "row_refused",
        rank=ibis.cases((possible, rank)),
    )
    flags = seen.group_by("household").agg(
        first=seen.ordinal.min(),
        members=seen.count(),
        counted_members=seen.counted.sum(),
        any_possible=seen.possible.any(),
        any_unsure=seen.unsure.any(),
        any_taxed=seen.taxed.any(),
        any_not_exempt=seen.not_exempt.any(),
        any_independent=seen.independent.any(),
        any_not_dependant=seen.not_dependant.any(),
        any_payer_unknown=seen.payer_unknown.any(),
        any_unsettled=seen.unsettled.any(),
        first_rank=seen.rank.min(),
    )
    return _answer(_criteria(flags))


def _join(register: ir.Table, tax: ir.Table, accounts: ir.Table) -> ir.Table:
    people = register.select(
        "ordinal", "resident", "household", "birth_from", "birth_to", "resident_since"
    )
    records = tax.select(
        "levied_yen",
        "status",
        "total_income_yen",
        "dependants",
        "disabled",
        "widowed",
        "single_parent",
        "dependant_of",
        "dependant_elsewhere",
        record="ordinal",
    )
    assisted = accounts.filter(accounts.kind == "assistance").select(assisted="ordinal").distinct()
    with_records = people.left_join(records, people.ordinal == records.record)
    joined = with_records.left_join(assisted, with_records.ordinal == assisted.assisted)
    return joined.mutate(
        recorded=joined.record.notnull(),
        # The accounts file lists every recipient, so that absence is an answer.
        assistance=joined.assisted.notnull(),
    ).drop("record", "assisted")


def _mark(joined: ir.Table, unsettled: ir.Table | None) -> ir.Table:
    """Whether a row about each person may be missing: always known."""
    if unsettled is None:
        return joined.mutate(unsettled=ibis.literal(False))
    lost = unsettled.select(lost="ordinal")
    marked = joined.left_join(lost, joined.ordinal == lost.lost)
    return marked.mutate(unsettled=marked.lost.notnull()).drop("lost")


def _truths(joined: ir.Table, programme: Programme) -> ir.Table:
    """What the facts say, each true, false or null."""
    limits = programme.income
    aged = joined.mutate(
        counted=joined.resident_since <= programme.base_date,
        minor=ibis.cases(
            (joined.birth_from >= programme.minor_born_on_or_after, True),
            (joined.birth_to < programme.minor_born_on_or_after, False),
        ),
        heads=ibis.cases(
            (joined.dependants.between(0, DEPENDANTS_AT_MOST), joined.dependants),
        ),
    )
    extra = (aged.heads >= 1).ifelse(limits.scaled_extra, 0)
    limited = aged.mutate(
        limit_yen=(aged.heads + 1) * limits.scaled_per_head + limits.fixed_yen + extra
    )
    allowed = limited.disabled | limited.widowed | limited.single_parent | limited.minor
    ruled = limited.mutate(
        low_income=limited.total_income_yen <= limited.limit_yen,
        allowance=allowed & (limited.total_income_yen <= limits.allowance_yen),
    )
    return ruled.mutate(facts_exempt=ruled.assistance | ruled.allowance | ruled.low_income)


def _judge(facts: ir.Table, programme: Programme) -> ir.Table:
    """The levy and why.  A condition that is null is not taken: only what is certain decides."""
    exempt, taxed = facts.status == "exempt", facts.status == "taxed"
    reason = ibis.cases(
        # Another row, now missing, may have said otherwise.
        (facts.unsettled, "row_refused"),
        (facts.status == "undeclared", "undeclared"),
        (facts.status == "asking", "asking"),
        (facts.status == "treaty", "treaty"),
        (exempt & ((facts.levied_yen > 0) | ~facts.facts_exempt), "disagree"),
        (taxed & ((facts.levied_yen == 0) | facts.facts_exempt), "disagree"),
        (exempt, "exempt"),
        (taxed, "taxed"),
        # A record whose status says nothing we know decides nobody.
        (facts.recorded, "undeclared"),
        (facts.minor, "minor_without_record"),
        (facts.minor.isnull(), "birth_unknown"),
        (facts.resident_since.isnull(), "since_unknown"),
        (facts.resident_since >= programme.moved_in_from, "moved_in"),
        else_="undeclared",
    )
    reasoned = facts.mutate(reason=reason)
    return reasoned.mutate(
        levy=ibis.cases(
            *((reasoned.reason == code, levy) for code, levy in PERSON_REASONS.items() if levy)
        )
    )


def _criteria(flags: ir.Table) -> ir.Table:
    """The four questions of a household, each true, false or null."""
    return flags.mutate(
        somebody_registered=ibis.cases(
            (flags.counted_members > 0, True),
            # Of somebody whose row was refused nobody can say that they were not registered.
            (~flags.any_possible & ~flags.any_unsettled, False),
        ),
        registration_known=ibis.cases((~flags.any_unsure, True)),
        all_exempt=ibis.cases((flags.any_taxed, False), (~flags.any_not_exempt, True)),
        not_only_dependants=ibis.cases(
            (flags.any_independent, True),
            (flags.any_possible & ~flags.any_not_dependant, False),
        ),
    )


def _answer(found: ir.Table) -> ir.Table:
    eligible = (
        found.somebody_registered
        & found.registration_known
        & found.all_exempt
        & found.not_only_dependants
    )
    levy_unknown = ((found.first_rank == place, code) for place, code in enumerate(_LEVY_UNKNOWN))
    reason = ibis.cases(
        (~found.all_exempt, "taxed_member"),
        (~found.somebody_registered, "not_registered_on_base_date"),
        (~found.not_only_dependants, "only_dependants"),
        (eligible, "all_exempt"),
        (~found.any_possible & found.any_unsettled, "row_refused"),
        *levy_unknown,
        (found.not_only_dependants.isnull() & found.any_payer_unknown, "payer_unknown"),
        (found.any_unsure, "since_unknown"),
        else_="dependence_unknown",
    )
    reasoned = found.mutate(reason=reason)
    decided = {code: answer for code, answer in HOUSEHOLD_REASONS.items() if answer != UNDECIDED}
    return reasoned.mutate(
        answer=ibis.cases(
            *((reasoned.reason == code, answer) for code, answer in decided.items()),
            else_=UNDECIDED,
        )
    )
