"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
"""A Monday."""
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.planning import services

    return lambda: getattr(services, service)(actor=BOSS, **{"now": NOW} | values)


def hospital(name: str = "江城市第一人民医院", **fields: Any) -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name=name, **fields)


def doctor(name: str = "陈明", institution: Any = None, **fields: Any) -> Any:
    from yaomai.customers.services import professional_create

    return professional_create(actor=BOSS, now=NOW, name=name, institution=institution or hospital(), **fields)


def person(username: str = "rep", name: str = "卫华海") -> Any:
    from yaomai.organization.models import Person

    return Person.unscoped.filter(username=username).first() or Person.unscoped.create(username=username, name=name)


def duty(**fields: Any) -> Any:
    values = {
        "institution": fields.pop("institution", None) or hospital(), "activity": "core_visit", "owner": person(),
        "window_from": TODAY, "window_to": TODAY + timedelta(days=14),
    }  # fmt: skip
    return _call("duty_create", **values | fields)()


def visit(**fields: Any) -> Any:
    values = {
        "institution": fields.pop("institution", None) or hospital(), "activity": "core_visit", "owner": person(),
        "day": TODAY,
    }  # fmt: skip
    return _call("visit_create", **values | fields)()


def _fulfilled() -> Any:
    planned = visit()
    _call("fulfil", planned_or_duty=planned, on=TODAY, reference="engagement.visit:1")()
    return planned


def absence(**fields: Any) -> Any:
    values = {"kind": "leave", "starts_at": NOW, "ends_at": NOW + timedelta(days=1), "person": person()}
    return _call("absence_create", **values | fields)()


def location() -> Any:
    return _call("location_create", institution=hospital(), latitude=Decimal("30.5"), longitude=Decimal("114.3"))()


def territory() -> Any:
    from yaomai.organization.models import Territory

    found = Territory.unscoped.filter(code="J").first()
    if found is None:
        found = Territory.unscoped.create(
            code="J", name="江城片区", level="district", path="/0/", valid_from=date(2020, 1, 1)
        )
        found.path = f"/{found.pk}/"
        found.save(update_fields=["path"])
    return found


GOAL: dict[str, Any] = {
    "level": "year", "begins_on": date(2026, 1, 1), "title": "重点科室深度拜访", "measure": "visits",
    "target": Decimal(960), "basis": "去年完成 840 次拜访", "relevance": "支撑全年学术覆盖",
}  # fmt: skip


def goal(**fields: Any) -> Any:
    return _call("goal_create", **{"territory": territory(), "owner": person()} | GOAL | fields)()


def note() -> Any:
    return _call(
        "note_create", territory=territory(), factor="policy", noted_on=TODAY, text="集采执行", source="公告"
    )()


def review() -> Any:
    return _call(
        "review_create", level="month", begins_on=TODAY, lessons="周一少排", next_steps="周五核对", owner=person()
    )()


def plan(state: str = "draft") -> Any:
    """Return a plan over the next four weeks, computed."""
    from yaomai.planning.models import Plan

    owed = duty()
    made = _call(
        "plan_create", begins_on=TODAY, ends_on=TODAY + timedelta(days=28), owner=owed.owner, reason="月计划"
    )()
    figures = {"placed": 1, "duties": 1, "gap": 0.0, "hours": 1}
    Plan.unscoped.filter(pk=made.pk).update(state=state, figures=figures if state != "computing" else {})
    return made


def boss_of(somebody: Any) -> None:
    """Give somebody a superior, who can decide."""
    from yaomai.organization.models import Holding, Person, Position, Role

    role, _new = Role.unscoped.get_or_create(
        code="area_manager",
        defaults={"name": "区域经理", "name_en": "Area manager", "rights": ["planning.plan:approve"]},
    )
    since = {"valid_from": date(2020, 1, 1)}
    above = Position.unscoped.create(code="B", title="区域经理", role=role, territory=territory(), **since)
    other, _new = Role.unscoped.get_or_create(
        code="key_account_manager", defaults={"name": "KA经理", "name_en": "Key account manager"}
    )
    seat = Position.unscoped.create(
        code="R", title="代表", role=other, territory=territory(), reports_to=above, **since
    )
    boss = Person.unscoped.create(username="boss", name="朱子涵")
    Holding.unscoped.create(person=boss, position=above, **since)
    Holding.unscoped.create(person=somebody, position=seat, **since)


def _submit() -> Call:
    from yaomai.kit.access import Actor, Grant
    from yaomai.planning import services

    boss_of(person())
    made = plan()
    rights = frozenset(f"planning.plan:{verb}" for verb in ("view", "create", "edit"))
    actor = Actor(made.owner_id, made.owner.name, (Grant(rights),))
    return lambda: services.plan_submit(actor=actor, pk=made.pk, reason="月计划", now=NOW)


def _withdraw() -> Call:
    submit = _submit()
    made: Any = submit()
    return _call("plan_withdraw", pk=made.pk)


def reception() -> Any:
    return _call("working_time_enter", institution=hospital(), weekday=2, half="pm", kind="visiting")()


def proposal() -> Any:
    return _call("replan_propose", kind="fell_out", visit=visit().pk, owner=person())()


def rep_actor() -> Any:
    from yaomai.kit.access import Actor, Grant

    return Actor(person().pk, "卫华海", (Grant(frozenset({"planning.plannedvisit:view"})),))


def _feed(service: str) -> Call:
    from yaomai.planning import services

    actor = rep_actor()
    services.feed_create(actor=actor, now=NOW)
    return lambda: getattr(services, service)(actor=actor, now=NOW)


