"""What happens to the rows about a person who is erased. Rooms declare it beside their references, in their `apps.py`:

    erasing.register(Stance, "professional", deleted=True)
    erasing.register(Use, "professional", emptied={"professional": None})
    erasing.register(Share, "professional")                 # stays: it says nothing of the person but their number
    erasing.register_hold(ledger_hold)                      # a law wants the person kept for a while

A test walks every foreign key to a professional and fails when it is not declared.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import models

from yaomai.customers.models import Professional
from yaomai.customers.services.searching import index_professionals

GONE = "已删除"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows about a person: deleted, emptied of what they say, or left as they are."""

    model: type[models.Model]
    column: str
    deleted: bool = False
    emptied: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.column}"

    def of(self, pks: list[int]) -> models.QuerySet[Any]:
        """Return the rows about some persons."""
        return self.model._base_manager.filter(**{f"{self.column}__in": pks})


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a person must be kept, until when, and by what law."""

    reason: str
    until: date
    citation: str


Holding = Callable[[list[int], date], list[Hold]]
_rows: dict[str, Rows] = {}
_holds: list[Holding] = []


def register(
    model: type[models.Model], column: str, *, deleted: bool = False, emptied: Mapping[str, Any] | None = None
) -> None:
    """Declare what happens to the rows of a model."""
    rows = Rows(model, column, deleted, emptied or {})
    _rows[rows.name] = rows


def years_later(day: date, years: int) -> date:
    """Return the same day some years later; of 29 February the first of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def register_hold(source: Holding) -> None:
    """Declare what may want a person kept; it is asked with their ids and a day."""
    _holds.append(source)


def declared() -> Iterator[Rows]:
    """Yield what was declared, by name."""
    yield from (_rows[name] for name in sorted(_rows))


def everybody_in(professional: Professional) -> list[int]:
    """Return the ids of a person and of all rows that were merged into theirs."""
    found, waiting = [professional.pk], [professional.pk]
    while waiting:
        waiting = list(Professional.unscoped.filter(merged_into__in=waiting).values_list("pk", flat=True))
        found += waiting
    return found


def holds_of(professional: Professional, on: date) -> list[Hold]:
    """Return what wants a person kept on a day, the longest first."""
    pks = everybody_in(professional)
    found = [hold for source in _holds for hold in source(pks, on) if hold.until > on]
    return sorted(found, key=lambda hold: hold.until, reverse=True)


def restrict(professional: Professional, now: datetime) -> None:
    """Keep a person only as a law wants it: archived, so that nothing is done with the row any more (PIPL 47)."""
    professional.archived_at = professional.archived_at or now
    professional.restricted_at = professional.restricted_at or now
    professional.version += 1
    professional.updated_at = now
    professional.save(update_fields=["archived_at", "restricted_at", "version", "updated_at"])


def erase(professional: Professional, now: datetime) -> dict[str, int]:
    """Delete or empty everything that says anything of a person, and return how many rows of what.

    The caller holds the row and the transaction.
    """
    pks, done = everybody_in(professional), dict[str, int]()
    for rows in declared():
        found = rows.of(pks)
        if rows.deleted:
            count, _each = found.delete()
        elif rows.emptied:
            count = found.update(**rows.emptied)
        else:
            continue
        if count:
            done[rows.name] = count
    for pk in pks:
        row = professional if pk == professional.pk else Professional.unscoped.select_for_update().get(pk=pk)
        _emptied(row, now)
    index_professionals(pks)
    return done


def _emptied(row: Professional, now: datetime) -> None:
    """Take out of the row what it says of the person; with its key the trail forgets what it said."""
    row.name, row.code, row.title, row.sex, row.position, row.specialty = f"{GONE}#{row.pk}", "", "", "", "", ""
    row.customer_types, row.department = [], None
    row.completeness, row.checked_on, row.refresh_on = 0, None, None
    row.archived_at = row.archived_at or now
    row.trail_key, row.erased_at = uuid4(), now
    row.version += 1
    row.updated_at = now
    row.save()
