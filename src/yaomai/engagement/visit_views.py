"""Screens of visits: report, brief, next steps, audit, coaching, strategy, adverse events, and one's own phones."""

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.customers.models import Professional
from yaomai.engagement import briefs, services
from yaomai.engagement.field_views import TEXTS
from yaomai.engagement.forms import (
    CoachingForm,
    CommunicationForm,
    CorrectForm,
    DecideForm,
    ExplainForm,
    ReportForm,
    RescueForm,
    StepCloseForm,
    StepForm,
    StrategyForm,
    TakeOverForm,
)
from yaomai.engagement.models import AdverseEvent, Communication, Device, NextStep, StrategyAlert, Visit, VisitAudit
from yaomai.engagement.policies import StrategyPolicy, TruthPolicy, VisitPolicy
from yaomai.engagement.rescuing import LARGEST, taken_in
from yaomai.engagement.rules.visits import Said, repeats
from yaomai.engagement.selectors import colleagues_of
from yaomai.engagement.services.visits import LooksTheSame
from yaomai.engagement.visit_presenting import finding_said
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.materials.models import MaterialVersion

both = require_http_methods(["GET", "HEAD", "POST"])
CREATE, EDIT, VIEW = (f"engagement.visit:{verb}" for verb in ("create", "edit", "view"))


def _visit_url(pk: int) -> str:
    return reverse("engagement:visit_detail", args=[pk])


# Report and brief -----------------------------------------------------------------------------------------------


@login_required
@both
def visit_new(request: HttpRequest) -> HttpResponse:
    """Report a visit."""
    actor, now = actor_of(request), timezone.now()
    require(actor, CREATE)
    usable = MaterialVersion.objects.filter(state="approved", valid_until__gte=timezone.localdate(now))
    initial: dict[str, Any] = {
        "started_at": timezone.localtime(now).replace(second=0, microsecond=0),
        "institution": row_id(request.GET.get("institution", "")),
        "contacts": [pk for pk in map(row_id, request.GET.getlist("contacts")) if pk is not None],
    }
    form = ReportForm(
        request.POST or None,
        initial=initial,
        colleagues=colleagues_of(actor, on=timezone.localdate(now)),
        materials=usable,
    )
    same: list[LooksTheSame] = []

    def report() -> Visit | None:
        try:
            return services.visit_report(actor=actor, now=now, **form.said())
        except LooksTheSame as error:
            same.append(error)
            return None

    if request.method == "POST" and form.is_valid():
        made = attempt(form, report)
        if made is not None:
            _tell(request, made)
            return HttpResponseRedirect(_visit_url(made.pk))
    context = {
        "form": form,
        "same": same[0] if same else None,
        "has_more": _has_more(form),
        "crumbs": [(_("Report a visit"), "")],
    }
    return render(request, "engagement/report.html", context, status=422 if form.errors or same else 200)


def _has_more(form: ReportForm) -> bool:
    """Tell whether what one may add should stand open: something of it is filled or wrong."""
    return any(form[name].errors or (form.is_bound and form[name].data) for name in form.FURTHER)


def _tell(request: HttpRequest, visit: Visit) -> None:
    if visit.validity == Visit.Validity.VALID:
        messages.success(request, _("Reported. The visit counts."))
    else:
        messages.warning(request, _("Reported, but in doubt: %(why)s") % {"why": finding_said(visit.findings[0])})


@login_required
@require_POST
def visit_wording(request: HttpRequest) -> HttpResponse:
    """Say what a report should not say, and what it repeats of the last visit, while somebody types."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, CREATE)
    words, _version = policy_on(WordingPolicy, on=today)
    policy, _version = policy_on(VisitPolicy, on=today)
    hits = scan(" ".join(request.POST.get(name, "") for name in ("content", "result", "step_text", "objective")), words)
    repeated: list[str] = []
    contact = row_id(request.POST.get("contacts", ""))
    person = Professional.objects.filter(pk=contact).first() if contact else None
    last = briefs.visits_with(person).first() if person is not None else None
    if last is not None and (today - last.on).days <= policy.repeat_days:
        planned = Said(
            content_type=request.POST.get("content_type", ""), text=request.POST.get("content", ""),
            products=frozenset(filter(None, map(row_id, request.POST.getlist("products")))),
            materials=frozenset(filter(None, map(row_id, request.POST.getlist("materials")))),
        )  # fmt: skip
        repeated = [str(briefs.REPEATS[code]) for code in repeats(planned, briefs.said_of(last), alike=policy.alike)]
    is_adverse = any(hit.category == "adverse" for hit in hits)
    context = {"hits": hits, "repeated": repeated, "last": last, "is_adverse": is_adverse}
    return render(request, "engagement/parts/wording.html", context)


@login_required
@require_safe
def brief(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what to know before meeting somebody."""
    actor = actor_of(request)
    require(actor, VIEW)
    person = get_visible(Professional, pk=pk)
    title = _("Brief: %(name)s") % {"name": person.name}
    url = reverse("customers:professional_detail", args=[pk])
    context = {
        "brief": briefs.brief_of(person, actor, now=timezone.now()), "title": title, "crumbs": [(person.name, url), (_("Brief"), "")],
        "may_report": actor.may(CREATE), "may_edit": actor.may(EDIT), "may_record": actor.may("customers.professional:edit"), "panels": briefs.purchases(person, actor),
    }  # fmt: skip
    return render(request, "engagement/brief.html", context)


