"""What the calendar shows: days with their halves and visits, the way of a day as a drawing, who can be looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from math import hypot
from typing import Any, Final

from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Person
from yaomai.planning import places, problems
from yaomai.planning.models import ON_SITE, Absence, Activity, PlanLine, PlannedVisit, ServiceDuty
from yaomai.planning.policies import DayPolicy
from yaomai.segmentation.selectors import schemes
from yaomai.workdays import is_provisional, is_workday

ICONS: Final[Mapping[str, str]] = {
    Activity.EXECUTIVE_FORUM: "users-group", Activity.EXECUTIVE_VISIT: "briefcase", Activity.CORE_VISIT: "building",
    Activity.FEEDBACK_VISIT: "stethoscope", Activity.ACADEMIC_VISIT: "microscope", Activity.ACADEMIC_SERVICE: "school",
    Activity.CASE_SALON: "users", Activity.DEPARTMENT_MEETING: "presentation", Activity.LITERATURE_PACK: "books",
    Activity.CLINICAL_NEWS: "notebook", Activity.TOUCH: "message-circle", Activity.CALLBACK: "phone",
    Activity.NEEDS_SURVEY: "clipboard-list", Activity.SALES_REPORT: "chart-bar", Activity.FOLLOW_UP: "checklist",
}  # fmt: skip
"""Shape is the kind of activity."""


@dataclass(frozen=True, slots=True)
class Card:
    """A visit in the calendar: colour is the tier, shape the activity, hatched what is not decided yet."""

    name: str
    place: str
    activity: str
    icon: str
    starts_at: time | None
    rank: int
    """1 is the highest tier; 0 is none."""
    tier: str = ""
    state: str = "planned"
    is_provisional: bool = False
    visit: PlannedVisit | None = None
    owner: str = ""


@dataclass(slots=True)
class Cell:
    """A half of a day."""

    half: str
    label: str
    cards: list[Card] = field(default_factory=list)
    away: str = ""
    """Why the person does not work then."""


@dataclass(slots=True)
class Day:
    """A day of the calendar."""

    day: date
    is_workday: bool
    is_makeup: bool
    is_holiday: bool
    is_provisional: bool
    is_today: bool
    is_other: bool
    cells: tuple[Cell, Cell]

    @property
    def count(self) -> int:
        return sum(len(cell.cards) for cell in self.cells)


class Ranks:
    """Where tiers stand, and what they are called."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, str]] = {}
        for scheme in schemes(None):
            for number, tier in enumerate(scheme.spec.tiers, start=1):
                self._known[scheme.name, tier.name] = (min(number, 4), scheme.tier_label(tier.name))

    def of(self, duty: ServiceDuty | None) -> tuple[int, str]:
        """Return rank and name of the tier that a duty comes from."""
        return self._known.get((duty.scheme, duty.tier), (0, "")) if duty is not None else (0, "")


def card_of(visit: PlannedVisit, ranks: Ranks) -> Card:
    """Return a planned visit as it is shown."""
    rank, tier = ranks.of(visit.duty)
    return Card(
        str(visit.customer), visit.institution.name if visit.professional_id else "", visit.get_activity_display(),
        ICONS.get(visit.activity, "point"), visit.starts_at, rank, tier, visit.state, False, visit, str(visit.owner),
    )  # fmt: skip


def card_of_line(line: PlanLine, ranks: Ranks) -> Card:
    """Return a line of a draft, which is provisional."""
    rank, tier = ranks.of(line.duty)
    return Card(
        str(line.professional or line.institution), line.institution.name if line.professional_id else "",
        line.get_activity_display(), ICONS.get(line.activity, "point"), line.starts_at, rank, tier, "planned", True,
    )  # fmt: skip


def days_shown(
    visits: Iterable[PlannedVisit], lines: Iterable[PlanLine], *, since: date, until: date, today: date,
    person: int | None, month: int = 0,
) -> list[Day]:  # fmt: skip
    """Return every day between two, with its cards by half-day in the order of their time."""
    policy, _version = policy_on(DayPolicy, on=today)
    days = [since + timedelta(days=number) for number in range((until - since).days)]
    absent = Absence.unscoped.filter(person=person, archived_at=None)
    lost = problems.halves_away(absent, days, policy) if person is not None else frozenset()
    ranks = Ranks()
    found = {}
    for day in days:
        works = is_workday(day)
        cells = tuple(
            Cell(half, str(label), away=_("Leave or meetings") if (day, number) in lost else "")
            for number, (half, label) in enumerate(zip(problems.HALVES, (_("Morning"), _("Afternoon")), strict=True))
        )
        is_weekend = day.weekday() >= 5
        found[day] = Day(
            day, works, works and is_weekend, not works and not is_weekend, is_provisional(day), day == today,
            bool(month) and day.month != month, (cells[0], cells[1]),
        )  # fmt: skip
    for visit in visits:
        found[visit.day].cells[problems.half_of(visit.starts_at, policy)].cards.append(card_of(visit, ranks))
    for line in lines:
        found[line.day].cells[problems.half_of(line.starts_at, policy)].cards.append(card_of_line(line, ranks))
    for shown in found.values():
        for cell in shown.cells:
            cell.cards.sort(key=lambda card: card.starts_at or time.max)
    return list(found.values())


