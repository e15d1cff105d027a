"""Import of positions and who holds them: what gives people their rights, so it is the security administrator's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.registry import Context, Undone, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values, present
from yaomai.organization import services
from yaomai.organization.importers.people import colleague_called
from yaomai.organization.models import Holding, Position, Role
from yaomai.organization.services.invariants import (
    indispensable_held,
    lock_rights,
    require_separate_people,
    require_still_held,
)

HOLDING = ("holder", "held_from", "held_to")


@register_importer
class PositionImporter(ServiceImporter):
    """Positions by code, and one holder a row: a position that several hold takes several rows."""

    name = "organization.position"
    label = _("Positions and who holds them")
    results = ("organization:position_list", _("See the positions"))
    right = "organization.position:import"
    model = Position
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",),)
    child = "holder"
    references: ClassVar[Mapping[str, Sequence[str]]] = {
        "role": ("code", "name", "name_en"),
        "territory": ("code", "name"),
        "reports_to": ("code", "title"),
    }
    columns: ClassVar[Sequence[Column]] = (
        Column("code", pgettext_lazy("organization", "Code"), required=True, length=32, example="P0001",
               synonyms=("编码", "岗位编码", "岗位代码", "岗位编号", "职位编码", "编号", "岗位号", "职位编号", "position code", "position no")),
        Column("title", pgettext_lazy("position", "Title"), required=True, length=64, example="示例片区医药代表",
               synonyms=("岗位名称", "岗位", "职位", "职位名称", "职务", "名称", "职务名称", "岗位全称", "position", "position title", "job title")),
        Column("role", pgettext_lazy("organization", "Role"), ColumnKind.REFERENCE, required=True, example="医药代表",
               listed=lambda: list(Role.unscoped.order_by("order", "code").values_list("name", flat=True)),
               synonyms=("角色", "岗位类型", "系统角色", "角色名称", "岗位类别", "权限角色", "岗位性质", "岗位序列", "role name"), hint=_("It brings the rights.")),
        Column("territory", _("Territory"), ColumnKind.REFERENCE, required=True, example="E0101",
               synonyms=("辖区", "辖区编码", "区域", "负责区域", "所属辖区", "片区", "大区", "负责辖区", "辖区名称", "area"),
               hint=_("Code or name of the territory.")),
        Column("reports_to", _("Reports to"), ColumnKind.REFERENCE,
               synonyms=("上级岗位", "汇报对象", "上级", "汇报岗位", "直接上级", "上级岗位编码", "汇报给", "直属上级", "manager"),
               hint=_("Code or title of the position above; it may stand in the same file.")),
        Column("valid_from", _("Valid from"), ColumnKind.DATE, example="2026-01-01",
               synonyms=("生效日期", "岗位生效日期", "设岗日期", "岗位起始日期", "设立日期", "启用日期", "岗位开始日期", "position start"),
               hint=_("Of new positions; the day of the import when empty.")),
        Column("valid_to", _("Valid to"), ColumnKind.DATE, synonyms=("失效日期", "撤岗日期", "岗位截止日期", "停用日期", "岗位结束日期", "position end")),
        Column("holder", _("Held by"), ColumnKind.REFERENCE, example="shili",
               synonyms=("任职人", "任职人员", "在岗人员", "员工", "姓名", "员工姓名", "工号", "员工编号", "用户名", "在岗人", "holder"),
               hint=_("User name, employee number, or the name where nobody else has it. Import the people first.")),
        Column("held_from", _("Held from"), ColumnKind.DATE, example="2026-01-01",
               synonyms=("任职日期", "任职起始日期", "入岗日期", "上岗日期", "任职开始日期", "到岗日期", "任职起", "任职开始", "held since"),
               hint=_("The day of the import when empty.")),
        Column("held_to", _("Held to"), ColumnKind.DATE, synonyms=("任职结束日期", "离岗日期", "卸任日期", "任职截止日期", "任职止", "任职结束", "离任日期", "held until"),
               hint=_("From this day on somebody no longer holds it.")),
    )  # fmt: skip
    create = staticmethod(services.position_create)
    update = staticmethod(services.position_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return what a text means; people are looked up in the directory."""
        if column.name != "holder":
            return super().refer(column, text, values)
        return colleague_called(text, column.name)

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a position; it begins today unless the file says otherwise, or somebody holds it earlier."""
        begins = values.get("valid_from") or values.get("held_from") or local_day(context.now)
        given = {name: value for name, value in values.items() if name not in HOLDING}
        return super().make(given | {"valid_from": begins}, context, doing)

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Doing) -> None:
        """Change a position, and close it on its last day."""
        last = changes.pop("valid_to", None)
        if changes:
            super().change(row, changes, values, context, doing)
        if last:
            services.position_close(actor=context.actor, pk=row.pk, valid_to=last, now=context.now)

    def take_child(self, row: Any, values: Values, context: Context, doing: Doing) -> bool:
        """Let somebody hold the position; tell whether anything changed."""
        asked_from, asked_to = values.get("held_from"), values.get("held_to")
        holdings = Holding.unscoped.filter(position=row, person=values["holder"])
        present_one = (
            holdings.filter(valid_from=asked_from)
            if asked_from
            else holdings.filter(valid_to=None).order_by("valid_from")
        ).last()
        if present_one is None:
            begun = services.holding_start(
                actor=context.actor, now=context.now, position_id=row.pk, person_id=values["holder"].pk,
                valid_from=asked_from or local_day(context.now), valid_to=asked_to,
            )  # fmt: skip
            doing.beside.append((begun, None))
            return True
        if asked_to is None or asked_to == present_one.valid_to:
            return False
        doing.beside.append((present_one, present(present_one)))
        services.holding_end(actor=context.actor, now=context.now, pk=present_one.pk, valid_to=asked_to)
        return True

    def undo(self, context: Context) -> Undone:
        """Take holdings back first, then positions, and check that nobody joins two duties and nobody is missing."""
        lock_rights()
        today = local_day(context.now)
        held = indispensable_held(on=today)
        undone = super().undo(context)
        require_separate_people(Holding.unscoped.values_list("person_id", flat=True), on=today)
        require_still_held(held, on=today)
        return undone

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each holder of a position, one for a position that nobody holds; who left is in no list."""
        holders = Holding.unscoped.filter(person__archived_at=None).select_related("person")
        models.prefetch_related_objects(rows, models.Prefetch("holdings", holders))
        for row, line in zip(rows, super().lines(rows), strict=True):
            holdings = sorted(row.holdings.all(), key=lambda holding: (holding.valid_from, holding.pk))
            for holding in holdings:
                yield {
                    **line,
                    "holder": reference(holding.person),
                    "held_from": holding.valid_from,
                    "held_to": holding.valid_to,
                }
            if not holdings:
                yield line
