"""S8, 三员: no role, no set of roles and no update brings two of the three duties to one person."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import NOW, TODAY, Company

DUTIES = ("system", "security", "audit")


def shipped() -> dict[str, frozenset[str]]:
    """Return the rights of every role as shipped."""
    from yaomai.kit.access.rights import every_right
    from yaomai.organization.roles import ROLES

    return {role.code: frozenset(role.rights(every_right())) for role in ROLES}


def is_refused(*rights: frozenset[str]) -> bool:
    """Tell whether one person may not hold all of these at once."""
    from yaomai.organization import rules, separation

    seats = [rules.Seat(str(number), TODAY, None, each) for number, each in enumerate(rights)]
    return bool(list(rules.separation_breaches(seats, separation.patterns())))


def test_every_right_belongs_to_one_duty_at_most_and_every_role_to_one(figure: Callable[[str, str], None]) -> None:
    from yaomai.kit.access.rights import every_right
    from yaomai.organization.separation import duties_of

    cells = 0
    for right in every_right():
        assert len(duties_of([right])) <= 1, right
    for code, rights in shipped().items():
        assert len(duties_of(rights)) <= 1, code
        for other in every_right():
            joined = duties_of([*rights, other])
            assert is_refused(rights | {other}) == is_refused(rights, frozenset({other})) == (len(joined) > 1)
            cells += 1
    assert cells >= 300
    figure("S8", f"{cells:,} cells of role and right: no role holds two duties, nothing brings a second one")


def test_no_set_of_roles_brings_two_duties_together() -> None:
    """All pairs and triples; a larger set meets exactly when a pair of it does."""
    from yaomai.organization.separation import duties_of

    roles = shipped()
    for size in (2, 3):
        for codes in combinations(sorted(roles), size):
            rights = [roles[code] for code in codes]
            assert is_refused(*rights) == (len(duties_of(frozenset().union(*rights))) > 1), codes


@settings(max_examples=300)
@given(data=st.data())
def test_whatever_customers_put_into_roles(data: Any) -> None:
    """Any rights in any number of roles held by one person: refused exactly when they amount to two duties."""
    from yaomai.kit.access.rights import every_right
    from yaomai.organization.separation import duties_of

    rights = st.frozensets(st.sampled_from(sorted(every_right())), max_size=6)
    held = data.draw(st.lists(rights, max_size=5))
    assert is_refused(*held) == (len(duties_of(frozenset().union(*held))) > 1)


@pytest.mark.parametrize("duty", DUTIES)
def test_an_update_of_the_shipped_roles_brings_no_duty_to_who_holds_another(
    company: Company, monkeypatch: pytest.MonkeyPatch, duty: str
) -> None:
    """The role gains a right of `duty`: its holder who is another administrator keeps one duty, and loses nothing."""
    from dataclasses import replace

    from yaomai.organization.roles import ROLES
    from yaomai.organization.separation import duties_of
    from yaomai.organization.services import role_sync, roles

    gained = {"system": "jobs.job:manage", "security": "organization.role:edit", "audit": "audit.entry:view"}[duty]
    other = next(each for each in DUTIES if each != duty)
    person = company.person("王芳", "finance", f"{other}_administrator")
    changed = tuple(
        replace(role, patterns=(*role.patterns, gained, "catalog.product:edit")) if role.code == "finance" else role
        for role in ROLES
    )
    monkeypatch.setattr(roles, "ROLES", changed)
    assert role_sync(actor=company.boss, now=NOW) == ["finance"]
    rights = [right for grant in company.actor(person).grants for right in grant.rights]
    assert duties_of(rights) == {other}
    assert "catalog.product:edit" in rights and gained not in company.role("finance").rights


def test_a_role_without_such_holders_takes_the_duty(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from yaomai.organization.roles import ROLES
    from yaomai.organization.services import role_sync, roles

    changed = tuple(
        replace(role, patterns=(*role.patterns, "audit.entry:view")) if role.code == "finance" else role
        for role in ROLES
    )
    monkeypatch.setattr(roles, "ROLES", changed)
    role_sync(actor=company.boss, now=NOW)
    assert "audit.entry:view" in company.role("finance").rights
