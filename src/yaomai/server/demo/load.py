"""Bring the invented company in through the same services that people use."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from yaomai.catalog.models import Division
from yaomai.commerce import lines
from yaomai.commerce.services import flow_take_in
from yaomai.commerce.services.intake import plan_intake
from yaomai.customers.models import Institution
from yaomai.customers.services import institution_create, institution_name_add, professional_create
from yaomai.kit.access import Actor, acting, system_actor
from yaomai.organization.models import Person, Role, Territory
from yaomai.organization.services import (
    filing_create,
    holding_start,
    person_create,
    position_create,
    role_sync,
    territory_create,
)
from yaomai.server.demo import world
from yaomai.server.demo.catalog import products_create
from yaomai.server.demo.judgement import assessments_record

PASSWORD = "anheng-demo-2026"  # noqa: S105 — the demo company's, printed at every start
Report = Callable[[float], None]


def load(*, progress: Report = lambda _share: None, today: date | None = None) -> None:
    """Create the demo company in an empty database; safe to run again only on an empty one."""
    day = today or timezone.localdate()
    now = timezone.make_aware(datetime(day.year, day.month, day.day, 8))
    actor = system_actor("demo", "loading the demo company")
    made = world.build(day)
    with acting(actor):
        _organization(actor, made, now)
        progress(0.1)
        _divisions(now)
        products_create(actor=actor, now=now)
        progress(0.15)
        institutions = _institutions(actor, made, now)
        progress(0.35)
        _professionals(actor, made, institutions, now)
        progress(0.6)
        assessments_record(actor=actor, made=made, now=now)
        progress(0.7)
        _flow(actor, made, institutions, now, lambda share: progress(0.7 + 0.25 * share))
    progress(1.0)


def sign_ins() -> list[dict[str, Any]]:
    """Return one sign-in per role of the demo company, none when another company works here."""
    names = [seat.username for seat in world.build(date(2026, 1, 1)).seats]
    people = {person.username: person for person in Person.objects.filter(username__in=names, is_active=True)}
    shown: dict[str, dict[str, Any]] = {}
    for seat in world.build(date(2026, 1, 1)).seats:
        person = people.get(seat.username)
        if person is not None and person.check_password(PASSWORD) and seat.role not in shown:
            entry = {"role": seat.title, "person": person.name, "username": person.username, "password": PASSWORD}
            shown[seat.role] = entry
    return list(shown.values())


def _organization(actor: Actor, made: world.World, now: datetime) -> None:
    start = now.date() - timedelta(days=900)
    role_sync(actor=actor, now=now)
    roles = {role.code: role for role in Role.unscoped.all()}
    company = territory_create(
        actor=actor, now=now, code="CN", name="安衡药业", level=Territory.Level.COMPANY, valid_from=start
    )
    territories = {"": company}
    for region, areas in world.REGIONS.items():
        territories[region] = _territory(actor, now, region, Territory.Level.REGION, company, start)
        for area, provinces in areas.items():
            territories[area] = _territory(actor, now, area, Territory.Level.AREA, territories[region], start)
            for city in world.PROVINCES[provinces[0]]:
                name = world.district_name(city)
                territories[name] = _territory(actor, now, name, Territory.Level.DISTRICT, territories[area], start)
    secret = make_password(PASSWORD)
    for number, seat in enumerate(made.seats, 1):
        person = person_create(
            actor=actor, now=now, username=seat.username, name=seat.person, employee_number=f"AH{number:04d}"
        )
        Person.objects.filter(pk=person.pk).update(password=secret)
        position = position_create(
            actor=actor, now=now, code=seat.code, title=seat.title, role=roles[seat.role],
            territory=territories[seat.territory], valid_from=start,
        )  # fmt: skip
        if seat.is_filed:
            filing_create(
                actor=actor, now=now, person=person, number=f"备2026{number:06d}", product_scope="心血管, 代谢, 神经",
                valid_from=start, valid_to=now.date() + timedelta(days=500),
            )  # fmt: skip
        holding_start(actor=actor, now=now, position_id=position.pk, person_id=person.pk, valid_from=start)


def _territory(actor: Actor, now: datetime, name: str, level: str, parent: Territory, start: date) -> Territory:
    return territory_create(
        actor=actor, now=now, code=world.territory_code(name), name=name, level=level, parent=parent, valid_from=start
    )


def _divisions(now: datetime) -> None:
    """Write the invented provinces, cities and districts."""
    for first, (province, cities) in enumerate(world.PROVINCES.items(), 91):
        top = _division(f"{first}", province, province, Division.Level.PROVINCE, None, now)
        for second, city in enumerate(cities, 1):
            middle = _division(f"{first}{second:02d}", city, province + city, Division.Level.CITY, top, now)
            for third, district in enumerate(world.DISTRICTS, 1):
                code = f"{middle.code}{third:02d}"
                _division(code, district, province + city + district, Division.Level.DISTRICT, middle, now)


def _division(code: str, name: str, full: str, level: str, parent: Division | None, now: datetime) -> Division:
    path = f"{parent.path if parent else '/'}{code}/"
    return Division.unscoped.create(
        code=code, name=name, full_name=full, level=level, parent=parent, path=path, created_at=now, updated_at=now
    )


def _institutions(actor: Actor, made: world.World, now: datetime) -> dict[str, Institution]:
    divisions = {division.full_name: division for division in Division.unscoped.all()}
    territories = {territory.name: territory for territory in Territory.unscoped.all()}
    result = {}
    for item in (*made.institutions, *made.distributors):
        institution = institution_create(
            actor=actor, now=now, name=item.name, code=item.code, kind=item.kind, grade=item.grade,
            division=divisions["".join(item.division)], territory=territories[item.district_territory],
            valid_from=now.date() - timedelta(days=800), outlets=item.outlets, beds=item.beds,
        )  # fmt: skip
        for alias in item.aliases:
            institution_name_add(actor=actor, now=now, pk=institution.pk, name=alias)
        result[item.code] = institution
    return result


def _professionals(actor: Actor, made: world.World, institutions: dict[str, Institution], now: datetime) -> None:
    for item in made.professionals:
        professional_create(
            actor=actor, now=now, name=item.name, code=item.code, institution=institutions[item.institution],
            title=item.title, profession=item.profession, specialty=item.department,
            valid_from=now.date() - timedelta(days=700),
        )  # fmt: skip


def _flow(
    actor: Actor, made: world.World, institutions: dict[str, Institution], now: datetime, progress: Report
) -> None:
    for done, ((distributor, quarter), sold) in enumerate(sorted(made.flow.items(), key=lambda pair: pair[0][1]), 1):
        plan = plan_intake(
            actor=actor, distributor_id=institutions[distributor].pk, table=_table(sold), today=now.date()
        )
        name = f"{institutions[distributor].name}{quarter.year}年第{(quarter.month + 2) // 3}季度流向.xlsx"
        flow_take_in(actor=actor, plan=plan, file_name=name, now=now)
        progress(done / len(made.flow))


def _table(sold: list[world.Line]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "row": list(range(2, len(sold) + 2)),
        "sold_on": [line.sold_on for line in sold],
        "buyer": [line.buyer for line in sold],
        "place": [line.place for line in sold],
        "item": [line.product.name for line in sold],
        "specification": [line.product.specification for line in sold],
        "item_code": [line.product.approval_number for line in sold],
        "quantity": [line.quantity for line in sold],
        "amount": [line.amount for line in sold],
        "lot": [line.lot for line in sold],
    }
    return pa.table({name: pa.array(columns[name], lines.SCHEMA.field(name).type) for name in lines.SCHEMA.names})
