"""What listing adds to the pages of institutions and professionals."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution, Professional
from yaomai.customers.panels import Event, Signal
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.listing import selectors
from yaomai.listing.models import Committee, Seat, StageHolder, StagePeriod
from yaomai.listing.policies import PipelinePolicy

VIEW = "listing.process:view"
SOON_DAYS = 30


def decisions(institution: Institution, actor: Actor) -> Mapping[str, Any] | None:
    """Return who decides at a hospital and how far our products are; None where nothing decides."""
    found = selectors.decision_chain(institution, today=timezone.localdate())
    is_known = found["committees"] or found["processes"] or any(holders for _label, holders in found["stages"])
    if not is_known and institution.kind not in (Institution.Kind.HOSPITAL, Institution.Kind.COMMUNITY):
        return None
    return {
        **found,
        "shows_processes": actor.may(VIEW),
        "may_edit": actor.may("listing.committee:edit"),
        "may_open": actor.may("listing.process:create"),
    }


def seats_of(professional: Professional, _actor: Actor) -> Mapping[str, Any] | None:
    """Return the seats and stages that a person holds today; None without any."""
    today = timezone.localdate()
    seats = selectors.current(Seat.objects.filter(professional=professional, committee__archived_at=None), today)
    holders = selectors.current(StageHolder.objects.filter(professional=professional), today)
    found = {
        "seats": list(seats.select_related("committee__institution").order_by("pk")),
        "holders": list(holders.select_related("institution").order_by("pk")),
    }
    return found if found["seats"] or found["holders"] else None


def signals(institution: Institution, actor: Actor, today: date) -> Iterable[Signal]:
    """Say when a committee meets soon, and which process is stuck."""
    if not actor.may(VIEW):
        return
    policy, _version = policy_on(PipelinePolicy, on=today)
    open_ones = [process for process in selectors.processes_of(institution) if not process.outcome]
    if not open_ones:
        return
    meetings = [committee.next_meeting_on for committee in selectors.committees_of(institution)]
    meeting = min((day for day in meetings if day is not None and day >= today), default=None)
    if meeting is not None and (meeting - today).days <= SOON_DAYS:
        yield Signal(
            text=_("The drug committee meets on %(day)s") % {"day": formats.day(meeting, today=today)},
            reason=_("%(count)s of our products are on their way here.") % {"count": len(open_ones)},
            tone="info",
            weight=60,
        )
    for process in open_ones:
        days, usual = (today - process.stage_since).days, policy.of(process.stage).expected_days
        if days > usual * policy.stuck_factor:
            yield Signal(
                text=_("%(product)s has been at “%(stage)s” for %(days)s days")
                % {"product": process.product, "stage": process.get_stage_display(), "days": days},
                reason=process.blocker or _("Usual are %(days)s days.") % {"days": usual},
                url=reverse("listing:process_detail", args=[process.pk]),
                action=_("Look"),
                tone="warn",
                weight=65,
            )


def events(institution: Institution, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest moves for the timeline."""
    if not actor.may(VIEW):
        return
    rows = StagePeriod.objects.filter(process__institution=institution).select_related("process__product")
    for period in rows.order_by("-entered_on", "-pk")[:limit]:
        yield Event(
            at=period.entered_on,
            title=_("%(product)s reached “%(stage)s”")
            % {"product": period.process.product, "stage": period.get_stage_display()},
            icon="route",
            url=reverse("listing:process_detail", args=[period.process_id]),
        )


def committee_seats(committee: Committee, actor: Actor) -> Mapping[str, Any]:
    """Return every seat of a committee, those held today first."""
    today = timezone.localdate()
    seats = Seat.objects.filter(committee=committee).select_related("professional").order_by("-valid_from", "pk")
    return {
        "seats": sorted(seats, key=lambda seat: seat.valid_to is not None and seat.valid_to <= today),
        "may_edit": actor.may("listing.committee:edit") and committee.archived_at is None,
        "today": today,
    }