def _final() -> Any:
    made = goal()
    _call("goal_finalize", pk=made.pk)()
    return made


ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261201T010000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
EXAMPLES: dict[str, Callable[[], Call]] = {
    "planning.serviceduty:create": lambda: _call(
        "duty_create", institution=hospital(), activity="core_visit", owner=person(), window_from=TODAY,
        window_to=TODAY + timedelta(days=7),
    ),
    "planning.callback:create": lambda: _call(
        "callback_record", institution=hospital(), outcome="wish", words="想要随访表"
    ),
    "planning.serviceduty:propose": lambda: _call(
        "propose_duty", institution=hospital(), task="带儿童哮喘指南", owner=person(), reference="engagement.visit:1"
    ),
    "planning.plannedvisit:move": lambda: _call("visit_move", pk=visit().pk, day=TODAY, half="pm", reason="医生约下午"),
    "planning.plannedvisit:feed": lambda: _feed("feed_create"),
    "planning.plannedvisit:feed_revoke": lambda: _feed("feed_revoke"),
    "planning.workingtime:set": lambda: _call(
        "working_times_set", institution=hospital(), marks={(1, "am"): "visiting"}, source="医务科"
    ),
    "planning.workingtime:create": lambda: _call(
        "working_time_enter", institution=hospital(), weekday=2, half="pm", kind="visiting"
    ),
    "planning.workingtime:update": lambda: _call(
        "working_time_change", pk=reception().pk, changes={"source": "医务科公告"}
    ),
    "planning.absence:create": lambda: _call(
        "absence_create", kind="leave", starts_at=NOW, ends_at=NOW + timedelta(days=1), person=person()
    ),
    "planning.absence:update": lambda: _call("absence_update", pk=absence().pk, changes={"title": "年假"}),
    "planning.absence:archive": lambda: _call("absence_archive", pk=absence().pk),
    "planning.absence:take_in": lambda: _call("absences_take_in", content=ICS, person=person()),
    "planning.location:create": lambda: _call(
        "location_create", institution=hospital(), latitude=Decimal("30.5"), longitude=Decimal("114.3")
    ),
    "planning.location:update": lambda: _call("location_update", pk=location().pk, changes={"source": "地图"}),
    "planning.plan:create": lambda: _call(
        "plan_create", begins_on=TODAY, ends_on=TODAY + timedelta(days=28), owner=person()
    ),
    "planning.plan:create_team": lambda: _call(
        "plans_create", begins_on=TODAY, ends_on=TODAY + timedelta(days=28), owners=[person(), person("other", "曹若兰")]
    ),
    "planning.plan:stop": lambda: _call("plan_stop", pk=plan("computing").pk),
    "planning.plan:submit": _submit,
    "planning.plan:withdraw": _withdraw,
    "planning.plan:discard": lambda: _call("plan_discard", pk=plan().pk),
    "planning.plan:replan": lambda: _call("replan_propose", kind="fell_out", visit=visit().pk, owner=person()),
    "planning.plan:replan_accept": lambda: _call("replan_accept", pk=proposal().pk),
    "planning.plan:replan_dismiss": lambda: _call("replan_dismiss", pk=proposal().pk),
    "planning.goal:create": lambda: _call("goal_create", territory=territory(), owner=person(), **GOAL),
    "planning.goal:update": lambda: _call("goal_update", pk=goal().pk, changes={"target": Decimal(900)}),
    "planning.goal:finalize": lambda: _call("goal_finalize", pk=goal().pk),
    "planning.goal:reopen": lambda: _call("goal_reopen", pk=_final().pk, reason="指标调整"),
    "planning.goal:decompose": lambda: _call("goal_decompose", pk=goal().pk),
    "planning.goal:archive": lambda: _call("goal_archive", pk=goal().pk),
    "planning.environmentnote:create": lambda: _call(
        "note_create", territory=territory(), factor="policy", noted_on=TODAY, text="集采执行", source="公告"
    ),
    "planning.environmentnote:update": lambda: _call("note_update", pk=note().pk, changes={"effect": "减少价格沟通"}),
    "planning.environmentnote:archive": lambda: _call("note_archive", pk=note().pk),
    "planning.review:create": lambda: _call(
        "review_create", level="month", begins_on=TODAY, lessons="周一少排", next_steps="周五核对", owner=person()
    ),
    "planning.review:update": lambda: _call("review_update", pk=review().pk, changes={"lessons": "门诊提前核对"}),
    "planning.serviceduty:lay_out": lambda: _call("duties_lay_out"),
    "planning.serviceduty:settle": lambda: _call("duties_settle"),
    "planning.serviceduty:update": lambda: _call("duty_update", pk=duty().pk, changes={"task": "带样本回执"}),
    "planning.serviceduty:miss": lambda: _call("duty_miss", pk=duty().pk, reason="customer_away"),
    "planning.serviceduty:waive": lambda: _call("duty_waive", pk=duty().pk, note="客户已转院"),
    "planning.plannedvisit:create": lambda: _call(
        "visit_create", institution=hospital(), activity="core_visit", owner=person(), day=TODAY
    ),
    "planning.plannedvisit:update": lambda: _call(
        "visit_update", pk=visit().pk, changes={"day": TODAY + timedelta(days=1)}
    ),
    "planning.plannedvisit:cancel": lambda: _call("visit_cancel", pk=visit().pk, note="客户出差"),
    "planning.plannedvisit:miss": lambda: _call("visit_miss", pk=visit().pk, reason="surgery"),
    "planning.plannedvisit:fulfil": lambda: _call(
        "fulfil", planned_or_duty=visit(), on=TODAY, reference="engagement.visit:1"
    ),
    "planning.plannedvisit:unfulfil": lambda: _call(
        "unfulfil", planned_or_duty=_fulfilled(), reference="engagement.visit:1"
    ),
}  # fmt: skip
