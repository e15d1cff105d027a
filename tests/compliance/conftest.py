"""People, a hospital with a department, products of a line, and an act that the gate knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from yaomai.kit.access import Actor, acting, system_actor

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare a company")
EVERYTHING = frozenset(
    f"compliance.{entity}:{verb}"
    for entity in ("rule", "check", "consent", "transfer", "expense")
    for verb in ("view", "create", "edit", "archive", "propose", "approve", "review", "export", "import")
) | {"customers.institution:view", "customers.professional:view"}


@dataclass
class Company:
    """What the tests of the gate need."""

    territory: Any
    hospital: Any
    department: Any
    doctor: Any
    product: Any
    person: Any
    colleague: Any
    position: Any

    def actor(self, person: Any = None, rights: frozenset[str] = EVERYTHING) -> Actor:
        from yaomai.kit.access import Grant

        who = person or self.person
        return Actor(who.pk, who.name, grants=(Grant(rights, None, self.position.pk, "representative"),))

    def seat(self, person: Any, role: str) -> Actor:
        """Give somebody a position in the whole company, and return them with it."""
        from yaomai.organization.models import Position, Role, Territory
        from yaomai.organization.selectors import actor_for
        from yaomai.organization.services import holding_start, position_create

        seat = position_create(
            actor=BOSS, now=NOW, code=f"S{Position.unscoped.count()}", title=role, role=Role.unscoped.get(code=role),
            territory=Territory.unscoped.get(code="CN"), valid_from=TODAY,
        )  # fmt: skip
        holding_start(actor=BOSS, now=NOW, person_id=person.pk, position_id=seat.pk, valid_from=TODAY)
        return actor_for(person, on=TODAY)

    @property
    def officer(self) -> Actor:
        """Somebody else, who may approve rules; seated at the first use."""
        from yaomai.organization.models import Holding
        from yaomai.organization.selectors import actor_for

        if Holding.unscoped.filter(person=self.colleague).exists():
            return actor_for(self.colleague, on=TODAY)
        return self.seat(self.colleague, "compliance_officer")

    def decide(self, rule: Any, *, approve: bool = True, now: datetime = NOW) -> Any:
        """Let the officer decide on a proposed rule."""
        from yaomai.kit import approvals
        from yaomai.kit.approvals import services

        request = approvals.standing(rule)
        assert request is not None
        if approve:
            services.request_approve(actor=self.officer, pk=request.pk, now=now)
        else:
            services.request_reject(actor=self.officer, pk=request.pk, comment="再想想", now=now)
        rule.refresh_from_db()
        return rule

    def visit(self, **facts: Any) -> dict[str, Any]:
        """Return the facts that a visit brings."""
        return {
            "person": self.person.pk,
            "institution": self.hospital.pk,
            "department": self.department.pk,
            "territory": self.territory.pk,
            "professional": self.doctor.pk,
            "products": [self.product.code],
            "noted_on": TODAY,
            "off_label": None,
            "tied_to_use": None,
        } | facts

    def file(self, scope: str = "心血管", **period: Any) -> Any:
        from yaomai.organization.services import filing_create

        said = {"valid_from": date(2026, 1, 1)} | period
        return filing_create(actor=BOSS, now=NOW, person=self.person, number="备1", product_scope=scope, **said)

    def agree(self, **fields: Any) -> Any:
        from yaomai.compliance.services import consent_create

        said = {"valid_from": date(2026, 1, 1), "document": "同意函1", "institution": self.hospital} | fields
        return consent_create(actor=BOSS, now=NOW, **said)


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    from yaomai.catalog.services import product_create, product_line_create
    from yaomai.customers.services import department_create, institution_create, professional_create
    from yaomai.organization.models import Role
    from yaomai.organization.services import person_create, position_create, role_sync, territory_create

    common = {"actor": BOSS, "now": NOW}
    with acting(BOSS):
        role_sync(**common)
        top = territory_create(**common, code="CN", name="安衡", level="company", valid_from=date(2026, 1, 1))
        territory = territory_create(
            **common, code="HD", name="华东", level="region", parent=top, valid_from=date(2026, 1, 1)
        )
        hospital = institution_create(**common, name="江城市第一人民医院", territory=territory)
        department = department_create(**common, institution=hospital, name="心血管内科")
        doctor = professional_create(**common, name="王芳", institution=hospital)
        line = product_line_create(**common, code="CV", name="心血管线")
        product = product_create(**common, code="AH1", name="安衡平", generic_name="安氯平片", product_line=line)
        person = person_create(**common, username="shili", name="施丽")
        colleague = person_create(**common, username="hegui", name="何桂")
        position = position_create(
            **common, code="P1", title="代表", role=Role.unscoped.get(code="representative"), territory=territory,
            valid_from=date(2026, 1, 1),
        )  # fmt: skip
        yield Company(territory, hospital, department, doctor, product, person, colleague, position)
