"""Screens of the watch beyond the list: how detectors do, and what is done with a case."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.integrity import jobs, presenting, selectors, services
from yaomai.integrity.forms import CloseForm, ReasonForm
from yaomai.integrity.models import Case
from yaomai.integrity.policies import WatchPolicy
from yaomai.kit.access import get_visible, require
from yaomai.kit.errors import DomainError
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column, Row, Table

both = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    """Show how many cases are open, and how often each detector was right."""
    actor = actor_of(request)
    require(actor, Case.right("view"))
    policy, _version = policy_on(WatchPolicy, on=timezone.localdate())
    records, learned = selectors.records(), selectors.learned(policy)
    address = reverse("integrity:case_list")
    rows = [
        Row(
            cells=(presenting.detector_label(each.detector), each.open, each.closed, each.confirmed,
                   presenting.precision_said(each.precision), f"{policy.weight_of[each.detector]:.2f}",
                   f"{learned[each.detector]}" if each.closed >= selectors.ENOUGH else ""),
            url=f"{address}?detector={each.detector}",
        )
        for each in records
    ]  # fmt: skip
    columns = [
        Column("detector", _("What looks odd")), Column("open", _("Not closed"), "number"),
        Column("closed", pgettext("case", "Closed"), "number"), Column("confirmed", _("Confirmed"), "number"),
        Column("precision", _("Precision")), Column("weight", _("Weight now")), Column("learned", _("Learned weight")),
    ]  # fmt: skip
    closed, confirmed = sum(each.closed for each in records), sum(each.confirmed for each in records)
    context = {
        "table": Table(caption=_("Detectors"), columns=columns, rows=rows),
        "open": sum(each.open for each in records),
        "closed": closed,
        "precision": presenting.precision_said(confirmed / closed if closed else None),
        "enough": selectors.ENOUGH,
        "differs": any(float(weight) != policy.weight_of[code] for code, weight in learned.items()),
        "may_sweep": actor.may(Case.right("compute")),
        "may_learn": actor.may("policies.version:propose"),
        "policy_url": reverse("policies:policy_detail", args=[WatchPolicy.name]),
    }
    return render(request, "integrity/watch.html", context)


@login_required
@require_POST
def sweep(request: HttpRequest) -> HttpResponse:
    """Look over the lines now."""
    actor = actor_of(request)
    require(actor, Case.right("compute"))
    made = jobs.sweep.defer(actor=actor)
    return HttpResponseRedirect(reverse("jobs:job_detail", args=[made.pk]))


@login_required
@require_POST
def learn(request: HttpRequest) -> HttpResponse:
    """Propose the weights that closed cases teach."""
    actor = actor_of(request)
    require(actor, Case.right("edit"))
    try:
        services.weights_propose(actor=actor, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Proposed. The weights hold once a colleague approves them."))
    return HttpResponseRedirect(reverse("integrity:watch"))


@login_required
@require_POST
def case_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a case on."""
    services.case_take(actor=actor_of(request), pk=pk, now=timezone.now())
    return HttpResponseRedirect(reverse("integrity:case_detail", args=[pk]))


@login_required
@both
def case_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a case was."""
    actor = actor_of(request)
    require(actor, Case.right("edit"))
    row = get_visible(Case, pk=pk)
    return small_form(
        request, CloseForm(request.POST or None), title=_("Close the case"), note=str(row),
        back=reverse("integrity:case_detail", args=[pk]), done=_("Closed. The detector learns from it."),
        write=lambda said: services.case_close(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def case_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a closed case again."""
    actor = actor_of(request)
    require(actor, Case.right("edit"))
    row = get_visible(Case, pk=pk)
    return small_form(
        request, ReasonForm(request.POST or None), title=_("Open the case again"), note=str(row),
        back=reverse("integrity:case_detail", args=[pk]), done=_("It is open again."),
        write=lambda said: services.case_reopen(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip
