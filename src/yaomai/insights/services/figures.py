"""Market figures: entered, corrected, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Division
from yaomai.insights.models import MarketFigure
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid

FIELDS = ("division", "kind", "indication", "class_name", "year", "value", "source")
LEVELS = (Division.Level.PROVINCE, Division.Level.CITY)


def _check(row: MarketFigure, now: datetime) -> None:
    if row.division.level not in LEVELS:
        raise Invalid(fields={"division": [_("Choose a province or a city: smaller places have too few cases.")]})
    if row.year > local_day(now).year:
        raise Invalid(fields={"year": [_("The year lies in the future.")]})


@act(
    "insights.marketfigure:create",
    sentence=_("%(actor)s recorded the market figure %(target)s: %(value)s (%(source)s)"),
)
def market_figure_create(
    *, actor: Actor, trail: Trail, now: datetime, division: Division, **fields: Any
) -> MarketFigure:
    """Record a published figure.

    Raises:
        Missing: there is no such region.
        Invalid: a future year, a place below a city, both a disease and a class or neither, or there is one already.
    """
    row = MarketFigure(created_at=now, updated_at=now)
    changes = change(row, {"division": get_visible(Division, pk=division.pk), **fields}, allowed=FIELDS)
    _check(row, now)
    save(row)
    trail.note(row, changes=changes, value=str(row.value), source=row.source)
    return row


@act(
    "insights.marketfigure:update",
    right="insights.marketfigure:edit",
    sentence=_("%(actor)s corrected the market figure %(target)s"),
)
def market_figure_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> MarketFigure:
    """Correct a figure.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    row = locked(MarketFigure, pk, expected_version=expected_version)
    require_open(row)
    differing = change(row, changes, allowed=FIELDS)
    _check(row, now)
    touch(row, now)
    save(row, fields=differing)
    trail.note(row, changes=differing)
    return row


@act("insights.marketfigure:archive", sentence=_("%(actor)s withdrew the market figure %(target)s"))
def market_figure_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> MarketFigure:
    """Withdraw a figure: it takes no part in any computation from now on."""
    row = locked(MarketFigure, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    trail.note(row, changes={"archived_at": (None, now)})
    return row
