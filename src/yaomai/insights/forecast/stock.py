"""What the rhythm of orders says of stock. Pure; no Django."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any


def stock_sign(
    *, orders: int, first_on: date, last_on: date, last_quantity: Decimal, quantity: Decimal, bought: Decimal,
    until: date, window: int, run_out_times: Decimal, overstock_times: Decimal, most_silent_days: int,
) -> dict[str, Any] | None:  # fmt: skip
    """Return what the rhythm of orders of a product says of a customer's stock; None when nothing.

    Usual use is what was bought before the last order over the days between the first and the last one. It may have run out
    when the last order is used up and the silence is long for this customer; it may be overstocked when much more than usual
    was bought in the last `window` days. Both are inferences from orders: what stands on the shelf nobody knows.
    """
    span = (last_on - first_on).days
    usual = span / (orders - 1)
    daily = (quantity - last_quantity) / span
    if daily <= 0:
        return None
    covered_to = last_on + timedelta(days=min(int(last_quantity / daily), 3650))
    silent = (until - last_on).days
    kind = ""
    if covered_to < until and usual * float(run_out_times) < silent <= most_silent_days:
        kind = "run_out"
    elif span > window and bought >= daily * window * overstock_times:
        kind = "overstock"
    if not kind:
        return None
    return {
        "kind": kind, "usual_days": round(usual, 1), "daily": daily.quantize(Decimal("0.001")), "covered_to": covered_to
    }  # fmt: skip
