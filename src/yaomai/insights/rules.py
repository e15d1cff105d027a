"""Growth, match, quadrants and what follows from them. Pure functions over plain values; no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Standing = Literal["known", "narrow", "small", "unknown"]
"""known: can be used; narrow: can be used, but without the largest buyer it would lie on the other side of the cut-off;
small: too few buyers or too little money to say anything; unknown: no figures at all."""
Quadrant = Literal["breakthrough", "cultivate", "deepen", "watch", ""]
QUADRANTS: Sequence[Quadrant] = ("breakthrough", "cultivate", "deepen", "watch")


@dataclass(frozen=True, slots=True)
class Sold:
    """What a region bought in twelve months and in the twelve before, how many customers, and the largest of them."""

    amount: Decimal
    prior: Decimal
    buyers: int
    largest: Decimal
    largest_prior: Decimal


@dataclass(frozen=True, slots=True)
class Growth:
    """A rate of growth, and how far it can be trusted. `without_largest` is None where that cannot be told."""

    rate: Decimal | None
    standing: Standing
    basis: Literal["sales", "market", ""] = ""
    without_largest: Decimal | None = None

    @property
    def is_usable(self) -> bool:
        return self.standing in ("known", "narrow")


UNKNOWN = Growth(None, "unknown")


def change(now: Decimal, before: Decimal) -> Decimal | None:
    """Return (now - before) / before, to four places; None without a positive base.

    >>> change(Decimal(115), Decimal(100))
    Decimal('0.1500')
    """
    return ((now - before) / before).quantize(Decimal("0.0001")) if before > 0 else None


def sales_growth(sold: Sold, *, fewest_buyers: int, least_amount: Decimal, cut: Decimal) -> Growth:
    """Return the growth of a region by its sales flow, and whether so few figures can say it."""
    rate = change(sold.amount, sold.prior)
    if rate is None or sold.buyers < fewest_buyers or sold.prior < least_amount:
        return Growth(rate, "small", "sales")
    rest = change(sold.amount - sold.largest, sold.prior - sold.largest_prior)
    is_narrow = rest is None or (rest >= cut) != (rate >= cut)
    return Growth(rate, "narrow" if is_narrow else "known", "sales", rest)


def market_growth(values: Mapping[int, Decimal]) -> Growth:
    """Return the mean yearly growth between the two latest years of a published figure.

    >>> market_growth({2023: Decimal(100), 2025: Decimal(121)}).rate
    Decimal('0.1000')
    """
    years = sorted(values)[-2:]
    if len(years) < 2 or values[years[0]] <= 0 or values[years[1]] < 0:
        return UNKNOWN
    ratio = float(values[years[1]]) / float(values[years[0]])
    rate = Decimal(str(ratio ** (1 / (years[1] - years[0])) - 1)).quantize(Decimal("0.0001"))
    return Growth(rate, "known", "market")


def largest_market(series: Mapping[object, Mapping[int, Decimal]]) -> Growth:
    """Return the growth of the largest of several markets that have two years; of equals the first."""
    known = [values for values in series.values() if market_growth(values).is_usable]
    return market_growth(max(known, key=lambda values: values[max(values)])) if known else UNKNOWN


@dataclass(frozen=True, slots=True)
class MatchFigures:
    """Points of the parts of a match; together 100 at the most."""

    department: int
    patients: int
    patients_full: int
    grades: Mapping[str, int]
    """Points by level: "3", "2", "1"; a level that is not named has none."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well a product fits a hospital, by part; None where the hospital's facts are not known."""

    department: int | None
    patients: int | None
    grade: int | None

    @property
    def points(self) -> int:
        return sum(part or 0 for part in (self.department, self.patients, self.grade))


