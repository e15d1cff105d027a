"""The territory tree: create nodes, and rename, move or close them from a day."""

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, DomainError, Invalid
from yaomai.organization import territories as tree
from yaomai.organization.models import Position, Territory, TerritoryChange, on_day
from yaomai.organization.services import rows

RIGHT = "organization.territory:edit"
LEVELS = list(Territory.Level.values)


class InUse(Conflict):
    """Something still lives in the territory on the day it would close."""

    code = "territory_in_use"
    message = _("%(name)s cannot be closed on %(day)s: %(what)s still belong to it. Move or close them first.")


class AlreadyDecided(Conflict):
    """The change was applied or withdrawn before."""

    code = "change_already_decided"
    message = _("This change has been applied or withdrawn already.")


def _lock_tree() -> None:
    """Let one transaction at a time change the shape of the tree."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('organization tree', 7))")


@act("organization.territory:create", sentence=_("%(actor)s created the territory %(target)s"))
def territory_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    code: str,
    name: str,
    level: str,
    parent: Territory | None = None,
    valid_from: date,
) -> Territory:
    """Add a node to the tree.

    Raises:
        Invalid: a field is not acceptable, or the level does not fit below the parent.
    """
    _lock_tree()
    territory = Territory(
        code=code.strip(), name=name.strip(), level=level, parent=parent, path="/", valid_from=valid_from
    )
    rows.validated(territory)
    _require_level(territory.level, parent)
    territory.save(force_insert=True)
    territory.path = f"{parent.path if parent else '/'}{territory.pk}/"
    territory.save(update_fields=["path"])
    trail.note(
        territory,
        changes={
            field: (None, getattr(territory, field)) for field in ("code", "name", "level", "parent", "valid_from")
        },
    )
    return territory


def _require_level(level: str, parent: Territory | None) -> None:
    """A region lies in the company, an area in a region, a district in an area; steps may be left out."""
    if parent is None:
        if level != Territory.Level.COMPANY:
            raise Invalid(fields={"parent": [_("Only the company itself lies below nothing.")]})
    elif LEVELS.index(parent.level) >= LEVELS.index(level):
        raise Invalid(
            fields={
                "parent": [
                    _("%(parent)s is a %(level)s and cannot contain this.")
                    % {"parent": parent.name, "level": parent.get_level_display()}
                ]
            }
        )


@act("organization.territory:edit", sentence=_("%(actor)s edited the territory %(target)s"))
def territory_update(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, changes: dict[str, Any], expected_version: int | None = None
) -> Territory:
    """Correct a territory's code. Its name, place and end change from a day: `territory_plan_change`."""
    territory = rows.locked(Territory, pk, right=RIGHT, expected_version=expected_version)
    trail.note(territory, changes=rows.updated(territory, changes, ("code",)))
    return territory


@act(
    "organization.territory:plan_change",
    right=RIGHT,
    sentence=_("%(actor)s set a change of the territory %(territory)s from %(effective_on)s"),
)
def territory_plan_change(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    territory_id: int,
    effective_on: date,
    name: str = "",
    parent_id: int | None = None,
    closes: bool = False,
) -> TerritoryChange:
    """Rename, move or close a territory from a day; carried out at once when that day is today.

    Raises:
        Invalid: the day is past, nothing would change, or the new place does not fit.
        InUse: it would close while positions or territories belong to it.
    """
    _lock_tree()
    territory = rows.locked(Territory, territory_id, right=RIGHT)
    today = timezone.localdate(now)
    if effective_on < today:
        raise Invalid(fields={"effective_on": [_("History is frozen: choose today or a later day.")]})
    parent = None if parent_id is None else rows.locked(Territory, parent_id, right=RIGHT)
    name = name.strip()
    if not (name or parent or closes):
        raise Invalid(fields={"": [_("Say what should change: the name, the place, or that it closes.")]})
    change = TerritoryChange(territory=territory, effective_on=effective_on, name=name, parent=parent, closes=closes)
    _require_possible(change)
    change.save(force_insert=True)
    if effective_on == today:
        _apply(change, now)
    trail.note(change, changes=_described(change), territory=territory.name, effective_on=effective_on)
    return change


def _described(change: TerritoryChange) -> dict[str, tuple[Any, Any]]:
    before = change.territory if change.before is None else None
    old_name = change.before["name"] if before is None else before.name
    described: dict[str, tuple[Any, Any]] = {}
    if change.name:
        described["name"] = (old_name, change.name)
    if change.parent is not None:
        old = change.before["parent_id"] if before is None else before.parent_id
        described["parent"] = (old, change.parent_id)
    if change.closes:
        described["valid_to"] = (None, change.effective_on)
    return described


