"""The short lists that products refer to: product lines, indications, standard departments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Indication, ProductLine, StandardDepartment
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch

Entry = TypeVar("Entry", ProductLine, Indication, StandardDepartment)
LINE = ("code", "name")
INDICATION = ("code", "name")
DEPARTMENT = ("code", "name", "group", "parent")


def _create(row: Entry, fields: Mapping[str, Any], allowed: Sequence[str], trail: Trail) -> Entry:
    changes = change(row, fields, allowed=allowed)
    save(row)
    trail.note(row, changes=changes)
    return row


def _update(
    model: type[Entry],
    pk: int,
    changes: Mapping[str, Any],
    allowed: Sequence[str],
    expected_version: int | None,
    now: datetime,
    trail: Trail,
) -> Entry:
    row = locked(model, pk, expected_version=expected_version)
    require_open(row)
    differing = change(row, changes, allowed=allowed)
    touch(row, now)
    save(row, fields=differing)
    trail.note(row, changes=differing)
    return row


def _archive(model: type[Entry], pk: int, now: datetime, trail: Trail, expected_version: int | None) -> Entry:
    row = locked(model, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    trail.note(row, changes={"archived_at": (None, now)})
    return row


@act("catalog.productline:create", sentence=_("%(actor)s created product line %(target)s"))
def product_line_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> ProductLine:
    """Create a product line. Raises Invalid by field."""
    return _create(ProductLine(created_at=now, updated_at=now), fields, LINE, trail)


@act(
    "catalog.productline:update",
    right="catalog.productline:edit",
    sentence=_("%(actor)s changed product line %(target)s"),
)
def product_line_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> ProductLine:
    """Change a product line. Raises Missing, Stale, Archived, Invalid."""
    return _update(ProductLine, pk, changes, LINE, expected_version, now, trail)


@act("catalog.productline:archive", sentence=_("%(actor)s archived product line %(target)s"))
def product_line_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> ProductLine:
    """Take a product line out of use; products keep it."""
    return _archive(ProductLine, pk, now, trail, expected_version)


@act("catalog.indication:create", sentence=_("%(actor)s created indication %(target)s"))
def indication_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Indication:
    """Create an indication. Raises Invalid by field."""
    return _create(Indication(created_at=now, updated_at=now), fields, INDICATION, trail)


@act(
    "catalog.indication:update",
    right="catalog.indication:edit",
    sentence=_("%(actor)s changed indication %(target)s"),
)
def indication_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Indication:
    """Change an indication. Raises Missing, Stale, Archived, Invalid."""
    return _update(Indication, pk, changes, INDICATION, expected_version, now, trail)


@act("catalog.indication:archive", sentence=_("%(actor)s archived indication %(target)s"))
def indication_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Indication:
    """Take an indication out of use; products keep it."""
    return _archive(Indication, pk, now, trail, expected_version)


@act("catalog.standarddepartment:create", sentence=_("%(actor)s created standard department %(target)s"))
def standard_department_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> StandardDepartment:
    """Create a standard department. Raises Invalid by field."""
    return _create(StandardDepartment(created_at=now, updated_at=now), fields, DEPARTMENT, trail)


@act(
    "catalog.standarddepartment:update",
    right="catalog.standarddepartment:edit",
    sentence=_("%(actor)s changed standard department %(target)s"),
)
def standard_department_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> StandardDepartment:
    """Change a standard department. Raises Missing, Stale, Archived, Invalid."""
    return _update(StandardDepartment, pk, changes, DEPARTMENT, expected_version, now, trail)


@act("catalog.standarddepartment:archive", sentence=_("%(actor)s archived standard department %(target)s"))
def standard_department_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> StandardDepartment:
    """Take a standard department out of use; departments keep it."""
    return _archive(StandardDepartment, pk, now, trail, expected_version)
