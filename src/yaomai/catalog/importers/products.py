"""Import of products: our own lists, reimbursement catalogues, lists of originator brands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

import pyarrow as pa
from django.db import connection
from django.db.models import Min, Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from yaomai.catalog import rules
from yaomai.catalog.models import Indication, Product, ProductLine, ProductStanding, StandardDepartment
from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.model_importer import SEVERAL, Children, ModelImporter, Rows
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.outgoing import BETWEEN
from yaomai.kit.transfer.problems import register_problem
from yaomai.kit.transfer.registry import Applied, Checked, Context, Undone, register_importer

SEPARATORS: Final = re.compile(r"[、，,；;|\n]+")
CLASSES: Final = ("class1", "class2", "class3", "class4")
register_problem("catalog.department", _("“%(value)s” is not in the list of standard departments."))
register_problem("catalog.repeated_product", _("The same product stands in the file before; this row adds nothing."))


def _choices(choices: Any, **synonyms: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, tuple(synonyms.get(value, ()))) for value, label in choices.choices if value)


def _open_lines() -> Any:
    return ProductLine.unscoped.filter(archived_at=None).order_by("name")


@register_importer
class ProductImporter(ModelImporter):
    """Products by code, or by generic name, brand, form, specification and manufacturer."""

    name = "catalog.product"
    label = _("Products")
    results = ("catalog:product_list", _("See the products"))
    right = "catalog.product:import"
    model = Product
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",), ("natural_key",))
    volatile: ClassVar[Sequence[str]] = ("updated_at", "search")
    options: ClassVar[Sequence[Column]] = (
        Column("is_own", _("These are our own products"), ColumnKind.CHOICE,
               choices=(Choice("1", _("Our own products")), Choice("0", _("Market catalogue")))),
    )  # fmt: skip
    columns: ClassVar[Sequence[Column]] = (
        Column("code", _("Product code"), length=64, synonyms=("产品编码", "编码", "商品编码", "药品编码", "物料编码", "SKU"), example="P001"),
        Column("generic_name", _("Generic name"), required=True, length=200, example="示例洛尔片",
               synonyms=("通用名", "药品通用名", "药品名称", "品名", "产品名称", "drug_generic_name")),
        Column("name", _("Name in lists"), length=200, synonyms=("显示名称", "展示名称", "产品全称", "产品显示名", "列表名称", "display name"),
               hint=_("Made of trade name, generic name and specification when empty.")),
        Column("trade_name", _("Trade name"), length=100, synonyms=("商品名", "品牌名", "trade_name")),
        Column("dosage_form", _("Dosage form"), length=120, synonyms=("剂型",), example="片剂"),
        Column("specification", _("Specification"), length=200, synonyms=("规格", "包装规格"), example="25mg×14片"),
        Column("manufacturer", _("Manufacturer"), length=200,
               synonyms=("生产企业", "生产厂家", "厂家", "企业名称", "上市许可持有人", "company_name")),
        Column("product_line", _("Product line"), ColumnKind.REFERENCE, synonyms=("产品线", "事业部"),
               listed=lambda: list(_open_lines().values_list("name", flat=True)), hint=_("Import the product lines first.")),
        Column("approval_number", _("Approval number"), length=64, synonyms=("批准文号", "国药准字", "注册证号")),
        Column("insurance_code", _("National insurance code"), length=64, synonyms=("医保编码", "医保代码", "国家医保编码")),
        Column("class_code", _("Class code"), length=16, synonyms=("分类编码", "类目编码", "class_code", "ATC")),
        Column("class_name", _("Therapeutic class"), length=200, synonyms=("治疗类别", "类别", "分类", "category")),
        Column("is_own", _("Our own product"), ColumnKind.BOOLEAN, synonyms=("是否自有", "是否自有产品", "自有产品", "本公司产品", "本企业产品", "是否本公司产品", "我司产品"),
               hint=_("What is chosen for the whole file when empty.")),
        Column("class1", _("Class, level 1"), length=200, exported=False, synonyms=("class1", "一级分类")),
        Column("class2", _("Class, level 2"), length=200, exported=False, synonyms=("class2", "二级分类")),
        Column("class3", _("Class, level 3"), length=200, exported=False, synonyms=("class3", "三级分类")),
        Column("class4", _("Class, level 4"), length=200, exported=False, synonyms=("class4", "四级分类")),
        Column("reimbursement", _("Reimbursement"), ColumnKind.CHOICE, synonyms=("甲乙", "医保类别", "甲乙类", "医保"),
               choices=_choices(Product.Reimbursement, a=("甲", "甲类"), b=("乙", "乙类"),
                                negotiated=("谈判", "国谈", "协议期内谈判药品"), none=("非医保", "自费", "无", "丙类", "丙"))),
        Column("is_centrally_procured", _("In central procurement"), ColumnKind.BOOLEAN, synonyms=("集采", "集采中标", "是否集采")),
        Column("valid_from", _("In force from"), ColumnKind.DATE, synonyms=("执行日期", "生效日期", "目录生效日期"),
               hint=_("Day from which reimbursement and procurement hold; the day of the import when empty.")),
        Column("indications", _("Indications"), length=1000, synonyms=("适应症", "适应证"), hint=_("Several are separated by 、")),
        Column("departments", _("Target departments"), length=500, synonyms=("目标科室", "适用科室", "科室"),
               hint=_("Names of the standard list, separated by 、")),
        Column("storage", _("Storage"), ColumnKind.CHOICE, synonyms=("储存条件", "贮藏", "存储"),
               choices=_choices(Product.Storage, ambient=("常温",), cool=("阴凉",), cold=("冷藏", "冷链", "2-8℃"), frozen=("冷冻",))),
        Column("presentation", _("Form by setting"), ColumnKind.CHOICE, choices=_choices(Product.Presentation),
               synonyms=("使用场景", "场景剂型")),
        Column("margin", _("Margin class"), ColumnKind.CHOICE, synonyms=("毛利等级", "毛利档"),
               choices=_choices(Product.Margin, high=("高",), medium=("中",), low=("低",))),
        Column("note", _("Note"), length=2000, synonyms=("备注", "限制条件", "说明")),
    )  # fmt: skip

    def resolve(self, column: Column, texts: Sequence[str], context: Context) -> Mapping[str, int]:
        """Return product lines by code or name."""
        found: dict[str, int] = {}
        for pk, code, name in _open_lines().values_list("pk", "code", "name"):
            found[name] = SEVERAL if name in found else pk
            found[code] = pk
        return {text: found[text.strip()] for text in texts if text.strip() in found}

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the fields; refuse departments that are none, and what repeats an earlier row."""
        data = rows.data
        given: dict[str, Any] = {
            name: data.column(name)
            for name in data.column_names
            if name not in ("name", "is_own", "class_name", *CLASSES, "indications", "departments", "valid_from")
        }
        parts = {
            name: _texts(rows, name)
            for name in ("generic_name", "trade_name", "dosage_form", "specification", "manufacturer")
        }
        lines = [dict(zip(parts, values, strict=True)) for values in zip(*parts.values(), strict=True)]
        keys = [rules.product_key(**line) for line in lines]
        given["natural_key"] = pa.array(keys, pa.string())
        given["name"] = pa.array(self._names(rows, lines, keys), pa.string())
        given["class_name"] = pa.array(_classes(rows), pa.string())
        if "is_own" in context.options or "is_own" in data.column_names:
            chosen = {"1": True, "0": False}.get(context.options.get("is_own", ""))
            said = data.column("is_own").to_pylist() if "is_own" in data.column_names else [None] * len(rows)
            given["is_own"] = pa.array([chosen if each is None else each for each in said], pa.bool_())
        given["_indications"] = pa.array(_lists(rows, "indications"), pa.list_(pa.string()))
        given["_departments"] = pa.array(self._departments(rows), pa.list_(pa.int64()))
        given["_from"] = (
            data.column("valid_from") if "valid_from" in data.column_names else pa.nulls(len(rows), pa.date32())
        )
        self._refuse_repeated(rows, keys)
        return pa.table(given)

    def _names(self, rows: Rows, lines: Sequence[Mapping[str, str]], keys: Sequence[str]) -> list[str]:
        """Return the names in lists: as said, else as somebody set them by hand, else made of the other fields."""
        said, codes = _texts(rows, "name"), _texts(rows, "code")
        silent = [place for place, name in enumerate(said) if not name]
        by_code, by_key = _set_by_hand({codes[place] for place in silent} - {""}, {keys[place] for place in silent})
        for place in silent:
            made = {name: lines[place][name] for name in _NAMING}
            set_by_hand = by_code.get(codes[place]) if codes[place] else by_key.get(keys[place])
            said[place] = set_by_hand or rules.product_name(**made)
        return said

    def _refuse_repeated(self, rows: Rows, keys: Sequence[str]) -> None:
        """A catalogue names one drug under several classes: the first line stands."""
        codes = _texts(rows, "code")
        seen: set[str] = set()
        repeated = []
        for position, (key, code) in enumerate(zip(keys, codes, strict=True)):
            if not code and key in seen:
                repeated.append(position)
            seen.add(key)
        rows.refuse("generic_name", repeated, "catalog.repeated_product")

    def _departments(self, rows: Rows) -> list[list[int]]:
        known = dict(StandardDepartment.unscoped.filter(archived_at=None).values_list("name", "pk"))
        lists = _lists(rows, "departments")
        wrong = [position for position, names in enumerate(lists) if any(name not in known for name in names)]
        rows.refuse("departments", wrong, "catalog.department")
        return [[known[name] for name in names if name in known] for names in lists]

    def found_by(self, fields: pa.Table, context: Context) -> Sequence[Sequence[str]]:
        """Return names, code and approval number."""
        names = [name for name in ("name", "generic_name", "trade_name", "code", "approval_number")
                 if name in fields.column_names]  # fmt: skip
        texts = zip(*(fields.column(name).to_pylist() for name in names), strict=True)
        return [[part or "" for part in row] for row in texts]

    def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
        """Return standings of new products, indications and target departments."""
        new = fields.column("_is_new").to_pylist()
        indications = fields.column("_indications").to_pylist()
        ids = _indication_ids({name for names in indications for name in names}, context)
        return [
            Children(ProductStanding, "product", ("kind", "valid_from"), self._standings(fields, new, context)),
            Children(
                Product.indications.through, "product", ("indication",),
                _pairs("indication", [[ids[name] for name in names] for names in indications]),
            ),
            Children(
                Product.departments.through, "product", ("standarddepartment",),
                _pairs("standarddepartment", fields.column("_departments").to_pylist()),
            ),
        ]  # fmt: skip

    def _standings(self, fields: pa.Table, new: Sequence[bool], context: Context) -> pa.Table:
        today = local_day(context.now)
        days = fields.column("_from").to_pylist()
        found: list[tuple[int, str, str, date]] = []
        if "reimbursement" in fields.column_names:
            values = fields.column("reimbursement").to_pylist()
            found += [
                (row, ProductStanding.Kind.REIMBURSEMENT.value, value, days[row] or today)
                for row, value in enumerate(values)
                if value and new[row]
            ]
        if "is_centrally_procured" in fields.column_names:
            flags = fields.column("is_centrally_procured").to_pylist()
            found += [
                (row, ProductStanding.Kind.CENTRAL_PROCUREMENT.value, "yes", days[row] or today)
                for row, flag in enumerate(flags)
                if flag and new[row]
            ]
        return pa.table(
            {
                "row": pa.array([each[0] for each in found], pa.int32()),
                "kind": pa.array([each[1] for each in found], pa.string()),
                "value": pa.array([each[2] for each in found], pa.string()),
                "valid_from": pa.array([each[3] for each in found], pa.date32()),
                "source": pa.array([context.source[:200]] * len(found), pa.string()),
            }
        )

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say, with what they are for, and since when they stand as they do."""
        prefetch_related_objects(rows, "indications", "departments")
        since = dict(
            ProductStanding.unscoped.filter(product__in=rows, valid_to=None)
            .values("product_id")
            .annotate(since=Min("valid_from"))
            .values_list("product_id", "since")
        )
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {
                **line,
                "valid_from": since.get(row.pk),
                "indications": BETWEEN.join(sorted(each.name for each in row.indications.all())),
                "departments": BETWEEN.join(sorted(each.name for each in row.departments.all())),
            }

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Write, then let the dated standings of products we had follow."""
        applied = super().apply(checked, context)
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM transfer_staged WHERE is_changed")
            ids = [pk for (pk,) in cursor.fetchall()]
        follow_standings(ids, today=local_day(context.now), source=context.source[:200])
        return applied

    def undo(self, context: Context) -> Undone:
        """Take the import back, standings included."""
        changed = list(
            ImportChange.objects.filter(
                imported_id=context.import_id, table=Product._meta.label_lower, before__isnull=False
            ).values_list("object_id", flat=True)
        )
        undone = super().undo(context)
        follow_standings(changed, today=local_day(context.now), source=context.source[:200])
        return undone


