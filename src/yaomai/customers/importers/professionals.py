"""Import of professionals with their primary workplace and contact data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import pyarrow as pa
from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers import merging, rules
from yaomai.customers.models import (
    Affiliation,
    CustomerType,
    Department,
    Institution,
    Professional,
    ProfessionalContact,
    ProfessionalDuplicate,
    TypeMark,
)
from yaomai.customers.naming import institutions_named
from yaomai.customers.services.affiliations import follow_workplaces
from yaomai.customers.services.contacts import prepared
from yaomai.customers.services.currents import apply_workplaces
from yaomai.customers.services.profiles import measure
from yaomai.customers.services.types import follow_column
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.model_importer import ChangedMeanwhile, Children, ModelImporter, Rows
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.outgoing import BETWEEN
from yaomai.kit.transfer.problems import register_problem
from yaomai.kit.transfer.registry import Applied, Checked, Context, Undone, register_importer
from yaomai.kit.transfer.undoing import Passing
from yaomai.kit.vault import encrypt

SEPARATORS: Final = re.compile(r"[、，,；;/|\n]+")
CONTACTS: Final = ("mobile", "phone", "email", "wechat")

register_problem("customers.title", _("“%(value)s” is not a professional title. Choose one from the template's list."))
register_problem("customers.profession", _("“%(value)s” is not a profession. Choose one from the template's list."))
register_problem("customers.types", _("“%(value)s” is not a customer type. Choose from the template's list."))
register_problem("customers.sex", _("“%(value)s” is neither 男 nor 女."))
register_problem("customers.contact", _("“%(value)s” is not a valid number or address of this kind."))
register_problem(
    "customers.no_workplace",
    _("Write where the person works: without a workplace only those who reach the whole company may import."),
)
register_problem("customers.same_name", _("“%(value)s” stands in the file before, without a workplace. Write codes."))
register_problem("customers.archived_institution", _("“%(value)s” is archived. Restore it first."))


@register_importer
class ProfessionalImporter(ModelImporter):
    """Professionals; another institution in a later file is a move on the day of the import."""

    name = "customers.professional"
    label = _("Professionals")
    results = ("customers:professional_list", _("See the professionals"))
    right = "customers.professional:import"
    model = Professional
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",), ("name", "institution"))
    volatile: ClassVar[Sequence[str]] = (
        "updated_at", "search", "territory", "department", "completeness", "checked_on",
    )  # fmt: skip
    passing: ClassVar[Passing] = ((ProfessionalDuplicate, "o.status = 'open'"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("code", _("Code"), length=64, synonyms=("医生编码", "人员编码", "客户编码", "编码"), example="D0001"),
        Column("name", pgettext_lazy("person", "Name"), required=True, length=64, synonyms=("医生姓名", "客户姓名", "姓名", "医生"), example="示例医生"),
        Column("sex", _("Sex"), length=8, synonyms=("性别",), listed=lambda: ["女", "男"]),
        Column("profession", _("Profession"), length=40, synonyms=("职业", "人员类别"),
               listed=lambda: [str(label) for label in Professional.Profession.labels]),
        Column("title", _("Professional title"), length=60, synonyms=("职称", "技术职称", "专业技术职称", "职称等级"),
               listed=lambda: [str(label) for value, label in Professional.Title.choices if value], example="主任医师"),
        Column("specialty", _("Specialty"), length=100, synonyms=("专业", "专长", "擅长")),
        Column("customer_types", _("Customer types"), length=120, synonyms=("客户类型",),
               listed=lambda: [str(label) for label in CustomerType.labels], hint=_("Several are separated by 、")),
        Column("institution", _("Institution"), ColumnKind.REFERENCE, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "所在医院", "单位", "工作单位"), hint=_("Code, name or another name. Empty for experts without one.")),
        Column("department", _("Department"), length=100, synonyms=("科室", "所在科室", "部门"), example="心内科"),
        Column("position", _("Post held"), length=64, synonyms=("职务", "行政职务", "岗位")),
        Column("mobile", _("Mobile"), length=40, exported=False, synonyms=("手机", "手机号", "手机号码", "联系方式")),
        Column("phone", _("Telephone"), length=40, exported=False, synonyms=("电话", "座机", "办公电话")),
        Column("email", _("E-mail"), length=100, exported=False, synonyms=("邮箱", "电子邮箱", "电子邮件")),
        Column("wechat", _("WeChat"), length=60, exported=False, synonyms=("微信", "微信号")),
    )  # fmt: skip

    def resolve(self, column: Column, texts: Sequence[str], context: Context) -> Mapping[str, int]:
        """Return institutions in reach by code, name or other name; a merged one is what it was merged into."""
        return institutions_named(texts, right=self.right)

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the fields; refuse titles, types and contacts that are none."""
        data = rows.data
        given: dict[str, Any] = {
            "name": pa.array([" ".join(text.split()) for text in _texts(rows, "name")], pa.string()),
            "institution": self._institutions(rows, context),
            "_department": pa.array([text.strip() or None for text in _texts(rows, "department")], pa.string()),
            "_contacts": self._contacts(rows),
        }
        given["code"] = pa.array([text.strip() or None for text in _texts(rows, "code")], pa.string())
        for name in ("specialty", "position"):
            if name in data.column_names:
                given[name] = data.column(name)
        for name, read in (
            ("sex", _labelled(Professional.Sex, rules.sex_of)),
            ("title", _labelled(Professional.Title, rules.title_of)),
            ("profession", _labelled(Professional.Profession, rules.profession_word)),
            ("customer_types", _types),
        ):
            if name in data.column_names:
                code = "customers.types" if name == "customer_types" else f"customers.{name}"
                given[name] = _read(rows, name, read, code)
        if "title" in given and "profession" not in given:
            given["profession"] = pa.array(
                [rules.profession_of(title or "") for title in given["title"].to_pylist()], pa.string()
            )
        return pa.table(given)

    def _institutions(self, rows: Rows, context: Context) -> pa.Array:
        """Return the workplaces; who has none is for those who reach everybody, and once under a name."""
        if "institution" in rows.data.column_names:
            places = rows.data.column("institution")
        else:
            places = pa.nulls(len(rows), pa.int64())
        alone = [position for position, pk in enumerate(places.to_pylist()) if pk is None]
        if alone and context.actor.reach(self.right) is not None:
            rows.refuse("institution" if "institution" in rows.mapping else "name", alone, "customers.no_workplace")
        names, codes, seen = _texts(rows, "name"), _texts(rows, "code"), set()
        repeated = []
        for position in alone:
            if not codes[position]:
                if names[position] in seen:
                    repeated.append(position)
                seen.add(names[position])
        rows.refuse("name", repeated, "customers.same_name")
        return places

    def _match(self, context: Context) -> None:
        """Find the rows; who has no workplace in the file is the one of that name who has none."""
        super()._match(context)
        with connection.cursor() as cursor:
            cursor.execute(ALONE)

    def _contacts(self, rows: Rows) -> pa.Array:
        """Return the checked contact values of each row as [kind, value, …]."""
        found: list[list[str]] = [[] for _ in range(len(rows))]
        for kind in CONTACTS:
            wrong = []
            for position, text in enumerate(_texts(rows, kind)):
                for value in filter(None, (part.strip() for part in SEPARATORS.split(text))):
                    actual = "mobile" if kind == "phone" and rules.is_mobile(value) else kind
                    try:
                        prepared(actual, value)
                    except Invalid:
                        wrong.append(position)
                    else:
                        found[position] += [actual, value]
            rows.refuse(kind, sorted(set(wrong)), "customers.contact")
        return pa.array(found, pa.list_(pa.string()))

    def derive(self, fields: pa.Table, context: Context) -> Mapping[str, pa.Array]:
        """Return the territory of the workplace."""
        institutions = fields.column("institution").to_pylist()
        territories = dict(Institution.unscoped.filter(pk__in=set(institutions)).values_list("pk", "territory_id"))
        return {"territory": pa.array([territories.get(pk) for pk in institutions], pa.int64())}

    def found_by(self, fields: pa.Table, context: Context) -> Sequence[Sequence[str]]:
        """Return name and code."""
        names = fields.column("name").to_pylist()
        codes = fields.column("code").to_pylist() if "code" in fields.column_names else [""] * len(names)
        return [(name, code or "") for name, code in zip(names, codes, strict=True)]

    def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
        """Return contacts, and workplace and customer types of new people."""
        return [
            Children(ProfessionalContact, "professional", ("kind", "fingerprint"), lambda: _contacts(fields, context)),
            Children(Affiliation, "professional", ("valid_from",), self._workplaces(fields, context)),
            Children(TypeMark, "professional", ("customer_type",), _marks(fields, context)),
        ]

    def _workplaces(self, fields: pa.Table, context: Context) -> pa.Table:
        places = fields.column("institution").to_pylist()
        are_new = fields.column("_is_new").to_pylist()
        new = [row for row, is_new in enumerate(are_new) if is_new and places[row] is not None]
        positions = (
            fields.column("position").to_pylist() if "position" in fields.column_names else [""] * fields.num_rows
        )
        institutions = fields.column("institution").to_pylist()
        return pa.table(
            {
                "row": pa.array(new, pa.int32()),
                "institution": pa.array([institutions[row] for row in new], pa.int64()),
                "position": pa.array([positions[row] or "" for row in new], pa.string()),
                "is_primary": pa.array([True] * len(new), pa.bool_()),
                "valid_from": pa.array([local_day(context.now)] * len(new), pa.date32()),
                "source": pa.array([context.source[:200]] * len(new), pa.string()),
            }
        )

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say; contact data stays sealed."""
        prefetch_related_objects(rows, "department")
        types = dict(CustomerType.choices)
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {
                **line,
                "department": row.department.name if row.department else "",
                "customer_types": BETWEEN.join(str(types.get(each, each)) for each in row.customer_types),
            }

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Write, then departments, moves of people we had, and what is repeated.

        Raises:
            ChangedMeanwhile: a workplace was merged since the rows were read.
        """
        places = {pk for pk in checked.plan.fields.column("institution").to_pylist() if pk is not None}
        if any(pk != now for pk, now in merging.hold(Institution, places).items()):
            raise ChangedMeanwhile
        applied = super().apply(checked, context)
        written = _written()
        fields = checked.plan.fields.take(pa.array(_positions(), pa.int64()))
        ids = [pk for pk, _is_new in written]
        today = local_day(context.now)
        changed = [pk for pk, is_new in written if not is_new]
        follow_workplaces(changed, today=today, source=context.source[:200])
        _follow_types(changed, context)
        self._place_departments(ids, fields, context)
        _settle(ids, context)
        if (
            applied.created
            and context.actor.person_id is not None
            and context.actor.may("customers.professional:merge")
        ):
            from yaomai.customers.jobs import find_professional_duplicates

            find_professional_duplicates.defer(actor=context.actor)
        return applied

    def _place_departments(self, ids: Sequence[int], fields: pa.Table, context: Context) -> None:
        """Make departments that the institutions lack and put the people into them."""
        asked = [
            (pk, institution, name)
            for pk, institution, name in zip(
                ids, fields.column("institution").to_pylist(), fields.column("_department").to_pylist(), strict=True
            )
            if name and institution
        ]
        if not asked:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                DEPARTMENTS,
                {"institutions": [each[1] for each in asked], "names": [each[2] for each in asked], "now": context.now},
            )
            cursor.execute(
                PLACE,
                {
                    "ids": [each[0] for each in asked],
                    "institutions": [each[1] for each in asked],
                    "names": [each[2] for each in asked],
                },
            )

    def undo(self, context: Context) -> Undone:
        """Take the import back; people who stay get their workplace back too."""
        changed = list(
            ImportChange.objects.filter(
                imported_id=context.import_id, table=Professional._meta.label_lower, before__isnull=False
            ).values_list("object_id", flat=True)
        )
        undone = super().undo(context)
        follow_workplaces(changed, today=local_day(context.now), source=context.source[:200])
        _follow_types(changed, context)
        _settle(changed, context)
        return undone


