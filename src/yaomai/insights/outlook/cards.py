"""What customer outlooks and forecasts bring to boards: alerts that wait, and what the next month should bring."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.insights.forecast import presenting, selectors
from yaomai.insights.models import ChurnAlert, Forecast, Level
from yaomai.kit.dashboards import periods
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card
from yaomai.organization.models import Territory

YEAR = 12


def register() -> None:
    """Register the cards."""
    register_card(
        Card(
            key="insights.alerts", label=gettext_lazy("Churn alerts that wait"), right=ChurnAlert.right("view"),
            good_when="down",
            question=gettext_lazy("Customers that fell silent, of which nobody has recorded how it ended. The line shows how many were told in a month."),
            parts_label=gettext_lazy("By alert"), compute=_alerts, order=700,
            next_step=leads_to(gettext_lazy("Find out why"), "insights:churnalert_list", query="state=open"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="insights.forecast", label=gettext_lazy("Sales expected next month"), right=Forecast.right("view"),
            unit="money", against="year", question=gettext_lazy("What the forecast in force expects of the next month, beside the same month a year before."),
            parts_label=gettext_lazy("By product"), compute=_forecast, order=710,
            next_step=leads_to(gettext_lazy("How wrong was it before?"), "insights:forecast"),
        )
    )  # fmt: skip


def _here(rows: Any, asked: Asked, path: str) -> Any:
    """Return the rows of the place that was chosen."""
    if asked.place is None:
        return rows
    place = Territory.unscoped.filter(pk=asked.place).values_list("path", flat=True).first()
    return rows.filter(**{f"{path}__startswith": place}) if place else rows.none()


def _alerts(asked: Asked) -> Reading:
    rows = _here(ChurnAlert.objects.all(), asked, "institution__territory__path")
    waiting = rows.filter(state__in=ChurnAlert.PENDING).order_by().values_list("level").annotate(count=Count("pk"))
    found = dict(waiting)
    parts = [Piece(str(level.label), Decimal(found[level.value])) for level in Level if level.value in found]
    months = periods.months(asked.today)
    since = rows.filter(opened_on__gte=months[0]).order_by().annotate(month=TruncMonth("opened_on"))
    opened: dict[date, int] = dict(since.values_list("month").annotate(count=Count("pk")))
    return Reading(
        Decimal(sum(found.values())),
        months=months,
        series=[Decimal(opened.get(month, 0)) for month in months] if opened else [None] * len(months),
        parts=parts,
        as_of=asked.now,
    )


def _forecast(asked: Asked) -> Reading:
    wholes = selectors.tops(asked.place)
    if not wholes or any(each.is_rough for each in wholes):
        return Reading(None, note=_("No forecast yet"), as_of=asked.now)
    known = all(len(each.sold) >= YEAR for each in wholes)
    before = sum((Decimal(str(each.sold[-YEAR])) for each in wholes), Decimal(0)) if known else None
    products: Any = Forecast.objects.filter(territory__in=[each.territory_id for each in wholes], group="")
    sums = products.exclude(product=None).order_by().values_list("product__name").annotate(money=Sum("next_month"))
    parts = sorted((Piece(name, money) for name, money in sums), key=lambda piece: -(piece.value or 0))
    only = wholes[0] if len(wholes) == 1 else None
    return Reading(
        sum((each.next_month for each in wholes), Decimal(0)),
        before,
        parts=parts,
        reason=presenting.verdict(only).text if only is not None else "",
        note=_("In four of five cases %(span)s.") % {"span": presenting.span(only)} if only is not None else "",
        as_of=asked.now,
    )