def _require_possible(change: TerritoryChange) -> None:
    """Check the change against the tree as it will be on its day."""
    day = change.effective_on
    nodes = tree.nodes_on(day, without=change.pk)
    node = nodes[change.territory_id]
    if not node.exists_on(day):
        raise Invalid(fields={"effective_on": [_("The territory does not exist on that day.")]})
    if change.parent is not None:
        if not nodes[change.parent.pk].exists_on(day):
            raise Invalid(fields={"parent": [_("%(name)s does not exist on that day.") % {"name": change.parent.name}]})
        if tree.lies_below(nodes, change.parent.pk, change.territory_id):
            raise Invalid(fields={"parent": [_("A territory cannot lie below itself.")]})
        _require_level(node.level, change.parent)
    if change.closes:
        _require_empty(change, nodes)


def _require_empty(change: TerritoryChange, nodes: dict[int, tree.Node]) -> None:
    day = change.effective_on
    users = [node.name for node in nodes.values() if node.parent_id == change.territory_id and node.exists_on(day)]
    users += Position.unscoped.filter(on_day(day), territory_id=change.territory_id).values_list("title", flat=True)[:5]
    if users:
        raise InUse(name=change.territory.name, day=day.isoformat(), what="、".join(users[:6]))


def _apply(change: TerritoryChange, now: datetime) -> None:
    """Carry the change out and remember what held before."""
    territory = change.territory
    change.before = {
        "name": territory.name,
        "parent_id": territory.parent_id,
        "valid_to": territory.valid_to.isoformat() if territory.valid_to else None,
    }
    change.applied_at = now
    change.save(update_fields=["before", "applied_at"])
    territory.name = change.name or territory.name
    if change.closes:
        territory.valid_to = change.effective_on
    if change.parent is not None and change.parent_id != territory.parent_id:
        territory.parent = change.parent
        _move_subtree(territory, f"{change.parent.path}{territory.pk}/")
    territory.version += 1
    territory.save(update_fields=["name", "valid_to", "parent", "path", "version"])


def _move_subtree(territory: Territory, path: str) -> None:
    """Rewrite the paths of everything below; the territory's own path is set, not saved."""
    old = territory.path
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organization_territory SET path = %s || substr(path, %s) WHERE path LIKE %s AND id <> %s",
            [path, len(old) + 1, f"{old}%", territory.pk],
        )
    territory.path = path


@act(
    "organization.territory:withdraw_change",
    right=RIGHT,
    sentence=_("%(actor)s withdrew the change of the territory %(territory)s planned for %(effective_on)s"),
)
def territory_withdraw_change(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> TerritoryChange:
    """Take back a planned change.

    Raises:
        AlreadyDecided: it was applied or withdrawn.
    """
    _lock_tree()
    change = rows.locked(TerritoryChange, pk, right=RIGHT)
    if change.applied_at is not None or change.withdrawn_at is not None:
        raise AlreadyDecided
    change.withdrawn_at = now
    change.save(update_fields=["withdrawn_at"])
    trail.note(change, territory=change.territory.name, effective_on=change.effective_on)
    return change


@act(
    "organization.territory:apply_change",
    right=RIGHT,
    sentence=_("The change of the territory %(territory)s planned for %(effective_on)s took effect"),
)
def territory_apply_change(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> TerritoryChange:
    """Carry out a planned change whose day has come.

    Raises:
        AlreadyDecided: it was applied or withdrawn.
        Invalid, InUse: the tree has changed so that it is not possible any more.
    """
    _lock_tree()
    change = rows.locked(TerritoryChange, pk, right=RIGHT)
    if change.applied_at is not None or change.withdrawn_at is not None:
        raise AlreadyDecided
    if change.effective_on > timezone.localdate(now):
        raise Invalid(fields={"effective_on": [_("Its day has not come.")]})
    _require_possible(change)
    _apply(change, now)
    trail.note(change, changes=_described(change), territory=change.territory.name, effective_on=change.effective_on)
    return change


def territory_apply_due(*, actor: Actor, now: datetime) -> tuple[list[TerritoryChange], list[tuple[int, DomainError]]]:
    """Carry out every planned change whose day has come, each in a transaction and with an entry of its own.

    A change that has become impossible stays planned and is returned with its reason; the tree's page shows it.
    """
    due = (
        TerritoryChange.unscoped.filter(
            applied_at__isnull=True, withdrawn_at__isnull=True, effective_on__lte=timezone.localdate(now)
        )
        .order_by("effective_on", "pk")
        .values_list("pk", flat=True)
    )
    applied, failed = [], []
    for pk in list(due):
        try:
            applied.append(territory_apply_change(actor=actor, pk=pk, now=now))
        except DomainError as error:
            failed.append((pk, error))
    return applied, failed
