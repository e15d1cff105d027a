"""The figures of matching."""

from pydantic import BaseModel, ConfigDict, Field


class MatchPolicy(BaseModel):
    """When a match is certain, when a person decides, and how much each doubt weighs.

    Origin: measured with benchmarks/matching.py on public lists of Chinese hospitals with seeded damage; the
    weights are the largest automatic share at which no kind of damage falls under 99.5 % right.
    """

    model_config = ConfigDict(frozen=True)

    origin: str = "measured"
    accept_score: float = Field(default=0.82, ge=0, le=1, description="least score that is accepted without a person")
    review_score: float = Field(default=0.4, ge=0, le=1, description="least score that is worth showing to a person")
    margin: float = Field(default=0.04, ge=0, le=1, description="least distance to the next institution")
    residue_without_place: int = Field(
        default=3, ge=1, description="distinctive characters needed when the dirty name says no place"
    )
    residue_with_error: int = Field(
        default=4, ge=1, description="distinctive characters needed when they are not all the same"
    )
    containment_score: float = Field(
        default=0.93,
        ge=0,
        le=1,
        description="text score of a name that is the distinctive ending of a longer one",
    )
    residue_weight: float = Field(
        default=0.5, ge=0, le=1, description="weight of the distinctive characters against the whole name"
    )
    place_unknown: float = Field(default=0.03, ge=0, le=1, description="deduction when one side says no place")
    place_coarser: float = Field(default=0.01, ge=0, le=1, description="deduction when one side says a larger place")
    kind_unsaid: float = Field(default=0.02, ge=0, le=1, description="deduction for 一院 or 医院 against 人民医院")
    level_differs: float = Field(default=0.04, ge=0, le=1, description="deduction for 市 against 县 of one place")
    place_conflict: float = Field(default=0.25, ge=0, le=1, description="deduction for another place")
    ordinal_conflict: float = Field(default=0.3, ge=0, le=1, description="deduction for another ordinal")
    ordinal_unread: float = Field(default=0.1, ge=0, le=1, description="deduction for an ordinal that cannot be read")
    affiliation_conflict: float = Field(
        default=0.15, ge=0, le=1, description="deduction for 附属, 分院 or 院区 on one side"
    )
    kind_conflict: float = Field(default=0.2, ge=0, le=1, description="deduction for another kind of institution")
    region_weight: float = Field(
        default=0.05, ge=0, le=1, description="how far a candidate in the file's own region goes ahead"
    )
    candidates: int = Field(default=12, ge=3, description="institutions compared in full per name")
    shown: int = Field(default=3, ge=1, description="candidates returned per name")
    postings: int = Field(default=300, ge=50, description="index entries read per name, the rarest first")
    duplicate_score: float = Field(default=0.9, ge=0, le=1, description="least score of a proposed duplicate")
    person_score: float = Field(default=0.75, ge=0, le=1, description="least score of a proposed duplicate person")
