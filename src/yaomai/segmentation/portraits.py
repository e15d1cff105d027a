"""What segmentation puts into the portrait: the tier in every scheme, with score and rank where the reader may see them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import portrait
from yaomai.customers.models import Institution, Professional
from yaomai.customers.profile import Entity
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Rank, Ranks
from yaomai.kit.errors import Missing
from yaomai.kit.memo import read_together
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.segmentation import KIND, results, selectors
from yaomai.segmentation.panels import VIEW
from yaomai.segmentation.simulation import reads_purchases


def register() -> None:
    """Put the tiers into both portraits."""
    for subject in _SUBJECTS:
        portrait.register(
            subject, name="tiers", title=gettext_lazy("Tiers"), order=30, blocks=tiers(subject), right=VIEW
        )


def tiers(subject: Entity) -> Callable[[Any, Actor], Sequence[Block]]:
    """Return what gives the tiers of a customer in every scheme of the run in force."""

    def blocks(row: Institution | Professional, _actor: Actor) -> Sequence[Block]:
        held, run = _HELD[subject](row.pk), run_in_force(KIND)
        if not held or run is None:
            return []
        sees = bool(_SEES[subject](row.pk))
        ranks = []
        for scheme in selectors.schemes(run):
            if scheme.subject == subject and (found := held.get(scheme.name)):
                chip = scheme.chip(found.tier)
                note = _score(row.pk, run, scheme) if sees or not reads_purchases(scheme.spec) else ""
                ranks.append(Rank(scheme.label, chip.label, chip.rank, chip.of, note))
        return [Ranks(tuple(ranks))] if ranks else []

    return blocks


def _held(subject: Entity) -> Callable[[int], Any]:
    @read_together(subject)
    def held(customers: Sequence[int]) -> Mapping[int, Any]:
        return selectors.tiers_of(subject, customers)

    return held


def _seen(subject: Entity) -> Callable[[int], bool | None]:
    @read_together(subject)
    def seen(customers: Sequence[int]) -> Mapping[int, bool]:
        rows = selectors.model_of(subject).objects.allowed(selectors.PURCHASES).filter(pk__in=customers)
        return dict.fromkeys(rows.values_list("pk", flat=True), True)

    return seen


def _standing(subject: Entity) -> Callable[[int, int, str], Any]:
    @read_together(subject)
    def standing(customers: Sequence[int], run: int, scheme: str) -> Mapping[int, Any]:
        try:
            table = results.table(run, subject, scheme, ["customer", "ranked", "score", "rank"], keys=customers)
        except Missing:
            return {}
        return {each["customer"]: each for each in table.to_pylist()}

    return standing


_SUBJECTS: tuple[Entity, ...] = ("institution", "professional")
_HELD = {subject: _held(subject) for subject in _SUBJECTS}
_SEES = {subject: _seen(subject) for subject in _SUBJECTS}
_STANDING = {subject: _standing(subject) for subject in _SUBJECTS}


def _score(customer: int, run: Run, scheme: selectors.Scheme) -> str:
    subject: Entity = "institution" if scheme.subject == "institution" else "professional"
    row = _STANDING[subject](customer, run.pk, scheme.name)
    if row is None or not row["ranked"]:
        return ""
    return _("score %(score)s, place %(rank)s") % {"score": f"{row['score']:.1f}", "rank": row["rank"]}
