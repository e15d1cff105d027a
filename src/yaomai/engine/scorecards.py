"""Tier schemes as data: what is measured, how it is scored and weighed, and how scores become tiers.

A scheme is a `SchemeSpec`: weighted components, each scoring one input from 0 to 100 points, that are added up or
multiplied; tiers, best first, by shares of the ranked customers, by score thresholds or by rules; and beside them type hints, overrides and boosts. Specs
are read from YAML (`yaomai.engine.schemes`) and checked by `yaomai.engine.consistency`.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from yaomai.engine.inputs import METRICS, Attribute, Label, Labelled

Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Weight = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class SpecPart(BaseModel):
    """A piece of a scheme: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Percentile(SpecPart):
    """Points are the share of customers with a worse value: the best gets 100, equals get the same."""

    method: Literal["percentile"]
    lower_is_better: bool = False


class Quantiles(SpecPart):
    """Customers fall into `bins` classes of equal size, worst 1 to best `bins`; equals fall into the same class."""

    method: Literal["quantiles"]
    bins: int = Field(default=5, ge=2, le=9)
    lower_is_better: bool = False


class Step(SpecPart):
    """From this value on, these points."""

    at_least: Decimal
    points: Points


class Steps(SpecPart):
    """Points by thresholds, best first; below the last threshold 0."""

    method: Literal["steps"]
    steps: tuple[Step, ...] = Field(min_length=1)


class Scale(SpecPart):
    """Points rise evenly from 0 at `low` to 100 at `high`."""

    method: Literal["scale"]
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(100)


class Choices(SpecPart):
    """Points by the value of a text; `other` for any other text."""

    method: Literal["choices"]
    points: dict[str, Points] = Field(min_length=1)
    other: Points = Decimal(0)


Scoring = Annotated[Percentile | Quantiles | Steps | Scale | Choices, Field(discriminator="method")]


class Component(SpecPart):
    """One scored input and its weight: its part of a sum; in a product, how much of the factor counts, from 0 to 1.

    `missing` says what an unknown value gets: "neutral" 50 points, "zero" 0 points; "leave_out" shares its weight among
    the customer's other components. Whichever it is, the explanation says that the value is missing.
    """

    name: Name
    input: str
    weight: Weight
    scoring: Scoring
    label: Label | None = None
    dimension: Label | None = None
    missing: Literal["neutral", "zero", "leave_out"] = "neutral"
    horizon: Literal["short", "long"] | None = None
    origin: str = ""


class Condition(SpecPart):
    """One test of one input; all of its parts that are given must hold. An unknown value never passes."""

    input: str
    at_least: Decimal | None = None
    below: Decimal | None = None
    one_of: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Say whether the test compares numbers."""
        return self.at_least is not None or self.below is not None


class Rule(SpecPart):
    """A tier for customers that pass all conditions; several rules may name one tier."""

    tier: Name
    when: tuple[Condition, ...] = Field(min_length=1)
    label: Label | None = None
    origin: str = ""


class Boost(SpecPart):
    """Points added to the score (100 at most) of customers that pass all conditions."""

    points: Points
    when: tuple[Condition, ...] = Field(min_length=1)
    label: Label | None = None
    origin: str = ""


class Tier(Labelled):
    """A class of customers: its share of the ranked list, or its lowest score, as the scheme assigns."""

    name: Name
    share: Decimal | None = Field(default=None, ge=0, le=1, decimal_places=6)
    at_least: Points | None = None
    origin: str = ""


class SchemeSpec(Labelled):
    """A tier scheme; see the module and docs/engine.md."""

    name: Name
    origin: str = ""
    subject: Literal["institution", "professional", "any"] = "any"
    note: Label = Label(zh="", en="")
    attributes: tuple[Attribute, ...] = ()
    components: tuple[Component, ...] = Field(min_length=1, max_length=30)
    combine: Literal["add", "multiply"] = "add"
    assign: Literal["shares", "score", "rules"] = "shares"
    tiers: tuple[Tier, ...] = Field(min_length=2, max_length=20)
    rules: tuple[Rule, ...] = ()
    hints: tuple[Rule, ...] = ()
    overrides: tuple[Rule, ...] = ()
    boosts: tuple[Boost, ...] = ()

    def input(self, name: str) -> Attribute | None:
        """Find a metric or declared attribute by name."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        return METRICS.get(name)

    def input_names(self) -> tuple[str, ...]:
        """Give every input that the scheme reads, in order of appearance."""
        rules: tuple[Rule | Boost, ...] = (*self.rules, *self.hints, *self.overrides, *self.boosts)
        names = [component.input for component in self.components]
        names += [condition.input for rule in rules for condition in rule.when]
        return tuple(dict.fromkeys(names))

    def component_label(self, component: Component) -> Label:
        """Give the label of a component: its own, else its input's."""
        if component.label is not None:
            return component.label
        attribute = self.input(component.input)
        return attribute.label if attribute else Label(zh=component.name, en=component.name)
