"""What this room brings to 今日: cases and reports that nobody has taken, steps of a crisis, what is due."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yaomai.integrity.models import Audit, Case, Crisis, CrisisTask, Provider, Report, Risk
from yaomai.integrity.policies import CrisisPolicy, DiligencePolicy, SamplingPolicy, SpeakUpPolicy
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.policies.selectors import policy_on


def register() -> None:
    """Register kinds and what is computed."""
    inbox.register_kind("integrity.case", label=gettext_lazy("Cases of the watch"), icon="alert-triangle", rank=22)
    inbox.register_kind("integrity.report", label=gettext_lazy("Anonymous reports"), icon="message", rank=12)
    inbox.register_kind("integrity.crisis", label=gettext_lazy("Crises and drills"), icon="alert-octagon", rank=2)
    inbox.register_kind("integrity.control", label=gettext_lazy("Risks and audits"), icon="shield-check", rank=40)
    inbox.register_provider(cases_waiting)
    inbox.register_provider(crisis_steps)
    inbox.register_provider(controls_due)
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


def crisis_steps(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the steps of crises that wait for somebody in a role of the actor's, the earliest first."""
    if not actor.may(Crisis.right("edit")):
        return []
    roles = {grant.role for grant in actor.grants}
    open_ones = Crisis.objects.allowed(Crisis.right("edit")).filter(state=Crisis.State.OPEN)
    waiting = CrisisTask.unscoped.filter(crisis__in=open_ones, done_at=None, role__in=roles).select_related("crisis")
    return [
        inbox.Item(
            kind=kind_of("integrity.crisis"),
            title=task.text,
            reason=(_("Drill: %(what)s") if task.crisis.is_drill else _("Crisis: %(what)s")) % {"what": task.crisis},
            url=reverse("integrity:crisis_detail", args=[task.crisis_id]),
            subject=str(task.crisis),
            due_at=task.due_at,
            is_overdue=task.due_at < now,
        )
        for task in waiting.order_by("due_at", "pk")[:10]
    ]


def controls_due(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return what is due: due diligence that runs out, risks to look at again, an audit, a drill."""
    on, items = local_day(now), []

    def item(title: str, reason: str, url: str, due: date) -> None:
        items.append(
            inbox.Item(kind=kind_of("integrity.control"), title=title, reason=reason, url=url,
                       is_overdue=due < on)
        )  # fmt: skip

    if actor.may(Provider.right("edit")):
        policy, _version = policy_on(DiligencePolicy, on=on)
        ending = Provider.objects.allowed(Provider.right("edit")).filter(
            archived_at=None, valid_to__lte=on + timedelta(days=policy.warn_days)
        )
        for row in ending.order_by("valid_to", "pk")[:5]:
            item(_("Check %(provider)s anew") % {"provider": row}, _("Its due diligence runs out; without it nothing is signed."),
                 reverse("integrity:provider_detail", args=[row.pk]), row.valid_to)  # fmt: skip
    if actor.may(Risk.right("edit")):
        again = Risk.objects.allowed(Risk.right("edit")).filter(archived_at=None, review_on__lte=on)
        for risk in again.order_by("review_on", "pk")[:5]:
            item(_("Look at the risk “%(risk)s” again") % {"risk": risk}, _("The day set for it has come."),
                 reverse("integrity:risk_detail", args=[risk.pk]), risk.review_on)  # fmt: skip
    if actor.may(Audit.right("create")):
        sampling, _version = policy_on(SamplingPolicy, on=on)
        last = Audit.unscoped.order_by("-created_at").values_list("created_at", flat=True).first()
        due = on if last is None else months_later(local_day(last), sampling.every_months)
        if due <= on:
            item(_("Draw the sample of the next audit"), _("Claims and visits are audited regularly (K10)."),
                 reverse("integrity:audit_new"), due)  # fmt: skip
    if actor.may(Crisis.right("create")):
        crises, _version = policy_on(CrisisPolicy, on=on)
        drilled = (
            Crisis.unscoped.filter(is_drill=True).order_by("-opened_at").values_list("opened_at", flat=True).first()
        )
        due = on if drilled is None else months_later(local_day(drilled), crises.drill_months)
        if due <= on:
            item(_("Hold a crisis drill"), _("Teams that have practised answer in hours, not days (K15)."),
                 reverse("integrity:crisis_new"), due)  # fmt: skip
    return items


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), after - timedelta(days=1))
