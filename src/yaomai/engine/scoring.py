"""Scoring and tiering of a population by schemes, in whole numbers: points in hundredths, scores in millionths.

Customers are ranked by score, then by amount of twelve months. Equals share the last of their ranks, and so their tier:
a share is never exceeded, and nobody is put above an equal. A customer of whom a scheme knows nothing, who has bought
nothing and was never judged, comes after all others, counts toward no share, and stands in the last tier. Points of a
customer never fall when its value gets better, so more money never lowers a tier.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from yaomai.engine.consistency import require_consistent, share_ends
from yaomai.engine.inputs import METRICS
from yaomai.engine.population import CENTS, Flags, Integers, Numbers, Population, Values, tag_codes
from yaomai.engine.scorecards import (
    Choices,
    Component,
    Condition,
    Percentile,
    Quantiles,
    Rule,
    Scale,
    SchemeSpec,
    Steps,
)

FULL: Final = 10_000
"""100 points, in hundredths."""
NEUTRAL: Final = FULL // 2
SCORE_UNIT: Final = 1_000_000
WEIGHT_UNIT: Final = 10_000
_KNOTS: Final = 1_000
_UNRANKED: Final = FULL * WEIGHT_UNIT + 1
"""Worse than a score of nothing."""

Points = npt.NDArray[np.int32]
Score = TypeVar("Score", int, Integers)


class CutOff(BaseModel):
    """Where a tier ends: its last rank and the score there (millionths); None when nobody has the tier."""

    model_config = ConfigDict(frozen=True)

    tier: str
    customers: int
    last_rank: int | None = None
    lowest_score: int | None = None


class Knot(BaseModel):
    """A value that occurs (money in cents), and the points it gives (hundredths)."""

    model_config = ConfigDict(frozen=True)

    value: int | float
    points: int


class CutOffs(BaseModel):
    """All that is needed, beside a customer's own row, to explain its tier: small, and stored with the run."""

    model_config = ConfigDict(frozen=True)

    scheme: str
    as_of: date
    population: int
    ranked: int
    """How many of them the scheme knows enough of; shares are shares of these."""
    tiers: tuple[CutOff, ...]
    curves: dict[str, tuple[Knot, ...]] = {}
    """By component: the points that values of the population earn, where points depend on the population."""
    known: dict[str, int] = {}
    """By component of `curves`: how many customers have a value that is compared."""
    amounts: dict[str, int] = {}
    """Sums of `amount_12m` in cents where the scheme asks for shares: "" of all, else of an institution type."""


@dataclass(frozen=True)
class SchemeResult:
    """One scheme's result.

    `table` has one row per customer in order of customer: customer, tier (dictionary), score (0 to 100 points),
    rank (1 is best; equals share their last), ranked (whether the scheme knows enough of the customer), points_<component> (int16, hundredths of a point), missing (int32, bit i set when the input of
    component i is unknown), hint (tier by type hints, or null), overridden (whether an override lifted the tier), and
    with horizons score_short and score_long.
    """

    spec: SchemeSpec
    table: pa.Table
    cutoffs: CutOffs

    def counts(self) -> dict[str, int]:
        """Give the number of customers per tier, best tier first."""
        return {cutoff.tier: cutoff.customers for cutoff in self.cutoffs.tiers}


def evaluate(
    metrics: pa.Table,
    customers: pa.Table | None,
    specs: Sequence[SchemeSpec],
    *,
    as_of: date,
    threads: int = 2,
) -> dict[str, SchemeResult]:
    """Score, rank and tier all customers by each scheme; results by scheme name.

    Shapes: see `Population` for metrics and customers, `SchemeResult` for the result.

    Raises:
        InconsistentScheme: a scheme makes no sense.
        ValueError: a customer appears twice, or an attribute is no number where one is needed.
    """
    for spec in specs:
        require_consistent(spec)
    return evaluate_population(Population(metrics, customers), specs, as_of=as_of, threads=threads)


def evaluate_population(
    population: Population, specs: Sequence[SchemeSpec], *, as_of: date, threads: int = 2
) -> dict[str, SchemeResult]:
    """Evaluate consistent schemes on a population that is already in memory."""
    with ThreadPoolExecutor(max_workers=threads) as pool:
        orders = _rank_inputs(population, specs, pool)
        results = pool.map(lambda spec: _Scorer(population, spec, as_of, orders).result(), specs)
        return {result.spec.name: result for result in results}


_RankedKey = tuple[str, bool, Percentile | Quantiles]


@dataclass(frozen=True)
class _Ranked:
    """An input scored by its order in the population: points (where known), and the values that earn them."""

    points: Points
    curve: tuple[Knot, ...]
    known: int


