"""Lists of this room: signals, tier changes, tier meetings, proposed customer types."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from yaomai.kit.access import Actor
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces import BulkAction, Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import Filter
from yaomai.kit.ui import formats
from yaomai.kit.ui.tables import Tier as TierChip
from yaomai.segmentation import KIND, selectors, services
from yaomai.segmentation.importers import TierChangeImporter
from yaomai.segmentation.models import Subject, TierChange, TierMeeting, TierSignal, TypeProposal
from yaomai.segmentation.panels import LEADING
from yaomai.segmentation.presenting import moved

MOST_REASONS = 3
"""More than three nobody reads in a list; the page of a proposal leads to all."""


def _schemes() -> dict[tuple[str, str], selectors.Scheme]:
    return {(found.name, found.subject): found for found in selectors.schemes(run_in_force(KIND))}


def _of_change(rows: Sequence[TierChange]) -> Mapping[int, Mapping[str, Any]]:
    """Return scheme and tiers of each change in words."""
    schemes, found = _schemes(), {}
    for row in rows:
        scheme = schemes.get((row.scheme, row.subject))
        found[row.pk] = {
            "scheme": scheme.label if scheme else row.scheme,
            "before": scheme.chip(row.tier_before) if scheme else TierChip(row.tier_before, 0, 0),
            "after": scheme.chip(row.tier) if scheme else TierChip(row.tier, 0, 0),
        }
    return found


def _of_proposal(rows: Sequence[TypeProposal]) -> Mapping[int, Mapping[str, Any]]:
    """Return scheme, band and reasons of each proposal in words."""
    schemes, found = _schemes(), {}
    for row in rows:
        scheme = schemes.get((row.scheme, Subject.PROFESSIONAL.value))
        labels = {} if scheme is None else {
            part.name: scheme.spec.component_label(part).in_language(selectors.language())
            for part in scheme.spec.components
        }  # fmt: skip
        found[row.pk] = {
            "scheme": scheme.label if scheme else row.scheme,
            "band": scheme.chip(row.tier) if scheme else TierChip(row.tier, 0, 0),
            "reasons": formats.listed(
                f"{labels.get(name, name)} {points:g}" for name, points in row.reasons[:MOST_REASONS]
            ),
        }
    return found


def _reasons(row: TypeProposal, actor: Actor) -> Mapping[str, Any]:
    is_open = row.state == TypeProposal.State.OPEN
    return {
        **_of_proposal([row])[row.pk],
        "row": row,
        "may_decide": is_open and actor.may("segmentation.typeproposal:approve"),
        "bulk_url": reverse("segmentation:typeproposal_bulk"),
        "url": reverse("segmentation:explain", args=["professional", row.professional_id, row.scheme]),
    }


def _of_signal(rows: Sequence[TierSignal]) -> Mapping[int, Mapping[str, Any]]:
    """Return of each signal what moved, the leading tier held, and the tier that a fast upgrade would give."""
    schemes, found = _schemes(), {}
    held = selectors.tiers_of(Subject.INSTITUTION, [row.institution_id for row in rows])
    for row in rows:
        scheme = schemes.get((LEADING[Subject.INSTITUTION], Subject.INSTITUTION.value))
        mine = held.get(row.institution_id, {}).get(scheme.name) if scheme else None
        lifted = schemes.get((row.scheme, Subject.INSTITUTION.value))
        found[row.pk] = {
            "moved": moved(row),
            "tier": scheme.chip(mine.tier) if scheme and mine else None,
            "upgrade": lifted.chip(row.tier, with_scheme=lifted != scheme) if lifted and row.tier else None,
        }
    return found


def _shared(load: Callable[..., Any], name: str, label: Any, kind: Any = "text") -> Column:
    return Column(f"said_{name}", label=label, kind=kind, load=load, part=name)


def _upgradable(is_possible: bool) -> Q:
    return ~Q(tier="") if is_possible else Q(tier="")


@register
class TierSignalSurface(Surface):
    model = TierSignal
    slug = "signals"
    section = "segmentation"
    columns = (
        "institution",
        _shared(_of_signal, "tier", gettext_lazy("Tier"), "tier"),
        "kind",
        _shared(_of_signal, "moved", gettext_lazy("What moved")),
        Column("money", kind="short_money"),
        _shared(_of_signal, "upgrade", gettext_lazy("Fast upgrade to"), "tier"),
        Column("month", kind="text", value=lambda row: formats.month(row.month), sortable=True),
        "state",
        Column("before", is_default=False),
        Column("after", is_default=False),
        Column("note", sortable=False, is_default=False),
        Column("decided_by", is_default=False),
        Column("decided_at", is_default=False),
    )
    filters = (
        "state",
        "kind",
        Filter("upgrade", label=gettext_lazy("Fast upgrade possible"), kind="flag", condition=_upgradable),
        "institution",
        "month",
        "money",
    )
    order = ("-money", "-id")
    panels = (
        Panel(
            "facts",
            gettext_lazy("Signal"),
            fields=("institution", "kind", "month", "before", "after", "money", "state"),
        ),
    )
    actions = (
        BulkAction(
            "review",
            gettext_lazy("Mark as reviewed"),
            services.signals_review,
            "segmentation.signal:review",
            ("note",),
            "check",
        ),
        BulkAction(
            "dismiss", gettext_lazy("Dismiss"), services.signals_dismiss, "segmentation.signal:review", ("note",), "x"
        ),
    )


@register
class TierChangeSurface(Surface):
    model = TierChange
    slug = "changes"
    section = "segmentation"
    columns = (
        "institution",
        "professional",
        _shared(_of_change, "scheme", gettext_lazy("Scheme")),
        _shared(_of_change, "before", gettext_lazy("Tier now"), "tier"),
        _shared(_of_change, "after", gettext_lazy("Proposed tier"), "tier"),
        "source",
        "is_fast",
        "state",
        Column("reason", sortable=False),
        Column("proposed_by", is_default=False),
        "proposed_at",
        Column("decision", sortable=False, is_default=False),
        Column("decided_by", is_default=False),
        Column("effective_on", is_default=False),
        "held_until",
    )
    filters = ("state", "source", "is_fast", "institution", "professional", "meeting", "proposed_at", "held_until")
    order = ("-id",)
    importer = TierChangeImporter
    panels = (Panel("facts", gettext_lazy("The change"), fields=("scheme", "tier_before", "tier", "reason", "state")),)


@register
class TierMeetingSurface(Surface):
    model = TierMeeting
    slug = "meetings"
    section = "segmentation"
    columns = ("territory", "quarter", "held_on", "state", "closed_at", Column("digest", is_default=False))
    filters = ("territory", "state", "held_on")
    order = ("-held_on", "-id")
    form = ("territory", "held_on")
    services = {"create": services.meeting_open}


@register
class TypeProposalSurface(Surface):
    model = TypeProposal
    slug = "typeproposals"
    section = "segmentation"
    columns = (
        "professional",
        Column("professional__institution", label=gettext_lazy("Institution")),
        "customer_type",
        _shared(_of_proposal, "scheme", gettext_lazy("Scheme")),
        _shared(_of_proposal, "band", gettext_lazy("Tier"), "tier"),
        _shared(_of_proposal, "reasons", gettext_lazy("What speaks for it")),
        "score",
        "rank",
        "state",
        Column("decision", sortable=False, is_default=False),
        Column("decided_by", is_default=False),
        Column("created_at", is_default=False),
    )
    filters = ("state", "customer_type", "professional", "created_at")
    order = ("rank", "id")
    panels = (
        Panel(
            "facts",
            gettext_lazy("Type proposal"),
            fields=("professional", "customer_type", "score", "rank", "state", "decision", "decided_by"),
        ),
        Panel(
            "reasons", gettext_lazy("What speaks for it"), template="segmentation/panel_proposal.html", load=_reasons
        ),
    )
    actions = (
        BulkAction("accept", gettext_lazy("Mark with the type"), services.types_accept, "segmentation.typeproposal:approve",
                   ("decision",), "check"),
        BulkAction("reject", gettext_lazy("Reject"), services.types_reject, "segmentation.typeproposal:approve", ("decision",), "x"),
    )  # fmt: skip
