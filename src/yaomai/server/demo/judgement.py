"""What the demo company's people judge about their customers, for the schemes to score."""

import random
from datetime import datetime, timedelta
from typing import Any

from yaomai.catalog.models import Indication, StandardDepartment
from yaomai.customers.models import Department, Institution, PatientPopulation, Professional
from yaomai.customers.services import department_update, patient_population_create
from yaomai.kit.access import Actor
from yaomai.segmentation.models import Subject
from yaomai.segmentation.services import assessments_record as record
from yaomai.server.demo import world

ESTIMATED = 160
SOURCE = "安衡药业演示数据"
TITLE_POINTS = {"chief_physician": 75, "associate_physician": 55, "attending": 35, "resident": 15}
INSTITUTION_ATTRIBUTES = (
    "decision_influence",
    "market_influence",
    "strategic_fit",
    "pipeline_fit",
    "long_term_need",
    "brand_recognition",
    "future_potential",
)
PROFESSIONAL_ATTRIBUTES = (
    "academic_influence",
    "cooperation_depth",
    "willingness",
    "patient_potential",
    "department_fit",
)


def assessments_record(*, actor: Actor, made: world.World, now: datetime) -> None:
    """Record assessments of most customers; some stay unknown, as in life."""
    chance = random.Random(world.SEED + 1)  # noqa: S311 — an invented world, not a secret
    institutions = dict(Institution.unscoped.values_list("code", "pk"))
    rows: list[tuple[int, str, Any]] = []
    for item in made.institutions:
        base = {"3A": 78, "3B": 60, "2A": 48, "2B": 40, "1A": 28}.get(item.grade, 30 if item.kind == "chain" else 15)
        rows.extend(
            (institutions[item.code], attribute, _points(chance, base))
            for attribute in INSTITUTION_ATTRIBUTES
            if chance.random() < 0.85
        )
        if item.grade == "3A" and chance.random() < 0.25:
            rows.append((institutions[item.code], "tags", ["procurement_core"]))
        contacts = max(0, round(chance.gauss({"3A": 16, "3B": 22, "2A": 26, "2B": 14}.get(item.grade, 6), 7)))
        rows.append((institutions[item.code], "contacts_12m", contacts))
        rows.append((institutions[item.code], "spend_12m", round(contacts * chance.uniform(200, 1800))))
    record(actor=actor, subject=Subject.INSTITUTION, rows=rows, source=SOURCE, assessed_on=now.date(), now=now)
    professionals = dict(Professional.unscoped.values_list("code", "pk"))
    people: list[tuple[int, str, Any]] = []
    for person in made.professionals:
        base = TITLE_POINTS.get(person.title, 20)
        people.extend(
            (professionals[person.code], attribute, _points(chance, base))
            for attribute in PROFESSIONAL_ATTRIBUTES
            if chance.random() < 0.8
        )
        people.append((professionals[person.code], "contacts_12m", max(0, round(chance.gauss(10, 6)))))
    record(actor=actor, subject=Subject.PROFESSIONAL, rows=people, source=SOURCE, assessed_on=now.date(), now=now)


def patients_estimate(*, actor: Actor, now: datetime) -> None:
    """Record what departments say of their patients, where one of our products is labelled for them."""
    chance = random.Random(world.SEED + 4)  # noqa: S311 — an invented world, not a secret
    standards = {row.name: row for row in StandardDepartment.unscoped.all()}
    diseases = {row.name: row for row in Indication.unscoped.all()}
    labelled: dict[str, list[str]] = {}
    for product in world.PRODUCTS:
        if product.indication not in labelled.setdefault(product.department, []):
            labelled[product.department].append(product.indication)
    rows = Department.unscoped.filter(name__in=labelled, archived_at=None, institution__kind=Institution.Kind.HOSPITAL)
    for department in rows.select_related("institution").order_by("pk")[:ESTIMATED]:
        if department.standard_id is None:
            department_update(actor=actor, now=now, pk=department.pk, changes={"standard": standards[department.name]})
        size = {"3A": 3000, "3B": 1800, "2A": 1000}.get(department.institution.grade, 400)
        for disease in labelled[department.name]:
            patient_population_create(
                actor=actor, now=now, department=department, indication=diseases[disease],
                patients=max(50, round(chance.gauss(size, size / 3), -1)), basis=PatientPopulation.Basis.DEPARTMENT,
                source="科室座谈", estimated_on=now.date() - timedelta(days=chance.randint(10, 200)),
            )  # fmt: skip


def _points(chance: random.Random, base: float) -> int:
    return round(min(100, max(0, chance.gauss(base, 18))))
