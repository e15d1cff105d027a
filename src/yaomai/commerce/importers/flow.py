"""Import of monthly sales flow files."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from yaomai.commerce import lines, services
from yaomai.commerce.models import FlowBatch, SalesLine
from yaomai.commerce.services.intake import AlreadyTakenIn, Plan, plan_intake
from yaomai.customers.models import Institution, InstitutionName
from yaomai.engine.prescriptions import is_doctor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid, Text
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.problems import Problems, register_problem
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Applied, Checked, Context, Importer, Undone, register_importer
from yaomai.kit.transfer.values import Parsed, parse, without_examples

register_problem(
    "unknown_distributor", _("No distributor is called “%(value)s”. Create it first, or correct the name.")
)
register_problem(
    "doctor_as_buyer",
    _("“%(value)s” is a single doctor. Write the institution that bought: nobody may count by doctor."),
)


_SHOWN_PRODUCTS = 10
_OWNER = "_distributor"


@dataclass(frozen=True, slots=True)
class FlowPlans:
    """What a file would do: one plan per distributor, and the distributors whose lines are there already."""

    plans: list[Plan]
    repeated: list[str]
    repeated_lines: int


@register_importer
class SalesFlowImporter(Importer):
    name = "commerce.flow"
    label = _("Sales flow")
    right = "commerce.flowbatch:import"
    options = (
        Column(
            "distributor",
            _("Distributor"),
            ColumnKind.REFERENCE,
            hint=_("Whose file it is, when the file does not name the distributor in a column of its own."),
            listed=lambda: list(_distributor_rows().order_by("name").values_list("name", flat=True)),
        ),
    )
    columns = (
        Column("distributor", _("Distributor"), ColumnKind.REFERENCE, example="安衡医药商业有限公司",
               synonyms=("配送商", "配送企业", "商业公司", "经销商", "商业名称", "销售方", "供货单位", "发货单位", "一级商业")),
        Column("sold_on", _("Date"), ColumnKind.DATE, required=True, example="2026-10-08",
               synonyms=("日期", "销售日期", "出库日期", "开票日期", "发货日期", "单据日期", "业务日期", "流向日期", "销售时间")),
        Column("buyer", _("Institution"), ColumnKind.TEXT, required=True, length=300, example="江城市第一人民医院",
               synonyms=("客户名称", "购货单位", "购买方", "医院名称", "终端名称", "终端", "客户", "机构名称", "采购单位", "收货单位",
                         "往来单位", "流向单位", "购方名称", "销往单位", "下游客户", "医疗机构")),
        Column("place", _("Place"), ColumnKind.TEXT, length=200, example="江城市",
               synonyms=("地区", "城市", "省市", "区域", "所在地", "客户地区", "省份", "地址", "客户地址", "所属城市")),
        Column("item", _("Product"), ColumnKind.TEXT, required=True, length=300, example="安衡平片",
               synonyms=("品名", "产品名称", "商品名称", "药品名称", "品种", "通用名", "货品名称", "商品", "产品", "通用名称", "品名规格",
                         "品规", "商品名称规格", "药品名称规格", "品名及规格")),
        Column("specification", _("Specification"), ColumnKind.TEXT, length=200, example="5mg×7片",
               synonyms=("规格", "产品规格", "规格型号", "包装规格", "商品规格", "药品规格")),
        Column("item_code", _("Product code"), ColumnKind.TEXT, exported=False, length=64, example="",
               synonyms=("商品编码", "产品编码", "货号", "商品代码", "国药准字", "批准文号", "商品编号")),
        Column("quantity", _("Quantity"), ColumnKind.DECIMAL, required=True, places=3, digits=14, example="120",
               synonyms=("数量", "销售数量", "出库数量", "发货数量", "盒数", "流向数量", "销量", "基本数量")),
        Column("amount", _("Amount"), ColumnKind.DECIMAL, places=2, digits=16, example="3360.00",
               synonyms=("金额", "销售金额", "含税金额", "价税合计", "总金额", "销售额", "流向金额", "考核金额")),
        Column("price", _("Unit price"), ColumnKind.DECIMAL, exported=False, places=4, digits=16, example="28.00",
               synonyms=("单价", "含税单价", "销售单价", "价格", "考核价")),
        Column("lot", _("Lot number"), ColumnKind.TEXT, length=64, example="20260801",
               synonyms=("批号", "生产批号", "产品批号", "批次", "批次号")),
    )  # fmt: skip

    model = SalesLine
    results = ("commerce:review_first", _("Review the names"))

    def require_options(self, options: Mapping[str, Any]) -> None:
        """Refuse a distributor that is none, before the file is read."""
        chosen = str(options.get("distributor") or "").strip()
        if chosen and chosen not in _distributors({chosen}):
            raise _no_distributor(chosen)

    def check(self, table: Table, context: Context) -> Checked:
        understood = context.recall("lines", lambda: self._understood(table, context))
        problems = Problems.noted(understood, without_examples(table, self.columns, context.mapping)[0])
        plans: list[Plan] = []
        repeated: list[str] = []
        repeated_lines = 0
        for distributor in sorted(set(pc.unique(understood[_OWNER]).to_pylist()) - {0}):
            own = understood.filter(pc.equal(understood[_OWNER], distributor)).select(lines.SCHEMA.names)
            try:
                plans.append(
                    plan_intake(
                        actor=context.actor,
                        distributor_id=distributor,
                        table=own,
                        today=local_day(context.now),
                        recall=context.recall,
                    )
                )
            except AlreadyTakenIn as error:
                repeated.append(str(error))
                repeated_lines += own.num_rows
        created = sum(plan.table.num_rows for plan in plans)
        return Checked(
            created,
            0,
            repeated_lines,
            problems,
            _examples(plans),
            notices=[
                *(_corrects(plan, earlier) for plan in plans for earlier in plan.replaces),
                *(_beside(plan, other) for plan in plans for other in plan.beside),
                *_unknown_products(plans),
            ],
            plan=FlowPlans(plans, repeated, repeated_lines),
        )

    def _understood(self, table: Table, context: Context) -> pa.Table:
        """Return the good lines, whose file each is in (0 where it cannot be told), and as metadata the problems."""
        parsed = parse(table, self.columns, context.mapping, day_order=context.day_order)
        owners = _owners(parsed, context)
        _refuse_doctors(parsed, owners, context)
        return parsed.problems.noted_on(_typed(parsed).append_column(_OWNER, pa.array(owners)))

    def apply(self, checked: Checked, context: Context) -> Applied:
        found: FlowPlans = checked.plan
        for plan in found.plans:
            services.flow_take_in(
                actor=context.actor,
                plan=plan,
                file_name=context.file_name,
                now=context.now,
                import_id=context.import_id,
            )
        return Applied(sum(plan.table.num_rows for plan in found.plans), 0, found.repeated_lines)

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the lines that count, with the names as the distributors wrote them."""
        prefetch_related_objects(rows, "batch__distributor", "buyer", "item")
        for row in rows:
            if row.is_active:
                yield {
                    "distributor": reference(row.batch.distributor),
                    "sold_on": row.sold_on,
                    "buyer": row.buyer.name,
                    "place": row.buyer.place,
                    "item": row.item.name,
                    "specification": row.item.place,
                    "quantity": row.quantity,
                    "amount": row.amount,
                    "lot": row.lot,
                }

    def undo(self, context: Context) -> Undone:
        batches = FlowBatch.objects.filter(import_id=context.import_id, state=FlowBatch.State.ACTIVE).order_by("pk")
        removed = 0
        for batch in batches:
            services.batch_roll_back(
                actor=context.actor, pk=batch.pk, reason=str(_("The import was undone.")), now=context.now
            )
            removed += batch.lines
        return Undone(removed, 0)


