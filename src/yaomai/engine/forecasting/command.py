"""`yaomai engine forecast`: mean and intervals of every series in a file; the errors at earlier origins as JSON."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from yaomai.engine.console import Language
from yaomai.engine.customer_base.command import Reading, print_summary
from yaomai.engine.files import require_writable, write_table
from yaomai.engine.forecasting.combining import COMBINED, LEVELS, METHODS, MOST_ORIGINS, Forecast, forecast
from yaomai.engine.forecasting.series import SEASONS, Series, read_series


def forecast_file(
    *,
    file: Path,
    output: Path,
    identity: str,
    day: str,
    value: str,
    horizon: int,
    season: int | None,
    language: Language,
    reading: Reading,
) -> None:
    """Forecast the series of a file."""
    require_writable(output, inputs=(file,))
    series = read_series(
        file, identity=identity, day=day, value=value, season=season, language=language,
        sheet=reading.sheet, order=reading.options["order"],
    )  # fmt: skip
    season = season or SEASONS[series.period]
    table, summary = forecast_all(series, horizon=horizon, season=season)
    write_table(table, output)
    print_summary(summary)


def forecast_all(series: Series, *, horizon: int, season: int) -> tuple[pa.Table, dict[str, Any]]:
    """Forecast series of any lengths, those of one length together.

    Shape of the table: id, date, mean, low_80, high_80, low_95, high_95, in the order of the file.
    """
    by_length = defaultdict[int, list[Any]](list)
    for key, values in series.values.items():
        by_length[len(values)].append(key)
    told: dict[Any, tuple[Forecast, int]] = {}
    parts = []
    for keys in by_length.values():
        part = forecast(np.stack([series.values[key] for key in keys]), horizon=horizon, season=season)
        parts.append((part, len(keys)))
        told |= {key: (part, number) for number, key in enumerate(keys)}
    columns: dict[str, list[Any]] = defaultdict(list)
    ahead = series.ahead(horizon)
    for key in series.values:
        found, row = told[key]
        columns["id"] += [key] * horizon
        columns["date"] += ahead
        columns["mean"] += found.mean[row].tolist()
        for level in LEVELS:
            low, high = found.bounds[level]
            columns[f"low_{level}"] += [None if not np.isfinite(each) else float(each) for each in low[row]]
            columns[f"high_{level}"] += [None if not np.isfinite(each) else float(each) for each in high[row]]
    whole = sum(count for _, count in parts)
    summary = {
        "series": whole,
        "period": series.period,
        "season": season,
        "horizon": horizon,
        "last": str(series.last),
        "origins_at_most": MOST_ORIGINS,
        "mase": {name: _mean([(part.mase(name), count) for part, count in parts]) for name in (COMBINED, *METHODS)},
        "coverage": {str(level): _mean([(part.coverage[level], count) for part, count in parts]) for level in LEVELS},
        "warnings": series.warnings,
    }
    return pa.table(dict(columns)), summary


def _mean(parts: list[tuple[float, int]]) -> float | None:
    known = [(value, count) for value, count in parts if np.isfinite(value)]
    return sum(value * count for value, count in known) / sum(count for _, count in known) if known else None
