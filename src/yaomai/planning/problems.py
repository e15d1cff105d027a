"""From rows to what the engine plans: the duties of a person over a period, and everything that holds against a half-day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils import timezone

from yaomai.compliance import gate, vocabulary
from yaomai.compliance.models import Consent, Outcome
from yaomai.customers.models import Institution
from yaomai.engine.planning.problem import Aims, Capacity, Place, Problem
from yaomai.engine.planning.problem import Duty as EngineDuty
from yaomai.kit.access import system_actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Filing, Holding, on_day
from yaomai.planning import places
from yaomai.planning.models import (
    ON_SITE,
    Absence,
    DutyState,
    Half,
    PlannedVisit,
    ServiceDuty,
    VisitOrigin,
    VisitState,
    WorkingTime,
)
from yaomai.planning.policies import CadencePolicy, DayPolicy
from yaomai.segmentation.selectors import schemes
from yaomai.workdays import is_provisional, is_workday

HALVES: Final = (Half.MORNING.value, Half.AFTERNOON.value)
FIXED: Final = 50.0
"""Points of a visit that somebody entered by hand: it stays where it is."""
REPRESENTATIVE: Final = "representative"
Slots = Mapping[str, frozenset[tuple[date, int]]]
"""Why half-days are out."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A problem, and the rows that its duties and places stand for."""

    problem: Problem
    rows: tuple[ServiceDuty | PlannedVisit, ...]
    """By duty of the engine: a service duty, or a visit planned by hand."""
    visits: Mapping[int, PlannedVisit]
    """By service duty, the visit that is planned for it now."""
    institutions: tuple[int, ...]
    provisional: tuple[int, ...]
    """Years whose holidays are not announced yet."""
    estimated: int
    """Places whose location is not known."""

    def slot_of(self, day: date, half: int) -> int | None:
        """Return the half-day of the engine."""
        try:
            return 2 * self.problem.days.index(day) + half
        except ValueError:
            return None


def half_of(starts_at: time | None, policy: DayPolicy) -> int:
    """Return the half of a day in which a visit begins; without a time the morning."""
    return int(starts_at is not None and starts_at >= clock(policy.afternoon_from))


def clock(text: str) -> time:
    """Return the time of a policy's text."""
    return time.fromisoformat(text)


def minutes(moment: time) -> int:
    """Return minutes after midnight."""
    return moment.hour * 60 + moment.minute


def workdays(begins_on: date, ends_on: date) -> tuple[date, ...]:
    """Return the days of a period on which offices work, make-up days included."""
    days = (begins_on + timedelta(days=number) for number in range((ends_on - begins_on).days))
    return tuple(day for day in days if is_workday(day))


