"""What this room puts into the portrait of a professional: academic standing, and who is close to whom."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import portrait
from yaomai.customers.models import Professional
from yaomai.influence import selectors
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Column, Fact, Facts, Paragraph, Table

FOREMOST, TIES = 2, 8


def register() -> None:
    """Register the sections of this room."""
    portrait.register("professional", name="academic", title=gettext_lazy("Academic record"), order=40,
                      blocks=academic, right="influence.record:view")  # fmt: skip
    portrait.register("professional", name="ties", title=gettext_lazy("Influences whom"), order=42, blocks=ties,
                      right="influence.tie:view")  # fmt: skip


def academic(professional: Professional, _actor: Actor) -> Sequence[Block]:
    """Return what a person holds and did, by kind, with points and the items that weigh most."""
    parts = selectors.academic_record(professional.pk, as_of=timezone.localdate())
    rows = tuple(
        (
            part.label,
            round(part.points, 1),
            "\n".join(f"{item.label} · {item.detail}" for item in part.items[:FOREMOST]),
        )
        for part in parts
        if part.items
    )
    columns = (
        Column(_("Kind"), width=1),
        Column(_("Points of 100"), "number", width=1),
        Column(_("Foremost"), width=4),
    )
    return [Table(columns, rows)] if rows else []


def ties(professional: Professional, _actor: Actor) -> Sequence[Block]:
    """Return where a person stands in the network, and the strongest ties to people in view."""
    found, unseen = selectors.ties_of(professional.pk, day=timezone.localdate())
    blocks: list[Block] = []
    if standing := selectors.standing_of(professional.pk):
        facts = [
            Fact(_("Direct ties"), standing.direct, "number"),
            Fact(_("People within two steps"), standing.reach, "number"),
            Fact(_("Bridge"), standing.bridge or None, "percent"),
        ]
        blocks.append(Facts(tuple(fact for fact in facts if fact.value is not None), columns=3))
    named: dict[str, list[str]] = {}
    for tie in found:
        times = f" × {tie.amount:.0f}" if tie.amount > 1 else ""
        named.setdefault(str(tie.other), []).append(f"{tie.part}{times}")
    told = [f"{name}（{'、'.join(parts)}）" for name, parts in list(named.items())[:TIES]]
    if beyond := max(0, len(named) - TIES) + unseen:
        told.append(_("and %(count)s more people") % {"count": beyond})
    return [*blocks, Paragraph("；".join(told))] if told else blocks
