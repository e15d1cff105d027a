"""Import of assessments: one row for a customer, one column for each attribute, as a team fills in a sheet together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.customers.naming import institutions_named, professional_called
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer import undoing
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.model_importer import SEVERAL
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.outgoing import BETWEEN, reference
from yaomai.kit.transfer.problems import Problems, register_problem
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Applied, Checked, Context, Importer, Undone, register_importer
from yaomai.kit.transfer.service_importer import NotThere
from yaomai.kit.transfer.staging import digest, kept_columns, quoted
from yaomai.kit.transfer.values import parse
from yaomai.segmentation import services
from yaomai.segmentation.attributes import ATTRIBUTES, BY_CODE, AssessedAttribute
from yaomai.segmentation.models import Assessment, Subject
from yaomai.segmentation.services.assessments import cleaned

register_problem("segmentation.value", _("“%(value)s” is not possible here. %(reason)s"))
register_problem("segmentation.source", _("Write where the assessment comes from."))
register_problem("segmentation.future", _("“%(value)s” lies in the future."))
register_problem("segmentation.newer", _("An assessment of %(day)s stands already; this one is older."))
register_problem("segmentation.twice", _("Row %(first)s says it for the same customer already."))
NO_TAGS = "无"
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "decision_influence": ("决策影响力", "影响力得分", "决策力"),
    "brand_recognition": ("品牌认可度", "品牌认知", "品牌认同"),
    "future_potential": ("未来潜力", "增长潜力", "成长潜力"),
    "academic_influence": ("学术影响", "学术地位", "学术能力"),
    "cooperation_depth": ("合作程度", "合作深度", "合作紧密度"),
    "department_fit": ("科室匹配", "科室契合度", "科室相关性"),
    "patient_potential": ("患者潜力", "科室患者潜力", "患者规模"),
    "willingness": ("合作意愿", "配合意愿", "意愿"),
    "market_influence": ("市场影响力", "市场影响", "市场地位"),
    "strategic_fit": ("战略匹配", "战略契合度", "战略匹配度"),
    "pipeline_fit": ("管线匹配", "产品管线匹配", "管线契合度"),
    "long_term_need": ("长期合作需求", "长期需求", "长期合作"),
    "satisfaction": ("合作满意度", "客户满意度", "满意程度"),
    "competitor_share": ("竞品渗透率", "竞品占比", "竞品份额"),
    "tags": ("政策标签", "标签", "政策叠加"),
    "contacts_12m": ("年拜访次数", "近12个月拜访", "接触次数"),
    "spend_12m": ("年投入", "近12个月投入", "费用投入"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One cell of the file, understood."""

    row: int
    customer: int
    attribute: str
    value: Any
    source: str
    day: date


def _columns(subject: str) -> tuple[Column, ...]:
    return tuple(_column(attribute) for attribute in ATTRIBUTES if subject in attribute.subjects)


def _column(attribute: AssessedAttribute) -> Column:
    shared: dict[str, Any] = {"synonyms": _SPELLINGS[attribute.code]}
    if attribute.unit == "tags":
        labels = [label for _code, label in attribute.tags]
        hint = _("Several are separated by 、; 无 for none.")
        return Column(
            attribute.code, attribute.label, hint=hint, listed=lambda: [str(each) for each in labels], **shared
        )
    most = 100 if attribute.unit == "points" else None
    return Column(
        attribute.code, attribute.label, ColumnKind.DECIMAL, minimum=0, maximum=most, hint=attribute.scale, **shared
    )


_CALLED = Column(
    "called",
    _("Called"),
    length=300,
    synonyms=("客户全称", "全称"),
    hint=_("For reading only; an import leaves it aside."),
)
_SOURCE = (
    Column("source", _("Source"), length=200, example="季度评估会",
           synonyms=("来源", "评估来源", "信息来源", "依据", "评估依据", "数据来源", "出处", "评估方式"), hint=_("The source of the whole file when empty.")),
    Column("assessed_on", _("Assessed on"), ColumnKind.DATE, example="2026-09-30",
           synonyms=("评估日期", "评估时间", "评定日期", "打分日期", "日期", "评价日期", "评分日期"), hint=_("The day of the import when empty.")),
)  # fmt: skip