def lay(owner: int, *, begins_on: date, ends_on: date, today: date) -> Laid:
    """Lay out what a person is to plan over a period, half-open: open duties on site, and visits entered by hand.

    Reads beyond scope: whoever calls has checked that the actor plans for this person.
    """
    policy, _version = policy_on(DayPolicy, on=today)
    cadences, _version = policy_on(CadencePolicy, on=today)
    days = workdays(begins_on, ends_on)
    # What is planned before or after the period has its day and keeps it.
    elsewhere = PlannedVisit.unscoped.filter(duty=OuterRef("pk"), state=VisitState.PLANNED).exclude(
        day__gte=begins_on, day__lt=ends_on
    )
    duties = list(
        ServiceDuty.unscoped.filter(
            ~Exists(elsewhere), owner=owner, state=DutyState.OPEN, activity__in=ON_SITE, window_from__lt=ends_on,
            window_to__gt=begins_on,
        ).select_related("institution", "professional").order_by("window_from", "pk")
    )  # fmt: skip
    planned = list(
        PlannedVisit.unscoped.filter(
            owner=owner, state=VisitState.PLANNED, day__gte=begins_on, day__lt=ends_on
        ).select_related("institution", "professional")
    )  # fmt: skip
    by_duty = {visit.duty_id: visit for visit in planned if visit.duty_id is not None}
    fixed = [visit for visit in planned if visit.duty_id is None]
    rows: list[ServiceDuty | PlannedVisit] = [*duties, *fixed]
    institutions = tuple(sorted({row.institution_id for row in rows}))
    spots = places.spots(institutions, between=float(policy.speed / policy.speed_between))
    place_of = {pk: number for number, pk in enumerate(institutions)}
    names = {row.institution_id: row.institution.name for row in rows}
    out = Out.of(owner, rows, begins_on, ends_on, days, policy)
    values = _values()

    def worth(row: ServiceDuty) -> float:
        low, high = float(policy.lowest_value), float(policy.best_value)
        return low + (high - low) * values.get((row.scheme, row.tier), 1.0)

    engine: list[EngineDuty] = []
    for duty in duties:
        opens, closes = max(duty.window_from, begins_on), min(duty.due_on, ends_on - timedelta(days=1))
        slots, excluded = out.slots(duty, days, opens, closes)
        visit = by_duty.get(duty.pk)
        agreed = _agreed(visit, days, policy)
        if agreed is not None and visit is not None and visit.origin == VisitOrigin.BY_HAND and agreed not in slots:
            slots = tuple(sorted((*slots, agreed)))  # somebody put it there, for a reason
        engine.append(EngineDuty(
            id=str(duty.pk), customer=f"{duty.professional_id or f'i{duty.institution_id}'}:{duty.activity}",
            name=str(duty.customer), place=place_of[duty.institution_id], tier=f"{duty.scheme}.{duty.tier}",
            value=worth(duty), opens=opens, closes=closes,
            minutes=cadences.minutes(duty.activity, scheme=duty.scheme, tier=duty.tier), slots=slots,
            excluded=excluded, gap=int(float(policy.spacing) * (duty.window_to - duty.window_from).days),
            agreed=agreed,
        ))  # fmt: skip
    for visit in fixed:
        slot = _agreed(visit, days, policy)
        if slot is not None:
            engine.append(EngineDuty(
                id=f"v{visit.pk}", customer=f"v{visit.pk}", name=str(visit.customer),
                place=place_of[visit.institution_id], tier="", value=FIXED, opens=visit.day, closes=visit.day,
                minutes=cadences.minutes(visit.activity), slots=(slot,), agreed=slot,
            ))  # fmt: skip
    rows = [row for row in rows if isinstance(row, ServiceDuty) or _agreed(row, days, policy) is not None]
    middle = (
        sum(spot.x for spot in spots.values()) / (len(spots) or 1),
        sum(spot.y for spot in spots.values()) / (len(spots) or 1),
    )
    problem = Problem(
        days=days,
        home=middle,
        places=tuple(Place(str(pk), names[pk], spots[pk].x, spots[pk].y) for pk in institutions),
        duties=tuple(engine),
        open_slots=_open(owner, days, policy),
        capacity=capacity(policy),
        aims=Aims(
            travel_hour=float(policy.travel_hour),
            off_middle=float(policy.off_middle),
            crowded=float(policy.crowded),
            change=float(policy.change),
        ),
    )
    return Laid(
        problem, tuple(rows), by_duty, institutions,
        tuple(sorted({day.year for day in days if is_provisional(day)})),
        sum(spot.is_estimated for spot in spots.values()),
    )  # fmt: skip


def capacity(policy: DayPolicy) -> Capacity:
    """Return what a day holds, for the engine."""
    morning, afternoon = clock(policy.morning_from), clock(policy.afternoon_from)
    return Capacity(
        per_half=policy.visits_per_half,
        per_day=policy.visits,
        minutes=(
            minutes(clock(policy.morning_to)) - minutes(morning),
            minutes(clock(policy.afternoon_to)) - minutes(afternoon),
        ),
        speed=float(policy.speed),
        begins=(minutes(morning), minutes(afternoon)),
    )


