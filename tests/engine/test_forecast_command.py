"""`yaomai engine forecast`: files in, rows and errors out; a series that allows no forecast is named with the reason."""

import json
from datetime import date
from pathlib import Path

import pytest

from yaomai.engine.files import read_table
from yaomai.engine.forecasting.series import step

from .test_customer_base import Run, run

__all__ = ["run"]
OPTIONS = "--id id --date date --value value --horizon 3 --language en"


def month(number: int, start: int = 2022) -> str:
    return f"{start + number // 12}-{number % 12 + 1:02}-01"


def written(rows: list[tuple[str, str, float]]) -> None:
    Path("f.csv").write_text("id,date,value\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows), encoding="utf-8")


PLAIN = [("plain", month(n), 100.0 + 10 * (n % 12)) for n in range(48)]


def told(run: Run, rows: list[tuple[str, str, float]], options: str = "") -> tuple[dict, list[dict], dict[str, str]]:  # type: ignore[type-arg]
    written(rows)
    status, output = run(f"forecast f.csv {OPTIONS} {options} -o out.csv")
    assert status == 0, output
    summary = json.loads(output)
    return summary, read_table("out.csv").to_pylist(), {each["code"]: each["text"] for each in summary["warnings"]}


def test_rows_and_errors(run: Run) -> None:
    summary, rows, warnings = told(run, PLAIN)
    assert [row["date"] for row in rows] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert [float(row["mean"]) for row in rows] == pytest.approx([100, 110, 120], rel=0.03)
    for row in rows:
        bounds = [float(row[name]) for name in ("low_95", "low_80", "mean", "high_80", "high_95")]
        assert bounds == sorted(bounds)
    assert (summary["period"], summary["season"], warnings) == ("month", 12, {})
    assert set(summary["mase"]) == {"combined", "exponential", "theta", "last_season"}


def test_rows_of_one_period_are_added_up(run: Run) -> None:
    halves = [(name, day, value / 2) for name, day, value in PLAIN for _ in range(2)]
    assert told(run, halves)[1] == told(run, PLAIN)[1]


@pytest.mark.parametrize(
    ("rows", "code", "is_forecast"),
    [
        ([("x", month(n), 1.0) for n in range(44, 48)], "short", False),
        ([("x", month(n), 0.0) for n in range(48)], "zeros", False),
        ([("x", month(n), 5.0) for n in range(30)], "ended", False),
        ([("x", month(n), 5.0) for n in range(48) if n % 7], "gaps", True),
        ([("x", month(n), 5000.0 if n == 30 else 5.0) for n in range(48)], "spike", True),
        ([("x", month(n), -5.0 if n == 30 else 5.0) for n in range(48)], "negative", True),
        ([("x", month(n), 5.0) for n in range(30, 48)], "one_season", True),
    ],
    ids=["short", "zeros", "renamed", "gaps", "spike", "negative", "one season"],
)
def test_what_is_said_of_a_series(run: Run, rows: list[tuple[str, str, float]], code: str, is_forecast: bool) -> None:
    _, found, warnings = told(run, PLAIN + rows)
    assert list(warnings) == [code]
    assert warnings[code].startswith("x: ")
    assert {row["id"] for row in found} == ({"plain", "x"} if is_forecast else {"plain"})
    if code == "spike":
        assert all(float(row["high_95"]) < 50 for row in found if row["id"] == "x")


def test_nothing_to_forecast_is_an_error(run: Run) -> None:
    written([("x", month(n), 0.0) for n in range(48)])
    status, output = run(f"forecast f.csv {OPTIONS} -o out.csv")
    assert status == 1
    assert "nothing but zeros" in output
    assert not Path("out.csv").exists()


def test_the_last_day_of_a_month_stays_one() -> None:
    assert step(date(2026, 2, 28), "month", 1) == date(2026, 3, 31)
    assert step(date(2026, 1, 30), "month", 1) == date(2026, 2, 28)
    assert step(date(2026, 1, 30), "week", 2) == date(2026, 2, 13)
