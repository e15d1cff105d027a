"""A distributor, three hospitals, two products, and files of sales flow."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@dataclass
class Market:
    """Everything a file of sales flow can mention."""

    actor: Any
    distributor: Any
    coastal: Any
    first: Any
    second: Any
    elsewhere: Any
    tablets: Any
    capsules: Any


@pytest.fixture
def market(db: None) -> Market:
    return make_market()


def make_market() -> Market:
    """Make everything through services, in the present database."""
    from yaomai.catalog.models import Division
    from yaomai.catalog.services import division_create, product_create
    from yaomai.customers.services import institution_create
    from yaomai.kit.access import acting, system_actor

    actor = system_actor("test", "set up")
    with acting(actor):
        province = division_create(actor=actor, now=NOW, code="91", name="安东省")
        city = division_create(actor=actor, now=NOW, code="9101", name="江城市", parent=province)
        other = division_create(actor=actor, now=NOW, code="9102", name="临海市", parent=province)
        assert Division.objects.count() == 3

        def institution(name: str, division: Any, **fields: Any) -> Any:
            return institution_create(actor=actor, now=NOW, name=name, division=division, **fields)

        return Market(
            actor=actor,
            distributor=institution("安东九州医药有限公司", city, kind="distributor"),
            coastal=institution("临海康达医药有限公司", other, kind="distributor"),
            first=institution("江城市第一人民医院", city, grade="3A"),
            second=institution("江城市第二人民医院", city, grade="2A"),
            elsewhere=institution("临海市第一人民医院", other, grade="3A"),
            tablets=product_create(
                actor=actor, now=NOW, code="AH1", name="安衡平", generic_name="安氯平片", specification="5mg×28片"
            ),
            capsules=product_create(
                actor=actor,
                now=NOW,
                code="AH2",
                name="瑞安替尼",
                generic_name="瑞安替尼胶囊",
                specification="50mg×30粒",
            ),
        )


Row = tuple[str, str, str, str, str]
"""buyer, product, specification, quantity, amount"""


@pytest.fixture
def lines_of() -> Callable[..., pa.Table]:
    """Make a table of typed lines: lines_of([(buyer, product, specification, quantity, amount)], day=…, place=…)."""
    from yaomai.commerce.lines import SCHEMA

    def make(rows: Iterable[Row], *, day: date = date(2026, 10, 8), place: str = "江城市") -> pa.Table:
        listed = list(rows)
        columns: dict[str, list[Any]] = {
            "row": list(range(2, len(listed) + 2)),
            "sold_on": [day] * len(listed),
            "buyer": [row[0] for row in listed],
            "place": [place] * len(listed),
            "item": [row[1] for row in listed],
            "specification": [row[2] for row in listed],
            "item_code": [""] * len(listed),
            "quantity": [Decimal(row[3]) for row in listed],
            "amount": [Decimal(row[4]) for row in listed],
            "lot": [""] * len(listed),
        }
        return pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names})

    return make


@pytest.fixture
def take_in(market: Market) -> Callable[..., Any]:
    """Take in a table of lines and return its batch."""
    from yaomai.commerce.services import flow_take_in
    from yaomai.commerce.services.intake import plan_intake
    from yaomai.kit.access import acting

    def run(table: pa.Table, name: str = "10月流向.xlsx", *, distributor: Any = None) -> Any:
        owner = distributor or market.distributor
        with acting(market.actor):
            plan = plan_intake(actor=market.actor, distributor_id=owner.pk, table=table, today=TODAY)
            return flow_take_in(actor=market.actor, plan=plan, file_name=name, now=NOW)

    return run
