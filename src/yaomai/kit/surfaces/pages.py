"""Pages of a list by key: constant cost at any depth, and no count over the whole table (see `kit.seek`).

The order ends in the primary key, so a row's key values name its place. A page is the rows after (or before)
a cursor, which is the key of the last (first) row shown. Null keys sort last in both directions.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Invalid
from yaomai.kit.seek import Estimate, estimated, first_keys
from yaomai.kit.surfaces.columns import field_at

Ordering = list[tuple[str, bool]]
"""(field path, descending)"""


NOTHING = Estimate(0, 0.0)


@dataclass(frozen=True, slots=True)
class Page:
    """One page and the cursors to its neighbours, "" where there is none.

    `whole` is what the planner says of all pages; `total` how many rows these have, where the page had to find all.
    """

    rows: list[Any]
    next_cursor: str = ""
    previous_cursor: str = ""
    whole: Estimate = NOTHING
    total: int | None = None


class BadCursor(Invalid):
    code = "bad_cursor"
    message = _("This page address is not complete. Go back to the first page.")


def ordering(model: type[models.Model], declared: Sequence[str], sort: str, sortable: set[str]) -> Ordering:
    """Return the order: the declared one, or that of the index that begins with the asked-for column; the key last.

    Raises:
        Invalid: the column cannot be sorted by.
    """
    order = _signed(declared)
    if sort:
        ((name, is_descending),) = _signed([sort])
        if name not in sortable:
            raise Invalid(_("The list cannot be sorted by %(name)s."), name=name)
        order = _index_order(model, name, is_descending)
    key = model._meta.pk.name if model._meta.pk is not None else "id"
    if all(name not in (key, "pk", "id") for name, _descending in order):
        order.append((key, order[-1][1] if order else True))
    return order


def _signed(names: Sequence[str]) -> Ordering:
    return [(name.removeprefix("-"), name.startswith("-")) for name in names]


def _index_order(model: type[models.Model], name: str, is_descending: bool) -> Ordering:
    """Return the order of an index that begins with a column, forwards or backwards; the column alone without one."""
    for index in model._meta.indexes:
        if type(index) is models.Index and index.condition is None and index.fields:
            (first, first_descending), *rest = _signed(index.fields)
            if first == name:
                is_backwards = first_descending != is_descending
                return [(name, is_descending), *((each, down != is_backwards) for each, down in rest)]
    return [(name, is_descending)]


def page(
    queryset: models.QuerySet[Any], shown: models.QuerySet[Any], order: Ordering, *, size: int, cursor: str = ""
) -> Page:
    """Return one page of the queryset, its rows read as `shown` (an unnarrowed queryset of the same model) says.

    Raises:
        BadCursor: the cursor was not made by this list.
    """
    backwards, key = _decode(cursor, queryset.model, order) if cursor else (False, None)
    walked = [(name, descending != backwards) for name, descending in order]
    nullable = {name for name, _descending in order if _is_nullable(queryset.model, name)}
    start = _after(walked, key, nullable, nulls_last=not backwards) if key is not None else None
    terms = [_term(name, desc, nulls_last=not backwards, is_nullable=name in nullable) for name, desc in walked]
    estimate = estimated(queryset, *(name for name, _descending in order if name != "pk"))
    narrowed = queryset.filter(start) if start is not None else queryset
    first = first_keys(narrowed, terms, most=size + 1, estimate=estimate, start=start)
    rows = list(shown.filter(pk__in=first.keys).order_by(*terms)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (more if not backwards else True)
    has_previous = bool(rows) and (more if backwards else key is not None)
    return Page(
        rows=rows,
        next_cursor=cursor_of(_key(rows[-1], order)) if has_next else "",
        previous_cursor=cursor_of(_key(rows[0], order), backwards=True) if has_previous else "",
        whole=estimate,
        total=first.total if start is None else None,
    )


def _is_nullable(model: type[models.Model], path: str) -> bool:
    """Tell whether the value at the end of a path may be missing."""
    parts = path.split("__")
    return any(
        getattr(field_at(model, "__".join(parts[:length])), "null", False) for length in range(1, len(parts) + 1)
    )


def _term(name: str, descending: bool, *, nulls_last: bool, is_nullable: bool) -> OrderBy:
    # PostgreSQL's indexes sort nulls last ascending and first descending: only the other cases are spelled out, and
    # none where there are no nulls, for an index is not walked in an order that is written otherwise than its own.
    if not is_nullable:
        return OrderBy(F(name), descending=descending)
    if descending:
        return OrderBy(F(name), descending=True, nulls_last=True if nulls_last else None)
    return OrderBy(F(name), nulls_first=None if nulls_last else True)


def _after(order: Ordering, key: Sequence[Any], nullable: set[str], *, nulls_last: bool) -> Q:
    """Return the condition of the rows that follow `key`: index-friendly bounds on the first column."""
    (name, descending), value = order[0], key[0]
    beyond = f"{name}__{'lt' if descending else 'gt'}"
    rest = _after(order[1:], key[1:], nullable, nulls_last=nulls_last) if len(order) > 1 else Q(pk__in=[])
    if value is None:
        same = Q(**{f"{name}__isnull": True}) & rest
        return same if nulls_last else same | Q(**{f"{name}__isnull": False})
    condition = Q(**{f"{beyond}e": value}) & (Q(**{beyond: value}) | rest)
    return condition | Q(**{f"{name}__isnull": True}) if nulls_last and name in nullable else condition


def _key(row: Any, order: Ordering) -> list[Any]:
    return [reduce(lambda value, part: getattr(value, part, None), name.split("__"), row) for name, _down in order]


def cursor_of(key: Sequence[Any], *, backwards: bool = False) -> str:
    """Return the cursor to the page that follows (or precedes) the row with this key."""
    text = json.dumps([int(backwards), *map(_plain, key)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _decode(cursor: str, model: type[models.Model], order: Ordering) -> tuple[bool, list[Any]]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        backwards, *values = json.loads(text)
        if len(values) != len(order) or backwards not in (0, 1):
            raise BadCursor
        key = []
        for (name, _descending), value in zip(order, values, strict=True):
            field = field_at(model, name)
            value = value if field is None or value is None else field.to_python(value)
            if isinstance(field, models.DecimalField) and value is not None:
                field.run_validators(value)  # 1e999999 is more than the database compares with
            key.append(value)
        if any(isinstance(value, str) and "\0" in value for value in key):
            raise BadCursor
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError) as error:
        raise BadCursor from error
    return bool(backwards), key


def limited_count(queryset: models.QuerySet[Any], limit: int) -> int:
    """Return the number of rows, counted to `limit` + 1 at most."""
    return queryset.order_by()[: limit + 1].values("pk").count()
