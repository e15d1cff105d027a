"""What would lift a customer by one tier: single changes of inputs that are enough, if nothing else changes.

A lift is promised only when it holds: the score is computed again with it, boosts included, against the last customer
of the next tier. An unknown value that becomes known moves others too, where points depend on the population: those who
are better than it rise, and the bound of their rise is added to what must be reached. A first purchase makes many
values known at once, so nothing is promised for it.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import numpy as np

from yaomai.engine.inputs import METRICS, Attribute, Label, Unit
from yaomai.engine.population import CENTS, Values, with_zero_sums
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
from yaomai.engine.scoring import (
    FULL,
    SCORE_UNIT,
    WEIGHT_UNIT,
    CutOff,
    CutOffs,
    multiplied,
    scale_points,
    threshold,
    weight_units,
)

Value = Decimal | int | float | str | date | None


@dataclass(frozen=True, slots=True)
class Lift:
    """A change of one input that is enough for the next tier, if nobody else changes.

    `needed` is the value to reach (money in yuan); `difference` is what it takes from `value` (None when that is
    unknown or a text). `kind` says how it compares: "at_least", "at_most" or "one_of".
    """

    input: str
    label: Label
    unit: Unit
    value: Value
    kind: Literal["at_least", "at_most", "one_of"]
    needed: Value
    difference: Decimal | None


class Customer:
    """One customer of a result: its inputs as plain values, and what the scheme's conditions say of them."""

    def __init__(
        self, spec: SchemeSpec, cutoffs: CutOffs, row: Mapping[str, object], inputs: Mapping[str, object]
    ) -> None:
        self.spec = spec
        self.cutoffs = cutoffs
        self.row = row
        self.has_lines = inputs.get("monetary", 0) is not None
        self.inputs = {**with_zero_sums(inputs), **_shares(cutoffs, inputs)}
        self.position = [tier.name for tier in spec.tiers].index(str(row["tier"]))
        self.units = round(float(str(row["score"])) * SCORE_UNIT)

    def unknown(self, component: Component) -> bool:
        """Say whether the input of a component is missing."""
        return bool(int(str(self.row["missing"])) >> self.spec.components.index(component) & 1)

    def left_out(self, component: Component) -> bool:
        """Say whether a component does not count because its input is missing."""
        return component.missing == "leave_out" and self.unknown(component)

    def points(self, component: Component) -> int:
        """Give the points of a component, in hundredths."""
        return int(str(self.row[f"points_{component.name}"]))

    @property
    def present(self) -> int:
        """Weights (in ten-thousandths) that count for this customer: all but those left out."""
        left_out = sum(weight_units(part) for part in self.spec.components if self.left_out(part))
        return max(WEIGHT_UNIT - left_out, 1)

    @property
    def earned(self) -> int:
        """Sum of weighted points before boosts, over the weights that are present."""
        parts = self.spec.components
        return sum(weight_units(part) * self.points(part) for part in parts if not self.left_out(part))

    def product(self, changed: Component, points: int) -> int:
        """Give the product before boosts (in units of the score) with other points of one component."""
        score = FULL * WEIGHT_UNIT
        for part in self.spec.components:
            score = multiplied(score, weight_units(part), points if part is changed else self.points(part))
        return score

    @property
    def boosted(self) -> int:
        """What boosts add to the score, in its units."""
        return sum(int(boost.points * 100) * WEIGHT_UNIT for boost in self.spec.boosts if self.passes(boost.when))

    def attribute(self, name: str) -> Attribute:
        """Describe an input; one that nobody declared counts as points."""
        return self.spec.input(name) or Attribute(name=name, label=Label(zh=name, en=name), unit="points")

    def first_match(self, rules: Sequence[Rule]) -> Rule | None:
        """Give the first rule whose conditions all hold."""
        return next((rule for rule in rules if self.passes(rule.when)), None)

    def passes(self, conditions: Sequence[Condition]) -> bool:
        """Say whether all conditions hold."""
        return all(self.holds(condition) for condition in conditions)

    def holds(self, condition: Condition) -> bool:
        """Say whether a condition holds; an unknown value never passes."""
        value = self.inputs.get(condition.input)
        if value is None:
            return False
        if not condition.numeric:
            listed = value if isinstance(value, list | tuple) else [value, *_tags(str(value))]
            return any(str(entry) in condition.one_of for entry in listed)
        money = self.attribute(condition.input).unit == "money"
        number = threshold(Decimal(str(value)), money=True) if money else float(str(value))
        low = condition.at_least is None or number >= threshold(condition.at_least, money=money)
        return low and (condition.below is None or number < threshold(condition.below, money=money))

    def after(self, lifts: Sequence[Lift]) -> "Customer":
        """Give the same customer with the inputs that lifts ask for."""
        return Customer(self.spec, self.cutoffs, self.row, self.inputs | {lift.input: lift.needed for lift in lifts})


