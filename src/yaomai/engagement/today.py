"""What engagement brings to 今日: promises, visits in doubt, audits, and key tiers that are not on the board yet."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.engagement import selectors
from yaomai.engagement.models import NextStep, Visit, VisitAudit
from yaomai.engagement.visit_presenting import finding_said
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.surfaces.pages import limited_count

MOST_COUNTED = 200


def to_gather(actor: Actor, now: datetime) -> list[Item]:
    """Say how many institutions of a key tier are not on the board."""
    if not actor.may("engagement.keyaccount:create"):
        return []
    count = limited_count(selectors.not_on_board(actor, today=local_day(now)), MOST_COUNTED)
    if not count:
        return []
    shown = str(count) if count <= MOST_COUNTED else _("more than %(count)s") % {"count": MOST_COUNTED}
    return [
        Item(
            kind=kind_of("engagement.board"),
            title=_("%(count)s institutions of key tiers are not on the board") % {"count": shown},
            reason=_("Their tier makes them key accounts; nobody works on them as such yet."),
            url=reverse("engagement:board"),
        )
    ]


SOON = timedelta(days=3)
MOST_STEPS = 8
MOST_DOUBTS = 5


def steps_due(actor: Actor, now: datetime) -> list[Item]:
    """Return one's own next steps that are due or nearly so."""
    if actor.person_id is None or not actor.may("engagement.nextstep:view"):
        return []
    today = local_day(now)
    rows = NextStep.objects.filter(owner=actor.person_id, state="open", due_on__lte=today + SOON)
    return [
        Item(
            kind=kind_of("engagement.steps"), title=step.text, url=reverse("engagement:nextstep_close", args=[step.pk]),
            reason=_("Promised on %(day)s.") % {"day": step.visit.on.isoformat()}, subject=str(step.visit.institution),
            due_at=datetime.combine(step.due_on, time(18), timezone.get_current_timezone()), is_overdue=step.due_on < today,
        )
        for step in rows.select_related("visit__institution").order_by("due_on", "pk")[:MOST_STEPS]
    ]  # fmt: skip


def audits_waiting(actor: Actor, now: datetime) -> list[Item]:
    """Say how many visits wait for an auditor."""
    if not actor.may("engagement.audit:review"):
        return []
    count = limited_count(VisitAudit.objects.filter(outcome=""), MOST_COUNTED)
    if not count:
        return []
    shown = str(count) if count <= MOST_COUNTED else _("more than %(count)s") % {"count": MOST_COUNTED}
    return [
        Item(
            kind=kind_of("engagement.audit"), title=_("%(count)s visits wait for an audit") % {"count": shown},
            reason=_("By chance, in doubt, or because the visitor explains."),
            url=reverse("engagement:visitaudit_list") + "?waiting=1",
        )
    ]  # fmt: skip


def own_doubts(actor: Actor, now: datetime) -> list[Item]:
    """Tell whoever made them which visits do not count as they stand, and why."""
    if actor.person_id is None or not actor.may("engagement.visit:create"):
        return []
    rows = Visit.objects.filter(
        person=actor.person_id,
        archived_at=None,
        decided_at=None,
        explained="",
        on__gte=local_day(now) - timedelta(days=30),
    ).exclude(validity="valid")
    return [
        Item(
            kind=kind_of("engagement.doubt"), title=_("Your visit is in doubt: %(visit)s") % {"visit": visit},
            reason=finding_said(visit.findings[0]) if visit.findings else "",
            url=reverse("engagement:visit_detail", args=[visit.pk]),
        )
        for visit in rows.select_related("institution").order_by("-on", "-pk")[:MOST_DOUBTS]
    ]  # fmt: skip
