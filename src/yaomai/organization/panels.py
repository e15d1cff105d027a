"""What the detail pages and computed columns of this room show."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.kit.access import Actor
from yaomai.kit.access.rights import VERBS, entities
from yaomai.kit.audit.selectors import acts_in_emergency
from yaomai.organization import selectors, separation
from yaomai.organization.models import Emergency, Filing, Holding, Person, Position, Territory, TerritoryChange, on_day


def _joined(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Return key -> texts joined, for pairs sorted by key."""
    return {key: "、".join(text for _key, text in group) for key, group in groupby(pairs, key=lambda pair: pair[0])}


def positions_of_people(people: Iterable[Person]) -> Mapping[int, str]:
    """Return the positions that people hold today, as far as the actor sees them; one query."""
    held = Holding.objects.filter(on_day(timezone.localdate()), person__in=[person.pk for person in people])
    return _joined(held.order_by("person_id", "valid_from").values_list("person_id", "position__title"))


def filings_of_people(people: Iterable[Person]) -> Mapping[int, str]:
    """Return the active filings of people; one query."""
    active = Filing.objects.filter(on_day(timezone.localdate()), person__in=[person.pk for person in people])
    return _joined(active.order_by("person_id", "number").values_list("person_id", "number"))


def holders_of_positions(positions: Iterable[Position]) -> Mapping[int, str]:
    """Return who holds positions today; one query."""
    held = Holding.objects.filter(on_day(timezone.localdate()), position__in=[position.pk for position in positions])
    return _joined(held.order_by("position_id", "valid_from").values_list("position_id", "person__name"))


def person_positions(person: Person, actor: Actor) -> dict[str, Any]:
    """Return the timeline of a person's positions."""
    today = timezone.localdate()
    return {
        "holdings": [(holding, _state(holding, today)) for holding in selectors.holdings_of(person)],
        "may_edit": actor.may("organization.position:edit"),
    }


def _state(period: Any, today: Any) -> str:
    if period.valid_from > today:
        return "planned"
    return "present" if period.valid_to is None or period.valid_to > today else "past"


def person_rights(person: Person, actor: Actor) -> dict[str, Any] | None:
    """Return a person's rights by entity, with the positions they come from; for who may see roles, and oneself."""
    if not actor.may("organization.role:view") and person.pk != actor.person_id:
        return None
    now = timezone.now()
    found = selectors.right_sources(person, on=timezone.localdate(now), at=now)
    sources = {source.right: source for source in found}
    groups = []
    for entity in entities():
        held = [
            (VERBS[verb], sources[f"{entity.code}:{verb}"])
            for verb in entity.verbs
            if f"{entity.code}:{verb}" in sources
        ]
        if held:
            positions = sorted({position for _verb, source in held for position in source.positions})
            groups.append((entity.label, held, "、".join(positions)))
    duties = separation.duties_of(right for right, source in sources.items() if not source.is_withheld)
    return {"groups": groups, "duties": separation.named(duties)}


def person_filings(person: Person, actor: Actor) -> dict[str, Any]:
    """Return a person's filings and what is withheld today."""
    today = timezone.localdate()
    filings = list(Filing.objects.filter(person=person).order_by("-valid_from", "-pk"))
    withheld = [source.right for source in selectors.right_sources(person, on=today) if source.is_withheld]
    return {"filings": [(filing, _state(filing, today)) for filing in filings], "withheld": withheld}


def emergency_acts(emergency: Emergency, actor: Actor) -> dict[str, Any]:
    """Return what was done under an emergency power, and whether the actor may end it."""
    now = timezone.now()
    is_in_force = emergency.is_in_force(now)
    until = emergency.ended_at or emergency.expires_at
    return {
        "lines": acts_in_emergency(emergency.pk, person_id=emergency.person_id, since=emergency.begins_at, until=until),
        "may_end": is_in_force and (actor.may(emergency.right("edit")) or actor.person_id == emergency.person_id),
        "is_in_force": is_in_force,
    }


def emergency_states(emergencies: Iterable[Emergency]) -> Mapping[int, str]:
    """Return whether each emergency power holds now."""
    now = timezone.now()
    return {each.pk: _("in force") if each.is_in_force(now) else pgettext("emergency", "over") for each in emergencies}


def territory_changes(territory: Territory, actor: Actor) -> dict[str, Any]:
    """Return planned and past changes of a territory."""
    changes = (
        TerritoryChange.objects.filter(territory=territory).select_related("parent").order_by("-effective_on", "-pk")
    )
    return {"changes": list(changes), "may_edit": actor.may("organization.territory:edit")}


def territory_positions(territory: Territory, actor: Actor) -> dict[str, Any]:
    """Return the positions of a territory that exist today, with who holds them."""
    positions = list(
        Position.objects.filter(on_day(timezone.localdate()), territory=territory)
        .select_related("role")
        .order_by("title")
    )
    holders = holders_of_positions(positions)
    return {"positions": [(position, holders.get(position.pk, "")) for position in positions]}


def position_holders(position: Position, actor: Actor) -> dict[str, Any]:
    """Return who held, holds and will hold a position."""
    today = timezone.localdate()
    holdings = Holding.objects.filter(position=position).select_related("person").order_by("-valid_from", "-pk")
    return {
        "holdings": [(holding, _state(holding, today)) for holding in holdings],
        "may_edit": actor.may("organization.position:edit"),
    }
