"""Tables and charts of segmentation, from what the selectors found."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.commerce.selectors import unassigned
from yaomai.kit.access import Actor
from yaomai.kit.runs.models import Run
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Link, Node, Series
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.kit.ui.values import origin
from yaomai.organization.models import Role
from yaomai.segmentation.models import TierSignal
from yaomai.segmentation.outcomes import Outcome
from yaomai.segmentation.selectors import PURCHASES, Balance, Disagreement, Distribution, Scheme, Scored
from yaomai.segmentation.simulation import Change


def score_chart(scheme: Scheme, scored: Sequence[Scored]) -> Chart:
    """Return a customer's score over the published runs; from which tier to which it went is the finding."""
    first, last = scored[0], scored[-1]
    values = {
        "first": scheme.tier_label(first.tier),
        "last": scheme.tier_label(last.tier),
        "before": f"{first.score:.1f}",
        "now": f"{last.score:.1f}",
    }
    finding = (
        _("%(last)s all along: %(before)s points then, %(now)s now")
        if first.tier == last.tier
        else _("From %(first)s to %(last)s: %(before)s points then, %(now)s now")
    )
    return Chart(
        "line",
        finding % values,
        labels=[formats.day(each.run.as_of, today=last.run.as_of) for each in scored],
        series=[Series(_("Score"), [round(each.score, 2) for each in scored])],
        heading=_("Computed as of"),
        height="small",
    )


def distribution_finding(found: Distribution) -> str:
    """Return what a distribution says: how much of the money the best tier brings, else how many are in it."""
    best = found.tiers[0]
    values = {
        "tier": capfirst(best.label),
        "count": f"{best.customers:,}",
        "all": f"{found.customers:,}",
        "share": formats.percent(best.share, 0),
    }
    if found.amount and best.amount is not None:
        values["money"] = formats.percent(best.amount / found.amount, 0)
        return _("%(tier)s: %(share)s of the customers, %(money)s of the purchases") % values
    return _("%(tier)s: %(count)s of %(all)s customers, %(share)s") % values


def distribution_parts(found: Distribution) -> list[tuple[float, int, int]]:
    """Return share, rank and number of ranks of each tier, for the bar."""
    return [(each.share, rank, len(found.tiers)) for rank, each in enumerate(found.tiers, 1)]


def distribution_summary(found: Distribution) -> Table:
    """Return a scheme's tiers with customers and money, as few columns as an overview takes."""
    columns = [
        Column("tier", _("Tier"), "tier"),
        Column("customers", _("Customers"), "number"),
        Column("share", _("Share"), "percent"),
        *([Column("amount", _("12 months"), "short_money")] if found.amount else []),
    ]
    rows = [
        Row(
            [found.scheme.chip(each.tier.name), each.customers, each.share, *([each.amount] if found.amount else [])],
            key=each.tier.name,
            url=customers_url(found.scheme, each.tier.name),
        )
        for each in found.tiers
    ]
    return Table(found.scheme.title, columns, rows, phone="scroll")


def customers_url(scheme: Scheme, tier: str) -> str:
    """Return the list of the customers of a tier."""
    return f"{reverse(f'customers:{scheme.subject}_list')}?tier_{scheme.name}={tier}"


def distribution_table(found: Distribution, *, shows_money: bool) -> Table:
    """Return a scheme's tiers with share, money, and what each is served with."""
    roles = {role.code: str(role) for role in Role.unscoped.all()}
    shows_amounts = shows_money and found.amount is not None
    columns = [
        Column("tier", _("Tier"), "tier"),
        Column("customers", _("Customers"), "number"),
        Column("share", _("Share"), "percent"),
        *([Column("amount", _("12 months"), "short_money")] if shows_amounts else []),
        Column("level", _("Service level")),
        Column("owner", _("Owner role")),
        Column("contacts", _("Contacts per year"), "number"),
        *([Column("budget", _("Budget per year"), "money")] if shows_money else []),
        Column("origin", _("Origin")),
    ]
    rows = []
    for each in found.tiers:
        service = each.service
        cells: list[Any] = [found.scheme.chip(each.tier.name), each.customers, each.share]
        if shows_amounts:
            cells.append(each.amount)
        cells += [
            _level(service),
            roles.get(service.owner_role, "") if service else "",
            service.contacts if service else None,
        ]
        if shows_money:
            cells.append(service.budget if service else None)
        cells.append(origin(each.tier.origin))
        rows.append(Row(cells, key=each.tier.name, url=customers_url(found.scheme, each.tier.name)))
    return Table(found.scheme.title, columns, rows)


