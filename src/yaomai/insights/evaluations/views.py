"""Screens of evaluations and improvements: written together, closed, carried out, re-checked."""

from typing import Any

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

from yaomai.insights import services
from yaomai.insights.evaluations import presenting, selectors
from yaomai.insights.evaluations.documents import evaluation_document
from yaomai.insights.evaluations.forms import ConclusionForm, DoneForm, ProblemForm, answer_form
from yaomai.insights.models import Evaluation, Improvement, ImprovementCheck
from yaomai.insights.services.evaluations import due_day
from yaomai.kit.access import Actor, get_visible, require
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import Conflict, Missing
from yaomai.kit.surfaces.forms import attempt, form_class
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of

both = require_http_methods(["GET", "HEAD", "POST"])
EVALUATION, IMPROVEMENT = "insights.evaluation", "insights.improvement"
WRITTEN = ("owner", "learned", "next_steps")
State = Improvement.State


def _version(form: forms.BaseForm, row: Any) -> None:
    """Let the form carry the version that its writer saw."""
    form.fields["version"] = forms.IntegerField(widget=forms.HiddenInput(), initial=row.version, required=False)


@login_required
@both
def evaluation_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an evaluation: what it found, its figures, what is to be improved; take what people write."""
    actor = actor_of(request)
    require(actor, f"{EVALUATION}:view")
    evaluation = get_visible(Evaluation, pk=pk)
    is_open = evaluation.state == Evaluation.State.OPEN
    may_edit = is_open and actor.may(f"{EVALUATION}:edit")
    if request.method == "POST":
        require(actor, f"{EVALUATION}:edit")
    form = form_class(Evaluation, WRITTEN)(
        request.POST or None, initial={name: getattr(evaluation, name) for name in WRITTEN}
    )
    for name in ("learned", "next_steps"):
        form.fields[name].widget.attrs["rows"] = 5
    _version(form, evaluation)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in WRITTEN}
        attempt(
            form,
            lambda: services.evaluation_update(
                actor=actor, pk=pk, changes=changes, now=timezone.now(),
                expected_version=form.cleaned_data["version"],
            ),
        )  # fmt: skip
        if not form.errors:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("insights:evaluation_detail", args=[pk]))
    improvements = selectors.improvements_of(evaluation)
    context: dict[str, Any] = {
        "evaluation": evaluation,
        "title": presenting.title(evaluation),
        "period": presenting.period(evaluation),
        "is_open": is_open,
        "is_year": evaluation.level == Evaluation.Level.YEAR,
        "form": form if may_edit else None,
        "may_edit": may_edit,
        "may_close": is_open and actor.may(f"{EVALUATION}:approve") and evaluation.figures is not None,
        "may_export": actor.may(f"{EVALUATION}:export") and evaluation.figures is not None,
        "may_answer": actor.may(f"{IMPROVEMENT}:edit"),
        "improvements": [_row(row, _latest(improvements)) for row in improvements],
        "waiting": sum(row.state == State.OPEN for row in improvements),
        "crumbs": [(str(evaluation), "")],
    }
    if evaluation.figures is not None:
        context |= {
            "says": presenting.finding(evaluation, improvements),
            "tables": presenting.tables(evaluation),
            "needs": presenting.need_words(evaluation.figures),
            "studies": presenting.studies(evaluation.figures),
            "reference": presenting.reference(evaluation),
            "print": evaluation.figures["inputs"]["sales_flow"][:12],
            "as_of": evaluation.figures["as_of"],
        }
    return render(request, "insights/evaluation.html", context, status=422 if form.errors else 200)


def _latest(improvements: list[Improvement]) -> dict[int, ImprovementCheck]:
    return {check.improvement_id: check for check in selectors.checks_of(improvements)}


def _row(row: Improvement, latest: dict[int, ImprovementCheck]) -> dict[str, Any]:
    check = latest.get(row.pk)
    return {
        "row": row,
        "problem": presenting.problem(row),
        "tone": presenting.STATE_TONES[row.state],
        "check": check,
        "check_tone": presenting.VERDICT_TONES[check.verdict] if check is not None else "",
        "is_overdue": row.due is not None and row.state in Improvement.PENDING and row.due < timezone.localdate(),
    }


@login_required
@require_POST
def evaluation_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the figures computed anew."""
    actor = actor_of(request)
    require(actor, f"{EVALUATION}:edit")
    services.evaluation_refresh(actor=actor, pk=pk)
    messages.success(request, _("The figures are being computed; reload the page in a minute."))
    return HttpResponseRedirect(reverse("insights:evaluation_detail", args=[pk]))


@login_required
@require_POST
def evaluation_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an evaluation."""
    actor = actor_of(request)
    require(actor, f"{EVALUATION}:approve")
    try:
        services.evaluation_close(actor=actor, pk=pk, now=timezone.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Closed. Its figures stay as they are; its measures live on until they are settled.")
        )
    return HttpResponseRedirect(reverse("insights:evaluation_detail", args=[pk]))


@login_required
@require_safe
def evaluation_document_view(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with an evaluation as PDF, Word or Excel, on record."""
    actor, now = actor_of(request), timezone.now()
    require(actor, f"{EVALUATION}:export")
    evaluation = get_visible(Evaluation, pk=pk)
    if evaluation.figures is None:
        raise Missing
    improvements = selectors.improvements_of(evaluation)
    document = evaluation_document(
        evaluation, improvements, selectors.checks_of(improvements), made_at=now, made_by=actor.label
    )
    export_record(
        actor=actor, right=f"{EVALUATION}:export", entity=str(evaluation._meta.verbose_name), rows=len(improvements),
        query=f"evaluation={pk}", columns=[suffix],
    )  # fmt: skip
    return respond(document, suffix, file_name=f"{presenting.title(evaluation)}-{evaluation}")


