"""Where the next visit, representative or yuan brings most (J16): learned from own months, honest about what it cannot tell.

Reads the totals of boards: what lies in the territories of the reader and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce.cards import PURCHASES
from yaomai.compliance.cards import VALUE
from yaomai.engagement.cards import VISITS
from yaomai.insights.allocation.policies import AllocationPolicy
from yaomai.kit.access import Actor
from yaomai.kit.dashboards import company, periods, totals
from yaomai.kit.dashboards.registry import Sum
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Holding, on_day

if TYPE_CHECKING:
    from yaomai.engine.allocation import Response, Split

SEE: Final = "insights.allocation:view"
RECENT: Final = 3
"""Months whose mean is what a territory has and buys of late."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can be moved between territories."""

    code: str
    label: Promise
    effort: Sum
    right: str
    unit: str


RESOURCES: Final = {
    each.code: each
    for each in (
        Resource("visits", gettext_lazy("Visits"), Sum(VISITS, parts=("valid",)), "engagement.visit:view", "number"),
        Resource("budget", gettext_lazy("Academic budget"), Sum(VALUE, "amount"), "compliance.transfer:view", "money"),
    )
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One territory: what it has and buys a month of late; what is proposed, and what one more brings, where that is known."""

    place: int
    name: str
    effort: float
    purchases: float
    proposed: float | None = None
    marginal: tuple[float, float, float] | None = None

    @property
    def change(self) -> float | None:
        return None if self.proposed is None else self.proposed - self.effort


@dataclass(frozen=True, slots=True)
class Person:
    """What one more representative would bring a month in a territory: (low, middle, high), with the visits of one."""

    unit: Unit
    visits: float
    brings: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Study:
    """What own data say about moving a resource."""

    resource: Resource
    policy: AllocationPolicy
    version: Version | None
    response: "Response"
    months: Sequence[date]
    units: list[Unit] = field(default_factory=list)
    split: "Split | None" = None
    next_person: Person | None = None

    @property
    def is_told(self) -> bool:
        return self.split is not None

    @property
    def purchases(self) -> float:
        return sum(unit.purchases for unit in self.units)

    @property
    def effort(self) -> float:
        return sum(unit.effort for unit in self.units)


def resource_named(actor: Actor, code: str) -> Resource:
    """Return a resource; the first that the actor may see for "".

    Raises:
        Invalid: there is none of this code. Missing: the actor may see none.
    """
    if code and code not in RESOURCES:
        raise Invalid(fields={"resource": [_("There is no such resource.")]})
    mine = resources(actor)
    found = next((each for each in mine if not code or each.code == code), None)
    if found is None:
        raise Missing
    return found


def resources(actor: Actor) -> list[Resource]:
    """Return what the actor may see of what can be moved."""
    return [each for each in RESOURCES.values() if actor.may(each.right)]


def study(*, actor: Actor, resource: Resource, now: datetime, place: int | None = None) -> Study:
    """Return what the months of the lowest territories in reach say. Five queries at most.

    Raises:
        Missing: the place is out of reach.
    """
    import numpy as np

    from yaomai.engine.allocation import response, split

    today = timezone.localdate(now)
    policy, version = policy_on(AllocationPolicy, on=today)
    places = _leaves(actor, resource, place)
    if not places:
        raise Missing
    shown = periods.months(today)
    bought = totals.monthly(Sum(PURCHASES, "amount"), places, since=shown[0])
    spent = totals.monthly(resource.effort, places, since=shown[0])
    known = sorted({month for found in bought.values() for month in found if month < shown[-1]})
    months = [month for month in shown[:-1] if known and known[0] <= month <= known[-1]]
    purchases, effort = _panel(bought, places, months), _panel(spent, places, months)
    found = response(
        np.array(purchases).reshape(len(places), len(months)), np.array(effort).reshape(len(places), len(months)),
        lag=policy.lag_months, confidence=float(policy.confidence), least_units=policy.least_units,
        least_months=policy.least_months,
    )  # fmt: skip
    late = [_recent(row) for row in purchases], [_recent(row) for row in effort]
    units = [Unit(pk, company.tree().name(pk), late[1][at], late[0][at]) for at, pk in enumerate(places)]
    if found.verdict != "told":
        return Study(resource, policy, version, found, months, _ranked(units))
    made = split(np.array(late[0]), np.array(late[1]), found, limit=float(policy.limit))
    units = [
        Unit(
            unit.place, unit.name, unit.effort, unit.purchases, float(made.proposed[at]),
            (float(made.marginal[at][0]), float(made.marginal[at][1]), float(made.marginal[at][2])),
        )
        for at, unit in enumerate(units)
    ]  # fmt: skip
    person = _next_person(units, found, places, today) if resource.code == "visits" else None
    return Study(resource, policy, version, found, months, _ranked(units), made, person)


def _leaves(actor: Actor, resource: Resource, place: int | None) -> list[int]:
    """Return the lowest territories that the actor reaches with both rights, below a place."""
    tree = company.tree()
    wanted: list[int] = []
    reaches = [actor.reach(right) for right in (SEE, "commerce.salesline:view", resource.right)]
    if not all(actor.may(right) for right in (SEE, "commerce.salesline:view", resource.right)):
        return []
    for pk in tree.places:
        in_reach = all(reach is None or pk in reach for reach in reaches)
        if in_reach and not tree.below.get(pk) and (place is None or place in tree.above(pk)):
            wanted.append(pk)
    return wanted


def _panel(
    found: Mapping[int, Mapping[date, Decimal]], places: Sequence[int], months: Sequence[date]
) -> list[list[float]]:
    return [[float(found.get(pk, {}).get(month, 0)) for month in months] for pk in places]


def _recent(row: Sequence[float]) -> float:
    late = row[-RECENT:]
    return sum(late) / len(late) if late else 0.0


def _ranked(units: list[Unit]) -> list[Unit]:
    return sorted(units, key=lambda unit: (-(unit.marginal[1] if unit.marginal else 0.0), -unit.purchases, unit.name))


def _next_person(units: Sequence[Unit], found: "Response", places: Sequence[int], today: date) -> Person | None:
    """Return where one more representative with the usual number of visits brings most."""
    held = Holding.unscoped.filter(
        on_day(today) & on_day(today, "position__"), position__role__code="representative",
        position__territory__in=places, person__archived_at__isnull=True,
    )  # fmt: skip
    people = held.values("person").distinct().count()
    visits = sum(unit.effort for unit in units) / people if people else 0.0
    ends = found.ends
    if not visits or ends is None:
        return None

    def brings(unit: Unit, elasticity: float) -> float:
        more: float = ((1 + unit.effort + visits) / (1 + unit.effort)) ** elasticity
        return unit.purchases * (more - 1)

    best = max(units, key=lambda unit: brings(unit, ends[1]))
    low, middle, high = (brings(best, each) for each in ends)
    return Person(best, visits, (low, middle, high))


def verdict_text(found: Study) -> str:
    """Return in plain words what own data tell, or why they tell nothing."""
    told, policy = found.response, found.policy
    if told.verdict == "few_months":
        return _("Cannot tell: %(months)s months with effort and purchases are known, %(least)s are needed.") % {
            "months": told.months, "least": policy.least_months,
        }  # fmt: skip
    if told.verdict == "few_units":
        return _("Cannot tell: %(units)s territories bought something, %(least)s are needed.") % {
            "units": told.units, "least": policy.least_units,
        }  # fmt: skip
    if told.verdict == "no_variation":
        return _(
            "Cannot tell: effort hardly ever differed between territories and months, so nothing shows what it does."
        )
    if told.verdict == "follows":
        return _(
            "Cannot tell: effort follows purchases here. What came later explains what was bought before, so it is no cause."
        )
    if told.verdict == "nothing":
        return _("More effort went with fewer purchases. Moving it by these figures would be wrong.")
    effect = percent_range(found)
    if told.verdict == "uncertain":
        return _("Cannot tell: 10%% more effort may bring %(range)s purchases; nothing is within that range.") % {
            "range": effect
        }
    return _("10%% more effort brought %(range)s purchases, in %(units)s territories over %(months)s months.") % {
        "range": effect, "units": told.units, "months": told.months,
    }  # fmt: skip


def percent_range(found: Study) -> str:
    """Return what ten per cent more effort does to purchases, with the interval."""
    from yaomai.kit.ui import formats

    ends = found.response.ends
    assert ends is not None

    def effect(elasticity: float) -> str:
        value = Decimal(str(round(1.1**elasticity - 1, 5)))
        return ("+" if value > 0 else "") + formats.percent(value, 1) if value else "±0%"

    return _("%(middle)s (%(low)s to %(high)s)") % {
        "middle": effect(ends[1]), "low": effect(ends[0]), "high": effect(ends[2]),
    }  # fmt: skip
