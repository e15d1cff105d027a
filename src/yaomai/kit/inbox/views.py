"""今日."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from yaomai.kit.access import current_actor
from yaomai.kit.errors import Invalid
from yaomai.kit.inbox import selectors, services
from yaomai.kit.ui import formats

MORNING = time(8)
SNOOZE_DAYS = (1, 3, 7, 30)


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """Show what to do and why, the actor's numbers, and the first steps."""
    actor, now = current_actor(), timezone.now()
    found = selectors.today(actor=actor, now=now)
    context = {
        "today": found,
        "numbers": selectors.my_numbers(actor=actor, now=now),
        "steps": selectors.first_steps(actor=actor),
        "headline": _headline(len(found.items) + found.more),
        "snoozes": [(days, _snooze_label(days)) for days in SNOOZE_DAYS],
    }
    return render(request, "inbox/today.html", context)


def _headline(count: int) -> str:
    on = formats.day(timezone.localdate(), today=timezone.localdate())
    if not count:
        return _("%(day)s. Nothing waits for you.") % {"day": on}
    text = ngettext(
        "%(day)s. %(count)s thing waits for you.",
        "%(day)s. %(count)s things wait for you, the most urgent first.",
        count,
    )
    return text % {"day": on, "count": count}


def _snooze_label(days: int) -> str:
    if days == 1:
        return _("Tomorrow morning")
    return ngettext("In %(count)s day", "In %(count)s days", days) % {"count": days}


@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a nudge off until the morning of a day."""
    days = request.POST.get("days", "")
    if days not in {str(choice) for choice in SNOOZE_DAYS}:
        raise Invalid(fields={"days": [_("Choose one of the days offered.")]})
    day = timezone.localdate() + timedelta(days=int(days))
    until = timezone.make_aware(datetime.combine(day, MORNING))
    services.nudge_snooze(actor=current_actor(), pk=pk, until=until, now=timezone.now())
    messages.success(request, _("Put off until %(day)s.") % {"day": formats.day(day, today=timezone.localdate())})
    return redirect("inbox:today")


@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle a nudge."""
    services.nudge_resolve(
        actor=current_actor(), pk=pk, outcome=request.POST.get("outcome", "")[:2000], now=timezone.now()
    )
    messages.success(request, _("Settled."))
    return redirect("inbox:today")


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Dismiss a nudge with a reason."""
    services.nudge_dismiss(
        actor=current_actor(), pk=pk, reason=request.POST.get("reason", "")[:2000], now=timezone.now()
    )
    messages.success(request, _("Dismissed. It does not come back while its cause lasts."))
    return redirect("inbox:today")
