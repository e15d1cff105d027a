"""The OpenAPI document is valid, complete, and changes only when somebody means it to (E4).

`YAOMAI_RECORD=1 pytest tests/access/test_openapi.py` writes `docs/openapi.json` anew; read the difference before
committing it: what disappears or becomes required breaks somebody's program.
"""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.test import Client

from yaomai.server.api import api

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = api.get_openapi_schema()
    return found


def test_the_document_is_as_committed(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("YAOMAI_RECORD"):
        SNAPSHOT.write_text(text)
    assert SNAPSHOT.read_text() == text, "the API changed: review, then record anew with YAOMAI_RECORD=1"


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


def test_every_operation_has_a_name_of_its_own_and_a_summary(document: dict[str, Any]) -> None:
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    assert [name for name, count in Counter(each["operationId"] for each in operations).items() if count > 1] == []
    assert [each["operationId"] for each in operations if not each.get("summary")] == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert sorted(names - set(document["components"]["schemas"])) == []


@pytest.mark.django_db
def test_every_reader_gets_the_same_document(document: dict[str, Any]) -> None:
    for language in ("zh-hans", "en"):
        client = Client()
        client.cookies["django_language"] = language
        assert client.get("/api/v1/openapi.json").json() == document
