"""Customer value: published estimates, formulas of the literature, and logs from which nothing follows."""

import csv
import json
import os
import shlex
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.special import hyp2f1
from typer.testing import CliRunner

from yaomai.engine.cli import app
from yaomai.engine.customer_base.histories import History, Patterns
from yaomai.engine.customer_base.judging import auc, calibration
from yaomai.engine.customer_base.ordering import MODELS, Fitted
from yaomai.engine.customer_base.outlook import next_order, outlook
from yaomai.engine.files import read_table

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
CDNOW = SHARED / "cdnow_sample" / "CDNOW_sample.txt"
COLUMNS = "--customer customer --date date --amount amount"

Run = Callable[[str], tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in an empty folder; gives its exit status and what it said."""
    monkeypatch.chdir(tmp_path)

    def command(line: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, shlex.split(line))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout if result.exit_code == 0 else result.output

    return command


def drawn(customers: int = 120, days: int = 365, seed: int = 1) -> list[tuple[str, date, float]]:
    """Draw orders of customers whose rates differ and of whom some stop."""
    chance = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        at, rate, stops = chance.uniform(0, 60), chance.gamma(2, 1 / 60), chance.beta(1, 8)
        while at < days:
            rows.append((f"C{number:04}", date(2025, 1, 1) + timedelta(days=int(at)), chance.gamma(6, 50)))
            if chance.random() < stops:
                break
            at += chance.exponential(1 / rate)
    return rows


def write_log(rows: list[tuple[str, date, float]], name: str = "log.csv") -> None:
    with Path(name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("customer", "date", "amount"))
        writer.writerows((customer, day, f"{amount:.2f}") for customer, day, amount in rows)


def test_published_estimates(run: Run) -> None:
    """Fader, Hardie and Lee (2005), table 2 for BG/NBD; Fader and Hardie (2013) for Gamma-Gamma."""
    if not CDNOW.is_file():
        pytest.skip(f"no {CDNOW}")
    rows = [line.split() for line in CDNOW.read_text(encoding="ascii").splitlines() if line.strip()]
    write_log([(row[1], date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])), float(row[4])) for row in rows])
    status, output = run(f"value log.csv {COLUMNS} --until 1997-09-30 --holdout-days 273 -o out.parquet")
    assert status == 0
    told = json.loads(output)
    found = told["parameters"]
    assert (told["customers"], told["repeat_customers"]) == (2357, 946)
    assert [round(found[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
    assert round(told["log_likelihood"], 1) == -9582.4
    spending = told["spending"]
    assert [round(value, 2) for value in spending["parameters"].values()] == [6.25, 3.74, 15.44]
    assert round(spending["log_likelihood"], 1) == -4055.9
    held = told["holdout"]
    assert (held["from"], held["to"], held["orders"]) == ("1997-10-01", "1998-06-30", 1882)
    by_name = {each["model"]: each for each in held["models"]}
    assert by_name["bg_nbd"]["log_loss"] < held["without_model"]["log_loss"]
    assert held["proposed"] == "bg_nbd"
    # The authors' example: x = 2, t_x = 30.43, T = 38.86 gives 1.226 purchases in the next 39 weeks.
    model = Fitted(MODELS["bg_nbd"], 0.243, 4.414, 0.793, 2.426, 0.0, True)
    ahead = outlook(model, pattern(2, 30.43, 38.86), weeks=39)
    assert ahead.expected[0] == pytest.approx(1.226, abs=5e-4)


def pattern(repeats: int, recency: float, age: float) -> Patterns:
    return Patterns(
        np.array([repeats]), np.array([recency], float), np.array([age], float), np.array([1]), np.array([0])
    )


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd"])
@pytest.mark.parametrize(("repeats", "recency", "age"), [(0, 0, 30), (3, 20, 24), (40, 50, 51), (2000, 150, 150.1)])
def test_expected_orders_by_the_closed_form(name: str, repeats: int, recency: float, age: float) -> None:
    """The sum of tails equals Gauss's hypergeometric function of the literature."""
    model = Fitted(MODELS[name], 0.8, 5.0, 1.4, 3.0, 0.0, True)
    ahead = outlook(model, pattern(repeats, recency, age), weeks=26)
    first = int(model.model.at_first)
    whole, shape = model.alpha + age, model.r + repeats
    b = model.b + repeats + first
    inner = hyp2f1(shape, b, model.a + b - 1, 26 / (whole + 26))
    by_formula = (model.a + b - 1) / (model.a - 1) * (1 - (whole / (whole + 26)) ** shape * inner) * ahead.active[0]
    if np.isfinite(by_formula) and by_formula > 0:
        assert ahead.expected[0] == pytest.approx(by_formula, rel=1e-6)
    assert ahead.low[0] <= ahead.expected[0] * 1.5 + 1
    assert ahead.low[0] <= ahead.high[0]
    assert 0 <= ahead.any_order[0] <= ahead.active[0] <= 1


@pytest.mark.parametrize("name", list(MODELS))
def test_outlook_by_simulation(name: str) -> None:
    model = Fitted(MODELS[name], 2.0, 6.0, 0.9, 2.5, 0.0, True)
    k, first = model.model.k, int(model.model.at_first)
    ahead = outlook(model, pattern(4, 30, 33), weeks=20)
    chance = np.random.default_rng(4)
    # Given an active customer in stage j; the weights of stages are checked by the chance of no order.
    counts = []
    from yaomai.engine.customer_base.outlook import activity

    active, stages = activity(model, pattern(4, 30, 33))
    for _ in range(20_000):
        j = chance.choice(k, p=stages[0])
        rate = chance.gamma(model.r + 4 * k + j) / (model.alpha + 33)
        stop = chance.beta(model.a, model.b + 4 + first)
        if chance.random() > active[0]:
            counts.append(0)
            continue
        orders = (chance.poisson(rate * 20) + j) // k
        counts.append(min(orders, chance.geometric(stop)))
    assert ahead.expected[0] == pytest.approx(np.mean(counts), rel=0.04)
    assert ahead.any_order[0] == pytest.approx(np.mean(np.array(counts) > 0), abs=0.012)
    assert ahead.squared[0] == pytest.approx(np.mean(np.square(counts)), rel=0.1)
    day = next_order(model, pattern(4, 30, 33), share=0.5)[0]
    within = outlook(model, pattern(4, 30, 33), weeks=day)
    assert within.any_order[0] / within.active[0] == pytest.approx(0.5, abs=1e-6)


def test_value_of_a_drawn_log(run: Run) -> None:
    write_log(drawn())
    status, output = run(f"value log.csv {COLUMNS} --holdout-days 90 --horizon-days 90 --model best -o out.csv")
    told = json.loads(output)
    assert status == 0
    assert told["model"] == told["holdout"]["proposed"]
    assert told["until"] == str(date.fromisoformat(told["holdout"]["from"]) - timedelta(days=1))
    rows = read_table("out.csv").to_pylist()
    assert len(rows) == told["customers"]
    for row in rows:
        assert 0 <= float(row["p_order"]) <= float(row["p_active"]) <= 1
        assert float(row["value_low"]) <= float(row["value_high"])
    assert sum(float(row["value"]) for row in rows) == pytest.approx(told["total"]["value"], abs=1)


def test_parquet_read_directly_gives_the_same(run: Run) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = drawn()
    write_log([(str(int(customer[1:])), day, amount) for customer, day, amount in rows])
    parquet.write_table(
        pa.table(
            {
                "customer": pa.array([int(row[0][1:]) for row in rows], pa.int64()),
                "date": pa.array([row[1] for row in rows], pa.date32()),
                "amount": pa.array([round(row[2], 2) for row in rows]).cast(pa.decimal128(16, 2)),
            }
        ),
        "log.parquet",
    )
    told = [json.loads(run(f"value log.{kind} {COLUMNS} -o out.csv")[1]) for kind in ("csv", "parquet")]
    assert told[0]["parameters"] == pytest.approx(told[1]["parameters"], rel=1e-6)
    assert told[0]["total"]["value"] == pytest.approx(told[1]["total"]["value"], rel=1e-4)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(f"C{n}", date(2026, 1, 5), 10.0) for n in range(50)], "All orders are on one day (2026-01-05)"),
        ([(f"C{n}", date(2026, 1, 1 + n % 28), 10.0) for n in range(50)], "only 0 customers have ordered again"),
        ([("C1", date(2026, 1, d), 10.0) for d in range(1, 28)], "only 1 customers have ordered again"),
        ([("C1", date(2026, 1, d), -10.0) for d in range(1, 28)], "no sales lines"),
    ],
    ids=["one day", "one purchase only", "one customer", "returns only"],
)
def test_logs_from_which_nothing_follows(run: Run, rows: list[tuple[str, date, float]], said: str) -> None:
    write_log(rows)
    status, output = run(f"value log.csv {COLUMNS} -o out.csv --language en")
    assert status == 1
    assert said in output
    assert not Path("out.csv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--until 2030-01-01 --holdout-days 30", "the log ends on"),
        ("--until soon", "“soon” is not a date"),
        ("--model guess", "There is no model “guess”"),
        ("--model best", "Add --holdout-days 90"),
    ],
)
def test_options_that_cannot_be_met(run: Run, options: str, said: str) -> None:
    write_log(drawn(60))
    status, output = run(f"value log.csv {COLUMNS} {options} -o out.csv --language en")
    assert (status, said in output) == (1, True)


