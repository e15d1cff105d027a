"""What looks odd in lines of expenses and of what was given: duplicates, splits, habits, pairs and rings.

    lines = standard_lines(connection.read_parquet("lines.parquet"))
    hits = sweep(connection, lines, Settings(), off_days=[date(2026, 10, 1)])
    findings(hits)          one row for each thing to look at
    line_scores(hits)       how suspect each line is, 0 to 1

A hit says that a line is a part of a finding; nothing here says that somebody did wrong.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from yaomai.engine.claims.settings import Settings

if TYPE_CHECKING:
    from yaomai.engine.claims.detectors import DETECTORS, HITS
    from yaomai.engine.claims.lines import OPTIONAL, REQUIRED, standard_lines
    from yaomai.engine.claims.sweeping import findings, line_scores, sweep

_ROOMS = {
    "DETECTORS": "detectors", "HITS": "detectors", "OPTIONAL": "lines", "REQUIRED": "lines", "standard_lines": "lines",
    "findings": "sweeping", "line_scores": "sweeping", "sweep": "sweeping",
}  # fmt: skip

__all__ = [
    "DETECTORS",
    "HITS",
    "OPTIONAL",
    "REQUIRED",
    "Settings",
    "findings",
    "line_scores",
    "standard_lines",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Load what computes when it is asked for: its libraries take 100 MB, which every process would hold."""
    if name not in _ROOMS:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
