"""A sales flow by the month for tests: customers, their months, and the lines that say so."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from yaomai.insights.months import month_after

from .acts_examples import BOSS, NOW, TODAY

DO = {"actor": BOSS, "now": NOW}


def hospitals(count: int, *, kind: str = "hospital", prefix: str = "江城市") -> list[Any]:
    """Return so many institutions, called 江城市第甲子医院 and on."""
    from yaomai.customers.services import institution_create

    signs = [one + two for one in "甲乙丙丁戊己庚辛壬癸" for two in "子丑寅卯辰巳午未申酉戌亥"]
    ending = "医院" if kind == "hospital" else "大药房"
    return [
        institution_create(**DO, name=f"{prefix}{sign}{ending}", kind=kind, grade="3A" if kind == "hospital" else "")
        for sign in signs[:count]
    ]


def take_in(bought: Mapping[Any, Sequence[float]], *, last: date, prices: Mapping[tuple[Any, int], float] = {}) -> Any:
    """Take in a sales flow: for each institution its amounts by month, the last of which is `last`; return the product.

    `prices` gives the price of a unit of an institution in a month, counted back from the last; otherwise it is 10.
    """
    from yaomai.catalog.services import product_create
    from yaomai.commerce.lines import SCHEMA
    from yaomai.commerce.services import flow_take_in
    from yaomai.commerce.services.intake import plan_intake
    from yaomai.customers.services import institution_create

    distributor = institution_create(**DO, name="安东九州医药有限公司", kind="distributor")
    product = product_create(**DO, code="AH1", name="安衡平", specification="5mg×28片", generic_name="安氯平片")
    lines = []
    for row, amounts in bought.items():
        for place, amount in enumerate(amounts):
            if amount:
                back = len(amounts) - 1 - place
                price = prices.get((row, back), 10.0)
                lines.append((month_after(last, -back).replace(day=12), row.name, amount, amount / price))
    columns: dict[str, list[Any]] = {name: [""] * len(lines) for name in SCHEMA.names} | {
        "row": list(range(2, len(lines) + 2)),
        "sold_on": [each[0] for each in lines],
        "buyer": [each[1] for each in lines],
        "item": ["安衡平"] * len(lines),
        "specification": ["5mg×28片"] * len(lines),
        "quantity": [Decimal(str(round(each[3], 3))) for each in lines],
        "amount": [Decimal(str(round(each[2], 2))) for each in lines],
    }
    table = pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names})
    plan = plan_intake(actor=BOSS, distributor_id=distributor.pk, table=table, today=TODAY)
    flow_take_in(actor=BOSS, plan=plan, file_name="流向.xlsx", now=NOW)
    return product
