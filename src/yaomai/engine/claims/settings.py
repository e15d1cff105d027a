"""The figures that detectors go by."""

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Where each detector begins to speak; amounts in yuan.

    split_limit:      lines below it that exceed it together, within `split_days` of one another, may be one that was split.
    round_to:         an amount that this divides is round.
    least_lines:      a person's habits are looked at from so many lines.
    deviation:        standard deviations above what is usual in the company.
    most_kilometres:  farther apart on one day is impossible; `most_cities` where coordinates are unknown.
    pair_share:       share of a person's spending that goes to one recipient, of at least `pair_recipients`.
    value_times:      times the spending that the value of an institution would explain, from `value_least` yuan.
    night_from, night_to: hours in which nobody should enter expenses.
    ring_links:       coincidences that join two people.
    """

    model_config = ConfigDict(frozen=True)

    split_limit: float = Field(default=1000, gt=0)
    split_days: int = Field(default=3, ge=0, le=60)
    round_to: int = Field(default=100, ge=1)
    least_lines: int = Field(default=20, ge=2)
    deviation: float = Field(default=4, ge=1)
    most_kilometres: float = Field(default=300, gt=0)
    most_cities: int = Field(default=3, ge=2)
    pair_share: float = Field(default=0.3, gt=0, le=1)
    pair_recipients: int = Field(default=5, ge=2)
    value_times: float = Field(default=5, gt=1)
    value_least: float = Field(default=2000, ge=0)
    night_from: int = Field(default=22, ge=0, le=23)
    night_to: int = Field(default=6, ge=0, le=23)
    ring_links: int = Field(default=3, ge=2)
