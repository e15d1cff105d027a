"""Policy events: recorded, assessed against the sales flow, later compared with what came."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Division
from yaomai.commerce.datasets import SALES
from yaomai.insights.events import assessing
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.events.rules import names_in
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.insights.months import month_after
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.warehouse import snapshot

PLAIN = (
    "title", "kind", "effective_on", "generic_names", "price_low", "price_high", "volume_low", "volume_high", "source",
    "source_url", "note",
)  # fmt: skip
SEVERAL = ("regions", "products")
BATCH = 1000
COMPARED = ("months", "actual", "expected_low", "expected_high", "standing")
LEVELS = (Division.Level.PROVINCE, Division.Level.CITY)


class NotAssessed(Conflict):
    """There is nothing to compare with yet."""

    code = "not_assessed"
    message = _("Assess the event first: there is no range to compare with.")


class NothingSince(Conflict):
    """No whole month has passed since."""

    code = "nothing_since"
    message = _("No whole month of sales flow has come in since the event took effect.")


def _check(event: PolicyEvent, several: Mapping[str, Sequence[Any]]) -> None:
    wrong: dict[str, list[Any]] = {}
    products = several.get("products")
    has_products = bool(products) if products is not None else event.pk is not None and event.products.exists()
    if not has_products and not names_in(event.generic_names):
        wrong["products"] = [_("Name products or generic names: without any nobody is affected.")]
    if any(region.level not in LEVELS for region in several.get("regions", ())):
        wrong["regions"] = [_("Choose provinces or cities.")]
    for name in ("price", "volume"):
        if getattr(event, f"{name}_low") > getattr(event, f"{name}_high"):
            wrong[f"{name}_high"] = [_("The best must not be worse than the worst.")]
    if wrong:
        raise Invalid(fields=wrong)


def _set_several(event: PolicyEvent, several: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, Any]]:
    differing: dict[str, tuple[Any, Any]] = {}
    for name, rows in several.items():
        relation = getattr(event, name)
        before = sorted(str(row) for row in relation.all())
        relation.set(rows)
        after = sorted(str(row) for row in rows)
        if before != after:
            differing[name] = (before, after)
    return differing


@act("insights.policyevent:create", sentence=_("%(actor)s recorded the policy event %(target)s (%(source)s)"))
def policy_event_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> PolicyEvent:
    """Record an event.

    Raises:
        Invalid: neither products nor generic names, a place below a city, a range the wrong way round.
    """
    several = {name: list(fields.pop(name)) for name in SEVERAL if fields.get(name) is not None}
    event = PolicyEvent(made_by_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(event, {name: value for name, value in fields.items() if value is not None}, allowed=PLAIN)
    _check(event, several)
    save(event)
    changes |= _set_several(event, several)
    trail.note(event, changes=changes, source=event.source)
    return event


@act(
    "insights.policyevent:update",
    right="insights.policyevent:edit",
    sentence=_("%(actor)s changed the policy event %(target)s"),
)
def policy_event_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> PolicyEvent:
    """Change an event; what was assessed stays until it is assessed again.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    event = locked(PolicyEvent, pk, expected_version=expected_version)
    require_open(event)
    wanted = dict(changes)
    several = {name: list(wanted.pop(name)) for name in SEVERAL if name in wanted}
    differing = change(event, wanted, allowed=PLAIN)
    _check(event, several)
    touch(event, now)
    save(event, fields=differing)
    trail.note(event, changes=differing | _set_several(event, several))
    return event


@act("insights.policyevent:archive", sentence=_("%(actor)s closed the policy event %(target)s"))
def policy_event_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> PolicyEvent:
    """Close an event; its assessment stays as history."""
    event = locked(PolicyEvent, pk, verb="archive", expected_version=expected_version)
    require_open(event)
    event.archived_at = now
    touch(event, now)
    save(event, fields=["archived_at"])
    trail.note(event, changes={"archived_at": (None, now)})
    return event


@act(
    "insights.policyevent:assess",
    sentence=_("%(actor)s assessed the policy event %(target)s: %(count)s customers are affected"),
)
def policy_event_assess(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> int:
    """Work out what an event means for every customer of the company; return how many are affected.

    Again, it replaces what was worked out before, and what was compared with it.

    Raises:
        Missing, Archived.
    """
    event = locked(PolicyEvent, pk, verb="assess")
    require_open(event)
    today = local_day(now)
    policy, version = policy_on(EventPolicy, on=today)
    taken = snapshot(SALES)
    products = assessing.affected_products(event)
    months = assessing.base_months(event, taken, as_of=today)
    rows = (
        assessing.impacts(event, assessing.bought(taken, list(products), *months), policy) if months is not None else []
    )
    for row in rows:
        row.created_at = now
    PolicyImpact.unscoped.filter(event=event).delete()
    PolicyImpact.unscoped.bulk_create(rows, batch_size=BATCH)
    event.assessed_on, event.compared_on = today, None
    event.inputs = {
        "sales_flow": taken.fingerprint,
        "policies": {EventPolicy.name: version.number if version is not None else None},
        "months": [str(month) for month in months] if months is not None else [],
        "products": list(products.items()),
        "ranges": assessing.ranges(event),
    }
    touch(event, now)
    save(event, fields=["assessed_on", "compared_on", "inputs"])
    trail.note(event, count=len(rows))
    return len(rows)


def require_comparable(event: PolicyEvent, *, today: date) -> tuple[date, date]:
    """Return the months of which what came can be held against an event.

    Raises:
        NotAssessed, NothingSince.
    """
    if event.assessed_on is None:
        raise NotAssessed
    span = assessing.months_since(event, snapshot(SALES), as_of=today)
    if span is None:
        raise NothingSince
    return span


@act(
    "insights.policyevent:compare",
    right="insights.policyevent:assess",
    sentence=_("%(actor)s compared the policy event %(target)s with what came in %(months)s months"),
)
def policy_event_compare(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> int:
    """Hold what came since an event against its range; return of how many months.

    Raises:
        Missing, Archived, NotAssessed, NothingSince.
    """
    event = locked(PolicyEvent, pk, verb="assess")
    require_open(event)
    today = local_day(now)
    first, end = require_comparable(event, today=today)
    taken = snapshot(SALES)
    months = (end.year - first.year) * 12 + end.month - first.month
    products = [pk for pk, _name in event.inputs["products"]]
    before = assessing.bought(taken, products, month_after(first, -12), month_after(end, -12))
    rows = list(PolicyImpact.unscoped.filter(event=event).order_by("pk"))
    assessing.compared(
        rows, event.inputs["ranges"], before=before, since=assessing.bought(taken, products, first, end), months=months
    )
    PolicyImpact.unscoped.bulk_update(rows, COMPARED, batch_size=BATCH)
    event.compared_on = today
    event.inputs |= {"compared_flow": taken.fingerprint, "compared_months": [str(first), str(end)]}
    touch(event, now)
    save(event, fields=["compared_on", "inputs"])
    trail.note(event, months=months)
    return months