# What belongs to a visit ----------------------------------------------------------------------------------------


@login_required
@both
def step_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a next step to a visit."""
    actor = actor_of(request)
    require(actor, EDIT)
    visit = get_visible(Visit, pk=pk)
    return small_form(
        request, StepForm(request.POST or None), title=_("Add a next step"), back=_visit_url(pk), note=str(visit),
        write=lambda data: services.step_add(actor=actor, visit=pk, now=timezone.now(), **data), done=_("Noted."),
    )  # fmt: skip


@login_required
@both
def step_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a next step is done, or why it is dropped."""
    actor = actor_of(request)
    require(actor, "engagement.nextstep:edit")
    step = get_visible(NextStep, pk=pk)
    return small_form(
        request, StepCloseForm(request.POST or None, initial={"state": "done"}), title=_("Close a next step"),
        back=_visit_url(step.visit_id), note=step.text,
        write=lambda data: services.step_close(actor=actor, pk=pk, now=timezone.now(), **data), done=_("Closed."),
    )  # fmt: skip


@login_required
@both
def visit_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct one's own report."""
    actor = actor_of(request)
    require(actor, EDIT)
    visit = get_visible(Visit, pk=pk)
    initial = {name: getattr(visit, name) for name in CorrectForm.base_fields}
    form = CorrectForm(request.POST or None, initial=initial)
    return small_form(
        request, form, title=_("Correct the report"), back=_visit_url(pk), note=str(visit), done=_("Corrected."),
        write=lambda data: services.visit_update(
            actor=actor, pk=pk, now=timezone.now(), changes=data, expected_version=row_id(request.POST.get("version", ""))),
    )  # fmt: skip


@login_required
@both
def visit_explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what the checks found about one's own visit."""
    actor = actor_of(request)
    require(actor, CREATE)
    visit = get_visible(Visit, pk=pk)
    form = ExplainForm(request.POST or None, initial={"text": visit.explained})
    return small_form(
        request, form, title=_("Explain the visit"), back=_visit_url(pk), note=str(visit),
        write=lambda data: services.visit_explain(actor=actor, pk=pk, now=timezone.now(), **data),
        done=_("Kept. An auditor reads it and decides."),
    )  # fmt: skip


@login_required
@both
def audit_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide whether a visit counts."""
    actor = actor_of(request)
    require(actor, "engagement.audit:review")
    audit = get_visible(VisitAudit, pk=pk)
    return small_form(
        request, DecideForm(request.POST or None), title=_("Decide on the visit"), note=str(audit.visit),
        back=reverse("engagement:visitaudit_detail", args=[pk]), done=_("Decided."),
        write=lambda data: services.audit_decide(actor=actor, pk=pk, now=timezone.now(), **data),
    )  # fmt: skip


@login_required
@both
def coaching(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a coaching note."""
    actor = actor_of(request)
    require(actor, "engagement.visit:assess")
    visit = get_visible(Visit, pk=pk)
    note = visit.coaching.filter(author=actor.person_id).first()
    initial = {name: getattr(note, name) for name in CoachingForm.base_fields} if note else {}
    return small_form(
        request, CoachingForm(request.POST or None, initial=initial), title=_("Coaching note"), back=_visit_url(pk),
        note=str(visit), done=_("Kept. The visitor reads it."),
        write=lambda data: services.coaching_write(actor=actor, pk=pk, now=timezone.now(), **data),
    )  # fmt: skip


