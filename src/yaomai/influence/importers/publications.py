"""Import of publication lists: one line, or one entry of a reference file, is one publication."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

import pyarrow as pa
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.engine.authors import Candidate, Mention
from yaomai.influence.linking import LONGEST_AFFILIATION, LONGEST_NAME, NOBODY, Linker
from yaomai.influence.models import DOI, FIRST_YEAR, PMID, Authorship, Publication
from yaomai.influence.rules import BETWEEN, bare_doi, named, split_affiliations, split_authors, text_key
from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.model_importer import Children, ModelImporter, Rows
from yaomai.kit.transfer.problems import register_problem
from yaomai.kit.transfer.registry import Context, register_importer

register_problem("influence.doi", _("“%(value)s” is no DOI: one looks like 10.1000/xyz123."))
register_problem("influence.pmid", _("“%(value)s” is no PMID: it has one to nine digits."))
register_problem("influence.evidence", _("“%(value)s” is no address that begins with http:// or https://."))
register_problem("influence.year", _("The year “%(value)s” lies in the future."))

_INDEXED: Mapping[str, tuple[str, ...]] = {
    Publication.Indexing.SCI: ("SCIE", "SCI收录", "SCI论文"),
    Publication.Indexing.CORE: ("核心", "中文核心", "北大核心", "CSCD", "科技核心"),
    Publication.Indexing.OTHER: ("普通", "一般", "非核心"),
}
_LOOKED_AT = ("title", "authors", "year", "doi", "pmid", "citations", "cited_on", "source", "evidence")
_is_url = URLValidator(schemes=("http", "https"))


def is_address(text: str) -> bool:
    """Tell whether a text is an http(s) address."""
    try:
        _is_url(text)
    except ValidationError:
        return False
    return True


AUTHORSHIP: Mapping[str, pa.DataType] = {
    "row": pa.int32(), "position": pa.int16(), "name": pa.string(), "affiliation": pa.string(), "role": pa.string(),
    "link": pa.string(), "professional": pa.int64(), "candidates": pa.string(),
}  # fmt: skip
MOST_AUTHORS = 500
_FIRST, _CORRESPONDING, _OTHER = (
    Authorship.Role.FIRST.value,
    Authorship.Role.CORRESPONDING.value,
    Authorship.Role.OTHER.value,
)


def author_role(place: int, names: Sequence[str], said: Sequence[str]) -> str:
    """Return the part of an author: the first is first; corresponding is who is said to be, else the last of several."""
    if place == 0:
        return _FIRST
    is_corresponding = names[place] in said if said else place == len(names) - 1
    return _CORRESPONDING if is_corresponding else _OTHER


@register_importer
class PublicationImporter(ModelImporter):
    """Publications by DOI, PMID, or title and year; what is known gets its citations brought up to date."""

    name = "influence.publication"
    label = _("Publications")
    results = ("influence:publication_list", _("See the publications"))
    right = "influence.record:import"
    model = Publication
    keys: ClassVar[Sequence[Sequence[str]]] = (("doi",), ("pmid",), ("title_key", "year"))
    columns: ClassVar[Sequence[Column]] = (
        Column("title", pgettext_lazy("publication", "Title"), required=True, length=500, example="示例药物治疗高血压的随机对照研究",
               synonyms=("标题", "题名", "论文题目", "文章标题", "论文标题", "篇名", "文献标题", "文题", "article title")),
        Column("authors", _("Authors"), length=20_000, example="王芳; 李强",
               synonyms=("作者", "全部作者", "作者姓名", "作者列表", "署名作者", "论文作者", "著者", "作者（全部）", "author list"),
               hint=_("All of them in their order, with semicolons between; the last is taken for the corresponding one "
                      "where none is named.")),
        Column("affiliations", _("Affiliations as printed"), length=60_000, example="示例市第一人民医院心血管内科",
               synonyms=("署名单位", "作者单位", "单位", "机构", "第一作者单位", "作者机构", "工作单位", "作者地址", "addresses"),
               hint=_("One for all authors, or one for each with a bar (|) between.")),
        Column("corresponding", _("Corresponding author"), length=200,
               synonyms=("通讯作者", "通信作者", "责任作者", "通讯作者姓名", "联系作者", "通讯人", "通信作者姓名", "责任者", "corresponding author")),
        Column("journal", _("Journal"), length=200, example="示例心血管病杂志",
               synonyms=("期刊", "刊名", "期刊名称", "杂志", "杂志名称", "来源期刊", "发表期刊", "出版物", "source title")),
        Column("year", _("Year"), ColumnKind.INTEGER, required=True, minimum=FIRST_YEAR, maximum=2100, example="2025",
               synonyms=("年份", "发表年份", "出版年", "发表年", "年", "出版年份", "发表年度", "刊出年", "publication year")),
        Column("indexing", _("Indexed in"), ColumnKind.CHOICE, example="SCI",
               choices=tuple(Choice(value, label, _INDEXED[value]) for value, label in Publication.Indexing.choices),
               synonyms=("收录", "收录情况", "期刊级别", "收录类型", "检索类型", "期刊类别", "收录数据库", "期刊等级", "indexing")),
        Column("doi", _("DOI"), length=150, example="10.1000/example.2025.001",
               synonyms=("DOI号", "DOI编号", "数字对象标识", "doi码", "DOI链接", "文献DOI", "论文DOI", "doi 号", "digital object identifier")),
        Column("pmid", _("PMID"), length=9, example="30000001",
               synonyms=("PubMed号", "PubMed编号", "PMID号", "PubMed ID", "PubMedID", "PM编号", "文献PMID", "pubmed", "pubmed identifier")),
        Column("citations", _("Citations"), ColumnKind.INTEGER, minimum=0, example="12",
               synonyms=("被引次数", "引用次数", "被引频次", "被引", "引用数", "引文数", "被引量", "总被引", "times cited")),
        Column("cited_on", _("Citations counted on"), ColumnKind.DATE, example="2026-11-01",
               synonyms=("引用统计日期", "被引统计日期", "统计日期", "检索日期", "引用截至", "被引截至日期", "引用截止日期", "查询日期", "cited as of")),
        Column("source", _("Source"), length=200, example="PubMed",
               synonyms=("来源", "数据来源", "检索来源", "数据库", "来源数据库", "出处", "信息来源", "资料来源", "database"),
               hint=_("The name of the file when empty.")),
        Column("evidence", _("Evidence link"), length=500,
               synonyms=("证据链接", "链接", "网址", "全文链接", "原文链接", "文献链接", "论文链接", "佐证链接", "url")),
    )  # fmt: skip

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the fields; refuse identifiers and links that cannot be, and years to come."""
        data = rows.data
        today = local_day(context.now)
        given: dict[str, Any] = {name: data.column(name) for name in data.column_names}
        texts = {name: data.column(name).to_pylist() for name in _LOOKED_AT if name in data.column_names}
        given["title_key"] = pa.array([text_key(title) for title in texts["title"]])
        if "doi" in given:
            texts["doi"] = [text and bare_doi(text) for text in texts["doi"]]
            given["doi"] = pa.array(texts["doi"], pa.string())
        checks: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
            ("doi", "influence.doi", re.compile(DOI).match),
            ("pmid", "influence.pmid", re.compile(PMID).match),
            ("evidence", "influence.evidence", is_address),
            ("year", "influence.year", lambda year: year <= today.year + 1),
        )
        for name, code, holds in checks:
            wrong = [place for place, said in enumerate(texts.get(name, ())) if said and not holds(said)]
            rows.refuse(name, wrong, code)
        if "citations" in given:
            days = texts.get("cited_on") or [None] * len(rows)
            counted = zip(texts["citations"], days, strict=True)
            given["cited_on"] = pa.array(
                [day or (today if count is not None else None) for count, day in counted], pa.date32()
            )
        sources = texts.get("source") or [None] * len(rows)
        given["source"] = pa.array([source or context.file_name[:200] for source in sources], pa.string())
        if "authors" in given:
            names = [text and split_authors(text) for text in texts["authors"]]
            given["authors"] = pa.array([each and BETWEEN.join(each) for each in names], pa.string())
            given["author_count"] = pa.array([each and len(each) for each in names], pa.int16())
        given["entered_by"] = pa.array([context.actor.person_id] * len(rows), pa.int64())
        return pa.table(given)

    def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
        """Return who of ours the printed authors are, and whom they may be; nobody of ours is no row."""
        printed = [_clipped(text) for text in _texts(fields, "authors")]
        linker = Linker({name for names in printed for name in names})
        known = self._known_authors(fields)
        return (Children(Authorship, "publication", ("position",), lambda: _linked(fields, printed, linker, known)),)

    def _known_authors(self, fields: pa.Table) -> set[tuple[int, int | None]]:
        """Return which professionals the rows have as authors already: a person is an author once."""
        ids, are_new = fields.column("_id").to_pylist(), fields.column("_is_new").to_pylist()
        rows = {pk: row for row, (pk, is_new) in enumerate(zip(ids, are_new, strict=True)) if not is_new}
        known = Authorship.unscoped.filter(publication__in=list(rows), professional__isnull=False)
        return {(rows[work], who) for work, who in known.values_list("publication_id", "professional_id")}

    def existing(self, context: Context) -> Any:
        """Return publications that were not withdrawn."""
        return Publication.unscoped.filter(archived_at=None)


