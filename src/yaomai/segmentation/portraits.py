"""What segmentation puts into the portrait: the tier in every scheme, with score and rank where the reader may see them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import portrait
from yaomai.customers.models import Institution, Professional
from yaomai.customers.profile import Entity
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Rank, Ranks
from yaomai.kit.errors import Missing
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.segmentation import KIND, results, selectors
from yaomai.segmentation.panels import VIEW
from yaomai.segmentation.simulation import reads_purchases


def register() -> None:
    """Put the tiers into both portraits."""
    subjects: tuple[Entity, ...] = ("institution", "professional")
    for subject in subjects:
        portrait.register(
            subject, name="tiers", title=gettext_lazy("Tiers"), order=30, blocks=tiers(subject), right=VIEW
        )


def tiers(subject: Entity) -> Callable[[Any, Actor], Sequence[Block]]:
    """Return what gives the tiers of a customer in every scheme of the run in force."""

    def blocks(row: Institution | Professional, _actor: Actor) -> Sequence[Block]:
        held, run = selectors.tiers_of(subject, [row.pk]).get(row.pk), run_in_force(KIND)
        if not held or run is None:
            return []
        sees = selectors.sees_purchases(row)
        ranks = []
        for scheme in selectors.schemes(run):
            if scheme.subject == subject and (found := held.get(scheme.name)):
                chip = scheme.chip(found.tier)
                note = _score(run, scheme, row.pk) if sees or not reads_purchases(scheme.spec) else ""
                ranks.append(Rank(scheme.label, chip.label, chip.rank, chip.of, note))
        return [Ranks(tuple(ranks))] if ranks else []

    return blocks


def _score(run: Run, scheme: selectors.Scheme, customer: int) -> str:
    try:
        row = results.row(run.pk, scheme.subject, scheme.name, customer)
    except Missing:
        return ""
    if not row["ranked"]:
        return ""
    return _("score %(score)s, place %(rank)s") % {"score": f"{row['score']:.1f}", "rank": row["rank"]}
