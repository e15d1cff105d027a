"""Lists of this room."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.customers.models import Professional
from yaomai.engagement import selectors, services, visit_panels
from yaomai.engagement.importers import VisitImporter
from yaomai.engagement.models import AdverseEvent, KeyAccount, NextStep, StrategyAlert, Visit, VisitAudit
from yaomai.engagement.presenting import said_of
from yaomai.engagement.visit_presenting import contacts_of
from yaomai.kit.surfaces import Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED, Filter


def _state(rows: Sequence[KeyAccount]) -> Mapping[int, Mapping[str, Any]]:
    """Return days, what is missing, and whether each account has stalled."""
    return {
        card.account.pk: {
            "days": card.days,
            "missing": said_of(card.missing) or None,
            "stalled": card.is_stalled,
        }
        for card in selectors.cards(rows, today=timezone.localdate())
    }


def _without_owner(chosen: bool) -> Q:
    return Q(owner__isnull=chosen)


@register
class KeyAccountSurface(Surface):
    model = KeyAccount
    section = "customers"
    columns = (
        "institution",
        "stage",
        "stage_since",
        Column("days", label=_("Days in this stage"), kind="number", load=_state, part="days"),
        "owner",
        Column("missing", label=_("Missing to move on"), load=_state, part="missing"),
        Column("stalled", label=pgettext_lazy("key account", "Stalled"), kind="check", load=_state, part="stalled"),
        "goal",
        Column("created_at", label=_("Key account since"), kind="date", is_default=False),
    )
    filters = (
        "institution",
        "stage",
        "owner",
        Filter("unowned", label=_("Without an owner"), kind="flag", condition=_without_owner),
        "stage_since",
        ARCHIVED,
    )
    order = ("stage_since", "id")
    form = ("institution", "owner", "goal")
    services = {
        "create": services.account_create,
        "update": services.account_update,
        "archive": services.account_archive,
    }


# Visits ---------------------------------------------------------------------------------------------------------


def _contact(chosen: Any) -> Q:
    links: Any = Visit.contacts.through
    return Q(Exists(links.objects.filter(visit=OuterRef("pk"), professional__in=chosen))) if chosen else Q()


def _joint(chosen: bool) -> Q:
    links: Any = Visit.attendees.through
    came = Q(Exists(links.objects.filter(visit=OuterRef("pk"))))
    return came if chosen else ~came


@register
class VisitSurface(Surface):
    model = Visit
    section = "visits"
    columns = (
        Column("started_at", label=_("Began")),
        "institution",
        Column("met", label=_("Met"), load=contacts_of),
        "content_type",
        Column("content", sortable=False),
        "person",
        "progress",
        "achieved",
        "validity",
        Column("department", is_default=False),
        Column("place", is_default=False),
        Column("ended_at", is_default=False),
        Column("objective", is_default=False, sortable=False),
        Column("expected_result", is_default=False, sortable=False),
        Column("result", is_default=False, sortable=False),
        Column("origin", is_default=False),
        Column("reported_at", is_default=False),
        Column("territory", is_default=False),
    )
    filters = (
        "on",
        "person",
        "institution",
        Filter("contact", label=_("Met"), kind="relation", related=Professional, condition=_contact),
        "content_type",
        "validity",
        "progress",
        "achieved",
        Filter("joint", label=_("Joint visit"), kind="flag", condition=_joint),
        "territory",
        "origin",
        ARCHIVED,
    )
    order = ("-started_at", "-id")
    form = (
        "institution", "department", "contacts", "started_at", "ended_at", "place", "content_type", "content", "products",
        "progress", "objective", "expected_result", "achieved", "result", "attendees",
    )  # fmt: skip
    importer = VisitImporter
    services = {"create": services.visit_report, "archive": services.visit_archive}
    panels = (Panel("visit", template="engagement/panels/visit.html", load=visit_panels.visit, order=10),)


@register
class NextStepSurface(Surface):
    model = NextStep
    section = "visits"
    columns = (
        "text", "due_on", "owner", Column("visit__institution", label=_("Institution")), "state",
        Column("outcome", is_default=False, sortable=False),
    )  # fmt: skip
    filters = ("state", "due_on", "owner", Filter("visit__institution", label=_("Institution")))
    order = ("due_on", "id")
    form = ("text", "due_on", "owner")
    services = {"update": services.step_update}
    panels = (
        Panel(
            "facts",
            template="engagement/panels/step.html",
            load=lambda row, actor: {"may_edit": actor.may("engagement.nextstep:edit")},
        ),
    )


@register
class StrategyAlertSurface(Surface):
    model = StrategyAlert
    section = "visits"
    columns = ("professional", "contacts", "opened_on", "owner", "state", "chosen_on", "outcome", "measured_on")
    filters = ("state", "outcome", "owner", "professional", "opened_on")
    order = ("-opened_on", "-id")
    panels = (Panel("alert", template="engagement/panels/alert.html", load=visit_panels.alert),)


@register
class AuditSurface(Surface):
    model = VisitAudit
    slug = "audits"
    section = "visits"
    columns = (
        "visit", Column("visit__person", label=_("Visited by")), "cause", Column("visit__validity", label=pgettext_lazy("visit", "Counts")),
        "created_at", "outcome", "decided_by", "decided_at", Column("reason", is_default=False, sortable=False),
    )  # fmt: skip
    filters = (
        Filter("waiting", label=_("Waits"), kind="flag", condition=lambda chosen: Q(outcome="") if chosen else ~Q(outcome="")),
        "cause", "outcome", Filter("visit__person", label=_("Visited by")), "decided_at",
    )  # fmt: skip
    order = ("-created_at", "-id")
    panels = (
        Panel(
            "audit",
            template="engagement/panels/audit.html",
            load=lambda row, actor: visit_panels.visit(row.visit, actor),
        ),
    )


@register
class AdverseEventSurface(Surface):
    model = AdverseEvent
    section = "visits"
    columns = (
        "product", "severity", "learned_at", "due_at", "person", "institution", "taken_over_by", "taken_over_at", "reference",
    )  # fmt: skip
    filters = (
        "severity", "product", "institution", "learned_at",
        Filter("waiting", label=_("Waits"), kind="flag", condition=lambda chosen: Q(taken_over_at__isnull=bool(chosen))),
    )  # fmt: skip
    order = ("-learned_at", "-id")
    form = ("product", "what", "severity", "age_group", "institution", "professional", "learned_at")
    services = {"create": services.adverse_report}
    panels = (
        Panel("event", template="engagement/panels/adverse.html", load=lambda row, actor: {
            "may_take_over": actor.may("safety.adverseevent:review") and row.taken_over_at is None}),
    )  # fmt: skip
