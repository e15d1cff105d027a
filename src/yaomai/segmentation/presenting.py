"""Tables and charts of segmentation, from what the selectors found."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.kit.runs.models import Run
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Link, Node, Series
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.organization.models import Role
from yaomai.segmentation.selectors import Balance, Distribution, Scheme


def distribution_chart(found: Distribution) -> Chart:
    """Return the customers of a scheme by tier; the finding names the largest tier."""
    largest = max(found.tiers, key=lambda each: each.customers)
    finding = _("%(tier)s is the largest: %(count)s of %(all)s") % {
        "tier": largest.label,
        "count": f"{largest.customers:,}",
        "all": f"{found.customers:,}",
    }
    values = [float(each.customers) for each in found.tiers]
    return Chart(
        "rank", finding, [each.label for each in found.tiers], [Series(_("Customers"), values)], height="small",
        heading=_("Tier"),
    )  # fmt: skip


def distribution_table(found: Distribution, *, shows_money: bool) -> Table:
    """Return a scheme's tiers with share, money, and what each is served with."""
    roles = dict(Role.unscoped.values_list("code", "name"))
    columns = [
        Column("tier", _("Tier"), "tier"),
        Column("customers", _("Customers"), "number"),
        Column("share", _("Share"), "percent"),
        *([Column("amount", _("12 months"), "short_money")] if shows_money else []),
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
        if shows_money:
            cells.append(each.amount)
        cells += [
            _level(service),
            roles.get(service.owner_role, "") if service else "",
            service.contacts if service else None,
        ]
        if shows_money:
            cells.append(service.budget if service else None)
        cells.append(formats.origin(each.tier.origin))
        url = f"{reverse(f'customers:{found.scheme.subject}_list')}?tier_{found.scheme.name}={each.tier.name}"
        rows.append(Row(cells, key=each.tier.name, url=url))
    return Table(found.scheme.label, columns, rows)


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


def run_rows(runs: Sequence[Run]) -> Table:
    """Return runs as a table."""
    return Table(
        _("Runs"),
        [
            Column("run", pgettext("noun", "Run")),
            Column("as_of", _("As of"), "date"),
            Column("state", _("State")),
            Column("by", _("Started by")),
            Column("at", _("Started"), "moment"),
            Column("published", pgettext("moment", "Published"), "moment"),
            Column("in_force", _("In force"), "check"),
        ],
        [
            Row(
                [str(run), run.as_of, run.get_state_display(), run.started_by_label, run.started_at, run.published_at,
                 run.is_in_force],
                key=str(run.pk),
                url=reverse("segmentation:run", args=[run.pk]),
            )
            for run in runs
        ],
    )  # fmt: skip
