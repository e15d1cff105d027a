"""`{% document it %}` shows a document on screen, ready for print; styles in documents/document.css."""

from typing import Any

from django import template
from django.utils.safestring import mark_safe

from yaomai.kit.documents import plain, wording
from yaomai.kit.documents.parts import Document

register = template.Library()


@register.inclusion_tag("documents/document.html")
def document(it: Document) -> dict[str, Any]:
    """Return what the template draws: the texts of a document, and its blocks as plain values."""
    return {
        "title": wording.clean(it.title),
        "subtitle": wording.clean(it.subtitle),
        "byline": wording.byline(it),
        "confidentiality": wording.clean(it.confidentiality),
        "foot": wording.foot(it),
        "blocks": plain.blocks(it.blocks),
    }


@register.filter
def drawn(svg: str) -> str:
    """Let a drawing of `kit.documents.drawing` through: it escapes every text it holds."""
    return mark_safe(svg)  # noqa: S308


@register.filter
def cells(row: list[str], columns: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Return the cells of a row, each with its column."""
    return list(zip(row, columns, strict=True))
