"""Take a list along as Excel or CSV: the rows and columns on screen, in the actor's scope, on record."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor, acting, require
from yaomai.kit.errors import Invalid
from yaomai.kit.surfaces import services
from yaomai.kit.surfaces.columns import Column, cells
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.pages import limited_count
from yaomai.kit.surfaces.surface import Surface
from yaomai.kit.surfaces.views import actor_of, rows_of
from yaomai.kit.transfer.writing import export_response

MOST_ROWS = 100_000
CHUNK = 2000


def export_view(request: HttpRequest, surface: type[Surface]) -> StreamingHttpResponse:
    """Answer with the list as a file.

    Raises:
        Invalid: more than `MOST_ROWS` rows.
    """
    actor = actor_of(request)
    require(actor, surface.right("export"))
    asked = listing(surface, actor, request.GET)
    names = request.GET.getlist("column")
    columns = [c for c in asked.columns if not names or c.name in names]
    rows = rows_of(surface, asked)
    count = limited_count(asked.rows(), MOST_ROWS)
    if count > MOST_ROWS:
        raise Invalid(_("At most %(most)s rows can be exported at once. Narrow the list first."), most=MOST_ROWS)
    services.export_record(
        actor=actor,
        right=surface.right("export"),
        entity=surface.label_plural(),
        rows=count,
        query=services.parameters_without(request.GET, "format"),
        columns=[column.name for column in columns],
    )
    stem = f"{surface.label_plural()}-{timezone.localdate():%Y%m%d}"
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    return export_response(kind, stem, [str(column.label) for column in columns], _lines(rows, columns, actor))


def _lines(rows: Any, columns: list[Column], actor: Actor) -> Iterator[list[Any]]:
    """Yield the cells chunk by chunk; a download is written when the request is over, so the actor comes along."""
    chunk: list[Any] = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _cells(chunk, columns, actor)
            chunk = []
    yield from _cells(chunk, columns, actor)


def _cells(chunk: list[Any], columns: list[Column], actor: Actor) -> list[list[Any]]:
    with acting(actor):
        return cells(chunk, columns)
