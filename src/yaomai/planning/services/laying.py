"""Duties from tiers: every night each customer is owed what its tiers ask for, by whoever holds the role nearest to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Filing, Holding, on_day
from yaomai.planning import rules
from yaomai.planning.models import COMMERCIAL, DutyOrigin, DutyState, PlannedVisit, ServiceDuty, VisitState
from yaomai.planning.policies import Cadence, CadencePolicy
from yaomai.segmentation.models import TierAssignment
from yaomai.segmentation.policies import ServicePolicy

BATCH = 2_000
"""Customers looked at together."""
Key = tuple[int | None, int | None, str, str, date]
"""Professional, else institution; scheme, activity, first day of the window. A person's duties follow to a new workplace."""


@dataclass(slots=True)
class Holders:
    """Who holds which role where, on a day."""

    everybody: Mapping[str, Mapping[str, Sequence[int]]]
    unfiled: Mapping[str, Mapping[str, Sequence[int]]]
    """The same without those with an active filing: for what is about sales (X2)."""

    @classmethod
    def on(cls, day: date) -> "Holders":
        """Read the holdings of a day."""
        filed = set(Filing.unscoped.filter(on_day(day)).values_list("person_id", flat=True))
        everybody: dict[str, dict[str, list[int]]] = {}
        unfiled: dict[str, dict[str, list[int]]] = {}
        rows = Holding.unscoped.filter(on_day(day) & on_day(day, "position__"), person__archived_at__isnull=True)
        told = rows.values_list("position__role__code", "position__territory__path", "person_id")
        for role, path, person in told.order_by("person_id"):
            everybody.setdefault(role, {}).setdefault(path, []).append(person)
            if person not in filed:
                unfiled.setdefault(role, {}).setdefault(path, []).append(person)
        return cls(everybody, unfiled)

    def owner(self, role: str, activity: str, path: str, institution: int) -> int | None:
        """Return who owes an activity at an institution; None when nobody holds the role above it."""
        held = self.unfiled if activity in COMMERCIAL else self.everybody
        return rules.nearest(held.get(role, {}), path, institution)


@dataclass(slots=True)
class Laid:
    """What a laying out did."""

    made: int = 0
    changed: int = 0
    withdrawn: int = 0
    unowned: int = 0


@dataclass(slots=True)
class _Customer:
    institution: int
    professional: int | None
    path: str
    tiers: list[tuple[str, str]] = field(default_factory=list)


@act(
    "planning.serviceduty:lay_out",
    right="planning.serviceduty:manage",
    sentence=_("%(actor)s laid out service duties: %(made)s new, %(changed)s changed, %(withdrawn)s no longer owed"),
)
def duties_lay_out(*, actor: Actor, trail: Trail, now: datetime, since: date | None = None) -> Laid:
    """Bring the duties of the tiers in force into step, from today as far ahead as the policy says.

    A window that has begun stays as it was owed; a later one follows tier and holder. The same again changes nothing.

    Args:
        since: also lay out windows that ended after this day: when a company begins with its history.
    """
    today = local_day(now)
    policy, _version = policy_on(CadencePolicy, on=today)
    service, _version = policy_on(ServicePolicy, on=today)
    roles = {
        (each.scheme, each.tier, each.activity): each.role or _owner_role(service, each) for each in policy.cadences
    }
    until = rules.next_month(today, policy.months_ahead + 1)
    windows: dict[tuple[str, str], list[tuple[str, list[tuple[date, date]]]]] = {}
    for each in policy.cadences:
        spans = list(rules.windows(each.every, each.unit, since=since or today, until=until))
        windows.setdefault((each.scheme, each.tier), []).append((each.activity, spans))
    holders, laid = Holders.on(today), Laid()
    for customers in _batches(policy):
        wanted: dict[Key, ServiceDuty] = {}
        for customer in customers:
            for scheme, tier in customer.tiers:
                for activity, spans in windows.get((scheme, tier), ()):
                    role = roles[scheme, tier, activity]
                    owner = holders.owner(role, activity, customer.path, customer.institution)
                    for opens, closes in spans:
                        if since is None and not _has_room(opens, closes, today):
                            continue
                        duty = ServiceDuty(
                            institution_id=customer.institution, professional_id=customer.professional, scheme=scheme,
                            tier=tier, activity=activity, window_from=opens, window_to=closes, owner_id=owner,
                            role=role, origin=DutyOrigin.CADENCE, created_at=now, updated_at=now,
                        )  # fmt: skip
                        wanted[_key(duty)] = duty
        _settle(customers, wanted, today, since or today, now, laid)
    _withdraw_lost(policy, today, now, laid)
    trail.note(made=laid.made, changed=laid.changed, withdrawn=laid.withdrawn)
    return laid


def _owner_role(policy: ServicePolicy, cadence: Cadence) -> str:
    found = policy.of(cadence.scheme, cadence.tier)
    return found.owner_role if found is not None else ""


def _has_room(opens: date, closes: date, today: date) -> bool:
    """Tell whether at least half of a window is left: a customer that is new today is not late tomorrow."""
    return 2 * (closes - max(today, opens)).days >= (closes - opens).days


def _key(duty: ServiceDuty) -> Key:
    place = duty.institution_id if duty.professional_id is None else None
    return duty.professional_id, place, duty.scheme, duty.activity, duty.window_from


