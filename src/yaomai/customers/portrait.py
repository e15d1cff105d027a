"""The one-page portrait (A6, A16): what a manager prints for a meeting. Rooms above add their blocks in `apps.py`:

    portrait.register("professional", name="tiers", title=_("Tiers"), order=30, blocks=tiers_of, right="segmentation.tier:view")

`blocks(row, actor)` returns `kit.documents` parts; nothing to say, no section.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from yaomai.customers.profile import Entity
from yaomai.kit import memo
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.documents.parts import Block, Document, Explained, Section
from yaomai.kit.explain import PolicyReference

Text = Promise | str
Blocks = Callable[[Any, Actor], Sequence[Block]]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the portrait."""

    name: str
    title: Text
    order: int
    blocks: Blocks
    right: str = ""


_parts: dict[tuple[Entity, str], Part] = {}


def register(entity: Entity, *, name: str, title: Text, order: int, blocks: Blocks, right: str = "") -> None:
    """Put a section into the portrait of an entity; the same name again replaces it."""
    _parts[entity, name] = Part(name, title, order, blocks, right)


def forget(entity: Entity, name: str) -> None:
    """Take a section back."""
    _parts.pop((entity, name), None)


def portrait_of(entity: Entity, row: Any, actor: Actor, *, now: datetime) -> Document:
    """Return the portrait of a row, as the actor may see it."""
    chosen = sorted((part for (owner, _n), part in _parts.items() if owner == entity), key=lambda part: part.order)
    sections = []
    for part in chosen:
        if part.right and not actor.may(part.right):
            continue
        if blocks := tuple(part.blocks(row, actor)):
            sections.append(Section(part.title, blocks))
    return Document(
        title=_("Portrait: %(name)s") % {"name": row},
        subtitle=_place(entity, row),
        blocks=tuple(sections),
        as_of=local_day(now),
        made_at=now,
        made_by=actor.label,
        confidentiality=_("Internal: holds personal data"),
        references=_references(sections),
        is_compact=True,
    )


def portraits_of(entity: Entity, rows: Sequence[Any], actor: Actor, *, now: datetime) -> list[Document]:
    """Return the portraits of rows on one page: what they say is read for all at once, one statement for each kind."""
    memo.about(entity, [row.pk for row in rows])
    if entity == "professional":
        memo.about("institution", [row.institution_id for row in rows if row.institution_id is not None])
    return [portrait_of(entity, row, actor, now=now) for row in rows]


def _place(entity: Entity, row: Any) -> str:
    if entity == "institution":
        return str(row.division.full_name) if row.division else ""
    parts = (row.institution, row.department, row.position, row.get_title_display() if row.title else "")
    return " · ".join(str(part) for part in parts if part)


def _references(sections: Sequence[Section]) -> tuple[PolicyReference, ...]:
    found = [
        block.explanation.policy for section in sections for block in section.blocks if isinstance(block, Explained)
    ]
    return tuple(each for each in found if each is not None)
