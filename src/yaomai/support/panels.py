"""What the page of a request shows, and what requests add to the page of a customer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.customers.models import Institution, Professional
from yaomai.customers.panels import Action, Event, Signal
from yaomai.kit.access import Actor
from yaomai.kit.audit.selectors import history_of
from yaomai.kit.memo import once_a_page
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import navigation
from yaomai.support import presenting, rules
from yaomai.support.models import ORDERS, ServiceRequest
from yaomai.support.policies import ServicePolicy
from yaomai.support.selectors import kind_label, service_policy

VIEW, CREATE, EDIT = (ServiceRequest.right(verb) for verb in ("view", "create", "edit"))
ADVERSE = "safety.adverseevent:create"
SHOWN = 3


def adverse_action(actor: Actor) -> navigation.QuickAction | None:
    """Return where the actor reports an adverse event; the room that takes it has registered it."""
    return next((action for action in navigation.actions_for(actor) if action.right == ADVERSE), None)


def hits_of(text: str, on: date) -> list[Any]:
    """Return signs of an adverse event, and of who a patient is, in a text."""
    words, _version = policy_on(WordingPolicy, on=on)
    return scan(text, words, skip=("benefit", "off_label", "absolute"))


def request(row: ServiceRequest, actor: Actor) -> dict[str, Any]:
    """Return how a request stands, what its words are suspected of, and what may be done."""
    now = timezone.now()
    policy = service_policy(timezone.localdate(now))
    group = presenting.group_of(row, policy, now) if row.is_unresolved else ""
    may_edit = actor.may(EDIT) and (not row.is_order or actor.may(ORDERS))
    hits = hits_of(row.words, timezone.localdate(now))
    return {
        "kind": kind_label(row), "tone": presenting.TONES[row.state], "clock": presenting.clock(row, now),
        "clock_tone": presenting.GROUP_TONES.get(group, "good" if row.resolved_at and row.resolved_at <= row.due_at else "bad"),
        "tier": presenting.tier_words(row), "is_late": group == rules.OVERDUE,
        "may_start": may_edit and row.state in ("open", "waiting"), "may_wait": may_edit and row.state in ("open", "working"),
        "may_resolve": may_edit and row.is_unresolved, "may_confirm": may_edit and row.state == "resolved",
        "may_reopen": may_edit and row.state in ("resolved", "confirmed"),
        "is_behind_wall": row.is_order and not actor.may(ORDERS),
        "hits": hits, "adverse": adverse_action(actor) if any(hit.category == "adverse" for hit in hits) else None,
        "steps": _steps(row, policy),
        "history": _history(row) if may_edit or not row.is_order else [],
        "policy_url": reverse("policies:policy_detail", args=[ServicePolicy.name]) if actor.may("policies.version:view") else "",
    }  # fmt: skip


def _history(row: ServiceRequest) -> list[dict[str, Any]]:
    """Return what happened to a request, as the trail says it."""
    return [
        {"at": line.at, "title": line.sentence, "icon": "ban" if line.is_refused else "edit"}
        for line in history_of(row)
    ]


def _steps(row: ServiceRequest, policy: ServicePolicy) -> list[dict[str, Any]]:
    """Return the steps of escalation of a request: when each is due and whether it was taken."""
    roles = {code: label for code, label in ServicePolicy.role_words().items() if code}
    return [
        {
            "at": rules.step_at(due_at=row.due_at, hours=row.hours, percent=step.percent), "is_done": number < row.steps_done,
            "who": roles.get(step.role, _("Responsible")), "percent": step.percent,
        }
        for number, step in enumerate(policy.steps)
    ]  # fmt: skip


# On the page of a customer --------------------------------------------------------------------------------------


def _of(customer: Institution | Professional) -> Any:
    of_whom = {"professional": customer} if isinstance(customer, Professional) else {"institution": customer}
    return ServiceRequest.objects.filter(**of_whom).select_related("institution", "owner")


@once_a_page
def _unresolved(customer: Institution | Professional) -> list[ServiceRequest]:
    """Return the first open requests of a customer, what is due first."""
    rows = _of(customer).filter(state__in=ServiceRequest.UNRESOLVED)
    return list(rows.order_by("due_at", "pk")[: SHOWN + 2])


def _take_url(institution: int | None, professional: int | None = None) -> str:
    asked = "&".join(
        f"{name}={pk}" for name, pk in (("institution", institution), ("professional", professional)) if pk
    )
    return f"{reverse('support:servicerequest_new')}?{asked}"


def of_customer(customer: Institution | Professional, actor: Actor) -> Mapping[str, Any] | None:
    """Return the open requests of a customer, the latest resolved ones, and where to take one."""
    now = timezone.now()
    rows = _of(customer)
    is_person = isinstance(customer, Professional)
    settled = rows.exclude(state__in=ServiceRequest.UNRESOLVED).order_by("-resolved_at", "-pk")[:SHOWN]
    may_take = actor.may(CREATE) and customer.archived_at is None
    shown = [{"row": row, "kind": kind_label(row), "clock": presenting.clock(row, now), "is_late": row.due_at <= now,
              "url": reverse("support:servicerequest_detail", args=[row.pk])} for row in _unresolved(customer)]  # fmt: skip
    past = [{"row": row, "kind": kind_label(row), "clock": presenting.clock(row, now),
             "url": reverse("support:servicerequest_detail", args=[row.pk])} for row in settled]  # fmt: skip
    if not shown and not past and not may_take:
        return None
    place = customer.institution_id if isinstance(customer, Professional) else customer.pk
    return {
        "open": shown, "settled": past,
        "take_url": _take_url(place, customer.pk if is_person else None) if may_take else "",
        "list_url": f"{reverse('support:servicerequest_list')}?{'professional' if is_person else 'institution'}={customer.pk}",
    }  # fmt: skip


def signals(customer: Institution | Professional, actor: Actor, today: date) -> Iterable[Signal]:
    """Say that a request of a customer is overdue."""
    if not actor.may(VIEW):
        return
    now = timezone.now()
    row = next((row for row in _unresolved(customer) if row.due_at <= now), None)
    if row is not None:
        yield Signal(
            text=_("Service request overdue: %(kind)s") % {"kind": kind_label(row)},
            reason=_("%(clock)s; %(owner)s answers for it") % {"clock": presenting.clock(row, now), "owner": row.owner or _("nobody")},
            url=reverse("support:servicerequest_detail", args=[row.pk]), action=_("Look"), tone="bad", weight=85,
        )  # fmt: skip


def events(customer: Institution | Professional, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest requests of a customer."""
    if actor.may(VIEW):
        for row in _of(customer).select_related("taken_by").order_by("-taken_at", "-pk")[:limit]:
            yield Event(
                at=row.taken_at, title=_("Service request: %(kind)s") % {"kind": kind_label(row)}, text=row.words[:120],
                icon="message", who=str(row.taken_by or ""), url=reverse("support:servicerequest_detail", args=[row.pk]),
                tone="bad" if row.is_unresolved and row.due_at <= timezone.now() else "",
            )  # fmt: skip


def actions(institution: Institution, professional: Professional | None, actor: Actor) -> Iterable[Action]:
    """Offer to take a request of a customer where another room speaks of them."""
    if actor.may(CREATE):
        yield Action(_("Take a service request"), f"{_take_url(institution.pk, professional.pk if professional else None)}&channel=visit", "message")  # fmt: skip