def next_tier(customer: Customer) -> CutOff | None:
    """Find the next better tier that somebody can reach."""
    for cutoff in reversed(customer.cutoffs.tiers[: customer.position]):
        if customer.spec.assign == "rules" or cutoff.lowest_score is not None:
            return cutoff
    return None


def lifts(customer: Customer, goal: CutOff) -> Iterator[Lift]:
    """Give the changes that lift a customer to `goal`: each enough alone, with rules all of them together."""
    if customer.spec.assign == "rules":
        yield from _unmet(customer, goal)
        return
    found = []
    for component in customer.spec.components:
        first_purchase = component.input in METRICS and not customer.has_lines
        if weight_units(component) == 0 or customer.left_out(component) or first_purchase:
            continue
        points = _points_needed(customer, component, goal)
        lift = _lift(customer, component, points) if points <= FULL else None
        if lift and customer.after([lift]).boosted >= customer.boosted:
            found.append((lift.unit != "money", -component.weight, lift))
    yield from (lift for _, _, lift in sorted(found, key=lambda entry: entry[:2]))


def _points_needed(customer: Customer, component: Component, goal: CutOff) -> int:
    """Give the points of a component from which the score passes the goal's line; above `FULL` when none do."""
    target = goal.lowest_score or 0
    if customer.spec.assign == "shares":
        target += 1 + _rise_of_others(customer, component)
    if target > FULL * WEIGHT_UNIT:
        return FULL + 1
    if customer.spec.combine == "multiply":
        needed = target - customer.boosted
        return bisect_left(range(FULL + 1), needed, key=lambda points: customer.product(component, points))
    earned = -(-(target - customer.boosted) * customer.present // WEIGHT_UNIT)
    return customer.points(component) + -(-(earned - customer.earned) // weight_units(component))


def _rise_of_others(customer: Customer, component: Component) -> int:
    """Bound by how much others' scores rise when a value, unknown so far, takes its place among theirs.

    With c known values, one better than w of them has w / (c − 1) of the points, and (w + 1) / c afterwards: at most
    1 / c more; by classes, at most one class more.
    """
    scoring, known = component.scoring, customer.cutoffs.known.get(component.name, 0)
    if not isinstance(scoring, Percentile | Quantiles) or not customer.unknown(component) or known <= 1:
        return 0
    points = FULL // (known if isinstance(scoring, Percentile) else scoring.bins - 1) + 1
    weight = weight_units(component)
    others = (part for part in customer.spec.components if part.missing == "leave_out" and part is not component)
    present = max(WEIGHT_UNIT - sum(weight_units(part) for part in others), weight)
    return weight * points * WEIGHT_UNIT // present + len(customer.spec.components)


def _lift(customer: Customer, component: Component, points: int) -> Lift | None:
    attribute = customer.attribute(component.input)
    scoring = component.scoring
    if isinstance(scoring, Choices):
        enough = sorted((worth, text) for text, worth in scoring.points.items() if worth * 100 >= points)
        return _lift_to(customer, attribute, "one_of", enough[0][1]) if enough else None
    if isinstance(scoring, Percentile | Quantiles):
        knots = customer.cutoffs.curves.get(component.name, ())
        value = next((knot.value for knot in knots if knot.points >= points), None)
        if value is None:
            return None
        if scoring.lower_is_better:
            better = _beyond(value, attribute.unit, -1)
            return None if better < 0 else _lift_to(customer, attribute, "at_most", better)
        return _lift_to(customer, attribute, "at_least", _beyond(value, attribute.unit, 1))
    if isinstance(scoring, Steps):
        steps = [step.at_least for step in scoring.steps if step.points * 100 >= points]
        return _lift_to(customer, attribute, "at_least", steps[-1]) if steps else None
    return _lift_to(customer, attribute, "at_least", _scale_value(scoring, points, attribute.unit))


def _unmet(customer: Customer, goal: CutOff) -> Sequence[Lift]:
    """Give what the customer fails of a rule for the goal: of the rule that asks least and then really decides."""
    rules = [rule for rule in customer.spec.rules if rule.tier == goal.tier]
    failing = [[_mend(customer, test) for test in rule.when if not customer.holds(test)] for rule in rules]
    order = [tier.name for tier in customer.spec.tiers]
    for changes in sorted(failing, key=len):
        matched = customer.after(changes).first_match(customer.spec.rules)
        if matched is not None and order.index(matched.tier) < customer.position:
            return changes
    return ()


def _mend(customer: Customer, condition: Condition) -> Lift:
    """Give the change that meets a condition which fails."""
    attribute = customer.attribute(condition.input)
    if condition.one_of:
        return _lift_to(customer, attribute, "one_of", condition.one_of[0])
    if condition.at_least is not None and not customer.holds(condition.model_copy(update={"below": None})):
        return _lift_to(customer, attribute, "at_least", condition.at_least)
    assert condition.below is not None
    below = threshold(condition.below, money=attribute.unit == "money")
    return _lift_to(customer, attribute, "at_most", _beyond(below, attribute.unit, -1))


def _lift_to(
    customer: Customer, attribute: Attribute, kind: Literal["at_least", "at_most", "one_of"], needed: Decimal | str
) -> Lift:
    value = plain(customer.inputs.get(attribute.name))
    difference = None
    if isinstance(needed, Decimal):
        if isinstance(value, Decimal | int | float):
            difference = needed - Decimal(str(value))
        if attribute.unit == "money" and difference is not None:
            difference = Decimal((math.ceil if kind == "at_least" else math.floor)(difference))
            needed = Decimal(str(value)) + difference
    return Lift(attribute.name, attribute.label, attribute.unit, value, kind, needed, difference)


def plain(value: object) -> Value:
    """Give an input as one plain value; several texts in one."""
    if isinstance(value, list | tuple):
        return "; ".join(str(entry) for entry in value)
    if value is None or isinstance(value, Decimal | int | float | str | date):
        return value
    return str(value)


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
    if unit != "ratio" and (isinstance(value, int) or float(value).is_integer()):
        return Decimal(int(value) + sign)
    thousandths = math.floor(Decimal(value) * 1000) if sign > 0 else math.ceil(Decimal(value) * 1000)
    better = Decimal(thousandths + sign).scaleb(-3)
    # A float just short of a thousandth is that thousandth when it is written and read again.
    return better if float(better) != float(value) else better + Decimal(sign).scaleb(-3)


def _scale_value(scoring: Scale, points: int, unit: Unit) -> Decimal:
    """Give the lowest round value that earns the points, as the scoring itself counts them."""
    digits = 2 if unit == "money" else 3 if unit == "ratio" else 0
    exact = scoring.low + (scoring.high - scoring.low) * points / FULL
    value = Decimal(math.ceil(exact.scaleb(digits))).scaleb(-digits)
    while value < scoring.high and _points_on_scale(scoring, value, unit) < points:
        value += Decimal(1).scaleb(-digits)
    return min(value, scoring.high)


def _points_on_scale(scoring: Scale, value: Decimal, unit: Unit) -> int:
    money = unit == "money"
    number = int(value * CENTS) if money else float(value)
    return int(scale_points(Values(np.array([number]), np.ones(1, bool)), scoring, money)[0])


def _tags(text: str) -> list[str]:
    for mark in ",，、|；":
        text = text.replace(mark, ";")
    return [part.strip() for part in text.split(";")]
