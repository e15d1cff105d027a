"""The OpenAPI document is valid, complete, and changes only when somebody means it to (E4).

`YAOMAI_RECORD=1 pytest tests/access/test_openapi.py` writes `docs/openapi.json` anew when nothing breaks a program that
was written against it; `YAOMAI_RECORD=breaking` does so in any case.
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
from ninja import Schema

from yaomai.server.api import api

from .contract import changes

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = api.get_openapi_schema()
    return found


def test_the_document_is_as_committed(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    found = changes(json.loads(SNAPSHOT.read_text()), document)
    breaks = any(change.breaks for change in found)
    record = os.environ.get("YAOMAI_RECORD")
    if record == "breaking" or (record and not breaks):
        SNAPSHOT.write_text(text)
    told = "\n".join(str(change) for change in found)
    how = "YAOMAI_RECORD=breaking, and say so in CHANGELOG.md" if breaks else "YAOMAI_RECORD=1"
    assert SNAPSHOT.read_text() == text, f"the API changed; review, then record anew with {how}:\n{told}"


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(document).validate()


def test_every_operation_has_a_name_of_its_own_and_a_summary(document: dict[str, Any]) -> None:
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    assert [name for name, count in Counter(each["operationId"] for each in operations).items() if count > 1] == []
    assert [each["operationId"] for each in operations if not each.get("summary")] == []


def test_no_two_schemas_bear_one_name() -> None:
    """The document holds one schema of a name: the second would take the place of the first."""
    classes, waiting = set[type](), [Schema]
    while waiting:
        below = set(waiting.pop().__subclasses__()) - classes
        classes |= below
        waiting += below
    ours = Counter(each.__name__ for each in classes if each.__module__.startswith("yaomai."))
    assert [name for name, count in ours.items() if count > 1] == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert sorted(names - set(document["components"]["schemas"])) == []


@pytest.mark.django_db
def test_every_reader_gets_the_same_document(document: dict[str, Any]) -> None:
    for language in ("zh-hans", "en"):
        client = Client()
        client.cookies["django_language"] = language
        assert client.get("/api/v1/openapi.json").json() == document
