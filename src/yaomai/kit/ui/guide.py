"""Sample data for the style guide: an invented company's customers, fixed so that pictures can be compared."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.explain import Contribution, CutOff, Explanation, Input, PolicyReference
from yaomai.kit.ui.charts import Chart, Link, Mark, Node, Series
from yaomai.kit.ui.tables import BulkAction, Column, Row, Table, Tier, chosen
from yaomai.kit.ui.widgets import DateInput, SearchSelect

MONTHS = [f"2026-{month:02}" for month in range(1, 11)]
PURCHASES = [312000, 298500, 345200, 351000, 330400, 372800, 120500, 0, 0, 86300]
AVERAGE = [280000, 284000, 291000, 296000, 301000, 305000, 308000, 306000, 309000, 312000]


class SampleForm(forms.Form):
    """Every kind of field once."""

    name = forms.CharField(
        label=gettext_lazy("Name"), help_text=gettext_lazy("As on the licence; former names go to the aliases.")
    )
    grade = forms.ChoiceField(
        label=gettext_lazy("Grade"),
        choices=[
            ("3A", gettext_lazy("Tertiary A")),
            ("3B", gettext_lazy("Tertiary B")),
            ("2A", gettext_lazy("Secondary A")),
        ],
    )
    owner = forms.ChoiceField(
        label=gettext_lazy("Key account manager"),
        widget=SearchSelect,
        choices=[("", ""), ("1", "沈怀远"), ("2", "顾明舒"), ("3", "林知夏")],
        required=False,
    )
    since = forms.DateField(label=gettext_lazy("Customer since"), widget=DateInput, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        widget=forms.RadioSelect,
        choices=[("h", gettext_lazy("Hospital")), ("p", gettext_lazy("Pharmacy")), ("d", gettext_lazy("Distributor"))],
    )
    beds = forms.IntegerField(label=gettext_lazy("Beds"), min_value=1)
    remark = forms.CharField(label=gettext_lazy("Remark"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
    is_academic = forms.BooleanField(label=gettext_lazy("Teaching hospital"), required=False)


def samples(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the style guide."""
    return {
        "crumbs": [(_("Style guide"), "")],
        "table": sample_table(request),
        "explanation": sample_explanation(),
        "charts": sample_charts(),
        "flow": sample_flow(),
        "network": sample_network(),
        "form": SampleForm({"name": "", "grade": "3A", "beds": "0", "kind": "h"}),
        "fresh_form": SampleForm(prefix="fresh"),
        "events": sample_events(),
        "views": [
            {"label": _("My customers"), "url": "?view=mine", "is_active": True, "count": 128},
            {"label": _("Not bought for 60 days"), "url": "?view=silent", "is_active": False, "count": 7},
            {"label": _("Up for review"), "url": "?view=review", "is_active": False, "count": None},
        ],
        "applied": [
            {"text": _("Tertiary A"), "remove_url": "?"},
            {"text": _("East China"), "remove_url": "?"},
            {"text": _("not bought for 60 days"), "remove_url": "?"},
        ],
        "facts": [
            (_("Type"), _("General hospital")),
            (_("Grade"), _("Tertiary A")),
            (_("Beds"), 1680),
            (_("Customer since"), date(2019, 3, 18)),
            (_("Tax number"), None),
        ],
        "changes": {
            "share": [Decimal("0.10"), Decimal("0.12")],
            "since": [date(2026, 1, 1), date(2026, 12, 1)],
            "owner": [None, "沈怀远"],
        },
        "labels": {"share": _("Share of strategic customers"), "since": _("Valid from"), "owner": _("Author")},
        "heat": {
            "rows": [_("Strategic customer"), _("Key customer"), _("Potential customer"), _("General customer")],
            "columns": ["A", "B", "C"],
            "values": [[36, 4, 0], [12, 58, 9], [2, 31, 44], [0, 6, 198]],
        },
        "money": Decimal("1234567.89"),
        "goal": Decimal("1500000"),
        "small_money": Decimal("-8640.5"),
        "a_day": date(2026, 11, 21),
        "an_old_day": date(2025, 3, 2),
        "a_moment": datetime(2026, 11, 21, 12, 21, tzinfo=UTC),
    }


