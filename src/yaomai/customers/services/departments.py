"""Departments of institutions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import StandardDepartment
from yaomai.customers import merging
from yaomai.customers.models import Affiliation, Department, Institution
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.errors import Conflict

FIELDS = ("name", "standard", "beds")


class DepartmentInUse(Conflict):
    """People work in the department."""

    code = "department_in_use"
    message = _("%(count)s professionals work in %(name)s. Move them first.")


def standard_for(name: str) -> StandardDepartment | None:
    """Return the standard department of exactly this name, if there is one."""
    return StandardDepartment.unscoped.filter(name=name.strip(), archived_at__isnull=True).first()


@act("customers.department:create", sentence=_("%(actor)s created department %(target)s of %(institution)s"))
def department_create(
    *, actor: Actor, trail: Trail, now: datetime, institution: Institution, name: str, **fields: Any
) -> Department:
    """Create a department; without a standard department the one of the same name is taken.

    Raises:
        Missing: the institution is out of reach.
        Invalid: the institution has a department of this name.
    """
    institution = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(institution)
    department = Department(institution=institution, created_at=now, updated_at=now)
    changes = change(department, {"name": name, **fields}, allowed=FIELDS)
    if department.standard is None:
        department.standard = standard_for(department.name)
    save(department)
    trail.note(department, changes=changes, institution=institution.name)
    return department


@act(
    "customers.department:update",
    right="customers.department:edit",
    sentence=_("%(actor)s changed department %(target)s"),
)
def department_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Department:
    """Change a department; it stays in its institution.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    department = locked(Department, pk, expected_version=expected_version)
    require_open(department)
    wanted = dict(changes)
    if wanted.get("institution") == department.institution:
        wanted.pop("institution")
    differing = change(department, wanted, allowed=FIELDS)
    touch(department, now)
    save(department, fields=differing)
    trail.note(department, changes=differing)
    return department


@act("customers.department:archive", sentence=_("%(actor)s archived department %(target)s"))
def department_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Department:
    """Take a department out of use.

    Raises:
        DepartmentInUse: people work there.
    """
    department = locked(Department, pk, verb="archive", expected_version=expected_version)
    require_open(department)
    count = Affiliation.unscoped.filter(department=department, valid_to__isnull=True).count()
    if count:
        raise DepartmentInUse(count=count, name=department.name)
    department.archived_at = now
    touch(department, now)
    save(department, fields=["archived_at"])
    trail.note(department, changes={"archived_at": (None, now)})
    return department
