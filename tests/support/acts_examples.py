"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.support import services

    return lambda: getattr(services, service)(actor=BOSS, **{"now": NOW} | values)


def _hospital() -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name="江城市第九医院")


def taken(**said: Any) -> Any:
    return _call(
        "request_take", **{"institution": _hospital(), "kind": "order_query", "words": "订单何时发货"} | said
    )()


def _resolved() -> int:
    pk: int = taken().pk
    _call("request_resolve", pk=pk, resolution="已补发")()
    return pk


EXAMPLES: dict[str, Callable[[], Call]] = {
    "support.request:create": lambda: _call(
        "request_take", institution=_hospital(), kind="order_query", words="订单何时发货"
    ),
    "support.request:bring_in": lambda: _call(
        "request_bring_in", institution=_hospital(), kind="complaint", words="送货迟了", taken_at=NOW - timedelta(days=9),
        resolved_at=NOW - timedelta(days=8),
    ),
    "support.request:update": lambda: _call("request_update", pk=taken().pk, changes={"kind": "complaint"}),
    "support.request:start": lambda: _call("request_start", pk=taken().pk),
    "support.request:wait": lambda: _call("request_wait", pk=taken().pk, waits_for="订单号"),
    "support.request:resolve": lambda: _call("request_resolve", pk=taken().pk, resolution="已补发"),
    "support.request:confirm": lambda: _call("request_confirm", pk=_resolved()),
    "support.request:reopen": lambda: _call("request_reopen", pk=_resolved(), reason="仍未收到"),
    "support.request:escalate": lambda: _call(
        "request_escalate", pk=taken().pk, now=NOW + timedelta(hours=13)
    ),
}  # fmt: skip
