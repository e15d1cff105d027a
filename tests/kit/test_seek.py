"""Every way to the first rows finds the same rows, in the same order, as reading all of them."""

import re
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.test.utils import CaptureQueriesContext

from yaomai.kit.seek import Estimate, estimated, first_keys, first_of, sampled, statement, ways
from yaomai.kit.seek.statistics import ColumnStatistics, TableStatistics, statistics_of

pytestmark = pytest.mark.django_db
registry = Apps()


class Region(models.Model):
    """What rows lie in."""

    name = models.CharField(max_length=20)

    class Meta:
        app_label = "seek"
        apps = registry


class Place(models.Model):
    """A row, in no registry that other tests walk."""

    name = models.CharField(max_length=20)
    region = models.ForeignKey(Region, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=20)
    beds = models.IntegerField(null=True)

    class Meta:
        app_label = "seek"
        apps = registry
        indexes = (
            models.Index(fields=["name", "id"], name="seek_place_order"),
            models.Index(fields=["region", "name", "id"], name="seek_place_by_region"),
        )


@pytest.fixture
def places(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make 300 places in 6 regions whose names stand together, as names of one city do; a walk ends after 40 rows."""
    monkeypatch.setattr(ways, "FEW", 40)
    columns = {
        "region_id": ColumnStatistics(other=1 / 6),
        "kind": ColumnStatistics({"hospital": 2 / 3, "clinic": 1 / 3}),
    }
    monkeypatch.setattr(ways, "statistics_of", lambda _queryset: TableStatistics(300, columns))
    with connection.schema_editor() as editor:
        editor.create_model(Region)
        editor.create_model(Place)
    regions = Region.objects.bulk_create(Region(name=f"{number}") for number in range(6))
    Place.objects.bulk_create(
        Place(
            name=f"{number // 50}-{number % 7}",
            region=regions[number // 50],
            kind="hospital" if number % 3 else "clinic",
            beds=None if number % 4 == 0 else number % 13,
        )
        for number in range(300)
    )


ORDERS = {
    "forwards": (OrderBy(F("name")), OrderBy(F("id"))),
    "backwards": (OrderBy(F("name"), descending=True), OrderBy(F("id"), descending=True)),
    "nulls last": (OrderBy(F("beds"), descending=True, nulls_last=True), OrderBy(F("id"), descending=True)),
    "mixed": (OrderBy(F("kind")), OrderBy(F("name"), descending=True), OrderBy(F("id"))),
}
FEW_EXPECTED, MANY_EXPECTED = Estimate(1, 5.0), Estimate(250, 1e6)
CONDITIONS = {
    "all": lambda _regions: Q(),
    "some regions": lambda regions: Q(region__in=[regions[1], regions[4]]),
    "regions by query": lambda regions: Q(region__in=Region.objects.filter(name__gte="3").values("pk")),
    "regions and kind": lambda regions: Q(region__in=regions[2:5]) & Q(kind="clinic"),
    "at the end": lambda _regions: Q(name__startswith="5-6"),
    "none": lambda _regions: Q(name="nowhere"),
    "impossible": lambda _regions: Q(pk__in=[]),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("estimate", [FEW_EXPECTED, MANY_EXPECTED])
@pytest.mark.parametrize("start", [None, Q(name__gte="2-3")])
def test_every_way_finds_the_first_rows(
    places: None, order: str, condition: str, estimate: Estimate, start: Q | None
) -> None:
    terms = ORDERS[order]
    rows = Place.objects.filter(CONDITIONS[condition](list(Region.objects.order_by("pk")))).filter(start or Q())
    wanted = list(rows.order_by(*terms)[:4])
    first = first_keys(rows, terms, most=4, estimate=estimate, start=start)
    assert list(Place.objects.filter(pk__in=first.keys).order_by(*terms)[:4]) == wanted
    assert first.total in (None, rows.count())
    assert first.total is not None or estimate is MANY_EXPECTED


def keys_sql(rows: Any, order: str, estimate: Estimate = MANY_EXPECTED) -> str:
    return str(Place.objects.filter(pk__in=first_keys(rows, ORDERS[order], most=3, estimate=estimate).keys).query)


def test_places_are_walked_one_by_one(places: None) -> None:
    some = Place.objects.filter(region__in=[1, 2])
    assert "unnest" in keys_sql(some, "forwards")
    assert "unnest" in keys_sql(some, "backwards")
    assert "unnest" in keys_sql(some.filter(kind__in=["clinic"]), "forwards")
    assert "unnest" not in keys_sql(some, "mixed")
    assert "unnest" not in keys_sql(some, "forwards", FEW_EXPECTED)
    assert "unnest" not in keys_sql(Place.objects.filter(region__in=[1]), "forwards")


def test_one_part_is_walked_in_its_index(places: None) -> None:
    sql = keys_sql(Place.objects.filter(region__in=[1]), "forwards")
    assert re.search(
        r'FROM \(SELECT .* WHERE "seek_place"."region_id" IN \(1\) ORDER BY .* LIMIT 40\) "seek_place"', sql
    )


def test_a_sample_lies_where_the_rows_do(places: None) -> None:
    regions = list(Region.objects.order_by("pk"))
    some = Place.objects.filter(region__in=[regions[3].pk, regions[4].pk])
    assert sampled(some, ORDERS["forwards"], most=100).count() == 40
    assert sampled(some.filter(kind="nowhere"), ORDERS["forwards"], most=100).count() == 0
    first = Place.objects.filter(name__startswith="0")
    assert sampled(first, ORDERS["forwards"], most=100).count() == 40
    assert sampled(Place.objects.filter(name__startswith="5"), ORDERS["forwards"], most=100).count() == 0


def test_the_key_is_a_column_by_either_name(places: None) -> None:
    order = (OrderBy(F("name")), OrderBy(F("pk")))
    sql = str(sampled(Place.objects.filter(region__in=[2, 5]), order, most=100).query)
    assert re.search(r'FROM \(SELECT .* WHERE "seek_place"."region_id" IN \(2, 5\) +LIMIT 40\) "seek_place"', sql)


def test_a_way_that_is_not_needed_is_not_begun(places: None) -> None:
    first = statement(Place.objects.order_by("pk").values("pk")[:3])
    fails = ("SELECT id FROM seek_place WHERE 1 / (id - id) = 1", ())
    assert Place.objects.filter(pk__in=first_of([first, fails], 3)).count() == 3
    with pytest.raises(Exception, match="division by zero"):
        Place.objects.filter(pk__in=first_of([first, fails], 4)).count()


def test_an_estimate_reads_no_rows(places: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE seek_place")
    with CaptureQueriesContext(connection) as statements:
        found = estimated(Place.objects.filter(kind="hospital"))
    assert 180 <= found.rows <= 220
    assert found.cost > 0
    assert [one["sql"][:8] for one in statements] == ["EXPLAIN "]
    assert estimated(Place.objects.filter(pk__in=[])) == Estimate(0, 0.0)


def test_an_estimate_holds_what_is_sorted_by(places: None) -> None:
    """An index may tell which rows match without a look at any of them: sorting by what it lacks looks at all."""
    with CaptureQueriesContext(connection) as statements:
        estimated(Place.objects.filter(region__in=[1]), "beds")
    assert re.match(r'EXPLAIN .* SELECT "seek_place"."id" AS "pk", "seek_place"."beds"', statements[0]["sql"])


def test_what_was_counted_when_the_table_was_analysed(places: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE seek_place")
    known = statistics_of(Place.objects.using("default"))
    assert known.rows == 300
    assert known.column("kind").share(["hospital"]) == pytest.approx(2 / 3, abs=0.01)
    assert known.column("region_id").share(Region.objects.values_list("pk", flat=True)[:2]) == pytest.approx(
        1 / 3, abs=0.01
    )
    assert known.column("beds").share(["never"]) == 0.0
    assert known.column("nowhere").share(["never"]) == 0.0
