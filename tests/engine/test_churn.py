"""Who is about to be lost: calibration, dates, alerts, reasons."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from yaomai.engine.customer_base.losing import months_before, wilson
from yaomai.engine.files import read_table

from .test_customer_base import COLUMNS, Run, drawn, run, write_log

__all__ = ["run"]


def rows_of(run: Run, options: str = "") -> tuple[dict[str, object], dict[str, dict[str, str]]]:
    status, output = run(f"churn log.csv {COLUMNS} {options} -o out.csv --language en")
    assert status == 0, output
    return json.loads(output), {row["customer"]: row for row in read_table("out.csv").to_pylist()}


def test_those_who_left_are_told_from_those_who_stay(run: Run) -> None:
    rows = drawn(400, 730, seed=3)
    write_log(rows)
    told, found = rows_of(run, "--until 2026-12-20")
    assert len(found) == told["customers"] == len({row[0] for row in rows})
    tenths = told["calibration"]
    within = sum(each["happened_low"] <= each["said"] <= each["happened_high"] for each in tenths)
    assert within >= len(tenths) - 2
    order = [float(row["p_lost"]) for row in read_table("out.csv").to_pylist()]
    assert order == sorted(order, reverse=True)
    for row in found.values():
        assert float(row["p_no_order"]) >= float(row["p_lost"]) - 1e-12
        if row["next_order_to"]:
            assert "2026-12-20" < row["next_order_from"] <= row["next_order_on"] <= row["next_order_to"]


def test_alerts_and_reasons(run: Run) -> None:
    rows = drawn(80)
    until = date(2025, 12, 31)
    for days, name in ((20, "steady"), (70, "quiet"), (100, "silent")):
        last = until - timedelta(days=days)
        rows += [(name, last - timedelta(days=30 * n), 500.0) for n in range(9)]
    rows.append(("once", until - timedelta(days=200), 500.0))
    rows += [("falling", until - timedelta(days=10 + 20 * n), 900.0 if n > 8 else 300.0) for n in range(20)]
    write_log(rows)
    Path("core.csv").write_text("customer\nquiet\nsteady\n", encoding="utf-8")
    visits = [f"quiet,{until - timedelta(days=days)}" for days in (100, 110, 150, 5)]
    Path("visits.csv").write_text("\n".join(["customer,date", *visits]), encoding="utf-8")
    told, found = rows_of(run, f"--until {until} --core core.csv --contacts visits.csv")
    assert [found[name]["alert"] for name in ("steady", "quiet", "silent")] == [None, "core", "general"]
    assert "no order for 100 days, usually one every 30" in found["silent"]["reasons"]
    assert "1 contacts in the last three months, 3 in the three before" in found["quiet"]["reasons"]
    assert "ordered once only, 200 days ago" in found["once"]["reasons"]
    assert "67% below" in found["falling"]["reasons"]
    assert told["alerts"]["core"] == 1
    _, without = rows_of(run, f"--until {until}")
    assert without["quiet"]["alert"] is None
    _, later = rows_of(run, f"--until {until} --core core.csv --alert-months 1 --core-alert-months 6")
    assert later["quiet"]["alert"] == "core"


def test_a_log_too_short_to_be_checked_says_so(run: Run) -> None:
    write_log(drawn(150, 120))
    told, _ = rows_of(run)
    assert told["calibration"] == []
    assert "no_holdout" in {each["code"] for each in told["warnings"]}


def test_one_day_only(run: Run) -> None:
    write_log([(f"C{n}", date(2026, 1, 5), 10.0) for n in range(50)])
    status, output = run(f"churn log.csv {COLUMNS} -o out.csv")
    assert status == 1
    assert "所有订货都在同一天" in output


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 2, "2025-11-15"), ("2026-12-31", 12, "2025-12-31")],
)
def test_months_before(day: str, months: int, expected: str) -> None:
    assert str(months_before(date.fromisoformat(day), months)) == expected


def test_wilson_by_the_published_example() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
