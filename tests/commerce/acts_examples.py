"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from yaomai.kit.access import acting, system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]
LINE: dict[str, Any] = {
    "row": 2, "sold_on": date(2026, 10, 8), "buyer": "江城一院", "place": "江城市", "item": "安衡平",
    "specification": "5mg×28片", "item_code": "", "quantity": Decimal(10), "amount": Decimal(2000), "lot": "",
}  # fmt: skip


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.commerce import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _institution(name: str, kind: str) -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name=name, kind=kind)


def take_in() -> Call:
    from yaomai.commerce.lines import SCHEMA
    from yaomai.commerce.services.intake import plan_intake

    distributor = _institution("安东九州医药有限公司", "distributor")
    table = pa.Table.from_pylist([LINE], SCHEMA)
    with acting(BOSS):
        plan = plan_intake(actor=BOSS, distributor_id=distributor.pk, table=table, today=TODAY)
    return _call("flow_take_in", plan=plan, file_name="10月流向.xlsx")


def roll_back() -> Call:
    batch: Any = take_in()()
    return _call("batch_roll_back", pk=batch.pk, reason="商业公司发错文件")


def _waiting() -> Any:
    """Return the name of a buyer that waits for review."""
    from yaomai.commerce.models import SourceName

    take_in()()
    return SourceName.unscoped.get(kind=SourceName.Kind.INSTITUTION)


def confirm() -> Call:
    return _call("name_confirm", pk=_waiting().pk, target_id=_institution("江城市第一人民医院", "hospital").pk)


def reopen() -> Call:
    name = _waiting()
    _call("name_skip", pk=name.pk)()
    return _call("name_reopen", pk=name.pk)


def rematch() -> Call:
    _waiting()
    return _call("names_rematch")


EXAMPLES: dict[str, Callable[[], Call]] = {
    "commerce.flowbatch:import": take_in,
    "commerce.flowbatch:roll_back": roll_back,
    "commerce.sourcename:confirm": confirm,
    "commerce.sourcename:skip": lambda: _call("name_skip", pk=_waiting().pk),
    "commerce.sourcename:reopen": reopen,
    "commerce.sourcename:rematch": rematch,
}
