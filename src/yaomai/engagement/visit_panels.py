"""What visits add to the pages of professionals and institutions."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution, Professional
from yaomai.customers.panels import Event, Signal, actions_about
from yaomai.engagement.briefs import visits_with
from yaomai.engagement.models import Communication, NextStep, StrategyAlert, Visit, VisitAudit
from yaomai.engagement.policies import StrategyPolicy
from yaomai.engagement.services.carrying import number_of
from yaomai.engagement.visit_presenting import TONES, explanation_of, lines
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.planning.models import EARLIER, DutyState, PlannedVisit, ServiceDuty

VIEW = "engagement.visit:view"
SHOWN = 4


def proof(row: PlannedVisit | ServiceDuty, actor: Actor) -> Mapping[str, Any] | None:
    """Return the report that carried out what was planned or owed, as far as it is in view; None where no report did."""
    if row.reference == EARLIER:
        return {"is_earlier": True}
    number = number_of(row.reference) if row.state == DutyState.DONE else None
    return None if number is None else {"visit": Visit.objects.filter(pk=number).first()}


def _at(institution: Institution) -> Any:
    rows = Visit.objects.filter(institution=institution, archived_at=None).select_related("person", "institution")
    return rows.order_by("-started_at", "-pk")


def with_person(professional: Professional, actor: Actor) -> Mapping[str, Any]:
    """Return the last visits with somebody, the stage of communication, and what was promised."""
    stages = Communication.objects.filter(professional=professional).order_by("-pk")
    return {
        "visits": lines(visits_with(professional)[:SHOWN]),
        "stage": next((each for each in stages[:1] if each.superseded_at is None), None),
        "steps": list(
            NextStep.objects.filter(visit__contacts=professional, state="open").order_by("due_on", "pk")[:SHOWN]
        ),
        "alert": StrategyAlert.objects.filter(professional=professional).exclude(state="measured").first(),
        "list_url": f"{reverse('engagement:visit_list')}?contact={professional.pk}",
        "brief_url": reverse("engagement:brief", args=[professional.pk]),
        "stage_url": reverse("engagement:stage_move", args=[professional.pk])
        if actor.may("engagement.visit:edit")
        else "",
        "report_url": _report_url(professional.institution_id, professional.pk, actor),
    }


def at_institution(institution: Institution, actor: Actor) -> Mapping[str, Any]:
    """Return the last visits at an institution, and what was promised there."""
    return {
        "visits": lines(_at(institution)[:SHOWN]),
        "steps": list(
            NextStep.objects.filter(visit__institution=institution, state="open").order_by("due_on", "pk")[:SHOWN]
        ),
        "list_url": f"{reverse('engagement:visit_list')}?institution={institution.pk}",
        "report_url": _report_url(institution.pk, None, actor),
    }


def _report_url(institution: int | None, professional: int | None, actor: Actor) -> str:
    if not actor.may("engagement.visit:create"):
        return ""
    asked = "&".join(f"{name}={pk}" for name, pk in (("institution", institution), ("contacts", professional)) if pk)
    return f"{reverse('engagement:visit_new')}?{asked}"


def signals(professional: Professional, actor: Actor, today: date) -> Iterable[Signal]:
    """Say that a product makes no progress with somebody, and that something promised is overdue."""
    if not actor.may(VIEW):
        return
    alert = StrategyAlert.objects.filter(professional=professional, state="open").first()
    if alert is not None:
        yield Signal(
            text=_("%(count)s contacts in a row without progress") % {"count": alert.contacts},
            reason=_("Choose another strategy; what follows shows whether it works."), tone="warn", weight=70,
            url=reverse("engagement:strategyalert_choose", args=[alert.pk]), action=_("Choose"),
        )  # fmt: skip
    step = (
        NextStep.objects.filter(visit__contacts=professional, state="open", due_on__lt=today).order_by("due_on").first()
    )
    if step is not None:
        yield Signal(
            text=_("Promised and overdue: %(text)s") % {"text": step.text}, tone="bad", weight=80,
            reason=_("Due on %(day)s") % {"day": step.due_on.isoformat()},
            url=reverse("engagement:nextstep_close", args=[step.pk]), action=_("Close"),
        )  # fmt: skip


def events_of_person(professional: Professional, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest visits with somebody, and changes of the stage of communication."""
    if not actor.may(VIEW):
        return
    yield from (Event(**each) for each in lines(visits_with(professional)[:limit]))
    rows = Communication.objects.filter(professional=professional).select_related("recorded_by").order_by("-pk")
    for each in rows[:limit]:
        yield Event(
            at=each.since, title=_("Stage of communication: %(stage)s") % {"stage": each.get_stage_display()},
            text=each.reason, icon="message", who=str(each.recorded_by or ""),
        )  # fmt: skip


def events_of_institution(institution: Institution, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest visits at an institution."""
    if actor.may(VIEW):
        yield from (Event(**each) for each in lines(_at(institution)[:limit]))


# The page of a visit --------------------------------------------------------------------------------------------


def visit(row: Visit, actor: Actor) -> dict[str, Any]:
    """Return what the page of a visit shows."""
    is_own = row.person_id is not None and row.person_id == actor.person_id
    audit = VisitAudit.objects.filter(visit=row).select_related("decided_by").first()
    notes = row.coaching.select_related("author").order_by("pk")
    contacts = list(row.contacts.select_related("department").order_by("pk"))
    return {
        "contacts": contacts,
        "actions": actions_about(row.institution, contacts[0] if contacts else None, actor),
        "attendees": list(row.attendees.order_by("pk")),
        "products": list(row.products.order_by("name")),
        "uses": list(row.uses.select_related("used").order_by("pk")),
        "steps": list(row.steps.select_related("owner").order_by("due_on", "pk")),
        "tone": TONES[row.validity],
        "explanation": explanation_of(row),
        "is_own": is_own,
        "audit": audit,
        "may_correct": is_own
        and row.decided_at is None
        and row.archived_at is None
        and actor.may("engagement.visit:edit"),
        "may_explain": is_own and row.decided_at is None and row.archived_at is None and bool(row.findings),
        "may_decide": audit is not None and not audit.outcome and actor.may("engagement.audit:review") and not is_own,
        "may_coach": actor.may("engagement.visit:assess") and not is_own and row.archived_at is None,
        "may_add_step": actor.may("engagement.visit:edit") and row.archived_at is None,
        "notes": list(notes) if is_own or actor.may("engagement.visit:assess") else [],
    }


def alert(row: StrategyAlert, actor: Actor) -> dict[str, Any]:
    """Return a strategy alert: the contacts that brought no progress, what was chosen, what came of it."""
    policy, _version = policy_on(StrategyPolicy, on=row.opened_on)
    return {
        "strategy": row.label_of(policy.labels(get_language() or "zh")) if row.strategy else "",
        "visits": lines(visits_with(row.professional)[: row.contacts + row.measured_contacts]),
        "may_choose": row.state != StrategyAlert.State.MEASURED and actor.may("engagement.visit:edit"),
    }
