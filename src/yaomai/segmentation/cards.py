"""What segmentation brings to boards: who is in which tier, who moved, and who gets less than the tier is owed (M1)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.engine.scorecards import SchemeSpec
from yaomai.kit.dashboards import company, periods, totals
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import (
    Asked,
    Card,
    Goal,
    Source,
    Sum,
    register_card,
    register_goals,
    register_source,
)
from yaomai.kit.policies.selectors import policy_on
from yaomai.segmentation.policies import FourTiers, ServicePolicy
from yaomai.segmentation.selectors import VIEW, language

TIERS, MOVES, SERVICE = "segmentation.tiers", "segmentation.moves", "segmentation.service"
SPENT = "compliance.spend"
"""The card whose goal is the budget of the tiers."""
SCHEME = FourTiers.scheme
TOP = ("strategic", "core")

_TIERS = """
SELECT month, customer.territory_id, held.tier, 0, count(*)
FROM (
  SELECT first::date AS month, least((first + interval '1 month')::date, %(today)s::date + 1) AS after
  FROM generate_series(%(start)s::timestamp, %(end)s::timestamp - interval '1 day', interval '1 month') AS first
) AS months
JOIN segmentation_tierassignment held ON held.scheme = %(scheme)s AND held.valid_from < months.after
  AND (held.valid_to IS NULL OR held.valid_to >= months.after)
JOIN customers_institution customer ON customer.id = held.institution_id AND customer.archived_at IS NULL
GROUP BY 1, 2, 3
"""
_MOVES = """
SELECT date_trunc('month', held.valid_from)::date, customer.territory_id,
  CASE WHEN rank.number < earlier.number THEN 'up' ELSE 'down' END, 0, count(*)
FROM segmentation_tierassignment held
JOIN segmentation_tierassignment former ON former.institution_id = held.institution_id AND former.scheme = held.scheme
  AND former.valid_to = held.valid_from AND former.valid_from < former.valid_to AND former.tier <> held.tier
