"""Choosing rows by what a person typed, fast at millions of rows."""

from typing import Any, Final, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, F, IntegerField, Model, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.functions import Length

from yaomai.kit.seek import first_of, sampled, statement, statistics_of

from .query import Condition, SearchText, read_query

Row = TypeVar("Row", bound=Model)

MOST_RANKED: Final = 550
_MOST_EXACT, _MOST_BEGINNING, _MOST_ANYWHERE, _ENOUGH = 50, 100, 200, 100
_COMMON: Final = 0.02
"""From this share of the rows on, ten thousand of them hold more than are ranked."""


def matching(
    queryset: QuerySet[Row], text: str, *, ranked: bool = True, name: str = "name", field: str = "search"
) -> QuerySet[Row]:
    """Keep the rows that match all parts of `text`; a text without a letter, digit or character matches none.

    Ranked, the answer is ordered (the exact name, names that begin so, other names and readings that begin so, names
    that contain it, the rest; short names first) and holds at most 550 rows, chosen without sorting all matches; where a
    hundred begin so, there are no others.
    Not ranked, it holds every match in the order of the queryset, for lists in an order of their own, exports and
    counts.
    """
    column = queryset.model._meta.get_field(field).column  # type: ignore[union-attr]
    query = read_query(text, statistics_of(queryset).column(column).elements)
    if not query.anywhere.index:
        return queryset.none()
    if not ranked:
        return queryset.filter(_meets(field, query.anywhere))
    typed = text.strip()
    try:
        keys = _best(queryset, query, typed, name, field)
    except EmptyResultSet:
        return queryset.none()
    rank = Case(
        When(**{f"{name}__iexact": typed}, then=Value(0)),
        When(**{f"{name}__istartswith": typed}, then=Value(1)),
        When(_meets(field, query.beginning), then=Value(2)),
        When(**{f"{name}__icontains": typed}, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return queryset.filter(pk__in=keys).order_by(rank, Length(name), name, "pk")


def _best(queryset: QuerySet[Any], query: SearchText, typed: str, name: str, field: str) -> RawSQL:
    """Return the keys of rows that are worth ranking; what is everywhere is looked for among some of the rows first."""
    plain = queryset.order_by().values("pk")
    found = plain.filter(_meets(field, query.anywhere))
    beginning = plain.filter(**{name: typed})[:_MOST_EXACT].union(
        plain.filter(_meets(field, query.beginning))[:_MOST_BEGINNING], all=True
    )
    by_name = (OrderBy(F(name)), OrderBy(F("pk")))
    common = [sampled(found, by_name, most=_MOST_ANYWHERE)] if query.share >= _COMMON else []
    anywhere = statement(found, any_of=_MOST_ANYWHERE)
    return first_of([*(statement(way) for way in (beginning, *common)), anywhere], _ENOUGH)


def _meets(field: str, condition: Condition) -> Q:
    found = Q(**{f"{field}__lexemes": condition.index})
    return found & Q(**{f"{field}__lexemes_rechecked": condition.recheck}) if condition.recheck else found
