"""The monthly review of signals (B15): whose purchases swing, where competitors gain, where satisfaction falls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.commerce.datasets import SALES
from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.kit.warehouse import snapshot
from yaomai.segmentation.models import Assessment, Subject, TierAssignment, TierChange, TierSignal
from yaomai.segmentation.policies import FastUpgrade, ReviewPolicy
from yaomai.segmentation.services.changes import proposed

BATCH = 1000
RENEWED = ("before", "after", "money", "scheme", "tier")
LONGEST = 500
Kind, State = TierSignal.Kind, TierSignal.State


class SignalSettled(Conflict):
    """Somebody has reviewed it."""

    code = "signal_settled"
    message = _("%(signal)s has been settled already: %(state)s.")


@dataclass(frozen=True, slots=True)
class Purchases:
    """What an institution bought, in yuan: in the month, in the month before, on average of the three before, in twelve."""

    month: Decimal
    previous: Decimal
    usual: Decimal
    year: Decimal


def purchases_of_month(month: date) -> dict[int, Purchases]:
    """Return the purchases of every institution that bought in the twelve months up to and with a month."""
    from yaomai.engine.backends import connected

    files = [str(path) for path in snapshot(SALES).files(start=first_month(month, 11), end=first_month(month, -1))]
    if not files:
        return {}
    with connected() as connection:
        rows = connection.con.execute(
            """
            SELECT customer, coalesce(sum(amount) FILTER (date >= $month), 0),
                   coalesce(sum(amount) FILTER (date >= $previous AND date < $month), 0),
                   coalesce(sum(amount) FILTER (date >= $three AND date < $month), 0), sum(amount)
            FROM read_parquet($files) WHERE date >= $year AND date < $next GROUP BY customer ORDER BY customer
            """,
            {
                "files": files, "month": month, "previous": first_month(month, 1), "three": first_month(month, 3),
                "year": first_month(month, 11), "next": first_month(month, -1),
            },
        ).fetchall()  # fmt: skip
    cent = Decimal("0.01")
    return {
        customer: Purchases(now, previous, (three / 3).quantize(cent), year)
        for customer, now, previous, three, year in rows
    }


@act(
    "segmentation.signal:find",
    right="segmentation.signal:run",
    sentence=_("%(actor)s looked for signals of %(month)s: %(found)s customers moved"),
)
def signals_find(*, actor: Actor, trail: Trail, month: date, now: datetime) -> int:
    """Find the movers of a month; return how many. Again, it brings those up to date that nobody has reviewed."""
    month = month.replace(day=1)
    policy, version = policy_on(ReviewPolicy, on=month)
    number = version.number if version is not None else None
    purchases = purchases_of_month(month)
    found = [*swings(purchases, policy, month, tiers_held(policy)), *_judged(purchases, policy, month)]
    active = set(
        Institution.unscoped.filter(
            pk__in={row.institution_id for row in found}, archived_at=None, merged_into=None
        ).values_list("pk", flat=True)
    )
    known = {(row.institution_id, row.kind): row for row in TierSignal.unscoped.filter(month=month)}
    fresh, changed = [], []
    for row in found:
        if row.institution_id not in active:
            continue
        row.policy_version, row.created_at = number, now
        standing = known.get((row.institution_id, row.kind))
        if standing is None:
            fresh.append(row)
        elif standing.state == State.OPEN:
            for name in RENEWED:
                setattr(standing, name, getattr(row, name))
            changed.append(standing)
    TierSignal.unscoped.bulk_create(fresh, batch_size=BATCH)
    TierSignal.unscoped.bulk_update(changed, RENEWED, batch_size=BATCH)
    trail.note(month=f"{month:%Y-%m}", found=len(fresh) + len(changed))
    return len(fresh) + len(changed)


def tiers_held(policy: ReviewPolicy) -> dict[tuple[int, str], str]:
    """Return the tier of every institution from which a fast upgrade begins, by institution and scheme."""
    rules = [Q(scheme=rule.scheme, tier=rule.tier_before) for rule in policy.fast]
    if not rules:
        return {}
    rows = TierAssignment.unscoped.filter(reduce(or_, rules), institution__isnull=False, valid_to=None)
    return {(pk, scheme): tier for pk, scheme, tier in rows.values_list("institution_id", "scheme", "tier")}


def swings(
    purchases: Mapping[int, Purchases], policy: ReviewPolicy, month: date, held: Mapping[tuple[int, str], str]
) -> Iterator[TierSignal]:
    """Yield the signals of purchases that a policy finds in a month; nothing is written.

    A rise that is no swing is one nevertheless when it reaches the figure of a fast upgrade.
    """
    for institution, bought in purchases.items():
        moved = bought.month - bought.usual
        rule = _upgrade(institution, bought, policy, held) if moved > 0 else None
        is_swing = abs(moved) >= policy.least_money and abs(moved) >= policy.swing * bought.usual
        if rule is not None or is_swing:
            yield TierSignal(
                institution_id=institution, month=month, kind=Kind.PURCHASES_ROSE if moved > 0 else Kind.PURCHASES_FELL,
                before=bought.usual, after=bought.month, money=abs(moved) * 12,
                scheme=rule.scheme if rule else "", tier=rule.tier if rule else "",
            )  # fmt: skip


def _upgrade(
    institution: int, bought: Purchases, policy: ReviewPolicy, held: Mapping[tuple[int, str], str]
) -> FastUpgrade | None:
    """Return the fast upgrade that a rise calls for: from the tier held, by at least the figure (B17, B18)."""
    for rule in policy.fast:
        base = bought.usual if rule.measure == "surge" else bought.previous
        rise = bought.month - base
        reached = base > 0 and rise >= rule.least_money and rise / base >= rule.at_least
        if reached and held.get((institution, rule.scheme)) == rule.tier_before:
            return rule
    return None


# By kind: the attribute, whether it gets worse by rising, and the figure that says from where on.
_JUDGED = (
    (Kind.COMPETITOR_ROSE, "competitor_share", 1, "competitor_rise"),
    (Kind.SATISFACTION_FELL, "satisfaction", -1, "satisfaction_fall"),
)


def _judged(purchases: dict[int, Purchases], policy: ReviewPolicy, month: date) -> Iterator[TierSignal]:
    for kind, attribute, worse, figure in _JUDGED:
        rows = Assessment.unscoped.filter(
            attribute=attribute, institution__isnull=False, assessed_on__lt=first_month(month, -1)
        ).order_by("institution", "-assessed_on", "-pk")
        latest: dict[int, list[Assessment]] = {}
        for row in rows.iterator(chunk_size=20_000):
            if len(latest.setdefault(row.institution_id or 0, [])) < 2:
                latest[row.institution_id or 0].append(row)
        for institution, said in latest.items():
            if len(said) < 2 or said[0].assessed_on < month:
                continue
            after, before = (Decimal(str(each.value)) for each in said)
            moved = (after - before) * worse
            if moved >= getattr(policy, figure):
                year = purchases[institution].year if institution in purchases else Decimal(0)
                yield TierSignal(
                    institution_id=institution, month=month, kind=kind, before=before, after=after,
                    money=year * moved / 100,
                )  # fmt: skip


def _settle(
    actor: Actor, pks: Sequence[int], state: str, note: str, now: datetime, *, right: str = "segmentation.signal:review"
) -> list[TierSignal]:
    note = note.strip()
    if len(note) > LONGEST:
        raise Invalid(fields={"note": [_("Say it in at most %(most)s characters.") % {"most": LONGEST}]})
    rows = list(
        TierSignal.objects.all()
        .allowed(right)
        .filter(pk__in=pks)
        .select_for_update(of=("self",))
        .select_related("institution")
        .order_by("pk")
    )
    if len(rows) != len(set(pks)):
        raise Missing
    for row in rows:
        if row.state != State.OPEN:
            raise SignalSettled(signal=str(row), state=row.get_state_display())
        row.state, row.note, row.decided_by_id, row.decided_at = state, note, actor.person_id, now
    TierSignal.unscoped.bulk_update(rows, ["state", "note", "decided_by", "decided_at"], batch_size=BATCH)
    return rows


@act("segmentation.signal:review", sentence=_("%(actor)s reviewed %(count)s signals: %(note)s"))
def signals_review(*, actor: Actor, trail: Trail, pks: Sequence[int], now: datetime, note: str = "") -> int:
    """Say that signals were looked into; a note is welcome.

    Raises:
        Missing, SignalSettled.
    """
    rows = _settle(actor, pks, State.REVIEWED, note, now)
    _noted(trail, rows, note.strip() or "–")
    return len(rows)


@act(
    "segmentation.signal:dismiss",
    right="segmentation.signal:review",
    sentence=_("%(actor)s dismissed %(count)s signals: %(note)s"),
)
def signals_dismiss(*, actor: Actor, trail: Trail, pks: Sequence[int], now: datetime, note: str = "") -> int:
    """Say that nothing is to be done, and why.

    Raises:
        Missing, SignalSettled; Invalid: no reason.
    """
    if not note.strip():
        raise Invalid(fields={"note": [_("Say in a few words why nothing is to be done.")]})
    rows = _settle(actor, pks, State.DISMISSED, note, now)
    _noted(trail, rows, note.strip())
    return len(rows)


def _noted(trail: Trail, rows: Sequence[TierSignal], note: str) -> None:
    names = formats.listed(row.institution for row in rows)
    trail.note(rows[0] if len(rows) == 1 else None, changes={"customers": (None, names)}, count=len(rows), note=note)


def fast_upgrade(signal: TierSignal) -> FastUpgrade | None:
    """Return the rule by which a signal calls for a fast upgrade, as long as the customer holds the tier it begins from."""
    if not signal.tier:
        return None
    policy, _version = policy_on(ReviewPolicy, on=signal.month)
    held = TierAssignment.unscoped.filter(
        institution=signal.institution_id, scheme=signal.scheme, valid_to=None
    ).first()
    for rule in policy.fast:
        if (rule.scheme, rule.tier) == (signal.scheme, signal.tier) and held is not None:
            return rule if held.tier == rule.tier_before else None
    return None


@act(
    "segmentation.signal:propose",
    right="segmentation.change:propose",
    sentence=_("%(actor)s turned %(target)s into a proposed tier change"),
)
def signal_propose(
    *, actor: Actor, trail: Trail, pk: int, scheme: str, tier: str, reason: str, is_fast: bool, now: datetime
) -> TierChange:
    """Propose another tier because of a signal: to the next meeting, or at once.

    Raises:
        Missing, SignalSettled; see `proposed`.
    """
    row = _settle(actor, [pk], State.PROPOSED, reason, now, right="segmentation.change:propose")[0]
    change = proposed(
        actor, Subject.INSTITUTION.value, row.institution_id, scheme=scheme, tier=tier, reason=reason,
        is_fast=is_fast, signal=row.pk, now=now,
    )  # fmt: skip
    trail.note(row, changes={"state": (State.OPEN, State.PROPOSED), "tier": (change.tier_before, change.tier)})
    return change
