"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.integrity import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def found(**said: Any) -> Any:
    from yaomai.integrity.watching import Found

    usual: dict[str, Any] = {
        "detector": "same_invoice", "key": "FP1", "person": None, "other": None, "professional": None, "institution": None,
        "first_day": date(2026, 11, 2), "last_day": date(2026, 11, 3), "lines": 2, "amount": Decimal("960.00"),
        "measure": 2.0, "expected": 1.0, "strength": 0.98, "score": 0.98, "named": (3, 6),
    }  # fmt: skip
    return Found(**(usual | said))


def _case(*, is_closed: bool = False) -> int:
    from yaomai.integrity import services
    from yaomai.integrity.models import Case

    services.cases_open(actor=BOSS, now=NOW, found=[found()])
    case = Case.unscoped.latest("pk")
    if is_closed:
        services.case_close(actor=BOSS, now=NOW, pk=case.pk, outcome="explained", note="分摊")
    return case.pk


def _report(*, is_taken: bool = True) -> Any:
    from yaomai.integrity import letterbox, services
    from yaomai.integrity.models import Report

    letterbox.put_in(code=letterbox.new_code(), text="聚餐拆票", on=NOW.date(), category="expenses", is_report=True)
    services.letterbox_empty(actor=BOSS, now=NOW)
    report = Report.unscoped.get()
    if is_taken:
        Report.unscoped.filter(pk=report.pk).update(handler=_person("chengban"), state="accepted")
    return report.pk


def _person(username: str) -> Any:
    from yaomai.organization.services import person_create

    return person_create(actor=BOSS, now=NOW, username=username, name=f"员工{username}")


def _handled(service: str, /, **values: Any) -> Call:
    """Return a call by whoever answers for the report."""
    from yaomai.integrity import services
    from yaomai.integrity.models import Report
    from yaomai.kit.access import Actor, Grant

    pk = _report()
    rights = frozenset({"integrity.report:view", "integrity.report:edit"})
    who = Report.unscoped.get(pk=pk).handler
    assert who is not None
    actor = Actor(who.pk, who.name, grants=(Grant(rights, None, 1, "compliance_officer"),))
    return lambda: getattr(services, service)(actor=actor, now=NOW, pk=pk, **values)


def _dossier(*, is_made: bool = False) -> int:
    from yaomai.integrity import services

    asked = services.dossier_ask(actor=BOSS, now=NOW, **DOSSIER)
    if is_made:
        services.dossier_make(actor=BOSS, now=NOW, pk=asked.pk)
    return asked.pk


DOSSIER: dict[str, Any] = {
    "occasion": "routine", "authority": "市监局", "subject": "company", "first_day": date(2026, 1, 1),
    "last_day": date(2026, 11, 1), "sections": ["filings"],
}  # fmt: skip


def _crisis() -> int:
    from yaomai.integrity import services

    return services.crisis_open(actor=BOSS, now=NOW, kind="inquiry", title="问询").pk


def _provider() -> int:
    from yaomai.integrity import services

    return services.provider_create(actor=BOSS, now=NOW, **PROVIDER).pk


def _risk() -> int:
    from yaomai.integrity import services

    return services.risk_create(actor=BOSS, now=NOW, **RISK).pk


def _audit() -> int:
    from yaomai.integrity import services

    _claim()
    return services.audit_draw(actor=BOSS, now=NOW, **AUDIT).pk


def _claim() -> None:
    from yaomai.compliance.services import expense_record

    expense_record(actor=BOSS, now=NOW, claim="BX1", claimant=_person("baoxiao"), form="travel", on=NOW.date(),
                   amount=Decimal(90))  # fmt: skip


def _drawn() -> Call:
    _claim()
    return _call("audit_draw", **AUDIT)