def match(
    *, has_target: bool, knows_departments: bool, patients: int | None, grade: str, figures: MatchFigures
) -> Match:
    """Return the match of a product with a hospital.

    What is not known earns nothing and is said to be unknown: no department recorded, no patients estimated, no grade.
    """
    department = figures.department if has_target else 0
    earned = None
    if patients is not None:
        full = max(figures.patients_full, 1)
        earned = figures.patients * min(patients, full) // full
    return Match(
        department if has_target or knows_departments else None,
        earned,
        figures.grades.get(grade[:1], 0) if grade and grade != "0" else (0 if grade == "0" else None),
    )


def quadrant(growth: Growth, points: int, *, growth_cut: Decimal, match_cut: int) -> Quadrant:
    """Return the quadrant of a point; on a cut-off counts as above it, without usable growth there is none."""
    if growth.rate is None or not growth.is_usable:
        return ""
    if growth.rate >= growth_cut:
        return "breakthrough" if points >= match_cut else "cultivate"
    return "deepen" if points >= match_cut else "watch"


@dataclass(frozen=True, slots=True)
class Hospital:
    """What the example rules look at."""

    name: str
    city: str
    grade: str
    beds: int | None
    incidence: Mapping[str, Decimal]
    """Yearly growth of the incidence in its region, by disease code."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule applies: every condition that is set must hold; a rule without any never applies."""

    name: str
    cities_but: frozenset[str] | None = None
    """The large cities: the rule is for all others."""
    disease: str = ""
    disease_growth: Decimal = Decimal(0)
    least_beds: int = 0
    levels: frozenset[str] = frozenset()
    specialist_words: tuple[str, ...] = ()

    def holds(self, hospital: Hospital) -> bool:
        tests = []
        if self.cities_but is not None:
            tests.append(bool(hospital.city) and hospital.city not in self.cities_but)
        if self.disease:
            rising = [rate for code, rate in hospital.incidence.items() if code.startswith(self.disease)]
            tests.append(any(rate > self.disease_growth for rate in rising))
        if self.least_beds:
            tests.append((hospital.beds or 0) >= self.least_beds)
        if self.levels:
            tests.append(hospital.grade[:1] in self.levels)
        if self.specialist_words:
            tests.append(not any(word in hospital.name for word in self.specialist_words))
        return bool(tests) and all(tests)


def applying(conditions: Iterable[Condition], hospital: Hospital) -> list[str]:
    """Return the names of the rules that apply to a hospital."""
    return [condition.name for condition in conditions if condition.holds(hospital)]


@dataclass(frozen=True, slots=True)
class Bought:
    """What one customer bought, and the little else that says what to do next."""

    amount: Decimal
    prior: Decimal
    returned: Decimal
    """Money of returns in twelve months, positive."""
    top_share: Decimal | None
    """Share of the largest product."""
    days_silent: int | None
    """Days since the last purchase; None when it never bought."""
    completeness: int
    step: str
    """The next step that was agreed on for a listing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From when something is to be done."""

    silent_days: int
    fall: Decimal
    rise: Decimal
    returns_share: Decimal
    one_product: Decimal
    completeness: int


def next_steps(bought: Bought, limits: Limits) -> list[str]:
    """Return codes of what to do, the most urgent first; "steady" when nothing stands out."""
    growth = change(bought.amount, bought.prior)
    returns = share(bought.returned, bought.amount + bought.returned)
    told = [
        ("never", bought.days_silent is None),
        ("silent", bought.days_silent is not None and bought.days_silent > limits.silent_days),
        ("fall", growth is not None and -growth >= limits.fall),
        ("returns", returns is not None and returns >= limits.returns_share and bought.returned > 0),
        ("listing", bool(bought.step)),
        ("rise", growth is not None and growth >= limits.rise),
        ("one_product", bought.top_share is not None and bought.top_share >= limits.one_product),
        ("profile", bought.completeness < limits.completeness),
    ]
    return [code for code, holds in told if holds] or ["steady"]


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return part / whole to four places; None without a positive whole.

    >>> share(Decimal(1), Decimal(3))
    Decimal('0.3333')
    """
    return (part / whole).quantize(Decimal("0.0001")) if whole > 0 else None