def _linked(
    fields: pa.Table, printed: Sequence[Sequence[str]], linker: Linker, known: Collection[tuple[int, int | None]]
) -> pa.Table:
    """Return the authorships of those who are, or may be, ours; not of those who are known as authors."""
    places, corresponding = _texts(fields, "affiliations"), _texts(fields, "corresponding")
    told: list[tuple[Any, ...]] = []
    for row, names in enumerate(printed):
        # Who is nobody of ours says nothing of the others either.
        likely = [place for place, name in enumerate(names) if name in linker.names]
        if not likely:
            continue
        affiliations = split_affiliations(places[row] or "", len(names))
        work = [Mention(names[place], affiliations[place][:LONGEST_AFFILIATION]) for place in likely]
        said = split_authors(corresponding[row] or "") if corresponding[row] else ()
        for place, mention, found in zip(likely, work, linker.link(work), strict=True):
            if found is not NOBODY and (row, found.professional) not in known:
                told.append((row, place + 1, mention.name, mention.affiliation, author_role(place, names, said),
                             found.link, found.professional, _candidates(found.candidates)))  # fmt: skip
    columns = zip(*told, strict=True) if told else [()] * len(AUTHORSHIP)
    return pa.table(
        {name: pa.array(values, kind) for (name, kind), values in zip(AUTHORSHIP.items(), columns, strict=True)}
    )


def _texts(fields: pa.Table, name: str) -> list[str | None]:
    return fields.column(name).to_pylist() if name in fields.column_names else [None] * fields.num_rows


def _clipped(authors: str | None) -> list[str]:
    return [name[:LONGEST_NAME] for name in named(authors or "")[:MOST_AUTHORS]]


def _candidates(found: Sequence[Candidate]) -> str:
    """Return candidates as the review reads them: [professional, score, reasons]."""
    return f"[{', '.join([f'[{each.id}, {each.score}, {_as_json(each.reasons)}]' for each in found])}]"


@cache
def _as_json(reasons: Sequence[str]) -> str:
    return json.dumps(reasons)
