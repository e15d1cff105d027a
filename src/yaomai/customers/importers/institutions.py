"""Import of institutions: names in brackets become other names, texts become places, grades and kinds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Division
from yaomai.customers import rules
from yaomai.customers.importers.known import Asked, Institutions, Known
from yaomai.customers.models import (
    Institution,
    InstitutionContact,
    InstitutionDuplicate,
    InstitutionName,
    InstitutionTerritory,
)
from yaomai.customers.naming import institutions_named
from yaomai.customers.places import Places
from yaomai.customers.services.contacts import prepared
from yaomai.customers.services.currents import apply_workplaces, people_of
from yaomai.customers.services.profiles import measure, shares
from yaomai.customers.services.searching import index_institutions
from yaomai.customers.services.territories import default_territory, follow
from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.model_importer import SEVERAL, Children, ModelImporter, Rows
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.outgoing import BETWEEN
from yaomai.kit.transfer.problems import register_problem
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Applied, Checked, Context, Undone, register_importer
from yaomai.kit.transfer.undoing import Passing
from yaomai.kit.vault import encrypt
from yaomai.organization.models import Territory

NAMES: Final = re.compile(r"[、，,；;/|\n]+")
BRACKET: Final = re.compile(r"[（(\[【〔]")
STATUS: Final[Mapping[str, tuple[str, ...]]] = {
    Institution.Status.ACTIVE: ("在营", "正常", "营业", "营业中", "运营中", "存续", "开业"),
    Institution.Status.SUSPENDED: ("暂停", "停业", "歇业", "暂停营业", "停诊"),
    Institution.Status.CLOSED: ("关闭", "注销", "关停", "倒闭", "已关闭", "撤销"),
}
PLACE_COLUMNS = ("province", "city", "district", "place")

register_problem("customers.grade", _("“%(value)s” is not a grade. Write for example 三级甲等, 二级 or 未定级."))
register_problem("customers.kind", _("“%(value)s” is not a kind of institution. Choose one from the template's list."))
register_problem("customers.archived", _("“%(value)s” is archived. Restore it first, or leave the row out."))
register_problem("customers.division_code", _("“%(value)s” is not the code of an administrative division."))


def kind_choices() -> tuple[Choice, ...]:
    """Return the kinds as an option for all rows."""
    return tuple(Choice(value, label) for value, label in Institution.Kind.choices)


@dataclass(slots=True)
class Read:
    """What one row says, read."""

    name: str
    key: str
    others: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    code: str = ""
    division_id: int | None = None
    phone: str | None = None
    mobiles: list[str] = field(default_factory=list)
    natural_key: str = ""
    """The key under which the row is found, with that of its name; the one that is written follows from name and place."""
    known: Known | None = None


_NO_DIVISIONS: Final = _(
    "There are no administrative divisions yet, so no place can be recognised. Import them first (Settings › Reference data); importing this file again afterwards fills in the places."
)


@register_importer
class InstitutionImporter(ModelImporter):
    """Institutions, with their names, places, territories and contact data."""

    name = "customers.institution"
    label = _("Institutions")
    results = ("customers:institution_list", _("See the institutions"))
    right = "customers.institution:import"
    model = Institution
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",), ("name_key", "natural_key"))
    volatile: ClassVar[Sequence[str]] = ("updated_at", "search", "territory", "completeness", "checked_on")
    made: ClassVar[Mapping[str, Any]] = {"division": _("Place")}
    passing: ClassVar[Passing] = ((InstitutionDuplicate, "o.status = 'open'"),)
    options: ClassVar[Sequence[Column]] = (
        Column("kind", _("Kind of all rows"), ColumnKind.CHOICE, choices=kind_choices()),
    )
    columns: ClassVar[Sequence[Column]] = (
        Column("code", _("Customer code"), length=64, example="H0001",
               synonyms=("客户编码", "客户代码", "机构编码", "医院编码", "门店编码", "编码", "shop_id", "hospital_id")),
        Column("name", _("Name"), required=True, length=200, example="示例市第一人民医院（示例市中心医院）",
               synonyms=("医院名称", "机构名称", "客户名称", "门店名称", "药店名称", "终端名称", "单位名称", "名称", "Hos_Name", "hospital"),
               hint=_("Names in brackets behind it become other names.")),
        Column("aliases", _("Aliases"), synonyms=("其他名称", "别称", "简称", "俗称", "医院别名", "aliases"), length=500,
               hint=_("Several are separated by 、")),
        Column("former", _("Former names"), synonyms=("曾用名", "原名", "原名称", "历史名称", "旧名称", "former name"), length=500,
               hint=_("Several are separated by 、")),
        Column("kind", _("Kind"), length=60, listed=lambda: [str(label) for label in Institution.Kind.labels],
               synonyms=("类型", "机构类型", "机构类别", "客户类型", "大类", "中类"), example="医院"),
        Column("grade", _("Grade"), length=60, listed=lambda: [str(label) for label in Institution.Grade.labels if label],
               synonyms=("等级", "医院等级", "级别", "医院级别", "Hos_Grade", "level"), example="三级甲等"),
        Column("grade_class", _("Class"), length=20, exported=False, synonyms=("等次", "医院等次")),
        Column("ownership", _("Ownership"), length=60, synonyms=("所有制", "经济类型", "经济类型名称", "办医性质")),
        Column("status", _("Status"), ColumnKind.CHOICE,
               choices=tuple(Choice(value, label, STATUS[value]) for value, label in Institution.Status.choices),
               synonyms=("状态", "经营状态", "运营状态", "营业状态", "机构状态", "是否在营", "开业状态", "status")),
        Column("parent", _("Belongs to"), ColumnKind.REFERENCE,
               synonyms=("上级机构", "所属连锁", "连锁总部", "连锁名称", "总院", "所属集团", "上级单位", "隶属", "parent"),
               hint=_("Code or name of the chain or the main site; it may stand in the same file.")),
        Column("place", _("Place"), length=120, synonyms=("所在地", "所在地区", "地区", "省市", "省市区", "Hos_City"), example="江苏省-南京市"),
        Column("province", _("Province"), length=60, exported=False, synonyms=("省", "省份", "province")),
        Column("city", _("City"), length=60, exported=False, synonyms=("市", "城市", "地市", "city")),
        Column("district", _("District or county"), length=60, exported=False,
               synonyms=("区县", "县区", "区", "县", "所属城区", "区县名称", "county", "district")),
        Column("division_code", _("Division code"), length=12, synonyms=("行政区划代码", "区划代码", "区县代码")),
        Column("address", _("Address"), length=300, synonyms=("地址", "详细地址", "address")),
        Column("phone", _("Telephone"), length=120, synonyms=("电话", "联系电话", "总机", "phone", "tel"),
               hint=_("Mobile numbers are kept sealed as contact data.")),
        Column("outlets", _("Outlets"), ColumnKind.INTEGER, minimum=0, synonyms=("门店数", "门店数量", "outlets")),
        Column("beds", _("Beds"), ColumnKind.INTEGER, minimum=0, synonyms=("床位数", "床位", "编制床位", "beds")),
        Column("outpatients", _("Outpatients per year"), ColumnKind.INTEGER, minimum=0,
               synonyms=("年门诊量", "年门急诊量", "outpatients")),
        Column("territory", _("Territory"), ColumnKind.REFERENCE, synonyms=("辖区", "片区", "区域", "territory"),
               hint=_("Code or name of the territory.")),
    )  # fmt: skip

    def _key_column(self) -> Column:
        """Show what is repeated, ambiguous or out of reach at the name."""
        return next(column for column in self.columns if column.name == "name")

    own: ClassVar[Mapping[str, Sequence[str]]] = {"parent": ("code", "name")}

    def resolve(self, column: Column, texts: Sequence[str], context: Context) -> Mapping[str, int]:
        """Return territories in the actor's reach by code or name; institutions also by another name."""
        if column.name == "parent":
            return institutions_named(texts, right="customers.institution:view")
        found: dict[str, int] = {}
        for pk, code, name in Territory.objects.values_list("pk", "code", "name"):
            found[name] = SEVERAL if name in found else pk
            found[code] = pk
        return {text: found[text.strip()] for text in texts if text.strip() in found}

    def check(self, table: Table, context: Context) -> Checked:
        """Return what would change; say so when no place can be recognised because there are no divisions yet."""
        checked = super().check(table, context)
        if not {*PLACE_COLUMNS, "address"}.isdisjoint(context.mapping) and not Division.unscoped.exists():
            checked.notices.append((_NO_DIVISIONS, {}))
        return checked

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the fields; refuse grades, kinds and codes that are none, and archived or ambiguous rows."""
        places = Places()
        read = self._read(rows, places)
        self._recognise(rows, read, places)
        given: dict[str, Any] = {
            "name": [each.name for each in read],
            "name_key": [each.key for each in read],
            "code": [each.code or None for each in read],
            "natural_key": [each.natural_key for each in read],
            "division": pa.array([each.division_id for each in read], pa.int64()),
            "_key": [rules.institution_key(each.key, places.code(each.division_id)) for each in read],
            "_others": pa.array([each.others for each in read], pa.list_(pa.string())),
            "_former": pa.array([each.former for each in read], pa.list_(pa.string())),
            "_mobiles": pa.array([each.mobiles for each in read], pa.list_(pa.string())),
            "phone": pa.array([each.phone for each in read], pa.string()),
            "grade": pa.array(self._grades(rows, read), pa.string()),
            "kind": pa.array(self._kinds(rows, context), pa.string()),
            "ownership": pa.array(_ownership(rows), pa.string()),
            "search": pa.array(self._news(read), pa.string()),
        }
        for name in ("address", "outlets", "beds", "outpatients", "territory", "status", "parent"):
            if name in rows.data.column_names:
                given[name] = rows.data.column(name)
        return pa.table(given)

    def _read(self, rows: Rows, places: Places) -> list[Read]:
        written = [" ".join(text.split()) for text in _texts(rows, "name")]
        split = [rules.split_brackets(text) if BRACKET.search(text) else (text, [], []) for text in written]
        keys = rules.name_keys([name for name, _others, _former in split])
        read = [
            Read(name, key, list(others), list(former)) for (name, others, former), key in zip(split, keys, strict=True)
        ]
        texts = (_texts(rows, name) for name in ("aliases", "former", "code"))
        for each, aliases, former, code in zip(read, *texts, strict=True):
            each.others += [part.strip() for part in NAMES.split(aliases) if part.strip()]
            each.former += [part.strip() for part in NAMES.split(former) if part.strip()]
            each.code = code.strip()
        self._read_phones(rows, read)
        self._read_places(rows, read, places)
        return read

    def _read_phones(self, rows: Rows, read: list[Read]) -> None:
        """Keep landlines in the open, seal mobile numbers."""
        for each, text in zip(read, _texts(rows, "phone"), strict=True):
            landlines: list[str] = []
            for number in filter(None, map(str.strip, NAMES.split(text))):
                (each.mobiles if rules.is_mobile(number) else landlines).append(number)
            each.phone = "、".join(landlines)[:64] or None

    def _read_places(self, rows: Rows, read: list[Read], places: Places) -> None:
        codes, addresses = _texts(rows, "division_code"), _texts(rows, "address")
        parts = zip(*(_texts(rows, name) for name in PLACE_COLUMNS), strict=True)
        unknown = []
        for position, (each, code, texts, address) in enumerate(zip(read, codes, parts, addresses, strict=True)):
            each.division_id = places.by_code(code) if code else None
            if code and each.division_id is None:
                unknown.append(position)
            each.division_id = each.division_id or places.find(*texts)
            if not code:  # an official code is as fine as it was meant
                each.division_id = places.finer(each.division_id, address, each.name)
        rows.refuse("division_code", unknown, "customers.division_code")

    def _recognise(self, rows: Rows, read: list[Read], places: Places) -> None:
        """Find out which rows are institutions that we have, under another name, place or code."""
        asked = [Asked(each.key, each.code, each.division_id, places.code(each.division_id)) for each in read]
        ours = Institutions(asked, places.codes)
        archived, several = [], []
        for position, (each, question) in enumerate(zip(read, asked, strict=True)):
            by_code = ours.of_code(each.code) if each.code else None
            found = [by_code] if by_code else ours.match(question)
            each.natural_key = rules.institution_key(each.key, question.division_code)
            if len(found) > 1:
                several.append(position)
            elif found:
                _adopt(each, found[0], places, is_by_code=by_code is not None)
                if found[0].is_archived:
                    archived.append(position)
        rows.refuse("name", several, "several")
        rows.refuse("name", archived, "customers.archived")

    def _grades(self, rows: Rows, read: list[Read]) -> list[str | None]:
        """Return codes; 三级 does not take the class from an institution that we know to be 三级甲等."""
        texts, classes = _texts(rows, "grade"), _texts(rows, "grade_class")
        known = {
            (str(label), ""): value for value, label in Institution.Grade.choices if value
        }  # the template's own words
        meant: dict[tuple[str, str], str | None] = {}
        for pair in set(zip(texts, classes, strict=True)):
            meant[pair] = known.get((pair[0], "")) or rules.grade_of(*pair)
        found = [meant[pair] for pair in zip(texts, classes, strict=True)]
        rows.refuse("grade", [position for position, grade in enumerate(found) if grade is None], "customers.grade")
        return [
            each.known.grade if grade and each.known and each.known.grade.startswith(grade) else grade or None
            for each, grade in zip(read, found, strict=True)
        ]

    def _kinds(self, rows: Rows, context: Context) -> list[str | None]:
        texts = _texts(rows, "kind")
        labels = {str(label): value for value, label in Institution.Kind.choices}
        read: dict[str, str | None] = {"": context.options.get("kind")}
        for text in set(texts) - {""}:
            read[text] = labels.get(text.strip()) or rules.kind_word(text)
        found = [read[text] for text in texts]
        wrong = [position for position, text in enumerate(texts) if text and found[position] is None]
        rows.refuse("kind", wrong, "customers.kind")
        return found

    def _news(self, read: Sequence[Read]) -> list[str | None]:
        """Mark rows whose institution does not know all their names or numbers yet, so that they are written."""
        ids = [each.known.id for each in read if each.known and (each.others or each.former or each.mobiles)]
        names = set(InstitutionName.unscoped.filter(institution_id__in=ids).values_list("institution_id", "key"))
        numbers = set(
            InstitutionContact.unscoped.filter(institution_id__in=ids).values_list("institution_id", "fingerprint")
        )
        news: list[str | None] = []
        for each in read:
            keys = rules.name_keys([*each.others, *each.former]) if each.known else []
            has_news = each.known is not None and (
                any(key not in ("", each.key) and (each.known.id, key) not in names for key in keys)
                or any((each.known.id, prepared("mobile", one).fingerprint) not in numbers for one in each.mobiles)
            )
            news.append("" if has_news else None)
        return news

    def derive(self, fields: pa.Table, context: Context) -> Mapping[str, pa.Array]:
        """Return keys, and for new rows completeness, kind and territory where the file says none."""
        are_new = fields.column("_is_new").to_pylist()
        kinds, names = fields.column("kind").to_pylist(), fields.column("name").to_pylist()
        guessed = {name: rules.kind_of(name) for name, kind in zip(names, kinds, strict=True) if kind is None}
        placed = self._placed(fields, context)
        return {
            "natural_key": fields.column("_key").combine_chunks(),
            "kind": pa.array(
                [
                    kind or (guessed[name] if is_new else None)
                    for kind, name, is_new in zip(kinds, names, are_new, strict=True)
                ],
                pa.string(),
            ),
            "territory": pa.array(placed, pa.int64()),
            "completeness": pa.array(self._shares(fields, placed, context), pa.int16()),
        }

    def _placed(self, fields: pa.Table, context: Context) -> list[int | None]:
        """Return the territories that rows get: the one of the file, or for new ones where they fall."""
        are_new = fields.column("_is_new").to_pylist()
        home = default_territory(context.actor, self.right)
        said = fields.column("territory").to_pylist() if "territory" in fields.column_names else [None] * len(are_new)
        return [
            territory or (home.pk if is_new and home else None) for territory, is_new in zip(said, are_new, strict=True)
        ]

    def _shares(self, fields: pa.Table, placed: Sequence[int | None], context: Context) -> list[int | None]:
        """Return how complete new profiles are; those we had are measured after the write."""
        found: dict[str, Sequence[Any]] = {
            "grade": fields.column("grade").to_pylist(),
            "division": fields.column("division").to_pylist(),
            "people": fields.column("_mobiles").to_pylist(),
            "territory": placed,
        }
        for code, names in (("address", ("address",)), ("size", ("beds", "outlets"))):
            values = [fields.column(name).to_pylist() for name in names if name in fields.column_names]
            found[code] = [any(each not in (None, "") for each in row) for row in zip(*values, strict=True)]
        columns = {code: values for code, values in found.items() if values}
        known = (
            [code for code, value in zip(columns, row, strict=True) if value]
            for row in zip(*columns.values(), strict=True)
        )
        counted = shares("institution", known, today=local_day(context.now))
        are_new = fields.column("_is_new").to_pylist()
        return [share if is_new else None for share, is_new in zip(counted, are_new, strict=True)]

    def found_by(self, fields: pa.Table, context: Context) -> Sequence[Sequence[str]]:
        """Return the name, all other names and the code."""
        old = fields.filter(pc.invert(fields.column("_is_new"))).column("_id").to_pylist()
        others: dict[int, list[str]] = {}
        for pk, name in InstitutionName.unscoped.filter(institution_id__in=old).values_list("institution_id", "name"):
            others.setdefault(pk, []).append(name)
        columns = (fields.column(name).to_pylist() for name in ("_id", "name", "code", "_others", "_former"))
        return [
            [name, *more, *former, *others.get(pk, ()), code or ""]
            for pk, name, code, more, former in zip(*columns, strict=True)
        ]

    def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
        """Return other names, sealed numbers, and the first territory of new institutions."""
        territories = self._first_territories(fields, context)
        return [
            Children(InstitutionName, "institution", ("key",), lambda: self._other_names(fields, context)),
            Children(InstitutionContact, "institution", ("kind", "fingerprint"), lambda: _numbers(fields, context)),
            Children(InstitutionTerritory, "institution", ("valid_from",), territories),
        ]

    def _other_names(self, fields: pa.Table, context: Context) -> pa.Table:
        own = fields.column("name_key").combine_chunks()
        found = []
        for column, kind in (("_others", "alias"), ("_former", "former")):
            lists = fields.column(column).combine_chunks()
            rows, names = pc.list_parent_indices(lists), lists.flatten()
            keys = pa.array(rules.name_keys(names.to_pylist()), pa.string())
            told = {
                "row": rows.cast(pa.int32()),
                "name": pc.utf8_slice_codeunits(names, 0, 200),
                "key": keys,
                "kind": pa.repeat(kind, len(rows)),
                "source": pa.repeat("imported", len(rows)),
                "recorded_by": pa.array([context.actor.person_id] * len(rows), pa.int64()),
            }
            is_another = pc.and_(pc.not_equal(keys, ""), pc.not_equal(keys, own.take(rows)))
            found.append(pa.table(told).filter(is_another))
        return pa.concat_tables(found)

    def _first_territories(self, fields: pa.Table, context: Context) -> pa.Table:
        are_new, placed = fields.column("_is_new").to_pylist(), self._placed(fields, context)
        new = [
            (row, territory)
            for row, (is_new, territory) in enumerate(zip(are_new, placed, strict=True))
            if is_new and territory
        ]
        day = local_day(context.now)
        return pa.table(
            {
                "row": pa.array([row for row, _territory in new], pa.int32()),
                "territory": pa.array([territory for _row, territory in new], pa.int64()),
                "valid_from": pa.array([day] * len(new), pa.date32()),
                "assigned_by": pa.array([context.actor.person_id] * len(new), pa.int64()),
            }
        )

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say, with their other names and places; mobile numbers stay sealed."""
        names: dict[tuple[int, bool], list[str]] = {}
        for pk, name, kind in (
            InstitutionName.unscoped.filter(institution__in=rows)
            .order_by("pk")
            .values_list("institution_id", "name", "kind")
        ):
            names.setdefault((pk, kind == InstitutionName.Kind.FORMER), []).append(name)
        prefetch_related_objects(rows, "division")
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {
                **line,
                "aliases": BETWEEN.join(names.get((row.pk, False), ())),
                "former": BETWEEN.join(names.get((row.pk, True), ())),
                "place": row.division.full_name if row.division else "",
                "division_code": row.division.code if row.division else "",
            }

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Write, bring into step what is repeated, and look for those that are there twice by now, in the background."""
        applied = super().apply(checked, context)
        _settle(_changed(), context)
        if applied.created and context.actor.person_id is not None and context.actor.may("customers.institution:merge"):
            from yaomai.customers.jobs import find_institution_duplicates

            find_institution_duplicates.defer(actor=context.actor)
        return applied

    def undo(self, context: Context) -> Undone:
        """Take the import back, then bring into step what is repeated on the rows that stay."""
        changed = list(
            ImportChange.objects.filter(
                imported_id=context.import_id, table=Institution._meta.label_lower, before__isnull=False
            ).values_list("object_id", flat=True)
        )
        undone = super().undo(context)
        staying = list(Institution.unscoped.filter(pk__in=changed).values_list("pk", flat=True))
        _settle(staying, context)
        index_institutions(staying)
        return undone


def _texts(rows: Rows, name: str) -> list[str]:
    """Return a column's texts, "" where empty or absent."""
    if name not in rows.data.column_names:
        return [""] * len(rows)
    return [text or "" for text in rows.data.column(name).to_pylist()]


