"""Screens of commerce beyond its lists: the review queue, and taking a file back."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.commerce import selectors, services
from yaomai.commerce.models import FlowBatch, SourceName
from yaomai.commerce.services.review import DecidedMeanwhile
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.filters import RemoteSelectOne
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of

REVIEW = "commerce.sourcename:review"


class TargetForm(forms.Form):
    """Search the institution or product that a name means."""

    def __init__(self, kind: str, data: Any = None) -> None:
        super().__init__(data)
        from yaomai.catalog.models import Product

        is_buyer = kind == SourceName.Kind.INSTITUTION
        queryset = Institution.objects.all() if is_buyer else Product.objects.all()
        url = reverse("customers:institution_options" if is_buyer else "catalog:product_options")
        self.fields["target"] = forms.ModelChoiceField(
            queryset=queryset, label=gettext_lazy("Another one"), widget=RemoteSelectOne(url), required=False
        )


@login_required
@require_safe
def review(request: HttpRequest, kind: str) -> HttpResponse:
    """Show one question: the name with the most money at stake, its candidates and examples."""
    require(actor_of(request), REVIEW)
    if kind not in SourceName.Kind.values:
        raise Missing
    passed = _passed(request)
    chosen = request.GET.get("name", "")
    made = row_id(request.GET.get("made", ""))
    asked = selectors.question(kind, pk=row_id(chosen), after=passed, made=made)
    waiting = {value: selectors.waiting(value) for value in SourceName.Kind.values}
    decided = SourceName.objects.filter(pk=row_id(request.GET.get("last", "")), decided_at__isnull=False)
    last = decided.select_related("institution", "product").first()
    context = {
        "kind": kind,
        "last": last,
        "question": asked,
        "waiting": waiting[kind],
        "tabs": [
            {
                "label": label,
                "url": reverse("commerce:review", args=[value]),
                "is_active": value == kind,
                "count": waiting[value].names,
            }
            for value, label in SourceName.Kind.choices
        ],
        "passed": ",".join(map(str, passed)),
        "pass_url": _next(kind, passed=[*passed, asked.name.pk]) if asked else "",
        "form": TargetForm(kind),
        "new_url": _new_url(asked.name, actor_of(request)) if asked else "",
        "settled_share": selectors.settled_share(),
    }
    return render(request, "commerce/review.html", context)


def _passed(request: HttpRequest) -> list[int]:
    text = request.GET.get("passed", "") or request.POST.get("passed", "")
    return [key for part in text.split(",") if (key := row_id(part)) is not None][-200:]


def _next(kind: str, *, passed: list[int], last: int | None = None) -> str:
    """Return the next question; `last` is the name just decided, whose decision can be taken back there."""
    asked = {"passed": ",".join(map(str, passed)), "last": str(last or "")}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('commerce:review', args=[kind])}{'?' if query else ''}{query}"


def _new_url(name: SourceName, actor: Actor) -> str:
    """Return where to create what a name means: filled in as the file writes it, and back to the question."""
    then = f"{reverse('commerce:review', args=[name.kind])}?{urlencode({'name': name.pk})}"
    if name.kind == SourceName.Kind.INSTITUTION:
        room, given = "customers:institution", {"name": name.name}
    else:
        room, given = "catalog:product", {"generic_name": name.name, "specification": name.place, "is_own": "1"}
    may = actor.may(f"{room.replace(':', '.')}:create")
    return f"{reverse(f'{room}_new')}?{urlencode(given | {'then': then})}" if may else ""


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an answer of the review: a candidate, another target, or nobody; then ask the next question."""
    actor, now = actor_of(request), timezone.now()
    name = get_visible(SourceName, pk=pk)
    answer = request.POST.get("answer", "")
    chosen = request.POST.get("target", "") if answer == "other" else answer
    try:
        if answer == "none":
            services.name_skip(actor=actor, pk=pk, now=now)
        elif (target := row_id(chosen)) is not None:
            services.name_confirm(actor=actor, pk=pk, target_id=target, now=now)
        else:
            messages.error(request, _("Choose a candidate, or search another one."))
            return HttpResponseRedirect(_next(name.kind, passed=_passed(request)))
    except DecidedMeanwhile as error:
        messages.warning(request, str(error))
        return HttpResponseRedirect(_next(name.kind, passed=_passed(request)))
    return HttpResponseRedirect(_next(name.kind, passed=_passed(request), last=pk))


@login_required
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back and ask again."""
    name = services.name_reopen(actor=actor_of(request), pk=pk, now=timezone.now())
    return HttpResponseRedirect(f"{reverse('commerce:review', args=[name.kind])}?name={name.pk}")


@login_required
@require_POST
def rematch(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask the matcher again about all waiting names."""
    settled = services.names_rematch(actor=actor_of(request), now=timezone.now())
    messages.success(request, _("%(count)s names became certain.") % {"count": settled})
    return HttpResponseRedirect(reverse("commerce:review", args=[kind]))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file back, with a reason."""
    actor = actor_of(request)
    require(actor, "commerce.flowbatch:import")
    batch = get_visible(FlowBatch, pk=pk)
    form = ReasonForm(request.POST or None)
    back = reverse("commerce:flowbatch_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["reason"]
        attempt(form, lambda: services.batch_roll_back(actor=actor, pk=pk, reason=said, now=timezone.now()))
        if not form.errors:
            return HttpResponseRedirect(back)
    context = {"batch": batch, "form": form, "back": back}
    return render(request, "commerce/roll_back.html", context, status=422 if form.errors else 200)
