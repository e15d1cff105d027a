"""Patient populations of departments: estimates with basis, source and day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Department, PatientPopulation
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid

FIELDS = ("department", "indication", "patients", "basis", "source", "estimated_on")


def _check(row: PatientPopulation, today: date) -> None:
    if row.estimated_on > today:
        raise Invalid(fields={"estimated_on": [_("The day lies in the future.")]})


@act(
    "customers.patientpopulation:create",
    sentence=_("%(actor)s recorded %(patients)s patients per year for %(target)s (%(source)s)"),
)
def patient_population_create(
    *, actor: Actor, trail: Trail, now: datetime, department: Department, **fields: Any
) -> PatientPopulation:
    """Record an estimate for a department; earlier ones stay as history.

    Raises:
        Missing: the department is out of reach.
        Archived: the department takes no changes.
        Invalid: a day in the future, or there is an estimate for that day.
    """
    department = get_visible(Department, pk=department.pk)
    require_open(department)
    row = PatientPopulation(
        institution_id=department.institution_id, recorded_by_id=actor.person_id, created_at=now, updated_at=now
    )
    changes = change(row, {"department": department, **fields}, allowed=FIELDS)
    _check(row, local_day(now))
    save(row)
    trail.note(row, changes=changes, patients=row.patients, source=row.source)
    return row


@act(
    "customers.patientpopulation:update",
    right="customers.patientpopulation:edit",
    sentence=_("%(actor)s corrected the patients of %(target)s"),
)
def patient_population_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> PatientPopulation:
    """Correct an estimate; its department stays.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    row = locked(PatientPopulation, pk, expected_version=expected_version)
    require_open(row)
    wanted = dict(changes)
    if wanted.get("department") == row.department:
        wanted.pop("department")
    differing = change(row, wanted, allowed=FIELDS[1:])
    _check(row, local_day(now))
    touch(row, now)
    save(row, fields=differing)
    trail.note(row, changes=differing)
    return row


@act("customers.patientpopulation:archive", sentence=_("%(actor)s withdrew the estimate of patients of %(target)s"))
def patient_population_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> PatientPopulation:
    """Withdraw an estimate: the one before counts again."""
    row = locked(PatientPopulation, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    trail.note(row, changes={"archived_at": (None, now)})
    return row