@login_required
@both
def problem_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a problem that people saw on the list."""
    actor = actor_of(request)
    require(actor, f"{IMPROVEMENT}:edit")
    evaluation = get_visible(Evaluation, pk=pk)
    return small_form(
        request, ProblemForm(request.POST or None), title=_("Add a problem"), note=str(evaluation),
        back=reverse("insights:evaluation_detail", args=[pk]), submit=_("Add"),
        write=lambda values: services.improvement_create(
            actor=actor, now=timezone.now(), evaluation=evaluation, **values
        ),
        onward=lambda made: reverse("insights:improvement_detail", args=[made.pk]),
    )  # fmt: skip


@login_required
@require_safe
def improvement_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a problem with its cause and measure, each re-check, and the step that is next."""
    actor = actor_of(request)
    require(actor, f"{IMPROVEMENT}:view")
    row = get_visible(Improvement, pk=pk)
    checks = selectors.checks_of([row])
    may_edit = actor.may(f"{IMPROVEMENT}:edit")
    waiting = next((check for check in checks if not check.conclusion), None)
    is_strategic = row.trigger in Improvement.STRATEGIC
    context = {
        "row": row,
        "problem": presenting.problem(row),
        "found": presenting.found_text(row.measure, row.found) if row.found else "",
        "span": presenting.span_text(row.found["from"], row.found["to"]) if row.found else "",
        "state": presenting.state(row),
        "tone": presenting.STATE_TONES[row.state],
        "tier": presenting.tier_name(row.tier),
        "is_strategic": is_strategic,
        "alternatives": presenting.alternatives(row) if is_strategic else [],
        "affected": presenting.affected(row) if is_strategic else [],
        "evaluation": Evaluation.objects.filter(pk=row.evaluation_id).first(),
        "checks": [
            {"check": check, "text": presenting.check_text(row, check), "why": presenting.explained(row, check),
             "tone": presenting.VERDICT_TONES[check.verdict]}
            for check in reversed(checks)
        ],
        "may_answer": may_edit and row.state in (State.OPEN, State.PLANNED),
        "may_finish": may_edit and row.state == State.PLANNED,
        "may_measure": may_edit and row.state == State.DONE,
        "may_conclude": may_edit and row.state == State.DONE and waiting is not None,
        "crumbs": [(presenting.problem(row), "")],
    }  # fmt: skip
    return render(request, "insights/improvement.html", context)


def _step(actor: Actor, pk: int) -> tuple[Improvement, dict[str, Any]]:
    require(actor, f"{IMPROVEMENT}:edit")
    row = get_visible(Improvement, pk=pk)
    return row, {"note": presenting.problem(row), "back": reverse("insights:improvement_detail", args=[pk])}


@login_required
@both
def improvement_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say cause and measure, or decide the review of a strategy."""
    actor = actor_of(request)
    row, look = _step(actor, pk)
    due, recheck = due_day(timezone.localdate())
    form = answer_form(row, request.POST or None, proposed={"due_on": due, "recheck_on": recheck})
    _version(form, row)
    is_strategic = row.trigger in Improvement.STRATEGIC
    return small_form(
        request, form, title=_("Decide the strategy") if is_strategic else _("Cause and measure"), submit=_("Save"),
        write=lambda values: services.improvement_answer(
            actor=actor, now=timezone.now(), pk=pk, expected_version=values.pop("version"), **values
        ),
        **look,
    )  # fmt: skip


@login_required
@both
def improvement_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a measure was carried out."""
    actor = actor_of(request)
    _row, look = _step(actor, pk)
    return small_form(
        request, DoneForm(request.POST or None), title=_("Carried out"), submit=_("Save"),
        write=lambda values: services.improvement_done(actor=actor, now=timezone.now(), pk=pk, **values), **look,
    )  # fmt: skip


@login_required
@require_POST
def improvement_measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Measure the figure again, now."""
    actor = actor_of(request)
    require(actor, f"{IMPROVEMENT}:edit")
    check = services.improvement_measure(actor=actor, now=timezone.now(), pk=pk)
    messages.success(request, gettext_lazy("Measured again: %(verdict)s.") % {"verdict": check.get_verdict_display()})
    return HttpResponseRedirect(reverse("insights:improvement_detail", args=[pk]))


@login_required
@both
def improvement_conclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether it worked."""
    actor = actor_of(request)
    _row, look = _step(actor, pk)
    return small_form(
        request, ConclusionForm(request.POST or None), title=_("Did it help?"), submit=_("Save"),
        write=lambda values: services.improvement_conclude(actor=actor, now=timezone.now(), pk=pk, **values), **look,
    )  # fmt: skip
