"""Imports of this room: when customers can be met, when they and our people are away, where institutions are."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.naming import institution_called, professional_called
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import ServiceImporter, Values
from yaomai.organization.importers.people import colleague_called
from yaomai.planning import services
from yaomai.planning.models import Absence, Half, Location, WorkingTime

INSTITUTION = Column(
    "institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
    synonyms=("机构", "机构名称", "医院", "医院名称", "单位", "客户名称", "机构编码", "客户编码", "医疗机构", "执业机构", "hospital"),
)  # fmt: skip
_DAYS = "一二三四五六日"
_KINDS: dict[str, tuple[str, ...]] = {
    WorkingTime.Kind.CLINIC: ("出诊", "专家门诊", "特需门诊", "普通门诊", "坐诊", "clinic"),
    WorkingTime.Kind.SURGERY: ("手术日", "手术室", "surgery"),
    WorkingTime.Kind.ROUNDS: ("查房", "科会", "病例讨论", "病房", "rounds"),
    WorkingTime.Kind.VISITING: ("接待日", "接待", "代表接待日", "接待代表", "visiting"),
}
_ABSENCES: dict[str, tuple[str, ...]] = {
    Absence.Kind.LEAVE: ("年假", "事假", "调休", "婚假", "产假", "陪产假", "leave"),
    Absence.Kind.ILLNESS: ("病假", "illness"),
    Absence.Kind.MEETING: ("开会", "例会", "meeting"),
    Absence.Kind.TRAINING: ("培训班", "training"),
    Absence.Kind.AWAY: ("外出", "出差", "停诊", "进修", "away"),
    Absence.Kind.CLOSED: ("停止接待", "不接待", "closed"),
}


def _choices(words: Any, more: Mapping[Any, tuple[str, ...]]) -> tuple[Choice, ...]:
    return tuple(Choice(str(code), label, more.get(code, ())) for code, label in words)


class _AtCustomers(ServiceImporter):
    """An import whose rows are about an institution, or a professional there."""

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution, colleague or professional that a text means; of a professional, where they work."""
        if column.name == "institution":
            return institution_called(text, column.name)
        if column.name == "person":
            return colleague_called(text, column.name)
        place = values.get("institution")
        return professional_called(text, column.name, institution=place if not isinstance(place, str) else None)


@register_importer
class WorkingTimeImporter(_AtCustomers):
    """Half-days of the week: clinics, surgery, rounds, when a hospital receives; the same half-day again is corrected."""

    name = "planning.working_time"
    label = _("Working times")
    results = ("planning:workingtime_list", _("See the working times"))
    right = "planning.workingtime:import"
    model = WorkingTime
    keys: ClassVar[Sequence[Sequence[str]]] = (("institution", "weekday", "half"),)
    columns: ClassVar[Sequence[Column]] = (
        INSTITUTION,
        Column("professional", _("Professional"), ColumnKind.REFERENCE, example="王芳",
               synonyms=("医生", "医生姓名", "专家", "专家姓名", "客户姓名", "姓名", "出诊医生", "出诊专家", "医师", "医生编码", "doctor"),
               hint=_("Code or name. Empty: when the institution itself receives representatives.")),
        Column("weekday", _("Weekday"), ColumnKind.CHOICE, required=True, example="星期一",
               choices=_choices(WorkingTime.Weekday.choices, {
                   day: (f"周{_DAYS[day - 1]}", f"星期{_DAYS[day - 1]}", f"礼拜{_DAYS[day - 1]}", _DAYS[day - 1], str(day), *(("周天", "星期天") if day == 7 else ()))
                   for day in WorkingTime.Weekday.values}),
               synonyms=("星期", "周几", "出诊日", "出诊星期", "接待日", "weekday")),
        Column("half", _("Half-day"), ColumnKind.CHOICE, required=True, example="上午",
               choices=_choices(Half.choices, {Half.MORNING: ("上", "AM", "早上", "上午门诊"), Half.AFTERNOON: ("下", "PM", "午后", "下午门诊")}),
               synonyms=("时段", "上下午", "午别", "班次", "出诊时段", "half day")),
        Column("kind", pgettext_lazy("working time", "Kind"), ColumnKind.CHOICE, required=True, example="门诊",
               choices=_choices(WorkingTime.Kind.choices, _KINDS),
               synonyms=("安排", "类型", "工作安排", "出诊类型", "门诊类型", "事项", "kind")),
        Column("source", _("Source"), length=200, example="医院官网 2026年11月出诊表",
               synonyms=("来源", "信息来源", "出处", "数据来源", "备注", "source")),
    )  # fmt: skip
    create = staticmethod(services.working_time_enter)
    update = staticmethod(services.working_time_change)

    def _referred(self, values: Values) -> Values:
        found = super()._referred(values)
        if found.get("weekday"):
            found["weekday"] = int(found["weekday"])
        return found

    def find(self, values: Values, context: Context) -> Any:
        """Return what is known of this half-day of the person, or of the institution."""
        whose = {"professional": values["professional"]} if values.get("professional") else {
            "professional": None, "institution": values["institution"]}  # fmt: skip
        return WorkingTime.unscoped.filter(weekday=values["weekday"], half=values["half"], **whose).first()


