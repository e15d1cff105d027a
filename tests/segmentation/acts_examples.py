"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.segmentation import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _hospital() -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")


def _computed(number: int = 1) -> Any:
    """Return a finished run in which there were no customers."""
    from yaomai.kit.runs.services import run_finish, run_start
    from yaomai.segmentation import KIND

    run, _is_new = run_start(
        actor=BOSS, kind=KIND, parameters={}, as_of=TODAY, inputs={}, policies={}, engine_version="1", now=NOW,
        seed=number,
    )  # fmt: skip
    return run_finish(actor=BOSS, pk=run.pk, result={"subjects": {}}, now=NOW)


def roll_back() -> Call:
    first, second = _computed(1), _computed(2)
    _call("tiers_publish", pk=first.pk)()
    _call("tiers_publish", pk=second.pk, instead_of=first.pk)()
    return _call("tiers_roll_back", pk=second.pk, reason="流向文件有误")


def _assess(service: str, **values: Any) -> Call:
    return _call(service, subject="institution", source="区域经理评估", assessed_on=TODAY, **values)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "segmentation.assessment:record": lambda: _assess(
        "assessment_record", customer=_hospital().pk, attribute="decision_influence", value=80
    ),
    "segmentation.assessment:record_many": lambda: _assess(
        "assessments_record", rows=[(_hospital().pk, "decision_influence", 80)]
    ),
    "segmentation.tier:request": lambda: _call("tiers_request", as_of=TODAY),
    "segmentation.tier:publish": lambda: _call("tiers_publish", pk=_computed().pk),
    "segmentation.tier:roll_back": roll_back,
}
