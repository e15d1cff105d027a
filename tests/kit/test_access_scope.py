"""A condition that is written once lets the same rows in as one that Django writes for every statement."""

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.lookups import In

from yaomai.customers.models import Institution
from yaomai.kit.access import Actor, Grant, ScopedModel, acting, scope

pytestmark = pytest.mark.django_db
MODELS = sorted(
    (model for model in apps.get_models() if issubclass(model, ScopedModel)), key=lambda model: model._meta.label
)


class All(frozenset[str]):
    """Every right there is."""

    def __contains__(self, right: object) -> bool:
        return True


ACTORS = {
    "two territories": Actor(7, "区域经理", (Grant(All(), frozenset({3, 5})),)),
    "nowhere": Actor(7, "未任职", (Grant(All(), frozenset()),)),
    "company": Actor(7, "总监", (Grant(All()),)),
    "no right": Actor(7, "员工", (Grant(frozenset(), frozenset({3})),)),
}


def questions(model: type[ScopedModel]) -> list[models.QuerySet[Any]]:
    """Return statements in which the model's own table is called as it is, and otherwise."""
    rows, plain = model.objects, model.unscoped
    inner = rows.filter(pk=OuterRef("pk"))
    one, two = (UUID(int=1), UUID(int=2)) if isinstance(model._meta.pk, models.UUIDField) else (1, 2)
    asked = [
        rows.all(),
        rows.exclude(pk=one).order_by("-pk")[:5],
        rows.filter(Q(pk__gt=two) | Q(pk__lt=one)).values("pk"),
        rows.values("pk").annotate(n=Count("pk")).filter(n__gt=0),
        rows.filter(pk__in=rows.filter(pk__in=rows.filter(pk__gt=two))),
        rows.filter(Exists(inner.filter(Exists(inner)))),
        plain.filter(Exists(inner)).exclude(pk__in=rows.all()),
        plain.annotate(seen=Exists(inner), most=rows.order_by("-pk").values("pk")[:1]).filter(seen=True, most=F("pk")),
        rows.filter(pk__gt=two) | rows.filter(pk__lt=one),
        rows.filter(pk=one).union(rows.filter(pk=two)),
        rows.all().allowed(model.right("other")).filter(pk=one),
    ]
    for field in model._meta.get_fields():
        related = field.related_model
        if isinstance(related, type) and issubclass(related, ScopedModel) and field.concrete and not field.many_to_many:
            asked += [
                rows.filter(**{f"{field.name}__in": related.objects.all()}),
                rows.select_related(field.name).order_by(f"{field.name}__pk"),
                related.objects.filter(Exists(rows.filter(**{field.name: OuterRef("pk")}))),
            ]
    return asked


def written(asked: models.QuerySet[Any]) -> tuple[str, tuple[Any, ...]] | None:
    """Return the statement without the brackets, which say nothing more where everything is joined by AND, or None."""
    try:
        sql, values = asked.query.sql_with_params()
    except EmptyResultSet:
        return None
    if asked.query.select_related:  # tables that are only read along may be called and joined otherwise
        sql = sql.partition(" WHERE ")[2]
    return sql.replace("(", "").replace(")", ""), values


@pytest.mark.parametrize("actor", ACTORS)
def test_statements_are_the_same(actor: str) -> None:
    with acting(ACTORS[actor]):
        for model in MODELS:
            asked = [written(each) for each in questions(model)]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(scope, "_condition", lambda model, actor, right: model.scope.filter(model, actor, right))
                assert asked == [written(each) for each in questions(model)], model._meta.label


def test_most_conditions_are_written_once() -> None:
    conditions = [scope._condition(model, ACTORS["two territories"], model.right("view")) for model in MODELS]
    kinds = [type(each) for each in conditions if each is not None]
    assert kinds.count(scope.WrittenCondition) >= 0.75 * len(kinds)


def test_every_statement_is_understood() -> None:
    with acting(ACTORS["two territories"]):
        for model in MODELS:
            for asked in questions(model):
                list(asked[:1])


def test_a_list_of_territories_stays_one() -> None:
    """The first rows of long lists are found territory by territory (`kit.seek`)."""
    with acting(ACTORS["two territories"]):
        (condition,) = Institution.objects.all().query.where.children
    assert isinstance(condition, In) and condition.rhs == [3, 5]
