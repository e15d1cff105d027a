"""What other hours would have meant: requests of the last months, in time then and now; shown beside the editor."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.policies.previews import PreviewResult
from yaomai.kit.policies.selectors import policy_on
from yaomai.segmentation.models import TierAssignment
from yaomai.support import rules
from yaomai.support.models import ServiceRequest
from yaomai.support.policies import ServicePolicy

BACK = timedelta(days=90)
MOST = 5000


def service_preview(policy: ServicePolicy, actor: Actor) -> PreviewResult:
    """Judge the requests in view that were taken in the last three months by these hours and by those in force."""
    now = timezone.now()
    current, _version = policy_on(ServicePolicy, on=timezone.localdate(now))
    rows = list(ServiceRequest.objects.filter(taken_at__gte=now - BACK).order_by("-taken_at")[:MOST])
    held: dict[int, set[tuple[str, str]]] = {}
    tiers = TierAssignment.unscoped.filter(institution__in={row.institution_id for row in rows}, valid_to=None)
    for place, scheme, tier in tiers.values_list("institution_id", "scheme", "tier"):
        held.setdefault(place, set()).add((scheme, tier))
    counts = [_judged(one, rows, held, now) for one in (current, policy)]
    (late, first), (late_then, first_then) = counts
    if not rows:
        finding = _("Nobody in view has asked for anything in the last three months.")
    elif counts[0] == counts[1]:
        finding = _("Nothing would have been otherwise in the last three months.")
    else:
        finding = _("Of %(all)s requests of the last three months %(then)s would have been late instead of %(now)s.") % {
            "all": len(rows), "then": late_then, "now": late,
        }  # fmt: skip
    return PreviewResult(
        finding=finding,
        figures=[(_("Late"), late, late_then), (_("Served first"), first, first_then)],
    )


def _judged(
    policy: ServicePolicy, rows: list[ServiceRequest], held: dict[int, set[tuple[str, str]]], now: object
) -> tuple[int, int]:
    """Return how many requests are late under a policy, and how many come first."""
    late = first = 0
    for row in rows:
        kind, tiers = policy.kind(row.kind), held.get(row.institution_id, set())
        hours = rules.hours_of(
            kind.hours if kind is not None else row.hours,
            [each.hours for each in policy.tiers if (each.scheme, each.tier) in tiers],
        )
        late += (row.resolved_at or now) > row.taken_at + timedelta(hours=hours)  # type: ignore[operator]
        first += bool(kind is not None and kind.is_order and tiers & policy.first)
    return late, first
