"""Why a customer has its tier, and what would lift it by one: for one row of a result, its inputs and the cut-offs.

The tree is neutral to language; `yaomai.engine.wording` says it in Chinese or English.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from yaomai.engine.inputs import Label, Unit
from yaomai.engine.lifts import Customer, Lift, Value, lifts, next_tier, plain
from yaomai.engine.scorecards import Boost, Component, Rule, SchemeSpec
from yaomai.engine.scoring import WEIGHT_UNIT, CutOff, CutOffs


@dataclass(frozen=True, slots=True)
class Measured:
    """One component: the value, its points (0 to 100), its weight, and what it adds to the score.

    In a product, `contribution` is what the factor leaves of 100 points.
    """

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
class Reason:
    """A rule that applied: a type hint, an override or a boost."""

    tier: str | None
    tier_label: Label | None
    label: Label | None
    points: Decimal | None
    origin: str
    inputs: frozenset[str]
    """What its conditions read."""


@dataclass(frozen=True, slots=True)
class TierExplanation:
    """The whole answer; `next_tier` and `lifts` are empty for the best tier.

    `lifts` are alternatives, each enough alone, except with rules (`assign` is "rules"): there all of them together.
    """

    scheme: str
    scheme_label: Label
    origin: str
    assign: Literal["shares", "score", "rules"]
    combine: Literal["add", "multiply"]
    customer: object
    tier: str
    tier_label: Label
    score: Decimal
    rank: int | None
    """None when too little is known of the customer: then it is not ranked."""
    population: int
    """How many customers are ranked."""
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
    return _Explainer(Customer(spec, cutoffs, row, inputs)).explanation()


class _Explainer:
    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.spec = customer.spec
        self.cutoffs = customer.cutoffs
        self.tiers = {tier.name: tier for tier in self.spec.tiers}

    def explanation(self) -> TierExplanation:
        spec, customer = self.spec, self.customer
        tier = spec.tiers[customer.position]
        goal = next_tier(customer)
        return TierExplanation(
            scheme=spec.name,
            scheme_label=spec.label,
            origin=spec.origin,
            assign=spec.assign,
            combine=spec.combine,
            customer=customer.row["customer"],
            tier=tier.name,
            tier_label=tier.label,
            score=Decimal(customer.units).scaleb(-6),
            rank=int(str(customer.row["rank"])) if customer.row["ranked"] else None,
            population=self.cutoffs.ranked,
            as_of=self.cutoffs.as_of,
            measured=tuple(self._measured(part) for part in spec.components),
            lines=tuple(self._line(cutoff) for cutoff in self.cutoffs.tiers),
            next_tier=self.tiers[goal.tier].label if goal else None,
            lifts=tuple(lifts(customer, goal)) if goal else (),
            rule=self._reason(spec.rules),
            hint=self._reason(spec.hints),
            override=self._reason(spec.overrides) if customer.row["overridden"] else None,
            boosts=tuple(
                Reason(None, None, boost.label, boost.points, boost.origin, _inputs(boost))
                for boost in spec.boosts
                if customer.passes(boost.when)
            ),
        )

    def _measured(self, component: Component) -> Measured:
        customer = self.customer
        unknown = customer.unknown(component)
        points = Decimal(customer.points(component)).scaleb(-2)
        left_out = customer.left_out(component)
        weight = Decimal(0) if left_out else component.weight / customer.present * WEIGHT_UNIT
        contribution = points * weight
        if self.spec.combine == "multiply":
            weight = component.weight
            contribution = 100 - weight * (100 - points)
        return Measured(
            component=component.name,
            input=component.input,
            label=self.spec.component_label(component),
            dimension=component.dimension,
            unit=customer.attribute(component.input).unit,
            value=None if unknown else plain(customer.inputs.get(component.input)),
            points=points,
            weight=weight,
            contribution=contribution,
            missing=component.missing if unknown else None,
            origin=component.origin,
        )

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
            reached=position >= self.customer.position,
            current=position == self.customer.position,
            origin=tier.origin,
        )

    def _reason(self, rules: Sequence[Rule]) -> Reason | None:
        rule = self.customer.first_match(rules)
        if rule is None:
            return None
        return Reason(rule.tier, self.tiers[rule.tier].label, rule.label, None, rule.origin, _inputs(rule))


def _inputs(rule: Rule | Boost) -> frozenset[str]:
    return frozenset(condition.input for condition in rule.when)
