"""What a position gives, what a filing withholds, and what three duties exclude."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from yaomai.kit.access import acting
from yaomai.kit.errors import Missing

from .conftest import NOW, TODAY, Company


def test_an_actor_costs_one_query_however_many_positions(company: Company) -> None:
    person = company.person("王芳", "area_manager", "key_account_manager", "representative", territory="上海")
    with CaptureQueriesContext(connection) as captured:
        actor = company.actor(person)
    assert len(captured) == 1
    assert actor.reach("organization.person:view") == {
        company.territories["上海"].pk,
        company.territories["浦东"].pk,
    }


def test_a_company_wide_role_reaches_everything(company: Company) -> None:
    assert company.actor(company.person("王芳", "sales_director")).reach("organization.person:view") is None


def test_rights_last_from_the_first_day_to_the_day_before_the_last(company: Company) -> None:
    from yaomai.organization.models import Holding
    from yaomai.organization.services import holding_end

    person = company.person("王芳", "area_manager", territory="上海")
    holding_end(
        actor=company.boss, now=NOW, pk=Holding.unscoped.get(person=person).pk, valid_to=TODAY + timedelta(days=1)
    )
    right = "organization.person:view"
    assert not company.actor(person, date(2025, 12, 31)).may(right)
    assert company.actor(person, TODAY).may(right)
    assert not company.actor(person, TODAY + timedelta(days=1)).may(right)


def filing(company: Company, person: Any, **values: Any) -> Any:
    from yaomai.organization.services import filing_create

    return filing_create(
        **{
            "actor": company.boss,
            "now": NOW,
            "person": person,
            "number": f"B{person.pk}",
            "product_scope": "心血管",
            "valid_from": date(2026, 6, 1),
        }
        | values
    )


@pytest.fixture
def business_right(monkeypatch: pytest.MonkeyPatch, company: Company) -> str:
    """Register an order right and give it to two roles, as the commerce room does."""
    from yaomai.kit.access import rights
    from yaomai.organization.services import role_edit_rights

    known = rights._entities | {"commerce.testorder": rights.Entity("commerce.testorder", "Orders", ("view",))}
    monkeypatch.setattr(rights, "_entities", known)
    for code in ("representative", "area_manager"):
        role = company.role(code)
        role_edit_rights(actor=company.boss, now=NOW, pk=role.pk, rights=[*role.rights, "commerce.testorder:view"])
    return "commerce.testorder:view"


def test_an_active_filing_withholds_business_rights_and_nothing_else(company: Company, business_right: str) -> None:
    from yaomai.organization.selectors import withholdings
    from yaomai.organization.services import filing_stop

    person = company.person("王芳", "representative", territory="上海")
    free = company.actor(person)
    assert free.may(business_right)
    record = filing(company, person)
    filed = company.actor(person)
    assert not filed.may(business_right)
    assert free.grants[0].rights - filed.grants[0].rights == {business_right}
    assert company.actor(person, date(2026, 5, 31)).may(business_right)
    with acting(company.boss):
        (line,) = withholdings(on=TODAY)
    assert (line.filing.person, line.withheld) == (person, (business_right,))
    filing_stop(actor=company.boss, now=NOW, pk=record.pk)
    assert company.actor(person).may(business_right)


def test_a_filed_rep_gets_no_business_position(company: Company, business_right: str) -> None:
    from yaomai.organization.models import Holding
    from yaomai.organization.services import holding_start, position_update
    from yaomai.organization.services.positions import FiledRep

    person = company.person("王芳", "medical_manager")
    filing(company, person)
    seat = company.position("area_manager", "上海")
    with pytest.raises(FiledRep) as caught:
        holding_start(actor=company.boss, now=NOW, position_id=seat.pk, person_id=person.pk, valid_from=TODAY)
    assert "王芳" in str(caught.value) and caught.value.citations
    own = Holding.unscoped.get(person=person).position
    with pytest.raises(FiledRep):
        position_update(actor=company.boss, now=NOW, pk=own.pk, changes={"role": company.role("area_manager")})
    own.refresh_from_db()
    assert own.role.code == "medical_manager"
    assert Holding.unscoped.filter(person=person).count() == 1


def test_the_shipped_roles_hold_at_most_one_duty(company: Company) -> None:
    from yaomai.organization.models import Role
    from yaomai.organization.separation import duties_of

    held = {role.code: duties_of(role.rights) for role in Role.unscoped.all()}
    assert all(len(duties) <= 1 for duties in held.values())
    assert {code: set(duties) for code, duties in held.items() if duties} == {
        "compliance_officer": {"audit"},
        "system_administrator": {"system"},
        "security_administrator": {"security"},
        "audit_administrator": {"audit"},
    }


def test_no_pair_of_roles_brings_two_duties_to_one_person(company: Company) -> None:
    """S8: every pair of roles, in both orders of time, and overlapping or not."""
    from yaomai.organization import rules, separation
    from yaomai.organization.models import Role

    day = timedelta(days=1)
    roles = list(Role.unscoped.all())
    cells = 0
    for one, other in combinations(roles, 2):
        apart = separation.duties_of(one.rights) | separation.duties_of(other.rights)
        for ends, begins in ((None, TODAY), (TODAY, TODAY), (TODAY + day, TODAY)):
            seats = [
                rules.Seat("1", TODAY - day, ends, frozenset(one.rights)),
                rules.Seat("2", begins, None, frozenset(other.rights)),
            ]
            meets = ends is None or ends > begins
            found = list(rules.separation_breaches(seats, separation.patterns()))
            assert bool(found) == (len(apart) > 1 and meets), (one, other, ends)
            cells += 1
    assert cells >= 300


RIGHTS = [
    "organization.person:edit", "organization.person:create", "settings.system:manage",
    "organization.role:edit", "organization.position:edit",
    "audit.entry:view", "audit.entry:export",
    "organization.person:view", "customers.institution:view",
]  # fmt: skip
DUTY = dict(zip(RIGHTS, ["system"] * 3 + ["security"] * 2 + ["audit"] * 2 + [None] * 2, strict=True))


@settings(max_examples=400)
@given(
    seats=st.lists(
        st.tuples(st.sets(st.sampled_from(RIGHTS)), st.integers(0, 20), st.one_of(st.none(), st.integers(1, 10))),
        max_size=4,
    )
)
def test_whatever_somebody_holds_the_duties_of_every_day_are_found(seats: list[Any]) -> None:
    """Compare with the definition: on some day the rights of all seats held amount to two duties."""
    from yaomai.organization import rules, separation

    held = [
        rules.Seat(str(number), TODAY + timedelta(days=start), None if length is None else
                   TODAY + timedelta(days=start + length), frozenset(rights))
        for number, (rights, start, length) in enumerate(seats)
    ]  # fmt: skip
    days = [TODAY + timedelta(days=offset) for offset in range(32)]
    together = any(
        len({DUTY[right] for seat in held if seat.valid_from <= day and (seat.valid_to is None or day < seat.valid_to)
             for right in seat.rights} - {None}) > 1
        for day in days
    )  # fmt: skip
    assert bool(list(rules.separation_breaches(held, separation.patterns()))) == together


def test_two_duties_never_meet_through_any_service(company: Company, entries: Any) -> None:
    from yaomai.organization.models import Holding
    from yaomai.organization.services import holding_start, position_update, role_edit_rights
    from yaomai.organization.services.invariants import DutiesMeet

    person = company.person("王芳", "system_administrator")
    audit = company.position("audit_administrator")
    before = entries(outcome="done")
    with pytest.raises(DutiesMeet) as caught:
        holding_start(actor=company.boss, now=NOW, position_id=audit.pk, person_id=person.pk, valid_from=TODAY)
    assert "王芳" in str(caught.value)
    with pytest.raises(DutiesMeet):  # planned for later counts too
        holding_start(
            actor=company.boss,
            now=NOW,
            position_id=audit.pk,
            person_id=person.pk,
            valid_from=TODAY + timedelta(days=400),
        )
    harmless = company.position("finance")
    holding_start(actor=company.boss, now=NOW, position_id=harmless.pk, person_id=person.pk, valid_from=TODAY)
    before = entries(outcome="done")
    for code in ("audit_administrator", "security_administrator", "compliance_officer"):
        with pytest.raises(DutiesMeet):
            position_update(actor=company.boss, now=NOW, pk=harmless.pk, changes={"role": company.role(code)})
    finance, system = company.role("finance"), company.role("system_administrator")
    with pytest.raises(DutiesMeet):
        role_edit_rights(actor=company.boss, now=NOW, pk=finance.pk, rights=[*finance.rights, "audit.entry:view"])
    with pytest.raises(DutiesMeet):
        role_edit_rights(actor=company.boss, now=NOW, pk=system.pk, rights=[*system.rights, "organization.role:edit"])
    assert entries(outcome="done") == before
    assert entries(outcome="refused") == 7
    assert Holding.unscoped.filter(person=person).count() == 2
    assert company.role("finance").rights == finance.rights


def test_a_shipped_update_keeps_what_the_customer_decided(company: Company) -> None:
    from yaomai.organization.rules import merged
    from yaomai.organization.services import role_edit_rights, role_sync

    assert merged({"a", "c"}, {"a", "b"}, {"a", "b", "d"}) == ["a", "c", "d"]
    role = company.role("finance")
    kept = [right for right in role.rights if right != "policies.version:view"] + ["policies.version:propose"]
    role_edit_rights(actor=company.boss, now=NOW, pk=role.pk, rights=kept)
    assert role_sync(actor=company.boss, now=NOW) == []
    assert company.role("finance").rights == sorted(kept)


def test_somebody_always_manages_people_and_rights(company: Company) -> None:
    from yaomai.organization.models import Holding
    from yaomai.organization.services import holding_end, person_deactivate, role_edit_rights
    from yaomai.organization.services.invariants import NobodyLeft
    from yaomai.organization.services.people import NotOneself

    only = company.person("王芳", "system_administrator")
    holding = Holding.unscoped.get(person=only)
    with pytest.raises(NobodyLeft):
        person_deactivate(actor=company.boss, now=NOW, pk=only.pk)
    with pytest.raises(NobodyLeft):
        holding_end(actor=company.boss, now=NOW, pk=holding.pk, valid_to=TODAY + timedelta(days=5))
    role = company.role("system_administrator")
    with pytest.raises(NobodyLeft):
        role_edit_rights(actor=company.boss, now=NOW, pk=role.pk, rights=["organization.person:view"])
    second = company.person("李强", "system_administrator")
    with pytest.raises(NotOneself):
        person_deactivate(actor=company.actor(second), now=NOW, pk=second.pk)
    person_deactivate(actor=company.actor(second), now=NOW, pk=only.pk)
    holding.refresh_from_db()
    assert holding.valid_to == TODAY
    assert not company.actor(only).grants


def test_without_the_right_there_is_nothing_to_write(company: Company) -> None:
    from yaomai.organization.models import Person
    from yaomai.organization.services import person_create, person_update

    rep = company.actor(company.person("王芳", "representative", territory="上海"))
    with pytest.raises(Missing):
        person_create(actor=rep, now=NOW, username="x", name="X")
    with pytest.raises(Missing):
        person_update(actor=rep, now=NOW, pk=rep.person_id, changes={"name": "X"})
    with acting(rep):
        assert [person.pk for person in Person.objects.all()] == [rep.person_id]


def test_the_directory_knows_who_holds_what_where_and_whom_they_report_to(company: Company) -> None:
    from yaomai.organization import directory
    from yaomai.organization.models import Holding
    from yaomai.organization.services import holding_start

    above = company.person("李静", "area_manager", territory="上海")
    far = company.person("赵远", "area_manager", territory="华北")
    boss = company.person("王总", "sales_director")
    seat = company.position("representative", "浦东", reports_to=Holding.unscoped.get(person=above).position)
    rep = company.person("陈代")
    holding_start(actor=company.boss, now=NOW, position_id=seat.pk, person_id=rep.pk, valid_from=date(2026, 1, 1))
    pudong = company.territories["浦东"].pk
    assert directory.holders("area_manager", pudong, TODAY) == {above.pk}
    assert directory.holders("area_manager", company.territories["华北"].pk, TODAY) == {far.pk}
    assert directory.holders("area_manager", None, TODAY) == frozenset()
    assert directory.holders("sales_director", None, TODAY) == {boss.pk}
    assert directory.holders_of_right("policies.version:approve", pudong, TODAY) == {boss.pk}
    assert directory.superiors(rep.pk, TODAY) == {above.pk}
    assert directory.superiors(boss.pk, TODAY) == frozenset()