def _level(service: Any) -> str:
    from yaomai.segmentation.selectors import language

    if service is None:
        return ""
    return str(service.level_zh if language() == "zh" else service.level_en)


def movement_chart(scheme: Scheme, moved: Sequence[tuple[str | None, str, int]]) -> Chart:
    """Return who moved with the last publication."""
    changes = [(old, new, count) for old, new, count in moved if old is not None]
    total = sum(count for _old, _new, count in changes)
    names = {old for old, _new, _count in changes} | {new for _old, new, _count in changes}
    nodes = [
        Node(f"{side}-{tier.name}", scheme.tier_label(tier.name), rank, side)
        for side in ("left", "right")
        for rank, tier in enumerate(scheme.spec.tiers, 1)
        if tier.name in names
    ]
    links = [Link(f"left-{old}", f"right-{new}", count) for old, new, count in changes]
    finding = _("%(count)s customers moved with the last publication") % {"count": f"{total:,}"}
    return Chart("flow", finding, nodes=nodes, links=links, heading=_("Tier"))


def crosswalk_rows(first: Scheme, second: Scheme, pairs: dict[tuple[str, str], int]) -> list[list[int]]:
    """Return the counts by tier of the first scheme (rows) and of the second (columns)."""
    return [[pairs.get((mine.name, theirs.name), 0) for theirs in second.spec.tiers] for mine in first.spec.tiers]


def crosswalk_urls(first: Scheme, second: Scheme) -> list[list[str]]:
    """Return the list of customers behind each cell."""
    return [
        [f"{customers_url(first, mine.name)}&tier_{second.name}={theirs.name}" for theirs in second.spec.tiers]
        for mine in first.spec.tiers
    ]


def crosswalk_finding(first: Scheme, second: Scheme, apart: Disagreement) -> str:
    """Return how far two schemes disagree, and about whom most."""
    if apart.largest is None:
        return _("Both schemes agree: nobody stands high in one and low in the other.")
    mine, theirs, count = apart.largest
    return _(
        "%(share)s of the customers stand high in one scheme and low in the other, "
        "most of them %(mine)s here and %(theirs)s there: %(count)s"
    ) % {
        "share": formats.percent(apart.share, 0),
        "mine": first.tier_label(mine),
        "theirs": second.tier_label(theirs),
        "count": f"{count:,}",
    }


def run_customers_url(run: Run, scheme: Scheme, **asked: str) -> str:
    """Return the list of what a run gives the customers of a scheme."""
    query = urlencode({"subject": scheme.subject, **asked})
    return f"{reverse('segmentation:run_customers', args=[run.pk, scheme.name])}?{query}"


def outcomes_table(run: Run, scheme: Scheme, lines: Sequence[Outcome], *, shows_held: bool) -> Table:
    """Return customers with their tier in a run, its reason, and the tier they hold."""
    columns = [Column("customer", _("Customer")), Column("tier", _("Tier in this run"), "tier")]
    if shows_held:
        columns.append(Column("held", _("Tier in force"), "tier"))
    rows = []
    for line in lines:
        why = f"{reverse('segmentation:explain', args=[scheme.subject, line.customer.pk, scheme.name])}?run={run.pk}"
        cells: list[Any] = [str(line.customer), scheme.chip(line.tier, why_url=why)]
        if shows_held:
            cells.append(scheme.chip(line.held) if line.held is not None else None)
        url = reverse(f"customers:{scheme.subject}_detail", args=[line.customer.pk])
        rows.append(Row(cells, key=str(line.customer.pk), url=url))
    return Table(scheme.title, columns, rows)


