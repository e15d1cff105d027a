"""An invented company of millions of customers, written straight into the tables: territories, people, customers, tiers.

`fill` leaves a filled database as it is. What pages show in depth (profile, contact data, trail) is recorded through the
services, for a few customers: `Company.known`.
"""

import io
import multiprocessing
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from ground import load_divisions
from market import SHARED, institutions, places, professionals

SEED = 20260701
PARTS = 2
BATCH = 20_000
TIERED = 10
"""Every tenth customer has tiers and buys."""
KNOWN = 40
"""Customers of each entity whose profile, contact data and trail are filled."""
AREA = "32"
"""The province of the area manager."""
PASSWORD = "measured-2026-anheng"
REGIONS = {"1": "华北", "2": "东北", "3": "华东", "4": "中南", "5": "西南", "6": "西北"}
BULK = (
    "customers_institution", "customers_institutionname", "customers_institutionterritory", "customers_department",
    "customers_professional", "customers_affiliation", "commerce_sourcename", "commerce_salesline",
    "segmentation_tierassignment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in."""

    label: str
    username: str


DIRECTOR = Person("director, sees everything", "director")
MANAGER = Person("area manager, sees a part", "manager")


def fill(folder: Path, *, institution_count: int, professional_count: int) -> None:
    """Make the company in an empty database of the data folder; a database with customers is left as it is."""
    from django.db import connections
    from django.utils import timezone

    from yaomai.customers.models import Institution
    from yaomai.kit.access import acting, system_actor
    from yaomai.server.demo.catalog import products_create

    if Institution.unscoped.exists():
        return
    actor, now, begun = system_actor("benchmark", "measuring"), timezone.now(), time.perf_counter()

    def done(step: str) -> None:
        print(f"{time.perf_counter() - begun:6.0f} s  {step}", file=sys.stderr, flush=True)

    with acting(actor):
        load_divisions(SHARED)
        products_create(actor=actor, now=now)
        _organization(actor, now)
        done("divisions, products, territories, people")
        connections.close_all()
        server = _superuser(folder)
        with without_indexes(server, BULK):
            _in_parts(_write_institutions, server, institution_count)
            _run(server, BEHIND_INSTITUTIONS)
            done(f"{institution_count:,} institutions with their departments")
            _in_parts(_write_professionals, server, professional_count, institution_count)
            _run(server, BEHIND_PROFESSIONALS)
            done(f"{professional_count:,} professionals with their workplaces")
            _run(server, BOUGHT)
            _tiers(actor, {"institution": institution_count, "professional": professional_count}, now)
            done("sales flow, tiers of a published run")
        done("indexes")
        _run(server, ["VACUUM (ANALYZE)"])
        done("statistics")
        _known(actor, now)
        done("profiles, contact data, trail")


def _superuser(folder: Path) -> dict[str, Any]:
    from yaomai.kit.embedded import DATABASE, EmbeddedPostgres

    return EmbeddedPostgres(folder).administrator_parameters(DATABASE)


def _connected(server: dict[str, Any]) -> psycopg.Connection[Any]:
    """Connect so that rows are written without asking for each what it refers to: they come from here alone."""
    connection = psycopg.connect(**server, autocommit=True)
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET synchronous_commit = off")
    return connection


@contextmanager
def without_indexes(server: dict[str, Any], tables: Sequence[str]) -> Iterator[None]:
    """Take the indexes of tables away, and make them anew at the end: two at a time, the largest first."""
    with _connected(server) as connection:
        unique = connection.execute(
            "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
            " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY(%s::text[]::regclass[])",
            [list(tables)],
        ).fetchall()
        plain = connection.execute(
            "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = ANY(%s::text[]::regclass[])"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
            [list(tables)],
        ).fetchall()
        for drop, _make in (*unique, *plain):
            connection.execute(drop)
    yield
    made = [make for _drop, make in (*plain, *unique)]
    made.sort(key=lambda make: "gin" not in make.lower())
    with ThreadPoolExecutor(PARTS) as pool:
        list(pool.map(lambda make: _run(server, [make]), made))


def _run(server: dict[str, Any], statements: Iterable[str]) -> None:
    with _connected(server) as connection:
        for statement in statements:
            connection.execute(statement)


def _in_parts(write: Any, server: dict[str, Any], count: int, *arguments: Any) -> None:
    """Let processes write one part of the rows each."""
    context = multiprocessing.get_context("fork")
    share = -(-count // PARTS)
    with ProcessPoolExecutor(PARTS, mp_context=context) as pool:
        parts = [
            pool.submit(write, server, part * share, min(share, count - part * share), *arguments)
            for part in range(PARTS)
        ]
        for part in parts:
            part.result()


# Who works here -------------------------------------------------------------------------------------------------


def _organization(actor: Any, now: datetime) -> None:
    """Make regions, areas (provinces) and districts (cities), a director and an area manager."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from yaomai.catalog.models import Division
    from yaomai.organization import services
    from yaomai.organization.models import Person as Row
    from yaomai.organization.models import Role, Territory

    today = timezone.localdate()
    start = today - timedelta(days=1000)
    services.role_sync(actor=actor, now=now)
    level = Territory.Level

    def territory(code: str, name: str, kind: str, parent: Territory | None) -> Territory:
        return services.territory_create(
            actor=actor, now=now, code=code, name=name, level=kind, parent=parent, valid_from=start
        )

    above: dict[str, Territory] = {"": territory("CN", "全国", level.COMPANY, None)}
    for digit, name in REGIONS.items():
        above[digit] = territory(f"R{digit}", name, level.REGION, above[""])
    divisions = Division.unscoped.filter(level__in=("province", "city")).order_by("level", "code")
    used = {place.code[:length] for place in places() for length in (2, 4)}
    for code, name, kind in sorted(divisions.values_list("code", "name", "level"), key=lambda row: len(row[0])):
        if code in used:
            parent = above[code[:1] if kind == "province" else code[:2]]
            above[code] = territory(code, name, level.AREA if kind == "province" else level.DISTRICT, parent)
    secret = make_password(PASSWORD)
    for person, role, place in ((DIRECTOR, "sales_director", ""), (MANAGER, "area_manager", AREA)):
        made = services.person_create(actor=actor, now=now, username=person.username, name=person.username)
        Row.unscoped.filter(pk=made.pk).update(password=secret, must_change_password=False)
        seat = services.position_create(
            actor=actor, now=now, code=person.username, title=role, role=Role.unscoped.get(code=role),
            territory=above[place], valid_from=start,
        )  # fmt: skip
        services.holding_start(actor=actor, now=now, position_id=seat.pk, person_id=made.pk, valid_from=start)


# Customers ------------------------------------------------------------------------------------------------------


def _write_institutions(server: dict[str, Any], first: int, count: int) -> None:
    from yaomai.customers.rules import grade_of, institution_key, kind_word, name_keys, split_name
    from yaomai.kit.search import vector

    chance = random.Random(SEED + first)
    with _connected(server) as connection:
        territories = dict(connection.execute("SELECT code, id FROM organization_territory").fetchall())
        divisions = dict(connection.execute("SELECT code, id FROM catalog_division").fetchall())
        made = iter(institutions(count, SEED + first, first=first))
        while batch := list(islice(made, BATCH)):
            names = [split_name(each.name) for each in batch]
            keys = name_keys([name for name, _others, _former in names])
            rows, aliases = [], []
            for each, (name, others, _former), key in zip(batch, names, keys, strict=True):
                pk = int(each.code[1:]) + 1
                changed = _moment(chance)
                rows.append((
                    pk, f"{chance.getrandbits(128):032x}", each.code, name, key, institution_key(key, each.place.code),
                    kind_word(each.kind), grade_of(each.grade), chance.choice(("public", "private", "")), "active",
                    divisions[each.place.code], each.address, each.phone, territories[each.place.code[:4]],
                    each.beds, each.outpatients, chance.randint(0, 90), 1, changed, changed,
                    vector(name, *others, each.code),
                ))  # fmt: skip
                aliases += [(pk, other, alias, "alias", "imported", changed)
                            for other, alias in zip(others, name_keys(others), strict=True)]  # fmt: skip
            _copy(connection, "customers_institution", INSTITUTION_COLUMNS, rows)
            _copy(connection, "customers_institutionname", NAME_COLUMNS, aliases)


INSTITUTION_COLUMNS = (
    "id", "uuid", "code", "name", "name_key", "natural_key", "kind", "grade", "ownership", "status", "division_id",
    "address", "phone", "territory_id", "beds", "outpatients", "completeness", "version", "created_at", "updated_at",
    "search",
)  # fmt: skip
NAME_COLUMNS = ("institution_id", "name", "key", "kind", "source", "created_at")
PROFESSIONAL_COLUMNS = (
    "id", "uuid", "code", "name", "sex", "profession", "title", "specialty", "customer_types", "institution_id",
    "department_id", "position", "territory_id", "completeness", "version", "created_at", "updated_at", "search",
)  # fmt: skip
BEHIND_INSTITUTIONS = (
    "INSERT INTO customers_institutionterritory (institution_id, territory_id, valid_from)"
    " SELECT id, territory_id, current_date - 900 FROM customers_institution",
    "INSERT INTO customers_department (id, institution_id, name, version, created_at, updated_at)"
    " SELECT 2 * id - number, id, title, 1, updated_at, updated_at FROM customers_institution,"
    " (VALUES (0, '心血管内科'), (1, '内分泌科')) made(number, title) WHERE kind = 'hospital'",
)
BEHIND_PROFESSIONALS = (
    "INSERT INTO customers_affiliation"
    " (professional_id, institution_id, department_id, position, is_primary, valid_from, source)"
    " SELECT id, institution_id, department_id, position, true, current_date - (id % 900)::int, ''"
    " FROM customers_professional",
    *(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        for table in ("customers_institution", "customers_department", "customers_professional")
    ),
)


def _write_professionals(server: dict[str, Any], first: int, count: int, institution_count: int) -> None:
    from yaomai.kit.search import vector

    chance = random.Random(SEED + first)
    with _connected(server) as connection:
        placed = dict(connection.execute("SELECT id, territory_id FROM customers_institution").fetchall())
        hospitals = {pk for (pk,) in connection.execute("SELECT DISTINCT institution_id FROM customers_department")}
        made = iter(professionals(count, SEED + first, first=first))
        while batch := list(islice(made, BATCH)):
            rows = []
            for each in batch:
                pk, institution = int(each.code[1:]) + 1, chance.randint(1, institution_count)
                department = 2 * institution - chance.randint(0, 1) if institution in hospitals else None
                changed = _moment(chance)
                rows.append((
                    pk, f"{chance.getrandbits(128):032x}", each.code, each.name, chance.choice("fm"), each.profession,
                    each.title, each.specialty, each.customer_types, institution, department, each.position,
                    placed[institution], chance.randint(0, 90), 1, changed, changed, vector(each.name, each.code),
                ))  # fmt: skip
            _copy(connection, "customers_professional", PROFESSIONAL_COLUMNS, rows)


def _moment(chance: random.Random) -> str:
    return f"{date(2026, 1, 1) - timedelta(days=chance.randint(0, 700))} {chance.randint(0, 23)}:00+08"


def _copy(connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    sink = io.BytesIO()
    values = pa.table({name: pa.array(column) for name, column in zip(columns, zip(*rows, strict=True), strict=True)})
    pacsv.write_csv(values, sink, pacsv.WriteOptions(include_header=False))
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(sink.getbuffer())


# What they buy, and which tiers they hold -------------------------------------------------------------------------

BOUGHT = (
    "INSERT INTO commerce_flowbatch (distributor_id, file_name, fingerprint, first_day, last_day, lines, amount, state,"
    " taken_in_at, version) SELECT min(id), '流向.xlsx', repeat('0', 64), current_date - 730, current_date, 0, 0, 'active',"
    " now(), 1 FROM customers_institution WHERE kind = 'distributor'",
    "INSERT INTO commerce_sourcename (kind, name, place, decision, institution_id, candidates, score, amount, lines,"
    f" created_at) SELECT 'institution', name, id, 'accepted', id, '[]', 1, 0, 24, now() FROM customers_institution"
    f" WHERE id % {5 * TIERED} = 0",
    "INSERT INTO commerce_sourcename (kind, name, place, decision, product_id, candidates, score, amount, lines,"
    " created_at) SELECT 'product', name, specification, 'accepted', id, '[]', 1, 0, 0, now() FROM catalog_product",
    "INSERT INTO commerce_salesline (batch_id, row, sold_on, buyer_id, item_id, institution_id, product_id, quantity,"
    " amount, lot, is_active) SELECT (SELECT min(id) FROM commerce_flowbatch), month, current_date - 30 * month - 3,"
    " buyer.id, item.id, buyer.institution_id, item.product_id, 10 + month, 137.5 * (10 + month), 'A1', true"
    " FROM commerce_sourcename buyer, generate_series(1, 24) month JOIN LATERAL (SELECT id, product_id FROM"
    " commerce_sourcename WHERE kind = 'product' ORDER BY (id + month) % 5, id LIMIT 1) item ON true"
    " WHERE buyer.kind = 'institution'",
)


def _tiers(actor: Any, counts: dict[str, int], now: datetime) -> None:
    """Score every tenth customer by every scheme as a run does, and publish the run."""
    from yaomai import __version__
    from yaomai.engine.scoring import evaluate
    from yaomai.kit.runs import files
    from yaomai.kit.runs.services import run_finish, run_start
    from yaomai.segmentation import KIND, results
    from yaomai.segmentation.attributes import ATTRIBUTES
    from yaomai.segmentation.inputs import applies
    from yaomai.segmentation.services import tiers_publish
    from yaomai.segmentation.services.running import scheme_specs

    chance = random.Random(SEED)
    specs, versions = scheme_specs(now.date())
    run, _is_new = run_start(
        actor=actor, kind=KIND, parameters={}, as_of=now.date(), inputs={}, policies=versions,
        engine_version=__version__, now=now,
    )  # fmt: skip
    summary: dict[str, Any] = {}
    with files.writing(run.pk) as draft:
        for subject, count in counts.items():
            customers = range(TIERED, count + 1, TIERED)
            judged = [each.code for each in ATTRIBUTES if subject in each.subjects and each.unit == "points"]
            columns = {code: pa.array([float(chance.randint(0, 100)) for _each in customers]) for code in judged}
            inputs = pa.table({"customer": pa.array(customers, pa.int64()), **columns})
            found = evaluate(inputs, None, [spec for spec in specs if applies(spec, subject)], as_of=now.date())
            results.write(draft, subject, inputs, found)
            summary[subject] = {
                name: {tier: {"customers": number, "amount": "0"} for tier, number in result.counts().items()}
                for name, result in found.items()
            }
    run_finish(actor=actor, pk=run.pk, result={"subjects": summary}, now=now)
    tiers_publish(actor=actor, pk=run.pk, now=now)


# Customers known in depth -----------------------------------------------------------------------------------------


def known_institutions() -> list[int]:
    """Return the institutions in the manager's area whose pages are full."""
    from yaomai.customers.models import InstitutionFact

    return sorted(set(InstitutionFact.unscoped.values_list("institution_id", flat=True)))


def known_professionals() -> list[int]:
    """Return the professionals in the manager's area whose pages are full."""
    from yaomai.customers.models import ProfessionalFact

    return sorted(set(ProfessionalFact.unscoped.values_list("professional_id", flat=True)))


def _known(actor: Any, now: datetime) -> None:
    """Record the profile and contact data of some customers with tiers and purchases, in the manager's area."""
    from django.db.models import F

    from yaomai.customers import services
    from yaomai.customers.models import Institution, Professional

    area = {"territory__parent__code": AREA}
    chosen = Institution.unscoped.annotate(rest=F("id") % (5 * TIERED)).filter(**area, rest=0).order_by("pk")[:KNOWN]
    for row in chosen:
        for field, value in (("patient_groups", "心血管慢病患者为主"), ("purchasing_route", "科室申请，药事会讨论，采购执行"),
                             ("influence_range", "city"), ("tags", ["price", "supply"])):  # fmt: skip
            services.institution_fact_record(actor=actor, pk=row.pk, field=field, value=value, source="走访", now=now)
        services.institution_contact_add(
            actor=actor, pk=row.pk, kind="mobile", value=f"1390000{row.pk % 10_000:04d}", source="名片", now=now
        )
    chosen = Professional.unscoped.annotate(rest=F("id") % TIERED).filter(**area, rest=0).order_by("pk")[:KNOWN]
    for row in chosen:
        for field, value in (("prescribing_habits", "偏好长效制剂，关注安全性"), ("academic_needs", ["literature", "cases"]),
                             ("style", "evidence"), ("visit_points", "周二上午出门诊")):  # fmt: skip
            services.professional_fact_record(actor=actor, pk=row.pk, field=field, value=value, source="走访", now=now)
        services.professional_contact_add(
            actor=actor, pk=row.pk, kind="mobile", value=f"1380000{row.pk % 10_000:04d}", source="名片", now=now
        )
