"""Lists of this room: signals, tier changes, tier meetings, proposed customer types."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces import BulkAction, Column, Panel, Surface, register
from yaomai.kit.ui.tables import Tier as TierChip
from yaomai.segmentation import KIND, selectors, services
from yaomai.segmentation.models import Subject, TierChange, TierMeeting, TierSignal, TypeProposal


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
    """Return scheme and band of each proposal in words."""
    schemes, found = _schemes(), {}
    for row in rows:
        scheme = schemes.get((row.scheme, Subject.PROFESSIONAL.value))
        found[row.pk] = {
            "scheme": scheme.label if scheme else row.scheme,
            "band": scheme.chip(row.tier) if scheme else TierChip(row.tier, 0, 0),
        }
    return found


def _reasons(row: TypeProposal, _actor: Actor) -> Mapping[str, Any]:
    found = _of_proposal([row])[row.pk]
    return {
        **found,
        "row": row,
        "url": reverse("segmentation:explain", args=["professional", row.professional_id, row.scheme]),
    }


def _shared(load: Callable[..., Any], name: str, label: Any, kind: Any = "text") -> Column:
    return Column(f"said_{name}", label=label, kind=kind, load=load, part=name)


@register
class TierSignalSurface(Surface):
    model = TierSignal
    slug = "signals"
    section = "segmentation"
    columns = (
        "institution",
        "kind",
        Column("money", kind="short_money"),
        "before",
        "after",
        "month",
        "state",
        Column("note", sortable=False),
        Column("decided_by", is_default=False),
        Column("decided_at", is_default=False),
    )
    filters = ("state", "kind", "institution", "month", "money")
    order = ("-money", "-id")
    panels = (
        Panel("facts", _("Signal"), fields=("institution", "kind", "month", "before", "after", "money", "state")),
    )
    actions = (
        BulkAction(
            "review", _("Mark as reviewed"), services.signals_review, "segmentation.signal:review", ("note",), "check"
        ),
        BulkAction("dismiss", _("Dismiss"), services.signals_dismiss, "segmentation.signal:review", ("note",), "x"),
    )


@register
class TierChangeSurface(Surface):
    model = TierChange
    slug = "changes"
    section = "segmentation"
    columns = (
        "institution",
        "professional",
        _shared(_of_change, "scheme", _("Scheme")),
        _shared(_of_change, "before", _("Tier now"), "tier"),
        _shared(_of_change, "after", _("Proposed tier"), "tier"),
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
    panels = (Panel("facts", _("The change"), fields=("scheme", "tier_before", "tier", "reason", "state")),)


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
        Column("professional__institution", label=_("Institution")),
        "customer_type",
        _shared(_of_proposal, "scheme", _("Scheme")),
        _shared(_of_proposal, "band", _("Tier"), "tier"),
        "score",
        "rank",
        "state",
        Column("decision", sortable=False),
        Column("decided_by", is_default=False),
        "created_at",
    )
    filters = ("state", "customer_type", "professional", "created_at")
    order = ("rank", "id")
    panels = (
        Panel(
            "facts",
            _("Type proposal"),
            fields=("professional", "customer_type", "score", "rank", "run", "state", "decision", "decided_by"),
        ),
        Panel("reasons", _("What speaks for it"), template="segmentation/panel_proposal.html", load=_reasons),
    )
    actions = (
        BulkAction("accept", _("Mark with the type"), services.types_accept, "segmentation.typeproposal:approve",
                   ("decision",), "check"),
        BulkAction("reject", _("Reject"), services.types_reject, "segmentation.typeproposal:approve", ("decision",), "x"),
    )  # fmt: skip
