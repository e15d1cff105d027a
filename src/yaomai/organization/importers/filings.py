"""Import of rep filings (医药代表备案), as the company filed them."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.registry import register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter
from yaomai.organization import services
from yaomai.organization.models import Filing


@register_importer
class FilingImporter(ServiceImporter):
    """Filings by their number; a filing stays with its person."""

    name = "organization.filing"
    label = _("Rep filings")
    results = ("organization:wall", _("See the filed reps"))
    right = "organization.filing:import"
    model = Filing
    keys: ClassVar[Sequence[Sequence[str]]] = (("number",),)
    volatile: ClassVar[Sequence[str]] = ()
    references: ClassVar[Mapping[str, Sequence[str]]] = {"person": ("username", "employee_number", "name")}
    columns: ClassVar[Sequence[Column]] = (
        Column("number", _("Filing number"), required=True, length=64, example="BA2026000001",
               synonyms=("备案编号", "备案号", "备案登记号", "登记号", "备案证号", "备案凭证号", "备案编码", "备案信息编号", "filing no", "number")),
        Column("person", pgettext_lazy("organization", "Person"), ColumnKind.REFERENCE, required=True, example="shili",
               synonyms=("姓名", "代表姓名", "医药代表", "代表", "人员姓名", "员工姓名", "备案人", "备案人员", "工号", "员工编号", "用户名", "rep"),
               hint=_("User name, employee number, or the name where nobody else has it.")),
        Column("product_scope", _("Product scope"), required=True, length=255, example="心血管",
               synonyms=("备案产品", "产品范围", "负责产品", "推广产品", "备案品种", "品种范围", "产品类别", "治疗领域", "负责的药品类别", "负责药品", "products")),
        Column("valid_from", _("Valid from"), ColumnKind.DATE, required=True, example="2026-01-01",
               synonyms=("备案日期", "生效日期", "起始日期", "开始日期", "备案起始", "有效期起", "有效期自", "起", "授权起始日期", "start")),
        Column("valid_to", _("Valid to"), ColumnKind.DATE,
               synonyms=("失效日期", "截止日期", "到期日期", "结束日期", "有效期止", "有效期至", "止", "备案截止", "授权截止日期", "end"),
               hint=_("The first day on which it no longer holds.")),
        Column("note", _("Note"), length=2000, synonyms=("备注", "说明", "备注说明", "remark")),
    )  # fmt: skip
    create = staticmethod(services.filing_create)
    update = staticmethod(services.filing_update)
