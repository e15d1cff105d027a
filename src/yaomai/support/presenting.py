"""What screens say of requests: why one stands where it stands, how its clock is."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.segmentation.selectors import scheme_named
from yaomai.support import rules
from yaomai.support.models import ServiceRequest
from yaomai.support.policies import ServicePolicy
from yaomai.support.selectors import kind_label

TONES = {"open": "warn", "working": "info", "waiting": "", "resolved": "good", "confirmed": "good"}
GROUP_TONES = {rules.OVERDUE: "bad", rules.FIRST: "warn", rules.SOON: "warn", rules.LATER: ""}


def in_hours(seconds: float) -> str:
    """Return a length of time in words: minutes below two hours, hours below two days, then days."""
    minutes = max(round(abs(seconds) / 60), 1)
    if minutes < 120:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def tier_words(request: ServiceRequest) -> str:
    """Return the tier for which a request comes first, as people call it; "" where it does not."""
    scheme, _slash, tier = request.first_tier.partition("/")
    known = scheme_named(None, scheme) if scheme else None
    return known.tier_label(tier) if known is not None else tier


def group_of(request: ServiceRequest, policy: ServicePolicy, now: datetime) -> str:
    """Return the group of the queue in which a request stands."""
    return rules.group(due_at=request.due_at, is_first=bool(request.first_tier), now=now, soon_hours=policy.soon_hours)


def clock(request: ServiceRequest, now: datetime) -> str:
    """Return how the clock of a request stands, as a sentence."""
    if request.resolved_at is not None:
        took = in_hours((request.resolved_at - request.taken_at).total_seconds())
        words = (
            _("Resolved in %(took)s") if request.resolved_at <= request.due_at else _("Resolved in %(took)s, too late")
        )
        return words % {"took": took}
    left = (request.due_at - now).total_seconds()
    return (_("%(time)s overdue") if left <= 0 else _("%(time)s left")) % {"time": in_hours(left)}


def why_here(request: ServiceRequest, policy: ServicePolicy, now: datetime) -> str:
    """Return why a request stands where it stands in the queue."""
    said = [clock(request, now)]
    if request.first_tier:
        said.append(_("%(tier)s: problems with orders come first (C12)") % {"tier": tier_words(request)})
    if request.state == ServiceRequest.State.WAITING:
        said.append(_("waits for the customer: %(what)s") % {"what": request.waits_for})
    if request.reopened:
        said.append(_("reopened"))
    return " · ".join(said)


COLUMNS = (
    ("customer", gettext_lazy("Customer")), ("kind", gettext_lazy("Kind")), ("words", gettext_lazy("What the customer says")),
    ("why", gettext_lazy("Why it stands here")), ("state", gettext_lazy("State")), ("owner", gettext_lazy("Responsible")),
)  # fmt: skip
CAPTION = pgettext_lazy("support", "Queue")


def queue_table(requests: Sequence[ServiceRequest], policy: ServicePolicy, now: datetime, *, total: int) -> Table:
    """Return the queue as a table, each row with its reason."""
    return Table(
        caption=CAPTION, columns=[Column(key, label) for key, label in COLUMNS], total=total,
        rows=[
            Row(
                cells=(
                    request.institution, kind_label(request), _shortened(request.words), why_here(request, policy, now),
                    request.get_state_display(), request.owner or _("nobody yet"),
                ),
                key=str(request.pk), url=reverse("support:servicerequest_detail", args=[request.pk]), note=str(request.professional or ""),
                tone=GROUP_TONES[group_of(request, policy, now)],  # type: ignore[arg-type]
            )
            for request in requests
        ],
    )  # fmt: skip


def _shortened(words: str, longest: int = 60) -> str:
    return words if len(words) <= longest else f"{words[:longest]}…"
