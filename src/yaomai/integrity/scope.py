"""Nobody sees what is held against them, whatever rights they have."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from yaomai.kit.access import Actor, Scope, ScopedModel


@dataclass(frozen=True, slots=True)
class Independent(Scope):
    """Rows of the company, but for those whom a row is about: `about` are paths to their person ids."""

    about: tuple[str, ...] = ()

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        condition = Scope.filter(self, model, actor, right)
        if actor.person_id is None:
            return condition
        for path in self.about:
            mine: Any = Q(pk__in=model.unscoped.filter(**{path: actor.person_id}).values("pk"))
            condition = ~mine if condition is None else condition & ~mine
        return condition
