"""Searching rows in PostgreSQL: what is found, in which order, and in how many statements."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yaomai.kit.search import SearchVectorField, matching, search_index, write_vectors

pytestmark = pytest.mark.django_db


class Place(models.Model):
    """A searchable row, in no registry that other tests walk."""

    name = models.CharField(max_length=200)
    open = models.BooleanField(default=True)
    search = SearchVectorField(null=True)

    class Meta:
        app_label = "search"
        apps = Apps()
        indexes = (search_index("search_place_search"),)


@pytest.fixture
def places(db: None) -> Callable[..., None]:
    with connection.schema_editor() as editor:
        editor.create_model(Place)

    def make(*rows: str | tuple[str, ...]) -> None:
        texts = [(row,) if isinstance(row, str) else row for row in rows]
        made = [Place.objects.create(name=row[0]) for row in texts]
        assert write_vectors(Place, [(one.pk, row) for one, row in zip(made, texts, strict=True)]) == len(made)

    return make


def names(text: str, queryset: Any = None, **options: Any) -> list[str]:
    chosen = matching(Place.objects.all() if queryset is None else queryset, text, **options)
    return list(chosen.values_list("name", flat=True))


def test_the_exact_name_comes_first_then_beginnings_then_the_rest(places: Callable[..., None]) -> None:
    places("北京协和医院", "协和医院西院", "协和医院", "武汉协和医院", ("同济医院", "协和医院分院"), "和协医院")
    assert names("协和医院") == ["协和医院", "协和医院西院", "同济医院", "北京协和医院", "武汉协和医院"]
    assert names("协和") == ["协和医院", "协和医院西院", "同济医院", "北京协和医院", "武汉协和医院"]
    assert names("xiehe") == ["协和医院", "同济医院", "协和医院西院", "北京协和医院", "武汉协和医院"]
    assert names("xhyy")[0] == "协和医院"


def test_one_character_and_other_names(places: Callable[..., None]) -> None:
    places("仁", ("首都医科大学附属北京安贞医院", "安贞医院"), "仁济医院", "同仁")
    assert names("仁") == ["仁", "仁济医院", "同仁"]
    assert names("安贞") == ["首都医科大学附属北京安贞医院"]


def test_filters_of_the_queryset_hold(places: Callable[..., None]) -> None:
    places("协和医院", "协和门诊")
    Place.objects.filter(name="协和门诊").update(open=False)
    assert names("协和", Place.objects.filter(open=True)) == ["协和医院"]


def test_a_ranked_answer_is_bounded_and_an_unranked_one_is_whole(places: Callable[..., None]) -> None:
    places(*[f"第{number}协和医院" for number in range(700)], "协和")
    ranked = names("协和")
    assert ranked[0] == "协和"
    assert 200 <= len(ranked) <= 350
    assert matching(Place.objects.all(), "协和", ranked=False).count() == 701
    assert names("协和", Place.objects.order_by("-pk"), ranked=False)[0] == "协和"


@pytest.mark.parametrize("text", ["", "  ", "'", "&|!", "\\", "():*<->"])
def test_nothing_to_search_finds_nothing(places: Callable[..., None], text: str) -> None:
    places("协和医院")
    assert names(text) == []


def test_a_row_without_lexemes_is_found_by_its_exact_name_only(places: Callable[..., None]) -> None:
    places()
    Place.objects.create(name="协和医院")
    assert names("协和医院") == ["协和医院"]
    assert names("协和") == []


def test_one_statement_whatever_the_rows(places: Callable[..., None]) -> None:
    places(*[f"第{number}协和医院" for number in range(30)])
    names("协和")  # a process reads the table's statistics first, once in ten minutes
    with CaptureQueriesContext(connection) as statements:
        assert len(names("协和")) == 30
    assert len(statements) == 1


def test_writing_replaces_what_a_row_was_found_by(places: Callable[..., None]) -> None:
    places("协和医院")
    row = Place.objects.get()
    write_vectors(Place, [(row.pk, ("同仁医院",)), (row.pk + 1, ("无此行",))])
    assert (names("协和"), names("同仁")) == ([], ["协和医院"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
def test_any_text_is_a_safe_query(places: Callable[..., None], text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('search_place')")
    assert names(text.replace("\0", "")) == []