def people_in_view(actor: Actor) -> list[Person]:
    """Return oneself and whom one plans for: those who work in the territories where one may manage plans."""
    right = "planning.plannedvisit:manage"
    mine = Person.unscoped.filter(pk=actor.person_id or 0)
    if not actor.may(right):
        return list(mine)
    reach = actor.reach(right)
    owners = Person.unscoped.filter(archived_at=None, holdings__isnull=False)
    if reach is not None:
        owners = owners.filter(holdings__position__territory__in=sorted(reach))
    busy = PlannedVisit.unscoped.order_by().values("owner").union(ServiceDuty.unscoped.order_by().values("owner"))
    keys = {row["owner"] for row in busy} | {actor.person_id}
    return list(
        Person.unscoped.filter(
            pk__in=[pk for pk in owners.values_list("pk", flat=True) if pk in keys] + [actor.person_id or 0]
        ).order_by("name", "pk")
    )


# The way of a day ------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, EDGE = 560, 360, 44


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the way, in pixels."""

    number: int
    x: float
    y: float
    name: str
    names: Sequence[str]
    kilometres: float
    is_left: bool
    """Its name stands to the left."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a day as a drawing."""

    stops: Sequence[Stop]
    points: str
    kilometres: float
    minutes: int
    estimated: int


def route_of(visits: Sequence[PlannedVisit], *, today: date) -> Route | None:
    """Return the way through the places of a day in the order of its visits; None without any."""
    policy, _version = policy_on(DayPolicy, on=today)
    order = [visit for visit in visits if visit.activity in ON_SITE and visit.state != "cancelled"]
    if not order:
        return None
    spots = places.spots(sorted({visit.institution_id for visit in order}))
    xs, ys = [spot.x for spot in spots.values()], [spot.y for spot in spots.values()]
    scale = min((WIDTH - 2 * EDGE) / max(0.5, max(xs) - min(xs)), (HEIGHT - 2 * EDGE) / max(0.5, max(ys) - min(ys)))
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    stops: list[Stop] = []
    total, last = 0.0, None
    for visit in order:
        spot = spots[visit.institution_id]
        x = round(WIDTH / 2 + (spot.x - middle[0]) * scale, 1)
        y = round(HEIGHT / 2 - (spot.y - middle[1]) * scale, 1)
        if stops and stops[-1].name == visit.institution.name:
            stops[-1] = Stop(
                stops[-1].number,
                x,
                y,
                stops[-1].name,
                [*stops[-1].names, _who(visit)],
                stops[-1].kilometres,
                x > WIDTH * 0.6,
            )
            continue
        way = hypot(spot.x - last.x, spot.y - last.y) if last is not None else 0.0
        total += way
        stops.append(Stop(len(stops) + 1, x, y, visit.institution.name, [_who(visit)], round(way, 1), x > WIDTH * 0.6))
        last = spot
    return Route(
        stops, " ".join(f"{stop.x},{stop.y}" for stop in stops), round(total, 1),
        round(60 * total / float(policy.speed)), sum(spot.is_estimated for spot in spots.values()),
    )  # fmt: skip


def _who(visit: PlannedVisit) -> str:
    return str(visit.professional) if visit.professional_id else str(visit.get_activity_display())


def month_grid(day: date) -> tuple[date, date]:
    """Return the Monday on or before the first of a month, and the Monday after its last day."""
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return first - timedelta(days=first.weekday()), after + timedelta(days=(7 - after.weekday()) % 7)


def unplanned(duties: Sequence[Any]) -> list[dict[str, Any]]:
    """Return duties without a visit, as the list beside the calendar shows them."""
    ranks = Ranks()
    found = []
    for duty in duties:
        rank, tier = ranks.of(duty)
        found.append({"duty": duty, "rank": rank, "tier": tier, "icon": ICONS.get(duty.activity, "point")})
    return found
