"""Boards and cards on paper and as workbooks."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.kit.dashboards import presenting, wording
from yaomai.kit.dashboards.reading import Answer
from yaomai.kit.dashboards.registry import Card, Piece
from yaomai.kit.documents.parts import (
    Block,
    Column,
    Document,
    Figure,
    Figures,
    Graph,
    Kind,
    Paragraph,
    Section,
    Table,
    Tone,
    Value,
)
from yaomai.kit.ui import formats

COLUMNS = 4


def board_document(name: str, found: Sequence[Answer], *, made_by: str) -> Document:
    """Return a board as a document: its figures, then each card with its reason, months and territories.

    Raises:
        ValueError: there is no card.
    """
    if not found:
        raise ValueError("a board without cards is no document")
    asked = found[0].asked
    return Document(
        title=name,
        subtitle=span_text(found),
        as_of=asked.today,
        made_at=asked.now,
        made_by=made_by,
        blocks=(
            *board_blocks(found),
            Paragraph(_("Everybody who opens this dashboard sees the figures of their own territories only."), "quiet"),
        ),
    )


def board_blocks(found: Sequence[Answer]) -> tuple[Block, ...]:
    """Return the figures of a board, and each card with its reason, months and territories."""
    figures = (Figures(tuple(_figure(each) for each in row)) for row in _rows(found))
    return (*figures, *(_section(each) for each in found))


def span_text(found: Sequence[Answer]) -> str:
    """Return period and places of a board in words."""
    asked = found[0].asked
    return f"{asked.period.label} · {wording.span_of(asked)} · {wording.place_name(asked)}"


def _rows(found: Sequence[Answer]) -> Iterable[Sequence[Answer]]:
    return (found[at : at + COLUMNS] for at in range(0, len(found), COLUMNS))


def kind_of(card: Card) -> Kind:
    """Return how a document writes the values of a card."""
    return {"money": "short_money", "percent": "percent", "number": "number"}[card.unit]  # type: ignore[return-value]


def _figure(answer: Answer) -> Figure:
    card, reading = answer.card, answer.reading
    tone: Tone = {"good": "good", "bad": "bad"}.get(wording.tone(card, reading), "")  # type: ignore[assignment]
    return Figure(card.label, reading.value, kind_of(card), wording.change(card, reading), tone)


def _section(answer: Answer) -> Section:
    card, reading = answer.card, answer.reading
    chart = presenting.trend(answer)
    # A chart says the sentence itself.
    said = [] if chart is not None else [Paragraph(wording.sentence(card, answer.asked, reading))]
    if reading.goal is not None:
        said.append(
            Paragraph(
                _("Goal %(goal)s (%(origin)s)")
                % {
                    "goal": wording.written(reading.goal.value, card.unit),
                    "origin": formats.origin(str(reading.goal.origin)),
                }
            )
        )
    said += [Paragraph(text) for text in (reading.reason, reading.note) if text]
    blocks: list[Block] = [*said, *([Graph(chart)] if chart is not None else [])]
    if len(reading.places) > 1:
        blocks.append(_table(card, reading.places[:30], _("By territory"), _("Territory")))
    if reading.parts:
        blocks.append(_table(card, reading.parts, str(card.parts_label) or _("By kind"), _("Kind"), is_part=True))
    return Section(card.label, tuple(blocks))


def _table(card: Card, pieces: Sequence[Piece], caption: str, heading: str, *, is_part: bool = False) -> Table:
    kind: Kind = "number" if is_part and card.unit == "percent" else kind_of(card)
    rows: list[tuple[Value, ...]] = [(piece.label, piece.value, piece.before) for piece in pieces]
    caption = f"{card.label} · {caption}"
    return Table(
        (
            Column(heading, width=2),
            Column(pgettext("dashboard", "Value"), kind),
            Column(pgettext("dashboard", "Before"), kind),
        ),
        tuple(rows),
        caption=caption,
    )


Cell = str | Decimal | None


def card_rows(answer: Answer) -> tuple[list[str], list[list[Cell]]]:
    """Return what the page of a card shows, as one table: months, territories, kinds."""
    head = [_("What"), _("Name"), pgettext("dashboard", "Value"), pgettext("dashboard", "Before")]
    rows: list[list[Cell]] = [
        [pgettext("dashboard", "Period"), str(answer.asked.period.label), answer.reading.value, answer.reading.before]
    ]
    for label, value in zip(wording.month_labels(answer.reading), answer.reading.series, strict=True):
        rows.append([_("Month"), label, value, None])
    for what, pieces in ((_("Territory"), answer.reading.places), (_("Kind"), answer.reading.parts)):
        rows += [[what, piece.label, piece.value, piece.before] for piece in pieces]
    return head, rows
