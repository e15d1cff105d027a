"""Row scope: one builder per model, used by every list, detail, form, export, import, search and chart."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Q

from yaomai.kit.access.actor import Actor, current_actor
from yaomai.kit.errors import Missing, Unavailable
from yaomai.kit.memo import once_a_page


@dataclass(frozen=True, slots=True)
class Scope:
    """How the rows of a model belong to somebody. Several ways are alternatives: any one lets a row in.

    territory: path to a territory id; the row is reached from that territory or one above.
    through:   path to another scoped model, or several; the row is reached when one of those rows is.
    person:    path to a person id; the row is that person's own.
    company:   everybody who holds the right reaches every row.
    """

    territory: str = ""
    through: str | tuple[str, ...] = ""
    person: str = ""
    company: bool = False

    def filter(self, model: type["ScopedModel"], actor: Actor, right: str) -> Q | None:
        """Return the condition; None means every row. An actor without the right gets an empty set."""
        if not actor.may(right):
            return Q(pk__in=[])
        reach = actor.reach(right)
        if self.company or reach is None:
            return None
        ways = [Q(**{f"{self.territory}__in": sorted(reach)})] if self.territory else []
        for path in (self.through,) if isinstance(self.through, str) else self.through:
            if not path:
                continue
            parent = model._meta.get_field(path).related_model
            assert isinstance(parent, type) and issubclass(parent, ScopedModel)
            # With the reach of this right, not of the parent's: another position may reach further with less.
            inner = parent.scope.filter(parent, actor, right)
            if inner is None:
                ways.append(Q(**{f"{path}__isnull": False}))
            else:
                # Exists, not in: for a few rows the planner looks at theirs instead of reading all that are in reach.
                ways.append(Q(models.Exists(parent.unscoped.filter(inner, pk=models.OuterRef(path)))))
        if self.person and actor.person_id is not None:
            ways.append(Q(**{self.person: actor.person_id}))
        return reduce(or_, ways) if ways else Q(pk__in=[])


@once_a_page
def _condition(model: type["ScopedModel"], actor: Actor, right: str) -> Q | None:
    return model.scope.filter(model, actor, right)


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that starts with what the current actor may view."""

    def allowed(self, right: str) -> Self:
        """Keep the rows on which the current actor holds `right`."""
        condition = _condition(self.model, current_actor(), right)
        return self if condition is None else self.filter(condition)


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The default manager of a scoped model: raises `NoActor` when nobody asks."""

    def get_queryset(self) -> ScopedQuerySet:
        queryset: ScopedQuerySet = super().get_queryset()
        return queryset.allowed(self.model.right("view"))


class ScopedModel(models.Model):
    """A model whose rows are seen only by those in whose scope they are."""

    scope: ClassVar[Scope]
    entity: ClassVar[str] = ""
    """The entity whose rights hold for these rows, when they are a part of another thing."""

    objects = ScopedManager()
    unscoped = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "objects"

    @classmethod
    def right(cls, verb: str) -> str:
        """Return the right for a verb on this model, such as `customers.institution:view`."""
        return f"{cls.entity or cls._meta.label_lower}:{verb}"

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the constraints; Django takes a database that dies meanwhile for a violated one."""
        try:
            super().validate_constraints(exclude=exclude)
        except ValidationError as error:
            if not connection.is_usable():
                raise Unavailable from error
            raise


M = TypeVar("M", bound=ScopedModel)


def row_id(text: str) -> int | None:
    """Return the id that a text of a request says, None when no row can have it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def get_visible(model: type[M], **lookup: Any) -> M:
    """Return the one row in the current actor's view.

    Raises:
        Missing: there is no such row, or it is out of scope.
    """
    try:
        row: M = model.objects.get(**lookup)
    except (model.DoesNotExist, ValueError, OverflowError):
        raise Missing from None
    return row
