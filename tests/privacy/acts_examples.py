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
    from yaomai.privacy import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _person() -> Any:
    from yaomai.customers.services import institution_create, professional_create

    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第九医院")
    return professional_create(actor=BOSS, now=NOW, name="周宁", institution=hospital)


def _request(kind: str) -> int:
    from yaomai.privacy import services

    return services.request_take(
        actor=BOSS, now=NOW, professional=_person(), kind=kind, received_on=TODAY, channel="phone", identity="回拨"
    ).pk


def _processing(**said: Any) -> Any:
    from yaomai.privacy import services

    return services.processing_create(actor=BOSS, now=NOW, **(PROCESSING | said))


def _consent() -> int:
    from yaomai.privacy import services

    return services.consent_give(
        actor=BOSS, now=NOW, professional=_person(), processing=_processing(), given_on=TODAY, evidence="签字表"
    ).pk


def _seated() -> None:
    """Let somebody hold the right to approve."""
    from yaomai.organization.models import Role
    from yaomai.organization.services import holding_start, person_create, position_create, role_sync, territory_create

    since = date(2026, 1, 1)
    role_sync(actor=BOSS, now=NOW)
    top = territory_create(actor=BOSS, now=NOW, code="CN9", name="安衡", level="company", valid_from=since)
    role = Role.unscoped.get(code="compliance_officer")
    seat = position_create(actor=BOSS, now=NOW, code="HG9", title="合规", role=role, territory=top, valid_from=since)
    person = person_create(actor=BOSS, now=NOW, username="hegui", name="合规")
    holding_start(actor=BOSS, now=NOW, position_id=seat.pk, person_id=person.pk, valid_from=since)


def _assessment() -> Call:
    _seated()
    return _call(
        "assessment_ask", processing=_processing(), necessity="必要", impact="小", measures="加密", assessed_on=TODAY
    )


def _release() -> Call:
    _seated()
    return _call("release_ask", purpose="印制", persons=10, valid_until=date(2027, 11, 1))


PROCESSING: dict[str, Any] = {
    "name": "学术拜访", "basis": "consent", "kinds": ["identity"], "method": "登记", "retention": "三年", "notice": "告知",
}  # fmt: skip
EXAMPLES: dict[str, Callable[[], Call]] = {
    "privacy.request:create": lambda: _call(
        "request_take", professional=_person(), kind="copy", received_on=TODAY, channel="phone", identity="回拨"
    ),
    "privacy.request:answer": lambda: _call("request_answer", pk=_request("copy"), answer="已提供"),
    "privacy.request:refuse": lambda: _call("request_refuse", pk=_request("copy"), answer="无法核实身份"),
    "privacy.request:withdraw": lambda: _call("request_withdraw", pk=_request("withdraw"), answer="已撤回"),
    "privacy.request:restrict": lambda: _call("request_restrict", pk=_request("restrict"), answer="已限制"),
    "privacy.request:erase": lambda: _call("request_erase", pk=_request("delete"), answer="已删除"),
    "privacy.processing:create": lambda: _call("processing_create", **PROCESSING),
    "privacy.processing:edit": lambda: _call("processing_update", pk=_processing().pk, changes={"notice": "新告知"}),
    "privacy.processing:archive": lambda: _call("processing_archive", pk=_processing().pk),
    "privacy.consent:create": lambda: _call(
        "consent_give", professional=_person(), processing=_processing(), given_on=TODAY, evidence="签字表"
    ),
    "privacy.consent:withdraw": lambda: _call("consent_withdraw", pk=_consent()),
    "privacy.assessment:create": _assessment,
    "privacy.release:create": _release,
    "privacy.retention:run": lambda: _call("retention_run", reason="年度清理"),
}
