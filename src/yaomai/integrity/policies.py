"""Figures of this room."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.engine.claims.settings import Settings
from yaomai.integrity.words import DETECTORS
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

_K9 = "S4 K9；数值 assumed"


class Weight(Document):
    """How much the word of a detector counts."""

    detector: str = figure(label=_("Detector"), origin=_K9, choices=lambda _document: DETECTORS)
    weight: Decimal = figure(
        Decimal(1), label=_("Weight"), origin="assumed，由处理结果学习", unit="ratio", ge=0, le=1, decimal_places=2
    )


def _weights() -> tuple[Weight, ...]:
    return tuple(Weight(detector=code, weight=Decimal(1)) for code in DETECTORS)


class WatchPolicy(Policy):
    """Where the detectors begin to speak, and how much each counts."""

    name: ClassVar[str] = "integrity.watch"
    label: ClassVar[Promise | str] = _("Watch")
    help: ClassVar[Promise | str] = _("A finding becomes a case when strength times weight reaches the least score.")

    months: int = figure(13, label=_("Looks back"), origin="assumed", unit="months", ge=1, le=60)
    least_score: Decimal = figure(
        Decimal("0.4"), label=_("Least score of a case"), origin="assumed", unit="ratio", ge=0, le=1
    )
    split_limit: Decimal = figure(
        Decimal(1000), label=_("Parts below this that exceed it together"), origin=_K9, unit="CNY", ge=1, le=10_000_000
    )
    split_days: int = figure(3, label=_("Parts lie apart at most"), origin=_K9, unit="days", ge=0, le=60)
    round_to: int = figure(
        100, label=_("An amount is round when this divides it"), origin=_K9, unit="CNY", ge=1, le=100_000
    )
    least_lines: int = figure(20, label=_("Habits are judged from"), origin=_K9, unit="count", ge=2, le=10_000,
                              help=_("Lines of a person."))  # fmt: skip
    deviation: Decimal = figure(
        Decimal(4), label=_("Standard deviations beyond what is usual"), origin=_K9, ge=1, le=20
    )
    most_cities: int = figure(3, label=_("Cities on one day that are too many"), origin=_K9, unit="count", ge=2, le=20)
    pair_share: Decimal = figure(
        Decimal("0.3"), label=_("Share of somebody's spending on one recipient"), origin=_K9, unit="ratio", ge=0, le=1
    )
    value_times: Decimal = figure(
        Decimal(5), label=_("Times the spending that purchases explain"), origin=_K9, ge=Decimal("1.1"), le=1000
    )
    value_least: Decimal = figure(
        Decimal(2000),
        label=_("Spending on an institution is compared from"),
        origin=_K9,
        unit="CNY",
        ge=0,
        le=10_000_000,
    )
    night_from: int = figure(22, label=_("Night begins at"), origin=_K9, unit="hours", ge=0, le=23)
    night_to: int = figure(6, label=_("Night ends at"), origin=_K9, unit="hours", ge=0, le=23)
    ring_links: int = figure(
        3, label=_("Invoices in a row that join two people"), origin=_K9, unit="count", ge=2, le=1000
    )
    weights: tuple[Weight, ...] = figure(
        default_factory=_weights, label=_("Weights of the detectors"), origin="assumed，由处理结果学习"
    )

    @property
    def settings(self) -> Settings:
        """The figures as the engine takes them."""
        shared = {name: getattr(self, name) for name in Settings.model_fields if hasattr(self, name)}
        return Settings.model_validate(
            {name: value if isinstance(value, int) else float(value) for name, value in shared.items()}
        )

    @property
    def weight_of(self) -> dict[str, float]:
        """The weight of every detector; one without a row counts in full."""
        return dict.fromkeys(DETECTORS, 1.0) | {each.detector: float(each.weight) for each in self.weights}


class SpeakUpPolicy(Policy):
    """The anonymous channel."""

    name: ClassVar[str] = "integrity.speak_up"
    label: ClassVar[Promise | str] = _("Anonymous reports")

    retention_days: int = figure(
        90, label=_("A closed report is deleted after"), origin="S4 K11；quality S10", unit="days", ge=30, le=3650
    )
    accept_days: int = figure(7, label=_("A report is taken on within"), origin="assumed", unit="days", ge=1, le=60)
    letters_a_day: int = figure(
        200, label=_("Most letters in a day"), origin="assumed", unit="count", ge=1, le=100_000,
        help=_("Against floods: there is nobody to block."),
    )  # fmt: skip
    most_files: int = figure(3, label=_("Files with one letter"), origin="assumed", unit="count", ge=0, le=10)


class DossierPolicy(Policy):
    """Inspection dossiers."""

    name: ClassVar[str] = "integrity.dossiers"
    label: ClassVar[Promise | str] = _("Inspection dossiers")

    keep_days: int = figure(
        180, label=_("The file of a dossier is deleted after"), origin="assumed", unit="days", ge=1, le=3650,
        help=_("It holds personal data. What was asked for and its digest stay; the file can be made again."),
    )  # fmt: skip
