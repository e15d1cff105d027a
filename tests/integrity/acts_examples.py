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


EXAMPLES: dict[str, Callable[[], Call]] = {
    "integrity.case:sweep": lambda: _call("cases_open", found=[found()]),
    "integrity.case:take": lambda: _call("case_take", pk=_case()),
    "integrity.case:close": lambda: _call("case_close", pk=_case(), outcome="confirmed", note="同票两报，已退回"),
    "integrity.case:reopen": lambda: _call("case_reopen", pk=_case(is_closed=True), reason="新证据"),
}
