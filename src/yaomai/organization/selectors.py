"""Read who we are."""

from datetime import date

from yaomai.kit.access import Actor, Grant
from yaomai.organization.models import Filing, Holding, Person, Role, Territory, on_day


def actor_for(person: Person, *, on: date) -> Actor:
    """Return the person as an actor with the positions held on a day. A person without any may do nothing."""
    holdings = list(
        Holding.unscoped.filter(on_day(on) & on_day(on, "position__"), person=person)
        .select_related("position__role", "position__territory")
        .order_by("valid_from", "pk")
    )
    subtrees = _subtrees({holding.position.territory.path for holding in holdings})
    grants = tuple(
        Grant(
            rights=frozenset(holding.position.role.rights),
            territory_ids=(
                None
                if holding.position.role.reach == Role.Reach.COMPANY
                else subtrees[holding.position.territory.path]
            ),
            position_id=holding.position_id,
        )
        for holding in holdings
    )
    return Actor(
        person_id=person.pk,
        label=person.name,
        grants=grants,
        position_label="、".join(holding.position.title for holding in holdings),
    )


def _subtrees(paths: set[str]) -> dict[str, frozenset[int]]:
    """Return, for each path, the ids of the territory and of all below it."""
    if not paths:
        return {}
    nodes = list(Territory.unscoped.values_list("pk", "path"))
    return {path: frozenset(pk for pk, node in nodes if node.startswith(path)) for path in paths}


def has_active_filing(person_id: int, *, on: date) -> bool:
    """Tell whether the person is a filed rep on a day."""
    return Filing.unscoped.filter(on_day(on), person_id=person_id).exists()