JOIN customers_institution customer ON customer.id = held.institution_id
JOIN unnest(%(tiers)s::text[]) WITH ORDINALITY AS rank (tier, number) ON rank.tier = held.tier
JOIN unnest(%(tiers)s::text[]) WITH ORDINALITY AS earlier (tier, number) ON earlier.tier = former.tier
WHERE held.scheme = %(scheme)s AND held.valid_from >= %(start)s AND held.valid_from < %(end)s
GROUP BY 1, 2, 3
"""
# As `selectors.balance` sorts them: contacts of twelve months against what the tier is owed.
_SERVICE = """
SELECT date_trunc('month', %(today)s::date)::date, customer.territory_id,
  CASE WHEN said.value IS NULL OR owed.contacts = 0 THEN 'unknown'
       WHEN (said.value #>> '{{}}')::numeric / owed.contacts < %(under)s THEN 'under'
       WHEN (said.value #>> '{{}}')::numeric / owed.contacts > %(over)s THEN 'over' ELSE 'right' END, 0, count(*)
FROM segmentation_tierassignment held
JOIN unnest(%(tiers)s::text[], %(contacts)s::int[]) AS owed (tier, contacts) ON owed.tier = held.tier
JOIN customers_institution customer ON customer.id = held.institution_id AND customer.archived_at IS NULL
LEFT JOIN segmentation_assessment said ON said.institution_id = held.institution_id
  AND said.attribute = 'contacts_12m' AND said.superseded_at IS NULL
WHERE held.scheme = %(scheme)s AND held.valid_to IS NULL
GROUP BY 2, 3
"""
_MOVED = {"up": _("Better tier"), "down": _("Lower tier")}
_SERVED = {
    "under": _("Gets less than owed"), "right": _("Gets what is owed"), "over": _("Gets more than owed"),
    "unknown": _("Contacts not known"),
}  # fmt: skip


def register() -> None:
    """Register sources and cards, and the budget of the tiers as a goal of what is spent."""
    register_source(Source(TIERS, _("Tiers"), lambda _today: (_TIERS, {"scheme": SCHEME})))
    register_source(Source(MOVES, _("Changes of tiers"), _moves_sql))
    register_source(Source(SERVICE, _("Service balance"), _service_sql, has_history=False))
    register_card(
        Card(
            key="segmentation.top", label=_("Strategic and core customers"), right=VIEW, shape="level", unit="percent",
            question=_("Institutions of the two best tiers of the four-tier scheme, among all that have a tier."),
            of=Sum(TIERS, parts=TOP), over=Sum(TIERS), parts=_tiers, parts_label=_("By tier"), order=100,
            next_step=leads_to(_("Look at the tiers"), "segmentation:overview"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="segmentation.moves", label=_("Customers that changed tier"), right=VIEW, good_when="",
            question=_("Institutions that came into another tier of the four-tier scheme."),
            of=Sum(MOVES), parts=_words(_MOVED), parts_label=_("Up and down"), order=110,
            next_step=leads_to(
                _("See the signals"), "segmentation:tiersignal_list", query="state=open",
                right="commerce.salesline:view",
            ),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="segmentation.underserved", label=_("Under-served customers"), right=VIEW, shape="level",
            unit="percent", good_when="down",
            question=_("Institutions with fewer contacts in twelve months than their tier is owed, among those whose contacts are known."),
            of=Sum(SERVICE, parts=("under",)), over=Sum(SERVICE, parts=("under", "right", "over")),
            parts=_words(_SERVED), parts_label=_("Service by tier"), order=120,
            next_step=leads_to(_("Who is under-served"), "segmentation:service"),
        )
    )  # fmt: skip
    register_goals(_budgets)


def _spec(on: date) -> SchemeSpec:
    return policy_on(FourTiers, on=on)[0].spec


def _moves_sql(today: date) -> tuple[str, Mapping[str, Any]]:
    return _MOVES, {"scheme": SCHEME, "tiers": [tier.name for tier in _spec(today).tiers]}


def _service_sql(today: date) -> tuple[str, Mapping[str, Any]]:
    policy, _version = policy_on(ServicePolicy, on=today)
    owed = {tier.name: entry for tier in _spec(today).tiers if (entry := policy.of(SCHEME, tier.name)) is not None}
    return _SERVICE, {
        "scheme": SCHEME, "tiers": list(owed), "contacts": [entry.contacts for entry in owed.values()],
        "under": policy.under_served, "over": policy.over_served,
    }  # fmt: skip


def _tiers(keys: Sequence[str]) -> Mapping[str, str]:
    spec = _spec(timezone.localdate())
    known = {tier.name: tier.label.in_language(language()) for tier in spec.tiers if tier.name in keys}
    return {**known, **{key: key for key in keys if key not in known}}


def _words(labels: Mapping[str, Any]) -> Any:
    return lambda keys: {key: str(label) for key, label in labels.items() if key in keys}


def _budgets(asked: Asked, keys: frozenset[str]) -> Mapping[str, Goal]:
    """Return the budget of the customers' tiers for the period, as the most that may be spent."""
    if SPENT not in keys or company.in_reach(asked.actor, VIEW, asked.place) != asked.places:
        return {}
    this_month = periods.first_of(asked.today)
    policy, _version = policy_on(ServicePolicy, on=asked.today)
    held = totals.sums([TIERS], asked.places, since=this_month).sums.get(TIERS, {}).get(this_month, {})
    year = sum(
        (
            entry.budget * count
            for tier, (_amount, count) in held.items()
            if (entry := policy.of(SCHEME, tier)) is not None
        ),
        start=type(policy.under_served)(0),
    )
    if not year:
        return {}
    months = max(asked.period.length, 1)
    return {SPENT: Goal(year * months / 12, _("Budget of the tiers, %(months)s of 12 months") % {"months": months})}
