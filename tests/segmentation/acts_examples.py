"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from yaomai.kit.access import Actor, system_actor

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


def _held(hospital: Any, tier: str = "potential") -> Any:
    from yaomai.segmentation.models import TierAssignment

    return TierAssignment.unscoped.create(
        scheme="four_tiers", tier=tier, institution=hospital, run=_computed(), valid_from=date(2026, 1, 1)
    )


def _signal() -> Any:
    from yaomai.segmentation.models import TierSignal

    hospital = _hospital()
    _held(hospital)
    return TierSignal.unscoped.create(
        institution=hospital, month=date(2026, 10, 1), kind="purchases_rose", before=10000, after=30000, money=240000,
        created_at=NOW,
    )  # fmt: skip


def _propose() -> Call:
    hospital = _hospital()
    _held(hospital)
    return _call(
        "change_propose", subject="institution", customer=hospital.pk, scheme="four_tiers", tier="core", reason="新院区"
    )  # fmt: skip


def _withdraw() -> Call:
    from yaomai.organization.models import Person
    from yaomai.segmentation import services

    change, ann = _propose()(), Person.unscoped.create(username="ann", name="安")
    type(change).unscoped.filter(pk=change.pk).update(proposed_by=ann)
    return partial(
        services.change_withdraw, actor=Actor(ann.pk, "安", is_system=True, reason="test"), now=NOW, pk=change.pk
    )


def _opening() -> Call:
    from yaomai.organization.models import Territory

    place = Territory.unscoped.create(code="E", name="东区", level="region", path="", valid_from=date(2020, 1, 1))
    Territory.unscoped.filter(pk=place.pk).update(path=f"/{place.pk}/")
    place.refresh_from_db()
    return _call("meeting_open", territory=place, held_on=TODAY)


def _meeting() -> Any:
    return _opening()()


def _agenda() -> tuple[Any, Any]:
    from yaomai.segmentation.models import TierChange

    change, meeting = _propose()(), _meeting()
    TierChange.unscoped.filter(pk=change.pk).update(meeting=meeting)
    return meeting, change


def _decide() -> Call:
    meeting, change = _agenda()
    return _call("changes_decide", meeting=meeting.pk, pks=[change.pk], accept=True, reason="一致同意")


def _close() -> Call:
    meeting = _meeting()
    _call("meeting_update", pk=meeting.pk, minutes="会上讨论")()
    return _call("meeting_close", pk=meeting.pk)


def _proposed() -> Any:
    from yaomai.customers.services import professional_create
    from yaomai.segmentation.models import TypeProposal

    person = professional_create(actor=BOSS, now=NOW, name="李主任", institution=_hospital())
    return TypeProposal.unscoped.create(
        professional=person, customer_type="decision_maker", scheme="decision_power", tier="decides", score=61, rank=3,
        run=_computed(), evidence="0", created_at=NOW,
    )  # fmt: skip


EXAMPLES: dict[str, Callable[[], Call]] = {
    "segmentation.assessment:record": lambda: _assess(
        "assessment_record", customer=_hospital().pk, attribute="decision_influence", value=80
    ),
    "segmentation.assessment:record_many": lambda: _assess(
        "assessments_record", rows=[(_hospital().pk, "decision_influence", 80)]
    ),
    "segmentation.signal:find": lambda: _call("signals_find", month=date(2026, 10, 1)),
    "segmentation.signal:review": lambda: _call("signals_review", pks=[_signal().pk], note="已拜访核实"),
    "segmentation.signal:dismiss": lambda: _call("signals_dismiss", pks=[_signal().pk], note="一次性备货"),
    "segmentation.signal:propose": lambda: _call(
        "signal_propose", pk=_signal().pk, scheme="four_tiers", tier="core", reason="持续上升", is_fast=False
    ),
    "segmentation.change:propose": _propose,
    "segmentation.change:decide": _decide,
    "segmentation.change:withdraw": _withdraw,
    "segmentation.change:return": lambda: _call("tiers_return"),
    "segmentation.meeting:create": _opening,
    "segmentation.meeting:edit": lambda: _call("meeting_update", pk=_meeting().pk, minutes="会上讨论"),
    "segmentation.meeting:close": _close,
    "segmentation.typeproposal:accept": lambda: _call("types_accept", pks=[_proposed().pk], decision="证据充分"),
    "segmentation.typeproposal:reject": lambda: _call("types_reject", pks=[_proposed().pk], decision="即将退休"),
    "segmentation.tier:request": lambda: _call("tiers_request", as_of=TODAY),
    "segmentation.tier:publish": lambda: _call("tiers_publish", pk=_computed().pk),
    "segmentation.tier:roll_back": roll_back,
}
