"""`yaomai engine anomalies`: what breaks with the past of its series, the oddest first, each with its reason."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from yaomai.engine.anomalies.noticing import Anomaly, notice
from yaomai.engine.console import Language
from yaomai.engine.customer_base.command import Reading, print_summary
from yaomai.engine.files import require_writable, write_table
from yaomai.engine.forecasting.series import SEASONS, Series, read_series, step

_REASONS: Final[dict[str, tuple[str, str]]] = {
    "surge": (
        "{value} 远高于平常的 {expected}（平常在 {low} 至 {high}）",
        "{value}, far above the usual {expected} ({low} to {high})",
    ),
    "drop": (
        "{value} 远低于平常的 {expected}（平常在 {low} 至 {high}）",
        "{value}, far below the usual {expected} ({low} to {high})",
    ),
    "returns": (
        "净退货 {value}，平常为 {expected}（平常在 {low} 至 {high}）",
        "more returned than sold: {value}, usually {expected} ({low} to {high})",
    ),
    "level_up": (
        "自此起水平从 {expected} 升到 {value}，不是一时的波动",
        "from here on the level is {value} instead of {expected}",
    ),
    "level_down": (
        "自此起水平从 {expected} 降到 {value}，不是一时的波动",
        "from here on the level is {value} instead of {expected}",
    ),
}


def anomalies_file(
    *,
    file: Path,
    output: Path,
    identity: str,
    day: str,
    value: str,
    season: int | None,
    false_alarms: float,
    language: Language,
    reading: Reading,
) -> None:
    """Notice what is odd in the series of a file."""
    require_writable(output, inputs=(file,))
    series = read_series(
        file, identity=identity, day=day, value=value, season=season, language=language, sheet=reading.sheet, order=reading.options["order"],
        keeps_spikes=True,
    )  # fmt: skip
    found = notice(series.values, season=season or SEASONS[series.period], false_alarms=false_alarms)
    write_table(_table(found, series, language), output)
    print_summary(
        {
            "series": len(series.values),
            "periods": sum(len(values) for values in series.values.values()),
            "period": series.period,
            "anomalies": dict(Counter(_kind(each) for each in found)),
            "false_alarms_expected": round(false_alarms * sum(len(values) for values in series.values.values()), 1),
            "warnings": series.warnings,
        }
    )


def _kind(found: Anomaly) -> str:
    return "returns" if found.kind == "drop" and found.value < 0 else found.kind


def _table(found: list[Anomaly], series: Series, language: str) -> pa.Table:
    """Shape: id, date, kind, value, expected, low, high, score, reason; the oddest first."""
    columns: dict[str, list[Any]] = {
        "id": [each.series for each in found],
        "date": [step(series.last, series.period, each.period + 1 - len(series.values[each.series])) for each in found],
        "kind": [_kind(each) for each in found],
    }
    for name in ("value", "expected", "low", "high", "score"):
        columns[name] = [getattr(each, name) for each in found]
    columns["reason"] = [reason(each, language) for each in found]
    empty = {"id": pa.string(), "date": pa.date32(), "kind": pa.string(), "reason": pa.string()}
    return pa.table(
        {name: pa.array(cells, None if found else empty.get(name, pa.float64())) for name, cells in columns.items()}
    )


def reason(found: Anomaly, language: str) -> str:
    """Say in one sentence why a period is odd."""
    chinese, english = _REASONS[_kind(found)]
    numbers = {name: f"{getattr(found, name):,.4g}" for name in ("value", "expected", "low", "high")}
    return (chinese if language.startswith("zh") else english).format(**numbers)
