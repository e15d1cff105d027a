"""What this room brings to 今日: cases that nobody looks at, reports that nobody has taken on."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yaomai.integrity.models import Case, Report
from yaomai.integrity.policies import SpeakUpPolicy
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.policies.selectors import policy_on


def register() -> None:
    """Register kinds and what is computed."""
    inbox.register_kind("integrity.case", label=gettext_lazy("Cases of the watch"), icon="alert-triangle", rank=22)
    inbox.register_kind("integrity.report", label=gettext_lazy("Anonymous reports"), icon="message", rank=12)
    inbox.register_provider(cases_waiting)
    inbox.register_provider(reports_waiting)


def cases_waiting(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return one line for all cases that nobody has taken."""
    if not actor.may(Case.right("edit")):
        return []
    waiting = Case.objects.allowed(Case.right("edit")).filter(state=Case.State.OPEN)
    count = waiting.count()
    if not count:
        return []
    heaviest = waiting.order_by("-score", "pk")[0]
    return [
        inbox.Item(
            kind=kind_of("integrity.case"),
            title=ngettext("%(count)s case waits to be looked at", "%(count)s cases wait to be looked at", count)
            % {"count": count},
            reason=_("The heaviest: %(what)s") % {"what": heaviest},
            url=f"{reverse('integrity:case_list')}?state=open",
        )
    ]


def reports_waiting(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the reports in view that nobody has taken on."""
    if not actor.may(Report.right("edit")):
        return []
    policy, _version = policy_on(SpeakUpPolicy, on=local_day(now))
    late = local_day(now) - timedelta(days=policy.accept_days)
    waiting = Report.objects.allowed(Report.right("edit")).filter(state=Report.State.RECEIVED)
    return [
        inbox.Item(
            kind=kind_of("integrity.report"),
            title=_("Report %(number)s waits for somebody who answers for it") % {"number": row.number},
            reason=str(row.get_category_display()),
            url=reverse("integrity:report_detail", args=[row.pk]),
            subject=row.number,
            is_overdue=row.received_on < late,
        )
        for row in waiting.order_by("received_on", "number")[:10]
    ]
