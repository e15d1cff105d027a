"""Figures of this room: what an office, a publication, a study and guideline work count for academic influence (A4)."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from yaomai.kit.policies import Policy, figure

Points = Annotated[int, Field(ge=0, le=100)]
Factor = Annotated[Decimal, Field(ge=0, le=1)]
Strength = Annotated[Decimal, Field(ge=0, le=100)]
_ORIGIN = "S0 学术影响力：学术任职、临床研究（SCI发文）、指南参与；分值 assumed"


class AcademicPolicy(Policy):
    """What each item of the academic record counts; of each kind the points are added up, to 100 at most."""

    name: ClassVar[str] = "influence.academic"
    label: ClassVar[Promise | str] = _("Academic influence")
    help: ClassVar[Promise | str] = _("Points of offices, publications, studies and guideline work, 100 at most each.")

    level_points: dict[str, Points] = figure(
        default_factory=lambda: {"international": 100, "national": 80, "provincial": 50, "city": 25},
        label=_("Points of a chair, by level of the society"), origin=_ORIGIN,
    )  # fmt: skip
    office_factor: dict[str, Factor] = figure(
        default_factory=lambda: {
            "chair": Decimal(1), "vice_chair": Decimal("0.8"), "secretary": Decimal("0.6"), "standing": Decimal("0.6"),
            "member": Decimal("0.3"),
        },
        label=_("Factor of the office"), origin=_ORIGIN,
    )  # fmt: skip
    author_points: dict[str, Points] = figure(
        default_factory=lambda: {"first": 10, "corresponding": 10, "other": 2},
        label=_("Points of a publication, by the part as author"), origin=_ORIGIN,
    )  # fmt: skip
    indexing_factor: dict[str, Factor] = figure(
        default_factory=lambda: {"sci": Decimal(1), "core": Decimal("0.6"), "other": Decimal("0.3")},
        label=_("Factor of the journal"), origin=_ORIGIN,
    )  # fmt: skip
    citation_points: Decimal = figure(
        Decimal("0.1"), label=_("Points of a citation"), origin="assumed", ge=0, le=10,
        help=_("Multiplied by the factor of the journal; only for first and corresponding authors."),
    )  # fmt: skip
    most_citations: int = figure(
        100, label=_("Citations of one publication that count at most"), origin="assumed", ge=0, le=100_000
    )
    publication_years: int = figure(10, label=_("Publications count for"), origin="assumed", unit="years", ge=1, le=100)
    study_points: dict[str, Points] = figure(
        default_factory=lambda: {"lead": 50, "principal": 25, "sub": 8},
        label=_("Points of a study, by role"), origin=_ORIGIN,
    )  # fmt: skip
    phase_factor: dict[str, Factor] = figure(
        default_factory=lambda: {
            "1": Decimal("0.8"), "2": Decimal("0.9"), "3": Decimal(1), "4": Decimal("0.7"), "observational": Decimal("0.6"),
        },
        label=_("Factor of the phase"), origin="assumed",
    )  # fmt: skip
    guideline_points: dict[str, Points] = figure(
        default_factory=lambda: {"lead": 80, "author": 40, "reviewer": 15},
        label=_("Points of guideline work, by part"), origin=_ORIGIN,
    )  # fmt: skip
    unproven_factor: Decimal = figure(
        Decimal("0.5"), label=_("Factor of an item without an evidence link"), origin="assumed", ge=0, le=1
    )


def unsound(policy: AcademicPolicy) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field: an office, part or phase that has no figure, or does not exist."""
    known = {name: set(table) for name, table in AcademicPolicy().model_dump().items() if isinstance(table, dict)}
    told = policy.model_dump()
    found: dict[str, list[Any]] = {}
    for name, codes in known.items():
        for code in sorted(set(told[name]) - codes):
            found[f"{name}.{code}"] = [_("There is no such entry. Remove it.")]
        if missing := sorted(codes - set(told[name])):
            found[name] = [_("Needed here: %(names)s.") % {"names": ", ".join(missing)}]
    return found


class NetworkPolicy(Policy):
    """Which ties count in the network, and how strong each kind is."""

    name: ClassVar[str] = "influence.network"
    label: ClassVar[Promise | str] = _("Network of influence")
    help: ClassVar[Promise | str] = _("Strength of each kind of tie, and from where on a list of people says nothing.")

    strength: dict[str, Strength] = figure(
        default_factory=lambda: {
            "teacher": Decimal(3), "committee": Decimal(2), "colleague": Decimal(2), "coauthor": Decimal(1),
            "society": Decimal(1),
        },
        label=_("Strength of one tie, by kind"), origin="assumed",
        help=_("Multiplied by how often: works written together, societies shared."),
    )  # fmt: skip
    most_times: int = figure(5, label=_("Times that count at most"), origin="assumed", ge=1, le=1000)
    most_authors: int = figure(
        25, label=_("Authors of a publication up to which they are tied"), origin="assumed", ge=2, le=1000,
        help=_("A publication with more authors does not say that they know one another."),
    )  # fmt: skip
    most_members: int = figure(
        60, label=_("Members of a society up to which all are tied"), origin="assumed", ge=2, le=5000,
        help=_("Of a larger one only those with an office above member are."),
    )  # fmt: skip
