"""Explanations: every score, tier, alert, plan item, forecast and refusal says why.

One small tree, rendered by one component (`{% explanation e %}` of kit.ui) on screen, in print and in exports.
Texts are already in the reader's language: whoever builds an explanation builds it when it is read.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

Value = Decimal | int | str | date | None


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Input(Part):
    """A fact that went in: what, how much, in which unit, from where, as of when."""

    label: str
    value: Value
    unit: str = ""
    source: str = ""
    as_of: date | None = None
    missing: bool = False
    """True when the fact is unknown and the neutral value was used."""


class Contribution(Part):
    """What one input added: `share` is between -1 and 1 of the whole, for the bar."""

    label: str
    value: Value
    share: float
    note: str = ""


class CutOff(Part):
    """A line that was drawn: the customer is above it or not."""

    label: str
    value: Value
    reached: bool
    current: bool = False


class PolicyReference(Part):
    """Who decided the figures: the policy version and its origin."""

    name: str
    label: str
    version: int | None = None
    valid_from: date | None = None
    origin: str = ""
    url: str = ""


class Explanation(Part):
    """Why a result is what it is."""

    sentence: str
    value: Value = None
    inputs: tuple[Input, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    cutoffs: tuple[CutOff, ...] = ()
    lift: tuple[str, ...] = ()
    """Sentences that say what would change the result."""
    sources: tuple[str, ...] = ()
    policy: PolicyReference | None = None
    as_of: date | None = None
    children: tuple["Explanation", ...] = ()
