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


EXAMPLES: dict[str, Callable[[], Call]] = {
    "integrity.case:sweep": lambda: _call("cases_open", found=[found()]),
    "integrity.case:take": lambda: _call("case_take", pk=_case()),
    "integrity.case:close": lambda: _call("case_close", pk=_case(), outcome="confirmed", note="同票两报，已退回"),
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
