"""What a phone takes along for the next days: the route, briefs, customers, products, material, words to watch."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from yaomai.catalog.models import Product
from yaomai.compliance.wording import SUGGESTIONS, WordingPolicy
from yaomai.customers.archives import Question
from yaomai.customers.models import Professional
from yaomai.customers.profile import Kind
from yaomai.engagement import briefs, selectors
from yaomai.engagement.models import CommunicationStage, NextStep, Visit
from yaomai.engagement.policies import TruthPolicy, VisitPolicy
from yaomai.engagement.selectors import colleagues_of
from yaomai.engagement.services.proofs import NOTICE, consent_of
from yaomai.engagement.visit_presenting import finding_said
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.materials.models import MaterialVersion
from yaomai.organization.models import Filing, on_day
from yaomai.planning.models import PlannedVisit
from yaomai.planning.selectors import visits_of

PROTOCOL = 1
"""Counted up when an older phone could no longer be understood; what is merely new is added."""
OLDEST = 1
"""The oldest protocol that is still understood."""
MOST_BRIEFS = 30
MOST_CUSTOMERS = 1500
MOST_VISITS = 30


def bundle(actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Return everything that a phone needs until it is next heard of."""
    today = timezone.localdate(now)
    policy, _version = policy_on(VisitPolicy, on=today)
    truth, _version = policy_on(TruthPolicy, on=today)
    route = list(visits_of(actor.person_id or 0, since=today, until=today + timedelta(days=policy.brief_days)))
    steps = list(
        NextStep.objects.filter(owner=actor.person_id, state="open")
        .select_related("visit__institution")
        .order_by("due_on", "pk")[:100]
    )
    return {
        "protocol": PROTOCOL, "server_time": now.isoformat(), "day": today.isoformat(),
        "person": {"id": actor.person_id, "name": actor.label},
        "route": [_stop(row) for row in route],
        "briefs": [_brief(person, actor, now) for person in _people(route, steps)],
        "customers": list(_customers()), "products": list(_products(actor, today)), "materials": list(_materials(today)),
        "colleagues": [{"id": each.pk, "name": each.name} for each in colleagues_of(actor, on=today)[:60]],
        "steps": [_step(step) for step in steps], "visits": [_visit(row) for row in _own(actor)],
        "coachable": [
            _visit(row) | {"person_name": str(row.person or "")}
            for row in selectors.coachable(actor, since=today - timedelta(days=policy.coach_days))
        ],
        "consent": {"given": actor.person_id is not None and consent_of(actor.person_id) is not None, "notice": str(NOTICE),
                    "keep_days": truth.keep_days},
        "choices": {
            "content_type": _choices(Visit.ContentType), "achieved": _choices(Visit.Achieved),
            "progress": _choices(Visit.Progress), "stage": _choices(CommunicationStage),
        },
        "figures": {"academic": list(policy.academic), "alike": policy.alike, "repeat_days": policy.repeat_days,
                    "photo_edge": policy.photo_edge, "next_days": policy.next_days, "longest_back_days": policy.longest_back_days},
        "wording": _wording(today),
    }  # fmt: skip


def _choices(choices: Any) -> list[dict[str, str]]:
    return [{"value": each.value, "label": str(each.label)} for each in choices]


def _stop(row: PlannedVisit) -> dict[str, Any]:
    return {
        "id": row.pk, "day": row.day.isoformat(), "at": f"{row.starts_at:%H:%M}" if row.starts_at else "",
        "institution": row.institution_id, "institution_name": row.institution.name, "professional": row.professional_id,
        "professional_name": row.professional.name if row.professional else "", "activity": row.get_activity_display(),
        "objective": row.objective, "expected_result": row.expected_result, "state": row.state,
    }  # fmt: skip


def _people(route: Iterable[PlannedVisit], steps: Iterable[NextStep]) -> list[Professional]:
    """Return whom to take a brief along for: the route first, then whom something is owed."""
    wanted = [row.professional_id for row in route if row.professional_id is not None]
    owed = Professional.objects.filter(visits__steps__in=[step.pk for step in steps]).values_list("pk", flat=True)
    keys = list(dict.fromkeys([*wanted, *owed]))[:MOST_BRIEFS]
    found = Professional.objects.select_related("institution", "department").in_bulk(keys)
    return [found[pk] for pk in keys if pk in found]


