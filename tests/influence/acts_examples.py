"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BEGIN = date(2025, 1, 1)
Call = Callable[[], object]


def call(service: str, /, **values: Any) -> Call:
    from yaomai.influence import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def person(name: str = "王芳") -> Any:
    from yaomai.customers.services import professional_create

    return professional_create(actor=BOSS, now=NOW, name=name)


OFFICE = {
    "society": "江城市医学会心血管病学分会",
    "level": "city",
    "role": "chair",
    "valid_from": BEGIN,
    "source": "官网",
}
STUDY = {"title": "安氯平多中心研究", "phase": "3", "role": "principal", "valid_from": BEGIN, "source": "登记平台"}
GUIDELINE = {"title": "高血压基层诊疗指南", "role": "author", "year": 2025, "source": "学会官网"}
WORK = {"title": "安氯平治疗老年高血压", "year": 2025, "indexing": "sci", "doi": "10.1000/ahp.1", "source": "PubMed"}


def office(professional: Any = None, **fields: Any) -> Any:
    return call("office_create", professional=professional or person(), **(OFFICE | fields))()


def study(professional: Any = None, **fields: Any) -> Any:
    return call("study_create", professional=professional or person(), **(STUDY | fields))()


def guideline(professional: Any = None, **fields: Any) -> Any:
    return call("guideline_create", professional=professional or person(), **(GUIDELINE | fields))()


def work(**fields: Any) -> Any:
    return call("publication_create", **(WORK | fields))()


def _remove() -> Call:
    row = work()
    author = call("author_add", publication=row.pk, professional=person())()
    return call("author_remove", publication=row.pk, author=author.pk)  # type: ignore[attr-defined]


TIE = {"kind": "teacher", "valid_from": BEGIN, "source": "拜访"}


def tie(professional: Any = None, other: Any = None, **fields: Any) -> Any:
    first, second = professional or person(), other or person("李强")
    return call("tie_create", professional=first, other=second, **(TIE | fields))()


def opened(**fields: Any) -> Any:
    from yaomai.influence.models import Authorship

    fields = {"publication": fields.get("publication") or work()} | fields
    said = {"name": "Wang Fang", "affiliation": "江城市第一人民医院", "link": "open", "candidates": []} | fields
    return Authorship.unscoped.create(**said)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "influence.office:create": lambda: call("office_create", professional=person(), **OFFICE),
    "influence.office:update": lambda: call("office_update", pk=office().pk, changes={"valid_to": TODAY}),
    "influence.office:archive": lambda: call("office_archive", pk=office().pk),
    "influence.study:create": lambda: call("study_create", professional=person(), **STUDY),
    "influence.study:update": lambda: call("study_update", pk=study().pk, changes={"role": "lead"}),
    "influence.study:archive": lambda: call("study_archive", pk=study().pk),
    "influence.guideline:create": lambda: call("guideline_create", professional=person(), **GUIDELINE),
    "influence.guideline:update": lambda: call("guideline_update", pk=guideline().pk, changes={"role": "lead"}),
    "influence.guideline:archive": lambda: call("guideline_archive", pk=guideline().pk),
    "influence.publication:create": lambda: call("publication_create", **WORK),
    "influence.publication:update": lambda: call("publication_update", pk=work().pk, changes={"citations": 3}),
    "influence.publication:archive": lambda: call("publication_archive", pk=work().pk),
    "influence.publication:record": lambda: call("publication_record", professional=person(), role="first", **WORK),
    "influence.publication:author": lambda: call("author_add", publication=work().pk, professional=person()),
    "influence.publication:author_remove": _remove,
    "influence.publication:decide_author": lambda: call("author_decide", pk=opened().pk, professional=person()),
    "influence.tie:create": lambda: call("tie_create", professional=person(), other=person("李强"), **TIE),
    "influence.tie:update": lambda: call("tie_update", pk=tie().pk, changes={"valid_to": TODAY}),
    "influence.tie:archive": lambda: call("tie_archive", pk=tie().pk),
    "influence.tie:compute": lambda: call("network_compute"),
}