def _agreed(visit: PlannedVisit | None, days: Sequence[date], policy: DayPolicy) -> int | None:
    if visit is None or visit.day not in days:
        return None
    return 2 * days.index(visit.day) + half_of(visit.starts_at, policy)


def _values() -> dict[tuple[str, str], float]:
    """Return by scheme and tier where the tier stands: 1 is the highest, 0 the lowest."""
    found: dict[tuple[str, str], float] = {}
    for scheme in schemes(None):
        last = max(1, len(scheme.spec.tiers) - 1)
        for number, tier in enumerate(scheme.spec.tiers):
            found[scheme.name, tier.name] = 1 - number / last
    return found


def _open(owner: int, days: Sequence[date], policy: DayPolicy) -> frozenset[int]:
    away = halves_away(Absence.unscoped.filter(person=owner, archived_at=None), days, policy)
    return frozenset(2 * n + half for n, day in enumerate(days) for half in (0, 1) if (day, half) not in away)


def halves_away(rows: Any, days: Sequence[date], policy: DayPolicy) -> frozenset[tuple[date, int]]:
    """Return the half-days that absences take: those of which they leave less than the policy asks for."""
    if not days:
        return frozenset()
    zone = timezone.get_current_timezone()
    first = datetime.combine(days[0], time.min, zone)
    last = datetime.combine(days[-1], time.max, zone)
    spans = [
        (starts.astimezone(zone), ends.astimezone(zone))
        for starts, ends in rows.filter(starts_at__lt=last, ends_at__gt=first).values_list("starts_at", "ends_at")
    ]
    taken: set[tuple[date, int]] = set()
    for day in days:
        for half, (opens, closes) in enumerate(
            ((policy.morning_from, policy.morning_to), (policy.afternoon_from, policy.afternoon_to))
        ):
            begin, end = (datetime.combine(day, clock(text), zone) for text in (opens, closes))
            lost = sum(
                max(timedelta(0), min(end, until) - max(begin, since)).total_seconds() / 60 for since, until in spans
            )
            if lost > policy.meeting_minutes:
                taken.add((day, half))
    return frozenset(taken)