class AssessmentImporter(Importer):
    """Assessments of one kind of customer; a newer one supersedes, the same one adds nothing."""

    right = "segmentation.tier:assess"
    subject: ClassVar[str]

    def customers(self, rows: Sequence[Mapping[str, Any]], problems: "Refusals") -> dict[int, int]:
        """Return position -> customer for the rows whose customer is clear; refuse the others."""
        raise NotImplementedError

    # --- check ---

    def check(self, table: Table, context: Context) -> Checked:
        """Return what would be recorded."""
        parsed = parse(table, self.columns, context.mapping, day_order=context.day_order)
        names = parsed.data.column_names
        rows = [
            dict(zip(names, cells, strict=True))
            for cells in zip(*(parsed.data.column(name).to_pylist() for name in names), strict=True)
        ]
        refusals = Refusals(parsed.problems, context.mapping, [int(each) for each in parsed.rows])
        said = self._judgements(rows, self.customers(rows, refusals), refusals, context)
        present = self._present({each.customer for each in said})
        wanted: list[Judgement] = []
        for each in said:
            current = present.get((each.customer, each.attribute))
            if current is None or (current.value != each.value and current.assessed_on <= each.day):
                wanted.append(each)
            elif current.value != each.value:
                refusals.add(each.attribute, each.row, "segmentation.newer", day=current.assessed_on.isoformat())
        wanted = [each for each in wanted if each.row not in refusals.rows]
        touched = {each.row for each in wanted}
        known = {each.row for each in wanted if (each.customer, each.attribute) in present}
        good = {each.row for each in said} - refusals.rows
        return Checked(
            created=len(touched - known),
            updated=len(known),
            unchanged=len(good - touched),
            problems=parsed.problems,
            created_examples=self._examples(table, context, [refusals.positions[row] for row in sorted(touched)[:5]]),
            plan=wanted,
        )

    def _examples(self, table: Table, context: Context, positions: Sequence[int]) -> list[dict[str, str]]:
        mapped = [column for column in self.columns if column.name in context.mapping]
        return [
            {str(each.label): record[context.mapping[each.name]] or "" for each in mapped}
            for record in table.records(positions)
        ]

    def _judgements(
        self, rows: Sequence[Mapping[str, Any]], customers: Mapping[int, int], refusals: "Refusals", context: Context
    ) -> list[Judgement]:
        today = local_day(context.now)
        found: list[Judgement] = []
        seen: dict[tuple[int, str], int] = {}
        for row, customer in customers.items():
            values = rows[row]
            source, day = (values.get("source") or context.source).strip(), values.get("assessed_on") or today
            if not source:
                refusals.add("source", row, "segmentation.source")
            if day > today:
                refusals.add("assessed_on", row, "segmentation.future")
            for code in (column.name for column in self.columns if column.name in BY_CODE):
                if values.get(code) in (None, ""):
                    continue
                first = seen.setdefault((customer, code), row)
                if first != row:
                    refusals.add(code, row, "segmentation.twice", first=refusals.number(first))
                try:
                    found.append(Judgement(row, customer, code, _value(BY_CODE[code], values[code]), source, day))
                except Invalid as error:
                    reason = " ".join(str(text) for texts in error.fields.values() for text in texts)
                    refusals.add(code, row, "segmentation.value", reason=reason)
        return [each for each in found if each.row not in refusals.rows]

    def _present(self, customers: set[int]) -> dict[tuple[int, str], Assessment]:
        rows = Assessment.unscoped.filter(superseded_at=None, **{f"{self.subject}__in": customers})
        return {(getattr(row, f"{self.subject}_id"), row.attribute): row for row in rows}

    # --- apply and undo ---

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Record, one entry in the trail for each source and day, and keep what is new and what it supersedes."""
        groups: dict[tuple[str, date], list[tuple[int, str, Any]]] = {}
        for each in checked.plan:
            groups.setdefault((each.source, each.day), []).append((each.customer, each.attribute, each.value))
        for (source, day), rows in sorted(groups.items()):
            services.assessments_record(
                actor=context.actor, subject=self.subject, rows=rows, source=source, assessed_on=day, now=context.now
            )
        own = Assessment.unscoped.filter(**{f"{self.subject}__in": {each.customer for each in checked.plan}})
        self._keep(own.filter(recorded_at=context.now, superseded_at=None), "NULL", context)
        self._keep(own.filter(superseded_at=context.now), "'{\"superseded_at\": null}'::jsonb", context)
        return Applied(checked.created, checked.updated, checked.unchanged)

    def _keep(self, rows: Any, before: str, context: Context) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO transfer_importchange (imported_id, "table", object_id, before, digest)
                SELECT %s, %s, t.id, {before}, {digest("t", kept_columns(Assessment, ()))}
                  FROM {quoted(Assessment._meta.db_table)} t WHERE t.id = ANY(%s)
                """,  # noqa: S608 - names of our own
                [context.import_id, Assessment._meta.label_lower, list(rows.values_list("pk", flat=True))],
            )

    def undo(self, context: Context) -> Undone:
        """Remove what was recorded, unless a newer assessment followed; what it superseded holds again."""
        undoing.require_reach(Assessment, context, self.right)
        changes = ImportChange.objects.filter(imported_id=context.import_id, table=Assessment._meta.label_lower)
        made = Assessment.unscoped.filter(pk__in=changes.filter(before__isnull=True).values("object_id"))
        kept = [
            (f"{getattr(row, self.subject)} · {BY_CODE[row.attribute].label}", gettext("changed since the import"))
            for row in made.filter(superseded_at__isnull=False).select_related(self.subject)
        ]
        live = {(getattr(row, f"{self.subject}_id"), row.attribute) for row in made.filter(superseded_at=None)}
        going = list(made.filter(superseded_at=None).values_list("pk", flat=True))
        removed, _by_model = made.filter(superseded_at=None).delete()
        earlier = Assessment.unscoped.filter(pk__in=changes.filter(before__isnull=False).values("object_id"))
        again = [row.pk for row in earlier if (getattr(row, f"{self.subject}_id"), row.attribute) in live]
        Assessment.unscoped.filter(pk__in=again).update(superseded_at=None)
        undoing.forget(Assessment, context, [*going, *again])
        return Undone(removed=removed, restored=len(again), kept=kept)

    # --- out ---

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each source and day of a customer's assessments, one for a customer without any."""
        found: dict[int, dict[tuple[str, date], dict[str, Any]]] = {}
        for (customer, code), row in sorted(self._present({each.pk for each in rows}).items()):
            if code in {column.name for column in self.columns}:
                line = found.setdefault(customer, {}).setdefault((row.source, row.assessed_on), {})
                line[code] = _written(BY_CODE[code], row.value)
        for each in rows:
            for (source, day), values in found.get(each.pk, {}).items():
                yield {**self.named(each), **values, "source": source, "assessed_on": day}
            if each.pk not in found:
                yield self.named(each)

    def named(self, row: Any) -> dict[str, Any]:
        """Return the columns that say who it is."""
        raise NotImplementedError


