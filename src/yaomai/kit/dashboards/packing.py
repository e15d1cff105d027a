"""What is in a pack for one receiver: boards with their figures, lists with their rows, as PDF and Excel."""

from collections.abc import Iterable
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.dashboards import documents, selectors
from yaomai.kit.dashboards.models import Board, Delivery, Pack
from yaomai.kit.dashboards.reading import answers
from yaomai.kit.dashboards.registry import Card
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.fonts import NoChineseFont
from yaomai.kit.documents.parts import Block, Column, Document, Paragraph, Section, Table, Value
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.errors import DomainError
from yaomai.kit.surfaces import surfaces
from yaomai.kit.surfaces.columns import cells
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.models import SavedView
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.surface import Surface

MOST_ROWS = 500
MOST_COLUMNS = 8


def files(delivery: Delivery, *, actor: Actor, now: datetime) -> tuple[bytes | None, bytes]:
    """Return the pack of a delivery as PDF and as workbook, of what its receiver may see now.

    There is no PDF where the server has no Chinese font.
    """
    document = pack_document(delivery.pack, actor=actor, now=now)
    try:
        printed = pdf(document)
    except NoChineseFont:
        printed = None
    return printed, workbook(document)


def pack_document(pack: Pack, *, actor: Actor, now: datetime) -> Document:
    """Return everything in a pack as one document for its reader."""
    blocks = [*_boards(pack, actor, now), *_lists(pack, actor)]
    if not blocks:
        blocks = [Paragraph(_("Nothing in this pack is for you to see."))]
    return Document(
        title=pack.name,
        subtitle=str(pack.owner) if pack.owner is not None else "",
        as_of=timezone.localdate(now),
        made_at=now,
        made_by=actor.label,
        blocks=(
            *blocks,
            Paragraph(_("Everybody who receives this pack gets the figures of their own territories only."), "quiet"),
        ),
    )


def _boards(pack: Pack, actor: Actor, now: datetime) -> Iterable[Block]:
    chosen = Board.unscoped.in_bulk(pack.boards)
    parts: list[tuple[str, list[Card], str, int | None]] = (
        [("", selectors.starting_cards(actor), "", None)] if pack.has_start else []
    )
    for pk in pack.boards:
        board = chosen.get(pk)
        if board is not None and board.archived_at is None:
            parts.append((board.name, selectors.cards_of(actor, board.cards), board.period, board.place))
    for name, cards, period, place in parts:
        found = answers(cards, actor=actor, now=now, period=selectors.period_named(period), place=place)
        if found:
            yield Section(name or _("My dashboard"), (Paragraph(documents.span_text(found), "quiet"),))
            yield from documents.board_blocks(found)


def _lists(pack: Pack, actor: Actor) -> Iterable[Block]:
    known = {f"{surface.model._meta.label_lower}": surface for surface in surfaces()}
    views = SavedView.objects.in_bulk(pack.lists)
    for pk in pack.lists:
        view = views.get(pk)
        surface = known.get(view.surface) if view is not None else None
        if view is not None and surface is not None:
            yield _list(view, surface, actor)


def _list(view: SavedView, surface: type[Surface], actor: Actor) -> Section:
    """Return a saved view as a table: what the reader could export, and only if they may."""
    title = f"{view.name} · {surface.label_plural()}"
    if not (actor.may(surface.right("view")) and actor.may(surface.right("export"))):
        return Section(title, (Paragraph(_("You may not take this list along."), "quiet"),))
    try:
        asked = listing(surface, actor, QueryDict(view.query))
        rows = asked.shown(asked.rows()).order_by(*(f"-{name}" if down else name for name, down in asked.order))
        found = list(rows[: MOST_ROWS + 1])
        columns = [column for column in asked.columns if column.is_default][:MOST_COLUMNS]
        export_record(
            actor=actor, right=surface.right("export"), entity=surface.label_plural(), rows=len(found[:MOST_ROWS]),
            query=view.query, columns=[column.name for column in columns],
        )  # fmt: skip
    except DomainError as error:
        # A filter that no longer exists, or a rule that holds the list back: the rest of the pack is still worth having.
        return Section(title, (Paragraph(str(error), "quiet"),))
    lines: list[tuple[Value, ...]] = [tuple(map(_plain, line)) for line in cells(found[:MOST_ROWS], columns)]
    more = [Paragraph(_("The first %(most)s rows; the whole list is on the screen.") % {"most": MOST_ROWS}, "quiet")]
    table = Table(tuple(Column(column.label) for column in columns), tuple(lines), caption=title)
    return Section(title, (table, *(more if len(found) > MOST_ROWS else ())))


def _plain(value: object) -> Value:
    """Return a cell as a document takes it."""
    if value is None or isinstance(value, str | int | float):
        return "✓" if value is True else "" if value is False else value
    return value if hasattr(value, "isoformat") or hasattr(value, "as_tuple") else str(value)  # type: ignore[return-value]
