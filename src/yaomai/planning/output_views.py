"""What leaves the screen: calendars and plans as PDF and Excel, and the calendar on the phone."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.kit.access import acting, get_visible, require
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.views import actor_of
from yaomai.organization.selectors import actor_of_person
from yaomai.planning import calendars, selectors, services, showing
from yaomai.planning.calendar_views import VIEW, VIEWS, day_asked, period, person_asked
from yaomai.planning.documents import calendar_document, plan_document, review_document
from yaomai.planning.models import CalendarFeed, Plan, Review
from yaomai.planning.services.feeds import digest_of

BACK_DAYS, AHEAD_DAYS = 14, 120
"""What a phone's calendar is given."""


@login_required
@require_safe
def calendar_file(request: HttpRequest, suffix: str) -> HttpResponse:
    """Answer with the calendar that is shown, as a file."""
    actor = actor_of(request)
    require(actor, "planning.plannedvisit:export")
    person = person_asked(request, showing.people_in_view(actor))
    if person is None:
        raise Missing
    view = request.GET.get("view", "week")
    since, until = period(view if view in VIEWS else "week", day_asked(request))
    document = calendar_document(
        selectors.visits_of(person.pk, since=since, until=until), name=person.name, since=since, until=until,
        made_by=actor.label, now=timezone.now(),
    )  # fmt: skip
    return respond(document, suffix, file_name=f"{_('Planned visits')}-{person.name}-{since}")


@login_required
@require_safe
def plan_file(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with a plan as a file."""
    actor = actor_of(request)
    require(actor, "planning.plan:export")
    plan = get_visible(Plan, pk=pk)
    document = plan_document(plan, made_by=actor.label, now=timezone.now())
    return respond(document, suffix, file_name=f"{_('Plan of visits')}-{plan.owner.name}-V{plan.number}")


@login_required
@require_safe
def review_file(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with a review as a file."""
    actor = actor_of(request)
    require(actor, "planning.review:export")
    review = get_visible(Review, pk=pk)
    document = review_document(review, made_by=actor.label, now=timezone.now())
    return respond(document, suffix, file_name=f"{_('Review')}-{review.owner.name}-{review.begins_on}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feed(request: HttpRequest) -> HttpResponse:
    """Make or revoke the address under which one's phone reads the calendar; it is shown once."""
    actor = actor_of(request)
    require(actor, VIEW)
    secret = ""
    if request.method == "POST":
        if request.POST.get("revoke"):
            services.feed_revoke(actor=actor, now=timezone.now())
            return HttpResponseRedirect(reverse("planning:feed"))
        secret = services.feed_create(actor=actor, now=timezone.now())
    context = {
        "known": CalendarFeed.unscoped.filter(person=actor.person_id).first(),
        "address": request.build_absolute_uri(reverse("planning:feed_file", args=[secret])) if secret else "",
        "crumbs": [(_("Calendar"), reverse("planning:calendar")), (_("On the phone"), "")],
    }
    return render(request, "planning/feed.html", context)


@login_not_required
@require_safe
def feed_file(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer a phone that knows the secret address; with its owner's rights of today, and nothing else."""
    found = CalendarFeed.unscoped.filter(digest=digest_of(secret)).select_related("person").first()
    today, now = timezone.localdate(), timezone.now()
    actor = actor_of_person(found.person_id, today) if found is not None else None
    if found is None or actor is None or not actor.may(VIEW):
        raise Missing
    with acting(actor):
        visits = list(
            selectors.visits_of(
                found.person_id, since=today - timedelta(days=BACK_DAYS), until=today + timedelta(days=AHEAD_DAYS)
            )
        )
    CalendarFeed.unscoped.filter(pk=found.pk).update(read_at=now)
    response = HttpResponse(
        calendars.feed(visits, name=f"{_('Planned visits')} {found.person.name}", now=now),
        content_type="text/calendar; charset=utf-8",
    )
    response["Cache-Control"] = "no-store"
    return response