_NAMING: Final = ("generic_name", "trade_name", "specification")


def _set_by_hand(codes: set[str], keys: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return, by code and by natural key, names of products that are not those made of their fields."""
    by_code: dict[str, str] = {}
    by_key: dict[str, str] = {}
    known = Product.unscoped.filter(Q(code__in=codes) | Q(natural_key__in=keys))
    for code, key, name, *made_of in known.values_list("code", "natural_key", "name", *_NAMING):
        if name != rules.product_name(**dict(zip(_NAMING, made_of, strict=True))):
            by_code[code] = by_key[key] = name
    return by_code, by_key


FOLLOW = (
    """
    CREATE TEMPORARY TABLE catalog_following ON COMMIT DROP AS
    SELECT p.id, k.kind, k.value FROM catalog_product p
     CROSS JOIN LATERAL (VALUES ('reimbursement', nullif(p.reimbursement, '')),
                                ('procurement', CASE WHEN p.is_centrally_procured THEN 'yes' END)) AS k(kind, value)
      LEFT JOIN catalog_productstanding s ON s.product_id = p.id AND s.kind = k.kind AND s.valid_from <= %(on)s
           AND (s.valid_to IS NULL OR s.valid_to > %(on)s)
     WHERE p.id = ANY(%(ids)s) AND nullif(s.value, 'no') IS DISTINCT FROM k.value
    """,
    """
    DELETE FROM catalog_productstanding s USING catalog_following f
     WHERE s.product_id = f.id AND s.kind = f.kind AND s.valid_from >= %(on)s
    """,
    """
    UPDATE catalog_productstanding s SET valid_to = %(on)s FROM catalog_following f
     WHERE s.product_id = f.id AND s.kind = f.kind AND (s.valid_to IS NULL OR s.valid_to > %(on)s)
    """,
    """
    UPDATE catalog_productstanding s SET valid_to = NULL FROM catalog_following f
     WHERE s.product_id = f.id AND s.kind = f.kind AND s.value = f.value AND s.valid_to = %(on)s
    """,
    """
    INSERT INTO catalog_productstanding (product_id, kind, value, valid_from, source)
    SELECT f.id, f.kind, f.value, %(on)s, %(source)s FROM catalog_following f
     WHERE f.value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalog_productstanding s
           WHERE s.product_id = f.id AND s.kind = f.kind AND s.valid_to IS NULL)
    """,
    "DROP TABLE catalog_following",
)


def follow_standings(product_ids: Sequence[int], *, today: date, source: str) -> None:
    """Let the dated standings follow what an import wrote into the products: from today, or as before today."""
    if not product_ids:
        return
    with connection.cursor() as cursor:
        for statement in FOLLOW:
            cursor.execute(statement, {"ids": list(product_ids), "on": today, "source": source})


def _texts(rows: Rows, name: str) -> list[str]:
    if name not in rows.data.column_names:
        return [""] * len(rows)
    return [(text or "").strip() for text in rows.data.column(name).to_pylist()]


def _lists(rows: Rows, name: str) -> list[list[str]]:
    split = ([part.strip() for part in SEPARATORS.split(text)] for text in _texts(rows, name))
    return [list(dict.fromkeys(part for part in parts if part)) for parts in split]


def _classes(rows: Rows) -> list[str | None]:
    """Return the finest class that a row names."""
    levels = zip(*(_texts(rows, name) for name in ("class_name", *CLASSES)), strict=True)
    return [next((name for name in reversed(names) if name), None) for names in levels]


def _indication_ids(names: set[str], context: Context) -> dict[str, int]:
    """Return the indications by name; new ones are made."""
    known = dict(Indication.unscoped.filter(name__in=names, archived_at=None).values_list("name", "pk"))
    missing = sorted(name[:200] for name in names - known.keys())
    made = Indication.unscoped.bulk_create(
        [Indication(name=name, created_at=context.now, updated_at=context.now) for name in missing]
    )
    return known | {row.name: row.pk for row in made}


def _pairs(name: str, lists: Sequence[Sequence[int]]) -> pa.Table:
    pairs = [(row, pk) for row, pks in enumerate(lists) for pk in pks]
    return pa.table(
        {
            "row": pa.array([row for row, _pk in pairs], pa.int32()),
            name: pa.array([pk for _row, pk in pairs], pa.int64()),
        }
    )
