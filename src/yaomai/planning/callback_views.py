"""Callbacks: whom to call this month and why, how many were made, and a minute to record one (C13, C14)."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.customers.models import Professional
from yaomai.kit.access import Actor, require, row_id
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.planning import calling, rules, selectors, services, showing, tracking
from yaomai.planning.forms import CallbackForm
from yaomai.planning.models import Callback
from yaomai.planning.policies import CadencePolicy

VIEW, CREATE = Callback.right("view"), Callback.right("create")
LEAST, MOST, SHOWN = 5, 20, 10


@login_required
@require_safe
def callbacks(request: HttpRequest) -> HttpResponse:
    """Show whom to call and why, what was called this month, and how far each of the team is."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, VIEW)
    policy = selectors.cadence_policy(today)
    is_person = actor.person_id is not None
    made = (
        tracking.callbacks([actor.person_id], today=today).get(actor.person_id, 0) if actor.person_id is not None else 0
    )
    left = max(policy.callbacks - made, 0)
    mine = Callback.objects.filter(person=actor.person_id, on__gte=today.replace(day=1)).select_related(
        "institution", "professional"
    )
    context = {
        "made": made, "goal": policy.callbacks, "left": left, "progress": min(made / policy.callbacks, 1) if policy.callbacks else 1,
        "proposals": calling.proposals(actor, today=today, most=min(max(left, LEAST), MOST)) if is_person else [],
        "mine": list(mine.order_by("-on", "-pk")[:SHOWN]), "may_record": actor.may(CREATE) and is_person, "team": _team(actor, today, policy),
        "month": formats.month(today), "list_url": f"{reverse('planning:callback_list')}?person={actor.person_id or 0}",
        "policy_url": reverse("policies:policy_detail", args=[CadencePolicy.name]) if actor.may("policies.version:view") else "",
    }  # fmt: skip
    return render(request, "planning/callbacks.html", context)


def _team(actor: Actor, today: date, policy: CadencePolicy) -> Table | None:
    """Return how many callbacks each of the team made this month and the month before; None for somebody alone."""
    people = showing.people_in_view(actor)
    if len(people) < 2:
        return None
    keys = [each.pk for each in people]
    now, before = (tracking.callbacks(keys, today=day) for day in (today, rules.next_month(today.replace(day=1), -1)))
    return Table(
        caption=_("Callbacks of the team"),
        columns=[Column("name", _("Person")), Column("made", _("This month"), "number"), Column("goal", _("Target"), "number"),
                 Column("share", _("Reached"), "percent"), Column("before", _("Month before"), "number")],
        rows=[
            Row(
                cells=(each.name, now.get(each.pk, 0), policy.callbacks, now.get(each.pk, 0) / policy.callbacks if policy.callbacks else None, before.get(each.pk, 0)),
                key=str(each.pk), url=f"{reverse('planning:callback_list')}?person={each.pk}",
            )
            for each in sorted(people, key=lambda each: (now.get(each.pk, 0), each.name))
        ],
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def callback_new(request: HttpRequest) -> HttpResponse:
    """Record a callback."""
    actor, now = actor_of(request), timezone.now()
    require(actor, CREATE)
    institution = row_id(request.GET.get("institution", ""))
    people: Any = Professional.objects.filter(institution=institution, archived_at=None) if institution else None
    form = CallbackForm(request.POST or None, initial={"institution": institution}, people=people)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: services.callback_record(actor=actor, now=now, **form.cleaned_data))
        if made is not None:
            return _recorded(request, made)
    title = _("Record a callback")
    context = {"form": form, "title": title, "crumbs": [(_("Callbacks"), reverse("planning:callbacks")), (title, "")],
               "has_more": any(form[name].errors for name in form.FURTHER)}  # fmt: skip
    return render(request, "planning/callback.html", context, status=422 if form.errors else 200)


def _recorded(request: HttpRequest, made: Callback) -> HttpResponse:
    today = timezone.localdate()
    policy = selectors.cadence_policy(today)
    count = (
        tracking.callbacks([made.person_id], today=today).get(made.person_id, 0) if made.person_id is not None else 0
    )
    messages.success(
        request, _("Recorded: %(count)s of %(goal)s this month.") % {"count": count, "goal": policy.callbacks}
    )
    words, _version = policy_on(WordingPolicy, on=today)
    for hit in scan(made.words, words, skip=("benefit", "off_label", "absolute")):
        messages.warning(request, f"{hit.label}：{hit.suggestion}")
    return HttpResponseRedirect(reverse("planning:callbacks"))
