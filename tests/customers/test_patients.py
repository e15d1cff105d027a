"""Patient populations: estimates per department and disease, never per doctor."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from yaomai.customers import selectors, services
from yaomai.customers.models import Department, PatientPopulation
from yaomai.kit.access import acting
from yaomai.kit.errors import Invalid, Missing, Refused
from yaomai.kit.transfer.command import import_file

from .conftest import NOW, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


@pytest.fixture
def department(world: World, institution: Make) -> Department:
    """The cardiology of a hospital in the east."""
    hospital = institution("江城市第一医院", territory=world.east)
    made: Department = services.department_create(actor=world.system, now=NOW, institution=hospital, name="心内科")
    return made


@pytest.fixture
def disease(world: World) -> Any:
    from yaomai.catalog.services import indication_create

    return indication_create(actor=world.system, now=NOW, name="高血压", code="I10")


def estimate(world: World, department: Department, disease: Any, **given: Any) -> PatientPopulation:
    fields: dict[str, Any] = {
        "actor": world.east_manager, "now": NOW, "department": department, "indication": disease, "patients": 900,
        "basis": "published", "source": "医院年报", "estimated_on": date(2026, 3, 1),
    }  # fmt: skip
    made: PatientPopulation = services.patient_population_create(**(fields | given))
    return made


def test_the_newest_estimate_counts_and_a_withdrawn_one_does_not(
    world: World, department: Department, disease: Any
) -> None:
    estimate(world, department, disease)
    newer = estimate(world, department, disease, patients=1200, estimated_on=date(2026, 9, 1))
    with acting(world.reader):
        shown = selectors.institution_patients(department.institution, world.reader)
    assert [row.patients for row in shown["rows"]] == [1200]
    services.patient_population_archive(actor=world.east_manager, pk=newer.pk, now=NOW)
    with acting(world.reader):
        shown = selectors.institution_patients(department.institution, world.reader)
    assert [row.patients for row in shown["rows"]] == [900]


def test_what_makes_no_sense_is_refused(world: World, department: Department, disease: Any) -> None:
    estimate(world, department, disease)
    with pytest.raises(Invalid) as once:
        estimate(world, department, disease)
    assert list(once.value.fields) == [""]
    with pytest.raises(Invalid):
        estimate(world, department, disease, estimated_on=date(2027, 1, 1))
    with pytest.raises(Invalid):
        estimate(world, department, disease, patients=2_000_000, estimated_on=date(2026, 4, 1))
    with pytest.raises(Refused):
        estimate(world, department, disease, source="王主任每月处方量80盒", estimated_on=date(2026, 4, 1))
    with pytest.raises(Missing):
        estimate(world, department, disease, actor=world.west_manager, estimated_on=date(2026, 4, 1))
    assert PatientPopulation.unscoped.count() == 1


def bring_in(world: World, folder: Path, *rows: dict[str, str]) -> Any:
    path = folder / "科室患者.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return import_file(actor=world.system, now=NOW, path=path, importer="customers.patient_population", source="test")


ROW = {
    "医院": "江城市第一医院", "科室": "心内科", "疾病": "I10", "年患者数": "1,350", "依据": "流行病学推算", "来源": "省卫健统计年鉴",
    "日期": "2026年6月1日",
}  # fmt: skip


def test_a_file_comes_in_and_the_same_day_again_corrects(
    world: World, department: Department, disease: Any, tmp_path: Path
) -> None:
    done = bring_in(world, tmp_path, ROW)
    assert (done.created_count, done.refused_count) == (1, 0)
    row = PatientPopulation.unscoped.get()
    assert (row.department, row.indication, row.patients, row.basis) == (department, disease, 1350, "epidemiology")
    assert row.institution == department.institution
    done = bring_in(world, tmp_path, ROW | {"年患者数": "1400"})
    assert (done.updated_count, PatientPopulation.unscoped.get().patients) == (1, 1400)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"科室": "眼科"}, "customers.department_unknown"),
        ({"疾病": "没有的病"}, "unknown_of"),
        ({"日期": "2027-01-01"}, "customers.future_day"),
    ],
)
def test_wrong_rows_are_refused(
    world: World, department: Department, disease: Any, tmp_path: Path, change: dict[str, str], code: str
) -> None:
    done = bring_in(world, tmp_path, ROW | change)
    assert [problem["code"] for problem in done.result["problems"]] == [code]
    assert not PatientPopulation.unscoped.exists()


def test_a_file_that_counts_by_doctor_is_refused_whole(
    world: World, department: Department, disease: Any, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        bring_in(world, tmp_path, ROW | {"来源": "李医生处方张数"})
    assert any("X1" in each for each in refused.value.citations)
    assert not PatientPopulation.unscoped.exists()
