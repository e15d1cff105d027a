"""Why a customer has its tier, and what would lift it by one: for one row of a result, its inputs and the cut-offs.

The tree is neutral to language; `yaomai.engine.wording` says it in Chinese or English.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from yaomai.engine.inputs import Attribute, Label, Unit
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
from yaomai.engine.scoring import FULL, SCORE_UNIT, CutOff, CutOffs, threshold

Value = Decimal | int | float | str | date | None
_WEIGHT_UNIT = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One component: the value, its points (0 to 100), its weight, and what it adds to the score."""

    component: str
    input: str
    label: Label
    dimension: Label | None
    unit: Unit
    value: Value
    points: Decimal
    weight: Decimal
    contribution: Decimal
    missing: Literal["neutral", "zero", "leave_out"] | None
    """None when the value is known, else how it was replaced."""
    origin: str


@dataclass(frozen=True, slots=True)
class TierLine:
    """Where a tier ends: its last rank and lowest score, and where the customer stands."""

    tier: str
    label: Label
    share: Decimal | None
    customers: int
    last_rank: int | None
    lowest_score: Decimal | None
    reached: bool
    current: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Lift:
    """A change of one input that is enough for the next tier, if nobody else changes.

    `needed` is the value to reach (money in yuan); `difference` is what it takes from `value` (None when that is
    unknown or a text). `kind` says how it compares: "at_least", "below" or "one_of".
    """

    input: str
    label: Label
    unit: Unit
    value: Value
    kind: Literal["at_least", "below", "one_of"]
    needed: Value
    difference: Decimal | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that applied: a type hint, an override or a boost."""

    tier: str | None
    tier_label: Label | None
    label: Label | None
    points: Decimal | None
    origin: str


@dataclass(frozen=True, slots=True)
class TierExplanation:
    """The whole answer; `next_tier` and `lifts` are empty for the best tier.

    `lifts` are alternatives, each enough alone, except with rules (`assign` is "rules"): there all of them together.
    """

    scheme: str
    scheme_label: Label
    origin: str
    assign: Literal["shares", "score", "rules"]
    customer: object
    tier: str
    tier_label: Label
    score: Decimal
    rank: int
    population: int
    as_of: date
    measured: tuple[Measured, ...]
    lines: tuple[TierLine, ...]
    next_tier: Label | None
    lifts: tuple[Lift, ...]
    rule: Reason | None
    hint: Reason | None
    override: Reason | None
    boosts: tuple[Reason, ...]

    @property
    def missing(self) -> tuple[Measured, ...]:
        """The components whose input is unknown."""
        return tuple(measured for measured in self.measured if measured.missing)


def explain(
    spec: SchemeSpec, cutoffs: CutOffs, row: Mapping[str, object], inputs: Mapping[str, object]
) -> TierExplanation:
    """Explain one customer's tier.

    row: the customer's row of `SchemeResult.table`; inputs: its metrics and attributes as plain values.
    """
    return _Explainer(spec, cutoffs, row, inputs).explanation()


class _Explainer:
    def __init__(
        self, spec: SchemeSpec, cutoffs: CutOffs, row: Mapping[str, object], inputs: Mapping[str, object]
    ) -> None:
        self.spec = spec
        self.cutoffs = cutoffs
        self.row = row
        self.inputs = {**inputs, **_shares(cutoffs, inputs)}
        self.missing_bits = int(str(row["missing"]))
        self.units = round(float(str(row["score"])) * SCORE_UNIT)
        self.tiers = {tier.name: tier for tier in spec.tiers}
        self.position = [tier.name for tier in spec.tiers].index(str(row["tier"]))

    def explanation(self) -> TierExplanation:
        spec = self.spec
        tier = spec.tiers[self.position]
        goal = self._goal()
        return TierExplanation(
            scheme=spec.name,
            scheme_label=spec.label,
            origin=spec.origin,
            assign=spec.assign,
            customer=self.row["customer"],
            tier=tier.name,
            tier_label=tier.label,
            score=Decimal(self.units).scaleb(-6),
            rank=int(str(self.row["rank"])),
            population=self.cutoffs.population,
            as_of=self.cutoffs.as_of,
            measured=tuple(self._measured(bit, part) for bit, part in enumerate(spec.components)),
            lines=tuple(self._line(cutoff) for cutoff in self.cutoffs.tiers),
            next_tier=self.tiers[goal.tier].label if goal else None,
            lifts=tuple(self._lifts(goal)) if goal else (),
            rule=self._reason(spec.rules),
            hint=self._reason(spec.hints),
            override=self._reason(spec.overrides) if self.row["overridden"] else None,
            boosts=tuple(
                Reason(None, None, boost.label, boost.points, boost.origin)
                for boost in spec.boosts
                if self._passes(boost.when)
            ),
        )

    def _measured(self, bit: int, component: Component) -> Measured:
        unknown = bool(self.missing_bits >> bit & 1)
        left_out = unknown and component.missing == "leave_out"
        points = Decimal(int(str(self.row[f"points_{component.name}"]))).scaleb(-2)
        weight = Decimal(0) if left_out else component.weight / self._present * _WEIGHT_UNIT
        return Measured(
            component=component.name,
            input=component.input,
            label=self.spec.component_label(component),
            dimension=component.dimension,
            unit=self._attribute(component.input).unit,
            value=None if unknown else _plain(self.inputs.get(component.input)),
            points=points,
            weight=weight,
            contribution=points * weight,
            missing=component.missing if unknown else None,
            origin=component.origin,
        )

    @property
    def _present(self) -> int:
        """Weights (in ten-thousandths) that count for this customer: all but those left out."""
        left_out = sum(
            _weight(part)
            for bit, part in enumerate(self.spec.components)
            if part.missing == "leave_out" and self.missing_bits >> bit & 1
        )
        return max(_WEIGHT_UNIT - left_out, 1)

    def _line(self, cutoff: CutOff) -> TierLine:
        tier = self.tiers[cutoff.tier]
        position = self.spec.tiers.index(tier)
        lowest = cutoff.lowest_score
        return TierLine(
            tier=tier.name,
            label=tier.label,
            share=tier.share,
            customers=cutoff.customers,
            last_rank=cutoff.last_rank,
            lowest_score=None if lowest is None else Decimal(lowest).scaleb(-6),
            reached=position >= self.position,
            current=position == self.position,
            origin=tier.origin,
        )

    def _goal(self) -> CutOff | None:
        """Find the next better tier that somebody can reach."""
        for cutoff in reversed(self.cutoffs.tiers[: self.position]):
            if self.spec.assign == "rules" or cutoff.lowest_score is not None:
                return cutoff
        return None

    def _lifts(self, goal: CutOff) -> Iterator[Lift]:
        if self.spec.assign == "rules":
            yield from self._unmet(goal)
            return
        target = (goal.lowest_score or 0) + (1 if self.spec.assign == "shares" else 0)
        present = self._present
        gap = -(-target * present // _WEIGHT_UNIT) - -(-self.units * present // _WEIGHT_UNIT)
        found = []
        for bit, component in enumerate(self.spec.components):
            if _weight(component) == 0 or (component.missing == "leave_out" and self.missing_bits >> bit & 1):
                continue
            points = int(str(self.row[f"points_{component.name}"])) + -(-gap // _weight(component))
            lift = self._lift(component, points) if points <= FULL else None
            if lift:
                found.append((lift.unit != "money", -component.weight, lift))
        yield from (lift for _, _, lift in sorted(found, key=lambda entry: entry[:2]))

    def _lift(self, component: Component, points: int) -> Lift | None:
        attribute = self._attribute(component.input)
        scoring = component.scoring
        if isinstance(scoring, Choices):
            enough = sorted((worth, text) for text, worth in scoring.points.items() if worth * 100 >= points)
            return self._lift_to(attribute, "one_of", enough[0][1]) if enough else None
        if isinstance(scoring, Percentile | Quantiles):
            knots = self.cutoffs.curves.get(component.name, ())
            value = next((knot.value for knot in knots if knot.points >= points), None)
            if value is None:
                return None
            if scoring.lower_is_better:
                better = _beyond(value, attribute.unit, -1)
                return None if better < 0 else self._lift_to(attribute, "below", better)
            return self._lift_to(attribute, "at_least", _beyond(value, attribute.unit, 1))
        if isinstance(scoring, Steps):
            steps = [step.at_least for step in scoring.steps if step.points * 100 >= points]
            return self._lift_to(attribute, "at_least", steps[-1]) if steps else None
        return self._lift_to(attribute, "at_least", _scale_value(scoring, points, attribute.unit))

    def _unmet(self, goal: CutOff) -> Iterator[Lift]:
        """Give the conditions that the customer fails, of the rule for the goal where it fails fewest."""
        rules = [rule for rule in self.spec.rules if rule.tier == goal.tier]
        failing = [[test for test in rule.when if not self._holds(test)] for rule in rules]
        for condition in min(failing, key=len, default=[]):
            attribute = self._attribute(condition.input)
            if condition.one_of:
                yield self._lift_to(attribute, "one_of", condition.one_of[0])
            elif condition.at_least is not None and not self._holds(condition.model_copy(update={"below": None})):
                yield self._lift_to(attribute, "at_least", condition.at_least)
            elif condition.below is not None:
                yield self._lift_to(attribute, "below", condition.below)

    def _lift_to(
        self, attribute: Attribute, kind: Literal["at_least", "below", "one_of"], needed: Decimal | str
    ) -> Lift:
        value = _plain(self.inputs.get(attribute.name))
        difference = None
        if isinstance(needed, Decimal):
            if isinstance(value, Decimal | int | float):
                difference = needed - Decimal(str(value))
            if attribute.unit == "money" and difference is not None:
                difference = Decimal(math.ceil(difference))
                needed = Decimal(str(value)) + difference
        return Lift(attribute.name, attribute.label, attribute.unit, value, kind, needed, difference)

    def _reason(self, rules: Sequence[Rule]) -> Reason | None:
        for rule in rules:
            if self._passes(rule.when):
                return Reason(rule.tier, self.tiers[rule.tier].label, rule.label, None, rule.origin)
        return None

    def _passes(self, conditions: Sequence[Condition]) -> bool:
        return all(self._holds(condition) for condition in conditions)

    def _holds(self, condition: Condition) -> bool:
        value = self.inputs.get(condition.input)
        if value is None:
            return False
        if not condition.numeric:
            listed = value if isinstance(value, list | tuple) else [value, *_tags(str(value))]
            return any(str(entry) in condition.one_of for entry in listed)
        money = self._attribute(condition.input).unit == "money"
        number = threshold(Decimal(str(value)), money=True) if money else float(str(value))
        low = condition.at_least is None or number >= threshold(condition.at_least, money=money)
        return low and (condition.below is None or number < threshold(condition.below, money=money))

    def _attribute(self, name: str) -> Attribute:
        return self.spec.input(name) or Attribute(name=name, label=Label(zh=name, en=name), unit="points")


def _shares(cutoffs: CutOffs, inputs: Mapping[str, object]) -> dict[str, float]:
    amount = inputs.get("amount_12m")
    cents = 0 if amount is None else int(Decimal(str(amount)) * 100)
    totals = {"share": cutoffs.amounts.get("", 0)}
    kind = inputs.get("institution_type")
    if kind is not None:
        totals["channel_share"] = cutoffs.amounts.get(str(kind), 0)
    return {name: cents / total for name, total in totals.items() if total > 0}


def _beyond(value: int | float, unit: Unit, sign: int) -> Decimal:
    """Give the nearest value strictly better than one of the population: a cent, a day, a piece, a thousandth."""
    if unit == "money":
        return (Decimal(int(value)) + sign).scaleb(-2)
    if isinstance(value, int) or float(value).is_integer():
        return Decimal(int(value) + sign)
    thousandths = Decimal(value) * 1000
    whole = math.floor(thousandths) + 1 if sign > 0 else math.ceil(thousandths) - 1
    return Decimal(whole).scaleb(-3)


def _scale_value(scoring: Scale, points: int, unit: Unit) -> Decimal:
    exact = scoring.low + (scoring.high - scoring.low) * points / FULL
    digits = 2 if unit == "money" else 3 if unit == "ratio" else 0
    return min(Decimal(math.ceil(exact.scaleb(digits))).scaleb(-digits), scoring.high)


def _tags(text: str) -> list[str]:
    for mark in ",，、|；":
        text = text.replace(mark, ";")
    return [part.strip() for part in text.split(";")]


def _plain(value: object) -> Value:
    if isinstance(value, list | tuple):
        return "; ".join(str(entry) for entry in value)
    if value is None or isinstance(value, Decimal | int | float | str | date):
        return value
    return str(value)


def _weight(component: Component) -> int:
    return int(component.weight * _WEIGHT_UNIT)
