"""Whether a change helped: truth planted in panels, units chosen because they grew, and files from which nothing follows."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yaomai.engine.effects.estimating import estimate
from yaomai.engine.files import read_table

from .test_customer_base import Run, run

__all__ = ["run"]
OPTIONS = "--unit unit --date date --value value --treated treated"
Panel = tuple[NDArray[np.float64], NDArray[np.bool_]]


def panel(seed: int, *, effect: float = 0.0, is_grown: bool = False, units: int = 200, periods: int = 24) -> Panel:
    """Draw units of different size, season and own trend whose noise lasts; 40 are treated halfway, the larger rather."""
    chance = np.random.default_rng(seed)
    level, time = chance.lognormal(4, 0.6, units), np.arange(periods)
    growth = chance.normal(0, 0.01, units)
    noise = chance.normal(0, 1, (units, periods))
    for period in range(1, periods):
        noise[:, period] = 0.5 * noise[:, period - 1] + np.sqrt(0.75) * noise[:, period]
    season = 1 + 0.2 * np.sin(2 * np.pi * time / 12)
    values = level[:, None] * (season + growth[:, None] * time + 0.25 * noise)
    if is_grown:
        chosen = np.argsort(-(growth + chance.normal(0, 0.003, units)))[: units // 5]
    else:
        chosen = chance.choice(units, units // 5, replace=False, p=level / level.sum())
    treated = np.zeros(units, dtype=bool)
    treated[chosen] = True
    values[treated, periods // 2 :] += effect
    return values, treated


@pytest.mark.parametrize("truth", [0.0, 10.0])
def test_the_interval_covers_the_truth(truth: float) -> None:
    covered, verdicts = 0, Counter[str]()
    for seed in range(200):
        values, treated = panel(seed, effect=truth)
        found = estimate(values, treated=treated, since=12)
        assert found.difference is not None
        covered += found.difference.low <= truth <= found.difference.high
        verdicts[found.verdict] += 1
    assert 0.93 <= covered / 200 <= 0.97 or covered / 200 >= 0.93
    if truth:
        assert verdicts["helps"] >= 140
        assert verdicts["harms"] == 0
    else:
        assert verdicts["helps"] + verdicts["harms"] <= 12  # no effect is reported in at least 94 of 100


def test_units_that_were_chosen_because_they_grew_are_no_proof() -> None:
    verdicts = Counter(
        estimate(*(values,), treated=treated, since=12).verdict
        for values, treated in (panel(seed, is_grown=True) for seed in range(100))
    )
    assert verdicts["incomparable"] >= 90


def test_nothing_is_claimed_of_a_few_units_and_what_is_needed_is_said() -> None:
    values, treated = panel(1, effect=3.0, units=30)
    assert estimate(values, treated=treated & (np.cumsum(treated) <= 3), since=12).verdict == "few"
    assert estimate(values[:, :6], treated=treated, since=2).verdict == "few"
    unclear = [estimate(*(v,), treated=t, since=12) for v, t in (panel(s, effect=3.0, units=30) for s in range(20))]
    some = [each for each in unclear if each.verdict == "unclear"]
    assert some
    assert all(each.needed > 0 for each in some)


def written(values: NDArray[np.float64], treated: NDArray[np.bool_], first: int = 2024) -> None:
    lines = ["unit,date,value,treated"]
    for unit, row in enumerate(values):
        for period, value in enumerate(row):
            day = f"{first + period // 12}-{period % 12 + 1:02}-01"
            lines.append(f"H{unit},{day},{value:.2f},{'是' if treated[unit] else '否'}")
    Path("panel.csv").write_text("\n".join([*lines, "合计,,1,"]), encoding="utf-8")


def test_a_file_becomes_one_sentence_and_means_by_period(run: Run) -> None:
    values, treated = panel(3, effect=15.0)
    written(values, treated)
    status, output = run(f"effect panel.csv {OPTIONS} --since 2025-01-01 --language zh -o out.csv")
    assert status == 0, output
    told = json.loads(output)
    assert told["verdict"] == "helps"
    assert told["sentence"].startswith("有效：每个单位每期多 ")
    assert told["effect"]["low_95"] < 15 < told["effect"]["high_95"]
    assert told["periods"] == {"before": 12, "after": 12, "left_out": 0}
    rows = read_table("out.csv").to_pylist()
    assert len(rows) == 24
    assert rows[0]["date"] == "2024-01-01"
    status, output = run(f"effect panel.csv {OPTIONS} --since 2025-01-15 --language en -o out.csv")
    assert json.loads(output)["periods"] == {"before": 12, "after": 11, "left_out": 1}


@pytest.mark.parametrize(
    ("change", "since", "words"),
    [
        ("", "2030-01-01", "is not within the days of the file"),
        ("", "soon", "is not a date"),
        ("H1,2024-01-01,1,maybe", "2025-01-01", "cannot read “maybe”"),
        ("H1,2024-02-01,1,yes\nH1,2024-03-01,1,no", "2025-01-01", "marked as treated and as not treated"),
        ("H1,2024-02-01,,yes", "2025-01-01", "there is no value"),
    ],
)
def test_what_cannot_be_compared_is_said(run: Run, change: str, since: str, words: str) -> None:
    rows = ["unit,date,value,treated", "A,2024-01-01,1,yes", "A,2025-06-01,2,yes", "B,2024-01-01,1,no"]
    Path("panel.csv").write_text("\n".join([*rows, change]), encoding="utf-8")
    status, output = run(f"effect panel.csv {OPTIONS} --since {since} --language en -o out.csv")
    assert status == 1
    assert words in " ".join(output.split())
    assert not Path("out.csv").exists()
