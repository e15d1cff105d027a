"""Import of what was given before, and of expense claims."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance import services
from yaomai.compliance.models import Expense, Share, Transfer
from yaomai.compliance.services.transfers import NotInState
from yaomai.compliance.values import EVERY_ITEM, FORMS, PAID_AS, RECIPIENTS
from yaomai.customers.naming import institution_called, professional_called
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.outgoing import BETWEEN
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter, Values
from yaomai.organization.importers.people import colleague_called


def _choices(words: Iterable[tuple[str, Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(code, label) for code, label in words)


def _form() -> Column:
    return Column("form", pgettext_lazy("compliance", "Form"), ColumnKind.CHOICE, required=True, choices=_choices(FORMS.items()), example="礼品",
                  synonyms=("种类", "类型", "费用类型", "费用类别", "给付形式", "形式", "type"))  # fmt: skip


@register_importer
class TransferImporter(ServiceImporter):
    """What was given before, by day, institution, item and evidence."""

    name = "compliance.transfer"
    label = _("What was given before")
    results = ("compliance:transfer_list", _("See the transfers"))
    right = "compliance.transfer:import"
    model = Transfer
    keys: ClassVar[Sequence[Sequence[str]]] = (("evidence",), ("on", "institution", "item", "amount"))
    columns: ClassVar[Sequence[Column]] = (
        Column("on", _("On"), ColumnKind.DATE, required=True, example="2026-01-15",
               synonyms=("日期", "发生日期", "给付日期", "赠送日期", "活动日期", "date")),
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("机构", "机构名称", "医院", "医院名称", "单位", "客户单位", "hospital")),
        Column("professionals", _("Professionals"), example="王芳",
               synonyms=("专业人士", "接收人", "受赠人", "客户", "客户姓名", "医生", "参会人员", "recipients"),
               hint=_("Several apart by 、; empty when an organisation got it.")),
        Column("recipient", _("Recipient"), ColumnKind.CHOICE, choices=_choices(RECIPIENTS),
               synonyms=("接收方", "接收方类型", "对象", "对象类型")),
        _form(),
        Column("item", pgettext_lazy("compliance", "Item"), ColumnKind.CHOICE, required=True, choices=_choices(EVERY_ITEM.items()), example="学术书籍",
               synonyms=("品项", "物品", "礼品", "礼品名称", "项目", "item")),
        Column("description", _("Description"), length=200, synonyms=("说明", "描述", "名称", "书名")),
        Column("amount", _("Amount in all"), ColumnKind.DECIMAL, required=True, example="85.00",
               synonyms=("金额", "总金额", "价值", "费用", "金额（元）", "amount")),
        Column("quantity", _("Number of items"), ColumnKind.INTEGER, minimum=1, synonyms=("数量", "件数", "份数")),
        Column("own_heads", _("Own staff at the table"), ColumnKind.INTEGER, minimum=0, maximum=1000, synonyms=("本公司人数", "陪同人数", "我方人数")),
        Column("hours", _("Hours of service"), ColumnKind.DECIMAL, synonyms=("小时数", "服务小时", "课时")),
        Column("paid_as", _("Paid as"), ColumnKind.CHOICE, choices=_choices(PAID_AS), synonyms=("支付方式", "付款方式")),
        Column("purpose", _("Scientific purpose"), length=2000, example="学术交流", synonyms=("目的", "学术目的", "事由", "用途")),
        Column("event", _("Event"), length=120, synonyms=("活动", "活动名称", "会议", "会议名称")),
        Column("agenda", _("Agenda"), length=2000, synonyms=("议程", "日程")),
        Column("place", _("City of the meal"), length=60, synonyms=("城市", "用餐城市", "地点")),
        Column("evidence", _("Evidence"), length=120, synonyms=("凭证", "凭证号", "发票号", "发票号码", "收据号")),
        Column("is_overseas", _("Given abroad"), ColumnKind.BOOLEAN, synonyms=("境外", "是否境外")),
        Column("spent", _("Spent"), ColumnKind.DECIMAL, synonyms=("实际支出", "实际花费")),
        Column("state", _("State"), ColumnKind.CHOICE, choices=_choices(Transfer.State.choices), synonyms=("状态",),
               hint=_("What was not given comes in as not given, and is asked for anew.")),
        Column("requester", _("Asked by"), ColumnKind.REFERENCE, synonyms=("申请人", "经办人", "经手人", "代表")),
    )  # fmt: skip
    create = staticmethod(services.transfer_record)

    def find(self, values: Values, context: Context) -> Any:
        """Return the transfer that a row is: by its evidence, else by what was given to whom on the day."""
        if values.get("evidence"):
            return Transfer.unscoped.filter(evidence=values["evidence"]).first()
        same = {name: values[name] for name in ("on", "institution", "item", "amount")}
        people = {person.pk for person in values.get("professionals") or ()}
        rows = Transfer.unscoped.filter(**same, description=values.get("description") or "").order_by("pk")
        return next((row for row in rows if set(row.professionals.values_list("pk", flat=True)) == people), None)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution or the colleague that a text means."""
        return (
            institution_called(text, column.name)
            if column.name == "institution"
            else colleague_called(text, column.name, of_past=True)
        )

    def _referred(self, values: Values) -> Values:
        found = super()._referred(values)
        names = found.get("professionals")
        if names:
            found["professionals"] = [
                professional_called(name, "professionals", institution=found["institution"]) for name in split(names)
            ]
        return found

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Any) -> None:
        """Refuse: what was given stands; it is not rewritten by a file."""
        raise NotInState(state=row.get_state_display())

    def differing(self, row: Any, values: Values) -> Values:
        """Return nothing: a transfer that is there stays as it is."""
        return {}

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each transfer, with its recipients by name."""
        shares = Share.unscoped.filter(transfer__in=rows).exclude(professional=None).order_by("pk")
        names: dict[int, list[str]] = {}
        for transfer, code, name in shares.values_list("transfer_id", "professional__code", "professional__name"):
            names.setdefault(transfer, []).append(code or name)
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {**line, "professionals": BETWEEN.join(names.get(row.pk, []))}


def split(text: str) -> list[str]:
    """Return the names in a cell."""
    for apart in (",", "，", ";", "；", "/"):
        text = text.replace(apart, BETWEEN)
    return [part.strip() for part in text.split(BETWEEN) if part.strip()]


@register_importer
class ExpenseImporter(ServiceImporter):
    """Lines of expense claims, by claim and line."""

    name = "compliance.expense"
    label = _("Expense claims")
    results = ("compliance:expense_list", _("See the expenses"))
    right = "compliance.expense:import"
    model = Expense
    keys: ClassVar[Sequence[Sequence[str]]] = (("claim", "line"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("claim", _("Claim"), required=True, length=64, example="BX2026-0001",
               synonyms=("报销单号", "单号", "单据号", "单据编号", "报销单", "claim")),
        Column("line", _("Line"), ColumnKind.INTEGER, minimum=1, synonyms=("行号", "明细行", "序号", "line")),
        Column("claimant", _("Claimed by"), ColumnKind.REFERENCE, required=True, example="rep111",
               synonyms=("报销人", "申请人", "员工", "员工工号", "工号", "姓名", "claimant"), hint=_("User name, employee number or name.")),
        _form(),
        Column("on", _("On"), ColumnKind.DATE, required=True, example="2026-01-15",
               synonyms=("日期", "发生日期", "消费日期", "费用日期", "date")),
        Column("amount", _("Amount"), ColumnKind.DECIMAL, required=True, example="480.00",
               synonyms=("金额", "报销金额", "费用金额", "含税金额", "amount")),
        Column("invoice", _("Invoice"), length=120, example="25432000000012345678",
               synonyms=("发票号", "发票号码", "票据号", "数电票号码", "invoice")),
        Column("customer", _("Customer as written"), length=200, synonyms=("客户", "招待对象", "客户名称", "往来单位")),
    )  # fmt: skip
    create = staticmethod(services.expense_record)
    update = staticmethod(services.expense_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the colleague that a text means."""
        return colleague_called(text, column.name, of_past=True)