@register_importer
class LocationImporter(_AtCustomers):
    """Where institutions are, in degrees; the same institution again is corrected."""

    name = "planning.location"
    label = _("Locations")
    results = ("planning:location_list", _("See the locations"))
    right = "planning.location:import"
    model = Location
    keys: ClassVar[Sequence[Sequence[str]]] = (("institution",),)
    columns: ClassVar[Sequence[Column]] = (
        INSTITUTION,
        Column("latitude", _("Latitude"), ColumnKind.DECIMAL, required=True, minimum=-90, maximum=90, digits=8, example="30.58123",
               synonyms=("纬度", "北纬", "lat", "纬度（N）", "WGS84纬度")),
        Column("longitude", _("Longitude"), ColumnKind.DECIMAL, required=True, minimum=-180, maximum=180, digits=8, example="114.29876",
               synonyms=("经度", "东经", "lng", "lon", "经度（E）", "WGS84经度")),
        Column("source", _("Source"), length=200, example="地图标注", synonyms=("来源", "坐标来源", "数据来源", "采集方式", "定位来源", "坐标系", "source")),
    )  # fmt: skip
    create = staticmethod(services.location_create)
    update = staticmethod(services.location_update)


@register_importer
class AbsenceImporter(_AtCustomers):
    """Leave, meetings and absences; the same person and beginning again corrects the rest."""

    name = "planning.absence"
    label = _("Absences")
    results = ("planning:absence_list", _("See the absences"))
    right = "planning.absence:import"
    model = Absence
    keys: ClassVar[Sequence[Sequence[str]]] = (("begins_on",),)
    fields: ClassVar[Mapping[str, str]] = {"begins_on": "starts_at", "lasts_until": "ends_at"}
    columns: ClassVar[Sequence[Column]] = (
        Column("person", pgettext_lazy("absence", "Of our people"), ColumnKind.REFERENCE, example="rep111",
               synonyms=("员工", "员工姓名", "工号", "代表", "医药代表", "人员", "申请人", "请假人", "employee"),
               hint=_("User name, employee number or name; or name a customer instead.")),
        Column("institution", _("Institution"), ColumnKind.REFERENCE, example="示例市第一人民医院", synonyms=INSTITUTION.synonyms),
        Column("professional", _("Professional"), ColumnKind.REFERENCE,
               synonyms=("医生", "医生姓名", "客户", "客户姓名", "专家", "停诊医生", "医师", "doctor")),
        Column("kind", pgettext_lazy("absence", "Kind"), ColumnKind.CHOICE, required=True, example="请假",
               choices=_choices(Absence.Kind.choices, _ABSENCES),
               synonyms=("类型", "假期类型", "请假类型", "事由类型", "假别", "缺勤类型", "kind")),
        Column("begins_on", _("First day"), ColumnKind.DATE, required=True, example="2026-12-07",
               synonyms=("开始日期", "起始日期", "开始时间", "请假开始", "从", "日期", "start date")),
        Column("begins_time", _("From (time)"), length=5, example="09:00", synonyms=("开始时刻", "几点开始", "起始时刻", "start time"),
               hint=_("As 09:30; empty: the whole day.")),
        Column("lasts_until", _("Last day"), ColumnKind.DATE, example="2026-12-09",
               synonyms=("结束日期", "截止日期", "结束时间", "请假结束", "到", "end date"), hint=_("It belongs to it; empty: one day.")),
        Column("until_time", _("Until (time)"), length=5, example="17:30", synonyms=("结束时刻", "几点结束", "截止时刻", "end time")),
        Column("title", _("Title"), length=200, synonyms=("事由", "说明", "原因", "请假事由", "会议名称", "备注", "title")),
    )  # fmt: skip
    create = staticmethod(services.absence_create)
    update = staticmethod(services.absence_update)

    def _referred(self, values: Values) -> Values:
        said = super()._referred(values)
        begins, ends = _span(said)
        taken = {name: said.get(name) for name in ("person", "institution", "professional", "kind", "title")}
        if taken["professional"] is not None and taken["institution"] is None:
            taken["institution"] = taken["professional"].institution
        return taken | {"starts_at": begins, "ends_at": ends}

    def find(self, values: Values, context: Context) -> Any:
        """Return the absence of the same person or customer that begins at the same moment."""
        same = {name: values.get(name) for name in ("person", "institution", "professional")}
        return Absence.unscoped.filter(**same, starts_at=values["starts_at"], archived_at=None).first()

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each absence; whole days without times."""
        for row, line in zip(rows, super().lines(rows), strict=True):
            begins, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
            is_whole = begins.time() == ends.time() == time(0)
            last = ends.date() - timedelta(days=1) if ends.time() == time(0) else ends.date()
            yield {
                **line, "begins_on": begins.date(), "lasts_until": last,
                "begins_time": "" if is_whole else f"{begins:%H:%M}", "until_time": "" if is_whole else f"{ends:%H:%M}",
            }  # fmt: skip


def _span(values: Values) -> tuple[datetime, datetime]:
    """Return when an absence begins and ends; a last day without a time belongs to it wholly.

    Raises:
        Invalid: a time is no time of day.
    """
    first: date = values["begins_on"]
    last: date = values.get("lasts_until") or first
    begins, ends = _moment(values, "begins_time"), _moment(values, "until_time")
    until = datetime.combine(last, ends) if ends is not None and ends != time(0) else datetime.combine(
        last + timedelta(days=1), time(0)
    )  # fmt: skip
    return timezone.make_aware(datetime.combine(first, begins or time(0))), timezone.make_aware(until)


def _moment(values: Values, name: str) -> time | None:
    text = values.get(name)
    if not text:
        return None
    try:
        at = parse_time(text)
    except ValueError:
        at = None
    if at is None:
        raise Invalid(fields={name: [_("Write a time of day as 09:30.")]})
    return at
