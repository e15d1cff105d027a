"""What was planted in ordinary series is found first; ordinary series are left alone; series that say nothing say so."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from yaomai.engine.anomalies.noticing import notice
from yaomai.engine.files import read_table

from .test_customer_base import Run, run

__all__ = ["run"]
MONTHS = 36


def planted(seed: int, *, series: int = 150, odd: int = 45) -> tuple[NDArray[np.float64], set[tuple[int, int]]]:
    """Draw seasonal series of very different size; in some a month surges or drops, or the level moves."""
    chance = np.random.default_rng(seed)
    level, time = chance.lognormal(5, 1.2, series), np.arange(MONTHS)
    swing, phase = chance.uniform(0, 0.4, series)[:, None], chance.integers(0, 12, series)[:, None]
    values = level[:, None] * (1 + swing * np.sin(2 * np.pi * (time + phase) / 12))
    values = (
        values * np.exp(chance.normal(0, 0.15, values.shape)) * (1 + chance.normal(0, 0.004, series)[:, None] * time)
    )
    truth = set()
    for row in chance.choice(series, odd, replace=False):
        month, kind = int(chance.integers(4, MONTHS - 4)), int(chance.integers(3))
        if kind == 2:
            values[row, month:] *= chance.choice([0.4, 2.2])
        else:
            values[row, month] *= chance.uniform(2, 4) if kind else chance.uniform(0, 0.4)
        truth.add((int(row), month))
    return np.round(values), truth


def hits(found: list[tuple[int, int]], truth: set[tuple[int, int]]) -> int:
    return sum(any((row, month + off) in truth for off in (-1, 0, 1)) for row, month in found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_planted_comes_before_what_an_isolation_forest_finds(seed: int) -> None:
    values, truth = planted(seed)
    found = notice(dict(enumerate(values)), season=12, false_alarms=0.001)
    ours = hits([(each.series, each.period) for each in found[: len(truth)]], truth) / len(truth)
    middles = np.median(values, axis=1, keepdims=True)
    before = np.concatenate([values[:, :1], values[:, :-1]], axis=1)
    features = np.stack(
        [values, values / (before + 1), values / (middles + 1), np.broadcast_to(np.arange(MONTHS) % 12, values.shape)],
        axis=-1,
    ).reshape(-1, 4)
    order = np.argsort(IsolationForest(random_state=seed).fit(features).score_samples(features))[: len(truth)]
    theirs = hits([divmod(int(place), MONTHS) for place in order], truth) / len(truth)
    assert ours > theirs
    assert ours > 0.65


def test_ordinary_series_are_left_alone() -> None:
    values, _truth = planted(11, series=300, odd=0)
    found = notice(dict(enumerate(values)), season=12, false_alarms=0.001)
    assert len(found) <= 2 * 0.001 * values.size


def written(rows: list[tuple[str, int, float]]) -> None:
    lines = [f"{name},{2023 + month // 12}-{month % 12 + 1:02}-01,{value}" for name, month, value in rows]
    Path("f.csv").write_text("\n".join(["id,date,value", *lines]), encoding="utf-8")


def told(run: Run, rows: list[tuple[str, int, float]]) -> tuple[dict, list[dict]]:  # type: ignore[type-arg]
    written(rows)
    status, output = run("anomalies f.csv --id id --date date --value value --language zh -o out.csv")
    assert status == 0, output
    return json.loads(output), read_table("out.csv").to_pylist()


ORDINARY = [100, 104, 97, 101, 99, 103, 98, 102, 100, 96, 105, 101]


def test_each_kind_is_named_with_its_reason(run: Run) -> None:
    usual = [float(ORDINARY[month % 12]) for month in range(24)]
    rows = [("甲", month, 400.0 if month == 15 else value) for month, value in enumerate(usual)]
    rows += [("乙", month, -50.0 if month == 9 else value) for month, value in enumerate(usual)]
    rows += [("丙", month, value * (2.5 if month >= 12 else 1)) for month, value in enumerate(usual)]
    rows += [("丁", month, value) for month, value in enumerate(usual)]
    rows += [("戊", month, 90000.0 if month == 20 else value) for month, value in enumerate(usual)]
    summary, found = told(run, rows)
    kinds = {(row["id"], row["kind"]): row for row in found}
    assert set(kinds) == {("甲", "surge"), ("乙", "returns"), ("丙", "level_up"), ("戊", "surge")}
    assert kinds["甲", "surge"]["date"] == "2024-04-01"
    assert kinds["甲", "surge"]["reason"].startswith("400 远高于平常的 100")
    assert kinds["丙", "level_up"]["date"] == "2024-01-01"
    assert found[0]["id"] == "戊"
    assert summary["anomalies"] == {"surge": 2, "returns": 1, "level_up": 1}


def test_what_says_nothing_is_named_and_gives_an_empty_table(run: Run) -> None:
    summary, found = told(
        run, [("短", month, 5.0) for month in range(20, 24)] + [("平", month, 7.0) for month in range(24)]
    )
    assert found == []
    assert [each["code"] for each in summary["warnings"]] == ["short"]
