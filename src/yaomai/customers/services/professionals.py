"""Professionals."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Department, Institution, Professional
from yaomai.customers.services.affiliations import begin, end
from yaomai.customers.services.profiles import measure
from yaomai.customers.services.searching import index_professionals
from yaomai.customers.services.types import follow_column
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid

FIELDS = ("code", "name", "sex", "profession", "title", "specialty", "customer_types")
MERGED = tuple(name for name in FIELDS if name != "customer_types")
"""What one of two rows may take from the other; their customer types add up."""
WORKPLACE = ("institution", "department", "position")


@act("customers.professional:create", sentence=_("%(actor)s created professional %(target)s"))
def professional_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    name: str,
    institution: Institution | None = None,
    department: Department | None = None,
    position: str = "",
    valid_from: date | None = None,
    **fields: Any,
) -> Professional:
    """Create a person, with the primary workplace.

    Raises:
        Invalid: by field; who does not reach the whole company must name the institution.
        Missing: the institution or department is out of reach.
    """
    if institution is None and actor.reach("customers.professional:create") is not None:
        raise Invalid(fields={"institution": [_("Say where this person works.")]})
    professional = Professional(
        created_at=now, updated_at=now, is_unverified=not actor.may("customers.professional:review")
    )
    changes = change(professional, {"name": name, **fields}, allowed=FIELDS)
    save(professional)
    today = local_day(now)
    if institution is not None:
        begin(
            professional,
            institution=institution,
            department=department,
            position=position,
            is_primary=True,
            valid_from=valid_from or today,
            today=today,
        )
        changes["institution"] = (None, institution)
    follow_column([professional.pk], source="", person_id=actor.person_id, now=now)
    index_professionals([professional.pk])
    measure("professional", [professional.pk], today=today)
    trail.note(professional, changes=changes)
    return professional


@act(
    "customers.professional:update",
    right="customers.professional:edit",
    sentence=_("%(actor)s changed professional %(target)s"),
)
def professional_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Professional:
    """Change a person; another institution, department or position is a move from today.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    professional = locked(Professional, pk, expected_version=expected_version)
    require_open(professional)
    wanted = dict(changes)
    workplace = {name: wanted.pop(name) for name in WORKPLACE if name in wanted}
    differing = change(professional, wanted, allowed=FIELDS)
    moved = {
        name: (getattr(professional, name), value)
        for name, value in workplace.items()
        if getattr(professional, name) != value
    }
    touch(professional, now)
    save(professional, fields=differing)
    if moved:
        _move(professional, {name: new for name, (_old, new) in moved.items()}, today=local_day(now))
    if "customer_types" in differing:
        follow_column([pk], source="", person_id=actor.person_id, now=now)
    if {"name", "code"} & differing.keys():
        index_professionals([professional.pk])
    measure("professional", [pk], today=local_day(now))
    trail.note(professional, changes=differing | moved)
    return professional


def _move(professional: Professional, wanted: Mapping[str, Any], *, today: date) -> None:
    """End the primary affiliation today and begin another one."""
    institution = wanted.get("institution", professional.institution)
    stays = institution == professional.institution
    if institution is None:
        end(professional, today=today)
        return
    begin(
        professional,
        institution=institution,
        department=wanted.get("department", professional.department if stays else None),
        position=wanted.get("position", professional.position if stays else ""),
        is_primary=True,
        valid_from=today,
        today=today,
    )


@act("customers.professional:archive", sentence=_("%(actor)s archived professional %(target)s"))
def professional_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Professional:
    """Take a person out of the lists; nothing is deleted."""
    professional = locked(Professional, pk, verb="archive", expected_version=expected_version)
    require_open(professional)
    professional.archived_at = now
    touch(professional, now)
    save(professional, fields=["archived_at"])
    trail.note(professional, changes={"archived_at": (None, now)})
    return professional


@act(
    "customers.professional:restore",
    right="customers.professional:archive",
    sentence=_("%(actor)s restored professional %(target)s"),
)
def professional_restore(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Professional:
    """Put an archived person back; one who was merged comes back by undoing the merge."""
    professional = locked(Professional, pk, verb="archive")
    if professional.archived_at is None or professional.merged_into_id is not None:
        raise Conflict
    before, professional.archived_at = professional.archived_at, None
    touch(professional, now)
    save(professional, fields=["archived_at"])
    trail.note(professional, changes={"archived_at": (before, None)})
    return professional
