"""Read a row for writing, validate it, save it."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import ScopedModel
from yaomai.kit.audit.trail import difference
from yaomai.kit.errors import Invalid, Missing, Stale

M = TypeVar("M", bound=ScopedModel)


def locked(model: type[M], pk: int, *, right: str, expected_version: int | None = None) -> M:
    """Return a row on which the current actor holds `right`, locked until the transaction ends.

    Raises:
        Missing: there is none in the actor's scope.
        Stale: it is not in the version that the writer read.
    """
    row: M | None = model.objects.allowed(right).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        raise Missing
    if expected_version is not None and getattr(row, "version", expected_version) != expected_version:
        raise Stale
    return row


def validated(row: models.Model) -> None:
    """Check fields, uniqueness and constraints.

    Raises:
        Invalid: by field.
    """
    try:
        row.full_clean()
    except ValidationError as error:
        fields = {("" if name == "__all__" else name): messages for name, messages in error.message_dict.items()}
        raise Invalid(fields=fields) from error


def updated(row: models.Model, changes: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """Apply changes to a locked row, raise its version, and return field -> (before, after).

    Raises:
        Invalid: a field cannot be changed, or its value is not acceptable.
    """
    names = set(allowed)
    if unknown := sorted(set(changes) - names):
        raise Invalid(fields={name: [_("This cannot be changed here.")] for name in unknown})
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    validated(row)
    row.version += 1  # type: ignore[attr-defined]
    row.save(update_fields=[*changes, "version"])
    return difference(before, {name: getattr(row, name) for name in changes})
