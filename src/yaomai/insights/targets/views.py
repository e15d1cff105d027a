"""Screens of this room: the quadrants, a saved list, the review of a hospital."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.insights import rules, services
from yaomai.insights.models import TargetItem, TargetList
from yaomai.insights.policies import TargetPolicy, TargetRulesPolicy
from yaomai.insights.targets import analysis, kept, selectors
from yaomai.insights.targets.documents import target_list_document
from yaomai.insights.targets.forms import ReviewForm, SaveForm
from yaomai.insights.targets.presenting import label_of, match_contributions, picture, policy_reference, row_of, tiles
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.documents.responding import respond
from yaomai.kit.explain import Explanation
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats

both = require_http_methods(["GET", "HEAD", "POST"])
PAGE = 50
CREATE, REVIEW, EXPORT = "insights.targetlist:create", "insights.targetitem:review", "insights.targetlist:export"


@login_required
@require_safe
def quadrants(request: HttpRequest) -> HttpResponse:
    """Show the hospitals in view between regional growth and product match, and the hospitals of a quadrant."""
    actor = actor_of(request)
    require(actor, analysis.SEE)
    focus = selectors.focus_named(request.GET.get("focus", ""))
    found = kept.last(focus)
    context: dict[str, Any] = {
        "choices": selectors.focus_choices(),
        "focus": focus.key,
        "focus_label": str(focus) or _("All our products"),
        "ask_url": f"{reverse('insights:quadrants_request')}?{urlencode({'focus': focus.key})}"
        if actor.may("insights.quadrant:run")
        else "",
        "found": found,
        "lists": selectors.latest_lists(5),
    }
    if found is not None:
        context |= _shown_of(request, focus, found, may_save=actor.may(CREATE))
    return render(request, "insights/quadrants.html", context)


def _shown_of(request: HttpRequest, focus: analysis.Focus, found: kept.Found, *, may_save: bool) -> dict[str, Any]:
    """Return what the page shows of a run."""
    said = found.analysis
    quadrant, region = request.GET.get("quadrant", ""), request.GET.get("region", "")
    first = row_id(request.GET.get("from", "")) or 0
    points, count = found.points(quadrants=_named(quadrant), region=region, skip=first, most=PAGE)
    keep = {name: value for name, value in (("focus", focus.key), ("region", region)) if value}
    onward = keep | ({"quadrant": quadrant} if quadrant else {})
    (begin, end), (before, before_end) = said.periods()
    return {
        "as_of": said.as_of,
        "tiles": tiles(said, quadrant or None, urlencode(keep)),
        "chart": picture(said) if any(code for _region, code, _match, _count in said.tally) else None,
        "count": sum(said.counts().values()),
        "regions": sorted((code, place.name) for code, place in said.places.items()),
        "region": region,
        "quadrant": quadrant,
        "quadrant_label": label_of("" if quadrant == "none" else quadrant) if quadrant else _("All hospitals"),
        "rows": [row_of(said, point) for point in points],
        "shown": count,
        "next_url": f"?{urlencode({**onward, 'from': first + PAGE})}" if first + PAGE < count else "",
        "previous_url": f"?{urlencode({**onward, 'from': max(first - PAGE, 0)})}" if first else "",
        "periods": (begin, end, before, before_end),
        "policy": said.policy,
        "policy_url": reverse("policies:policy_detail", args=[TargetPolicy.name]),
        "rules_url": reverse("policies:policy_detail", args=[TargetRulesPolicy.name]),
        "save_url": f"{reverse('insights:targetlist_save')}?{urlencode(keep)}" if may_save else "",
    }


def _named(quadrant: str) -> tuple[str, ...]:
    """Return the quadrants that an address asks for: "none" those without one, anything else unknown all."""
    if quadrant == "none":
        return ("",)
    return (quadrant,) if quadrant in rules.QUADRANTS else ()


@login_required
@require_POST
def quadrants_request(request: HttpRequest) -> HttpResponse:
    """Ask for the target hospitals as of today and show the job."""
    focus = selectors.focus_named(request.GET.get("focus", ""))
    job = services.quadrants_request(actor=actor_of(request), focus=focus, now=timezone.now())
    return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))


@login_required
@both
def list_save(request: HttpRequest) -> HttpResponse:
    """Save hospitals as a dated list."""
    actor, now = actor_of(request), timezone.now()
    require(actor, CREATE)
    today = timezone.localdate()
    policy, _number = policy_on(TargetPolicy, on=today)
    focus = selectors.focus_named(request.GET.get("focus", ""))
    region = request.GET.get("region", "")
    name = f"{focus or _('All products')} · {today:%Y-%m}"
    return small_form(
        request,
        SaveForm(request.POST or None, initial={"name": name, "review_on": today + timedelta(days=policy.review_days)}),
        title=_("Save as a list"),
        back=f"{reverse('insights:quadrants')}?{request.GET.urlencode()}",
        write=lambda said: services.target_list_create(actor=actor, now=now, focus=focus, region=region, **said),
        done=_("The list is saved."),
        onward=lambda made: reverse("insights:targetlist_detail", args=[made.pk]),
    )


@login_required
@require_safe
def list_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a saved list: what went into it, its hospitals, who takes them on, what was decided."""
    actor = actor_of(request)
    require(actor, "insights.targetlist:view")
    row = get_visible(TargetList, pk=pk)
    items = selectors.items_of(row)
    is_mine = request.GET.get("mine") == "1"
    if is_mine:
        items = items.filter(position__in=selectors.positions_of(actor))
    first = row_id(request.GET.get("from", "")) or 0
    page = list(items[first : first + PAGE + 1])
    sees = actor.may(analysis.SEE)
    policy, _number = policy_on(TargetRulesPolicy, on=timezone.localdate())
    keep = "mine=1&" if is_mine else ""
    context = {
        "row": row,
        "items": [_shown(item, row, policy, sees=sees) for item in page[:PAGE]],
        "counts": selectors.decisions(row),
        "sees": sees,
        "periods": row.inputs.get("periods", ()),
        "quadrant_labels": "、".join(label_of(code) for code in row.inputs.get("quadrants", ())),
        "growth_cut": formats.percent(float(row.inputs.get("growth_cut", 0)), 0),
        "reference": policy_reference(row.inputs.get("policies", {}).get(TargetPolicy.name)),
        "may_review": actor.may(REVIEW) and row.archived_at is None,
        "may_edit": actor.may("insights.targetlist:edit") and row.archived_at is None,
        "may_export": actor.may(EXPORT),
        "next_url": f"?{keep}from={first + PAGE}" if len(page) > PAGE else "",
        "previous_url": f"?{keep}from={max(first - PAGE, 0)}" if first else "",
        "tabs": [
            {
                "label": _("All in view"),
                "url": reverse("insights:targetlist_detail", args=[pk]),
                "is_active": not is_mine,
            },
            {"label": _("Of my position"), "url": "?mine=1", "is_active": is_mine},
        ],
        "items_url": f"{reverse('insights:targetitem_list')}?target_list={pk}",
        "crumbs": [(str(row), "")],
    }
    return render(request, "insights/list.html", context)


