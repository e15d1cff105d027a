"""Import of territories: new nodes of the tree, and changes from a day. Nothing in the tree changes without its day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.registry import Context, Undone, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values
from yaomai.organization import services
from yaomai.organization.models import Territory, TerritoryChange

_LEVELS: Mapping[str, tuple[str, ...]] = {
    Territory.Level.COMPANY: ("公司", "总部", "全国"),
    Territory.Level.REGION: ("大区",),
    Territory.Level.AREA: ("区域", "地区"),
    Territory.Level.DISTRICT: ("片区", "辖区"),
}


@register_importer
class TerritoryImporter(ServiceImporter):
    """Territories by code: new ones are made, a new name, place or end is planned for its day."""

    name = "organization.territory"
    label = _("Territories")
    results = ("organization:tree", _("See the tree"))
    right = "organization.territory:import"
    model = Territory
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",),)
    volatile: ClassVar[Sequence[str]] = ("path",)
    references: ClassVar[Mapping[str, Sequence[str]]] = {"parent": ("code", "name")}
    columns: ClassVar[Sequence[Column]] = (
        Column("code", pgettext_lazy("organization", "Code"), required=True, length=32, example="E0101",
               synonyms=("编码", "辖区编码", "区域编码", "辖区代码", "组织编码", "区域代码", "片区编码", "编号", "territory code", "id")),
        Column("name", _("Name"), required=True, length=64, example="示例片区",
               synonyms=("名称", "辖区名称", "区域名称", "辖区", "片区名称", "组织名称", "大区名称", "territory", "territory name")),
        Column("level", pgettext_lazy("territory", "Level"), ColumnKind.CHOICE, required=True, example="片区",
               choices=tuple(Choice(value, label, _LEVELS[value]) for value, label in Territory.Level.choices),
               synonyms=("层级", "级别", "辖区层级", "组织层级", "区域级别", "辖区级别", "类型", "辖区类型", "level")),
        Column("parent", _("Territory above"), ColumnKind.REFERENCE, example="E01",
               synonyms=("上级", "上级辖区", "上级编码", "上级辖区编码", "所属大区", "上级区域", "上级组织", "父级", "隶属", "parent"),
               hint=_("Code or name; it may stand in the same file. Only the company lies below nothing.")),
        Column("valid_from", _("Valid from"), ColumnKind.DATE, example="2026-01-01",
               synonyms=("生效日期", "成立日期", "设立日期", "启用日期", "开始日期", "起始日期", "start"),
               hint=_("Of new territories; the day of the import when empty.")),
        Column("valid_to", _("Valid to"), ColumnKind.DATE, synonyms=("失效日期", "撤销日期", "停用日期", "结束日期", "关闭日期", "end"),
               hint=_("The territory closes on this day, today or later.")),
        Column("effective_on", _("Change takes effect on"), ColumnKind.DATE, exported=False,
               synonyms=("变更日期", "变更生效日", "变更生效日期", "调整日期", "调整生效日期", "change date"),
               hint=_("When name or place differ from what we have: from which day; the day of the import when empty.")),
    )  # fmt: skip
    create = staticmethod(services.territory_create)

    def find(self, values: Values, context: Context) -> Any:
        """Return the territory of that code; the company itself also by its name, whatever code the set-up gave it."""
        found = super().find(values, context)
        if found is None and values.get("level") == Territory.Level.COMPANY:
            found = Territory.unscoped.filter(level=Territory.Level.COMPANY, name=values["name"]).first()
        return found

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a territory, and plan its end where it has one."""
        given = {name: value for name, value in values.items() if name not in ("valid_to", "effective_on")}
        given["valid_from"] = given.get("valid_from") or local_day(context.now)
        made = super().make(given, context, doing)
        if values.get("valid_to"):
            self._plan(made, {"closes": True, "effective_on": values["valid_to"]}, context, doing)
        return made

    def differing(self, row: Any, values: Values) -> Values:
        """Return what differs and is not planned for the same day already."""
        found = super().differing(row, values)
        planned = TerritoryChange.unscoped.filter(territory=row, applied_at=None, withdrawn_at=None)
        if found.get("name") and planned.filter(name=found["name"]).exists():
            del found["name"]
        if found.get("parent") and planned.filter(parent=found["parent"]).exists():
            del found["parent"]
        if found.get("valid_to") and planned.filter(closes=True, effective_on=found["valid_to"]).exists():
            del found["valid_to"]
        return found

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Doing) -> None:
        """Plan changes; what has no day of its own in the tree is refused, but for the code."""
        if "code" in changes:
            services.territory_update(
                actor=context.actor, now=context.now, pk=row.pk, changes={"code": changes.pop("code")}
            )
        rest = {name: value for name, value in changes.items() if name not in ("name", "parent", "valid_to")}
        if rest:
            raise Invalid(fields={name: [_("This cannot be changed here.")] for name in rest})
        day = values.get("effective_on") or local_day(context.now)
        asked = {"name": changes.get("name", ""), "parent": changes.get("parent")}
        if any(asked.values()):
            self._plan(row, asked | {"effective_on": day}, context, doing)
        if changes.get("valid_to"):
            self._plan(row, {"closes": True, "effective_on": changes["valid_to"]}, context, doing)

    def _plan(self, row: Any, asked: Values, context: Context, doing: Doing) -> None:
        parent = asked.pop("parent", None)
        change = services.territory_plan_change(
            actor=context.actor, now=context.now, territory_id=row.pk, parent_id=parent.pk if parent else None, **asked
        )
        doing.beside.append((change, None))

    def _record(self, done: Doing, context: Context) -> None:
        """Keep what is new and what was planned: a territory is never set back by its columns."""
        done.before.clear()
        super()._record(done, context)

    def undo(self, context: Context) -> Undone:
        """Withdraw what is still planned and remove what is new; changes whose day has come stay, and are named."""
        made = ImportChange.objects.filter(imported_id=context.import_id, table=TerritoryChange._meta.label_lower)
        new = ImportChange.objects.filter(
            imported_id=context.import_id, table=Territory._meta.label_lower, before__isnull=True
        ).values("object_id")
        changes = TerritoryChange.unscoped.filter(pk__in=made.values("object_id")).exclude(territory__in=new)
        withdrawn, kept = 0, []
        for change in changes.select_related("territory").order_by("pk"):
            if change.applied_at is None and change.withdrawn_at is None:
                services.territory_withdraw_change(actor=context.actor, pk=change.pk, now=context.now)
                withdrawn += 1
            elif change.applied_at is not None:
                kept.append((str(change.territory), str(_("the change has taken effect; plan another one"))))
        own = made.filter(object_id__in=changes.values("pk"))
        staying = list(own.filter(object_id__in=changes.filter(applied_at__isnull=False).values("pk")))
        own.delete()
        undone = super().undo(context)
        ImportChange.objects.bulk_create(staying)
        return replace(undone, restored=undone.restored + withdrawn, kept=[*undone.kept, *kept])

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say, with the end that is planned."""
        ends = dict(
            TerritoryChange.unscoped.filter(
                territory__in=rows, closes=True, applied_at=None, withdrawn_at=None
            ).values_list("territory_id", "effective_on")
        )
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {**line, "valid_to": line["valid_to"] or ends.get(row.pk)}
