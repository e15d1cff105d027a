"""A document as plain values, texts in the reader's language: what the renderers work from."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from yaomai.kit.documents import drawing, parts, wording
from yaomai.kit.documents.wording import clean

Plain = dict[str, Any]


def plain(block: parts.Block) -> Plain:
    """Return a block as plain values; `is` says which it is."""
    return _PLAIN[type(block)](block)


def blocks(many: tuple[parts.Block, ...]) -> list[Plain]:
    """Return blocks as plain values."""
    return [plain(block) for block in many]


def _paragraph(block: parts.Paragraph) -> Plain:
    return {"is": "paragraph", "text": clean(block.text), "look": block.look}


def _facts(block: parts.Facts) -> Plain:
    found = [
        {"label": clean(fact.label), "value": wording.shown(fact.value, fact.kind), "note": clean(fact.note)}
        for fact in block.facts
    ]
    return {"is": "facts", "facts": found, "columns": block.columns}


def _figures(block: parts.Figures) -> Plain:
    found = [
        {
            "label": clean(figure.label),
            "value": wording.shown(figure.value, figure.kind),
            "note": clean(figure.note),
            "tone": figure.tone,
        }
        for figure in block.figures
    ]
    return {"is": "figures", "figures": found}


def _ranks(block: parts.Ranks) -> Plain:
    found = [
        {"scheme": clean(rank.scheme), "label": clean(rank.label), "rank": rank.rank, "note": clean(rank.note)}
        for rank in block.ranks
    ]
    return {"is": "ranks", "ranks": found}


def _table(block: parts.Table) -> Plain:
    kinds = [column.kind for column in block.columns]

    def row(values: tuple[parts.Value, ...]) -> list[str]:
        return [wording.shown(value, kind) for value, kind in zip(values, kinds, strict=True)]

    return {
        "is": "table",
        "caption": clean(block.caption),
        "columns": [
            {"label": clean(column.label), "numeric": wording.is_numeric(column.kind), "width": column.width}
            for column in block.columns
        ],
        "rows": [row(values) for values in block.rows],
        "total": row(block.total) if block.total else [],
    }


def _bullets(block: parts.Bullets) -> Plain:
    return {"is": "bullets", "items": wording.texts(block.items)}


def _explained(block: parts.Explained) -> Plain:
    found = block.explanation
    contributions = [wording.contribution_row(part) for part in found.contributions]
    return {
        "is": "explained",
        "title": clean(block.title),
        "sentence": clean(found.sentence),
        "contributions": [dict(zip(("label", "value", "share", "note"), part, strict=True)) for part in contributions],
        "lift": wording.texts(found.lift),
        "sources": wording.sources_line(found),
    }


def _graph(block: parts.Graph) -> Plain:
    chart = block.chart
    return {
        "is": "graph",
        "finding": clean(chart.finding),
        "note": clean(chart.note),
        "drawing": drawing.svg(chart),
        "table": [[clean(cell) for cell in row] for row in _graph_rows(block)],
    }


def _graph_rows(block: parts.Graph) -> list[list[Any]]:
    head, rows = block.chart.table()
    kind: parts.Kind = {"money": "money", "percent": "percent"}.get(block.chart.unit, "number")  # type: ignore[assignment]
    shown = [[cell if isinstance(cell, str) else wording.shown(cell, kind) for cell in row] for row in rows]
    return [list(head), *shown]


def _signatures(block: parts.Signatures) -> Plain:
    return {"is": "signatures", "names": wording.texts(block.names), "date": _("Date")}


def _fields(block: parts.Fields) -> Plain:
    groups = [
        {
            "label": clean(label),
            "fields": [
                {
                    "label": clean(field.label),
                    "kind": field.kind,
                    "hint": clean(field.hint),
                    "value": clean(field.shown()),
                    "choices": [{"label": clean(text), "chosen": code in field.chosen} for code, text in field.choices],
                }
                for field in fields
            ],
        }
        for label, fields in block.form.groups()
    ]
    return {"is": "fields", "groups": groups}


def _beside(block: parts.Beside) -> Plain:
    return {"is": "beside", "left": blocks(block.left), "right": blocks(block.right), "share": block.share}


def _section(block: parts.Section) -> Plain:
    return {
        "is": "section",
        "title": clean(block.title),
        "note": clean(block.note),
        "blocks": blocks(block.blocks),
    }


_PLAIN: dict[type, Callable[[Any], Plain]] = {
    parts.Paragraph: _paragraph,
    parts.Facts: _facts,
    parts.Figures: _figures,
    parts.Ranks: _ranks,
    parts.Table: _table,
    parts.Bullets: _bullets,
    parts.Explained: _explained,
    parts.Graph: _graph,
    parts.Signatures: _signatures,
    parts.Fields: _fields,
    parts.Beside: _beside,
    parts.Section: _section,
    parts.PageBreak: lambda _block: {"is": "break"},
}
