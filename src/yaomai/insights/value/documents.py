"""The customer value report on paper (N1 客户价值分析报告)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution
from yaomai.insights.models import ValueReport
from yaomai.insights.policies import ValuePolicy
from yaomai.insights.value.reckoning import Value, first_months
from yaomai.kit.documents.parts import (
    Block,
    Bullets,
    Column,
    Document,
    Fact,
    Facts,
    Figure,
    Figures,
    Graph,
    Paragraph,
    Section,
    Table,
)
from yaomai.kit.explain import PolicyReference
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series
from yaomai.segmentation import selectors as tiers

MOST_DETAILED = 40
"""Customers with a section of their own on paper; the table holds all."""
MOST_PRINTED = 2000
"""Rows of the table on paper; the workbook holds all."""


def next_text(code: str, row: Value) -> str:
    """Return what to do next in words."""
    return {
        "never": _("Has never bought: find out what stands in the way."),
        "silent": _("No purchase since %(day)s: ask why before it is lost.") % {"day": row.last_on},
        "fall": _("Purchases fell by %(change)s: look for the cause.")
        % {"change": _percent(row.growth, absolute=True)},
        "returns": _("Returns are %(share)s of purchases: check stock and dates.")
        % {"share": _percent(row.returns_share)},
        "listing": _("Listing: %(step)s") % {"step": row.step},
        "rise": _("Grows by %(change)s: secure supply and deepen.") % {"change": _percent(row.growth)},
        "one_product": _("Lives on one product: offer the next that fits."),
        "profile": _("The profile is thin: complete it at the next visit."),
        "steady": _("Steady: keep the service of its tier."),
    }[code]


def tier_texts(row: Value, schemes: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (scheme, tier, reason) of each tier."""
    found = []
    for held in row.tiers:
        scheme = schemes.get(held["scheme"])
        if scheme is None:
            continue
        reason = ""
        if held["score"] is not None and held["rank"] is not None:
            reason = _("score %(score)s, rank %(rank)s of %(of)s") % {
                "score": f"{held['score']:.1f}", "rank": formats.grouped(held["rank"]), "of": formats.grouped(held["of"]),
            }  # fmt: skip
        found.append((scheme.label, scheme.tier_label(held["tier"]), reason))
    return found


def schemes_by_name() -> dict[str, Any]:
    """Return the schemes of institutions as the run in force used them."""
    return {each.name: each for each in tiers.schemes(tiers.latest_run()) if each.subject == "institution"}


def monthly_chart(rows: Sequence[Value], as_of: date) -> Chart:
    """Return the purchases of all customers together by month."""
    sums = [sum(values) for values in zip(*(row.months for row in rows), strict=True)] if rows else []
    return Chart(
        "bar", _finding(rows), [f"{month:%Y-%m}" for month in first_months(as_of)], [Series(_("Purchases"), sums)],
        unit="money", heading=_("Month"),
    )  # fmt: skip


def totals(rows: Sequence[Value]) -> tuple[Decimal, Decimal, Decimal]:
    """Return purchases of twelve months, of the twelve before, and returns."""
    return (
        sum((Decimal(row.amount) for row in rows), Decimal(0)),
        sum((Decimal(row.prior) for row in rows), Decimal(0)),
        sum((Decimal(row.returned) for row in rows), Decimal(0)),
    )


def growth_of(rows: Sequence[Value]) -> Decimal | None:
    """Return how the purchases of all together changed."""
    amount, prior, _returned = totals(rows)
    return (amount - prior) / prior if prior > 0 else None


def _finding(rows: Sequence[Value]) -> str:
    amount, _prior, _returned = totals(rows)
    growth = growth_of(rows)
    if growth is None:
        return _("%(amount)s in twelve months") % {"amount": formats.short_money(amount)}
    return _("%(amount)s in twelve months, %(direction)s %(change)s on the year before") % {
        "amount": formats.short_money(amount), "direction": _("up") if growth >= 0 else _("down"),
        "change": formats.percent(abs(growth), 0),
    }  # fmt: skip


