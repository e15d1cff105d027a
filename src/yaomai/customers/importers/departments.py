"""Import of departments of institutions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from yaomai.customers import services
from yaomai.customers.models import Department
from yaomai.customers.naming import institution_called
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.registry import register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter, Values


@register_importer
class DepartmentImporter(ServiceImporter):
    """Departments by institution and name."""

    name = "customers.department"
    label = _("Departments")
    results = ("customers:department_list", _("See the departments"))
    right = "customers.department:import"
    model = Department
    keys: ClassVar[Sequence[Sequence[str]]] = (("name", "institution"),)
    references: ClassVar[Mapping[str, Sequence[str]]] = {"standard": ("code", "name")}
    columns: ClassVar[Sequence[Column]] = (
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "所属医院", "所属机构", "单位", "医疗机构", "客户名称", "医院编码", "hospital"),
               hint=_("Code, name or another name.")),
        Column("name", _("Name"), required=True, length=100, example="心血管内科",
               synonyms=("科室", "科室名称", "部门", "部门名称", "科室全称", "临床科室", "名称", "科别", "department", "department name")),
        Column("standard", _("Standard department"), ColumnKind.REFERENCE,
               synonyms=("标准科室", "标准科室名称", "诊疗科目", "对应标准科室", "标准科目", "归属科室", "标准名称", "standard"),
               hint=_("Code or name of the standard list; the one of the same name when empty.")),
        Column("beds", _("Beds"), ColumnKind.INTEGER, minimum=0,
               synonyms=("床位数", "床位", "科室床位", "编制床位", "开放床位", "开放床位数", "床位数量", "beds")),
    )  # fmt: skip
    create = staticmethod(services.department_create)
    update = staticmethod(services.department_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return what a text means; institutions also by their other names."""
        return (
            institution_called(text, column.name)
            if column.name == "institution"
            else super().refer(column, text, values)
        )
