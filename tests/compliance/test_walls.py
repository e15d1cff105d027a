"""The second wall, attacked: whoever is filed holds nothing of business, sees none, does none; the proof says so."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from tests.compliance.conftest import BOSS, NOW, TODAY, Company

from yaomai.compliance import walls
from yaomai.kit.access import Actor, Grant, acting
from yaomai.organization import wall
from yaomai.organization.models import Holding, Role
from yaomai.organization.selectors import actor_for
from yaomai.organization.services import holding_start, role_edit_rights

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def then() -> Iterator[None]:
    """Let everything happen on the day: the trail says when."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rep(company: Company) -> Company:
    with acting(BOSS):
        holding_start(
            actor=BOSS,
            now=NOW,
            person_id=company.person.pk,
            position_id=company.position.pk,
            valid_from=date(2026, 1, 1),
        )
        company.file()
    return company


def test_nobody_filed_means_nothing_to_prove(company: Company) -> None:
    assert walls.proof(TODAY).lines == ()


def test_a_filed_representative_is_named_with_what_the_wall_took(rep: Company) -> None:
    role = Role.unscoped.get(code="representative")
    role_edit_rights(actor=BOSS, pk=role.pk, rights=[*role.rights, "commerce.salesline:view"], now=NOW)
    (line,) = walls.proof(TODAY).lines
    assert line.person == rep.person and line.seats == ("代表",)
    assert line.withheld == ("commerce.salesline:view",) and not line.is_breach
    assert not actor_for(rep.person, on=TODAY).may("commerce.salesline:view")


def test_rights_are_those_of_the_day(rep: Company) -> None:
    role = Role.unscoped.get(code="representative")
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        role_edit_rights(
            actor=BOSS, pk=role.pk, rights=[*role.rights, "commerce.salesline:view"], now=NOW + timedelta(days=2)
        )
    assert walls.proof(TODAY).lines[0].withheld == ()
    assert walls.proof(TODAY + timedelta(days=2)).lines[0].withheld == ("commerce.salesline:view",)


def test_a_day_before_the_filing_proves_nothing_of_it(rep: Company) -> None:
    assert walls.proof(date(2025, 12, 31)).lines == ()


def test_a_right_that_gets_through_is_a_breach(rep: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    through = Grant(frozenset({"commerce.salesline:view", "customers.institution:view"}), None, rep.position.pk)
    monkeypatch.setattr(walls, "actor_for", lambda person, **_when: Actor(person.pk, person.name, grants=(through,)))
    (line,) = walls.proof(TODAY).breaches
    assert line.left == ("commerce.salesline:view",)


def test_what_rooms_say_somebody_holds_is_a_breach(rep: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "_holders", [])
    wall.register_holder("销售指标", lambda on: [rep.person.pk] if on >= TODAY else [])
    (line,) = walls.proof(TODAY).breaches
    assert line.held == ("销售指标",)
    assert walls.proof(TODAY - timedelta(days=1)).breaches == ()


def test_what_was_done_in_business_on_the_day_is_a_breach(rep: Company) -> None:
    from yaomai.kit.audit.trail import record

    filed = actor_for(rep.person, on=TODAY)
    record(actor=filed, code="commerce.salesline:import")
    (line,) = walls.proof(TODAY).breaches
    assert line.done == ("commerce.salesline:import",)


def test_no_seat_of_business_is_given_to_the_filed(rep: Company) -> None:
    from yaomai.kit.errors import Refused

    with pytest.raises(Refused) as refusal:
        rep.seat(rep.person, "commerce_manager")
    assert refusal.value.citations == list(wall.CITATIONS)
    assert Holding.unscoped.filter(person=rep.person).count() == 1


def test_the_proof_is_shown_and_leaves_as_a_document(rep: Company, client: Client) -> None:
    assert rep.officer
    client.force_login(rep.colleague, backend="yaomai.organization.sign_in.Backend")
    page: Any = client.get("/compliance/wall/").content.decode()
    assert "备1" in page and "施丽" in page
    assert client.get("/compliance/wall/?on=x").status_code == 422
    for suffix in ("pdf", "xlsx"):
        answer = client.get(f"/compliance/wall/proof.{suffix}?on=2026-11-21")
        assert answer.status_code == 200 and len(answer.content) > 1000
