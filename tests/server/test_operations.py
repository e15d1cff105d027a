"""The REST interface as people read it: every operation, in their own language."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.access.checks import english_in, raw_in

from yaomai.organization.models import Person
from yaomai.server.api import api

pytestmark = pytest.mark.django_db
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(Person.unscoped.create(username="it", name="周明"), backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def summaries(document: dict[str, Any]) -> Iterator[str]:
    for methods in document["paths"].values():
        for operation in methods.values():
            yield operation["summary"]


def test_a_chinese_reader_finds_every_operation_in_chinese(client: Client) -> None:
    document = client.get("/help/api/openapi.json").json()
    assert [said for said in summaries(document) if not HAN.search(said)] == []
    assert "新建机构" in set(summaries(document))
    assert document["info"]["description"].startswith("界面能做的")
    assert [tag["description"] for tag in document["tags"] if not HAN.search(tag["description"])] == []
    page = client.get("/help/api/operations/").content.decode()
    assert page.count("ym-operation-verb") == sum(1 for _said in summaries(document))
    assert "客户等级的理由" in page and "/api/v1/customers/institutions/" in page


def test_an_english_reader_finds_them_in_english(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    document = client.get("/help/api/openapi.json").json()
    assert [said for said in summaries(document) if HAN.search(said)] == []
    assert document == api.get_openapi_schema()


def test_only_words_differ_between_languages(client: Client) -> None:
    """Names, addresses and fields are the same: a program written by the Chinese document works by the other."""

    def operations(document: dict[str, Any]) -> list[tuple[str, str, str]]:
        return [
            (path, verb, operation["operationId"])
            for path, methods in document["paths"].items()
            for verb, operation in methods.items()
        ]

    chinese = client.get("/help/api/openapi.json").json()
    assert operations(chinese) == operations(api.get_openapi_schema())
    fields = {
        language: {
            name: sorted(schema.get("properties", ())) for name, schema in document["components"]["schemas"].items()
        }
        for language, document in (("zh", chinese), ("en", api.get_openapi_schema()))
    }
    assert fields["zh"] == fields["en"]


def test_how_to_use_it_is_a_chapter_of_the_guide(client: Client) -> None:
    chapter = client.get("/help/api/").content.decode()
    for told in ("If-Match", "Idempotency-Key", "cursor", "Authorization: Bearer", "428", "/help/api/operations/"):
        assert told in chapter


def test_strangers_are_led_to_the_sign_in() -> None:
    for path in ("/help/api/operations/", "/help/api/openapi.json"):
        assert Client().get(path).status_code == 302


@pytest.mark.parametrize("path", ["/help/api/operations/", "/help/api/"])
def test_both_pages_speak_one_language(client: Client, path: str) -> None:
    answer: Any = SimpleNamespace(body=client.get(path).content)
    assert english_in(answer) == []
    assert raw_in(answer, "zh") == []