def _shown(item: TargetItem, row: TargetList, policy: TargetRulesPolicy, *, sees: bool) -> dict[str, Any]:
    why = Explanation(
        sentence=_("Match %(points)s of 100 with %(product)s") % {"points": item.match, "product": item.product.name},
        value=item.match,
        contributions=match_contributions(item.parts),
        policy=policy_reference(row.inputs.get("policies", {}).get(TargetPolicy.name)),
        as_of=row.as_of,
    )
    return {
        "item": item,
        "why": why,
        "actions": [policy.action_of(code, formats.language()) for code in item.rules],
        "growth": formats.percent(item.growth, 1) if sees else "",
    }


@login_required
@both
def item_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a hospital on its list or drop it."""
    actor = actor_of(request)
    require(actor, REVIEW)
    item = get_visible(TargetItem, pk=pk)
    back = reverse("insights:targetlist_detail", args=[item.target_list_id])
    return small_form(
        request,
        ReviewForm(request.POST or None, initial={"decision": "kept"}),
        title=_("Review %(name)s") % {"name": item.institution},
        note=str(item.target_list),
        back=back,
        crumbs=[(str(item.target_list), back), (_("Review"), "")],
        write=lambda said: services.target_item_review(actor=actor, pk=pk, now=timezone.now(), **said),
        done=_("%(name)s is reviewed.") % {"name": item.institution},
    )


@login_required
@require_safe
def list_document(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with the list as PDF or Excel, on record."""
    actor, now = actor_of(request), timezone.now()
    require(actor, EXPORT)
    row = get_visible(TargetList, pk=pk)
    document = target_list_document(row, actor=actor, now=now)
    export_record(
        actor=actor, right=EXPORT, entity=str(row._meta.verbose_name_plural), rows=selectors.items_of(row).count(),
        query=f"list={pk}", columns=[suffix],
    )  # fmt: skip
    return respond(document, suffix, file_name=f"{_('List of target hospitals')}-{row.name}")
