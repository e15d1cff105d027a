"""Import of drug committees (药事会) and their members."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.customers.naming import institution_called, professional_called
from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values, present
from yaomai.listing import services
from yaomai.listing.models import COMMITTEE, Committee, Seat, Voice

MEMBER = ("member", "role", "voice", "seated_from", "seated_to")
_ROLES: Mapping[str, tuple[str, ...]] = {
    Seat.Role.CHAIR: ("主任委员", "主任", "主席"),
    Seat.Role.VICE_CHAIR: ("副主任委员", "副主任", "副主席"),
    Seat.Role.SECRETARY: ("秘书", "秘书长"),
    Seat.Role.MEMBER: ("委员", "成员"),
}


@register_importer
class CommitteeImporter(ServiceImporter):
    """Committees by institution and name, and one member a row."""

    name = "listing.committee"
    label = _("Drug committees and their members")
    results = ("listing:committee_list", _("See the committees"))
    right = "listing.committee:import"
    model = Committee
    keys: ClassVar[Sequence[Sequence[str]]] = (("name", "institution"),)
    child = "member"
    columns: ClassVar[Sequence[Column]] = (
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "所属医院", "单位", "医疗机构", "客户名称", "医院编码", "hospital"),
               hint=_("Code, name or another name.")),
        Column("name", _("Name of the committee"), length=100,
               synonyms=("委员会", "委员会名称", "药事会", "药事会名称", "名称", "药事委员会", "药委会", "药委会名称", "committee"),
               hint=_("药事管理与药物治疗学委员会 when empty.")),
        Column("rhythm", _("Meets"), ColumnKind.CHOICE,
               choices=tuple(Choice(value, label) for value, label in Committee.Rhythm.choices),
               synonyms=("开会频次", "会议频次", "开会周期", "会议周期", "频次", "召开频率", "会议频率", "开会频率", "rhythm")),
        Column("next_meeting_on", _("Next meeting"), ColumnKind.DATE, example="2026-12-15",
               synonyms=("下次会议", "下次会议日期", "下次开会", "下次开会日期", "下次召开日期", "下次会议时间", "预计开会日期", "会议日期", "next meeting date")),
        Column("source", _("Source"), required=True, length=200, example="医院公示",
               synonyms=("来源", "信息来源", "出处", "数据来源", "依据", "获取途径", "资料来源", "渠道", "source of information")),
        Column("member", _("Member"), ColumnKind.REFERENCE, example="示例医生",
               synonyms=("委员", "成员", "姓名", "委员姓名", "成员姓名", "专家姓名", "人员", "专家", "医生姓名", "member name"),
               hint=_("Code or name of the professional. Import the professionals first.")),
        Column("role", _("Role"), ColumnKind.CHOICE, example="委员",
               choices=tuple(Choice(value, label, _ROLES[value]) for value, label in Seat.Role.choices),
               synonyms=("会内职务", "委员会职务", "委员会角色", "职务", "角色", "会内角色", "委员职务", "药事会职务", "席位", "role")),
        Column("voice", _("Voice"), ColumnKind.CHOICE, choices=tuple(Choice(value, label) for value, label in Voice.choices),
               synonyms=("话语权", "影响力", "决策权重", "影响程度", "权重", "发言权", "决策影响", "话语权重", "voice")),
        Column("seated_from", _("Member from"), ColumnKind.DATE, example="2026-01-01",
               synonyms=("任职日期", "任期开始", "任期起", "入会日期", "聘任日期", "开始日期", "任职起始日期", "任期自", "member since"),
               hint=_("The day of the import when empty.")),
        Column("seated_to", _("Member to"), ColumnKind.DATE,
               synonyms=("任期结束", "任期止", "届满日期", "离任日期", "结束日期", "任职结束日期", "任期至", "届满", "member until")),
    )  # fmt: skip
    create = staticmethod(services.committee_create)
    update = staticmethod(services.committee_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution or the professional that a text means."""
        if column.name == "institution":
            return institution_called(text, column.name)
        return professional_called(text, column.name, institution=values.get("institution"))

    def find(self, values: Values, context: Context) -> Any:
        """Return the committee; without a name it is the usual one."""
        values["name"] = values.get("name") or COMMITTEE
        return super().find(values, context)

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a committee."""
        return super().make({name: value for name, value in values.items() if name not in MEMBER}, context, doing)

    def take_child(self, row: Any, values: Values, context: Context, doing: Doing) -> bool:
        """Let somebody sit on the committee."""
        since, until = values.get("seated_from"), values.get("seated_to")
        role = values.get("role") or Seat.Role.MEMBER
        seats = Seat.unscoped.filter(committee=row, professional=values["member"], role=role)
        seat = (seats.filter(valid_from=since) if since else seats.filter(valid_to=None).order_by("valid_from")).last()
        if seat is None:
            made = services.seat_start(
                actor=context.actor, committee=row.pk, professional=values["member"], role=role,
                voice=values.get("voice") or Voice.ORDINARY, valid_from=since or local_day(context.now), valid_to=until,
                source=values["source"], now=context.now,
            )  # fmt: skip
            doing.beside.append((made, None))
            return True
        if until is None or until == seat.valid_to:
            return False
        doing.beside.append((seat, present(seat)))
        services.seat_end(actor=context.actor, committee=row.pk, seat=seat.pk, valid_to=until, now=context.now)
        return True

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each seat of a committee, one for a committee without any."""
        models.prefetch_related_objects(rows, models.Prefetch("seats", Seat.unscoped.select_related("professional")))
        for row, line in zip(rows, super().lines(rows), strict=True):
            seats = sorted(row.seats.all(), key=lambda seat: (seat.valid_from, seat.pk))
            for seat in seats:
                yield {
                    **line,
                    "member": reference(seat.professional),
                    "role": seat.get_role_display(),
                    "voice": seat.get_voice_display(),
                    "seated_from": seat.valid_from,
                    "seated_to": seat.valid_to,
                }
            if not seats:
                yield line
