"""Reads of sales forecasts beside their list: which territories are in view, and which of them stand at the top."""

from typing import Any

from yaomai.insights.models import Forecast


def known() -> list[Forecast]:
    """Return the whole of each territory in view, in the order of the tree."""
    rows: Any = Forecast.objects.filter(product=None, group="").select_related("territory", "product", "run")
    return list(rows.order_by("territory__path"))


def tops(place: int | None = None) -> list[Forecast]:
    """Return the wholes of the highest territories in view, the largest first; with `place` that of this one only."""
    found: list[Forecast] = []
    for row in known():
        path = row.territory.path if row.territory else ""
        if place is not None:
            found += [row] if row.territory_id == place else []
        elif not any(each.territory and path.startswith(each.territory.path) for each in found):
            found.append(row)
    return sorted(found, key=lambda each: (each.territory is None, -each.ahead))
