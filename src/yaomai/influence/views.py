"""Screens of this room beyond its lists."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.customers.models import Professional
from yaomai.influence import presenting, selectors, services, ties
from yaomai.influence.forms import AuthorForm, OtherForm, WorkForm
from yaomai.influence.jobs import compute_network
from yaomai.influence.models import Authorship, Publication
from yaomai.influence.policies import NetworkPolicy
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.errors import Conflict
from yaomai.kit.surfaces import surface_of
from yaomai.kit.surfaces.filters import parameters
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.services import parameters_without
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of

both = require_http_methods(["GET", "HEAD", "POST"])
CREATE, EDIT = "influence.record:create", "influence.record:edit"
SEE, COMPUTE, REVIEW = "influence.tie:view", "influence.tie:compute", "influence.record:review"


@login_required
@both
def work_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a publication of a professional."""
    actor = actor_of(request)
    require(actor, CREATE)
    person = get_visible(Professional, pk=pk)
    return small_form(
        request,
        WorkForm(request.POST or None),
        title=_("Add a publication"),
        back=reverse("customers:professional_detail", args=[pk]),
        write=lambda data: services.publication_record(actor=actor, professional=person, now=timezone.now(), **data),
        done=_("The publication is recorded."),
        note=str(person),
    )


@login_required
@both
def author_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record an author of a publication."""
    actor = actor_of(request)
    require(actor, EDIT)
    publication = get_visible(Publication, pk=pk)
    return small_form(
        request,
        AuthorForm(request.POST or None),
        title=_("Add an author"),
        back=reverse("influence:publication_detail", args=[pk]),
        write=lambda data: services.author_add(actor=actor, publication=pk, now=timezone.now(), **data),
        done=_("The author is recorded."),
        note=str(publication),
    )


@login_required
@require_POST
def author_remove(request: HttpRequest, pk: int, author: int) -> HttpResponse:
    """Take somebody off the authors of a publication."""
    actor = actor_of(request)
    require(actor, EDIT)
    get_visible(Authorship, pk=author, publication_id=pk)
    services.author_remove(actor=actor, publication=pk, author=author, now=timezone.now())
    messages.success(request, _("The author is taken off."))
    return HttpResponseRedirect(reverse("influence:publication_detail", args=[pk]))


@login_required
@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """Show who is tied to whom among the customers asked for: the same filters as their list, and the kind of tie."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, SEE)
    asked = listing(surface_of(Professional), actor, request.GET)
    kinds = ties.labels()
    kind = request.GET.get("kind", "")
    found = selectors.network(asked.rows(), day=today, kinds=[kind] if kind in kinds else None)
    chosen = request.GET.copy()
    context = {
        "network": found,
        "chart": presenting.network_chart(found),
        "people": presenting.people_table(found),
        "as_of": next(iter(found.standings.values())).as_of if found.standings else None,
        "filter_fields": list(asked.form),
        "filters": [
            {"text": text, "remove_url": f"?{parameters_without(request.GET, *parameters(item))}"}
            for item, text in asked.sentences()
        ],
        "clear_url": request.path if asked.is_narrowed else "",
        "keep": [("kind", kind)] if kind in kinds else [],
        "tabs": presenting.kind_tabs(kinds, kind, chosen),
        "may_compute": actor.may(COMPUTE),
        "policy_url": reverse("policies:policy_detail", args=[NetworkPolicy.name]),
    }
    return render(request, "influence/network.html", context)


@login_required
@require_POST
def network_compute(request: HttpRequest) -> HttpResponse:
    """Ask for the network of today and show the job."""
    actor = actor_of(request)
    require(actor, COMPUTE)
    job = compute_network.defer(actor=actor)
    return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))


@login_required
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Ask one question: whom does a printed name mean?"""
    actor = actor_of(request)
    require(actor, REVIEW)
    question, count = selectors.author_question(but=row_id(request.GET.get("but", "")))
    reasons = {
        "name": _("name"),
        "institution": _("institution"),
        "department": _("department"),
        "coauthor": _("co-author"),
    }
    context = {
        "question": question,
        "count": count,
        "candidates": []
        if question is None
        else [(person, score, [reasons[each] for each in why]) for person, score, why in question.candidates],
        "form": OtherForm(),
    }
    return render(request, "influence/review.html", context)


@login_required
@require_POST
def author_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an answer: one of the candidates, somebody else, or nobody of ours."""
    actor = actor_of(request)
    require(actor, REVIEW)
    answer = request.POST.get("answer", "")
    chosen = row_id(request.POST.get("professional", "") if answer == "other" else answer)
    if chosen is None and answer != "none":
        messages.error(request, _("Choose who is meant, or nobody of ours."))
        return HttpResponseRedirect(reverse("influence:review"))
    person = None if chosen is None else get_visible(Professional, pk=chosen)
    try:
        count = services.author_decide(actor=actor, pk=pk, professional=person, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Decided on %(count)s publications, and remembered.") % {"count": count})
    return HttpResponseRedirect(reverse("influence:review"))