def _seated() -> None:
    """Let somebody hold the right to approve."""
    from yaomai.organization.models import Role
    from yaomai.organization.services import holding_start, position_create, role_sync, territory_create

    role_sync(actor=BOSS, now=NOW)
    top = territory_create(actor=BOSS, now=NOW, code="CN9", name="安衡", level="company", valid_from=date(2026, 1, 1))
    seat = position_create(
        actor=BOSS, now=NOW, code="HG9", title="合规", role=Role.unscoped.get(code="compliance_officer"), territory=top,
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    holding_start(actor=BOSS, now=NOW, position_id=seat.pk, person_id=_person("hegui").pk, valid_from=date(2026, 1, 1))


def _contract() -> Call:
    from yaomai.customers.services import institution_create

    _seated()
    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第九医院")
    return _call("contract_ask", kind="other", number="HT1", title="合同", institution=hospital, purpose="学术",
                 text="反商业贿赂", begins_on=NOW.date())  # fmt: skip


def _disclosure(state: str = "draft") -> int:
    from yaomai.integrity import services
    from yaomai.integrity.models import Disclosure

    row = services.disclosure_create(actor=BOSS, now=NOW, **DISCLOSURE)
    Disclosure.unscoped.filter(pk=row.pk).update(state=state)
    return row.pk


def _asked() -> Call:
    _seated()
    return _call("disclosure_ask", pk=_disclosure())


PROVIDER: dict[str, Any] = {"name": "会务公司", "kind": "meeting", "credit_code": "91420100MA4K000001"}
RISK: dict[str, Any] = {"area": "data", "title": "泄露", "likelihood": 2, "impact": 4, "review_on": date(2027, 1, 1)}
AUDIT: dict[str, Any] = {"title": "抽查", "start": date(2026, 1, 1), "end": date(2026, 12, 31), "size": 5}
DISCLOSURE: dict[str, Any] = {
    "title": "超标", "authority": "市监局", "found_on": date(2026, 11, 1), "facts": "三次", "measures": "退回",
}  # fmt: skip


EXAMPLES: dict[str, Callable[[], Call]] = {
    "integrity.case:sweep": lambda: _call("cases_open", found=[found()]),
    "integrity.case:take": lambda: _call("case_take", pk=_case()),
    "integrity.case:close": lambda: _call("case_close", pk=_case(), outcome="confirmed", note="同票两报，已退回"),
    "integrity.crisis:create": lambda: _call("crisis_open", kind="inquiry", title="问询"),
    "integrity.crisis:task": lambda: _call("crisis_task_done", pk=_crisis(), number=1),
    "integrity.crisis:write": lambda: _call("crisis_write", pk=_crisis(), kind="fact", text="事实"),
    "integrity.crisis:close": lambda: _call("crisis_close", pk=_crisis(), review="改进"),
    "integrity.provider:create": lambda: _call("provider_create", **PROVIDER),
    "integrity.provider:edit": lambda: _call("provider_update", pk=_provider(), changes={"name": "会展公司"}),
    "integrity.provider:archive": lambda: _call("provider_archive", pk=_provider()),
    "integrity.contract:create": _contract,
    "integrity.risk:create": lambda: _call("risk_create", **RISK),
    "integrity.risk:edit": lambda: _call("risk_update", pk=_risk(), changes={"impact": 3}),
    "integrity.risk:archive": lambda: _call("risk_archive", pk=_risk()),
    "integrity.audit:create": _drawn,
    "integrity.audit:look": lambda: _call("audit_look", pk=_audit(), number=1, result="in_order"),
    "integrity.disclosure:create": lambda: _call("disclosure_create", **DISCLOSURE),
    "integrity.disclosure:edit": lambda: _call("disclosure_update", pk=_disclosure(), changes={"facts": "四次"}),
    "integrity.disclosure:ask": _asked,
    "integrity.disclosure:hand_in": lambda: _call(
        "disclosure_hand_in", pk=_disclosure("approved"), reference="回执1", on=NOW.date()
    ),
    "integrity.disclosure:mend": lambda: _call(
        "disclosure_mend", pk=_disclosure("handed_in"), result="已整改", on=NOW.date()
    ),
    "integrity.dossier:create": lambda: _call("dossier_ask", **DOSSIER),
    "integrity.dossier:make": lambda: _call("dossier_make", pk=_dossier()),
    "integrity.dossier:take": lambda: _call("dossier_take", pk=_dossier(is_made=True)),
    "integrity.dossier:delete": lambda: _call("dossiers_delete"),
    "integrity.letterbox:empty": lambda: _call("letterbox_empty"),
    "integrity.report:accept": lambda: _call("report_accept", pk=_report(is_taken=False)),
    "integrity.report:reply": lambda: _handled("report_reply", text="是哪两天？"),
    "integrity.report:keep": lambda: _handled("report_keep", person=_person("jingli")),
    "integrity.report:close": lambda: _handled("report_close", outcome="partly", measures="退款"),
    "integrity.report:delete": lambda: _call("reports_delete"),
    "integrity.case:reopen": lambda: _call("case_reopen", pk=_case(is_closed=True), reason="新证据"),
}