def _batches(policy: CadencePolicy) -> Iterator[list[_Customer]]:
    """Yield the customers that hold a tier which is owed something."""
    schemes = {each.scheme for each in policy.cadences}
    held = TierAssignment.unscoped.filter(valid_to__isnull=True, scheme__in=schemes)
    institutions = held.filter(institution__archived_at=None, institution__merged_into=None).annotate(
        place=F("institution_id"), who=F("professional_id"), path=F("institution__territory__path")
    )
    people = held.filter(
        professional__archived_at=None, professional__merged_into=None, professional__institution__archived_at=None
    ).annotate(
        place=F("professional__institution_id"), who=F("professional_id"),
        path=F("professional__institution__territory__path"),
    )  # fmt: skip
    for rows in (
        institutions.filter(institution__isnull=False),
        people.filter(professional__institution__isnull=False),
    ):
        found: dict[tuple[int, int | None], _Customer] = {}
        told = rows.order_by("institution_id", "professional_id", "scheme").values_list(
            "place", "who", "path", "scheme", "tier"
        )
        for place, who, path, scheme, tier in told.iterator(chunk_size=10_000):
            key = (place, who)
            if key not in found and len(found) >= BATCH:
                yield list(found.values())
                found = {}
            found.setdefault(key, _Customer(place, who, path or "")).tiers.append((scheme, tier))
        if found:
            yield list(found.values())


def _settle(
    customers: Sequence[_Customer], wanted: dict[Key, ServiceDuty], today: date, since: date, now: datetime, laid: Laid
) -> None:
    places = [each.institution for each in customers if each.professional is None]
    people = [each.professional for each in customers if each.professional is not None]
    known = ServiceDuty.unscoped.filter(
        Q(professional=None, institution__in=places) | Q(professional__in=people),
        origin=DutyOrigin.CADENCE, window_to__gt=since,
    ).select_for_update(of=("self",), no_key=True)  # fmt: skip
    changed, lost = [], []
    for duty in known.order_by("pk"):
        same = wanted.pop(_key(duty), None)
        if duty.state != DutyState.OPEN:
            continue
        if same is None:
            lost += [duty] if duty.window_from > today else []
        elif _differs(duty, same, today):
            duty.institution_id, duty.tier, duty.role = same.institution_id, same.tier, same.role
            duty.owner_id, duty.window_to, duty.updated_at = same.owner_id, same.window_to, now
            duty.version += 1
            changed.append(duty)
    ServiceDuty.unscoped.bulk_update(
        changed, ["institution", "tier", "role", "owner", "window_to", "version", "updated_at"], batch_size=1000
    )
    laid.changed += len(changed)
    _withdraw([duty.pk for duty in lost], now, laid)
    rows = list(wanted.values())
    laid.unowned += sum(row.owner_id is None for row in rows)
    ServiceDuty.unscoped.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    laid.made += len(rows)


def _differs(duty: ServiceDuty, same: ServiceDuty, today: date) -> bool:
    """Tell whether an open duty follows a change: of who owes it always, of the tier only before its window begins."""
    if (duty.owner_id, duty.institution_id) != (same.owner_id, same.institution_id):
        return True
    return duty.window_from > today and (duty.tier, duty.role, duty.window_to) != (same.tier, same.role, same.window_to)


def _withdraw_lost(policy: CadencePolicy, today: date, now: datetime, laid: Laid) -> None:
    """Withdraw later duties of customers that hold no tier any more, or whose tier is owed nothing."""
    schemes = {each.scheme for each in policy.cadences}
    holds = TierAssignment.unscoped.filter(valid_to__isnull=True, scheme__in=schemes)
    lost = ServiceDuty.unscoped.filter(
        origin=DutyOrigin.CADENCE, state=DutyState.OPEN, window_from__gt=today
    ).exclude(
        Exists(holds.filter(institution=OuterRef("institution"), institution__archived_at=None)) & Q(professional=None)
        | Exists(holds.filter(professional=OuterRef("professional"), professional__archived_at=None))
    )  # fmt: skip
    _withdraw(list(lost.values_list("pk", flat=True)), now, laid)


def _withdraw(pks: Sequence[int], now: datetime, laid: Laid) -> None:
    """Take later duties back: those for which a visit is planned stay in sight as no longer owed, the others go."""
    planned = set(PlannedVisit.unscoped.filter(duty__in=pks).values_list("duty_id", flat=True))
    ServiceDuty.unscoped.filter(pk__in=[pk for pk in pks if pk not in planned]).delete()
    kept = ServiceDuty.unscoped.filter(pk__in=planned)
    kept.update(state=DutyState.WAIVED, version=F("version") + 1, updated_at=now)
    laid.withdrawn += len(pks)


@act(
    "planning.serviceduty:settle",
    right="planning.serviceduty:manage",
    sentence=_("%(actor)s counted %(count)s overdue duties as missed"),
)
def duties_settle(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Count duties as missed that are overdue for longer than the policy allows; past visits without a report too."""
    today = local_day(now)
    policy, _version = policy_on(CadencePolicy, on=today)
    limit = today - timedelta(days=policy.missed_after)
    values = {"version": F("version") + 1, "updated_at": now}
    late = ServiceDuty.unscoped.filter(state=DutyState.OPEN, window_to__lte=limit)
    count = late.update(state=DutyState.MISSED, **values)
    visits = PlannedVisit.unscoped.filter(state=VisitState.PLANNED, day__lt=limit)
    visits.update(state=VisitState.MISSED, **values)
    trail.note(count=count)
    return count
