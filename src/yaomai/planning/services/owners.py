"""Whose plan one may change: one's own, or that of people one manages."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Affiliation, Institution, Professional
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts.rows import require_open
from yaomai.kit.errors import Invalid, Refused
from yaomai.organization.models import Person


class NotYours(Refused):
    """It is somebody else's, and the actor does not plan for others."""

    code = "planning_not_yours"
    message = _("This belongs to %(name)s. Ask them, or whoever plans for the team.")


def require_own(actor: Actor, owner: Person | None, right: str) -> None:
    """Let pass whose own it is, and whoever plans for others.

    Raises:
        NotYours.
    """
    if owner is None or actor.is_system or owner.pk == actor.person_id or actor.may(right):
        return
    raise NotYours(name=owner.name)


def owner_of(actor: Actor, owner: Person | None) -> Person:
    """Return whose it will be: the person named, without one the actor.

    Raises:
        Invalid: nobody is named and no person acts, or they have left.
    """
    pk = owner.pk if owner is not None else actor.person_id
    found = Person.unscoped.filter(pk=pk, archived_at__isnull=True).first() if pk is not None else None
    if found is None:
        raise Invalid(fields={"owner": [_("Say who this is for; whoever has left cannot do it.")]})
    return found


def customers_of(institution: Institution, professional: Professional | None) -> tuple[Institution, Any]:
    """Return both, held from being merged: visible, not archived, and the person works at the institution.

    Raises:
        Missing, Archived.
        Invalid: the person works elsewhere.
    """
    institution = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(institution)
    if professional is None:
        return institution, None
    professional = merging.standing(get_visible(Professional, pk=professional.pk))
    require_open(professional)
    works_there = Affiliation.unscoped.filter(
        professional=professional, institution=institution, valid_to__isnull=True
    ).exists()
    if not works_there and professional.institution_id != institution.pk:
        raise Invalid(fields={"professional": [_("%(name)s does not work there.") % {"name": professional.name}]})
    return institution, professional
