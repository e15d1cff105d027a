"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.customers import services

    return lambda: getattr(services, service)(actor=BOSS, **values)


def _write(service: str, /, **values: Any) -> Call:
    return _call(service, now=NOW, **values)


def _hospital(name: str = "江城市第一人民医院") -> Any:
    return _write("institution_create", name=name)()


def _person(name: str = "王芳", **values: Any) -> Any:
    return _write("professional_create", name=name, **values)()


def _department() -> Any:
    return _write("department_create", institution=_hospital(), name="心血管内科")()


def _estimate() -> Call:
    from yaomai.catalog.services import indication_create

    disease = indication_create(actor=BOSS, now=NOW, name="高血压")
    return _write(
        "patient_population_create", department=_department(), indication=disease, patients=900, basis="published",
        source="年报", estimated_on=TODAY,
    )  # fmt: skip


def _territory() -> Any:
    from yaomai.organization.services import territory_create

    day = date(2025, 1, 1)
    return territory_create(actor=BOSS, now=NOW, code="C", name="安衡", level="company", valid_from=day)


def _of(owner: Any, verb: str, /, **values: Any) -> Call:
    """Return the call of a service that institutions and professionals have alike: `institution_archive` …"""
    return _write(f"{owner._meta.model_name}_{verb}", pk=owner.pk, **values)


def _archived(owner: Any) -> Any:
    _of(owner, "archive")()
    return owner


def _with_fact(owner: Any) -> Any:
    _of(owner, "fact_record", field="visit_points", value="上午门诊", source="拜访")()
    return owner


def _add_contact(owner: Any) -> Call:
    return _of(owner, "contact_add", kind="mobile", value="13800138000")


def remove_contact(owner: Any) -> Call:
    contact: Any = _add_contact(owner)()
    return _of(owner, "contact_remove", contact=contact.pk)


def reveal_contact(owner: Any) -> Call:
    contact: Any = _add_contact(owner)()
    name = f"{owner._meta.model_name}_contact_reveal"
    return _call(name, pk=owner.pk, contact=contact.pk, reason="药品不良反应回访")


def _two(kind: str) -> tuple[Any, Any]:
    """Return two rows that look alike."""
    if kind == "institution":
        return _hospital("江城市第一人民医院"), _hospital("江城市第一人民医院（总院）")
    place = _hospital()
    return _person(institution=place), _person(institution=place)


def find_duplicates(kind: str) -> Call:
    _two(kind)
    return _write(f"{kind}_duplicates_find")


def keep_apart(kind: str) -> Call:
    from yaomai.customers import models

    first, second = _two(kind)
    proposals = getattr(models, f"{kind.capitalize()}Duplicate").unscoped
    proposal = proposals.create(first=first, second=second, score=0.9, created_at=NOW)
    return _write(f"{kind}_duplicate_reject", pk=proposal.pk)


def merge(kind: str) -> Call:
    winner, loser = _two(kind)
    return _write(f"{kind}_merge", winner=winner.pk, loser=loser.pk)


def unmerge(kind: str) -> Call:
    done: Any = merge(kind)()
    return _write(f"{kind}_unmerge", pk=done.pk)


def _split() -> Call:
    ward = _department()
    return _write("institution_split", pk=ward.institution_id, name="东院", day=TODAY, departments=[ward.pk])


def unsplit() -> Call:
    done: Any = _split()()
    return _write("institution_unsplit", pk=done.pk)


def _add_name() -> Call:
    return _of(_hospital(), "name_add", name="江城一院")


def remove_name() -> Call:
    name: Any = _add_name()()
    return _write("institution_name_remove", pk=name.institution_id, name_id=name.pk)


def _affiliate() -> Call:
    return _write("affiliation_start", professional=_person().pk, institution=_hospital(), valid_from=TODAY)


def leave() -> Call:
    affiliation: Any = _affiliate()()
    return _write("affiliation_end", pk=affiliation.pk, valid_to=TODAY + timedelta(days=30))


def _mark(person: Any) -> Call:
    return _write("type_mark", pk=person.pk, customer_type="high_influence", source="学会官网", reason="省学会主任委员")


def _ask(owner: Any) -> Any:
    return _of(owner, "change_propose", field="visit_points", value="周三下午", source="拜访")()


def _decide(owner: Any, verb: str) -> Call:
    name = f"{owner._meta.model_name}_change_{verb}"
    return _write(name, pk=_ask(owner).pk, reason="与拜访记录一致")


def _verify(owner: Any) -> Call:
    type(owner).unscoped.filter(pk=owner.pk).update(is_unverified=True)
    return _of(owner, "verify")


