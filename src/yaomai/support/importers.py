"""Import of service requests as another system kept them: what was resolved stays so, what was not is open here."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.customers.naming import institution_called, professional_called
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter, Values, one_of
from yaomai.organization.importers.people import colleague_called
from yaomai.support import services
from yaomai.support.models import ServiceRequest
from yaomai.support.selectors import service_policy

MOMENTS = ("taken_at", "resolved_at", "confirmed_at")
HINT = _("As 2026-01-15 09:30.")


@register_importer
class RequestImporter(ServiceImporter):
    """Requests by customer and when they were taken."""

    name = "support.request"
    label = _("Service requests")
    results = ("support:servicerequest_list", _("See the requests"))
    right = "support.request:import"
    model = ServiceRequest
    keys: ClassVar[Sequence[Sequence[str]]] = (("institution", "taken_at"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("taken_at", _("Taken at"), required=True, length=25, example="2026-01-15 09:30", hint=HINT,
               synonyms=("受理时间", "来电时间", "登记时间", "创建时间", "提交时间", "日期", "反馈时间", "created at")),
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("机构", "机构名称", "客户", "客户名称", "医院", "单位", "来电单位", "customer")),
        Column("kind", _("Kind"), required=True, length=60, example="订单查询", synonyms=("类型", "问题类型", "请求类型", "工单类型", "业务类型", "诉求类型", "分类", "type"),
               hint=_("A kind of the policy, by name or code.")),
        Column("words", _("What the customer says"), required=True, length=2000, example="查询 1 月 10 日订单的发货情况",
               synonyms=("问题描述", "内容", "诉求", "客户诉求", "描述", "来电内容", "工单内容", "反馈内容", "description")),
        Column("professional", _("Who asks"), synonyms=("联系人", "来电人", "客户联系人", "反馈人", "提出人", "contact")),
        Column("product", _("Product"), ColumnKind.REFERENCE, synonyms=("产品", "产品名称", "涉及产品", "药品", "品种", "product name")),
        Column("channel", _("Came by"), ColumnKind.CHOICE, choices=tuple(Choice(code, label) for code, label in ServiceRequest.Channel.choices),
               example="热线", synonyms=("渠道", "来源", "受理渠道", "来源渠道", "反馈渠道", "channel")),
        Column("owner", _("Responsible"), ColumnKind.REFERENCE, example="service11", synonyms=("负责人", "处理人", "责任人", "客服", "跟进人", "assignee"),
               hint=_("User name, employee number or name.")),
        Column("taken_by", _("Taken by"), ColumnKind.REFERENCE, synonyms=("受理人", "登记人", "接听人", "坐席", "创建人", "agent")),
        Column("resolution", _("How it was put right"), length=2000, synonyms=("处理结果", "解决方案", "处理情况", "处理意见", "回复内容", "解决办法", "resolution text")),
        Column("resolved_at", _("Resolved at"), length=25, hint=HINT, synonyms=("解决时间", "处理时间", "完成时间", "办结时间", "关闭时间", "closed at")),
        Column("confirmed_at", _("Confirmed at"), length=25, hint=HINT, synonyms=("确认时间", "客户确认时间", "回访时间", "满意确认时间", "confirmed")),
    )  # fmt: skip
    create = staticmethod(services.request_bring_in)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution, product or colleague that a text means."""
        if column.name == "institution":
            return institution_called(text, column.name)
        if column.name == "product":
            return one_of(Product, ("code", "name"), text, column.name)
        return colleague_called(text, column.name, of_past=True)

    def _referred(self, values: Values) -> Values:
        found = super()._referred(values)
        found |= {name: _moment(found[name], name) for name in MOMENTS if found.get(name)}
        found["kind"] = _kind(found["kind"])
        if found.get("professional"):
            found["professional"] = professional_called(
                found["professional"], "professional", institution=found["institution"]
            )
        return found

    def find(self, values: Values, context: Context) -> Any:
        """Return the request that a row is: of the same customer, taken at the same moment, of the same kind."""
        return ServiceRequest.unscoped.filter(
            institution=values["institution"], taken_at=values["taken_at"], kind=values["kind"]
        ).first()

    def differing(self, row: Any, values: Values) -> Values:
        """Return nothing: a request that is there goes its own way here."""
        return {}

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each request, with its moments as people write them."""
        labels = service_policy(timezone.localdate()).labels("zh")
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {
                **line, "kind": labels.get(row.kind, row.kind),
                "professional": (row.professional.code or row.professional.name) if row.professional else "",
                **{name: f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if (at := getattr(row, name)) else "" for name in MOMENTS},
            }  # fmt: skip


def _moment(text: str, column: str) -> datetime:
    """Return the moment that a text says; a day alone is meant at noon.

    Raises:
        Invalid: it says none.
    """
    plain = text.strip().replace("/", "-")
    try:
        found = parse_datetime(plain)
        if found is None or len(plain) <= len("2026-01-15"):
            day = parse_date(plain)
            found = datetime.combine(day, time(12)) if day is not None else None
    except ValueError:
        found = None
    if found is None:
        raise Invalid(fields={column: [_("Write a moment as 2026-01-15 09:30.")]})
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _kind(text: str) -> str:
    """Return the code of the kind that a text names; the service refuses what names none."""
    policy = service_policy(timezone.localdate())
    return next((kind.name for kind in policy.kinds if text in (kind.name, kind.label.zh, kind.label.en)), text)