ALONE = f"""
    UPDATE transfer_staged r SET id = m.id, several = m.found > 1
      FROM (SELECT s.row, min(p.id) AS id, count(*) AS found
              FROM transfer_staged s JOIN {Professional._meta.db_table} p ON p.name = s.name
             WHERE s.id IS NULL AND s.institution_id IS NULL AND p.institution_id IS NULL
               AND p.archived_at IS NULL AND p.merged_into_id IS NULL
               AND (coalesce(s.code, '') = '' OR p.code = '')
             GROUP BY s.row) m
     WHERE m.row = r.row
"""  # noqa: S608 - names of our own tables
DEPARTMENTS = f"""
    INSERT INTO {Department._meta.db_table} (institution_id, name, standard_id, version, created_at, updated_at)
    SELECT DISTINCT ON (asked.institution, asked.name)
           asked.institution, asked.name, s.id, 1, %(now)s::timestamptz, %(now)s::timestamptz
      FROM unnest(%(institutions)s::bigint[], %(names)s::text[]) AS asked(institution, name)
      LEFT JOIN catalog_standarddepartment s ON s.name = asked.name AND s.archived_at IS NULL
     WHERE NOT EXISTS (SELECT 1 FROM {Department._meta.db_table} d
                        WHERE d.institution_id = asked.institution AND d.name = asked.name AND d.archived_at IS NULL)
"""  # noqa: S608 - names of our own tables
PLACE = f"""
    UPDATE {Affiliation._meta.db_table} a SET department_id = d.id
      FROM unnest(%(ids)s::bigint[], %(institutions)s::bigint[], %(names)s::text[]) AS asked(id, institution, name)
      JOIN {Department._meta.db_table} d
        ON d.institution_id = asked.institution AND d.name = asked.name AND d.archived_at IS NULL
     WHERE a.professional_id = asked.id AND a.institution_id = asked.institution AND a.is_primary AND a.valid_to IS NULL
"""  # noqa: S608 - names of our own tables