def _take_sheet(person: Any) -> Call:
    return _write("sheet_take", pk=person.pk, answers={"visit_points": ("周三下午", 0)}, source="大客户档案工具表")


def undo_sheet() -> Call:
    person = _person()
    made: Any = _take_sheet(person)()
    return _write("sheet_undo", pk=person.pk, facts=made)


def unmark() -> Call:
    person = _person()
    _mark(person)()
    return _write("type_unmark", pk=person.pk, customer_type="high_influence", reason="任期届满")


EXAMPLES: dict[str, Callable[[], Call]] = {
    "customers.institution:create": lambda: _write("institution_create", name="江城市第一人民医院"),
    "customers.institution:update": lambda: _of(_hospital(), "update", changes={"beds": 800}),
    "customers.institution:archive": lambda: _of(_hospital(), "archive"),
    "customers.institution:restore": lambda: _of(_archived(_hospital()), "restore"),
    "customers.institution:assign": lambda: _write("institution_assign", pks=[_hospital().pk], territory=_territory()),
    "customers.institution:alias_add": _add_name,
    "customers.institution:alias_remove": remove_name,
    "customers.institution:record": lambda: _of(
        _hospital(), "fact_record", field="delivery", value="冷链，工作日上午", source="药库"
    ),
    "customers.institution:check": lambda: _of(_with_fact(_hospital()), "facts_check", fields=["visit_points"]),
    "customers.institution:contact_add": lambda: _add_contact(_hospital()),
    "customers.institution:contact_remove": lambda: remove_contact(_hospital()),
    "customers.institution:reveal": lambda: reveal_contact(_hospital()),
    "customers.institution:find_duplicates": lambda: find_duplicates("institution"),
    "customers.institution:keep_apart": lambda: keep_apart("institution"),
    "customers.institution:merge": lambda: merge("institution"),
    "customers.institution:split": _split,
    "customers.institution:unmerge": lambda: unmerge("institution"),
    "customers.institution:unsplit": unsplit,
    "customers.department:create": lambda: _write("department_create", institution=_hospital(), name="心血管内科"),
    "customers.department:update": lambda: _of(_department(), "update", changes={"beds": 60}),
    "customers.department:archive": lambda: _of(_department(), "archive"),
    "customers.patientpopulation:create": lambda: _estimate(),
    "customers.patientpopulation:update": lambda: _write(
        "patient_population_update", pk=_estimate()().pk, changes={"patients": 950}
    ),
    "customers.patientpopulation:archive": lambda: _write("patient_population_archive", pk=_estimate()().pk),
    "customers.professional:create": lambda: _write("professional_create", name="王芳", institution=_hospital()),
    "customers.professional:update": lambda: _of(_person(), "update", changes={"specialty": "心血管"}),
    "customers.professional:archive": lambda: _of(_person(), "archive"),
    "customers.professional:restore": lambda: _of(_archived(_person()), "restore"),
    "customers.professional:affiliate": _affiliate,
    "customers.professional:leave": leave,
    **{
        f"customers.{entity}:{verb}": (lambda make=make, verb=verb: _decide(make(), verb))
        for entity, make in (("institution", _hospital), ("professional", _person))
        for verb in ("reject",)
    },
    **{
        f"customers.{entity}:propose": (
            lambda make=make: _of(make(), "change_propose", field="visit_points", value="周三下午", source="拜访")
        )
        for entity, make in (("institution", _hospital), ("professional", _person))
    },
    **{
        f"customers.{entity}:verify": (lambda make=make: _verify(make()))
        for entity, make in (("institution", _hospital), ("professional", _person))
    },
    "customers.institution:accept": lambda: _decide(_hospital(), "accept"),
    "customers.professional:accept": lambda: _decide(_person(), "accept"),
    "customers.professional:take_sheet": lambda: _take_sheet(_person()),
    "customers.professional:undo_sheet": undo_sheet,
    "customers.professional:mark_type": lambda: _mark(_person()),
    "customers.professional:unmark_type": unmark,
    "customers.professional:record": lambda: _of(
        _person(), "fact_record", field="visit_points", value="周三下午", source="拜访"
    ),
    "customers.professional:check": lambda: _of(_with_fact(_person()), "facts_check", fields=["visit_points"]),
    "customers.professional:contact_add": lambda: _add_contact(_person()),
    "customers.professional:contact_remove": lambda: remove_contact(_person()),
    "customers.professional:reveal": lambda: reveal_contact(_person()),
    "customers.professional:find_duplicates": lambda: find_duplicates("professional"),
    "customers.professional:keep_apart": lambda: keep_apart("professional"),
    "customers.professional:merge": lambda: merge("professional"),
    "customers.professional:unmerge": lambda: unmerge("professional"),
}