def sample_table(request: HttpRequest) -> Table:
    def tier(label: str, rank: int) -> Tier:
        return Tier(label, rank, 4, why_url="/ui/guide/#explanation")

    columns = [
        Column("name", _("Customer"), sort_url="?sort=name"),
        Column("tier", _("Tier"), "tier", sort_url="?sort=tier"),
        Column("amount", _("12 months"), "short_money", sort_url="?sort=-amount", sorted="descending"),
        Column("growth", _("Growth"), "percent"),
        Column("last", _("Last purchase"), "relative", sort_url="?sort=last"),
        Column("visit", _("Next visit"), "date"),
        Column("owner", _("Owner")),
        Column("beds", _("Beds"), "number"),
    ]
    shown = {"name", *chosen(request, [column.key for column in columns if column.key != "beds"])}
    columns = [replace(column, is_hidden=column.key not in shown) for column in columns]
    rows = [
        Row(("临江市第一人民医院", tier(_("Strategic customer"), 1), Decimal("4216800"), Decimal("0.182"),
             date(2026, 11, 18), date(2026, 11, 24), "沈怀远", 2100), "1", "#", _("Tertiary A · Linjiang")),
        Row(("望湖大学附属第二医院", tier(_("Key customer"), 2), Decimal("2980400"), Decimal("-0.064"),
             date(2026, 9, 12), date(2026, 11, 27), "顾明舒", 1680), "2", "#", _("Tertiary A · Wanghu"), "warn"),
        Row(("百草康连锁药房(华东)", tier(_("Key customer"), 2), Decimal("1754300.5"), Decimal("0.031"),
             date(2026, 11, 2), None, "顾明舒", None), "3", "#", _("Chain · 86 outlets")),
        Row(("青石县中医院", tier(_("Potential customer"), 3), Decimal("386200"), Decimal("0.427"),
             date(2026, 11, 20), date(2026, 12, 3), "林知夏", 420), "4", "#", _("Secondary A · Qingshi")),
        Row(("南屏社区卫生服务中心", tier(_("General customer"), 4), Decimal("0"), None,
             None, None, "", 35), "5", "#", _("Community · Nanping"), "muted"),
    ]  # fmt: skip
    rows = [
        replace(row, cells=[value for column, value in zip(columns, row.cells, strict=True) if not column.is_hidden])
        for row in rows
    ]
    bulk = [
        BulkAction(_("Assign"), "?assign", "user-plus"),
        BulkAction(_("Export"), "?export", "file-export"),
        BulkAction(_("Archive"), "?archive", "archive", _("Archive the selected customers?"), is_danger=True),
    ]
    return Table(_("Customers"), columns, rows, name="guide", bulk=bulk, total=12480)


def sample_explanation() -> Explanation:
    return Explanation(
        sentence=_("Strategic: rank 11 of 128 customers, within the top 10 %."),
        value=_("Strategic customer"),
        contributions=(
            Contribution(label=_("Purchases, 12 months"), value=Decimal("4216800"), share=0.52),
            Contribution(label=_("Growth"), value=Decimal("0.182"), share=0.21, note=_("Against the 12 months before")),
            Contribution(label=_("Product breadth"), value=7, share=0.12),
            Contribution(label=_("Overdue receivables"), value=Decimal("86000"), share=-0.09),
        ),
        cutoffs=(
            CutOff(label=_("Strategic, top 10 %"), value=Decimal("82.4"), reached=True, current=True),
            CutOff(label=_("Key, top 30 %"), value=Decimal("64.0"), reached=True),
            CutOff(label=_("Potential, growth above 20 %"), value=Decimal("0.20"), reached=False),
        ),
        lift=(_("Falls to Key below 3,912,000 in 12 months."),),
        inputs=(
            Input(label=_("Sales lines"), value=412, source=_("Distributor sales flow"), as_of=date(2026, 10, 31)),
            Input(label=_("Satisfaction"), value=None, missing=True),
        ),
        sources=(_("Distributor sales flow"), _("Institution master data")),
        policy=PolicyReference(
            name="segmentation.four_tiers", label=_("Four tiers"), version=3, valid_from=date(2026, 1, 1),
            origin="S1 §二(一)", url="#",
        ),
        as_of=date(2026, 10, 31),
    )  # fmt: skip


