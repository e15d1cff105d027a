"""Where professionals work, from when to when."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Affiliation, Department, Institution, Professional
from yaomai.customers.services.currents import apply_workplaces
from yaomai.customers.services.profiles import measure
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid, Missing

LONGEST_POSITION = 64


def begin(
    professional: Professional,
    *,
    institution: Institution,
    department: Department | None,
    position: str,
    is_primary: bool,
    valid_from: date,
    today: date,
    source: str = "",
) -> Affiliation:
    """Write an affiliation; a primary one ends the one before it.

    Raises:
        Missing: the institution is out of reach.
        Invalid: the department is of another institution, or a later primary affiliation exists.
    """
    institution = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(institution)
    if department is not None and department.institution_id != institution.pk:
        raise Invalid(fields={"department": [_("This department belongs to another institution.")]})
    position = position.strip()
    if len(position) > LONGEST_POSITION:
        raise Invalid(fields={"position": [_("At most %(most)s characters.") % {"most": LONGEST_POSITION}]})
    if is_primary:
        _close_primary(professional, valid_from)
    affiliation = Affiliation.unscoped.create(
        professional=professional,
        institution=institution,
        department=department,
        position=position,
        is_primary=is_primary,
        valid_from=valid_from,
        source=source,
    )
    _refresh(professional, today)
    return affiliation


def _close_primary(professional: Professional, day: date) -> None:
    """End the primary affiliation that holds on a day; one that began that very day never was."""
    primary = Affiliation.unscoped.filter(professional=professional, is_primary=True)
    if primary.filter(valid_from__gt=day).exists():
        raise Invalid(fields={"valid_from": [_("There is a later primary workplace already; choose a later day.")]})
    primary.filter(valid_from=day).delete()
    primary.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day)).update(valid_to=day)


def end(professional: Professional, *, today: date) -> None:
    """End the primary affiliation today."""
    _close_primary(professional, today)
    _refresh(professional, today)


def _refresh(professional: Professional, today: date) -> None:
    apply_workplaces([professional.pk], on=today)
    places = Affiliation.unscoped.filter(professional=professional).values_list("institution_id", flat=True)
    measure("institution", sorted(set(places)), today=today)
    professional.refresh_from_db(fields=["institution", "department", "position", "territory"])


@act(
    "customers.professional:affiliate",
    right="customers.professional:edit",
    sentence=_("%(actor)s recorded that %(target)s works at %(institution)s from %(valid_from)s"),
)
def affiliation_start(
    *,
    actor: Actor,
    trail: Trail,
    professional: int,
    institution: Institution,
    now: datetime,
    valid_from: date,
    department: Department | None = None,
    position: str = "",
    is_primary: bool = True,
    source: str = "",
) -> Affiliation:
    """Record where a person works; a primary workplace ends the one before it.

    Raises:
        Missing, Archived; Invalid: see `begin`.
    """
    row = locked(Professional, professional)
    require_open(row)
    today = local_day(now)
    before = row.institution
    affiliation = begin(
        row,
        institution=institution,
        department=department,
        position=position,
        is_primary=is_primary,
        valid_from=valid_from,
        today=today,
        source=source,
    )
    touch(row, now)
    save(row)
    measure("professional", [row.pk], today=today)
    trail.note(
        row,
        changes={"institution": (before, institution)} if is_primary else {"also_at": (None, institution)},
        institution=institution.name,
        valid_from=valid_from,
    )
    return affiliation


@act(
    "customers.professional:leave",
    right="customers.professional:edit",
    sentence=_("%(actor)s recorded that %(target)s leaves %(institution)s on %(valid_to)s"),
)
def affiliation_end(*, actor: Actor, trail: Trail, pk: int, valid_to: date, now: datetime) -> Affiliation:
    """End an affiliation: `valid_to` is the first day on which it holds no more.

    Raises:
        Missing: no such affiliation in reach.
        Invalid: it ends before it began, or has ended.
    """
    found = Affiliation.objects.filter(pk=pk).first()
    if found is None:
        raise Missing
    row = locked(Professional, found.professional_id)
    affiliation: Affiliation = Affiliation.unscoped.select_for_update().select_related("institution").get(pk=pk)
    if affiliation.valid_to is not None or valid_to <= affiliation.valid_from:
        raise Invalid(fields={"valid_to": [_("The end must come after the beginning, and not be set already.")]})
    today = local_day(now)
    affiliation.valid_to = valid_to
    affiliation.save(update_fields=["valid_to"])
    _refresh(row, today)
    touch(row, now)
    save(row)
    measure("professional", [row.pk], today=today)
    trail.note(
        row,
        changes={"valid_to": (None, valid_to)},
        institution=affiliation.institution.name,
        valid_to=valid_to,
    )
    return affiliation


FOLLOW = (
    """
    CREATE TEMPORARY TABLE customers_following ON COMMIT DROP AS
    SELECT p.id, p.institution_id, p.position FROM customers_professional p
      LEFT JOIN customers_affiliation a ON a.professional_id = p.id AND a.is_primary AND a.valid_from <= %(on)s
           AND (a.valid_to IS NULL OR a.valid_to > %(on)s)
     WHERE p.id = ANY(%(ids)s)
       AND (p.institution_id, p.position) IS DISTINCT FROM (a.institution_id, coalesce(a.position, ''))
    """,
    """
    DELETE FROM customers_affiliation a USING customers_following f
     WHERE a.professional_id = f.id AND a.is_primary AND a.valid_from >= %(on)s
    """,
    """
    UPDATE customers_affiliation a SET valid_to = %(on)s FROM customers_following f
     WHERE a.professional_id = f.id AND a.is_primary AND (a.valid_to IS NULL OR a.valid_to > %(on)s)
    """,
    """
    UPDATE customers_affiliation a SET valid_to = NULL FROM customers_following f
     WHERE a.professional_id = f.id AND a.is_primary AND a.valid_to = %(on)s
       AND (a.institution_id, a.position) = (f.institution_id, f.position)
    """,
    """
    INSERT INTO customers_affiliation (professional_id, institution_id, position, is_primary, valid_from, source)
    SELECT f.id, f.institution_id, f.position, true, %(on)s, %(source)s FROM customers_following f
     WHERE f.institution_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM customers_affiliation a WHERE a.professional_id = f.id AND a.is_primary AND a.valid_to IS NULL)
    """,
    "DROP TABLE customers_following",
)


def follow_workplaces(professional_ids: Sequence[int], *, today: date, source: str) -> None:
    """Let the dated rows follow what an import wrote into the people: from today, or as it was before today."""
    if not professional_ids:
        return
    with connection.cursor() as cursor:
        for statement in FOLLOW:
            cursor.execute(statement, {"ids": list(professional_ids), "on": today, "source": source})
