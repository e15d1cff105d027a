"""Import of what written names mean: the review queue as a sheet, for hundreds of names at once.

The names come from files of sales flow; this import decides on them, as the review does one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.commerce import services
from yaomai.commerce.models import SourceName
from yaomai.customers.models import Institution
from yaomai.customers.naming import institution_called
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer import undoing
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.registry import Context, Undone, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values, one_of

_KINDS: Mapping[str, tuple[str, ...]] = {
    SourceName.Kind.INSTITUTION: ("机构", "医院", "客户", "终端"),
    SourceName.Kind.PRODUCT: ("产品", "药品", "商品", "品种"),
}


@register_importer
class SourceNameImporter(ServiceImporter):
    """Decisions on the names of sales flow, by kind, name, place and distributor."""

    name = "commerce.name"
    label = _("What names in sales flow mean")
    results = ("commerce:sourcename_list", _("See the names"))
    right = "commerce.sourcename:review"
    model = SourceName
    keys: ClassVar[Sequence[Sequence[str]]] = (("name", "kind"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("kind", _("Kind"), ColumnKind.CHOICE, required=True, example="产品",
               choices=tuple(Choice(value, label, _KINDS[value]) for value, label in SourceName.Kind.choices),
               synonyms=("类型", "名称类型", "类别", "种类", "对象类型", "名称种类", "对象", "名称类别", "type")),
        Column("name", _("Name as written"), required=True, length=300, example="示例洛尔",
               synonyms=("名称", "流向名称", "原始名称", "文件中的名称", "源名称", "客户名称", "原名称", "流向中的名称", "待匹配名称", "source name")),
        Column("place", _("Place as written"), length=200,
               synonyms=("地区", "规格", "地点或规格", "原始地区", "流向规格", "流向地区", "地区或规格", "原始规格", "specification"),
               hint=_("The place of an institution, the specification of a product, exactly as in the file.")),
        Column("distributor", _("Distributor"), ColumnKind.REFERENCE,
               synonyms=("商业公司", "配送商", "经销商", "商业", "来源商业", "商业名称", "流向商业", "配送企业", "distributor name"),
               hint=_("Of names that say no place: whose files they stand in.")),
        Column("decision", _("Decision"), ColumnKind.CHOICE,
               choices=(
                   Choice(SourceName.Decision.CONFIRMED, SourceName.Decision.CONFIRMED.label, ("已确认", "匹配", "确认", "是")),
                   Choice(SourceName.Decision.ACCEPTED, SourceName.Decision.ACCEPTED.label, ("自动匹配",)),
                   Choice(SourceName.Decision.SKIPPED, SourceName.Decision.SKIPPED.label, ("跳过", "不匹配", "非我方", "忽略")),
                   Choice(SourceName.Decision.REVIEW, SourceName.Decision.REVIEW.label, ("待审核", "待定")),
               ),
               synonyms=("审核结果", "匹配结果", "判定", "处理结果", "状态", "审核结论", "匹配状态", "处理方式", "result"),
               hint=_("May stay empty when the meaning is filled in.")),
        Column("meaning", _("Meaning"), ColumnKind.REFERENCE, example="P001",
               synonyms=("含义", "对应名称", "标准名称", "匹配到", "主数据名称", "对应编码", "标准编码", "主数据编码", "对应主数据", "matched to"),
               hint=_("Code or name of the institution or product.")),
    )  # fmt: skip

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the distributor, or what the name means."""
        if column.name == "meaning" and values.get("kind") == SourceName.Kind.PRODUCT:
            return one_of(Product, ("code", "name", "generic_name"), text, column.name)
        return institution_called(text, column.name)

    def find(self, values: Values, context: Context) -> Any:
        """Return the name; one that says no place is its distributor's alone."""
        rows = SourceName.objects.filter(
            kind=values["kind"], name=values["name"], place=values.get("place") or ""
        ).order_by("pk")
        owner = values.get("distributor")
        return rows.filter(distributor=owner).first() or rows.filter(distributor=None).first()

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Refuse a name that no file has."""
        raise Invalid(fields={"name": [_("No file of sales flow has this name. Import the files first.")]})

    def differing(self, row: Any, values: Values) -> Values:
        """Return the decision and the meaning where they are others than ours."""
        meaning, decision = values.get("meaning"), values.get("decision")
        if decision in (SourceName.Decision.SKIPPED, SourceName.Decision.REVIEW):
            return {"decision": decision} if row.decision != decision else {}
        if meaning is not None and row.target != meaning:
            return {"decision": SourceName.Decision.CONFIRMED, "meaning": meaning}
        if meaning is None and decision and row.target is None:
            raise Invalid(fields={"meaning": [_("Write what the name means.")]})
        return {}

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Doing) -> None:
        """Decide as the review does."""
        _decide(row, changes["decision"], changes.get("meaning"), context)

    def undo(self, context: Context) -> Undone:
        """Let the names wait again, or mean what they meant, with every line that follows."""
        undoing.require_reach(SourceName, context, self.right)
        changes = ImportChange.objects.filter(imported_id=context.import_id, table=SourceName._meta.label_lower)
        before = dict(changes.values_list("object_id", "before"))
        since = undoing.changed_since(SourceName, context, self._columns())
        names = SourceName.unscoped.filter(pk__in=before).order_by("pk")
        kept = [(str(name), gettext("changed since the import")) for name in names if name.pk in since]
        for name in names:
            if name.pk not in since:
                was: Any = before[name.pk]
                target = Product.unscoped.filter(pk=was["product_id"]).first() or _institution(was["institution_id"])
                _decide(name, was["decision"], target, context)
        undoing.forget(SourceName, context, sorted(before.keys() - since))
        return Undone(0, len(before) - len(kept), kept)

    def _columns(self) -> list[str]:
        return ["decision", "institution_id", "product_id"]

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what was decided; the meaning by code, else by name."""
        prefetch_related_objects(rows, "institution", "product")
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {**line, "meaning": reference(row.target)}


def _institution(pk: int | None) -> Institution | None:
    return None if pk is None else Institution.unscoped.filter(pk=pk).first()


def _decide(name: SourceName, decision: str, target: Any, context: Context) -> None:
    said = {"actor": context.actor, "pk": name.pk, "now": context.now}
    if name.decision != SourceName.Decision.REVIEW:
        services.name_reopen(**said)
    if decision == SourceName.Decision.SKIPPED:
        services.name_skip(**said)
    elif target is not None and decision != SourceName.Decision.REVIEW:
        services.name_confirm(**said, target_id=target.pk)
