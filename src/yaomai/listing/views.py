"""Screens of listing: the board, one process, and the small forms of seats, stages, moves and stances."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.customers.models import Institution
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.listing import rules, selectors, services
from yaomai.listing.forms import CloseForm, EndForm, HolderForm, MoveForm, SeatForm, StanceForm
from yaomai.listing.models import Committee, Process, Seat, Stage, StageHolder, StagePeriod
from yaomai.listing.policies import PipelinePolicy

both = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show every open process in view by stage, the longest waiting first."""
    require(actor_of(request), "listing.process:view")
    product = row_id(request.GET.get("product", ""))
    products = selectors.products_on_the_way()
    columns = selectors.board(today=timezone.localdate(), product=product)
    context = {
        "columns": columns,
        "count": sum(column.count for column in columns),
        "stuck": sum(card.is_stuck for column in columns for card in column.cards),
        "tabs": [
            {"label": _("All products"), "url": reverse("listing:board"), "is_active": product is None},
            *({"label": str(each), "url": f"?product={each.pk}", "is_active": each.pk == product} for each in products),
        ],
    }
    return render(request, "listing/board.html", context)


@login_required
@require_safe
def process_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one process: where it stands, what blocks it, who decides, the lawful next step, and when it may end."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, "listing.process:view")
    process = get_visible(Process, pk=pk)
    policy, _version = policy_on(PipelinePolicy, on=today)
    step = policy.of(process.stage).step
    context = {
        "process": process,
        "days": (today - process.stage_since).days,
        "usual": policy.of(process.stage).expected_days,
        "lawful_step": step.zh if (get_language() or "zh").startswith("zh") else step.en,
        "policy_url": reverse("policies:policy_detail", args=[PipelinePolicy.name]),
        "forecast": _forecast(selectors.forecast(process, today=today), today),
        "way": _way(selectors.periods(process)),
        "people": selectors.people(process, today=today),
        "meeting_on": selectors.next_meetings([process.institution_id], today=today).get(process.institution_id)
        if rules.is_before_decision(process.stage)
        else None,
        "may_edit": actor.may("listing.process:edit") and not process.outcome and process.archived_at is None,
        "crumbs": [(str(process.institution), reverse("customers:institution_detail", args=[process.institution_id])),
                   (str(process.product), "")],
    }  # fmt: skip
    return render(request, "listing/process.html", context)


def _forecast(found: selectors.Forecast | None, today: date) -> dict[str, Any] | None:
    if found is None:
        return None
    days = ((_("Early"), found.low), (_("Likely"), found.middle), (_("Late"), found.high))
    return {
        "days": [(label, formats.day(day, today=today)) for label, day in days],
        "basis": [(Stage(stage.stage).label, stage) for stage in found.days.basis],
    }


def _way(periods: list[StagePeriod]) -> list[dict[str, Any]]:
    """Return the stages as events of a timeline, the newest first."""
    return [
        {
            "at": period.entered_on,
            "title": period.get_stage_display(),
            "text": " · ".join(filter(None, (str(period.get_result_display()), period.note))),
            "icon": "route",
        }
        for period in reversed(periods)
    ]


@login_required
@both
def process_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a process to another stage."""
    actor = actor_of(request)
    require(actor, "listing.process:edit")
    process = get_visible(Process, pk=pk)
    ahead = rules.stages_from(process.stage)[1:2]
    form = MoveForm(request.POST or None, initial={"on": timezone.localdate(), "stage": ahead[0] if ahead else ""})
    return small_form(
        request,
        form,
        title=_("Move to another stage"),
        back=reverse("listing:process_detail", args=[pk]),
        write=lambda data: services.process_move(actor=actor, pk=pk, now=timezone.now(), **data),
        done=_("The process moved on."),
        note=str(process),
    )


@login_required
@both
def process_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a process with its outcome."""
    actor = actor_of(request)
    require(actor, "listing.process:edit")
    process = get_visible(Process, pk=pk)
    form = CloseForm(request.POST or None, initial={"on": timezone.localdate()})
    return small_form(
        request,
        form,
        title=_("Close with an outcome"),
        back=reverse("listing:process_detail", args=[pk]),
        write=lambda data: services.process_close(actor=actor, pk=pk, now=timezone.now(), **data),
        done=_("The process is closed."),
        note=str(process),
    )


@login_required
@both
def stance_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record where somebody stands on the product."""
    actor = actor_of(request)
    require(actor, "listing.process:edit")
    process = get_visible(Process, pk=pk)
    initial = {"recorded_on": timezone.localdate(), "professional": row_id(request.GET.get("professional", ""))}
    form = StanceForm(request.POST or None, initial=initial)
    return small_form(
        request,
        form,
        title=_("Record a stance"),
        back=reverse("listing:process_detail", args=[pk]),
        write=lambda data: services.stance_record(actor=actor, process=pk, now=timezone.now(), **data),
        done=_("The stance is recorded."),
        note=str(process),
    )


@login_required
@both
def seat_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a seat of a committee."""
    actor = actor_of(request)
    require(actor, "listing.committee:edit")
    committee = get_visible(Committee, pk=pk)
    form = SeatForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    return small_form(
        request,
        form,
        title=_("Add a seat"),
        back=reverse("listing:committee_detail", args=[pk]),
        write=lambda data: services.seat_start(actor=actor, committee=pk, now=timezone.now(), **data),
        done=_("The seat is recorded."),
        note=str(committee),
    )


@login_required
@both
def seat_end(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """End a seat."""
    actor = actor_of(request)
    require(actor, "listing.committee:edit")
    found = get_visible(Seat, pk=seat, committee_id=pk)
    form = EndForm(request.POST or None, initial={"valid_to": timezone.localdate()})
    return small_form(
        request,
        form,
        title=_("End the seat"),
        back=reverse("listing:committee_detail", args=[pk]),
        write=lambda data: services.seat_end(actor=actor, committee=pk, seat=seat, now=timezone.now(), **data),
        done=_("The seat is ended."),
        note=str(found.professional),
    )


@login_required
@both
def holder_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who answers for a stage at an institution."""
    actor = actor_of(request)
    require(actor, "listing.committee:edit")
    institution = get_visible(Institution, pk=pk)
    form = HolderForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    return small_form(
        request,
        form,
        title=_("Who answers for a stage"),
        back=reverse("customers:institution_detail", args=[pk]),
        write=lambda data: services.holder_start(actor=actor, institution=institution, now=timezone.now(), **data),
        done=_("The person is recorded."),
        note=str(institution),
    )


@login_required
@both
def holder_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's part in the path."""
    actor = actor_of(request)
    require(actor, "listing.committee:edit")
    holder = get_visible(StageHolder, pk=pk)
    form = EndForm(request.POST or None, initial={"valid_to": timezone.localdate()})
    return small_form(
        request,
        form,
        title=_("End the part in the path"),
        back=reverse("customers:institution_detail", args=[holder.institution_id]),
        write=lambda data: services.holder_end(actor=actor, pk=pk, now=timezone.now(), **data),
        done=_("It is ended."),
        note=f"{holder.professional} · {holder.get_stage_display()}",
    )
