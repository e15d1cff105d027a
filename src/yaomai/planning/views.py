"""Screens of this room: what is owed, what is planned, and why something did not happen."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.planning import services
from yaomai.planning.forms import MissedForm, NoteForm
from yaomai.planning.models import PlannedVisit, ServiceDuty

both = require_http_methods(["GET", "HEAD", "POST"])
DUTY, VISIT = "planning.serviceduty", "planning.plannedvisit"


def _asked(
    request: HttpRequest,
    row: PlannedVisit | ServiceDuty,
    *,
    title: str,
    form: forms.Form,
    service: Callable[..., Any],
) -> HttpResponse:
    """Show a small form about a row; sent, let the service do it and go back to the row."""
    back = reverse(f"planning:{row._meta.model_name}_detail", args=[row.pk])
    return small_form(
        request, form, title=title, note=str(row), back=back, submit=title, crumbs=[(str(row), back), (title, "")],
        write=lambda values: service(actor=actor_of(request), pk=row.pk, now=timezone.now(), **values),
    )  # fmt: skip


@login_required
@both
def visit_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a visit off."""
    require(actor_of(request), f"{VISIT}:edit")
    row = get_visible(PlannedVisit, pk=pk)
    form = NoteForm(request.POST or None)
    return _asked(request, row, title=_("Call off"), form=form, service=services.visit_cancel)


@login_required
@both
def visit_miss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a visit did not happen."""
    require(actor_of(request), f"{VISIT}:edit")
    row = get_visible(PlannedVisit, pk=pk)
    form = MissedForm(request.POST or None)
    return _asked(request, row, title=_("Did not happen"), form=form, service=services.visit_miss)


@login_required
@both
def duty_miss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a duty was missed."""
    require(actor_of(request), f"{DUTY}:edit")
    row = get_visible(ServiceDuty, pk=pk)
    form = MissedForm(request.POST or None)
    return _asked(request, row, title=_("Could not be done"), form=form, service=services.duty_miss)


@login_required
@both
def duty_waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a duty back."""
    require(actor_of(request), f"{DUTY}:manage")
    row = get_visible(ServiceDuty, pk=pk)
    form = NoteForm(request.POST or None)
    return _asked(request, row, title=_("No longer owed"), form=form, service=services.duty_waive)
