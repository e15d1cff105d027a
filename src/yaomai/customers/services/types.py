"""Customer types (A2): `mark` and `unmark`. The list's column repeats the marks that stand, so that a million filter."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import CustomerType, Professional, TypeMark
from yaomai.customers.services.profiles import measure
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid

LONGEST_SOURCE, LONGEST_REASON = 200, 500


@act(
    "customers.professional:mark_type",
    right="customers.professional:edit",
    sentence=_("%(actor)s marked %(target)s as “%(type)s” (source: %(source)s; reason: %(reason)s)"),
)
def mark(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    customer_type: str,
    source: str,
    reason: str,
    now: datetime,
    valid_from: date | None = None,
) -> TypeMark:
    """Mark a professional as a customer of a type, from today unless another day is named.

    Raises:
        Missing: no such professional in reach.
        Archived: the professional takes no changes.
        Invalid: by field; no such type, no source or reason, marked already, a day to come.
    """
    row = locked(Professional, pk)
    require_open(row)
    today = local_day(now)
    begins = valid_from or today
    source, reason = source.strip(), reason.strip()
    wrong = _said(source=(source, LONGEST_SOURCE), reason=(reason, LONGEST_REASON))
    if customer_type not in CustomerType.values:
        wrong["customer_type"] = [_("Choose from the list.")]
    elif TypeMark.unscoped.filter(professional=row, customer_type=customer_type, valid_to=None).exists():
        wrong["customer_type"] = [_("This type is marked already.")]
    if begins > today:
        wrong["valid_from"] = [_("This day is still to come.")]
    if wrong:
        raise Invalid(fields=wrong)
    made = TypeMark.unscoped.create(
        professional=row, customer_type=customer_type, source=source, reason=reason, valid_from=begins,
        marked_by_id=actor.person_id, marked_at=now,
    )  # fmt: skip
    _repeat(row, now)
    trail.note(row, type=CustomerType(customer_type).label, source=source, reason=reason, mark=made.pk)
    return made


@act(
    "customers.professional:unmark_type",
    right="customers.professional:edit",
    sentence=_("%(actor)s ended the mark “%(type)s” of %(target)s (reason: %(reason)s)"),
)
def unmark(*, actor: Actor, trail: Trail, pk: int, customer_type: str, reason: str, now: datetime) -> TypeMark:
    """End the mark of a type today; it stays in the history.

    Raises:
        Missing: no such professional in reach.
        Archived: the professional takes no changes.
        Invalid: by field; not marked so, or no reason.
    """
    row = locked(Professional, pk)
    require_open(row)
    reason = reason.strip()
    wrong = _said(reason=(reason, LONGEST_REASON))
    found = TypeMark.unscoped.filter(professional=row, customer_type=customer_type, valid_to=None).first()
    if found is None:
        wrong["customer_type"] = [_("This type is not marked.")]
    if found is None or wrong:
        raise Invalid(fields=wrong)
    found.valid_to, found.ended_by_id, found.end_reason = local_day(now), actor.person_id, reason
    found.save(update_fields=["valid_to", "ended_by", "end_reason"])
    _repeat(row, now)
    trail.note(row, type=CustomerType(customer_type).label, reason=reason, mark=found.pk)
    return found


def mark_many(
    pks: Sequence[int], *, customer_type: str, source: str, reason: str, person_id: int | None, now: datetime
) -> None:
    """Mark many professionals of a type from today, within a service that writes its own entry; marks that stand stay."""
    today = local_day(now)
    TypeMark.unscoped.bulk_create(
        [
            TypeMark(
                professional_id=pk, customer_type=customer_type, source=source[:LONGEST_SOURCE], reason=reason,
                valid_from=today, marked_by_id=person_id, marked_at=now,
            )
            for pk in pks
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    repeat_marks(pks)
    measure("professional", list(pks), today=today)


def _said(**texts: tuple[str, int]) -> dict[str, list[Any]]:
    return {
        name: [_("Say it in 1 to %(most)s characters.") % {"most": most}]
        for name, (text, most) in texts.items()
        if not 0 < len(text) <= most
    }


def _repeat(row: Professional, now: datetime) -> None:
    standing = set(TypeMark.unscoped.filter(professional=row, valid_to=None).values_list("customer_type", flat=True))
    row.customer_types = [value for value in CustomerType.values if value in standing]
    touch(row, now)
    save(row, fields=["customer_types"])
    measure("professional", [row.pk], today=local_day(now))


# Between the column and the marks --------------------------------------------------------------------------------

BEGIN = """
    INSERT INTO customers_typemark
           (professional_id, customer_type, source, reason, valid_from, marked_by_id, marked_at, end_reason)
    SELECT p.id, said.customer_type, %(source)s, '', %(today)s, %(person)s, %(now)s, ''
      FROM customers_professional p, unnest(p.customer_types) AS said(customer_type)
     WHERE p.id = ANY(%(ids)s)
        ON CONFLICT DO NOTHING
"""
END = """
    UPDATE customers_typemark m SET valid_to = greatest(%(today)s::date, m.valid_from), ended_by_id = %(person)s
      FROM customers_professional p
     WHERE p.id = ANY(%(ids)s) AND m.professional_id = p.id AND m.valid_to IS NULL
       AND m.customer_type <> ALL(p.customer_types)
"""
REPEAT = """
    UPDATE customers_professional p SET customer_types = coalesce(standing.types, '{}')
      FROM unnest(%(ids)s::bigint[]) AS each(id)
      LEFT JOIN (SELECT professional_id,
                        array_agg(customer_type ORDER BY array_position(%(order)s::text[], customer_type::text)) AS types
                   FROM customers_typemark WHERE professional_id = ANY(%(ids)s) AND valid_to IS NULL
                  GROUP BY professional_id) AS standing ON standing.professional_id = each.id
     WHERE p.id = each.id AND p.customer_types IS DISTINCT FROM coalesce(standing.types, '{}')
"""


def follow_column(pks: Sequence[int], *, source: str, person_id: int | None, now: datetime) -> None:
    """Begin and end marks so that they say what forms, imports and REST wrote into the column."""
    values = {"ids": list(pks), "source": source, "person": person_id, "now": now, "today": local_day(now)}
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, values)
        cursor.execute(END, values)


def repeat_marks(pks: Sequence[int]) -> None:
    """Write into the column what the marks say, after they moved."""
    with connection.cursor() as cursor:
        cursor.execute(REPEAT, {"ids": list(pks), "order": list(CustomerType.values)})
