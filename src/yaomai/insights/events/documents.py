"""The impact report of a policy event (F12, N4 政策影响评估报告): of all customers in view, or of one."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.insights.events.assessing import totals
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.events.presenting import (
    advices,
    chart,
    explained,
    finding,
    outcome,
    product_names,
    reference,
    regions_text,
    span,
)
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.kit.documents.parts import (
    Block,
    Bullets,
    Column,
    Document,
    Explained,
    Fact,
    Facts,
    Figure,
    Figures,
    Graph,
    Kind,
    Paragraph,
    Section,
    Table,
)

MOST_PRINTED = 1000
MOST_DETAILED = 20
"""Customers with a section of their own on paper; the table holds all."""


def _policy(event: PolicyEvent) -> Facts:
    low, high, least, most = (Decimal(each) for each in event.inputs["ranges"])
    return Facts(
        (
            Fact(pgettext("government", "Policy"), event.title, note=event.get_kind_display()),
            Fact(_("Takes effect on"), event.effective_on, "date"),
            Fact(_("Regions"), regions_text(event)),
            Fact(_("Affected products"), "、".join(name for _pk, name in event.inputs["products"])),
            Fact(_("Change of price"), span(low, high)),
            Fact(_("Change of volume"), span(least, most)),
            Fact(_("Source"), event.source, note=event.source_url),
        )
    )


def event_document(
    event: PolicyEvent, rows: Sequence[PolicyImpact], *, policy: EventPolicy, made_at: datetime, made_by: str,
    is_paper: bool,
) -> Document:  # fmt: skip
    """Return the report of an event with the customers in view, most at risk first."""
    found = totals(PolicyImpact.objects.filter(event=event))
    printed = list(rows[:MOST_PRINTED] if is_paper else rows)
    blocks: list[Block] = [Paragraph(finding(found), "strong"), _policy(event), Figures((
        Figure(_("Customers affected"), found["count"]),
        Figure(_("Twelve months before"), found["base"] or 0, "short_money"),
        Figure(_("A year after, at worst"), found["low"] or 0, "short_money", tone="bad"),
        Figure(_("A year after, at best"), found["high"] or 0, "short_money"),
    ))]  # fmt: skip
    if event.compared_on is not None and printed:
        blocks.append(Paragraph(outcome(found, printed[0].months or 0), "strong"))
    if event.note:
        blocks.append(Paragraph(event.note))
    if (picture := chart(printed)) is not None:
        blocks.append(Graph(picture))
    blocks.append(_table(event, printed, policy, is_paper=is_paper))
    if is_paper:
        names = product_names(printed[:MOST_DETAILED])
        blocks += [_section(row, policy, names) for row in printed[:MOST_DETAILED]]
    blocks.append(Paragraph(_("Only customers in view of whoever made this document are listed."), "quiet"))
    return _document(event, blocks, made_at=made_at, made_by=made_by, subtitle=event.title, is_landscape=True)


def _document(
    event: PolicyEvent,
    blocks: list[Block],
    *,
    made_at: datetime,
    made_by: str,
    subtitle: str,
    is_landscape: bool = False,
) -> Document:
    return Document(
        title=_("Policy impact report"), subtitle=subtitle, as_of=event.assessed_on or made_at.date(), made_at=made_at,
        made_by=made_by, blocks=tuple(blocks), references=(reference(event),), is_landscape=is_landscape,
    )  # fmt: skip


def _table(event: PolicyEvent, rows: Sequence[PolicyImpact], policy: EventPolicy, *, is_paper: bool) -> Table:
    money: Kind = "short_money" if is_paper else "money"
    columns = [
        Column(_("Customer"), width=3), Column(_("Twelve months before"), money), Column(_("Share of all purchases"), "percent"),
        Column(_("A year after, at worst"), money), Column(_("A year after, at best"), money),
        Column(_("Revenue at risk"), money),
    ]  # fmt: skip
    is_compared = event.compared_on is not None
    if is_compared:
        columns += [Column(_("What came"), money), Column(_("Against the range"))]
    columns.append(Column(pgettext("advice", "What to do"), width=4))
    return Table(
        tuple(columns),
        tuple(
            (
                row.institution.name, row.base, row.share, row.low, row.high, row.at_risk,
                *((row.actual, row.get_standing_display()) if is_compared else ()),
                "；".join(advices(policy, row.advice)),
            )
            for row in rows
        ),
        caption=_("Customers, most at risk first"),
    )  # fmt: skip


def _section(row: PolicyImpact, policy: EventPolicy, names: dict[int, str]) -> Section:
    return Section(
        row.institution.name,
        (
            Facts(
                (
                    Fact(_("Twelve months before"), row.base, "money"),
                    Fact(_("Share of all purchases"), row.share, "percent"),
                    Fact(_("A year after, at worst"), row.low, "money"),
                    Fact(_("A year after, at best"), row.high, "money"),
                    Fact(_("Affected products"), "、".join(names.get(pk, "–") for pk, _amount in row.products)),
                )
            ),
            Bullets(tuple(advices(policy, row.advice))),
        ),
    )


def impact_document(
    impact: PolicyImpact, *, policy: EventPolicy, made_at: datetime, made_by: str, is_for_customer: bool
) -> Document:
    """Return the report of one customer: for ourselves with what to do, or to be handed over without."""
    event, names = impact.event, product_names([impact])
    base = impact.base
    rows = tuple(
        (names.get(pk, "–"), Decimal(amount), Decimal(amount) * impact.low / base, Decimal(amount) * impact.high / base)
        for pk, amount in impact.products
    )
    table = Table(
        (Column(_("Product"), width=3), Column(_("Twelve months before"), "money"),
         Column(_("A year after, at worst"), "money"), Column(_("A year after, at best"), "money")),
        rows,
        total=(_("Total"), base, impact.low, impact.high),
        caption=_("Purchases of affected products"),
    )  # fmt: skip
    blocks: list[Block] = [_policy(event)]
    if is_for_customer:
        blocks += [
            Paragraph(_("The amounts are your purchases of the twelve months before, carried on with the changes of price and volume above. They are an estimate and no offer."), "quiet"),
            table,
        ]  # fmt: skip
    else:
        blocks.append(table)
        if impact.actual is not None:
            blocks.append(_came(impact))
        blocks += [Section(pgettext("advice", "What to do"), (Bullets(tuple(advices(policy, impact.advice))),)),
                   Explained(explained(impact, names), _("Why"))]  # fmt: skip
    if event.note:
        blocks.append(Section(_("Note"), (Paragraph(event.note),)))
    return _document(
        event, blocks, made_at=made_at, made_by=made_by, subtitle=f"{impact.institution.name} · {event.title}"
    )


def _came(impact: PolicyImpact) -> Figures:
    return Figures(
        (
            Figure(_("What came"), impact.actual, "money", note=_("in %(months)s months") % {"months": impact.months}),
            Figure(_("Expected, at worst"), impact.expected_low, "money"),
            Figure(_("Expected, at best"), impact.expected_high, "money"),
            Figure(_("Against the range"), impact.get_standing_display(), "text"),
        )
    )
