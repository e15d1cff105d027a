"""Ledger lines of an invented company, with wrongs planted among them: which line is part of which."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

FIRST = date(2025, 1, 1)
DAYS = 365
FORMS = ("meal", "gift", "fee", "travel")
OFF_SHARE, NIGHT_SHARE, ROUND_SHARE = 0.04, 0.01, 0.05
SAME_TWICE = 0.0005
"""Honest coincidences: the same book for the same doctor on one day by two people, each with an invoice of its own."""


def lines_of(
    number: int, *, seed: int = 7, planted: float = 0.01
) -> tuple[pa.Table, np.ndarray, dict[str, np.ndarray]]:
    """Return lines, whether each was planted, and the lines of each kind of wrong.

    Honest habits are in it: people serve a patch, like some recipients more than others, some write in the evening.
    """
    chance = np.random.default_rng(seed)
    people, customers = max(number // 1000, 40), max(number // 100, 400)
    person = chance.integers(0, people, number)
    patch = max(customers // people * 2, 20)
    # A patch with favourites: the squared share draws some recipients three times as often as others.
    recipient = (person * (customers // people) + (patch * chance.random(number) ** 1.5).astype(np.int64)) % customers
    columns: dict[str, Any] = {
        "person": person,
        "recipient": recipient,
        "institution": recipient // 8,
        "form": chance.choice(len(FORMS), number, p=(0.5, 0.2, 0.1, 0.2)),
        "day": _days(chance, number),
        "amount": np.round(chance.lognormal(4.4, 0.5, number), 2),
        "invoice": chance.integers(10**9, 10**12, number),
        "minute": _minutes(chance, number),
    }
    is_round = chance.random(number) < ROUND_SHARE
    columns["amount"][is_round] = np.maximum(np.round(columns["amount"][is_round] / 100) * 100, 100)
    is_fee = columns["form"] == 2
    columns["amount"][is_fee] = np.round(columns["amount"][is_fee] * 6, 2)
    columns["city"] = 1000 + columns["person"] % 300
    kinds = _plant(chance, columns, number, planted)
    wrong = np.zeros(number, bool)
    for some in kinds.values():
        wrong[some] = True
    return _table(columns, number), wrong, kinds


def _days(chance: np.random.Generator, number: int) -> np.ndarray:
    days = chance.integers(0, DAYS, number)
    weekday = (days + FIRST.weekday()) % 7
    moved = (weekday >= 5) & (chance.random(number) > OFF_SHARE * 3.5)
    days[moved] = np.maximum(days[moved] - 2, 0)
    return days


def _minutes(chance: np.random.Generator, number: int) -> np.ndarray:
    minutes = np.clip(chance.normal(15 * 60, 150, number), 7 * 60, 21 * 60 + 59).astype(np.int64)
    night = chance.random(number) < NIGHT_SHARE
    minutes[night] = chance.integers(22 * 60, 24 * 60, night.sum())
    return minutes


def _plant(chance: np.random.Generator, columns: dict[str, Any], number: int, share: float) -> dict[str, np.ndarray]:
    """Change some lines into wrongs, an equal part of each kind."""
    each = max(int(number * share / 8), 8)
    free = chance.permutation(number)
    honest = free[: int(number * SAME_TWICE)]
    half = len(honest) // 2
    for name in ("recipient", "institution", "form", "day", "amount"):
        columns[name][honest[half : 2 * half]] = columns[name][honest[:half]]
    free = free[len(honest) :]
    found: dict[str, np.ndarray] = {}
    taken = 0

    def take(kind: str, count: int) -> np.ndarray:
        nonlocal taken
        found[kind] = free[taken : taken + count]
        taken += count
        return found[kind]

    two = take("same_invoice", each // 2 * 2)
    columns["invoice"][two[1::2]] = columns["invoice"][two[::2]]
    three = take("split", each // 3 * 3).reshape(-1, 3)
    for name in ("person", "recipient", "institution"):
        columns[name][three[:, 1:]] = columns[name][three[:, :1]]
    columns["form"][three] = 0
    columns["day"][three] = columns["day"][three[:, :1]] + np.arange(3)
    columns["amount"][three] = np.round(chance.uniform(700, 990, three.shape), 2)
    weekend = np.flatnonzero((np.arange(DAYS) + FIRST.weekday()) % 7 >= 5)
    for kind in ("round_amounts", "off_days", "night_entries"):
        some = take(kind, each // 60 * 60 or 60)
        columns["person"][some] = np.repeat(chance.choice(columns["person"], len(some) // 60), 60)
        if kind == "round_amounts":
            columns["amount"][some] = chance.integers(1, 6, len(some)) * 100.0
        elif kind == "off_days":
            columns["form"][some], columns["day"][some] = 0, chance.choice(weekend, len(some))
        else:
            columns["minute"][some] = chance.integers(22 * 60, 24 * 60, len(some))
    far = take("impossible_days", each // 3 * 3).reshape(-1, 3)
    for name in ("person", "day"):
        columns[name][far] = columns[name][far[:, :1]]
    columns["city"][far] = 2000 + chance.integers(0, 100, far.shape) * 3 + np.arange(3)
    close = take("unusual_pairs", each // 250 * 250 or 250).reshape(-1, 250)
    columns["person"][close] = columns["person"][close[:, :1]]
    columns["recipient"][close] = columns["recipient"][close[:, :1]]
    columns["amount"][close] = np.round(chance.uniform(400, 900, close.shape), 2)
    ring = take("ring", each // 8 * 8).reshape(-1, 8)
    columns["person"][ring] = np.where(
        np.arange(8) % 2, columns["person"][ring[:, :1]], columns["person"][ring[:, 1:2]]
    )
    columns["invoice"][ring] = columns["invoice"][ring[:, :1]] + np.arange(8)
    return {kind: some.ravel() for kind, some in found.items()}


def _table(columns: dict[str, Any], number: int) -> pa.Table:
    days = np.datetime64(FIRST, "D") + columns["day"]
    moments = days.astype("datetime64[s]") + (columns["minute"] * 60).astype("timedelta64[s]")
    return pa.table(
        {
            "line": pa.array(np.arange(number)),
            "person": pa.array(columns["person"]),
            "recipient": pa.array(columns["recipient"]),
            "institution": pa.array(columns["institution"]),
            "form": pa.DictionaryArray.from_arrays(pa.array(columns["form"].astype(np.int8)), pa.array(FORMS)).cast(
                pa.string()
            ),
            "day": pa.array(days),
            "amount": pa.array(columns["amount"]),
            "invoice": pa.array(columns["invoice"]).cast(pa.string()),
            "entered_at": pa.array(moments),
            "city": pa.array(columns["city"]).cast(pa.string()),
        }
    )


def values_of(lines: pa.Table) -> pa.Table:
    """Return what each institution is worth: about what is spent on it, times fifty, give or take."""
    chance = np.random.default_rng(3)
    institutions = lines["institution"].unique()
    return pa.table({"institution": institutions, "value": chance.lognormal(10, 0.6, len(institutions))})
