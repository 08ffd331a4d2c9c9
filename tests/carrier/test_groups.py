"""Column groups: a role gets exactly its columns, each in one part."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.groups import groups

ROLES = st.lists(st.sampled_from(("operator", "supervisor", "auditor")), max_size=4)
COLUMNS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), ROLES, max_size=8)


@settings(deadline=None)
@given(COLUMNS)
def test_every_role_sees_its_columns_and_no_other(columns: dict[str, list[str]]) -> None:
    made = groups("t", columns)

    for role in ("operator", "supervisor", "auditor", "nobody"):
        seen = {column for group in made if role in group.roles for column in group.columns}
        assert {column for column, roles in columns.items() if role in roles} == seen


@settings(deadline=None)
@given(COLUMNS)
def test_a_column_is_in_one_group_and_a_set_of_roles_too(columns: dict[str, list[str]]) -> None:
    made = groups("t", columns)
    carried = [column for group in made for column in group.columns]

    assert sorted({c for c, roles in columns.items() if roles}) == sorted(carried)
    assert len(made) == len({group.roles for group in made})
    assert all(group.roles == tuple(sorted(set(group.roles))) for group in made)


def test_a_column_that_nobody_sees_is_not_carried() -> None:
    assert () == groups("t", {"secret": []})
