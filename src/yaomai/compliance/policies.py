"""Figures of this room: which packs hold, and what may be given to whom."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.compliance.values import ITEMS
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

TITLES: dict[str, Promise] = {
    "chief_physician": _("Chief physician"),
    "associate_physician": _("Associate chief physician"),
    "attending": _("Attending physician"),
    "resident": _("Resident physician"),
    "other": _("Other"),
}


class PackPolicy(Policy):
    """Which packs of rules hold beside the law."""

    name: ClassVar[str] = "compliance.packs"
    label: ClassVar[Promise | str] = _("Packs of rules")
    help: ClassVar[Promise | str] = _(
        "The law always holds. A pack that is switched on holds from the day of its version."
    )

    documents: bool = figure(
        True, label=_("Documents"), origin="X5：文件规则包（默认）",
        help=_("The company's documents: gifts up to 100 yuan from the list."),
    )  # fmt: skip
    strict: bool = figure(
        False, label=_("Strict"), origin="X5；RDPAC 行业行为准则", help=_("RDPAC: no gifts to professionals at all.")
    )
    draft_2024: bool = figure(
        False, label=_("Draft 2024"), origin="《医药代表管理办法（征求意见稿）》2024-11",
        help=_("The measures on representatives that seven agencies put out for comment in November 2024."),
    )  # fmt: skip

    @property
    def active(self) -> frozenset[str]:
        """The codes of the packs that hold, the law among them."""
        return frozenset({"law", *(name for name in type(self).model_fields if getattr(self, name))})


class RecordingPolicy(Policy):
    """How soon an act must be entered."""

    name: ClassVar[str] = "compliance.recording"
    label: ClassVar[Promise | str] = _("Recording in time")

    latest_days: int = figure(
        7, label=_("An act is entered within"), origin="assumed", unit="days", ge=0, le=90,
        help=_("What is entered later needs an approval."),
    )  # fmt: skip


class ConsentPolicy(Policy):
    """Consents of institutions."""

    name: ClassVar[str] = "compliance.consents"
    label: ClassVar[Promise | str] = _("Consents of institutions")

    remind_days: int = figure(30, label=_("Remind before a consent ends"), origin="assumed", unit="days", ge=1, le=365)


class GiftPolicy(Policy):
    """Small gifts, as the documents allow them."""

    name: ClassVar[str] = "compliance.gifts"
    label: ClassVar[Promise | str] = _("Gifts")

    per_item: Decimal = figure(
        Decimal(100), label=_("Highest value of one gift"), origin="S1 K1：≤100元/份", unit="CNY", ge=0, le=100_000
    )
    items: tuple[str, ...] = figure(
        ("academic_book", "notebook", "pen", "medical_tool", "print"), label=_("Items that may be given"),
        origin="S1 K2：学术书籍、笔记本…；其余 assumed", choices=lambda _document: ITEMS,
    )  # fmt: skip
    utility_item: Decimal = figure(
        Decimal(500), label=_("Highest value of an item of medical utility"), origin="RDPAC RD5（L，待核实）",
        unit="CNY", ge=0, le=100_000,
    )  # fmt: skip


class CityMeal(Document):
    """The local level of a meal."""

    city: str = figure(label=_("City"), origin="S1 K3：当地人均餐饮水平")
    per_head: Decimal = figure(label=_("Per head"), origin="assumed", unit="CNY", ge=0, le=2000)


class HospitalityPolicy(Policy):
    """What a meal may cost."""

    name: ClassVar[str] = "compliance.hospitality"
    label: ClassVar[Promise | str] = _("Hospitality")
    help: ClassVar[Promise | str] = _("Cities by their name; every other city has the level below.")

    cities: tuple[CityMeal, ...] = figure(default_factory=tuple, label=_("Cities"), origin="S1 K3：当地人均餐饮水平")
    elsewhere: Decimal = figure(Decimal(120), label=_("Everywhere else"), origin="assumed", unit="CNY", ge=0, le=2000)
    ceiling: Decimal = figure(
        Decimal(300), label=_("Ceiling of the strict pack"), origin="RDPAC RD5（L，待核实）", unit="CNY", ge=0, le=2000
    )

    def per_head(self, place: str) -> Decimal:
        """Return what a meal may cost per head at a place, written as 江城市 or 安东省江城市城东区."""
        return next((each.per_head for each in self.cities if each.city and each.city in place), self.elsewhere)


class FairValue(Document):
    """What an hour of a professional's work is worth."""

    title: str = figure(
        label=_("Professional title"), origin="RDPAC RD7（L，待核实）", choices=lambda _document: TITLES
    )
    per_hour: Decimal = figure(label=_("Per hour"), origin="assumed", unit="CNY", ge=0, le=20000)


def _fair_values() -> tuple[FairValue, ...]:
    worth = {"chief_physician": 2000, "associate_physician": 1500, "attending": 1000, "resident": 500, "other": 500}
    return tuple(FairValue(title=title, per_hour=Decimal(amount)) for title, amount in worth.items())


class FeePolicy(Policy):
    """Fair value of services."""

    name: ClassVar[str] = "compliance.fees"
    label: ClassVar[Promise | str] = _("Fair value of services")

    table: tuple[FairValue, ...] = figure(
        default_factory=_fair_values, label=_("Fair value by title"), origin="RDPAC RD7（L，待核实）"
    )

    def per_hour(self, title: str) -> Decimal:
        """Return what an hour is worth; a title without a row counts as "other"."""
        worth = {each.title: each.per_hour for each in self.table}
        return worth.get(title, worth.get("other", Decimal(0)))


class TransferPolicy(Policy):
    """Caps on everything of value that one professional gets."""

    name: ClassVar[str] = "compliance.transfers"
    label: ClassVar[Promise | str] = _("Caps on what is given")

    per_year: Decimal = figure(
        Decimal(20000),
        label=_("In a year, to one professional"),
        origin="assumed（RD7：年度上限，待核实）",
        unit="CNY",
        ge=0,
        le=100_000_000,
    )
    per_event: Decimal = figure(
        Decimal(6000),
        label=_("At one event, to one professional"),
        origin="assumed（RD7：单次上限，待核实）",
        unit="CNY",
        ge=0,
        le=100_000_000,
    )
    gifts_per_year: int = figure(
        4, label=_("Gifts in a year, to one professional"), origin="assumed", unit="count", ge=0, le=100
    )
    tied_words: tuple[str, ...] = figure(
        ("处方量", "开药", "用药量", "采购量", "进药", "上量", "回扣", "返点"), label=_("Words that tie it to use or purchase"),
        origin="assumed（K18：不得与处方挂钩）",
        help=_("A purpose or description that holds one of them is refused as tied to use."),
    )  # fmt: skip
    proof_from: Decimal = figure(
        Decimal(500), label=_("A copy of the proof is attached from an amount of"), origin="assumed（K7：费用报销追溯）",
        unit="CNY", ge=0, le=100_000_000,
    )  # fmt: skip
    days_apart: int = figure(
        7, label=_("A claim may lie apart from the day of the transfer by"), origin="assumed", unit="days", ge=0, le=90
    )
    tolerance: Decimal = figure(
        Decimal("0.05"),
        label=_("An expense may exceed what was approved by"),
        origin="assumed",
        unit="ratio",
        ge=0,
        le=1,
    )


class ExportPolicy(Policy):
    """How many personal records leave at once without an approval."""

    name: ClassVar[str] = "compliance.export"
    label: ClassVar[Promise | str] = _("Export of personal records")

    persons: int = figure(
        1000, label=_("Most persons in one export"), origin="assumed（K5）", unit="count", ge=1, le=100_000_000
    )
