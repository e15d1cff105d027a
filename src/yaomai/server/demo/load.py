"""Bring the invented company in through the same services that people use."""

import csv
import tempfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.contrib.auth.hashers import make_password
from django.utils import timezone, translation

from yaomai.catalog.services import division_create
from yaomai.commerce import lines
from yaomai.commerce.services import flow_take_in
from yaomai.commerce.services.intake import plan_intake
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor, acting, system_actor
from yaomai.kit.dashboards import totals
from yaomai.kit.jobs import at_once
from yaomai.kit.transfer.command import import_file
from yaomai.organization.models import Person, Role, Territory
from yaomai.organization.services import (
    filing_create,
    holding_start,
    person_create,
    position_create,
    role_sync,
    territory_create,
)
from yaomai.segmentation.services import tiers_compute, tiers_publish
from yaomai.server.demo import world
from yaomai.server.demo.academic import academic_record, references, ties_record
from yaomai.server.demo.catalog import products_create
from yaomai.server.demo.compliance import consents_record, ledger_fill
from yaomai.server.demo.controls import controls_record
from yaomai.server.demo.decisions import decisions_record
from yaomai.server.demo.evaluations import evaluations_record
from yaomai.server.demo.findings import findings_record
from yaomai.server.demo.integrity import dossiers_make, watch_record
from yaomai.server.demo.judgement import assessments_record, patients_estimate
from yaomai.server.demo.materials import materials_record
from yaomai.server.demo.outlook import outlook_record
from yaomai.server.demo.planning import plans_record
from yaomai.server.demo.privacy import privacy_record
from yaomai.server.demo.profiles import profiles_record
from yaomai.server.demo.reviews import last_quarter, reviews_begin
from yaomai.server.demo.service import callbacks_record, service_record
from yaomai.server.demo.speaking import reports_write
from yaomai.server.demo.stages import stages_record
from yaomai.server.demo.targets import targets_record
from yaomai.server.demo.visits import visits_record

PASSWORD = "anheng-demo-2026"  # noqa: S105 — the demo company's, printed at every start
Report = Callable[[int, int, str], None]
STEPS = 14
# As the company's own lists write them.
KINDS = {
    "hospital": "医院", "community": "社区卫生服务中心", "chain": "连锁总部", "pharmacy": "单体药店", "clinic": "诊所",
    "distributor": "经销商",
}  # fmt: skip
GRADES = {"3A": "三级甲等", "3B": "三级乙等", "2A": "二级甲等", "2B": "二级乙等", "1A": "一级甲等"}
PROFESSIONS = {"physician": "医生", "pharmacist": "药师", "retail": "店员"}
TITLES = {
    "chief_physician": "主任医师", "associate_physician": "副主任医师", "attending": "主治医师", "resident": "住院医师",
}  # fmt: skip


def _silent(_done: int, _total: int, _words: str) -> None:
    """Report to nobody."""


def load(*, progress: Report = _silent, today: date | None = None) -> None:
    """Create the demo company in an empty database, through the imports and services that people use."""
    day = today or timezone.localdate()
    now = timezone.now() if today is None else datetime.combine(day, time(8), timezone.get_default_timezone())
    actor = system_actor("安衡药业", "建立演示公司")
    made = world.build(day)
    # What it writes is Chinese, whatever language the terminal speaks; no worker runs yet.
    with acting(actor), translation.override("zh-hans"), at_once():
        progress(0, STEPS, "组织与人员")
        _organization(actor, made, now)
        progress(1, STEPS, "行政区划与产品")
        _divisions(actor, now)
        products_create(actor=actor, now=now)
        progress(2, STEPS, "机构")
        _institutions(actor, made, now)
        progress(3, STEPS, "专业人士")
        _professionals(actor, made, now)
        progress(4, STEPS, "评估")
        assessments_record(actor=actor, made=made, now=now)
        patients_estimate(actor=actor, now=now)
        profiles_record(actor=actor, now=now)
        progress(5, STEPS, "决策链与学术档案")
        decisions_record(actor=actor, now=now)
        academic_record(actor=actor, now=now)
        _import(actor, now, "influence.publication", "论文检索结果.csv", references())
        ties_record(actor=actor, now=now)
        progress(6, STEPS, "机构同意与往来台账")
        consents_record(actor=actor, now=now)
        ledger_fill(actor=actor, now=now)
        progress(7, STEPS, "流向")
        _flow(actor, made, now)
        progress(8, STEPS, "分层")
        before = last_quarter(actor=actor, day=day, now=now)
        run = tiers_compute(actor=actor, as_of=day)
        progress(9, STEPS, "评审与发布")
        reviews_begin(actor=actor, day=day, now=now)
        tiers_publish(actor=actor, pk=run.pk, now=now, instead_of=before)
        progress(10, STEPS, "大客户")
        stages_record(actor=actor, now=now)
        progress(11, STEPS, "重点突破医院")
        targets_record(actor=actor, now=now)
        findings_record(actor=actor, now=now)
        watch_record(actor=actor, now=now)
        reports_write(actor=actor, now=now)
        materials_record(actor=actor, now=now)
        controls_record(actor=actor, now=now)
        privacy_record(actor=actor, now=now)
        dossiers_make(actor=actor, now=now)
        progress(12, STEPS, "计划")
        plans_record(actor=actor, now=now)
        progress(13, STEPS, "拜访")
        visits_record(now=now)
        service_record(actor=actor, now=now)
        callbacks_record(now=now)
        outlook_record(actor=actor, now=now)
        evaluations_record(actor=actor, now=now)
        totals.refresh_all(now=now)
        progress(STEPS, STEPS, "")


