"""Administrative divisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from yaomai.catalog import rules
from yaomai.catalog.models import Division
from yaomai.catalog.searching import index_divisions
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid


class HasParts(Conflict):
    """Other divisions belong to this one."""

    code = "division_has_parts"
    message = _("%(count)s divisions belong to %(name)s. Archive them first.")


def placed(division: Division) -> Division:
    """Set what follows from the parent: path and full name.

    Raises:
        Invalid: the code does not continue the parent's.
    """
    parent = division.parent
    if parent is not None and not division.code.startswith(parent.code):
        raise Invalid(fields={"code": [_("The code must begin with the code of what it belongs to.")]})
    division.path = f"{parent.path if parent else '/'}{division.code}/"
    division.full_name = rules.full_name(parent.full_name if parent else "", division.name)
    return division


@act("catalog.division:create", sentence=_("%(actor)s created division %(target)s"))
def division_create(
    *, actor: Actor, trail: Trail, now: datetime, code: str, name: str, parent: Division | None = None, level: str = ""
) -> Division:
    """Create a division; the level follows from the code when it is not given.

    Raises:
        Invalid: by field.
    """
    found = level or rules.division_level(code.strip())
    if found is None:
        raise Invalid(fields={"code": [_("An official code has 2, 4, 6, 9 or 12 digits.")]})
    division = Division(created_at=now, updated_at=now)
    changes = change(
        division,
        {"code": code, "name": name, "parent": parent, "level": found},
        allowed=("code", "name", "parent", "level"),
    )
    save(placed(division))
    index_divisions([division.pk])
    trail.note(division, changes=changes)
    return division


@act("catalog.division:update", right="catalog.division:edit", sentence=_("%(actor)s changed division %(target)s"))
def division_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Division:
    """Rename a division; the full names below it follow. Code and parent are official and stay.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    division = locked(Division, pk, expected_version=expected_version)
    require_open(division)
    wanted = {name: value for name, value in changes.items() if getattr(division, name) != value}
    before = division.full_name
    differing = change(division, wanted, allowed=("name",))
    placed(division)
    touch(division, now)
    save(division, fields=[*differing, "full_name"])
    below = Division.unscoped.filter(path__startswith=division.path).exclude(pk=pk)
    below.filter(full_name__startswith=before).update(
        full_name=Concat(Value(division.full_name), Substr(F("full_name"), len(before) + 1))
    )
    index_divisions([pk, *below.values_list("pk", flat=True)])
    trail.note(division, changes=differing)
    return division


@act("catalog.division:archive", sentence=_("%(actor)s archived division %(target)s"))
def division_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Division:
    """Take a division that no longer exists out of use.

    Raises:
        HasParts: others belong to it.
    """
    division = locked(Division, pk, verb="archive", expected_version=expected_version)
    require_open(division)
    count = Division.unscoped.filter(parent=division, archived_at__isnull=True).count()
    if count:
        raise HasParts(count=count, name=division.name)
    division.archived_at = now
    touch(division, now)
    save(division, fields=["archived_at"])
    trail.note(division, changes={"archived_at": (None, now)})
    return division
