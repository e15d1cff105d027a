"""Screens of effect studies: begun from a selection or a group, looked at, taken along, looked at again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.customers.models import Institution
from yaomai.insights import services
from yaomai.insights.effects import measuring
from yaomai.insights.effects.documents import effect_document
from yaomai.insights.effects.presenting import TONES, alike, chart, explained, reference, sentence, value_text
from yaomai.insights.models import EffectCheck, EffectStudy, TargetList
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.bulk import selection_of
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.small_forms import show_small_form, small_form
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.organization.models import Territory
from yaomai.segmentation import selectors as tiers

both = require_http_methods(["GET", "HEAD", "POST"])
VIEW, CREATE, EXPORT = (f"insights.effectstudy:{verb}" for verb in ("view", "create", "export"))
SHOWN = 50
ASKED = ("name", "change", "what", "since", "measure", "product", "recheck_on")


def _form(data: Any, *, chosen: str, said: str) -> forms.BaseForm:
    """Return the form of a study: what changed since when, and who had it, unless customers were ticked."""
    form = form_class(EffectStudy, ASKED)(data, initial={"measure": EffectStudy.Measure.AMOUNT})
    form.fields["recheck_on"].help_text = _("Empty: as the policy says.")
    if chosen:
        form.fields["chosen"] = forms.CharField(widget=forms.HiddenInput(), initial=chosen)
        form.fields["said"] = forms.CharField(
            required=False, max_length=300, widget=forms.HiddenInput(), initial=said[:300]
        )
    else:
        form.fields["group"] = forms.ChoiceField(
            label=_("Who had the change"), choices=[("", _("Choose a group")), *group_choices()]
        )
    form.order_fields(("name", "change", "what", "since", "group", "measure", "product", "recheck_on"))
    return form


def group_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the groups that can be named, by kind: tiers of institutions, territories, saved lists."""
    held = [
        (f"tier:{scheme.name}:{tier.name}", f"{scheme.label} · {scheme.tier_label(tier.name)}")
        for scheme in tiers.schemes(tiers.latest_run())
        if scheme.subject == "institution"
        for tier in scheme.spec.tiers
    ]
    places = [
        (f"territory:{row.pk}", row.name) for row in Territory.objects.filter(valid_to=None).order_by("path")[:500]
    ]
    lists = [(f"list:{row.pk}", row.name) for row in TargetList.objects.filter(archived_at=None).order_by("-pk")[:50]]
    named = ((_("Tiers"), held), (_("Territories"), places), (_("Lists of target hospitals"), lists))
    return [(label, choices) for label, choices in named if choices]


def group_named(text: str) -> dict[str, Any]:
    """Return the arguments of the service for a group that a form names, with the group in words.

    Raises:
        Missing: there is no such group in view.
    """
    kind, _sep, rest = text.partition(":")
    words = next((label for _kind, choices in group_choices() for value, label in choices if value == text), "")
    if kind == "tier":
        scheme, _sep, tier = rest.partition(":")
        return {"scheme": scheme, "tier": tier, "selection": words}
    if kind == "territory":
        return {"territory": get_visible(Territory, pk=row_id(rest) or 0), "selection": words}
    return {"target_list": get_visible(TargetList, pk=row_id(rest) or 0), "selection": words}


@login_required
@both
def study_new(request: HttpRequest) -> HttpResponse:
    """Begin a study: of customers ticked in their list, which sends them here, or of a group that is named."""
    actor = actor_of(request)
    require(actor, CREATE)
    is_form = "name" in request.POST
    chosen, said = request.POST.get("chosen", ""), request.POST.get("said", "")
    if request.method == "POST" and not is_form:
        chosen, said = _ticked(request, actor)
    form = _form(request.POST if is_form else None, chosen=chosen, said=said)
    count = len(chosen.split(",")) if chosen else 0
    look: dict[str, Any] = {
        "title": _("Did it help?"),
        "note": _("%(count)s customers: %(said)s") % {"count": formats.grouped(count), "said": said}
        if count
        else _("What changed, for whom and since when; the answer is computed from the sales flow."),
        "back": reverse("insights:effectstudy_list"),
        "submit": _("Compute the answer"),
    }
    if not is_form:
        return show_small_form(request, form, **look)
    return small_form(
        request, form, write=lambda values: _begin(actor, values), **look,
        onward=lambda made: reverse("insights:effectstudy_detail", args=[made.pk]),
    )  # fmt: skip


def _ticked(request: HttpRequest, actor: Actor) -> tuple[str, str]:
    """Return the ids that a list of institutions sent, and the selection in words."""
    surface = surface_of(Institution)
    selection = selection_of(request, surface, actor, CREATE)
    said = _("Customers ticked in the list")
    if selection.is_all:
        asked = listing(surface, actor, request.GET)
        said = " · ".join(text for _item, text in asked.sentences()) or asked.text or _("All customers in view")
    return ",".join(map(str, selection.keys)), said