@dataclass(slots=True)
class Refusals:
    """Rows that are refused, by their position among the good ones of the file."""

    problems: Problems
    mapping: Mapping[str, int]
    positions: Sequence[int]

    @property
    def rows(self) -> set[int]:
        return {row for row, position in enumerate(self.positions) if self.problems.refused[position]}

    def number(self, row: int) -> int:
        return self.problems.table.place(self.positions[row]).row

    def add(self, column: str, row: int, code: str, **params: Any) -> None:
        index, place = self.mapping.get(column), self.positions[row]
        text = "" if index is None else self.problems.table.column(index)[place].as_py() or ""
        self.problems.add(column, index, [place], [(code, params)], [text])


def _value(attribute: AssessedAttribute, said: Any) -> Any:
    if attribute.unit != "tags":
        return cleaned(attribute, said)
    labels = {str(label): code for code, label in attribute.tags}
    parts = [part.strip() for part in str(said).replace("，", BETWEEN).replace(",", BETWEEN).split(BETWEEN)]
    return cleaned(attribute, [labels.get(part, part) for part in parts if part and part != NO_TAGS])


def _written(attribute: AssessedAttribute, value: Any) -> Any:
    if attribute.unit != "tags":
        return value
    labels = dict(attribute.tags)
    return BETWEEN.join(str(labels.get(code, code)) for code in value) or NO_TAGS


