"""Versions of a plan beside each other, its weeks, and what found no place."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from yaomai.kit.ui.charts import Chart, Series
from yaomai.planning.models import Plan, PlanLine, ServiceDuty

MOST: Final = 60
MOST_UNPLACED: Final = 15


@dataclass(frozen=True, slots=True)
class Change:
    """A duty that has another day in the newer version; None is no day."""

    name: str
    activity: str
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version changes against another, in figures and by visit."""

    added: int
    dropped: int
    moved: int
    same: int
    rows: list[Change]


def changes(before: Plan, after: Plan) -> Changes:
    """Compare two versions by the duties that both periods hold; the first changes by day."""
    old, new = _lines(before), _lines(after)
    since, until = max(before.begins_on, after.begins_on), min(before.ends_on, after.ends_on)
    found: list[Change] = []
    same = 0
    for duty in old.keys() | new.keys():
        was, becomes = old.get(duty), new.get(duty)
        line = becomes or was
        assert line is not None
        days = (was.day if was is not None else None, becomes.day if becomes is not None else None)
        if not any(day is not None and since <= day < until for day in days):
            continue
        if days[0] == days[1]:
            same += 1
            continue
        found.append(Change(str(line.professional or line.institution), line.get_activity_display(), *days))
    found.sort(key=lambda each: (each.after or each.before or date.max, each.name))
    return Changes(
        sum(each.before is None for each in found), sum(each.after is None for each in found),
        sum(each.before is not None and each.after is not None for each in found), same, found[:MOST],
    )  # fmt: skip


def _lines(plan: Plan) -> Mapping[int, PlanLine]:
    rows = plan.lines.filter(duty__isnull=False).select_related("institution", "professional")
    return {line.duty_id: line for line in rows if line.duty_id is not None}


def weeks(plan: Plan) -> Chart | None:
    """Return visits by week as a chart; None without any."""
    counts = Counter(day - timedelta(days=day.weekday()) for day in plan.lines.values_list("day", flat=True))
    if not counts:
        return None
    labels = sorted(counts)
    values = [float(counts[label]) for label in labels]
    return Chart(
        kind="bar",
        finding=_("%(low)s to %(high)s visits a week") % {"low": int(min(values)), "high": int(max(values))},
        labels=[f"{label.month}/{label.day}" for label in labels],
        series=[Series(_("Visits"), values)],
        height="small",
    )


def unplaced(plan: Plan) -> list[ServiceDuty]:
    """Return the duties that found no place, the first to end first."""
    rows = ServiceDuty.objects.filter(pk__in=plan.unplaced[:500]).select_related("institution", "professional")
    return list(rows.order_by("window_to", "pk")[:MOST_UNPLACED])
