"""Row scope: one builder per model, used by every list, detail, form, export, import, search and chart."""

from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Lookup, Q
from django.db.models.sql.query import Query
from django.db.models.sql.where import AND, WhereNode

from yaomai.kit.access.actor import Actor, Grant, current_actor
from yaomai.kit.errors import Missing, Unavailable
from yaomai.kit.memo import kept, once_a_page


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

    def paths(self) -> tuple[str, ...]:
        """Return the paths to other scoped models."""
        if isinstance(self.through, str):
            return (self.through,) if self.through else ()
        return self.through

    def filter(self, model: type["ScopedModel"], actor: Actor, right: str) -> Q | None:
        """Return the condition; None means every row. An actor without the right gets an empty set."""
        if not actor.may(right):
            return Q(pk__in=[])
        reach = actor.reach(right)
        if self.company or reach is None:
            return None
        ways = [Q(**{f"{self.territory}__in": sorted(reach)})] if self.territory else []
        for path in self.paths():
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


class WrittenCondition:
    """A condition on a model's own table, as SQL that was written before.

    A page asks some thirty statements, and Django would build and write the condition anew for each.
    """

    contains_aggregate = False
    contains_over_clause = False
    is_summary = False

    def __init__(self, query: Query) -> None:
        self.where = query.where
        first, *others = query.where.children
        # A plain list of territories stays one: `kit.seek` walks through them one by one.
        self.added = first if isinstance(first, Lookup) and not others else self
        self.prefixes = query.subq_aliases
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, self.params = compiler.compile(query.where)

    def added_to(self, query: Query) -> None:
        """Add the condition to a query of the same model."""
        query.get_initial_alias()
        query.where.add(self.added, AND)
        # The query, should it become a part of another, must not call its table as a part of this condition does.
        query.subq_aliases = query.subq_aliases | self.prefixes

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return self.sql, list(self.params)

    def relabeled_clone(self, change_map: dict[str | None, str]) -> WhereNode:
        """Return the condition for a table that is called otherwise: written then, as Django does."""
        return self.where.relabeled_clone(change_map)

    def replace_expressions(self, replacements: Any) -> Self:
        return self

    def get_refs(self) -> set[str]:
        return set()


def _condition(model: type["ScopedModel"], actor: Actor, right: str) -> Q | WrittenCondition | None:
    scopes = _ways(model)
    if not actor.may(right) or not all(type(scope).filter is Scope.filter for scope in scopes):
        return _own_condition(model, actor, right)
    reach = actor.reach(right)
    return _written(model, right, reach, actor.person_id if any(scope.person for scope in scopes) else None)


@once_a_page
def _own_condition(model: type["ScopedModel"], actor: Actor, right: str) -> Q | None:
    return model.scope.filter(model, actor, right)


@cache
def _ways(model: type["ScopedModel"]) -> list[Scope]:
    """Return the scope of a model and those of the models through which its rows are reached."""
    found = [model.scope]
    for path in model.scope.paths():
        parent = model._meta.get_field(path).related_model
        assert isinstance(parent, type) and issubclass(parent, ScopedModel)
        found += _ways(parent)
    return found


@kept(most=4096)
def _written(
    model: type["ScopedModel"], right: str, reach: frozenset[int] | None, person: int | None
) -> Q | WrittenCondition | None:
    """Return the condition of everybody whose right reaches so far."""
    anybody = Actor(person, "", (Grant(frozenset({right}), reach),))
    condition = model.scope.filter(model, anybody, right)
    if condition is None:
        return None
    query = model.unscoped.filter(condition).query
    if [alias for alias, uses in query.alias_refcount.items() if uses] != [model._meta.db_table]:  # it joins others
        return condition
    try:
        return WrittenCondition(query)
    except EmptyResultSet:
        return condition


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that starts with what the current actor may view."""

    def allowed(self, right: str) -> Self:
        """Keep the rows on which the current actor holds `right`."""
        condition = _condition(self.model, current_actor(), right)
        if condition is None:
            return self
        if isinstance(condition, Q):
            return self.filter(condition)
        allowed: Self = self.all()
        condition.added_to(allowed.query)
        return allowed


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