@register_importer
class InstitutionAssessmentImporter(AssessmentImporter):
    """Assessments of institutions."""

    name = "segmentation.institution_assessment"
    label = _("Assessments of institutions")
    results = ("segmentation:overview", _("See the tiers"))
    model = Institution
    subject = Subject.INSTITUTION.value
    columns: ClassVar[Sequence[Column]] = (
        Column("customer", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "客户", "客户名称", "客户编码", "医院编码", "单位"), hint=_("Code, name or another name.")),
        _CALLED,
        *_columns(Subject.INSTITUTION.value),
        *_SOURCE,
    )  # fmt: skip

    def customers(self, rows: Sequence[Mapping[str, Any]], problems: Refusals) -> dict[int, int]:
        """Return the institutions in reach."""
        known = institutions_named(sorted({row["customer"] for row in rows}), right=self.right)
        found = {}
        for position, row in enumerate(rows):
            pk = known.get(row["customer"])
            if pk is None or pk == SEVERAL:
                problems.add("customer", position, "unknown" if pk is None else "several")
            else:
                found[position] = pk
        return found

    def named(self, row: Any) -> dict[str, Any]:
        """Return the institution."""
        return {"customer": reference(row), "called": row.name}


@register_importer
class ProfessionalAssessmentImporter(AssessmentImporter):
    """Assessments of professionals."""

    name = "segmentation.professional_assessment"
    label = _("Assessments of professionals")
    results = ("segmentation:overview", _("See the tiers"))
    model = Professional
    subject = Subject.PROFESSIONAL.value
    columns: ClassVar[Sequence[Column]] = (
        Column("customer", _("Professional"), ColumnKind.REFERENCE, required=True, example="示例医生",
               synonyms=("医生", "医生姓名", "姓名", "专家", "专家姓名", "客户", "客户姓名", "医生编码", "客户编码"), hint=_("Code or name.")),
        Column("institution", _("Institution"), ColumnKind.REFERENCE, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "所在医院", "单位", "工作单位"), hint=_("Tells people of one name apart.")),
        _CALLED,
        *_columns(Subject.PROFESSIONAL.value),
        *_SOURCE,
    )  # fmt: skip

    def customers(self, rows: Sequence[Mapping[str, Any]], problems: Refusals) -> dict[int, int]:
        """Return the professionals in reach."""
        texts = sorted({row["institution"] for row in rows if row.get("institution")})
        places = institutions_named(texts, right="customers.institution:view")
        institutions = Institution.unscoped.in_bulk([pk for pk in places.values() if pk != SEVERAL])
        allowed = set(Professional.objects.allowed(self.right).values_list("pk", flat=True)) if rows else set()
        known: dict[tuple[str, str], Any] = {}
        found = {}
        for position, row in enumerate(rows):
            key = (row["customer"], row.get("institution") or "")
            if key not in known:
                known[key] = self._called(*key, institutions.get(places.get(key[1], 0)))
            pk = known[key]
            if isinstance(pk, int) and pk in allowed:
                found[position] = pk
            else:
                problems.add("customer", position, pk if isinstance(pk, str) else "unknown")
        return found

    def _called(self, name: str, _place: str, institution: Institution | None) -> int | str:
        try:
            return professional_called(name, "customer", institution=institution).pk
        except NotThere as error:
            return "several" if error.several else "unknown"

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the lines; where somebody works comes with one query."""
        prefetch_related_objects(rows, "institution")
        yield from super().lines(rows)

    def named(self, row: Any) -> dict[str, Any]:
        """Return the professional, and where."""
        called = f"{row.name} · {row.institution}" if row.institution else row.name
        return {"customer": reference(row), "institution": reference(row.institution), "called": called}
