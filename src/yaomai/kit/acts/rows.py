"""What a write service does with a row: lock it, check the version, validate, count up, save.

institution = locked(Institution, pk, expected_version=expected_version)
require_open(institution)
differing = change(institution, changes, allowed=FIELDS)
touch(institution, now)
save(institution, fields=differing)
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import ScopedModel
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale
from yaomai.spellings import one_line

M = TypeVar("M", bound=ScopedModel)


class Archived(Conflict):
    """The row is archived and takes no changes."""

    code = "archived"
    message = _("%(name)s is archived. Restore it before changing it.")


def local_day(now: datetime) -> date:
    """Return the day of the site on which a moment falls."""
    return timezone.localdate(now)


def locked(model: type[M], pk: int, *, verb: str = "edit", expected_version: int | None = None) -> M:
    """Return the row, locked until the transaction ends, where the actor holds the right.

    Raises:
        Missing: there is no such row in reach.
        Stale: it has another version than the one that was read.
    """
    rows: Any = model.objects.all()
    row: M | None = rows.allowed(model.right(verb)).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise Missing
    if expected_version is not None and getattr(row, "version", expected_version) != expected_version:
        raise Stale
    return row


def require_open(row: Any) -> None:
    """Raise `Archived` for an archived row."""
    if row.archived_at is not None:
        raise Archived(name=str(row))


def change(row: Any, changes: Mapping[str, Any], *, allowed: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """Set the allowed fields and return what differs, as the trail shows it; names and the like are one line.

    Raises:
        Invalid: a field that may not be set this way.
    """
    permitted = set(allowed)
    unknown = set(changes) - permitted
    if unknown:
        raise Invalid(fields={name: [_("This cannot be changed here.")] for name in sorted(unknown)})
    differing: dict[str, tuple[Any, Any]] = {}
    for name, value in changes.items():
        value = _written(row, name, value)
        before = getattr(row, name, None)  # a new row lacks what it must refer to
        if before != value:
            differing[name] = (before, value)
            setattr(row, name, value)
    return differing


def _written(row: Any, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return value.strip() if isinstance(row._meta.get_field(name), models.TextField) else one_line(value)


def valid(row: Any) -> None:
    """Check a row by its model's validators and constraints.

    Raises:
        Invalid: by field.
    """
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(
            fields={("" if name == "__all__" else name): list(found) for name, found in error.message_dict.items()}
        ) from error


def save(row: Any, *, fields: Iterable[str] | None = None) -> None:
    """Validate and write the row; `fields` are written on an existing one, with version and time.

    Raises:
        Invalid: by field, from the model's validators and constraints.
    """
    valid(row)
    try:
        with transaction.atomic():
            if row._state.adding:
                row.save(force_insert=True)
            else:
                row.save(update_fields=[*(fields or ()), "version", "updated_at"])
    except IntegrityError as error:
        raise _invalid(row, error) from error


def _invalid(row: models.Model, error: IntegrityError) -> Invalid:
    """Name the field of a constraint that only the database could check: the other row is out of sight."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    for constraint in row._meta.constraints:
        if constraint.name == name:
            named = list(getattr(constraint, "fields", ()) or [""])
            message: Any = constraint.get_violation_error_message()
            return Invalid(fields={named[-1]: [message]})
    raise error


def touch(row: Any, now: datetime) -> None:
    """Count the version up."""
    row.version += 1
    row.updated_at = now
