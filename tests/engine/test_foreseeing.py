"""All that is to be expected of each customer from one log: money, loss, alerts, and what must not be said."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.customer_base.amounts import fit_amounts, fit_log_normal
from yaomai.engine.customer_base.foreseeing import Foreseen, Settings, discounted, foresee
from yaomai.engine.customer_base.logs import Log
from yaomai.engine.customer_base.losing import Limits

from .test_customer_base import drawn

UNTIL = date(2025, 12, 31)
Line = tuple[int, date, float]
Foresee = Callable[..., tuple[Foreseen, dict[int, dict[str, Any]]]]


@pytest.fixture
def told() -> Iterator[Foresee]:
    """Foresee the customers of some lines; gives the result and its rows by customer."""
    numbers = count()
    with TemporaryDirectory() as folder, connected(threads=1) as engine:

        def compute(lines: list[Line], **options: Any) -> tuple[Foreseen, dict[int, dict[str, Any]]]:
            table = pa.table({
                "customer": pa.array([line[0] for line in lines], pa.int64()),
                "date": pa.array([line[1] for line in lines], pa.date32()),
                "amount": pa.array([round(line[2] * 100) for line in lines], pa.decimal128(16, 0)),
            })  # fmt: skip
            rows = arrow_table(engine, table, folder, f"lines{next(numbers)}")
            rows = rows.mutate(amount=(rows["amount"] / 100).cast("decimal(16,2)"))
            days = [line[1] for line in lines]
            log = Log(Path("log"), rows, min(days), max(days), len(lines), 0)
            options.setdefault("settings", Settings())
            found = foresee(log, until=options.pop("until", UNTIL), **options)
            return found, {row["customer"]: row for row in found.table.to_pylist()}

        yield compute


def base() -> list[Line]:
    """Return a year of customers in the way that the models suppose; ids from 1,000 on."""
    rows = drawn(150)
    last = max(row[1] for row in rows)
    return [(1000 + int(row[0][1:]), row[1] + (UNTIL - last), row[2]) for row in rows]


def every(customer: int, days: int, *, ago: int, times: int = 9, amount: float = 500.0) -> list[Line]:
    return [(customer, UNTIL - timedelta(days=ago + days * number), amount) for number in range(times)]


def test_the_shorter_time_wins_and_those_long_gone_call_for_nothing(told: Foresee) -> None:
    lines = [
        *base(), *every(1, 30, ago=20), *every(2, 30, ago=70), *every(3, 30, ago=70), *every(4, 30, ago=100),
        *every(5, 5, ago=400), *every(6, 10, ago=45, times=25),
    ]  # fmt: skip
    _found, rows = told(lines, core={1, 2})
    alerts = [rows[key]["alert"] for key in range(1, 7)]
    assert alerts == ["", "core", alerts[2], "general", "lost", "overdue"]
    assert alerts[2] not in ("core", "general")
    assert json.loads(rows[4]["reasons"])[0] == {"code": "silent", "params": {"days": 100, "usual": 30}}
    _found, rows = told(lines, core={1, 2}, settings=Settings(limits=Limits(months=1, core_months=6)))
    assert rows[2]["alert"] == "core"


def test_equal_inputs_give_equal_results(told: Foresee) -> None:
    first, _rows = told(base())
    second, _rows = told(base()[::-1])
    assert first.table.equals(second.table) and first.summary == second.summary


def test_no_money_is_told_where_nothing_can_be_known(told: Foresee) -> None:
    spike = every(1, 30, ago=10)
    spike[3] = (1, spike[3][1], 500_000.0)
    lines = [
        *base(), *spike, (2, UNTIL - timedelta(days=30), 400.0),
        (3, UNTIL - timedelta(days=90), 400.0), (3, UNTIL - timedelta(days=60), 100.0),
        (3, UNTIL - timedelta(days=40), -900.0),
        *every(4, 30, ago=10),
    ]  # fmt: skip
    _found, rows = told(lines)
    assert [rows[key]["doubt"] for key in (1, 2, 3, 4)] == ["spike", "once", "returns", ""]
    for key in (1, 2, 3):
        assert rows[key]["value"] is None and rows[key]["purchases"] is None
    assert rows[2]["next_on"] is None
    assert rows[4]["value"] > 0 and rows[4]["next_from"] <= rows[4]["next_on"] <= rows[4]["next_to"]
    assert rows[4]["purchases_low"] < rows[4]["purchases"] < rows[4]["purchases_high"]


@pytest.mark.parametrize(
    "lines",
    [
        [(key, UNTIL, 100.0) for key in range(60)],
        [(key, UNTIL - timedelta(days=days), 100.0) for key in range(9) for days in (10, 150)],
    ],
    ids=["all on one day", "too few that came back"],
)
def test_where_no_model_is_possible_silence_is_told_all_the_same(told: Foresee, lines: list[Line]) -> None:
    found, rows = told([*lines, (99, UNTIL - timedelta(days=120), 50.0)])
    assert set(found.summary["problem"]) == {"zh", "en"}
    assert rows[99]["alert"] == "general" and rows[99]["p_away"] is None and rows[99]["value"] is None
    assert rows[1]["alert"] == "" and found.summary["holdout"] is None


def test_a_small_customer_is_not_valued_like_a_large_one(told: Foresee) -> None:
    lines: list[Line] = []
    chance = np.random.default_rng(4)
    for key in range(120):
        size = 200.0 if key % 2 else 200_000.0
        lines += [(key, UNTIL - timedelta(days=int(day)), size * chance.lognormal(0, 0.4)) for day in range(5, 700, 40)]
    found, rows = told(lines)
    assert found.summary["amounts"]["name"] == "log_normal"
    assert 1000 < rows[1]["purchases"] < 4000 and 1e6 < rows[0]["purchases"] < 4e6


def test_money_of_later_years_counts_less() -> None:
    years = [np.array([100.0]), np.array([200.0])]
    assert discounted(Settings(margin=0.5, discount=0.0), years)[0] == 100.0
    assert discounted(Settings(margin=1.0, discount=0.21), years)[0] == pytest.approx(100 / 1.1 + 100 / 1.21**1.5)


def test_amounts_are_drawn_to_the_mean_as_far_as_orders_are_few() -> None:
    repeats, means = np.array([1, 100, 10, 10]), np.array([1000.0, 1000.0, 10.0, 100.0])
    fitted = fit_log_normal(repeats, means, 0.5)
    assert fitted is not None
    few, many = fitted.per_order(repeats, means)[:2]
    assert few < many < 1000.0 and many == pytest.approx(1000.0, rel=0.01)
    assert fit_log_normal(np.array([1, 1]), np.array([5.0, 5.0]), 0.5) is None
    assert fit_amounts(np.array([0]), np.array([np.nan]), 0.5) == {}


def test_what_was_said_is_checked_on_days_that_were_hidden(told: Foresee) -> None:
    found, rows = told(base())
    holdout = found.summary["holdout"]
    assert holdout["days"] == 90 and holdout["to"] == str(UNTIL)
    assert sum(each["customers"] for each in holdout["calibration"]) <= len(rows)
    assert {each["model"] for each in holdout["models"]} == {"bg_nbd", "mbg_nbd", "mbg_cnbd_2", "mbg_cnbd_3"}
    assert holdout["proposed"] in {each["model"] for each in holdout["models"]}
    fixed, _rows = told(base(), settings=Settings(model="bg_nbd"))
    assert fixed.summary["model"] == "bg_nbd" and fixed.summary["losing"].startswith("mbg")
