"""The REST interface as a page: what can be done, in the reader's language; and the document to take along."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from yaomai.server.api import api
from yaomai.server.document import OTHER_ROOMS

WITHOUT_CHANGES = "get"


def operations_page(request: HttpRequest) -> HttpResponse:
    """Show every operation, by room and by what it is about."""
    outline = api.outline()
    rooms: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for tag, operation in _operations(outline):
        room = tag.partition(".")[0]
        label = str(apps.get_app_config(OTHER_ROOMS.get(room, room)).verbose_name)
        about = outline["tags"][tag]
        # What is about the room as a whole needs no heading of its own.
        rooms.setdefault(label, {}).setdefault(about if about != label else "", []).append(operation)
    return render(request, "surfaces/operations.html", {"rooms": rooms})


def document_file(request: HttpRequest) -> HttpResponse:
    """Give the OpenAPI document in the reader's language."""
    headers = {"Content-Disposition": 'attachment; filename="yaomai-openapi.json"'}
    return JsonResponse(api.document_for_reader(), headers=headers, json_dumps_params={"ensure_ascii": False})


def _operations(outline: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation with the tag under which it stands."""
    for path, methods in outline["paths"].items():
        for verb, operation in methods.items():
            yield (
                operation["tags"][0],
                {
                    "verb": verb.upper(),
                    "is_reading": verb == WITHOUT_CHANGES,
                    "path": path,
                    "summary": operation["summary"],
                    "name": operation["operationId"],
                },
            )
