"""Growth by region from sales lines, with what tells how far it can be trusted; the same on DuckDB and on Spark."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import ibis
import ibis.expr.types as ir

from yaomai.engine.windows import window_starts

PERIOD_MONTHS: Final = 12


def regional_growth(
    lines: ir.Table, places: ir.Table, *, as_of: date, products: Sequence[int] | None = None
) -> ir.Table:
    """Compare the twelve months that end with `as_of` with the twelve before, by region, as one lazy expression.

    Args:
        lines: customer, date, amount, product; returns lower the amount. Lines after `as_of` do not exist.
        places: customer, region; customers without a place take no part.
        products: only lines of these; None for all.

    Shape: one row per region with any such line: region, amount and prior (net money of the two periods), buyers
    (customers whose net amount is not zero in either), largest and largest_prior (the two amounts of the customer that
    bought most in both together; of equals the smallest number).
    """
    starts = window_starts(as_of)
    wanted = (lines["date"] >= ibis.literal(starts[24])) & (lines["date"] <= ibis.literal(as_of))
    if products is not None:
        wanted = wanted & (lines["product"].isin(list(products)) if products else ibis.literal(False))
    recent = lines["date"] >= ibis.literal(starts[12])
    nothing = ibis.literal(0, "decimal(18,2)")
    bought = (
        lines.filter(wanted)
        .group_by("customer")
        .agg(
            amount=lines["amount"].sum(where=recent).fill_null(nothing),
            prior=lines["amount"].sum(where=~recent).fill_null(nothing),
        )
    )
    placed = bought.join(places, "customer")
    first = ibis.window(
        group_by=placed["region"], order_by=[ibis.desc(placed["amount"] + placed["prior"]), placed["customer"]]
    )
    ranked = placed.mutate(place=ibis.row_number().over(first))
    is_largest = ranked["place"] == 0
    return ranked.group_by("region").agg(
        amount=ranked["amount"].sum(),
        prior=ranked["prior"].sum(),
        buyers=((ranked["amount"] != 0) | (ranked["prior"] != 0)).cast("int64").sum(),
        largest=ranked["amount"].sum(where=is_largest),
        largest_prior=ranked["prior"].sum(where=is_largest),
    )
