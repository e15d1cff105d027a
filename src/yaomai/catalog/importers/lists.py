"""Import of the short lists that products refer to: product lines, indications, standard departments."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yaomai.catalog import services
from yaomai.catalog.models import Indication, ProductLine, StandardDepartment
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.registry import register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter

_GROUPS: Mapping[str, tuple[str, ...]] = {
    StandardDepartment.Group.CLINICAL: ("临床", "临床科室"),
    StandardDepartment.Group.TECHNICAL: ("医技", "医技科室"),
    StandardDepartment.Group.PHARMACY: ("药学", "药剂", "药学部门"),
    StandardDepartment.Group.ADMINISTRATION: ("行政", "职能", "管理", "行政管理"),
}


@register_importer
class ProductLineImporter(ServiceImporter):
    """Product lines by code."""

    name = "catalog.product_line"
    label = _("Product lines")
    results = ("catalog:productline_list", _("See the product lines"))
    right = "catalog.productline:import"
    model = ProductLine
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",),)
    columns: ClassVar[Sequence[Column]] = (
        Column("code", _("Code"), required=True, length=32, example="CV",
               synonyms=("产品线编码", "产品线代码", "编码", "代码", "事业部编码", "产品线编号", "编号", "BU编码", "line code", "product line code")),
        Column("name", _("Name"), required=True, length=64, example="示例心血管线",
               synonyms=("产品线", "产品线名称", "名称", "事业部", "事业部名称", "业务线", "业务线名称", "BU", "BU名称", "line", "product line")),
    )  # fmt: skip
    create = staticmethod(services.product_line_create)
    update = staticmethod(services.product_line_update)


@register_importer
class IndicationImporter(ServiceImporter):
    """Indications by name: a disease code may hold for several."""

    name = "catalog.indication"
    label = _("Indications")
    results = ("catalog:indication_list", _("See the indications"))
    right = "catalog.indication:import"
    model = Indication
    keys: ClassVar[Sequence[Sequence[str]]] = (("name",),)
    columns: ClassVar[Sequence[Column]] = (
        Column("name", _("Name"), required=True, length=200, example="示例高血压",
               synonyms=("适应症", "适应证", "适应症名称", "疾病", "疾病名称", "病种", "病种名称", "诊断名称", "疾病诊断", "indication", "disease")),
        Column("code", _("Disease code"), length=16, example="I10",
               synonyms=("疾病编码", "ICD编码", "ICD-10", "ICD10", "ICD", "疾病代码", "诊断编码", "编码", "代码", "icd code", "ICD-10编码")),
    )  # fmt: skip
    create = staticmethod(services.indication_create)
    update = staticmethod(services.indication_update)


@register_importer
class StandardDepartmentImporter(ServiceImporter):
    """Standard departments by code; what one belongs to may stand in the same file."""

    name = "catalog.standard_department"
    label = _("Standard departments")
    results = ("catalog:standarddepartment_list", _("See the standard departments"))
    right = "catalog.standarddepartment:import"
    model = StandardDepartment
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",),)
    references: ClassVar[Mapping[str, Sequence[str]]] = {"parent": ("code", "name")}
    columns: ClassVar[Sequence[Column]] = (
        Column("code", _("Code"), required=True, length=12, example="99.01",
               synonyms=("科室编码", "科目代码", "诊疗科目代码", "编码", "代码", "标准科室编码", "科室代码", "科目编码", "department code")),
        Column("name", _("Name"), required=True, length=64, example="示例专科",
               synonyms=("科室", "科室名称", "科目名称", "诊疗科目", "诊疗科目名称", "标准科室", "标准科室名称", "名称", "department", "department name")),
        Column("group", _("Group"), ColumnKind.CHOICE,
               choices=tuple(Choice(value, label, _GROUPS[value]) for value, label in StandardDepartment.Group.choices),
               synonyms=("分组", "科室类别", "科室类型", "科室分类", "类别", "分类", "科室大类", "组别", "department type")),
        Column("parent", _("Belongs to"), ColumnKind.REFERENCE,
               synonyms=("上级", "上级科室", "上级科目", "上级编码", "一级科目", "隶属科室", "父级", "上级科室编码", "parent"), hint=_("Code or name; it may stand in the same file.")),
    )  # fmt: skip
    create = staticmethod(services.standard_department_create)
    update = staticmethod(services.standard_department_update)