def _rank_inputs(
    population: Population, specs: Sequence[SchemeSpec], pool: ThreadPoolExecutor
) -> dict[_RankedKey, _Ranked]:
    """Read each input and score each order once for all schemes, before they run side by side."""
    _ = population.seniority, population.senior_amounts
    wanted: dict[_RankedKey, None] = {}
    for spec in specs:
        for name in spec.input_names():
            _read(population, spec, name)
        for component in spec.components:
            if isinstance(component.scoring, Percentile | Quantiles):
                wanted[component.input, _is_money(spec, component.input), component.scoring] = None
    ranked = pool.map(lambda key: _rank_input(population, *key), wanted)
    return dict(zip(wanted, ranked, strict=True))


def _rank_input(population: Population, name: str, money: bool, scoring: Percentile | Quantiles) -> _Ranked:
    values = population.values(name, money=money)
    worse = population.worse(name, money=money, lower_is_better=scoring.lower_is_better)
    compared = population.compared(name, money=money)
    count = int(np.count_nonzero(compared))
    if not compared.all():
        worse = np.minimum(worse, max(count - 1, 0))
    if isinstance(scoring, Quantiles):
        points = worse * scoring.bins // max(count, 1) * FULL // (scoring.bins - 1)
    else:
        points = worse * FULL // (count - 1) if count > 1 else compared * FULL
    narrow = points.astype(np.int32)
    return _Ranked(narrow, _curve(values.numbers, narrow, compared, lower_is_better=scoring.lower_is_better), count)


def _curve(numbers: Numbers, points: Points, compared: Flags, *, lower_is_better: bool) -> tuple[Knot, ...]:
    """Sample by points the worst value that earns them: a thousand knots at most, the best among them."""
    everyone = bool(compared.all())
    numbers = numbers if everyone else numbers[compared]
    earned = points if everyone else points[compared]
    if not len(numbers):
        return ()
    levels = np.flatnonzero(np.bincount(earned, minlength=FULL + 1))
    worst = np.full(FULL + 1, numbers.min() if lower_is_better else numbers.max(), numbers.dtype)
    (np.maximum if lower_is_better else np.minimum).at(worst, earned, numbers)
    if len(levels) > _KNOTS:
        levels = levels[np.unique(np.linspace(0, len(levels) - 1, _KNOTS).astype(np.int64))]
    return tuple(
        Knot(value=value, points=level) for level, value in zip(levels.tolist(), worst[levels].tolist(), strict=True)
    )


def _read(population: Population, spec: SchemeSpec, name: str) -> None:
    attribute = spec.input(name)
    if attribute is not None and attribute.unit in ("text", "tags"):
        population.texts(name)
    else:
        population.values(name, money=_is_money(spec, name))


def _is_money(spec: SchemeSpec, name: str) -> bool:
    attribute = spec.input(name)
    return attribute is not None and attribute.unit == "money"


