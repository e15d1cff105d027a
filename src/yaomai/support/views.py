"""Screens of this room beyond the lists: the queue, taking a request, and its steps."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.pages import limited_count
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.support import panels, presenting, selectors, services
from yaomai.support.forms import ReopenForm, ResolveForm, TakeForm, WaitForm
from yaomai.support.models import ORDERS, ServiceRequest
from yaomai.support.policies import ServicePolicy

both = require_http_methods(["GET", "HEAD", "POST"])
VIEW, CREATE, EDIT = panels.VIEW, panels.CREATE, panels.EDIT
MOST = 100


def _url(pk: int) -> str:
    return reverse("support:servicerequest_detail", args=[pk])


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits to be put right, in the order of service, each with its reason."""
    actor, now = actor_of(request), timezone.now()
    require(actor, VIEW)
    whose = request.GET.get("whose", "")
    rows = selectors.queue(now=now)
    if whose in ("mine", "nobody"):
        rows = rows.filter(owner=actor.person_id if whose == "mine" else None)
    policy = selectors.service_policy(timezone.localdate(now))
    total = limited_count(rows, 10 * MOST)
    context = {
        "table": presenting.queue_table(list(rows[:MOST]), policy, now, total=total), "total": total,
        "counts": selectors.counts(rows, policy, now), "may_take": actor.may(CREATE), "most": MOST, "whose": whose,
        "tabs": [
            {"label": label, "url": f"?whose={code}", "is_active": code == whose}
            for code, label in (("", _("All in view")), ("mine", _("Mine")), ("nobody", _("Nobody's")))
        ],
        "policy_url": reverse("policies:policy_detail", args=[ServicePolicy.name]) if actor.may("policies.version:view") else "",
    }  # fmt: skip
    return render(request, "support/queue.html", context)


@login_required
@both
def request_take(request: HttpRequest) -> HttpResponse:
    """Take a request."""
    actor, now = actor_of(request), timezone.now()
    require(actor, CREATE)
    initial: dict[str, Any] = {
        name: row_id(request.GET.get(name, "")) for name in ("institution", "professional", "product")
    }
    channel = request.GET.get("channel", "")
    initial["channel"] = channel if channel in ServiceRequest.Channel.values else ServiceRequest.Channel.HOTLINE
    form = TakeForm(request.POST or None, initial=initial, servers=selectors.servers(timezone.localdate(now)))
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: services.request_take(actor=actor, now=now, **form.cleaned_data))
        if made is not None:
            _tell(request, made)
            return HttpResponseRedirect(_url(made.pk))
    title = _("Take a service request")
    context = {
        "form": form, "title": title, "crumbs": [(title, "")],
        "has_more": bool(initial["professional"]) or any(form[name].errors for name in form.FURTHER),
    }  # fmt: skip
    return render(request, "support/take.html", context, status=422 if form.errors else 200)


def _tell(request: HttpRequest, made: ServiceRequest) -> None:
    actor = actor_of(request)
    if made.is_order and not actor.may(ORDERS):
        messages.success(request, _("Handed over to %(owner)s. With an active filing you take no part in orders; service answers the customer.") % {"owner": made.owner or _("customer service")})  # fmt: skip
    else:
        messages.success(request, _("Taken. %(owner)s answers for it; %(clock)s.") % {"owner": made.owner or _("Nobody yet"), "clock": presenting.clock(made, timezone.now())})  # fmt: skip


@login_required
@require_POST
def wording(request: HttpRequest) -> HttpResponse:
    """Say what a text should not say, and that it sounds like an adverse event, while somebody types."""
    actor = actor_of(request)
    require(actor, CREATE)
    hits = panels.hits_of(request.POST.get("words", ""), timezone.localdate())
    adverse = panels.adverse_action(actor) if any(hit.category == "adverse" for hit in hits) else None
    return render(request, "support/parts/wording.html", {"hits": hits, "adverse": adverse})


@login_required
@require_POST
def request_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin with a request, or go on."""
    services.request_start(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("In work."))
    return HttpResponseRedirect(_url(pk))


@login_required
@require_POST
def request_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep that the customer is content."""
    services.request_confirm(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("Confirmed."))
    return HttpResponseRedirect(_url(pk))


def _step(request: HttpRequest, pk: int, form: Any, *, title: str, done: str, work: Any) -> HttpResponse:
    actor = actor_of(request)
    require(actor, EDIT)
    row = get_visible(ServiceRequest, pk=pk)
    return small_form(
        request, form(request.POST or None), title=title, note=str(row), back=_url(pk), done=done,
        write=lambda said: work(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def request_wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the customer is asked for."""
    return _step(request, pk, WaitForm, title=_("Ask the customer"), done=_("Waits for the customer."), work=services.request_wait)  # fmt: skip


@login_required
@both
def request_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how it was put right."""
    return _step(request, pk, ResolveForm, title=_("Resolve"), done=_("Resolved. Ask the customer whether they are content, then confirm it."), work=services.request_resolve)  # fmt: skip


@login_required
@both
def request_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request up again."""
    return _step(request, pk, ReopenForm, title=_("Reopen"), done=_("Reopened; its hours begin anew."), work=services.request_reopen)  # fmt: skip
