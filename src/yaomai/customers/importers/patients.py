"""Import of patient populations: a department, a disease, how many patients in a year, and whence one knows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Indication
from yaomai.customers.models import Department, PatientPopulation
from yaomai.customers.models.patients import MOST_PATIENTS
from yaomai.customers.naming import institutions_named
from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.model_importer import SEVERAL, ModelImporter, Rows
from yaomai.kit.transfer.problems import register_problem
from yaomai.kit.transfer.registry import Context, register_importer

register_problem(
    "customers.department_unknown",
    _(
        "The institution has no department “%(value)s”. Create it first, or import professionals with their departments."
    ),
)
register_problem("customers.future_day", _("“%(value)s” lies in the future."))

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    PatientPopulation.Basis.PUBLISHED: ("医院公开", "公开数据", "年报"),
    PatientPopulation.Basis.DEPARTMENT: ("科室告知", "科室沟通", "访谈"),
    PatientPopulation.Basis.EPIDEMIOLOGY: ("流行病学", "流行病学推算", "患病率推算"),
    PatientPopulation.Basis.THIRD_PARTY: ("第三方", "第三方数据", "第三方数据库"),
}


@register_importer
class PatientPopulationImporter(ModelImporter):
    """Patient populations by department and disease; the same day again corrects the estimate."""

    name = "customers.patient_population"
    label = _("Patient populations")
    results = ("customers:patientpopulation_list", _("See the patient populations"))
    right = "customers.patientpopulation:import"
    model = PatientPopulation
    keys: ClassVar[Sequence[Sequence[str]]] = (("department", "indication", "estimated_on"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称"), hint=_("Code, name or another name.")),
        Column("department", _("Department"), required=True, length=100, synonyms=("科室", "科室名称"), example="心血管内科"),
        Column("indication", _("Disease"), ColumnKind.REFERENCE, required=True, synonyms=("疾病", "病种", "适应症", "适应证"),
               listed=lambda: list(_open_indications().values_list("name", flat=True)), hint=_("Name or ICD-10 code, as in the catalogue.")),
        Column("patients", _("Patients per year"), ColumnKind.INTEGER, required=True, minimum=0, maximum=MOST_PATIENTS,
               synonyms=("年患者数", "患者数", "患者人数", "年就诊人数"), example="1200", hint=_("Of the whole department, never of one doctor.")),
        Column("basis", _("Basis"), ColumnKind.CHOICE, required=True, synonyms=("依据", "估算依据", "数据来源类型"),
               choices=tuple(Choice(value, label, SYNONYMS[value]) for value, label in PatientPopulation.Basis.choices)),
        Column("source", _("Source"), required=True, length=200, synonyms=("来源", "数据来源", "出处"), example="医院2025年度报告"),
        Column("estimated_on", _("Estimated on"), ColumnKind.DATE, required=True, synonyms=("估算日期", "日期", "数据日期")),
    )  # fmt: skip

    def resolve(self, column: Column, texts: Sequence[str], context: Context) -> Mapping[str, int]:
        """Return institutions in reach, or diseases by name or code."""
        if column.name == "institution":
            return institutions_named(texts, right=self.right)
        found: dict[str, int] = {}
        for pk, code, name in _open_indications().values_list("pk", "code", "name"):
            for text in filter(None, (name, code)):
                found[text] = SEVERAL if text in found else pk
        return {text: found[text.strip()] for text in texts if text.strip() in found}

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the fields; refuse departments that the institution lacks and days to come."""
        data = rows.data
        places = list(
            zip(
                data.column("institution").to_pylist(),
                [t.strip() for t in data.column("department").to_pylist()],
                strict=True,
            )
        )
        known = {
            (institution, name): pk
            for pk, institution, name in Department.unscoped.filter(
                institution__in={institution for institution, _name in places}, archived_at=None
            ).values_list("pk", "institution_id", "name")
        }
        today = local_day(context.now)
        days = data.column("estimated_on").to_pylist()
        _refuse(rows, "department", [place not in known for place in places], "customers.department_unknown")
        _refuse(rows, "estimated_on", [day > today for day in days], "customers.future_day")
        given: dict[str, Any] = {
            name: data.column(name)
            for name in ("institution", "indication", "patients", "basis", "source", "estimated_on")
        }
        given["department"] = pa.array([known.get(place) for place in places], pa.int64())
        given["recorded_by"] = pa.array([context.actor.person_id] * len(rows), pa.int64())
        return pa.table(given)

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say; a disease by its name, which is the surer one."""
        prefetch_related_objects(rows, "department")
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {**line, "department": row.department.name, "indication": row.indication.name}

    def existing(self, context: Context) -> Any:
        """Return estimates that were not withdrawn."""
        return PatientPopulation.unscoped.filter(archived_at=None)


def _open_indications() -> Any:
    return Indication.unscoped.filter(archived_at=None).order_by("name")


def _refuse(rows: Rows, column: str, wrong: Sequence[bool], code: str) -> None:
    rows.refuse(column, [position for position, is_wrong in enumerate(wrong) if is_wrong], code)