def _texts(rows: Rows, name: str) -> list[str]:
    if name not in rows.data.column_names:
        return [""] * len(rows)
    return [text or "" for text in rows.data.column(name).to_pylist()]


def _labelled(choices: Any, otherwise: Any) -> Any:
    """Return a reader of the labels of choices, then of other words."""

    def read(text: str) -> str | None:
        labels: dict[str, str] = {str(label): value for value, label in choices.choices if value}
        found: str | None = labels.get(text) or otherwise(text)
        return found

    return read


def _types(text: str) -> str | None:
    """Return customer types as an array literal, or None when one is unknown."""
    labels = {str(label): value for value, label in CustomerType.choices} | {
        value: value for value in CustomerType.values
    }
    found = [
        labels.get(part.strip()) or rules.customer_type_of(part) for part in SEPARATORS.split(text) if part.strip()
    ]
    return None if None in found else "{" + ",".join(dict.fromkeys(filter(None, found))) + "}"


def _read(rows: Rows, name: str, read: Any, code: str) -> pa.Array:
    """Read each distinct text of a column once; what cannot be read is refused."""
    texts = [text.strip() for text in _texts(rows, name)]
    known = {text: read(text) for text in set(texts) if text}
    rows.refuse(name, [position for position, text in enumerate(texts) if text and known[text] is None], code)
    return pa.array([known.get(text) for text in texts], pa.string())


