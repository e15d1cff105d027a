"""Screens of approvals: what waits, one request, who decides for whom."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit.access import current_actor, row_id
from yaomai.kit.approvals import selectors, services
from yaomai.kit.approvals.forms import DelegationForm
from yaomai.kit.approvals.models import Request, Step
from yaomai.kit.approvals.registry import directory, kinds, role_words
from yaomai.kit.approvals.requests import deciders
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.phrases import rendered
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.ui import formats

PAGE = 50
MOST_NAMED = 5
TONES = {
    "open": "warn", "approved": "good", "rejected": "bad", "withdrawn": "", "waiting": "", "closed": "", "remark": "info",
    "approve": "good", "reject": "bad",
}  # fmt: skip


@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """List what waits for the actor, what they asked for, what they decided."""
    actor, on = current_actor(), timezone.localdate()
    tab = request.GET.get("tab", "waiting")
    if tab not in selectors.TABS:
        raise Missing
    before = row_id(request.GET.get("before", ""))
    found = selectors.request_list(actor, tab=tab, on=on, before=before, page=PAGE + 1)
    page = found[:PAGE]
    following = urlencode({"tab": tab, "before": page[-1].pk}) if len(found) > PAGE and tab != "waiting" else ""
    context = {
        "requests": [_line(row) for row in page],
        "tab": tab,
        "tabs": _tabs(tab, sees_all=actor.may(Request.right("view"))),
        "next_url": f"?{following}" if following else "",
        "has_more": len(found) > PAGE,
    }
    return render(request, "approvals/list.html", context)


def _tabs(active: str, *, sees_all: bool) -> list[dict[str, object]]:
    words = {"waiting": _("Wait for me"), "mine": _("Asked by me"), "decided": _("Decided by me"), "all": _("All")}
    base = reverse("approvals:request_list")
    return [
        {"label": words[tab], "url": f"{base}?tab={tab}", "is_active": tab == active}
        for tab in selectors.TABS
        if tab != "all" or sees_all
    ]


def _line(row: Request) -> dict[str, Any]:
    kind = kinds().get(row.kind)
    return {"request": row, "kind": kind.label if kind else row.kind, "tone": TONES[row.state]}


@require_GET
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is to be approved, the way it goes, and what the actor can do."""
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, error: Invalid | None = None, status: int = 200) -> HttpResponse:
    found = selectors.request_get(pk)
    context = _line(found) | panel(found) | {
        "facts": [(rendered(fact["label"]), fact["before"], fact["value"]) for fact in found.facts],
        "has_before": any(fact["before"] for fact in found.facts),
        "errors": [str(text) for texts in error.fields.values() for text in texts] if error else [],
        "said": request.POST.get("comment", "") if error else "",
        "crumbs": [(str(found), "")],
    }  # fmt: skip
    return render(request, "approvals/detail.html", context, status=status)


def panel(found: Request) -> dict[str, Any]:
    """Return what `approvals/parts/decide.html` and `parts/way.html` show, for the page of what is to be approved.

    The page is seen by those who may see the thing; the request itself may be none of theirs.
    """
    selectors.with_steps([found])
    actor, on = current_actor(), timezone.localdate()
    mine = selectors.open_steps(actor, on=on).filter(request=found).order_by("number").first()
    seat = selectors.seat_for(mine, actor, on=on) if mine is not None else None
    in_place_of = ""
    if seat is not None and seat.is_deputy:
        in_place_of = directory().names(frozenset([seat.person_id])).get(seat.person_id, "")
    return {
        "found": found,
        "steps": _steps(found),
        "events": [_event(decision) for decision in found.decisions.all()],
        "mine": mine,
        "in_place_of": in_place_of,
        "may_remark": found.state == Request.State.OPEN and Request.objects.filter(pk=found.pk).exists(),
        "is_own": found.requested_by_id is not None and found.requested_by_id == actor.person_id,
    }


def _steps(found: Request) -> list[dict[str, Any]]:
    words, now = role_words(), timezone.now()
    # Where a step names nobody, whoever could decide it today is named while it is open.
    people = {
        step.pk: step.people
        or (sorted(deciders(step, step.role, now))[:MOST_NAMED] if step.state == Step.State.OPEN else [])
        for step in found.steps.all()
    }
    names = directory().names(frozenset(pk for each in people.values() for pk in each)) if any(people.values()) else {}
    return [
        {
            "step": step,
            "who": words.get(step.role, step.role),
            "people": formats.listed([names.get(pk, "–") for pk in people[step.pk]]),
            "also": words.get(step.escalates_to, step.escalates_to) if step.escalated_at else "",
            "tone": TONES[step.state],
            "is_open": step.state == Step.State.OPEN,
        }
        for step in found.steps.all()
    ]


