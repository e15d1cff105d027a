"""Import of visits as another system kept them: what took place stays what it was; it is checked, never refused for a rule."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.naming import institution_called, professional_called
from yaomai.engagement import services
from yaomai.engagement.models import Visit
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.outgoing import BETWEEN
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter, Values, one_of
from yaomai.organization.importers.people import colleague_called

LONGEST = 480
"""Minutes."""


def _choices(words: Any) -> tuple[Choice, ...]:
    return tuple(Choice(code, label) for code, label in words)


@register_importer
class VisitImporter(ServiceImporter):
    """Visits by who made them, where and when."""

    name = "engagement.visit"
    label = pgettext_lazy("engagement", "Visits")
    results = ("engagement:visit_list", _("See the visits"))
    right = "engagement.visit:import"
    model = Visit
    keys: ClassVar[Sequence[Sequence[str]]] = (("person", "institution", "on"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("on", _("Day"), ColumnKind.DATE, required=True, example="2026-01-15",
               synonyms=("日期", "拜访日期", "拜访时间", "访问日期", "date")),
        Column("at", pgettext_lazy("visit", "Time"), length=5, example="09:30", synonyms=("时间", "开始时间", "几点", "拜访开始时间", "time"), hint=_("As 09:30; empty: noon.")),
        Column("minutes", pgettext_lazy("visit", "Minutes"), ColumnKind.INTEGER, minimum=1, maximum=LONGEST, synonyms=("时长", "时长（分钟）", "拜访时长", "分钟", "duration")),
        Column("person", _("Visited by"), ColumnKind.REFERENCE, required=True, example="rep111",
               synonyms=("拜访人", "代表", "医药代表", "员工", "工号", "拜访人员", "representative"), hint=_("User name, employee number or name.")),
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("机构", "机构名称", "医院", "医院名称", "拜访医院", "单位", "hospital")),
        Column("contacts", _("Met"), required=True, example="王芳", synonyms=("见到谁", "拜访对象", "医生", "医生姓名", "客户", "客户姓名", "联系人", "contacts"),
               hint=_("Several apart by 、")),
        Column("content_type", pgettext_lazy("visit", "About"), ColumnKind.CHOICE, required=True, choices=_choices(Visit.ContentType.choices),
               example="解决临床问题", synonyms=("内容类型", "拜访类型", "拜访目的", "类型", "type")),
        Column("content", pgettext_lazy("visit", "What was said"), required=True, length=2000, example="讨论合并肾病患者的用药",
               synonyms=("沟通内容", "拜访内容", "拜访记录", "内容", "纪要", "content")),
        Column("products", _("Products spoken of"), synonyms=("产品", "谈到的产品", "拜访产品", "推广产品", "products"), hint=_("Several apart by 、")),
        Column("progress", _("Progress of the product"), ColumnKind.CHOICE, choices=_choices(Visit.Progress.choices), synonyms=("产品进展", "进展")),
        Column("place", pgettext_lazy("visit", "Place"), length=100, synonyms=("地点", "拜访地点", "地方", "place")),
        Column("objective", _("Objective"), length=200, synonyms=("拜访主题", "主题", "目标", "objective")),
        Column("expected_result", _("Expected result"), length=200, synonyms=("预期成果", "预期结果", "期望")),
        Column("achieved", _("Reached"), ColumnKind.CHOICE, choices=_choices(Visit.Achieved.choices), synonyms=("达成情况", "是否达成", "达成")),
        Column("result", _("Result"), length=300, synonyms=("结果", "拜访结果", "成果")),
        Column("attendees", _("Came along"), synonyms=("同行人", "协同人", "协访人", "协同拜访"), hint=_("Several apart by 、")),
    )  # fmt: skip
    create = staticmethod(services.visit_bring_in)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution or the colleague that a text means."""
        return (
            institution_called(text, column.name)
            if column.name == "institution"
            else colleague_called(text, column.name, of_past=True)
        )

    def _referred(self, values: Values) -> Values:
        found = super()._referred(values)
        found["contacts"] = [
            professional_called(name, "contacts", institution=found["institution"])
            for name in split(found.get("contacts"))
        ]
        found["products"] = [
            one_of(Product, ("code", "name"), name, "products") for name in split(found.get("products"))
        ]
        found["attendees"] = [
            colleague_called(name, "attendees", of_past=True) for name in split(found.get("attendees"))
        ]
        return found

    def find(self, values: Values, context: Context) -> Any:
        """Return the visit that a row is: the same person at the same place at the same moment."""
        return Visit.unscoped.filter(
            person=values["person"], institution=values["institution"], started_at=_began(values), archived_at=None
        ).first()

    def make(self, values: Values, context: Context, doing: Any) -> Any:
        """Bring a visit in."""
        began, minutes = _began(values), values.get("minutes")
        plain = {
            name: values[name]
            for name in ("place", "objective", "expected_result", "achieved", "result", "progress")
            if values.get(name)
        }
        return services.visit_bring_in(
            actor=context.actor, now=context.now, person=values["person"], institution=values["institution"],
            contacts=values["contacts"], products=values["products"], attendees=values["attendees"], started_at=began,
            ended_at=began + timedelta(minutes=minutes) if minutes else None, content_type=values["content_type"],
            content=values["content"], **plain,
        )  # fmt: skip

    def differing(self, row: Any, values: Values) -> Values:
        """Return nothing: a visit that is there stays as it was reported."""
        return {}

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each visit, with those met, products and colleagues by code or name."""
        tied = {name: _tied(rows, name, columns) for name, columns in TIED.items()}
        for row, line in zip(rows, super().lines(rows), strict=True):
            began = timezone.localtime(row.started_at)
            minutes = round((row.ended_at - row.started_at).total_seconds() / 60) if row.ended_at else None
            yield {
                **line, "on": began.date(), "at": f"{began:%H:%M}", "minutes": minutes,
                **{name: BETWEEN.join(found.get(row.pk, [])) for name, found in tied.items()},
            }  # fmt: skip


TIED = {"contacts": ("professional__code", "professional__name"), "products": ("product__code", "product__name"),
        "attendees": ("person__username", "person__name")}  # fmt: skip


def _tied(rows: Sequence[Any], name: str, columns: tuple[str, str]) -> dict[int, list[str]]:
    through: Any = getattr(Visit, name).through
    found: dict[int, list[str]] = {}
    for pk, code, called in through.objects.filter(visit__in=rows).order_by("pk").values_list("visit_id", *columns):
        found.setdefault(pk, []).append(code or called)
    return found


def _began(values: Values) -> datetime:
    """Return when a visit began.

    Raises:
        Invalid: it is no time of day.
    """
    text = values.get("at") or "12:00"
    try:
        at = parse_time(text)
    except ValueError:
        at = None
    if at is None:
        raise Invalid(fields={"at": [_("Write a time of day as 09:30.")]})
    return timezone.make_aware(datetime.combine(values["on"], at))


def split(text: str | None) -> list[str]:
    """Return the names in a cell."""
    joined = text or ""
    for apart in (",", "，", ";", "；", "/"):
        joined = joined.replace(apart, BETWEEN)
    return [part.strip() for part in joined.split(BETWEEN) if part.strip()]
