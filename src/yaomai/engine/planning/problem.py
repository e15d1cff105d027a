"""What is to be planned: duties with windows, half-days on which they fit, what a day holds, and what is wished for."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from math import hypot
from typing import Final

MORNING: Final = 0
AFTERNOON: Final = 1
HALVES: Final = ("am", "pm")

Slot = int
"""A half-day: twice the index of its day among the working days, plus 1 in the afternoon."""


@dataclass(frozen=True)
class Place:
    """An institution: kilometres east and north of any common point."""

    id: str
    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Duty:
    """One visit that is owed to a customer, within a window."""

    id: str
    customer: str
    name: str
    place: int
    tier: str
    value: float
    opens: date
    closes: date
    minutes: int
    slots: tuple[Slot, ...]
    """The half-days on which it can be done at all, in order."""
    excluded: tuple[tuple[str, int], ...] = ()
    """Why other half-days of the window are out: reason and how many."""
    gap: int = 0
    """How many days at least after the duty of the same customer before it."""
    agreed: Slot | None = None
    """The half-day already agreed, which is better kept."""

    @property
    def ideal(self) -> date:
        """Return the middle of the window."""
        return self.opens + (self.closes - self.opens) / 2

    @property
    def interval(self) -> int:
        """Return how many days the window has."""
        return (self.closes - self.opens).days + 1


@dataclass(frozen=True)
class Aims:
    """How soft aims count against the value of a visit, in points."""

    travel_hour: float = 0.5
    off_middle: float = 0.3
    """A visit at the very edge of its window instead of the middle."""
    crowded: float = 0.05
    """A visit in a week beyond a tenth more than the mean."""
    change: float = 0.5
    """An agreed visit that moves or falls out."""


@dataclass(frozen=True)
class Capacity:
    """What a day holds."""

    per_half: int = 5
    per_day: int = 8
    minutes: tuple[int, int] = (210, 240)
    """Of the morning and the afternoon, travel included."""
    speed: float = 25.0
    """Kilometres an hour, door to door."""
    begins: tuple[int, int] = (8 * 60 + 30, 13 * 60 + 30)
    """Minutes after midnight."""


@dataclass(frozen=True)
class Problem:
    """The duties of one person over a period."""

    days: tuple[date, ...]
    home: tuple[float, float]
    places: tuple[Place, ...]
    duties: tuple[Duty, ...]
    open_slots: frozenset[Slot]
    """Half-days on which this person works and has no meeting."""
    capacity: Capacity = field(default_factory=Capacity)
    aims: Aims = field(default_factory=Aims)

    def day(self, slot: Slot) -> date:
        """Return the day of a half-day."""
        return self.days[slot // 2]

    @cached_property
    def distances(self) -> list[list[float]]:
        """Kilometres between the home (0) and the places (from 1)."""
        spots = [self.home, *((place.x, place.y) for place in self.places)]
        return [[hypot(x - u, y - v) for u, v in spots] for x, y in spots]

    @cached_property
    def nearest(self) -> list[float]:
        """Kilometres from the home and each place to whatever is nearest: no way there or on is shorter."""
        return [
            min((length for other, length in enumerate(row) if other != index), default=0.0)
            for index, row in enumerate(self.distances)
        ]

    @cached_property
    def previous(self) -> list[int | None]:
        """By duty, the duty of the same customer before it."""
        last: dict[str, int] = {}
        before: list[int | None] = [None] * len(self.duties)
        for index in sorted(range(len(self.duties)), key=lambda one: (self.duties[one].opens, one)):
            before[index] = last.get(self.duties[index].customer)
            last[self.duties[index].customer] = index
        return before

    @cached_property
    def weeks(self) -> list[int]:
        """By day, the number of its week, counted from the first."""
        first = self.days[0] - timedelta(days=self.days[0].weekday()) if self.days else date.min
        return [(day - first).days // 7 for day in self.days]

    @cached_property
    def week_limits(self) -> dict[int, int]:
        """By week, how many visits are an even load: its share of the open half-days, and a tenth more."""
        halves: dict[int, int] = {}
        for slot in self.open_slots:
            week = self.weeks[slot // 2]
            halves[week] = halves.get(week, 0) + 1
        total = sum(halves.values()) or 1
        return {week: int(1.1 * len(self.duties) * count / total) + 1 for week, count in halves.items()}

    def worth(self, duty: Duty, slot: Slot) -> float:
        """Return the points of a duty done on a half-day, without travel and crowding."""
        half = max(1.0, (duty.closes - duty.opens).days / 2)
        off = min(1.0, abs((self.day(slot) - duty.ideal).days) / half)
        moved = self.aims.change if duty.agreed is not None and duty.agreed != slot else 0.0
        return duty.value - self.aims.off_middle * off - moved

    def hours(self, kilometres: float) -> float:
        """Return how long a way takes."""
        return kilometres / self.capacity.speed
