"""The OpenAPI document: in English for every program, the same at every request, with the errors that any answer may be.

People read it in their own language: `operations.py`.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.responses import NinjaJSONEncoder

from yaomai.kit.surfaces.api import PROBLEMS, Problem
from yaomai.kit.surfaces.surface import surfaces

LANGUAGE = "en"
DESCRIPTION = gettext_noop(
    "Everything the screens do. A program shows an access token, which a person makes on their own page, as "
    "`Authorization: Bearer yaomai_…` and acts with that person's rights. A row that does not exist and one that you may not see are the same 404. "
    "Reading gives an ETag; PATCH and DELETE need it as If-Match (428 without): a change meanwhile answers 412 instead of "
    "being overwritten, and `If-Match: *` says that it may be. A POST with an Idempotency-Key is done once: sent again "
    "within a day, with the same content, it gets the answer of the first one. "
    "Errors are problem details (RFC 9457) with a stable `code`."
)
IDEMPOTENCY_KEY: dict[str, Any] = {
    "in": "header", "name": "Idempotency-Key", "required": False, "schema": {"type": "string", "maxLength": 255},
    "description": "A name of your own for this request, such as a UUID: sent again, it is done once",
}  # fmt: skip
OTHER_ROOMS = {"field": "engagement"}
"""Rooms of tags that are called otherwise."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}
EXAMPLES = Path(__file__).with_name("examples.yaml")
Step = Mapping[str, Any]
"""One line of the examples: do, by, what fills the address, query, body, file."""


class Outline(OpenAPISchema):
    """The document without what operations take and answer."""

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        return {"operationId": operation.operation_id, "summary": operation.summary, "tags": operation.tags}


class Api(NinjaAPI):
    """The API with one document, made once."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return deepcopy(_document(self, LANGUAGE))

    def document_for_reader(self) -> dict[str, Any]:
        """Return the same document with what it says of itself and of operations in the reader's language."""
        return deepcopy(_document(self, translation.get_language() or LANGUAGE))

    def outline(self) -> dict[str, Any]:
        """Return addresses, names and summaries alone, in the reader's language: a hundredth of the work."""
        outline = Outline(self, self.get_root_path({}))
        for operation in _operations(outline):
            operation["summary"] = gettext(str(operation["summary"]))
        return {"paths": outline["paths"], "tags": _tags(outline)}

    def plain_document(self) -> dict[str, Any]:
        """Return the document that the framework makes, with texts in the present language instead of promises of texts."""
        plain: dict[str, Any] = json.loads(json.dumps(_promised(self), cls=NinjaJSONEncoder))
        return plain


@cache
def _promised(api: NinjaAPI) -> Any:
    """Return what the framework makes: in seconds, but once, for its promises of texts are kept in any language."""
    return NinjaAPI.get_openapi_schema(api)


@cache
def _document(api: Api, language: str) -> dict[str, Any]:
    with translation.override(language):
        document = api.plain_document()
        document["info"]["description"] = gettext(DESCRIPTION)
        for operation in _operations(document):
            operation["summary"] = gettext(operation["summary"])
        document["tags"] = [{"name": tag, "description": label} for tag, label in _tags(document).items()]
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    operations = {each["operationId"]: each for each in _operations(document)}
    for operation in operations.values():
        _add_problems(operation)
    for methods in document["paths"].values():
        if "post" in methods:
            methods["post"]["parameters"].append(IDEMPOTENCY_KEY)
    for step in reversed(examples()):  # the first example of an operation is the one that is shown
        _add_example(operations[step["do"]], step)
    return document


def _tags(document: dict[str, Any]) -> dict[str, str]:
    """Return what each tag is called: the rows it is about, or its room."""
    tags = sorted({tag for operation in _operations(document) for tag in operation.get("tags", ())})
    return {tag: _label(*tag.partition(".")[::2]) for tag in tags}


def _label(room: str, model: str) -> str:
    room = OTHER_ROOMS.get(room, room)
    names = {each.model._meta.model_name: each for each in surfaces() if each.room() == room}
    return capfirst(names[model].label_plural()) if model in names else str(apps.get_app_config(room).verbose_name)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def examples() -> list[Step]:
    """Return the examples in the order in which they work."""
    found: list[Step] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return found


def _add_example(operation: dict[str, Any], step: Step) -> None:
    """Show an example with its operation: in the parameters, and in the body."""
    for parameter in operation["parameters"]:
        if parameter["in"] == "header":
            continue
        parameter.pop("example", None)
        given = step.get("query", {}) if parameter["in"] == "query" else step
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        content["example"] = {**step.get("body", {}), **({"file": step["file"]} if "file" in step else {})}


def _add_problems(operation: dict[str, Any]) -> None:
    """Say which errors an operation may answer, and that they are problem details."""
    answers = operation["responses"]
    for status in PROBLEMS:
        answers[str(status)] = {
            "description": "Problem",
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