def warnings_of(run: Run, rows: list[tuple[str, date, float]], options: str = "") -> dict[str, str]:
    write_log(rows)
    status, output = run(f"value log.csv {COLUMNS} {options} -o out.csv --language en")
    assert status == 0, output
    return {each["code"]: each["text"] for each in json.loads(output)["warnings"]}


def test_what_is_said_with_the_numbers(run: Run) -> None:
    rows = drawn()
    plain = warnings_of(run, rows, "--horizon-days 90")
    assert "outlier" not in plain
    spike = [(customer, day, amount * (1000 if customer == rows[0][0] else 1)) for customer, day, amount in rows]
    repeated = sum(customer == rows[0][0] for customer, _, _ in rows)
    assert repeated > 1
    assert rows[0][0] in warnings_of(run, spike, "--horizon-days 90")["outlier"]
    assert "horizon" in warnings_of(run, rows, "--horizon-days 3000")
    regular = [
        (f"C{n}", date(2025, 1, 1) + timedelta(days=30 * d + n % 7), 9.0 + n) for n in range(40) for d in range(12)
    ]
    assert "none_stop" in warnings_of(run, regular)


def test_returns_lower_money_and_are_no_orders(run: Run) -> None:
    rows = drawn()
    write_log([*rows, *[(customer, day + timedelta(days=1), -amount / 2) for customer, day, amount in rows[:200]]])
    last = max(day for _, day, _ in rows)
    told = json.loads(run(f"value log.csv {COLUMNS} --until {last} -o out.csv")[1])
    write_log(rows)
    plain = json.loads(run(f"value log.csv {COLUMNS} --until {last} -o out.csv")[1])
    assert told["parameters"] == pytest.approx(plain["parameters"], rel=1e-9)
    assert told["total"]["value"] < plain["total"]["value"]


def test_auc_and_calibration_by_hand() -> None:
    happened = np.array([True, False, True, False])
    assert auc(np.array([0.9, 0.1, 0.4, 0.4]), happened) == pytest.approx(0.875)
    assert np.isnan(auc(np.array([0.9, 0.1]), np.array([True, True])))
    tenths = calibration(np.array([0.05, 0.95, 0.91]), np.array([False, True, False]))
    assert [(each.customers, each.happened) for each in tenths] == [(1, 0.0), (2, 0.5)]


def test_equal_histories_are_computed_once() -> None:
    days = np.array(["2026-01-01"] * 3, "datetime64[D]")
    history = History(
        customers=None,  # type: ignore[arg-type]
        repeats=np.array([1, 1, 2]), recency=np.array([7, 7, 7]), age=np.array([14, 14, 14]),
        repeat_amount=np.ones(3), held_orders=np.zeros(3, np.int64), held_amount=np.zeros(3), log_intervals=None,
        first_on=days, last_on=days,
    )  # fmt: skip
    found = Patterns.of(history)
    assert found.count.tolist() == [2, 1]
    assert (found.recency[0], found.age[0]) == (1.0, 2.0)