def _owners(parsed: Parsed, context: Context) -> npt.NDArray[np.int64]:
    """Return the distributor's key of each good row: from its column, else as chosen for the file; 0 is unknown.

    Raises:
        Invalid: the file names no distributor and none was chosen, or the chosen one does not exist.
    """
    chosen = str(context.options.get("distributor") or "").strip()
    written = parsed.data["distributor"].to_pylist() if "distributor" in parsed.data.column_names else None
    names = {name for name in (written or []) if name}
    if chosen:
        names.add(chosen)
    known = _distributors(names)
    if chosen and chosen not in known:
        raise _no_distributor(chosen)
    if not chosen and written is None:
        raise Invalid(fields={"distributor": [_("Choose whose file it is: it names no distributor.")]})
    fallback = known.get(chosen, 0)
    owners = np.array(
        [known.get(name, 0) if name else fallback for name in written or [""] * parsed.data.num_rows], np.int64
    )
    strange = np.flatnonzero(owners == 0)
    parsed.problems.add(
        "distributor",
        context.mapping.get("distributor"),
        parsed.rows[strange].tolist(),
        [("unknown_distributor", {})] * len(strange),
        [(written or [])[row] or "" for row in strange] if written else [],
    )
    return owners


def _refuse_doctors(parsed: Parsed, owners: npt.NDArray[np.int64], context: Context) -> None:
    """Refuse the rows whose buyer is a doctor: a file of hospitals with a few of them would count by doctor (X1)."""
    buyers = parsed.data["buyer"].combine_chunks().dictionary_encode()
    named = [number for number, name in enumerate(buyers.dictionary.to_pylist()) if is_doctor(name)]
    rows = np.flatnonzero(np.isin(buyers.indices.to_numpy(), named))
    owners[rows] = 0
    parsed.problems.add(
        "buyer",
        context.mapping["buyer"],
        parsed.rows[rows].tolist(),
        [("doctor_as_buyer", {})] * len(rows),
        parsed.data["buyer"].take(pa.array(rows, pa.int64())).to_pylist(),
    )


def _no_distributor(name: str) -> Invalid:
    text = _("No distributor is called “%(name)s”. Create it first: Customers, Institutions, kind distributor.")
    return Invalid(fields={"distributor": [text % {"name": name}]})


