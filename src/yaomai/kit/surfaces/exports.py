"""Take a list along as Excel or CSV: the rows and columns on screen, in the actor's scope, on record.

With `for=<importer>` the file has that importer's columns instead, so that it can be changed and imported again.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor, acting, require
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.surfaces import services
from yaomai.kit.surfaces.columns import Column, cells
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.pages import limited_count
from yaomai.kit.surfaces.surface import Surface
from yaomai.kit.surfaces.views import actor_of, rows_of, shown_columns
from yaomai.kit.transfer.writing import export_response

MOST_ROWS = 100_000
CHUNK = 2000
Lines = Callable[[list[Any]], list[list[Any]]]
"""What a chunk of rows becomes in the file."""


def export_view(request: HttpRequest, surface: type[Surface]) -> StreamingHttpResponse:
    """Answer with the list as a file.

    Raises:
        Invalid: more than `MOST_ROWS` rows. Missing: no importer of that name here that the actor may use.
    """
    actor = actor_of(request)
    require(actor, surface.right("export"))
    asked = listing(surface, actor, request.GET)
    what, names, labels, lines = _what(request, surface, actor, asked.columns)
    rows = rows_of(surface, asked)
    count = limited_count(asked.rows(), MOST_ROWS)
    if count > MOST_ROWS:
        raise Invalid(_("At most %(most)s rows can be exported at once. Narrow the list first."), most=MOST_ROWS)
    services.export_record(
        actor=actor,
        right=surface.right("export"),
        entity=what,
        rows=count,
        query=services.parameters_without(request.GET, "format"),
        columns=names,
    )
    stem = f"{what}-{timezone.localdate():%Y%m%d}"
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    return export_response(kind, stem, labels, _written(rows, lines, actor))


def _what(
    request: HttpRequest, surface: type[Surface], actor: Actor, offered: list[Column]
) -> tuple[str, list[str], list[str], Lines]:
    """Return what is exported: its name, the columns' names and labels, and how rows become lines."""
    if "for" in request.GET:
        found = [each for each in surface.all_importers(actor) if each.name == request.GET["for"]]
        if not found or found[0].model is not surface.model:
            raise Missing
        importer, taken = found[0], found[0].written_columns()
        keys = [column.name for column in taken]

        def returning(chunk: list[Any]) -> list[list[Any]]:
            return [[line.get(key) for key in keys] for line in importer.lines(chunk)]

        return str(importer.label), keys, [str(column.label) for column in taken], returning
    names = request.GET.getlist("column")
    columns = [column for column in offered if column.name in names] if names else shown_columns(request, offered)
    return (
        surface.label_plural(),
        [column.name for column in columns],
        [str(column.label) for column in columns],
        lambda chunk: cells(chunk, columns),
    )


def _written(rows: Any, lines: Lines, actor: Actor) -> Iterator[list[Any]]:
    """Yield the lines chunk by chunk; a download is written when the request is over, so the actor comes along."""
    chunk: list[Any] = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from _of(chunk, lines, actor)
            chunk = []
    yield from _of(chunk, lines, actor)


def _of(chunk: list[Any], lines: Lines, actor: Actor) -> list[list[Any]]:
    with acting(actor):
        return lines(chunk)
