"""Whose a request is: who asked, who decides or did, and who may look at all of them where they lie."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from yaomai.kit.access import Actor, Scope, ScopedModel


@dataclass(frozen=True, slots=True)
class Involved(Scope):
    """A request reaches whoever is involved, and those with the right to view where it lies."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        from yaomai.kit.approvals.selectors import decided_by, seats

        reach = actor.reach(right) if actor.may(right) else frozenset()
        if reach is None:
            return None
        involved = Q(territory_id__in=sorted(reach))
        if actor.person_id is None:
            return involved
        step, decision = apps.get_model("approvals", "Step"), apps.get_model("approvals", "Decision")
        mine = decided_by(seats(actor, on=timezone.localdate()))
        decides = Exists(step._default_manager.filter(mine, request=OuterRef("pk")))
        decided = Exists(decision._default_manager.filter(person=actor.person_id, request=OuterRef("pk")))
        return involved | Q(requested_by_id=actor.person_id) | Q(decides) | Q(decided)


@dataclass(frozen=True, slots=True)
class Mine(Scope):
    """A delegation reaches the two it concerns."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        if actor.is_system:
            return None
        return Q(person_id=actor.person_id) | Q(deputy_id=actor.person_id)
