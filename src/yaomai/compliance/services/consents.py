"""Consents of institutions as records (MR2, X9)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.compliance.models import Consent
from yaomai.customers import merging
from yaomai.customers.models import Department, Institution
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.errors import Invalid

FIELDS = ("kind", "activities", "reception", "document", "valid_from", "valid_to", "note")


@act("compliance.consent:create", sentence=_("%(actor)s recorded the consent %(target)s"))
def consent_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    document: str,
    valid_from: date,
    activities: Any = (Consent.Activity.ACADEMIC,),
    departments: Any = (),
    **fields: Any,
) -> Consent:
    """Record what an institution agreed to.

    Raises:
        Missing: the institution is out of reach.
        Invalid: by field; departments of another institution.
    """
    institution = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(institution)
    chosen = _of(institution, departments)
    consent = Consent(institution=institution, created_at=now, updated_at=now)
    given = {**fields, "document": document, "valid_from": valid_from, "activities": list(activities)}
    changes = change(consent, given, allowed=FIELDS)
    save(consent)
    consent.departments.set(chosen)
    trail.note(consent, changes=changes | _departments([], chosen))
    return consent


@act("compliance.consent:edit", sentence=_("%(actor)s changed the consent %(target)s"))
def consent_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Consent:
    """Correct or end a consent.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    consent = locked(Consent, pk, expected_version=expected_version)
    require_open(consent)
    wanted = {name: value for name, value in changes.items() if name not in ("institution", "departments")}
    if changes.get("institution", consent.institution) != consent.institution:
        raise Invalid(fields={"institution": [_("A consent stays with its institution; record another one.")]})
    if "activities" in wanted:
        wanted["activities"] = list(wanted["activities"])
    differing = change(consent, wanted, allowed=FIELDS)
    noted: dict[str, tuple[Any, Any]] = dict(differing)
    if "departments" in changes:
        before, chosen = list(consent.departments.order_by("pk")), _of(consent.institution, changes["departments"])
        noted |= _departments(before, chosen)
        consent.departments.set(chosen)
    touch(consent, now)
    save(consent, fields=differing)
    trail.note(consent, changes=noted)
    return consent


@act("compliance.consent:archive", sentence=_("%(actor)s archived the consent %(target)s"))
def consent_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Consent:
    """Take a consent that was recorded by mistake out of sight: it counts no more."""
    consent = locked(Consent, pk, verb="archive", expected_version=expected_version)
    require_open(consent)
    consent.archived_at = now
    touch(consent, now)
    save(consent, fields=["archived_at"])
    trail.note(consent, changes={"archived_at": (None, now)})
    return consent


def _of(institution: Institution, departments: Any) -> list[Department]:
    chosen = list(departments or ())
    if any(department.institution_id != institution.pk for department in chosen):
        raise Invalid(fields={"departments": [_("These departments belong to another institution.")]})
    return chosen


def _departments(before: list[Department], after: list[Department]) -> dict[str, tuple[Any, Any]]:
    one, other = ("、".join(str(each) for each in some) for some in (before, after))
    return {} if one == other else {"departments": (one, other)}
