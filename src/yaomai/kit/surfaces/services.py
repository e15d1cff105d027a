"""Writes of the surfaces themselves: saved views, the record of an export, and bulk acts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.surfaces.models import SavedView

NOT_KEPT = {"cursor", "view"}


def own_or_shared(actor: Actor) -> Q:
    """Return the condition of the views that somebody may use."""
    return Q(owner_id=actor.person_id) | Q(is_shared=True)


def views_for(actor: Actor, surface: str) -> list[SavedView]:
    """Return one's own and the shared views of a surface."""
    return list(SavedView.objects.filter(own_or_shared(actor), surface=surface).order_by("created_at", "pk"))


@act("surfaces.savedview:save", right="", sentence=_("%(actor)s saved the view %(target_name)s"))
def view_save(
    *, actor: Actor, trail: Trail, surface: str, name: str, query: str, is_shared: bool, now: datetime
) -> SavedView:
    """Save a view under a name; the same name again replaces it.

    Raises:
        Invalid: the name is empty or too long.
    """
    name = name.strip()
    if not name or len(name) > 40:
        raise Invalid(fields={"name": [_("Give the view a name of at most 40 characters.")]})
    kept = urlencode([pair for pair in parse_qsl(query) if pair[0] not in NOT_KEPT])
    view, _made = SavedView.objects.update_or_create(
        owner_id=actor.person_id,
        surface=surface,
        name=name,
        defaults={"query": kept, "is_shared": is_shared},
        create_defaults={"query": kept, "is_shared": is_shared, "created_at": now},
    )
    trail.note(changes={"view": (None, name)}, target_name=name)
    return view


@act("surfaces.savedview:delete", right="", sentence=_("%(actor)s deleted the view %(target_name)s"))
def view_delete(*, actor: Actor, trail: Trail, pk: int) -> None:
    """Delete one's own view."""
    view = SavedView.objects.filter(pk=pk, owner_id=actor.person_id).first()
    if view is None:
        raise Missing
    trail.note(changes={"view": (view.name, None)}, target_name=view.name)
    view.delete()


@act("surfaces.list:export", right="", sentence=_("%(actor)s exported %(rows)s rows of %(entity)s"))
def export_record(
    *, actor: Actor, trail: Trail, right: str, entity: str, rows: int, query: str, columns: list[str]
) -> None:
    """Put an export into the trail before a byte of it leaves."""
    if not actor.may(right):
        raise Missing
    trail.note(entity=entity, rows=rows, query=query, columns=columns)


@act("surfaces.list:bulk", right="", sentence=_("%(actor)s applied %(action)s to %(rows)s rows of %(entity)s"))
def bulk_run(*, actor: Actor, trail: Trail, entity: str, action: str, work: Callable[[], int]) -> int:
    """Run a bulk change in one transaction: all rows or none; every row leaves its own entry too."""
    count = work()
    trail.note(entity=entity, action=action, rows=count)
    return count


def parameters_without(query: Any, *names: str) -> str:
    """Return a query string without some parameters."""
    kept = query.copy()
    for name in (*names, "cursor"):
        kept.pop(name, None)
    return str(kept.urlencode())