def sign_ins() -> list[dict[str, Any]]:
    """Return one sign-in per role of the demo company, none when another company works here."""
    names = [seat.username for seat in world.build(date(2026, 1, 1)).seats]
    people = {
        person.username: person for person in Person.unscoped.filter(username__in=names, archived_at__isnull=True)
    }
    shown: dict[str, dict[str, Any]] = {}
    for seat in world.build(date(2026, 1, 1)).seats:
        person = people.get(seat.username)
        if person is not None and seat.role not in shown and person.check_password(PASSWORD):
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
        Person.unscoped.filter(pk=person.pk).update(password=secret, must_change_password=False)
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


def _divisions(actor: Actor, now: datetime) -> None:
    """Write the invented provinces, cities and districts."""
    for first, (province, cities) in enumerate(world.PROVINCES.items(), 91):
        top = division_create(actor=actor, now=now, code=f"{first}", name=province)
        for second, city in enumerate(cities, 1):
            middle = division_create(actor=actor, now=now, code=f"{first}{second:02d}", name=city, parent=top)
            for third, district in enumerate(world.DISTRICTS, 1):
                division_create(actor=actor, now=now, code=f"{middle.code}{third:02d}", name=district, parent=middle)


def _import(actor: Actor, now: datetime, importer: str, name: str, rows: list[dict[str, Any]]) -> None:
    """Bring rows in as a CSV file, as a person would."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        done = import_file(actor=actor, now=now, path=path, importer=importer, source="安衡药业")
    if done.refused_count or done.created_count != len(rows):
        raise RuntimeError(f"{name}: {done.created_count} of {len(rows)} rows came in, {done.refused_count} refused")


def _institutions(actor: Actor, made: world.World, now: datetime) -> None:
    codes = dict(Territory.unscoped.values_list("name", "code"))
    _import(actor, now, "customers.institution", "安衡药业机构名单.csv", [
        {
            "code": item.code, "name": item.name, "aliases": "、".join(item.aliases), "kind": KINDS[item.kind],
            "grade": GRADES.get(item.grade, ""), "province": item.division[0], "city": item.division[1], "district": item.division[2],
            "outlets": item.outlets or "", "beds": item.beds or "", "territory": codes[item.district_territory],
        }
        for item in (*made.institutions, *made.distributors)
    ])  # fmt: skip


def _professionals(actor: Actor, made: world.World, now: datetime) -> None:
    names = {item.code: item.name for item in made.institutions}
    _import(actor, now, "customers.professional", "安衡药业客户名单.csv", [
        {
            "code": item.code, "name": item.name, "profession": PROFESSIONS[item.profession],
            "title": TITLES.get(item.title, ""),
            "specialty": item.department, "institution": names[item.institution], "department": item.department,
        }
        for item in made.professionals
    ])  # fmt: skip


def _flow(actor: Actor, made: world.World, now: datetime) -> None:
    distributors = dict(Institution.unscoped.filter(kind=Institution.Kind.DISTRIBUTOR).values_list("code", "pk"))
    names = {item.code: item.name for item in made.distributors}
    for (distributor, quarter), sold in sorted(made.flow.items(), key=lambda pair: pair[0][1]):
        plan = plan_intake(
            actor=actor, distributor_id=distributors[distributor], table=_table(sold), today=timezone.localdate(now)
        )
        name = f"{names[distributor]}{quarter.year}年第{(quarter.month + 2) // 3}季度流向.xlsx"
        flow_take_in(actor=actor, plan=plan, file_name=name, now=now)


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
