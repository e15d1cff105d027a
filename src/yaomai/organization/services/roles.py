"""Roles: edit their rights, and load the shipped ones without touching what the customer decided."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.access.rights import every_right, known
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Invalid
from yaomai.organization import rules, separation
from yaomai.organization.models import Emergency, Holding, Role
from yaomai.organization.roles import ROLES, RoleDefinition
from yaomai.organization.services import rows
from yaomai.organization.services.invariants import (
    DutiesMeet,
    indispensable_held,
    lock_rights,
    require_separate_people,
    require_separate_role,
    require_still_held,
)


@act("organization.role:edit", sentence=_("%(actor)s edited the rights of the role %(target)s"))
def role_edit_rights(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    now: datetime,
    rights: Sequence[str],
    reach: str | None = None,
    expected_version: int | None = None,
) -> Role:
    """Set a role's rights, and its reach when given.

    Raises:
        DutiesMeet: system, security and audit power would meet in the role or in a person.
        NobodyLeft: nobody could manage people or rights any more.
        Invalid: a right does not exist.
        Stale: somebody changed the role since it was read.
    """
    lock_rights()
    role = rows.locked(Role, pk, right="organization.role:edit", expected_version=expected_version)
    if unknown := sorted(right for right in set(rights) if not known(right)):
        raise Invalid(fields={"rights": [_("There is no right %(names)s.") % {"names": ", ".join(unknown)}]})
    if reach is not None and reach not in Role.Reach.values:
        raise Invalid(fields={"reach": [_("Choose one of the offered values.")]})
    today = timezone.localdate(now)
    held = indispensable_held(on=today)
    before, before_reach = set(role.rights), role.reach
    # Rights of a room that is switched off are kept: they are not on the page, so nobody unticked them.
    role.rights = sorted(set(rights) | {right for right in before if not known(right)})
    role.reach = reach or role.reach
    require_separate_role(role)
    role.version += 1
    role.save(update_fields=["rights", "reach", "version"])
    require_separate_people(_people_of(role, today), on=today)
    require_still_held(held, on=today)
    after = set(role.rights)
    changes = {right: (right in before, right in after) for right in sorted(before ^ after)}
    if before_reach != role.reach:
        changes["reach"] = (before_reach, role.reach)  # type: ignore[assignment]
    trail.note(role, changes=changes)
    return role


@act(
    "organization.role:sync",
    right="organization.role:edit",
    sentence=_("%(actor)s brought %(count)s shipped roles up to date"),
)
def role_sync(*, actor: Actor, trail: Trail, now: datetime) -> list[str]:
    """Load the shipped roles; return the codes of those that changed.

    A role that exists keeps its name, its reach, and every right that the customer added or removed; a default
    that would bring two duties together, in a role the customer changed or in a person, is left out.
    """
    lock_rights()
    registered = every_right()
    existing = {role.code: role for role in Role.unscoped.select_for_update().order_by("pk")}
    changes: dict[str, tuple[list[str] | None, list[str]]] = {}
    for order, definition in enumerate(ROLES):
        role = existing.get(definition.code)
        before = None if role is None else list(role.rights)
        after = _synced(role, definition, order, registered, timezone.localdate(now))
        if before != after:
            changes[definition.code] = (before, after)
    trail.note(changes=changes, count=len(changes))
    return list(changes)


def _meets_in_a_person(role: Role, rights: list[str], today: date) -> bool:
    """Tell whether the rights would join two duties in somebody who holds the role beside another."""
    if separation.duties_of(rights) <= separation.duties_of(role.rights):
        return False
    try:
        with transaction.atomic():
            Role.unscoped.filter(pk=role.pk).update(rights=rights)
            require_separate_people(_people_of(role, today), on=today)
            transaction.set_rollback(True)
    except DutiesMeet:
        return True
    return False


def _people_of(role: Role, today: date) -> list[int]:
    """Return the ids of those who hold the role, today or later, by position or as emergency power."""
    held = Holding.unscoped.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today), position__role=role)
    lent = Emergency.unscoped.filter(ended_at__isnull=True, role=role)
    return [*held.values_list("person_id", flat=True), *lent.values_list("person_id", flat=True)]


def _synced(
    role: Role | None, definition: RoleDefinition, order: int, registered: frozenset[str], today: date
) -> list[str]:
    shipped = definition.rights(registered)
    if role is None:
        role = Role(
            code=definition.code,
            name=definition.name,
            name_en=definition.name_en,
            reach=Role.Reach.COMPANY if definition.is_company_wide else Role.Reach.TERRITORY,
            rights=shipped,
            shipped_rights=shipped,
            order=order,
        )
        require_separate_role(role)
        role.save(force_insert=True)
        return shipped
    # Rights of rooms that are absent now stay as they are, in both lists.
    absent = [right for right in role.shipped_rights if not known(right)]
    rights = rules.merged(role.rights, role.shipped_rights, [*shipped, *absent])
    if len(separation.duties_of(rights)) > 1 or _meets_in_a_person(role, rights, today):
        rights = [right for right in rights if right in role.rights or not separation.duties_of([right])]
    if rights != role.rights or sorted([*shipped, *absent]) != role.shipped_rights:
        role.rights, role.shipped_rights = rights, sorted([*shipped, *absent])
        role.version += 1
        role.save(update_fields=["rights", "shipped_rights", "version"])
    return list(role.rights)