@login_required
@both
def stage_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Say at which stage the communication with somebody is."""
    actor = actor_of(request)
    require(actor, EDIT)
    person = get_visible(Professional, pk=pk)
    present = Communication.objects.filter(professional=person, superseded_at=None).first()
    form = CommunicationForm(request.POST or None, initial={"stage": present.stage if present else "first"})
    return small_form(
        request, form, title=_("Stage of communication"), note=person.name, done=_("Kept."),
        back=reverse("customers:professional_detail", args=[pk]),
        write=lambda data: services.stage_move(actor=actor, professional=person, now=timezone.now(), **data),
    )  # fmt: skip


@login_required
@both
def strategy_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose another strategy."""
    actor, today = actor_of(request), timezone.localdate()
    require(actor, EDIT)
    alert = get_visible(StrategyAlert, pk=pk)
    policy, _version = policy_on(StrategyPolicy, on=today)
    strategies = policy.labels(get_language() or "zh")
    form = StrategyForm(
        request.POST or None, strategies=strategies, initial={"strategy": alert.strategy, "reason": alert.reason}
    )
    note = _("%(name)s: %(count)s contacts in a row without progress") % {
        "name": alert.professional,
        "count": alert.contacts,
    }
    return small_form(
        request, form, title=_("Choose another strategy"), note=note, done=_("Chosen. The next contacts show whether it works."),
        back=reverse("engagement:strategyalert_detail", args=[pk]),
        write=lambda data: services.strategy_choose(actor=actor, pk=pk, now=timezone.now(), **data),
    )  # fmt: skip


@login_required
@both
def adverse_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an adverse event over."""
    actor = actor_of(request)
    require(actor, "safety.adverseevent:review")
    event = get_visible(AdverseEvent, pk=pk)
    return small_form(
        request, TakeOverForm(request.POST or None), title=_("Take the adverse event over"), note=str(event), done=_("Taken over."),
        back=reverse("engagement:adverseevent_detail", args=[pk]),
        write=lambda data: services.adverse_take_over(actor=actor, pk=pk, now=timezone.now(), **data),
    )  # fmt: skip


# The field app's desk -------------------------------------------------------------------------------------------


@login_required
@require_safe
def field_home(request: HttpRequest) -> HttpResponse:
    """Show how to get the field app, one's phones, and the consent to check-ins."""
    actor = actor_of(request)
    require(actor, CREATE)
    policy, _version = policy_on(TruthPolicy, on=timezone.localdate())
    consent = services.consent_of(actor.person_id) if actor.person_id is not None else None
    context = {
        "devices": list(Device.unscoped.filter(person=actor.person_id).order_by("-seen_at")[:20]), "consent": consent,
        "notice": services.NOTICE, "keep_days": policy.keep_days,
    }  # fmt: skip
    return render(request, "engagement/field_home.html", context)


@login_required
@require_POST
def consent_answer(request: HttpRequest) -> HttpResponse:
    """Agree to check-ins at visits, or withdraw that."""
    actor, now = actor_of(request), timezone.now()
    if request.POST.get("answer") == "yes":
        services.consent_give(actor=actor, now=now, text=str(services.NOTICE))
        messages.success(request, _("You agreed. You may withdraw at any time."))
    else:
        services.consent_withdraw(actor=actor, now=now)
        messages.success(request, _("Withdrawn. The locations that were kept are deleted."))
    return HttpResponseRedirect(reverse("engagement:field_home"))


@login_required
@require_POST
def device_wipe(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Have a phone of one's own forget everything."""
    services.device_wipe(actor=actor_of(request), uuid=uuid, now=timezone.now())
    messages.success(request, _("It forgets everything as soon as it is heard of again."))
    return HttpResponseRedirect(reverse("engagement:field_home"))


@login_required
@require_POST
def visit_join(request: HttpRequest) -> HttpResponse:
    """Say that one was at a visit that a colleague reported."""
    try:
        uuid = uuids.UUID(request.POST.get("join", ""))
    except ValueError:
        uuid = uuids.UUID(int=0)  # nobody's: the service says so
    note = request.POST.get("result", "")
    visit = services.visit_join(actor=actor_of(request), uuid=uuid, now=timezone.now(), note=note)
    messages.success(request, _("You are named in your colleague's report. Nothing else was saved."))
    return HttpResponseRedirect(_visit_url(visit.pk))


@login_required
@both
def rescue(request: HttpRequest) -> HttpResponse:
    """Take in what a phone that can no longer send has saved."""
    actor = actor_of(request)
    require(actor, CREATE)
    form = RescueForm(request.POST or None, request.FILES or None)
    results: list[Any] = []
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read(LARGEST + 1)
        results = attempt(form, lambda: taken_in(content, actor=actor, now=timezone.now())) or []
        for each in results:
            each["said"] = TEXTS.get(f"status_{each['status']}", each["status"])
    title = _("Take in a rescue file")
    context = {"form": form, "results": results, "title": title, "crumbs": [(title, "")]}
    return render(request, "engagement/rescue.html", context, status=422 if form.errors else 200)