def unassigned_said(actor: Actor) -> str:
    """Say what of the sales flow counts for no customer, so that nobody publishes without knowing; "" for nothing."""
    left = unassigned()
    if not left.names:
        return ""
    if not (actor.may(PURCHASES) and actor.reach(PURCHASES) is None):
        return _("%(count)s names of the sales flow are no customer yet: what they bought counts for nobody.") % {
            "count": formats.grouped(left.names)
        }
    return _(
        "%(count)s names of the sales flow are no customer yet: %(amount)s, %(share)s of all money, counts for nobody."
    ) % {
        "count": formats.grouped(left.names), "amount": formats.money(left.amount), "share": formats.percent(left.share),
    }  # fmt: skip


def sizes_table(run: Run, found: Sequence[tuple[Scheme, Mapping[str, Any]]]) -> Table:
    """Return how many customers each tier of each scheme has in a run."""
    most = max((len(scheme.spec.tiers) for scheme, _tiers in found), default=0)
    return Table(
        _("Result"),
        [
            Column("scheme", _("Scheme")),
            *(Column(f"tier{number}", _("Tier %(number)s") % {"number": number}) for number in range(1, most + 1)),
        ],
        [
            Row(
                [
                    scheme.title,
                    *(_sized(run, scheme, tier.name, tiers) for tier in scheme.spec.tiers),
                    *[""] * (most - len(scheme.spec.tiers)),
                ],
                key=scheme.key,
                url=run_customers_url(run, scheme),
            )
            for scheme, tiers in found
        ],
    )


def _sized(run: Run, scheme: Scheme, tier: str, tiers: Mapping[str, Any]) -> str:
    count = tiers[tier]["customers"] if tier in tiers else 0
    url, label = run_customers_url(run, scheme, tier=tier), scheme.tier_label(tier)
    return format_html('<a href="{}">{} <strong>{}</strong></a>', url, label, formats.grouped(count))


def changes_table(run: Run, changes: Sequence[Change]) -> Table:
    """Return what a run would change if it were published."""
    return Table(
        _("What publishing changes"),
        [
            Column("scheme", _("Scheme")),
            Column("risen", pgettext("tier", "Up"), "number"),
            Column("fallen", pgettext("tier", "Down"), "number"),
            Column("other", _("Come or go"), "number"),
            Column("stays", _("Unchanged"), "number"),
        ],
        [
            Row(
                [
                    change.scheme.title,
                    _moved(run, change.scheme, "up", change.risen),
                    _moved(run, change.scheme, "down", change.fallen),
                    change.other,
                    change.stays,
                ],
                key=change.scheme.key,
                url=run_customers_url(run, change.scheme),
            )
            for change in changes
        ],
    )


def _moved(run: Run, scheme: Scheme, change: str, count: int) -> Any:
    if not count:
        return count
    return format_html('<a href="{}">{}</a>', run_customers_url(run, scheme, change=change), formats.grouped(count))


def scheme_url(scheme: Scheme) -> str:
    """Return the page of a scheme for its subject."""
    return f"{reverse('segmentation:scheme', args=[scheme.name])}?subject={scheme.subject}"


def balance_table(scheme: Scheme, rows: Sequence[Balance], caption: str) -> Table:
    """Return customers with the contacts they were owed and given."""
    return Table(
        caption,
        [
            Column("customer", _("Customer")),
            Column("tier", _("Tier"), "tier"),
            Column("owed", _("Owed"), "number"),
            Column("given", _("Given"), "number"),
            Column("ratio", _("Given of owed"), "percent"),
        ],
        [
            Row(
                [str(each.customer), scheme.chip(each.assignment.tier), each.owed, each.given, each.ratio],
                key=str(each.customer.pk),
                url=reverse(f"customers:{scheme.subject}_detail", args=[each.customer.pk]),
            )
            for each in rows
        ],
    )


def moved(signal: TierSignal) -> str:
    """Return the reason of a signal in words: from where to where."""
    if signal.kind in (TierSignal.Kind.PURCHASES_FELL, TierSignal.Kind.PURCHASES_ROSE):
        said = {"before": formats.short_money(signal.before), "after": formats.short_money(signal.after)}
        if signal.before <= 0:
            return _("%(after)s in the month, nothing in the three before") % said
        change = (signal.after - signal.before) / signal.before
        return _("%(before)s a month on average, now %(after)s (%(change)s)") % {
            **said,
            "change": formats.change(change),
        }
    before, after = (f"{each.normalize():f}" for each in (signal.before, signal.after))
    return _("%(before)s points, now %(after)s") % {"before": before, "after": after}