def _written() -> list[tuple[int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, is_new FROM transfer_staged WHERE is_new OR is_changed ORDER BY row")
        return list(cursor.fetchall())


def _positions() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row FROM transfer_staged WHERE is_new OR is_changed ORDER BY row")
        return [row for (row,) in cursor.fetchall()]


def _authored(rows: list[dict[str, Any]], context: Context) -> pa.Table:
    if not rows:
        return pa.table({"row": pa.array([], pa.int32())})
    table = pa.Table.from_pylist(rows)
    table = table.set_column(0, "row", table.column("row").cast(pa.int32()))
    return table.append_column("recorded_by", pa.array([context.actor.person_id] * len(rows), pa.int64()))


def _contacts(fields: pa.Table, context: Context) -> pa.Table:
    """Return the sealed contacts."""
    contacts = [
        {
            "row": row,
            "kind": sealed.kind,
            "value": encrypt(sealed.value),
            "masked": sealed.masked,
            "fingerprint": sealed.fingerprint,
            "source": context.source[:200],
        }
        for row, values in enumerate(fields.column("_contacts").to_pylist())
        for sealed in (prepared(*pair) for pair in zip(values[::2], values[1::2], strict=True))
    ]
    return _authored(contacts, context)


def _marks(fields: pa.Table, context: Context) -> pa.Table:
    """Return the customer types of new people, as marks."""
    if "customer_types" not in fields.column_names:
        return pa.table({"row": pa.array([], pa.int32())})
    said = fields.column("customer_types").to_pylist()
    marks = [
        (row, each)
        for row, is_new in enumerate(fields.column("_is_new").to_pylist())
        if is_new and said[row]
        for each in said[row].strip("{}").split(",")
        if each
    ]
    whole = len(marks)
    return pa.table(
        {
            "row": pa.array([row for row, _each in marks], pa.int32()),
            "customer_type": pa.array([each for _row, each in marks], pa.string()),
            "source": pa.array([context.source[:200]] * whole, pa.string()),
            "valid_from": pa.array([local_day(context.now)] * whole, pa.date32()),
            "marked_by": pa.array([context.actor.person_id] * whole, pa.int64()),
            "marked_at": pa.array([context.now] * whole, pa.timestamp("us", tz="UTC")),
        }
    )


def _follow_types(ids: Sequence[int], context: Context) -> None:
    follow_column(ids, source=context.source[:200], person_id=context.actor.person_id, now=context.now)


def _settle(ids: Sequence[int], context: Context) -> None:
    today = local_day(context.now)
    apply_workplaces(ids, on=today)
    measure("professional", ids, today=today)
    places = Affiliation.unscoped.filter(professional_id__in=ids).values_list("institution_id", flat=True)
    measure("institution", sorted(set(places)), today=today)
