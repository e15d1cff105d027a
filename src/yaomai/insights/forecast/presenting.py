"""Sales forecasts in words, charts and documents: how wrong they were first, then what is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yaomai.insights.models.forecasts import Forecast
from yaomai.insights.outlook.presenting import both
from yaomai.kit.documents.parts import Column, Document, Fact, Facts, Graph, Paragraph, Table, Value
from yaomai.kit.runs.models import Run
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series

SHOWN_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Verdict:
    """How wrong a forecast was before, beside last year and the last month; `is_better` than both."""

    text: str
    is_better: bool
    rows: Sequence[tuple[str, str]]


def verdict(row: Forecast) -> Verdict:
    """Say how wrong such forecasts were at earlier months."""
    told = (
        (_("This forecast"), row.wrong),
        (_("As in the same month a year before"), row.wrong_year),
        (_("As in the last month"), row.wrong_naive),
    )
    rows = [(label, formats.percent(value, 0) if value is not None else "–") for label, value in told]
    if row.wrong is None:
        return Verdict(_("Too few months to check how wrong a forecast would have been."), False, rows)
    others = [value for value in (row.wrong_year, row.wrong_naive) if value is not None]
    words = {"wrong": formats.percent(row.wrong, 0), "best": formats.percent(min(others), 0) if others else "–"}
    if not others or row.wrong < min(others):
        return Verdict(_("Off by %(wrong)s before; the better simple method by %(best)s.") % words, True, rows)
    return Verdict(
        _("Off by %(wrong)s before: here a simple method was as good or better (%(best)s). Plan with that one.") % words,
        False, rows,
    )  # fmt: skip


def months_of(row: Forecast) -> list[date]:
    """Return the first days of the months that were sold."""
    first = date.fromisoformat(row.months[0]["month"])
    at = first.year * 12 + first.month - 1 - len(row.sold)
    return [date((at + number) // 12, (at + number) % 12 + 1, 1) for number in range(len(row.sold))]


def chart(row: Forecast) -> Chart:
    """Return what was sold and what is expected, with intervals, by month."""
    sold, months = row.sold[-SHOWN_MONTHS:], months_of(row)[-SHOWN_MONTHS:]
    labels = [f"{month:%Y-%m}" for month in months] + [each["month"][:7] for each in row.months]
    gap: list[float | None] = [None] * len(sold)

    def ahead(name: str) -> list[float | None]:
        return [*gap, *(each.get(name) for each in row.months)]

    mean = [*gap, *(each["mean"] for each in row.months)]
    if sold:
        mean[len(sold) - 1] = sold[-1]
    series = [
        Series(_("Sold"), [*sold, *([None] * len(row.months))], tone="accent"),
        Series(_("Expected"), mean, tone="accent", is_dashed=True),
    ]
    for level, tone in ((80, "warn"), (95, "muted")):
        if all(f"low_{level}" in each for each in row.months):
            for name, label in (("low", _("lowest")), ("high", _("highest"))):
                series.append(
                    Series(f"{level}% {label}", ahead(f"{name}_{level}"), tone=tone, is_dashed=True)  # type: ignore[arg-type]
                )
    return Chart("line", finding(row), labels, series, unit="money", heading=_("Month"), height="large")


def finding(row: Forecast) -> str:
    """Return what is expected, in one sentence."""
    words = {"count": len(row.months), "money": formats.short_money(row.ahead)}
    if row.last_year is None or row.last_year <= 0:
        return _("%(money)s expected in %(count)s months") % words
    change = (row.ahead - row.last_year) / row.last_year
    text = (
        _("%(money)s expected in %(count)s months, up %(change)s on the same months a year before")
        if change >= 0
        else _("%(money)s expected in %(count)s months, down %(change)s on the same months a year before")
    )
    return text % (words | {"change": formats.percent(abs(change), 0)})


def span(row: Forecast) -> str:
    """Return the 80 % interval of the next month."""
    first = row.months[0]
    if row.is_rough or "low_80" not in first:
        return ""
    return f"{formats.short_money(first['low_80'])} – {formats.short_money(first['high_80'])}"


def part(row: Forecast, label: str, url: str) -> dict[str, Any]:
    """Return a part of a whole as a table shows it."""
    change = (row.ahead - row.last_year) / row.last_year if row.last_year and row.last_year > 0 else None
    return {
        "label": label,
        "url": url,
        "next_month": row.next_month,
        "span": span(row),
        "ahead": row.ahead,
        "change": _change(change),
        "wrong": formats.percent(row.wrong, 0) if row.wrong is not None else "",
        "is_better": row.wrong is not None and row.wrong_year is not None and row.wrong < row.wrong_year,
        "notes": [both(note) for note in row.notes] if row.is_rough else [],
        "is_rough": row.is_rough,
    }


def _change(change: Decimal | None) -> str:
    if change is None:
        return ""
    if abs(change) < Decimal("0.005"):
        return _("level")
    return f"{'+' if change >= 0 else '−'}{formats.percent(abs(change), 0)}"


def document(row: Forecast, run: Run, *, made_at: datetime, made_by: str) -> Document:
    """Return a forecast with its data as a document."""
    found = verdict(row)
    columns = (Column(_("Month")), *(Column(name, "money") for name in _headings()))
    rows: list[tuple[Value, ...]] = [
        (f"{month:%Y-%m}", Decimal(str(value)), None, None, None, None, None)
        for month, value in zip(months_of(row), row.sold, strict=True)
    ]
    if not row.is_rough:
        names = ("mean", "low_80", "high_80", "low_95", "high_95")
        rows += [(each["month"][:7], None, *(_decimal(each.get(name)) for name in names)) for each in row.months]
    return Document(
        title=_("Sales forecast"),
        subtitle=str(row),
        as_of=run.as_of,
        made_at=made_at,
        made_by=made_by,
        blocks=(
            Paragraph(found.text, "strong"),
            Facts(tuple(Fact(label, value) for label, value in found.rows), columns=3),
            Graph(chart(row)),
            *(Paragraph(both(note), "quiet") for note in row.notes),
            Table(columns, tuple(rows)),
        ),
    )


def _headings() -> list[str]:
    return [
        _("Sold"),
        _("Expected"),
        f"80% {_('lowest')}",
        f"80% {_('highest')}",
        f"95% {_('lowest')}",
        f"95% {_('highest')}",
    ]


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