def _ownership(rows: Rows) -> list[str | None]:
    labels = {str(label): value for value, label in Institution.Ownership.choices}
    return [labels.get(text) or rules.ownership_of(text) or None for text in _texts(rows, "ownership")]


def _adopt(read: Read, known: Known, places: Places, *, is_by_code: bool) -> None:
    """Let a row be an institution that we have: what only the file says is added, nothing is lost."""
    read.known, read.natural_key = known, known.natural_key
    if read.key != known.name_key:
        if is_by_code:
            read.former.append(known.name)
        else:
            read.name, read.key = known.name, known.name_key
    if is_by_code:
        read.code = known.code
    ours, theirs = places.code(known.division_id), places.code(read.division_id)
    if ours.startswith(theirs):
        read.division_id = known.division_id


def _changed() -> list[int]:
    """Return which institutions that we had are written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM transfer_staged WHERE is_changed ORDER BY row")
        return [pk for (pk,) in cursor.fetchall()]


def _numbers(fields: pa.Table, context: Context) -> pa.Table:
    """Return the sealed mobile numbers."""
    numbers = [
        _number(row, mobile, context)
        for row, mobiles in enumerate(fields.column("_mobiles").to_pylist())
        for mobile in mobiles
    ]
    return _with_author(numbers, context)


def _number(row: int, mobile: str, context: Context) -> dict[str, Any]:
    sealed = prepared("mobile", mobile)
    return {
        "row": row,
        "kind": sealed.kind,
        "value": encrypt(sealed.value),
        "masked": sealed.masked,
        "fingerprint": sealed.fingerprint,
        "source": context.source[:200],
    }


def _with_author(rows: list[dict[str, Any]], context: Context) -> pa.Table:
    if not rows:
        return pa.table({"row": pa.array([], pa.int32())})
    table = pa.Table.from_pylist(rows)
    table = table.set_column(0, "row", table.column("row").cast(pa.int32()))
    return table.append_column("recorded_by", pa.array([context.actor.person_id] * len(rows), pa.int64()))


def _settle(changed: Sequence[int], context: Context) -> None:
    today = local_day(context.now)
    follow(changed, today=today, actor=context.actor)
    apply_workplaces(people_of(changed), on=today)
    measure("institution", changed, today=today)
