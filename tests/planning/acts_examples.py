"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
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


EXAMPLES: dict[str, Callable[[], Call]] = {
    "planning.serviceduty:create": lambda: _call(
        "duty_create", institution=hospital(), activity="core_visit", owner=person(), window_from=TODAY,
        window_to=TODAY + timedelta(days=7),
    ),
    "planning.serviceduty:propose": lambda: _call(
        "propose_duty", institution=hospital(), task="带儿童哮喘指南", owner=person(), reference="engagement.visit:1"
    ),
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