def _begin(actor: Actor, values: dict[str, Any]) -> EffectStudy:
    asked = {name: values[name] for name in ASKED}
    if "group" in values:
        group = group_named(values["group"])
    else:
        keys = [key for text in values["chosen"].split(",") if (key := row_id(text)) is not None]
        group = {"institutions": keys, "selection": values["said"]}
    return services.effect_study_create(actor=actor, now=timezone.now(), **asked, **group)


def _check(request: HttpRequest, study: EffectStudy) -> EffectCheck:
    """Return the look that the address asks for, by default the latest."""
    rows = EffectCheck.objects.filter(study=study).select_related("study__product", "made_by").order_by("-pk")
    key = row_id(request.GET.get("look", ""))
    found: EffectCheck | None = (rows.filter(pk=key) if key is not None else rows).first()
    if found is None:
        raise Missing
    return found


def _names(check: EffectCheck) -> dict[int, str]:
    return dict(measuring.names_of([key for key, _before, _after in (check.result or {}).get("units", ())]))


@login_required
@require_safe
def study_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a study: the answer first, the picture, why, and whom it was about."""
    actor = actor_of(request)
    require(actor, VIEW)
    study = get_visible(EffectStudy, pk=pk)
    check = _check(request, study)
    common = {
        "study": study,
        "check": check,
        "looks": [
            {"row": row, "answer": EffectStudy.Verdict(row.result["verdict"]).label if row.result else "",
             "is_shown": row.pk == check.pk}
            for row in EffectCheck.objects.filter(study=study).order_by("-pk")[:20]
        ],
        "may_check": actor.may(CREATE) and study.archived_at is None,
        "may_edit": actor.may("insights.effectstudy:edit") and study.archived_at is None,
        "may_export": actor.may(EXPORT),
        "crumbs": [(str(study), "")],
    }  # fmt: skip
    if check.result is None:
        return render(request, "insights/effect_waiting.html", common)
    result, names = check.result, _names(check)
    units = [
        {"pk": key, "name": names[key], "before": value_text(study, before), "after": value_text(study, after),
         "difference": value_text(study, after - before)}
        for key, before, after in result.get("units", ()) if key in names
    ]  # fmt: skip
    context = common | {
        "result": result,
        "answer": sentence(study, result, names),
        "tone": TONES[result["verdict"]],
        "figures": _figures(study, result),
        "chart": chart(study, result),
        "why": explained(study, check, names),
        "alike": alike(study, result),
        "units": units[:SHOWN],
        "more_units": max(len(units) - SHOWN, 0),
        "reference": reference(check),
        "through": (check.inputs.get("through") or "")[:7],
    }
    return render(request, "insights/effect.html", context)


def _figures(study: EffectStudy, result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return label, value and note of the numbers to take away."""
    if result["verdict"] not in EffectStudy.CLAIMS:
        return []
    found = result["effect"]
    return [
        (_("Effect per customer and month"), value_text(study, found["mean"]),
         _("between %(low)s and %(high)s")
         % {"low": value_text(study, found["low"]), "high": value_text(study, found["high"])}),
        (_("All together since the change"), value_text(study, result["total"]),
         _("%(count)s customers, %(months)s months") % {"count": result["treated"], "months": result["after"]}),
        (_("Without the change it would be"), value_text(study, result["baseline"]), _("per customer and month")),
    ]  # fmt: skip


@login_required
@require_POST
def study_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again with the data of today."""
    actor = actor_of(request)
    require(actor, CREATE)
    services.effect_study_check(actor=actor, now=timezone.now(), pk=pk)
    messages.success(request, _("Another look is being computed; the earlier ones stay."))
    return HttpResponseRedirect(reverse("insights:effectstudy_detail", args=[pk]))


@login_required
@require_safe
def study_document(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with a look at a study as PDF, Word or Excel, on record."""
    actor, now = actor_of(request), timezone.now()
    require(actor, EXPORT)
    study = get_visible(EffectStudy, pk=pk)
    check = _check(request, study)
    if check.result is None:
        raise Missing
    names = _names(check)
    document = effect_document(check, names, made_at=now, made_by=actor.label, is_paper=suffix != "xlsx")
    export_record(
        actor=actor, right=EXPORT, entity=str(study._meta.verbose_name), rows=len(names), query=f"look={check.pk}",
        columns=[suffix],
    )  # fmt: skip
    return respond(
        document, suffix, file_name=f"{_('Did it help?')}-{study.name}-{check.as_of:%Y%m%d}".replace("?", "")
    )
