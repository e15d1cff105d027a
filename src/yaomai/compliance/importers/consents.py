"""Import of consents and agreements of institutions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.compliance import services
from yaomai.compliance.models import Consent
from yaomai.customers.models import Department
from yaomai.customers.naming import institution_called
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.outgoing import BETWEEN
from yaomai.kit.transfer.registry import register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter, Values


@register_importer
class ConsentImporter(ServiceImporter):
    """Consents by institution, document and first day."""

    name = "compliance.consent"
    label = _("Consents of institutions")
    results = ("compliance:consent_list", _("See the consents"))
    right = "compliance.consent:import"
    model = Consent
    keys: ClassVar[Sequence[Sequence[str]]] = (("document", "institution", "valid_from"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "医疗机构", "单位", "客户名称", "医院编码", "签署单位", "hospital"),
               hint=_("Code, name or another name.")),
        Column("document", _("Document"), required=True, length=200, example="同意函 2026-001",
               synonyms=("文件", "文件名称", "同意书", "同意函", "协议", "协议编号", "文件编号", "编号", "文号", "document")),
        Column("kind", _("Kind"), ColumnKind.CHOICE, choices=tuple(Choice(value, label) for value, label in Consent.Kind.choices),
               synonyms=("种类", "类型", "文件类型", "同意类型", "性质", "kind")),
        Column("activities", _("For"), example="学术拜访与会议", synonyms=("范围", "用途", "同意范围", "活动", "活动范围", "事项", "scope"),
               hint=_("Several apart by 、; academic visits and meetings when empty.")),
        Column("departments", _("Departments"), synonyms=("科室", "科室范围", "适用科室", "同意科室", "部门", "departments"),
               hint=_("Several apart by 、; the whole institution when empty.")),
        Column("reception", _("Department that receives representatives"), length=100,
               synonyms=("接待部门", "归口部门", "管理部门", "责任部门", "接待科室", "reception")),
        Column("valid_from", _("Valid from"), ColumnKind.DATE, required=True, example="2026-01-01",
               synonyms=("生效日期", "开始日期", "起始日期", "签署日期", "有效期起", "有效期自", "同意日期", "起", "start")),
        Column("valid_to", _("Valid to"), ColumnKind.DATE,
               synonyms=("失效日期", "截止日期", "到期日期", "结束日期", "有效期止", "有效期至", "止", "end"),
               hint=_("The first day on which it no longer holds.")),
        Column("note", _("Note"), length=2000, synonyms=("备注", "说明", "备注说明", "remark")),
    )  # fmt: skip
    create = staticmethod(services.consent_create)
    update = staticmethod(services.consent_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution that a text means."""
        return institution_called(text, column.name)

    def _referred(self, values: Values) -> Values:
        """Turn texts into what they mean: the institution, its departments, activities."""
        found = super()._referred(values)
        if text := found.get("activities"):
            found["activities"] = _activities(text)
        if text := found.get("departments"):
            found["departments"] = _departments(text, found["institution"])
        return found

    def differing(self, row: Any, values: Values) -> Values:
        """Return what differs, the departments by name."""
        found = super().differing(row, {name: value for name, value in values.items() if name != "departments"})
        wanted = values.get("departments")
        if wanted and {each.pk for each in wanted} != set(row.departments.values_list("pk", flat=True)):
            found["departments"] = wanted
        return found

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each consent, with its departments and activities in words."""
        models.prefetch_related_objects(rows, "departments")
        for row, line in zip(rows, super().lines(rows), strict=True):
            labels = dict(Consent.Activity.choices)
            yield {
                **line,
                "activities": BETWEEN.join(str(labels.get(code, code)) for code in row.activities),
                "departments": BETWEEN.join(department.name for department in row.departments.all()),
            }


def _split(text: str) -> list[str]:
    for apart in (",", "，", ";", "；", "/"):
        text = text.replace(apart, BETWEEN)
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


def _activities(text: str) -> list[str]:
    known = {str(label): code for code, label in Consent.Activity.choices} | {
        code: code for code in Consent.Activity.values
    }
    if unknown := [part for part in _split(text) if part not in known]:
        raise Invalid(fields={"activities": [_("Unknown: %(names)s. There are: %(known)s") % {
            "names": BETWEEN.join(unknown), "known": BETWEEN.join(str(label) for label in Consent.Activity.labels)}]})  # fmt: skip
    return [known[part] for part in _split(text)]


def _departments(text: str, institution: Any) -> list[Department]:
    found = {each.name: each for each in Department.objects.filter(institution=institution, archived_at=None)}
    if unknown := [part for part in _split(text) if part not in found]:
        raise Invalid(fields={"departments": [_("The institution has no such department: %(names)s") % {
            "names": BETWEEN.join(unknown)}]})  # fmt: skip
    return [found[part] for part in _split(text)]
