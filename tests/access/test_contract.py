"""The comparison of OpenAPI documents knows what breaks a program."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from .contract import changes

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things/": {
            "post": {
                "operationId": "thing_create",
                "parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/x/New"}}}},
                "responses": {"201": {"content": {"application/json": {"schema": {"$ref": "#/x/Out"}}}}, "404": {}},
            }
        }
    },
    "components": {
        "schemas": {
            "Part": {"type": "string"},
            "New": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 20},
                    "kind": {"type": "string", "enum": ["a", "b"]},
                    "day": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                },
            },
            "Out": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "parts": {"type": "array", "items": {"$ref": "#/x/Part"}},
                },
            },
        }
    },
}
Edit = Callable[[Any, Any, Any], object]


def operation(document: Any) -> Any:
    return document["paths"]["/things/"]["post"]


BREAKING: dict[str, Edit] = {
    "an operation is gone": lambda d, new, out: d["paths"].clear(),
    "an operation is called otherwise": lambda d, new, out: operation(d).update(operationId="x"),
    "a parameter is gone": lambda d, new, out: operation(d)["parameters"].clear(),
    "a parameter must be given": lambda d, new, out: operation(d)["parameters"][0].update(required=True),
    "a new parameter must be given": lambda d, new, out: operation(d)["parameters"].append(
        {"in": "query", "name": "z", "required": True, "schema": {}}
    ),
    "what is sent may not be called so": lambda d, new, out: new["properties"].pop("kind"),
    "what is sent must be given": lambda d, new, out: new["required"].append("kind"),
    "something new must be sent": lambda d, new, out: (
        new["properties"].update(z={"type": "string"}), new["required"].append("z")
    ),
    "what is sent is of another kind": lambda d, new, out: new["properties"]["name"].update(type="integer"),
    "what is sent may not be null": lambda d, new, out: new["properties"]["day"]["anyOf"].pop(),
    "what is sent must be shorter": lambda d, new, out: new["properties"]["name"].update(maxLength=10),
    "a value is refused": lambda d, new, out: new["properties"]["kind"]["enum"].remove("b"),
    "what is answered is gone": lambda d, new, out: out["properties"].pop("tags"),
    "what is answered may be missing": lambda d, new, out: out["required"].clear(),
    "what is answered may be null": lambda d, new, out: out["properties"].update(
        id={"anyOf": [{"type": "integer"}, {"type": "null"}]}
    ),
    "what is behind a reference is of another kind": lambda d, new, out: (
        d["components"]["schemas"]["Part"].update(type="object")
    ),
    "what is listed is of another kind": lambda d, new, out: out["properties"]["tags"]["items"].update(type="integer"),
    "success is another status": lambda d, new, out: operation(d)["responses"].update(
        {"200": operation(d)["responses"].pop("201")}
    ),
}  # fmt: skip
ADDITIVE: dict[str, Edit] = {
    "an operation is new": lambda d, new, out: d["paths"].update({"/more/": {"get": operation(d)}}),
    "a parameter is new": lambda d, new, out: operation(d)["parameters"].append(
        {"in": "query", "name": "z", "schema": {}}
    ),
    "more may be sent": lambda d, new, out: new["properties"].update(z={"type": "string"}),
    "less must be sent": lambda d, new, out: new["required"].clear(),
    "longer texts may be sent": lambda d, new, out: new["properties"]["name"].update(maxLength=40),
    "a value may be sent": lambda d, new, out: new["properties"]["kind"]["enum"].append("c"),
    "null may be sent": lambda d, new, out: new["properties"].update(
        name={"anyOf": [{"type": "string", "maxLength": 20}, {"type": "null"}]}
    ),
    "more is answered": lambda d, new, out: out["properties"].update(z={"type": "string"}),
    "what is answered is always there": lambda d, new, out: out["required"].append("tags"),
    "an error is documented": lambda d, new, out: operation(d)["responses"].update({"409": {}}),
    "it is described": lambda d, new, out: operation(d).update(summary="Make a thing"),
    "an example is shown": lambda d, new, out: operation(d)["requestBody"]["content"]["application/json"].update(
        example={"name": "x"}
    ),
}


def after(edit: Edit) -> dict[str, Any]:
    document = deepcopy(DOCUMENT)
    schemas = document["components"]["schemas"]
    edit(document, schemas["New"], schemas["Out"])
    return document


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_is_called_so(name: str) -> None:
    found = changes(DOCUMENT, after(BREAKING[name]))
    assert found[0].breaks, [str(change) for change in found]
    assert str(found[0]).startswith("BREAKING  POST /things/")


@pytest.mark.parametrize("name", ADDITIVE)
def test_what_adds_breaks_nothing(name: str) -> None:
    found = changes(DOCUMENT, after(ADDITIVE[name]))
    assert found and not any(change.breaks for change in found), [str(change) for change in found]


def test_the_same_document_has_no_changes() -> None:
    assert changes(DOCUMENT, deepcopy(DOCUMENT)) == []