def _event(decision: Any) -> dict[str, Any]:
    who = decision.person.get_full_name()
    if decision.on_behalf_of is not None:
        who = _("%(deputy)s for %(person)s") % {"deputy": who, "person": decision.on_behalf_of.get_full_name()}
    title = decision.get_verdict_display()
    if decision.signed_at is not None:
        title = _("%(verdict)s, signed: %(meaning)s") % {"verdict": title, "meaning": rendered(decision.meaning)}
    icons = {"approve": "check", "reject": "x", "remark": "message"}
    return {
        "at": decision.at, "title": title, "text": decision.comment, "who": who, "icon": icons[decision.verdict],
        "tone": TONES[decision.verdict],
    }  # fmt: skip


@require_POST
def request_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, reject, remark or withdraw. A step that is signed asks for the password first, and then goes on."""
    found = selectors.request_get(pk)
    waits = (
        selectors.open_steps(current_actor(), on=timezone.localdate()).filter(request=found).order_by("number").first()
    )
    if waits is not None and waits.signature and request.POST.get("command") in ("approve", "reject"):
        signed: HttpResponse = reauthentication_required(_decide)(request, pk)
        return signed
    return _decide(request, pk)


def _decide(request: HttpRequest, pk: int) -> HttpResponse:
    actor, now = current_actor(), timezone.now()
    comment = request.POST.get("comment", "")[:4000]
    try:
        match request.POST.get("command"):
            case "approve":
                done = services.request_approve(
                    actor=actor, pk=pk, comment=comment, signed_at=_signed_at(request), now=now
                )
                is_done = done.state == Request.State.APPROVED
                text = _("Approved, and done.") if is_done else _("Approved. It goes on to the next step.")
                messages.success(request, text)
            case "reject":
                services.request_reject(actor=actor, pk=pk, comment=comment, signed_at=_signed_at(request), now=now)
                messages.success(request, _("Rejected. Whoever asked is told your reason."))
            case "remark":
                services.request_remark(actor=actor, pk=pk, comment=comment, now=now)
            case "withdraw":
                services.request_withdraw(actor=actor, pk=pk, now=now)
                messages.success(request, _("Withdrawn."))
            case _:
                raise Missing
    except Invalid as error:
        return _page(request, pk, error, status=422)
    is_on_its_page = request.POST.get("back") == "thing"
    return redirect(selectors.request_get(pk).url if is_on_its_page else reverse("approvals:request_detail", args=[pk]))


def _signed_at(request: HttpRequest) -> datetime | None:
    """Return when this session last proved who sits before it."""
    moments = [record["at"] for record in get_authentication_records(request) if "at" in record]
    return datetime.fromtimestamp(max(moments), tz=UTC) if moments else None


@require_http_methods(["GET", "POST"])
def delegation_list(request: HttpRequest) -> HttpResponse:
    """Show who decides for whom, and let a colleague decide in one's place."""
    actor, now = current_actor(), timezone.now()
    form = DelegationForm(request.POST if request.method == "POST" else None, but=actor.person_id)
    if form.is_valid():
        attempt(form, lambda: services.delegation_create(actor=actor, now=now, **form.cleaned_data))
        if not form.errors:
            messages.success(request, _("From that day your colleague decides in your place."))
            return redirect("approvals:delegation_list")
    today = timezone.localdate(now)
    context = {
        "rows": [
            {
                "row": row,
                "is_given": row.person_id == actor.person_id,
                "is_over": row.ended_at is not None or row.valid_to < today,
            }
            for row in selectors.delegations(actor)
        ],
        "form": form,
        "crumbs": [(_("Deputies"), "")],
    }
    return render(request, "approvals/delegations.html", context, status=422 if form.errors else 200)


@require_POST
def delegation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation."""
    services.delegation_end(actor=current_actor(), pk=pk, now=timezone.now())
    messages.success(request, _("Ended: you decide yourself again."))
    return redirect("approvals:delegation_list")
