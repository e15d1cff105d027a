"""What other cadences would ask for: contacts and hours a year, shown beside the editor and to whoever approves."""

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.engine.schemes import default_schemes
from yaomai.kit.access import Actor
from yaomai.kit.policies.previews import PreviewResult
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.planning.models.words import Activity
from yaomai.planning.policies import Cadence, CadencePolicy, DayPolicy
from yaomai.segmentation.models import TierAssignment
from yaomai.workdays import workdays_between

TIMES_A_YEAR = {"week": 52, "month": 12}
Key = tuple[str, str, str]
"""Scheme, tier and activity."""


def cadence_preview(policy: CadencePolicy, actor: Actor) -> PreviewResult:
    """Count what the customers in view would be owed a year, under these cadences and under those in force."""
    today = timezone.localdate()
    current, _version = policy_on(CadencePolicy, on=today)
    day, _version = policy_on(DayPolicy, on=today)
    held = _held()
    before, after = (
        {(each.scheme, each.tier, each.activity): each for each in one.cadences} for one in (current, policy)
    )
    contacts = [sum(_a_year(each, held) for each in one.values()) for one in (before, after)]
    hours = [sum(_a_year(each, held) * each.minutes for each in one.values()) / 60 for one in (before, after)]
    of_one = day.hours() * workdays_between(today, today + timedelta(days=365))
    changed = [key for key in sorted(before.keys() | after.keys()) if _said(before.get(key)) != _said(after.get(key))]
    if not held:
        finding = _("No customer in view holds a tier yet: publish tiers to see what cadences ask for.")
    elif not changed:
        finding = _("Nothing would be owed otherwise than now.")
    else:
        finding = _("Changed rows: %(rows)s. %(after)s contacts a year instead of %(before)s.") % {
            "rows": len(changed), "after": f"{contacts[1]:,.0f}", "before": f"{contacts[0]:,.0f}",
        }  # fmt: skip
    return PreviewResult(
        finding=finding,
        figures=[
            (_("Contacts a year"), f"{contacts[0]:,.0f}", f"{contacts[1]:,.0f}"),
            (_("Hours with customers a year"), f"{hours[0]:,.0f}", f"{hours[1]:,.0f}"),
            (_("Full-time people for it, without ways"), f"{hours[0] / of_one:,.1f}", f"{hours[1] / of_one:,.1f}"),
        ],
        table=_table(changed, before, after, held) if changed and held else None,
    )


def _held() -> Mapping[tuple[str, str], int]:
    """Return how many open customers in view hold each tier."""
    is_open = Q(institution__archived_at=None, institution__merged_into=None, institution__isnull=False) | Q(
        professional__archived_at=None, professional__merged_into=None, professional__isnull=False
    )
    rows = TierAssignment.objects.filter(is_open, valid_to=None).order_by().values_list("scheme", "tier")
    return {(scheme, tier): count for scheme, tier, count in rows.annotate(count=Count("pk"))}


def _a_year(cadence: Cadence | None, held: Mapping[tuple[str, str], int]) -> float:
    if cadence is None:
        return 0
    return held.get((cadence.scheme, cadence.tier), 0) * TIMES_A_YEAR[cadence.unit] / cadence.every


def _said(cadence: Cadence | None) -> object:
    return cadence and (cadence.every, cadence.unit, cadence.role, cadence.minutes)


def _often(cadence: Cadence | None) -> str:
    if cadence is None:
        return "–"
    once, several = (
        (_("every week"), _("every %(count)s weeks"))
        if cadence.unit == "week"
        else (_("every month"), _("every %(count)s months"))
    )
    often = once if cadence.every == 1 else several % {"count": cadence.every}
    return f"{often} · {_('%(minutes)s min') % {'minutes': cadence.minutes}}"


def _called(scheme: str, tier: str) -> str:
    """Return scheme and tier as people call them: several schemes have a tier of one name."""
    spec = default_schemes().get(scheme)
    if spec is None:
        return f"{scheme} · {tier}"
    labels = {each.name: each.label.in_language(formats.language()) for each in spec.tiers}
    return f"{spec.label.in_language(formats.language())} · {labels.get(tier, tier)}"


def _table(
    changed: list[Key], before: Mapping[Key, Cadence], after: Mapping[Key, Cadence], held: Mapping[tuple[str, str], int]
) -> Table:
    columns = [
        Column("tier", _("Tier")),
        Column("activity", _("Activity")),
        Column("now", _("Now")),
        Column("then", _("Then")),
        Column("customers", _("Customers"), "number"),
        Column("year_now", _("A year now"), "number"),
        Column("year_then", _("A year then"), "number"),
    ]
    rows = []
    for key in changed:
        scheme, tier, activity = key
        then, now = after.get(key), before.get(key)
        cells = [
            _called(scheme, tier), str(Activity(activity).label), _often(now), _often(then), held.get((scheme, tier), 0),
            round(_a_year(now, held)), round(_a_year(then, held)),
        ]  # fmt: skip
        rows.append(Row(cells, key=".".join(key)))
    return Table(_("What would be owed otherwise"), columns, rows, total=len(rows))
