"""RFM as somebody else would compute it, with pandas alone."""

from typing import Any

import pandas as pd


def rfm(frame: Any, *, as_of: str | None = None, bins: int = 5) -> Any:
    """Score a frame of customer, date (datetime64) and amount (cents as whole numbers); indexed by customer.

    A score is 1 + floor(bins × (rank − 1) / n), ranks from the worst, the smallest rank for equals.
    """
    day = pd.Timestamp(as_of) if as_of else frame["date"].max().normalize()
    frame = frame.assign(date=frame["date"].dt.normalize())
    frame = frame[frame["date"] <= day]
    orders = frame[frame["amount"] >= 0]
    result = pd.DataFrame(
        {
            "recency_days": (day - orders.groupby("customer")["date"].max()).dt.days,
            "frequency": orders.groupby("customer")["date"].nunique(),
            "monetary": frame.groupby("customer")["amount"].sum(),
        }
    )
    result["frequency"] = result["frequency"].fillna(0).astype(int)
    for score, column, best_is_low in (
        ("r", "recency_days", True),
        ("f", "frequency", False),
        ("m", "monetary", False),
    ):
        known = result[column].dropna()
        rank = known.rank(method="min", ascending=not best_is_low).astype(int)
        result[score] = (1 + (rank - 1) * bins // len(known)).reindex(result.index, fill_value=1)
    result["rfm_score"] = result["r"] * 100 + result["f"] * 10 + result["m"]
    return result.sort_index()
