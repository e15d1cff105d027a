"""When customers can be met, and one's own leave and meetings from a calendar file."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import get_visible, require
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.planning import services
from yaomai.planning.forms import CalendarFileForm
from yaomai.planning.models import Half, WorkingTime

TIMES = "planning.workingtime"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def working_times(request: HttpRequest, entity: str, pk: int) -> HttpResponse:
    """Show and set the week of a customer: one choice for each half-day."""
    actor = actor_of(request)
    require(actor, f"{TIMES}:edit")
    customer: Any = get_visible(Professional if entity == "professional" else Institution, pk=pk)
    institution = customer.institution if isinstance(customer, Professional) else customer
    if institution is None:
        raise Missing
    professional = customer if isinstance(customer, Professional) else None
    kinds = WorkingTime.Kind
    choices = [kinds.VISITING] if professional is None else [kinds.CLINIC, kinds.SURGERY, kinds.ROUNDS]
    back = reverse(f"customers:{entity}_detail", args=[pk])
    errors: list[str] = []
    if request.method == "POST":
        marks = {
            (weekday, half): request.POST.get(f"{weekday}-{half}", "")
            for weekday in WorkingTime.Weekday.values
            for half in Half.values
        }
        try:
            services.working_times_set(
                actor=actor, now=timezone.now(), institution=institution, professional=professional, marks=marks,
                source=request.POST.get("source", ""),
            )  # fmt: skip
        except Invalid as error:
            errors = [str(text) for texts in error.fields.values() for text in texts]
        else:
            messages.success(request, _("Plans follow these times from now on."))
            return HttpResponseRedirect(back)
    held = {
        (each.weekday, each.half): each
        for each in WorkingTime.objects.filter(institution=institution, professional=professional)
    }
    context = {
        "customer": customer,
        "back": back,
        "errors": errors,
        "source": next((each.source for each in held.values() if each.source), ""),
        "choices": [(kind.value, kind.label) for kind in choices],
        "halves": [label for _value, label in Half.choices],
        "rows": [
            (
                day,
                [
                    (f"{weekday}-{half}", held[weekday, half].kind if (weekday, half) in held else "", f"{day} {label}")
                    for half, label in Half.choices
                ],
            )
            for weekday, day in WorkingTime.Weekday.choices
        ],
        "crumbs": [(str(customer), back), (_("Working times"), "")],
    }  # fmt: skip
    return render(request, "planning/working_times.html", context, status=422 if errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def absences_file(request: HttpRequest) -> HttpResponse:
    """Take one's own leave or meetings from a calendar file."""
    actor = actor_of(request)
    require(actor, "planning.absence:create")
    form = CalendarFileForm(request.POST or None, request.FILES or None)
    back = reverse("planning:absence_list")
    return small_form(
        request, form, title=_("From a calendar file"), back=back, submit=_("Take in"),
        note=_("Leave and meetings of the coming year; the same file again only changes what changed."),
        write=lambda values: services.absences_take_in(
            actor=actor, now=timezone.now(), content=values["file"].read(), kind=values["kind"]
        ),
        done=lambda counts: _("%(made)s new, %(changed)s changed.") % {"made": counts[0], "changed": counts[1]},
    )  # fmt: skip
