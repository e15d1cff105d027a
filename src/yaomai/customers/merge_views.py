"""Merging: two rows side by side, the queue of proposals, and undoing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers import jobs, selectors, services
from yaomai.customers.forms import MergeSearchForm
from yaomai.customers.services.institutions import FIELDS as INSTITUTION_FIELDS
from yaomai.customers.services.professionals import MERGED as PROFESSIONAL_FIELDS
from yaomai.customers.services.profiles import PROFILED
from yaomai.customers.views import MODELS, row_of, url_of
from yaomai.kit.access import require
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.surfaces.views import actor_of

FIELDS = {"institution": INSTITUTION_FIELDS, "professional": PROFESSIONAL_FIELDS}


def merge_choose(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Choose what to merge a row with."""
    actor = actor_of(request)
    row = row_of(entity, pk)
    require(actor, row.right("merge"))
    form = MergeSearchForm(request.GET or None, model=MODELS[entity])
    if request.GET and form.is_valid():
        return HttpResponseRedirect(_merge_url(entity, pk, form.cleaned_data["other"].pk))
    context = {"row": row, "form": form, "title": _("Merge"), "back": url_of(row), "action": request.path}
    return render(request, "customers/merge_choose.html", context)


def merge(request: HttpRequest, entity: str, winner: int, loser: int) -> HttpResponse:
    """Show two rows side by side, choose values, merge."""
    actor = actor_of(request)
    kept, gone = row_of(entity, winner), row_of(entity, loser)
    require(actor, kept.right("merge"))
    if winner == loser:
        raise Invalid(_("Choose two different rows."))
    if request.method == "POST":
        done = services.institution_merge if entity == "institution" else services.professional_merge
        done(actor=actor, winner=winner, loser=loser, now=timezone.now(), take=request.POST.getlist("take"))
        messages.success(request, _("%(name)s is merged. It can be undone on this page.") % {"name": str(gone)})
        return HttpResponseRedirect((request.POST.get("next") == "queue" and _queue_url(entity)) or url_of(kept))
    context = {
        "entity": entity,
        "kept": kept,
        "gone": gone,
        "choices": selectors.side_by_side(kept, gone, FIELDS[entity]),
        "swap_url": _merge_url(entity, loser, winner),
        "back": url_of(kept),
        "action": request.path,
    }
    return render(request, "customers/merge.html", context)


def unmerge(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Undo a merge."""
    if entity not in MODELS:
        raise Missing
    undo = services.institution_unmerge if entity == "institution" else services.professional_unmerge
    row = undo(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("%(name)s is a customer of its own again.") % {"name": str(row)})
    return HttpResponseRedirect(url_of(row))


def _queue_url(entity: str) -> str:
    return reverse("customers:duplicates", kwargs={"entity": entity})


def _merge_url(entity: str, winner: int, loser: int) -> str:
    return reverse("customers:merge", kwargs={"entity": entity, "winner": winner, "loser": loser})


def duplicates(request: HttpRequest, entity: str) -> HttpResponse:
    """Show the next pair that may be one customer, with the reasons; answer by keyboard."""
    if entity not in MODELS:
        raise Missing
    actor = actor_of(request)
    require(actor, MODELS[entity].right("merge"))
    queue = selectors.duplicate_queue(PROFILED[entity].entity)  # type: ignore[index]
    skip = request.GET.get("skip", "")
    start = int(skip) if skip.isdigit() and len(skip) < 6 else 0
    found = list(queue[start : start + 1])
    context: dict[str, Any] = {"entity": entity, "start": start, "next_skip": start + 1}
    if found:
        proposal = found[0]
        context |= {
            "proposal": proposal,
            "reasons": selectors.duplicate_reasons(proposal),
            "choices": selectors.side_by_side(proposal.first, proposal.second, FIELDS[entity]),
        }
    return render(request, "customers/duplicates.html", context)


def duplicate_reject(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Remember that two rows are not the same."""
    if entity not in MODELS:
        raise Missing
    reject = (
        services.institution_duplicate_reject if entity == "institution" else services.professional_duplicate_reject
    )
    reject(actor=actor_of(request), pk=pk, now=timezone.now())
    return HttpResponseRedirect(_queue_url(entity))


def duplicates_find(request: HttpRequest, entity: str) -> HttpResponse:
    """Look for duplicates in the background."""
    if entity not in MODELS:
        raise Missing
    actor = actor_of(request)
    require(actor, MODELS[entity].right("merge"))
    search = jobs.find_institution_duplicates if entity == "institution" else jobs.find_professional_duplicates
    search.defer(actor=actor)
    messages.success(request, _("The search has started; new proposals appear here."))
    return HttpResponseRedirect(_queue_url(entity))
