"""Read the trail."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from yaomai.kit.access import ScopedModel, current_actor, get_visible, require
from yaomai.kit.audit.models import Entry, Head, Link
from yaomai.kit.audit.sentences import Line, lines_of
from yaomai.kit.audit.trail import seal

PAGE_SIZE = 50
PANEL_SIZE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first, and the ids to continue from; None where there is nothing more."""

    lines: list[Line]
    older_than: int | None
    newer_than: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty means everything."""

    actor_id: int | None = None
    code: str = ""
    outcome: str = ""
    target_type: str = ""
    target_id: str = ""
    since: date | None = None
    until: date | None = None

    def rows(self) -> QuerySet[Entry]:
        """Return the entries looked for, in the current actor's view."""
        rows: QuerySet[Entry] = Entry.objects.all()
        for name in ("actor_id", "code", "outcome", "target_type", "target_id"):
            if (value := getattr(self, name)) not in (None, ""):
                rows = rows.filter(**{name: value})
        if self.since is not None:
            rows = rows.filter(at__gte=_midnight(self.since))
        if self.until is not None:
            rows = rows.filter(at__lt=_midnight(self.until + timedelta(days=1)))
        return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of_trail() -> int:
    """Return the place of the last entry."""
    return Head.objects.values_list("sequence", flat=True).first() or 0


def acted_since(sequence: int, *, besides: models.Model) -> bool:
    """Say whether anything was done since that place in the trail, other than to one record."""
    last = Link.objects.filter(sequence=sequence).values_list("entry_id", flat=True).first() or 0
    others = ~models.Q(target_type=besides._meta.label_lower, target_id=str(besides.pk))
    # The present transaction's own entries are linked when it commits.
    return (
        Entry.unscoped.filter(others, link__sequence__gt=sequence).exists()
        or Entry.unscoped.filter(others, pk__gt=last, link__isnull=True).exists()
    )


def entry_page(wanted: Wanted, *, older_than: int | None = None, newer_than: int | None = None) -> Page:
    """Return one page of the entries looked for; one query whatever the size of the trail."""
    rows = wanted.rows()
    if newer_than is not None:
        found = list(rows.filter(pk__gt=newer_than).order_by("pk")[: PAGE_SIZE + 1])
        has_newer, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        has_older = True
    else:
        if older_than is not None:
            rows = rows.filter(pk__lt=older_than)
        found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
        has_older, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
        has_newer = older_than is not None
    return Page(
        lines_of(found),
        found[-1].pk if found and has_older else None,
        found[0].pk if found and has_newer else None,
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry's place in the chain, and whether its seal fits its content."""

    line: Line
    link: Link | None
    is_genuine: bool


def entry_proof(pk: int) -> Proof:
    """Return one entry with its proof.

    Raises:
        Missing: it does not exist, or the actor may not see the trail.
    """
    entry = get_visible(Entry, pk=pk)
    link = Link.objects.filter(entry_id=pk).first()
    return Proof(Line(entry), link, seal(entry.content) == bytes(entry.seal))


def field_labels(target_type: str) -> dict[str, str]:
    """Return the names of a model's fields as people read them; empty for what is no model any more."""
    try:
        model = apps.get_model(target_type)
    except (LookupError, ValueError):
        return {}
    return {field.name: str(getattr(field, "verbose_name", field.name)) for field in model._meta.get_fields()}


def history_of(target: models.Model, *, limit: int = PANEL_SIZE) -> list[Line]:
    """Return what happened to a row, newest first, for whoever may view the row itself.

    Raises:
        Missing: the row is not in the current actor's view.
    """
    if isinstance(target, ScopedModel):
        get_visible(type(target), pk=target.pk)
    else:
        require(current_actor(), "audit.entry:view")
    rows = Entry.unscoped.filter(target_type=target._meta.label_lower, target_id=str(target.pk))
    return lines_of(rows.order_by("-pk")[:limit])


def acts_in_emergency(emergency_id: int, *, person_id: int, since: datetime, until: datetime) -> list[Line]:
    """Return what a person did under an emergency power, oldest first; who may see it is the caller's to know."""
    rows = Entry.unscoped.filter(actor_id=person_id, at__gte=since, at__lte=until).order_by("pk")
    lines = (Line(entry) for entry in rows.iterator(chunk_size=500))
    return [line for line in lines if line.emergency_id == emergency_id]


def verifications(limit: int = 10) -> list[Line]:
    """Return the latest verifications, newest first."""
    rows: Any = Entry.objects.filter(code="audit.entry:verify", outcome=Entry.Outcome.DONE)
    return lines_of(rows.order_by("-pk")[:limit])
