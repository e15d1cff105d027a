"""The OpenAPI document: in English for every reader, the same at every request, with the errors that any answer may be."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

from django.utils import translation
from ninja import NinjaAPI
from ninja.responses import NinjaJSONEncoder

from yaomai.kit.surfaces.api import PROBLEMS, Problem

LANGUAGE = "en"
DESCRIPTION = (
    "Everything the screens do. A row that does not exist and one that you may not see are the same 404. "
    "Reading gives an ETag; send it back as If-Match, and a change meanwhile answers 412 instead of being overwritten. "
    "Errors are problem details (RFC 9457) with a stable `code`."
)
PROBLEM = {"$ref": "#/components/schemas/Problem"}


class Api(NinjaAPI):
    """The API with one document, made once."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return deepcopy(_document(self))

    def plain_document(self) -> dict[str, Any]:
        """Return the document that the framework makes, with texts instead of promises of texts."""
        with translation.override(LANGUAGE):
            text = json.dumps(super().get_openapi_schema(), cls=NinjaJSONEncoder)
        plain: dict[str, Any] = json.loads(text)
        return plain


@cache
def _document(api: Api) -> dict[str, Any]:
    document = api.plain_document()
    document["info"]["description"] = DESCRIPTION
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for operations in document["paths"].values():
        for operation in operations.values():
            _add_problems(operation)
    return document


def _add_problems(operation: dict[str, Any]) -> None:
    """Say which errors an operation may answer, and that they are problem details."""
    answers = operation["responses"]
    for status in PROBLEMS:
        answers[str(status)] = {
            "description": "Problem",
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