def _distributor_rows() -> Any:
    return Institution.objects.filter(kind=Institution.Kind.DISTRIBUTOR, archived_at__isnull=True)


def _distributors(names: set[str]) -> dict[str, int]:
    """Return the distributors by their name, code or other name."""
    rows = _distributor_rows()
    known: dict[str, int] = {}
    known.update(
        InstitutionName.objects.filter(institution__in=rows, name__in=names).values_list("name", "institution_id")
    )
    known.update(rows.filter(code__in=names).exclude(code="").values_list("code", "pk"))
    known.update(rows.filter(name__in=names).values_list("name", "pk"))
    return known


def _typed(parsed: Parsed) -> pa.Table:
    """Return the good rows in `lines.SCHEMA`; an amount that is missing is quantity times unit price."""
    data, count = parsed.data, parsed.data.num_rows

    def text(name: str) -> pa.ChunkedArray:
        if name not in data.column_names:
            return pa.chunked_array([pa.repeat("", count)])
        return pc.fill_null(data[name], "")

    columns = {
        "row": pc.take(pc.cast(parsed.table.row_numbers, pa.int32()), pa.array(parsed.rows)),
        "sold_on": data["sold_on"],
        **{name: text(name) for name in ("buyer", "place", "item", "specification", "item_code")},
        "quantity": data["quantity"],
        "amount": _amount(data),
        "lot": text("lot"),
    }
    return pa.table({name: pc.cast(columns[name], lines.SCHEMA.field(name).type) for name in lines.SCHEMA.names})


def _amount(data: pa.Table) -> pa.ChunkedArray:
    zero = pa.scalar(Decimal("0.00"), pa.decimal128(16, 2))
    if "price" in data.column_names:
        exact = pc.multiply(
            pc.cast(data["quantity"], pa.decimal128(18, 3)), pc.cast(data["price"], pa.decimal128(18, 4))
        )
        product = pc.cast(pc.round(exact, 2), pa.decimal128(16, 2), safe=False)
        if "amount" not in data.column_names:
            return pc.fill_null(product, zero)
        return pc.fill_null(pc.coalesce(data["amount"], product), zero)
    if "amount" in data.column_names:
        return pc.fill_null(data["amount"], zero)
    return pa.chunked_array([pa.repeat(zero, data.num_rows)])


def _corrects(plan: Plan, earlier: FlowBatch) -> tuple[Text, dict[str, Any]]:
    text = _(
        "It corrects “%(file)s” of %(distributor)s for %(days)s: that file's %(lines)s lines count no longer. Rolled back,"
        " they count again."
    )
    days = f"{earlier.first_day} – {earlier.last_day}"
    return text, {
        "distributor": str(plan.distributor), "file": earlier.file_name, "lines": f"{earlier.lines:,}", "days": days,
    }  # fmt: skip


def _beside(plan: Plan, other: FlowBatch) -> tuple[Text, dict[str, Any]]:
    text = _(
        "%(distributor)s sent “%(file)s” for some of the same days (%(lines)s lines), with other lines. Both will count."
        " If this file corrects it, roll that one back first."
    )
    return text, {"distributor": str(plan.distributor), "file": other.file_name, "lines": f"{other.lines:,}"}


def _unknown_products(plans: list[Plan]) -> list[tuple[Text, dict[str, Any]]]:
    """Name each product that is not certain once, the one with the most lines first."""
    lines_of: Counter[str] = Counter()
    for plan in plans:
        pairs = pa.table([plan.table["item"], plan.table["specification"]], names=["item", "specification"])
        for item, specification, count in zip(
            *(
                column.to_pylist()
                for column in pairs.group_by(["item", "specification"]).aggregate([([], "count_all")]).columns
            ),
            strict=True,
        ):
            if not plan.items[item, specification].is_settled:
                lines_of[f"{item} {specification}".strip()] += count
    if not lines_of:
        return []
    shown = "、".join(f"{name}（{count:,}）" for name, count in lines_of.most_common(_SHOWN_PRODUCTS))
    text = _(
        "%(count)s products in this file are not certain: %(names)s. Their lines are taken in and wait: in the name review"
        " you choose the product or create it, once for each name, and every line follows."
    )
    return [(text, {"count": len(lines_of), "names": shown})]


def _examples(plans: list[Plan]) -> list[dict[str, str]]:
    """Return what is worth knowing before the lines are written."""
    return [
        {
            str(_("Distributor")): str(plan.distributor),
            str(_("Days")): f"{plan.first_day} – {plan.last_day}",
            str(pgettext("count", "Lines")): f"{plan.table.num_rows:,}",
            str(_("Amount")): f"¥{plan.amount:,.2f}",
            str(_("Names known")): f"{plan.count(plan.buyers, settled=True):,}",
            str(_("Names for review")): f"{plan.count(plan.buyers, settled=False):,}",
            str(_("Products for review")): f"{plan.count(plan.items, settled=False):,}",
            str(_("Replaces")): "、".join(str(batch) for batch in plan.replaces) or "–",
        }
        for plan in plans
    ]
