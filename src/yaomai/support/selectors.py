"""Reads of this room: the policy of the day, and the queue."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.memo import once_a_page
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.organization.models import Holding, Person, on_day
from yaomai.planning.calling import Reason
from yaomai.segmentation.models import TierAssignment
from yaomai.support.models import ServiceRequest
from yaomai.support.policies import ServicePolicy


@once_a_page
def service_policy(on: date) -> ServicePolicy:
    """Return the policy in force on a day."""
    policy, _version = policy_on(ServicePolicy, on=on)
    return policy


def kind_words() -> dict[str, str]:
    """Return what the kinds of today are called, by code."""
    return service_policy(timezone.localdate()).labels(formats.language())


def kind_label(request: ServiceRequest) -> str:
    """Return what the kind of a request is called; a kind that is gone, its code."""
    label: str = kind_words().get(request.kind, request.kind)
    return label


def queue(*, now: datetime) -> "QuerySet[ServiceRequest]":
    """Return the unresolved requests in view in the order of service: overdue, served first, then by what runs out."""
    rows: QuerySet[ServiceRequest] = ServiceRequest.objects.filter(state__in=ServiceRequest.UNRESOLVED)
    return (
        rows.annotate(
            later=Case(When(due_at__lte=now, then=Value(0)), default=Value(1)),
            plain=Case(When(first_tier="", then=Value(1)), default=Value(0)),
        )
        .select_related("institution", "professional", "product", "owner")
        .order_by("later", "plain", "due_at", "pk")
    )


def tiers_held(institution: int) -> Sequence[tuple[str, str]]:
    """Return scheme and tier of those in force of an institution, whoever asks: the clock does not depend on it."""
    rows = TierAssignment.unscoped.filter(institution=institution, valid_to=None)
    return sorted(rows.values_list("scheme", "tier"))


def counts(rows: "QuerySet[ServiceRequest]", policy: ServicePolicy, now: datetime) -> dict[str, int]:
    """Return how many unresolved requests are overdue, served first, running out, and have time."""
    soon = now + timedelta(hours=policy.soon_hours)
    in_time = Q(due_at__gt=now)
    found: dict[str, int] = rows.order_by().aggregate(
        overdue=Count("pk", filter=Q(due_at__lte=now)), first=Count("pk", filter=in_time & ~Q(first_tier="")),
        soon=Count("pk", filter=in_time & Q(first_tier="", due_at__lte=soon)),
        later=Count("pk", filter=Q(first_tier="", due_at__gt=soon)),
    )  # fmt: skip
    return found


def servers(on: date) -> "QuerySet[Person]":
    """Return who may be given a request: whoever holds the role that serves, or one that hears of late ones."""
    policy = service_policy(on)
    roles = {policy.role, *(step.role for step in policy.steps)} - {""}
    held = Holding.unscoped.filter(on_day(on) & on_day(on, "position__"), position__role__code__in=roles)
    return Person.unscoped.filter(archived_at=None, pk__in=held.values("person")).order_by("name", "pk")


def order_holders(on: date) -> Iterable[int]:
    """Return who answered on a day for a request about an order that was not resolved then."""
    rows = ServiceRequest.unscoped.filter(is_order=True, owner__isnull=False, taken_at__date__lte=on)
    unresolved = rows.filter(Q(resolved_at=None) | Q(resolved_at__date__gt=on)).order_by()
    return unresolved.values_list("owner_id", flat=True).distinct()


OPEN_WEIGHT, RESOLVED_WEIGHT = 80, 70
RECENT = timedelta(days=14)


def callback_reasons(actor: Actor, today: date, most: int) -> Mapping[int, Reason]:
    """Say whom to call because of what they asked for: open requests, and resolved ones that nobody has confirmed."""
    if not actor.may(ServiceRequest.right("view")):
        return {}
    found: dict[int, Reason] = {}
    rows = ServiceRequest.objects.order_by("due_at", "pk")
    settled = rows.filter(state=ServiceRequest.State.RESOLVED, resolved_at__date__gte=today - RECENT)
    for row in settled[:most]:
        said = _("Resolved, not confirmed yet: %(kind)s") % {"kind": kind_label(row)}
        found[row.institution_id] = Reason(said, RESOLVED_WEIGHT)
    for row in rows.filter(state__in=ServiceRequest.UNRESOLVED)[:most]:
        found[row.institution_id] = Reason(_("Open service request: %(kind)s") % {"kind": kind_label(row)}, OPEN_WEIGHT)
    return found