class _Scorer:
    """One scheme on one population."""

    def __init__(
        self,
        population: Population,
        spec: SchemeSpec,
        as_of: date,
        orders: Mapping[_RankedKey, _Ranked],
    ) -> None:
        self.population = population
        self.spec = spec
        self.as_of = as_of
        self.orders = orders
        self.size = population.size

    def result(self) -> SchemeResult:
        points, known = self._all_points()
        score = self._score(points, known)
        ranked = self._ranked(known)
        rank = self._rank(score, ranked)
        base = self._assign(score, rank, ranked)
        forced = self._first_match(self.spec.overrides)
        tier = np.where(forced >= 0, np.minimum(base, forced), base).astype(np.int8)
        columns: dict[str, pa.Array] = {
            "customer": self.population.customers,
            "tier": self._named(tier),
            "score": pa.array(score / SCORE_UNIT),
            "rank": pa.array(rank),
            "ranked": pa.array(ranked),
        }
        for component in self.spec.components:
            columns[f"points_{component.name}"] = pa.array(points[component.name].astype(np.int16))
        columns["missing"] = pa.array(self._missing(known))
        columns["hint"] = self._named(self._first_match(self.spec.hints).astype(np.int8))
        columns["overridden"] = pa.array(tier < base)
        for horizon in ("short", "long"):
            parts = [part for part in self.spec.components if part.horizon == horizon]
            if parts:
                columns[f"score_{horizon}"] = pa.array(_mean(parts, points) / SCORE_UNIT)
        cutoffs = self._cutoffs(score, rank, ranked, base, tier)
        return SchemeResult(self.spec, pa.table(columns), cutoffs)

    def _all_points(self) -> tuple[dict[str, Points], dict[str, Flags]]:
        points, known = {}, {}
        for component in self.spec.components:
            points[component.name], known[component.name] = self._points(component)
        return points, known

    def _points(self, component: Component) -> tuple[Points, Flags]:
        scoring = component.scoring
        if isinstance(scoring, Choices):
            texts = self.population.texts(component.input)
            by_code = [_hundredths(scoring.points.get(text, scoring.other)) for text in texts.vocabulary]
            known = texts.codes >= 0
            points = np.array([*by_code, 0], np.int32)[texts.codes]
        else:
            money = _is_money(self.spec, component.input)
            values = self.population.values(component.input, money=money)
            known = values.known
            if isinstance(scoring, Percentile | Quantiles):
                points = self.orders[component.input, money, scoring].points
            elif isinstance(scoring, Steps):
                points = _step_points(values, scoring, money)
            else:
                points = scale_points(values, scoring, money)
        if not known.all():
            points = np.where(known, points, 0 if component.missing == "zero" else NEUTRAL).astype(np.int32)
        return points, known

    def _score(self, points: Mapping[str, Points], known: Mapping[str, Flags]) -> Integers:
        if self.spec.combine == "multiply":
            score = np.full(self.size, FULL * WEIGHT_UNIT, np.int64)
            for component in self.spec.components:
                score = multiplied(score, weight_units(component), points[component.name].astype(np.int64))
        else:
            score = self._sum(points, known)
        for boost in self.spec.boosts:
            score += self._passes(boost.when) * (_hundredths(boost.points) * WEIGHT_UNIT)
        return np.minimum(score, FULL * WEIGHT_UNIT)

    def _sum(self, points: Mapping[str, Points], known: Mapping[str, Flags]) -> Integers:
        score = np.zeros(self.size, np.int64)
        present: Integers | int = WEIGHT_UNIT
        for component in self.spec.components:
            weight = weight_units(component)
            value = points[component.name].astype(np.int64)
            if component.missing == "leave_out" and not known[component.name].all():
                present = present - weight * ~known[component.name]
                value = value * known[component.name]
            score += weight * value
        if not isinstance(present, int):
            nothing = present == 0
            score = np.where(nothing, NEUTRAL * WEIGHT_UNIT, score * WEIGHT_UNIT // np.where(nothing, 1, present))
        return score

    def _ranked(self, known: Mapping[str, Flags]) -> Flags:
        """Tell of whom anything that counts is known: a line, or an attribute.

        Of a product every factor that counts as zero while unknown must be known: else it says nothing of the customer,
        and a crowd of zeros would leave the best shares to whoever is known at all.
        """
        ranked = np.zeros(self.size, bool)
        for component in filter(lambda part: part.weight, self.spec.components):
            ranked |= self.population.has_lines if component.input in METRICS else known[component.name]
        if self.spec.combine == "multiply":
            for component in filter(lambda part: part.weight and part.missing == "zero", self.spec.components):
                ranked &= known[component.name]
        return ranked

    def _rank(self, score: Integers, ranked: Flags) -> npt.NDArray[np.int32]:
        """Count for each customer those who are as good or better, itself included."""
        bits = max(self.size - 1, 1).bit_length()
        worse = FULL * WEIGHT_UNIT - score
        worse[~ranked] = _UNRANKED
        keys = np.sort(worse << bits | self.population.seniority)
        positions = keys & ((1 << bits) - 1)
        worse = keys >> bits
        amounts = np.where(worse == _UNRANKED, 0, self.population.senior_amounts[positions])
        ends = np.flatnonzero((worse[1:] != worse[:-1]) | (amounts[1:] != amounts[:-1])).astype(np.int32) + 1
        ends = np.append(ends, np.int32(self.size))
        by_seniority = np.empty(self.size, np.int32)
        by_seniority[positions] = np.repeat(ends, np.diff(ends, prepend=0))
        return by_seniority[self.population.seniority]

    def _assign(self, score: Integers, rank: npt.NDArray[np.int32], ranked: Flags) -> npt.NDArray[np.int8]:
        spec = self.spec
        if spec.assign == "shares":
            ends = share_ends(spec, int(np.count_nonzero(ranked)))
            return np.minimum(np.searchsorted(ends, rank, side="left"), len(ends) - 1).astype(np.int8)
        if spec.assign == "rules":
            matched = self._first_match(spec.rules)
            return np.where(matched >= 0, matched, len(spec.tiers) - 1).astype(np.int8)
        floors = [_hundredths(tier.at_least or Decimal(0)) * WEIGHT_UNIT for tier in spec.tiers]
        return (len(floors) - np.searchsorted(floors[::-1], score, side="right")).astype(np.int8)

    def _first_match(self, rules: Sequence[Rule]) -> Integers:
        """Give the position of the tier of the first rule that each customer passes, -1 for none."""
        names = [tier.name for tier in self.spec.tiers]
        matched = np.full(self.size, -1, np.int64)
        for rule in reversed(rules):
            matched[self._passes(rule.when)] = names.index(rule.tier)
        return matched

    def _passes(self, conditions: Sequence[Condition]) -> Flags:
        passing = np.ones(self.size, bool)
        for condition in conditions:
            passing &= self._holds(condition)
        return passing

    def _holds(self, condition: Condition) -> Flags:
        if not condition.numeric:
            texts = self.population.texts(condition.input)
            return np.append(tag_codes(texts, condition.one_of), False)[texts.codes]
        money = _is_money(self.spec, condition.input)
        values = self.population.values(condition.input, money=money)
        holds = values.known.copy()
        if condition.at_least is not None:
            holds &= values.numbers >= threshold(condition.at_least, money=money)
        if condition.below is not None:
            holds &= values.numbers < threshold(condition.below, money=money)
        return holds

    def _missing(self, known: Mapping[str, Flags]) -> npt.NDArray[np.int32]:
        missing = np.zeros(self.size, np.int32)
        for bit, component in enumerate(self.spec.components):
            if not known[component.name].all():
                missing |= (~known[component.name]).astype(np.int32) << bit
        return missing

    def _named(self, positions: npt.NDArray[np.int8]) -> pa.DictionaryArray:
        codes = pa.array(positions, mask=positions < 0) if (positions < 0).any() else pa.array(positions)
        return pa.DictionaryArray.from_arrays(codes, [tier.name for tier in self.spec.tiers])

    def _cutoffs(
        self,
        score: Integers,
        rank: npt.NDArray[np.int32],
        ranked: Flags,
        base: npt.NDArray[np.int8],
        tier: npt.NDArray[np.int8],
    ) -> CutOffs:
        counts = np.bincount(tier, minlength=len(self.spec.tiers))
        lines = []
        for position, entry in enumerate(self.spec.tiers):
            members = base == position
            last = int(rank[members].max()) if members.any() else None
            lowest = int(score[members].min()) if members.any() else None
            if self.spec.assign == "score":
                lowest = _hundredths(entry.at_least or Decimal(0)) * WEIGHT_UNIT
            lines.append(CutOff(tier=entry.name, customers=int(counts[position]), last_rank=last, lowest_score=lowest))
        orders = {
            part.name: self.orders[part.input, _is_money(self.spec, part.input), part.scoring]
            for part in self.spec.components
            if isinstance(part.scoring, Percentile | Quantiles)
        }
        return CutOffs(
            scheme=self.spec.name,
            as_of=self.as_of,
            population=self.size,
            ranked=int(np.count_nonzero(ranked)),
            tiers=tuple(lines),
            curves={name: order.curve for name, order in orders.items()},
            known={name: order.known for name, order in orders.items()},
            amounts=self.population.amounts if {"share", "channel_share"} & set(self.spec.input_names()) else {},
        )


def _mean(parts: Sequence[Component], points: Mapping[str, Points]) -> Integers:
    total = sum(weight_units(part) for part in parts)
    weighed = sum(weight_units(part) * points[part.name].astype(np.int64) for part in parts)
    return np.asarray(weighed * WEIGHT_UNIT // max(total, 1))


def _step_points(values: Values, scoring: Steps, money: bool) -> Points:
    ascending = scoring.steps[::-1]
    thresholds = [threshold(step.at_least, money=money) for step in ascending]
    earned = np.array([0, *(_hundredths(step.points) for step in ascending)], np.int32)
    return earned[np.searchsorted(thresholds, values.numbers, side="right")]


def multiplied(score: Score, weight: int, points: Any) -> Score:
    """Multiply scores (in their unit) by a factor: its points, of which `weight` counts; whole numbers, rounded down."""
    factor: Any = FULL * WEIGHT_UNIT - weight * (FULL - points)
    return score * factor // (FULL * WEIGHT_UNIT)


def scale_points(values: Values, scoring: Scale, money: bool) -> Points:
    """Give the points of values on a scale, in whole hundredths, rounded down."""
    low, high = threshold(scoring.low, money=money), threshold(scoring.high, money=money)
    earned = np.floor((values.numbers - low) * FULL / (high - low))
    return np.clip(earned, 0, FULL).astype(np.int32)


def threshold(value: Decimal, *, money: bool) -> int | float:
    """Give a threshold in the unit of `Values`: cents for money, whole numbers as such."""
    scaled = value * CENTS if money else value
    return int(scaled) if scaled == scaled.to_integral_value() else float(scaled)


def _hundredths(points: Decimal) -> int:
    return int(points * 100)


def weight_units(component: Component) -> int:
    """Give a weight in ten-thousandths."""
    return int(component.weight * WEIGHT_UNIT)
