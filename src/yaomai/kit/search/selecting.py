"""Choosing rows by what a person typed, fast at millions of rows."""

from typing import Final, TypeVar

from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.db.models.functions import Length

from .query import read_query

Row = TypeVar("Row", bound=Model)

MOST_RANKED: Final = 350
_MOST_EXACT, _MOST_BEGINNING, _MOST_ANYWHERE = 50, 100, 200


def matching(
    queryset: QuerySet[Row], text: str, *, ranked: bool = True, name: str = "name", field: str = "search"
) -> QuerySet[Row]:
    """Keep the rows that match all parts of `text`; a text without a letter, digit or character matches none.

    Ranked, the answer is ordered (the exact name, names that begin so, other names and readings that begin so, names
    that contain it, the rest; short names first) and holds at most 350 rows, chosen through the index without sorting
    all matches.
    Not ranked, it holds every match in the order of the queryset, for lists in an order of their own, exports and
    counts.
    """
    query = read_query(text)
    if not query.anywhere:
        return queryset.none()
    found, begins = _search(field, query.anywhere), _search(field, query.beginning)
    if query.recheck:
        found, begins = found & _recheck(field, query.recheck), begins & _recheck(field, query.recheck)
    if not ranked:
        return queryset.filter(found)
    typed = text.strip()
    plain = queryset.order_by().values("pk")
    chosen = plain.filter(**{name: typed})[:_MOST_EXACT].union(
        plain.filter(begins)[:_MOST_BEGINNING], plain.filter(found)[:_MOST_ANYWHERE], all=True
    )
    rank = Case(
        When(**{f"{name}__iexact": typed}, then=Value(0)),
        When(**{f"{name}__istartswith": typed}, then=Value(1)),
        When(begins, then=Value(2)),
        When(**{f"{name}__icontains": typed}, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return queryset.filter(pk__in=chosen).order_by(rank, Length(name), name, "pk")


def _search(field: str, query: str) -> Q:
    return Q(**{f"{field}__lexemes": query})


def _recheck(field: str, query: str) -> Q:
    return Q(**{f"{field}__lexemes_rechecked": query})
