"""Everything that is kept of a person, for that person: as a document, or as JSON to take elsewhere (PIPL 45)."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from yaomai.customers import erasing
from yaomai.customers.models import Professional
from yaomai.kit.documents.parts import Column, Document, Fact, Facts, Section, Table
from yaomai.kit.vault import EncryptedTextField, Sealed
from yaomai.privacy.models import PersonConsent

INNER = frozenset({
    "id", "uuid", "version", "search", "created_at", "updated_at", "trail_key", "fingerprint", "masked", "completeness",
    "moved", "before", "digest",
})  # fmt: skip
OWN = ("name", "sex", "profession", "title", "specialty", "customer_types", "institution", "department", "position")
Part = tuple[str, list[str], list[list[Any]]]
"""What, headings, rows."""


def parts(person: Professional) -> Iterator[Part]:
    """Yield what is kept of a person, list by list; other people's names are in it only where they stand in the same row."""
    pks = erasing.everybody_in(person)
    yield (
        str(Professional._meta.verbose_name),
        [str(Professional._meta.get_field(name).verbose_name) for name in OWN],  # type: ignore[union-attr]
        [
            [_said(row, Professional._meta.get_field(name)) for name in OWN]
            for row in Professional.unscoped.filter(pk__in=pks)
        ],
    )
    seen: set[type[models.Model]] = {Professional}
    for rows in [*erasing.declared(), erasing.Rows(PersonConsent, "professional")]:
        if rows.model in seen:
            continue
        seen.add(rows.model)
        fields = [
            field for field in rows.model._meta.concrete_fields
            if field.name not in INNER and field.related_model is not Professional
        ]  # fmt: skip
        found = rows.of(pks).order_by("pk")
        lines = [[_said(row, field) for field in fields] for row in found]
        if lines:
            yield str(rows.model._meta.verbose_name_plural), [str(field.verbose_name) for field in fields], lines


def _said(row: Any, field: Any) -> Any:
    """Return a value as a person reads it."""
    value = getattr(row, field.name)
    if isinstance(field, EncryptedTextField) and isinstance(value, Sealed):
        return ""
    display = getattr(row, f"get_{field.name}_display", None)
    if display is not None and value not in ("", None):
        return str(display())
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    if value is None or isinstance(value, str | int | Decimal | date | datetime):
        return value
    return str(value)


def as_json(person: Professional) -> dict[str, Any]:
    """Return it for a program: what -> rows of heading -> value."""
    return {
        what: [dict(zip(headings, map(_plain, line), strict=True)) for line in lines]
        for what, headings, lines in parts(person)
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else str(value)


def as_document(person: Professional, *, made_by: str, now: datetime) -> Document:
    """Return it for reading."""
    sections = []
    for what, headings, lines in parts(person):
        if len(lines) == 1:
            facts = tuple(
                Fact(label, _cell(value))
                for label, value in zip(headings, lines[0], strict=True)
                if value not in ("", None)
            )
            sections.append(Section(what, (Facts(facts),)))
            continue
        sections.append(
            Section(
                what,
                (Table(tuple(Column(label) for label in headings), tuple(tuple(map(_cell, line)) for line in lines)),),
            )
        )
    return Document(
        title=_("What we keep of you"), subtitle=str(person), as_of=now.date(), made_at=now, made_by=made_by,
        blocks=tuple(sections), is_landscape=True,
    )  # fmt: skip


def _cell(value: Any) -> Any:
    return (_("Yes") if value else _("No")) if isinstance(value, bool) else value