def _brief(person: Professional, actor: Actor, now: datetime) -> dict[str, Any]:
    brief = briefs.brief_of(person, actor, now=now)
    said = brief.last_said
    return {
        "professional": person.pk, "why": list(brief.why), "topic": brief.objective, "topic_reason": brief.objective_reason,
        "last": [_visit(each) for each in brief.last],
        "promises": [_step(step) for step in brief.promises], "changed": [each.title for each in brief.changed],
        "stage": brief.stage, "stage_label": brief.stage_label, "prompts": list(brief.prompts),
        "materials": [{"id": version.pk, "shown": shown} for version, shown in brief.materials],
        "last_said": said and {"content_type": said.content_type, "products": sorted(said.products),
                               "materials": sorted(said.materials), "text": said.text},
        "questions": [_question(each) for each in brief.questions],
        "refusals": list(brief.refusals),
    }  # fmt: skip


def _question(asked: Question) -> dict[str, Any]:
    field = asked.field
    return {
        "code": field.code, "label": str(field.label), "reason": asked.reason, "hint": str(field.help),
        "choices": [{"value": code, "label": str(label)} for code, label in field.options()],
        "several": field.kind is Kind.CHOICES,
    }  # fmt: skip


def _step(step: NextStep) -> dict[str, Any]:
    at = step.visit.institution.name
    return {"id": step.pk, "uuid": str(step.uuid), "text": step.text, "due_on": step.due_on.isoformat(), "at": at}


def _own(actor: Actor) -> Any:
    rows = Visit.objects.filter(person=actor.person_id, archived_at=None).select_related("institution")
    return rows.order_by("-started_at", "-pk")[:MOST_VISITS]


def _visit(row: Visit) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid), "id": row.pk, "on": row.on.isoformat(), "at": f"{timezone.localtime(row.started_at):%H:%M}",
        "institution": row.institution_id, "institution_name": row.institution.name, "content": row.content,
        "content_type": row.content_type, "content_type_label": row.get_content_type_display(),
        "achieved": row.get_achieved_display() if row.achieved else "", "validity": row.validity,
        "validity_label": row.get_validity_display(), "findings": [finding_said(each) for each in row.findings],
    }  # fmt: skip


def _customers() -> Iterable[dict[str, Any]]:
    """Yield whom one may meet: the professionals in one's territory, those of the larger places first."""
    rows = Professional.objects.filter(archived_at=None, institution__archived_at=None).exclude(institution=None)
    columns = ("pk", "name", "title", "department_id", "department__name", "institution_id", "institution__name")
    titles = dict(Professional.Title.choices)
    for pk, name, title, department, department_name, institution, institution_name in (
        rows.order_by("institution__name", "name", "pk").values_list(*columns)[:MOST_CUSTOMERS]
    ):  # fmt: skip
        yield {
            "id": pk, "name": name, "title": str(titles.get(title, "")), "department": department,
            "department_name": department_name or "", "institution": institution, "institution_name": institution_name,
        }  # fmt: skip


def _products(actor: Actor, today: date) -> Iterable[dict[str, Any]]:
    """Yield own products; those within the person's filing first, others say that they are not."""
    from yaomai.compliance.facts import in_scope

    scopes = list(Filing.unscoped.filter(on_day(today), person=actor.person_id).values_list("product_scope", flat=True))
    rows = Product.objects.filter(archived_at=None, is_own=True).select_related("product_line").order_by("name", "pk")
    for each in rows[:200]:
        line = each.product_line
        names = [each.name, each.generic_name, line.name if line else None, line.code if line else None]
        yield {"id": each.pk, "name": each.name, "in_scope": bool(in_scope(scopes, [names]))}


def _materials(today: date) -> Iterable[dict[str, Any]]:
    rows = MaterialVersion.objects.filter(state="approved", valid_until__gte=today, material__archived_at=None)
    for each in rows.order_by("title", "pk")[:200]:
        yield {"id": each.pk, "title": str(each), "until": each.valid_until.isoformat()}


def _wording(today: date) -> list[dict[str, Any]]:
    """Return the words to watch, so that the phone warns without a network too; the server looks again."""
    policy, _version = policy_on(WordingPolicy, on=today)
    return [
        {"category": code, "label": str(label), "suggestion": str(suggestion), "words": list(getattr(policy, code))}
        for code, (label, suggestion) in SUGGESTIONS.items()
        if code != "patient"
    ]
