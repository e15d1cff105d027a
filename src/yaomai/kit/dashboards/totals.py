"""Totals of sources by month and place: kept by a job, read by cards. A place's totals hold those of all below it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from yaomai.kit.dashboards import company, periods
from yaomai.kit.dashboards.models import Refresh, Total
from yaomai.kit.dashboards.registry import Source, Sum, sources

FRESH_MONTHS = 4
"""Months that the frequent refresh makes anew; the nightly one makes all."""

# Every place of the source goes to itself and to all above it.
_FILL = """
INSERT INTO dashboards_total (source, month, place, part, amount, count)
SELECT %(source)s, facts.month, ups.above, facts.part, sum(facts.amount), sum(facts.count)
FROM ({sql}) AS facts (month, place, part, amount, count)
JOIN unnest(%(places)s::bigint[], %(above)s::bigint[]) AS ups (place, above) ON ups.place = coalesce(facts.place, 0)
GROUP BY facts.month, ups.above, facts.part
"""
_SUMS = """
SELECT source, month, part, sum(amount), sum(count) FROM dashboards_total
WHERE source = ANY(%(sources)s) AND place = ANY(%(places)s) AND month >= %(since)s GROUP BY source, month, part
"""
_BY_PLACE = """
SELECT source, place, part,
  sum(amount) FILTER (WHERE month BETWEEN %(now0)s AND %(now1)s), sum(count) FILTER (WHERE month BETWEEN %(now0)s AND %(now1)s),
  sum(amount) FILTER (WHERE month BETWEEN %(then0)s AND %(then1)s), sum(count) FILTER (WHERE month BETWEEN %(then0)s AND %(then1)s),
  sum(amount) FILTER (WHERE month BETWEEN %(year0)s AND %(year1)s), sum(count) FILTER (WHERE month BETWEEN %(year0)s AND %(year1)s),
  sum(amount) FILTER (WHERE month = %(level)s), sum(count) FILTER (WHERE month = %(level)s),
  sum(amount) FILTER (WHERE month = %(was)s), sum(count) FILTER (WHERE month = %(was)s)
FROM dashboards_total
WHERE source = ANY(%(sources)s) AND place = ANY(%(places)s) AND month >= %(since)s GROUP BY source, place, part
"""


def refresh(source: Source, *, now: datetime, whole: bool = True) -> None:
    """Make the totals of a source anew: of all months that are kept, or of the latest ones.

    All are made where none were, or where places have moved since. In one transaction: a reader sees the old ones or
    the new ones.
    """
    today = timezone.localdate(now)
    tree = company.tree()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('dashboards.totals'), hashtext(%s))", [source.name])
        state = Refresh.objects.filter(source=source.name).first()
        has_moved = state is not None and state.tree != tree.mark
        months = periods.months(today)
        if not source.has_history:
            kept = months[-1]
            if has_moved:
                # What was found earlier cannot be told anew for other places: the whole company's stays.
                Total.objects.filter(source=source.name).exclude(place=company.WHOLE).delete()
        else:
            kept = months[0] if whole or state is None or has_moved else months[-FRESH_MONTHS]
        Total.objects.filter(source=source.name, month__gte=kept).delete()
        Total.objects.filter(source=source.name, month__lt=months[0]).delete()
        sql, params = source.sql(today) if callable(source.sql) else (source.sql, {})
        pairs = [(pk, above) for pk in tree.places for above in tree.above(pk)] + [(company.WHOLE, company.WHOLE)]
        cursor.execute(
            _FILL.format(sql=sql),
            {
                **params, "source": source.name, "start": kept, "end": periods.first_of(today, -1), "today": today,
                "places": [pair[0] for pair in pairs], "above": [pair[1] for pair in pairs],
            },
        )  # fmt: skip
        Refresh.objects.update_or_create(source=source.name, defaults={"at": now, "tree": tree.mark})


def refresh_all(*, now: datetime, whole: bool = True) -> None:
    """Make the totals of every source anew."""
    for source in sources().values():
        refresh(source, now=now, whole=whole)


Figures = tuple[Decimal, int]
"""(amount, count)"""


@dataclass(frozen=True, slots=True)
class Found:
    """Totals of some places together: by source, month and part."""

    sums: dict[str, dict[date, dict[str, Figures]]]


@dataclass(frozen=True, slots=True)
class Spans:
    """The figures of a place and part: in the period, before it, in the year before; as a level now and before."""

    now: Figures
    before: Figures
    year_ago: Figures
    level: Figures
    level_before: Figures


def made_at(names: Iterable[str]) -> dict[str, datetime]:
    """Return when the totals of sources were made, for today's places only."""
    mark = company.tree().mark
    rows = Refresh.objects.filter(source__in=list(names), tree=mark)
    return dict(rows.values_list("source", "at"))


def known_months(names: Iterable[str]) -> dict[str, frozenset[date]]:
    """Return the months in which sources counted anything anywhere: elsewhere nothing means nothing, not unknown."""
    rows = Total.objects.filter(source__in=list(names), place=company.WHOLE).order_by()
    found: dict[str, set[date]] = {}
    for source, month in rows.values_list("source", "month").distinct():
        found.setdefault(source, set()).add(month)
    return {source: frozenset(months) for source, months in found.items()}


def sums(names: Sequence[str], places: Sequence[int], *, since: date) -> Found:
    """Return the totals of sources for places together. One query."""
    found: dict[str, dict[date, dict[str, Figures]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"sources": list(names), "places": list(places), "since": since})
        for source, month, part, amount, count in cursor.fetchall():
            found.setdefault(source, {}).setdefault(month, {})[part] = (amount, int(count))
    return Found(found)


_MONTHLY = """
SELECT place, month, sum(amount), sum(count) FROM dashboards_total
WHERE source = %(source)s AND place = ANY(%(places)s) AND month >= %(since)s
  AND (%(every)s OR part = ANY(%(parts)s)) GROUP BY place, month
"""


def monthly(part: Sum, places: Sequence[int], *, since: date) -> dict[int, dict[date, Decimal]]:
    """Return what is added up of a source by place and month; nothing while it was made for other places. Two queries."""
    if part.source not in made_at([part.source]):
        return {}
    found: dict[int, dict[date, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _MONTHLY,
            {
                "source": part.source, "places": list(places), "since": since, "every": not part.parts,
                "parts": list(part.parts),
            },
        )  # fmt: skip
        for place, month, amount, count in cursor.fetchall():
            found.setdefault(place, {})[month] = amount if part.column == "amount" else Decimal(count)
    return found


def by_place(
    names: Sequence[str], places: Sequence[int], *, window: periods.Window, today: date
) -> dict[str, dict[int, dict[str, Spans]]]:
    """Return the totals of sources for each place, by source, place and part. One query."""
    never = (date(1, 1, 1), date(1, 1, 1))
    then, year = window.before or never, window.year_ago or never
    found: dict[str, dict[int, dict[str, Spans]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_PLACE,
            {
                "sources": list(names), "places": list(places), "since": periods.months(today)[0],
                "now0": window.now[0], "now1": window.now[1], "then0": then[0], "then1": then[1],
                "year0": year[0], "year1": year[1], "level": periods.first_of(today),
                "was": window.level_before or never[0],
            },
        )  # fmt: skip
        for source, place, part, *figures in cursor.fetchall():
            pairs = [(figures[at] or Decimal(0), int(figures[at + 1] or 0)) for at in range(0, 10, 2)]
            found.setdefault(source, {}).setdefault(place, {})[part] = Spans(*pairs)
    return found