def sample_charts() -> list[Chart]:
    return [
        Chart(
            "line",
            _("Purchases fell from July: 2 of 8 planned visits were made"),
            MONTHS,
            [
                Series(_("This customer"), PURCHASES, "area"),
                Series(_("Its tier"), AVERAGE, tone="muted", is_dashed=True),
            ],
            unit="money",
            note=_("Purchases by month"),
            marks=[Mark("2026-03", _("Visit")), Mark("2026-06", _("Visit"))],
            heading=_("Month"),
        ),
        Chart(
            "stack",
            _("Strategic and key customers carry 77 % of sales"),
            ["2026 Q1", "2026 Q2", "2026 Q3"],
            [
                Series(_("Strategic customer"), [4200000, 4600000, 4900000]),
                Series(_("Key customer"), [2900000, 2850000, 3100000]),
                Series(_("Other"), [2400000, 2500000, 2350000], tone="muted"),
            ],
            unit="money",
            heading=_("Quarter"),
        ),
        Chart(
            "rank",
            _("Three products make up 80 %"),
            ["安衡平片 5mg", "络宁胶囊", "清源注射液", "维舒颗粒"],
            [Series(_("Share"), [0.41, 0.24, 0.15, 0.06])],
            unit="percent",
            heading=_("Product"),
        ),
    ]


def sample_flow() -> Chart:
    tiers = [
        ("s", _("Strategic customer")),
        ("k", _("Key customer")),
        ("p", _("Potential customer")),
        ("g", _("General customer")),
    ]
    nodes = [Node(f"{code}0", label, rank, "left") for rank, (code, label) in enumerate(tiers, 1)]
    nodes += [Node(f"{code}1", label, rank, "right") for rank, (code, label) in enumerate(tiers, 1)]
    moves = [
        ("s", "s", 36, 48e6), ("s", "k", 4, 3.9e6), ("k", "s", 9, 7.4e6), ("k", "k", 70, 41e6), ("k", "p", 5, 1.2e6),
        ("p", "k", 11, 3.1e6), ("p", "p", 66, 9.8e6), ("g", "p", 14, 0.8e6), ("g", "g", 190, 6.1e6),
    ]  # fmt: skip
    links = [Link(f"{source}0", f"{target}1", count, amount) for source, target, count, amount in moves]
    finding = _("34 rise and 9 fall under the proposed cut-offs")
    return Chart("flow", finding, nodes=nodes, links=links, height="large")


def sample_events() -> list[dict[str, Any]]:
    return [
        {"at": datetime(2026, 11, 18, 1, 40, tzinfo=UTC), "title": _("Purchase of 86,300"), "icon": "package",
         "tone": "good", "text": _("First since July")},
        {"at": datetime(2026, 10, 22, 6, 5, tzinfo=UTC), "title": _("Visit to the pharmacy department"),
         "icon": "map-pin", "who": "沈怀远", "text": _("Asked for stability data before the committee meets")},
        {"at": date(2026, 9, 30), "title": _("Tier fell from Strategic to Key"), "icon": "trending-down",
         "tone": "warn", "url": "#explanation"},
    ]  # fmt: skip


def sample_network() -> Chart:
    names = ("王芳", "李强", "赵敏", "陈静", "刘洋", "周涛")
    ties = ((0, 1, 3), (0, 2, 1), (1, 2, 2), (2, 3, 1), (3, 4, 2), (3, 5, 1))
    return Chart(
        "network",
        _("Two people join two groups"),
        nodes=[Node(str(number), name, 1 if number < 3 else 2) for number, name in enumerate(names)],
        links=[Link(str(one), str(other), times) for one, other, times in ties],
        axes=(_("From whom"), _("To whom")),
        heading=_("Strength"),
    )