@dataclass(slots=True)
class Out:
    """What holds against half-days: of customers, of institutions, of colleagues, of the rule book."""

    weekly: dict[tuple[int, int | None], dict[tuple[int, int], str]] = field(default_factory=dict)
    """By institution and professional: what they do on a weekday's half."""
    away: dict[tuple[int, int | None], frozenset[tuple[date, int]]] = field(default_factory=dict)
    colleagues: dict[tuple[int, int | None], set[tuple[date, int]]] = field(default_factory=dict)
    """Half-days on which somebody else is with the same customer."""
    forbidden: dict[int, list[tuple[date, date]]] = field(default_factory=dict)
    """By institution: from when until when rules forbid this person to visit it."""

    @classmethod
    def of(
        cls, owner: int, rows: Sequence[ServiceDuty | PlannedVisit], begins_on: date, ends_on: date,
        days: Sequence[date], policy: DayPolicy,
    ) -> "Out":  # fmt: skip
        """Read it all for the customers of some rows."""
        institutions = sorted({row.institution_id for row in rows})
        out = cls()
        for each in WorkingTime.unscoped.filter(institution__in=institutions):
            key = (each.institution_id, each.professional_id)
            out.weekly.setdefault(key, {})[each.weekday, HALVES.index(each.half)] = each.kind
        absent = Absence.unscoped.filter(institution__in=institutions, archived_at=None)
        for key in set(absent.order_by().values_list("institution_id", "professional_id")):
            out.away[key] = halves_away(absent.filter(institution=key[0], professional=key[1]), days, policy)
        others = PlannedVisit.unscoped.filter(
            institution__in=institutions, state=VisitState.PLANNED, day__gte=begins_on, day__lt=ends_on
        ).exclude(owner=owner)
        for place, who, day, starts_at in others.values_list("institution_id", "professional_id", "day", "starts_at"):
            out.colleagues.setdefault((place, who), set()).add((day, half_of(starts_at, policy)))
        out.forbidden = forbidden(owner, institutions, begins_on, ends_on)
        return out

    def slots(
        self, row: ServiceDuty | PlannedVisit, days: Sequence[date], opens: date, closes: date
    ) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
        """Return the half-days of a window on which a customer can be met, and why others are out."""
        found, excluded = [], dict[str, int]()
        for number, day in enumerate(days):
            if not opens <= day <= closes:
                continue
            for half in (0, 1):
                reason = self.obstacle(row, day, half)
                if reason is None:
                    found.append(2 * number + half)
                else:
                    excluded[reason] = excluded.get(reason, 0) + 1
        if not found and not excluded:
            excluded["day_off"] = 2 * max(0, (closes - opens).days + 1)
        return tuple(found), tuple(excluded.items())

    def obstacle(self, row: ServiceDuty | PlannedVisit, day: date, half: int) -> str | None:
        """Return what holds against a half-day; None when nothing does."""
        place, who = row.institution_id, row.professional_id
        at = (day.isoweekday(), half)
        if any(since <= day < until for since, until in self.forbidden.get(place, ())):
            return "not_permitted"
        if who is not None and (day, half) in self.away.get((place, who), ()):
            return "away"
        if (day, half) in self.away.get((place, None), ()):
            return "closed"
        hospital, person = self.weekly.get((place, None), {}), self.weekly.get((place, who), {}) if who else {}
        if WorkingTime.Kind.VISITING in hospital.values() and hospital.get(at) != WorkingTime.Kind.VISITING:
            return "visiting"
        doing = person.get(at)
        if doing in (WorkingTime.Kind.SURGERY, WorkingTime.Kind.ROUNDS):
            return str(doing)
        if WorkingTime.Kind.CLINIC in person.values() and doing != WorkingTime.Kind.CLINIC:
            return "clinic"
        return "colleague" if (day, half) in self.colleagues.get((place, who), ()) else None


def forbidden(
    owner: int, institutions: Sequence[int], begins_on: date, ends_on: date
) -> dict[int, list[tuple[date, date]]]:
    """Return from when until when the rule book forbids a person to visit institutions.

    It is asked on the first day and on every day on which a consent of the institution or a filing of the person
    begins or ends, for representatives and whoever holds a filing: for others visits are no regulated act.
    """
    filings = Filing.unscoped.filter(person=owner)
    holds = Holding.unscoped.filter(on_day(begins_on), person=owner, position__role__code=REPRESENTATIVE)
    if not (filings.filter(on_day(begins_on)).exists() or holds.exists()):
        return {}
    common = set(_turns(filings.values_list("valid_from", "valid_to"), begins_on, ends_on))
    turns: dict[int, set[date]] = {}
    rows = Consent.unscoped.filter(institution__in=institutions, archived_at=None)
    for place, since, until in rows.values_list("institution_id", "valid_from", "valid_to"):
        turns.setdefault(place, set()).update(_turns([(since, until)], begins_on, ends_on))
    actor, found = system_actor("planning", "plan within the rules"), dict[int, list[tuple[date, date]]]()
    nothing: dict[str, Any] = dict.fromkeys(vocabulary.kind_of("visit").given)
    territories = dict(Institution.unscoped.filter(pk__in=institutions).values_list("pk", "territory_id"))
    for place in institutions:
        days = sorted({begins_on, *common, *turns.get(place, ())})
        for opens, closes in zip(days, [*days[1:], ends_on], strict=True):
            facts = nothing | {"person": owner, "institution": place, "territory": territories.get(place)}
            if gate.check("visit", facts, actor, opens).outcome == Outcome.REFUSE:
                found.setdefault(place, []).append((opens, closes))
    return found


def _turns(periods: Iterable[tuple[date, date | None]], begins_on: date, ends_on: date) -> Iterator[date]:
    for period in periods:
        yield from (day for day in period if day is not None and begins_on < day < ends_on)
