"""What a scheme's new figures would change, shown beside the editor and to whoever approves."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.policies.previews import PreviewResult
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Link, Node
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.segmentation import selectors
from yaomai.segmentation.models import Subject
from yaomai.segmentation.policies import ReviewPolicy, SchemePolicy, ServicePolicy
from yaomai.segmentation.selectors import Scheme
from yaomai.segmentation.services.signals import purchases_of_month, swings, tiers_held
from yaomai.segmentation.simulation import Simulation, reads_purchases, simulate, visible_customers

SHOWN = 20


def scheme_preview(policy: SchemePolicy, actor: Actor) -> PreviewResult:
    """Simulate a scheme on the customers of the latest run that the actor may see."""
    run = selectors.latest_run()
    found = selectors.scheme_named(run, policy.scheme)
    if run is None or found is None:
        return PreviewResult(finding=_("There is no run yet to try this on. Compute the tiers first."))
    if reads_purchases(policy.spec) and not actor.may(selectors.PURCHASES):
        return PreviewResult(
            finding=_("This scheme counts purchases: what it would change is shown to those who may see them.")
        )
    service, _version = policy_on(ServicePolicy, on=timezone.localdate())
    simulation = simulate(actor=actor, run=run, subject=found.subject, spec=policy.spec, service=service)
    shows_money = actor.may(selectors.PURCHASES)
    return PreviewResult(
        finding=_finding(simulation),
        figures=_figures(simulation, shows_money=shows_money),
        reason=_why_contacts(simulation),
        reasons=effort_table(simulation),
        chart=flow_chart(simulation, shows_money=shows_money),
        table=movers_table(simulation, found, shows_money=shows_money),
        url=reverse("segmentation:scheme", args=[found.name]),
    )


def _finding(simulation: Simulation) -> str:
    return " ".join(filter(None, (_movement(simulation), _emptied(simulation))))


def _emptied(simulation: Simulation) -> str:
    """Name the tiers in which nobody would be."""
    counts = {each.tier: each.customers_after for each in simulation.cost.tiers}
    empty = [
        tier.label.in_language(selectors.language()) for tier in simulation.after.tiers if not counts.get(tier.name)
    ]
    return (
        _("Nobody would be in %(tiers)s.") % {"tiers": formats.listed(empty)} if empty and any(counts.values()) else ""
    )


def _movement(simulation: Simulation) -> str:
    comparison = simulation.comparison
    if comparison.movers.num_rows == 0:
        return _("No customer would move.")
    return _("%(count)s of %(all)s customers would move: %(risen)s up, %(fallen)s down.") % {
        "count": f"{comparison.movers.num_rows:,}",
        "all": f"{simulation.customers:,}",
        "risen": f"{comparison.risen:,}",
        "fallen": f"{comparison.fallen:,}",
    }


def _figures(simulation: Simulation, *, shows_money: bool) -> list[tuple[str, str, str]]:
    cost = simulation.cost
    figures = [(_("Contacts per year"), f"{cost.contacts_before:,}", f"{cost.contacts_after:,}")]
    if shows_money:
        figures.append((_("Budget per year"), f"¥{cost.budget_before:,.0f}", f"¥{cost.budget_after:,.0f}"))
    return figures


def _why_contacts(simulation: Simulation) -> str:
    """Name the tier that makes most of the difference: a higher tier is not always one that is met more often."""
    more = simulation.cost.contacts_after - simulation.cost.contacts_before
    if not more:
        return ""
    most = max(simulation.cost.tiers, key=lambda each: each.contacts_more if more > 0 else -each.contacts_more)
    said = {
        "contacts": f"{abs(more):,}",
        "tier": _labels(simulation)[most.tier],
        "count": f"{abs(most.customers_after - most.customers_before):,}",
        "each": most.contacts,
    }
    if more > 0:
        sentence = _(
            "%(contacts)s contacts a year more, above all because %(tier)s would have %(count)s customers more, each of"
            " them owed %(each)s a year."
        )
    else:
        sentence = _(
            "%(contacts)s contacts a year fewer, above all because %(tier)s would have %(count)s customers fewer, each of"
            " them owed %(each)s a year."
        )
    return sentence % said


def effort_table(simulation: Simulation) -> Table:
    """Return how the contacts of a year come about: customers × contacts each, tier by tier."""
    labels = _labels(simulation)
    columns = [
        Column("tier", _("Tier")),
        Column("customers", _("Customers, now → then")),
        Column("each", _("Contacts each, a year")),
        Column("contacts", _("Contacts a year, now → then")),
    ]
    rows = [
        Row(
            [
                labels[each.tier],
                _now_and_then(each.customers_before, each.customers_after),
                f"{each.contacts:,}",
                _now_and_then(each.customers_before * each.contacts, each.customers_after * each.contacts),
            ],
            key=each.tier,
        )
        for each in simulation.cost.tiers
    ]
    cost = simulation.cost
    before, after = (
        sum(getattr(each, name) for each in cost.tiers) for name in ("customers_before", "customers_after")
    )
    total = [
        _("In all"),
        _now_and_then(before, after),
        "–",
        _now_and_then(cost.contacts_before, cost.contacts_after),
    ]
    return Table(_("How the contacts come about"), columns, rows, footer=total)


def _now_and_then(before: int, after: int) -> str:
    if before == after:
        return f"{after:,}"
    return _("%(before)s → %(after)s (%(more)s)") % {
        "before": f"{before:,}",
        "after": f"{after:,}",
        "more": f"{after - before:+,}",
    }


def _labels(simulation: Simulation) -> dict[str, str]:
    tiers = (*simulation.before.tiers, *simulation.after.tiers)
    return {tier.name: tier.label.in_language(selectors.language()) for tier in tiers}


def flow_chart(simulation: Simulation, *, shows_money: bool) -> Chart:
    """Return the flow from today's tiers to tomorrow's."""
    language = selectors.language()
    nodes = [
        Node(f"{side}-{tier.name}", tier.label.in_language(language), rank, side)  # type: ignore[arg-type]
        for side, spec in (("left", simulation.before), ("right", simulation.after))
        for rank, tier in enumerate(spec.tiers, 1)
    ]
    links = [
        Link(
            f"left-{flow.before}",
            f"right-{flow.after}",
            flow.customers,
            amount=float(flow.amount) if shows_money else None,
        )
        for flow in simulation.comparison.flows
        if flow.before is not None and flow.after is not None
    ]
    return Chart("flow", _finding(simulation), nodes=nodes, links=links, height="large", heading=_("Tier"))


def movers_table(simulation: Simulation, scheme: Scheme, *, shows_money: bool) -> Table:
    """Return the customers that would move, the largest amounts first."""
    movers = simulation.comparison.movers.slice(0, SHOWN).to_pylist()
    model: type[Institution] | type[Professional] = (
        Institution if scheme.subject == Subject.INSTITUTION else Professional
    )
    names = {row.pk: str(row) for row in model.objects.filter(pk__in=[mover["customer"] for mover in movers])}
    columns = [
        Column("customer", _("Customer")),
        Column("before", _("Now"), "tier"),
        Column("after", _("Then"), "tier"),
        Column("rank_before", _("Rank now"), "number"),
        Column("rank_after", _("Rank then"), "number"),
    ]
    if shows_money:
        columns.append(Column("amount", _("12 months"), "short_money"))
    rows = []
    for mover in movers:
        if mover["customer"] not in names:
            continue
        cells = [
            names[mover["customer"]],
            scheme.chip(mover["tier_before"]),
            scheme.chip(mover["tier_after"]),
            mover["rank_before"],
            mover["rank_after"],
        ]
        if shows_money:
            cells.append(Decimal(str(mover["amount"] or 0)))
        url = reverse(f"customers:{scheme.subject}_detail", args=[mover["customer"]])
        rows.append(Row(cells, key=str(mover["customer"]), url=url))
    return Table(_("Who would move"), columns, rows, total=simulation.comparison.movers.num_rows)


def review_preview(policy: ReviewPolicy, actor: Actor) -> PreviewResult:
    """Tell how many signals the last month would give, and how much money they are about."""
    if not actor.may(selectors.PURCHASES):
        return PreviewResult(
            finding=_("Signals count purchases: what would change is shown to those who may see them.")
        )
    month = first_month(timezone.localdate(), 1)
    current, _version = policy_on(ReviewPolicy, on=month)
    seen = visible_customers(actor, Subject.INSTITUTION, selectors.PURCHASES)
    before, after = (_moved(each, month, seen) for each in (current, policy))
    return PreviewResult(
        finding=_("%(month)s would give %(after)s signals of purchases instead of %(before)s.")
        % {"month": formats.month(month), "after": f"{len(after):,}", "before": f"{len(before):,}"},
        figures=[
            (_("Signals"), f"{len(before):,}", f"{len(after):,}"),
            (_("At stake"), formats.short_money(sum(before)), formats.short_money(sum(after))),
        ],
        url=reverse("segmentation:tiersignal_list"),
    )


def _moved(policy: ReviewPolicy, month: date, seen: pa.Array | None) -> list[Decimal]:
    known = None if seen is None else set(seen.to_pylist())
    rows = swings(purchases_of_month(month), policy, month, tiers_held(policy))
    return [row.money for row in rows if known is None or row.institution_id in known]