def value_document(
    report: ValueReport, rows: Sequence[Value], *, made_at: datetime, made_by: str, is_paper: bool
) -> Document:
    """Return the report as a document; on paper with sections for the first customers and a bounded table."""
    amount, _prior, returned = totals(rows)
    schemes = schemes_by_name()
    printed = rows[:MOST_PRINTED] if is_paper else rows
    blocks: list[Block] = [
        Figures(
            (
                Figure(_("Customers"), len(rows)),
                Figure(_("Purchases in twelve months"), amount, "short_money"),
                Figure(_("Growth"), growth_of(rows), "percent"),
                Figure(_("Returns"), returned, "short_money"),
            )
        ),
        Graph(monthly_chart(rows, report.as_of)),
        _table(printed, schemes),
    ]
    if len(printed) < len(rows):
        blocks.append(
            Paragraph(_("The first %(most)s customers; the workbook holds all.") % {"most": MOST_PRINTED}, "quiet")
        )
    if is_paper:
        blocks += [_section(row, schemes, report.as_of) for row in rows[:MOST_DETAILED]]
    begin, end, before, before_end = report.inputs["periods"]
    blocks.append(
        Paragraph(
            _("Purchases by sales flow %(begin)s – %(end)s against %(before)s – %(before_end)s; returns lower them.")
            % {"begin": begin, "end": end, "before": before, "before_end": before_end},
            "quiet",
        )
    )
    return Document(
        title=_("Customer value report"), subtitle=f"{report.title} · {report.selection}", as_of=report.as_of,
        made_at=made_at, made_by=made_by, blocks=tuple(blocks), is_landscape=True, references=(reference(report),),
    )  # fmt: skip


def reference(report: ValueReport) -> PolicyReference:
    """Return who decided the figures."""
    return PolicyReference(
        name=ValuePolicy.name, label=str(ValuePolicy.label),
        version=report.inputs.get("policies", {}).get(ValuePolicy.name), origin="S1–S4",
        url=reverse("policies:policy_detail", args=[ValuePolicy.name]),
    )  # fmt: skip


def _table(rows: Sequence[Value], schemes: dict[str, Any]) -> Table:
    return Table(
        (
            Column(_("Customer"), width=3), Column(_("Purchases in twelve months"), "money"), Column(_("Year before"), "money"),
            Column(_("Growth"), "percent"), Column(_("Returns"), "money"), Column(_("Products"), width=3),
            Column(_("Tiers"), width=3), Column(_("Listing"), width=2), Column(_("What to do next"), width=3),
        ),
        tuple(
            (
                row.name, Decimal(row.amount), Decimal(row.prior), _decimal(row.growth), Decimal(row.returned),
                products_text(row), "；".join(f"{scheme} {tier}" for scheme, tier, _reason in tier_texts(row, schemes)),
                listing_text(row), next_text(row.next[0], row),
            )
            for row in rows
        ),
        caption=_("Customers, largest purchases first"),
    )  # fmt: skip


def _section(row: Value, schemes: dict[str, Any], as_of: date) -> Section:
    return Section(
        row.name,
        (
            Facts(
                (
                    Fact(_("Purchases in twelve months"), Decimal(row.amount), "money"),
                    Fact(_("Growth"), _decimal(row.growth), "percent"),
                    Fact(_("Returns"), Decimal(row.returned), "money", note=_percent(row.returns_share)),
                    Fact(_("Last purchase"), date.fromisoformat(row.last_on) if row.last_on else None, "date"),
                    Fact(_("Products"), products_text(row)),
                    Fact(_("Listing"), listing_text(row)),
                    *(Fact(scheme, tier, note=reason) for scheme, tier, reason in tier_texts(row, schemes)),
                )
            ),
            Bullets(tuple(next_text(code, row) for code in row.next)),
        ),
        note=Institution.Kind(row.kind).label,
    )


def products_text(row: Value) -> str:
    """Return the largest products with their shares."""
    return "、".join(f"{name} {_percent(share)}" for name, share in row.products)


def listing_text(row: Value) -> str:
    """Return what is listed and what is on its way."""
    parts = []
    if row.listed:
        parts.append(_("listed: %(products)s") % {"products": "、".join(row.listed)})
    if row.on_the_way:
        parts.append(_("on the way: %(products)s") % {"products": "、".join(row.on_the_way)})
    return "；".join(parts)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _percent(text: str | None, *, absolute: bool = False) -> str:
    if text is None:
        return ""
    return formats.percent(abs(Decimal(text)) if absolute else Decimal(text), 1)
