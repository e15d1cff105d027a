"""Signals in purchases: found by the month, looked into, worked on, closed."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.commerce.datasets import SALES
from yaomai.customers.models import Institution
from yaomai.insights.findings.policies import SignalPolicy
from yaomai.insights.models import PurchaseSignal
from yaomai.insights.months import month_after
from yaomai.insights.signals.finding import Odd, inputs_of, look
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.kit.warehouse import snapshot

BATCH = 1000
LARGEST = Decimal("9999999999999999.99")
FIGURES = ("value", "expected", "low", "high", "money")
RENEWED = (*FIGURES, "score", "inputs", "updated_at")
MOVES = ("level_up", "level_down")
NEAR = 3
"""Months by which another look may place the same move of a level."""
State = PurchaseSignal.State


class SignalDone(Conflict):
    """Somebody has closed or dismissed it."""

    code = "signal_done"
    message = _("%(signal)s has been settled already: %(state)s.")


@act(
    "insights.purchasesignal:find",
    right="insights.purchasesignal:run",
    sentence=_("%(actor)s looked for signals in the purchases of %(month)s: %(found)s found"),
)
def purchase_signals_find(*, actor: Actor, trail: Trail, month: date, now: datetime) -> int:
    """Find what is odd in a month; return how many. Again, it brings those up to date that nobody has touched.

    Raises:
        Invalid: the month is not over.
    """
    month = month.replace(day=1)
    if month_after(month, 1) > local_day(now):
        raise Invalid(fields={"month": [_("This month is not over yet: half a month looks like a drop.")]})
    policy, version = policy_on(SignalPolicy, on=month)
    taken = snapshot(SALES)
    seen = look(taken, month=month, policy=policy)
    inputs = dict(inputs_of(taken, seen, policy_version=version.number if version is not None else None))
    active = set(
        Institution.unscoped.filter(
            pk__in={odd.institution for odd in seen.found}, archived_at=None, merged_into=None
        ).values_list("pk", flat=True)
    )
    known = _known(month_after(month, -policy.move_months - NEAR))
    fresh: list[PurchaseSignal] = []
    renewed: list[PurchaseSignal] = []
    for odd in seen.found:
        if odd.institution not in active:
            continue
        standing = _same(odd, known)
        row = standing or PurchaseSignal(
            institution_id=odd.institution, product_id=odd.product, month=odd.month, kind=odd.kind, created_at=now
        )
        if standing is not None and standing.state != State.OPEN:
            continue
        for name in FIGURES:
            setattr(row, name, _yuan(getattr(odd, name)))
        row.score, row.inputs, row.updated_at = odd.score, inputs, now
        (renewed if standing is not None else fresh).append(row)
    PurchaseSignal.unscoped.bulk_create(fresh, batch_size=BATCH)
    PurchaseSignal.unscoped.bulk_update(renewed, RENEWED, batch_size=BATCH)
    trail.note(month=f"{month:%Y-%m}", found=len(fresh) + len(renewed))
    return len(fresh) + len(renewed)


def _yuan(value: float) -> Decimal:
    """Return a figure as it is kept; what is larger than any company is kept as the largest."""
    exact = (
        Decimal(str(value)).quantize(Decimal("0.01"))
        if abs(value) < float(LARGEST)
        else LARGEST.copy_sign(Decimal(str(value)))
    )
    return max(min(exact, LARGEST), -LARGEST)


Known = dict[tuple[int, int | None, str], list[PurchaseSignal]]


def _known(since: date) -> Known:
    found: Known = {}
    for row in PurchaseSignal.unscoped.filter(month__gte=since):
        found.setdefault((row.institution_id, row.product_id, row.kind), []).append(row)
    return found


def _same(odd: Odd, known: Known) -> PurchaseSignal | None:
    """Return the row that tells the same already: of the month, or of a move of the level some months beside it."""
    near = NEAR if odd.kind in MOVES else 0
    for row in known.get((odd.institution, odd.product, odd.kind), ()):
        if month_after(odd.month, -near) <= row.month <= month_after(odd.month, near):
            return row
    return None


@act(
    "insights.purchasesignal:triage",
    right="insights.purchasesignal:review",
    sentence=_("%(actor)s looked into %(target)s: %(cause)s; %(action)s"),
)
def purchase_signal_triage(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    cause: str,
    now: datetime,
    action: str = "",
    outcome: str = "",
    expected_version: int | None = None,
) -> PurchaseSignal:
    """Say the cause and what is done; with what came of it the signal is closed.

    Raises:
        Missing, Stale, SignalDone.
        Invalid: no cause, or neither what is done nor what came of it.
    """
    row = locked(PurchaseSignal, pk, verb="review", expected_version=expected_version)
    _require_unsettled(row)
    wrong: dict[str, list[Any]] = {}
    if cause not in PurchaseSignal.Cause.values:
        wrong["cause"] = [_("Choose from the list.")]
    if not action.strip() and not outcome.strip():
        wrong["action"] = [_("Say what is done about it, or what came of it.")]
    if wrong:
        raise Invalid(fields=wrong)
    before = row.state
    row.cause, row.action, row.outcome = cause, action.strip(), outcome.strip()
    row.state = State.CLOSED if row.outcome else State.WORKING
    row.decided_by_id, row.decided_at = actor.person_id, now
    touch(row, now)
    save(row, fields=["cause", "action", "outcome", "state", "decided_by", "decided_at"])
    trail.note(
        row, changes={"state": (before, row.state)}, cause=row.get_cause_display(), action=row.outcome or row.action
    )
    return row


@act(
    "insights.purchasesignal:dismiss",
    right="insights.purchasesignal:review",
    sentence=_("%(actor)s dismissed %(count)s signals in purchases: %(outcome)s"),
)
def purchase_signals_dismiss(
    *, actor: Actor, trail: Trail, pks: Sequence[int], now: datetime, outcome: str = ""
) -> int:
    """Say that nothing is to be done, and why.

    Raises:
        Missing, SignalDone; Invalid: no reason.
    """
    outcome = outcome.strip()
    if not outcome:
        raise Invalid(fields={"outcome": [_("Say in a few words why nothing is to be done.")]})
    rows = list(
        PurchaseSignal.objects.all()
        .allowed("insights.purchasesignal:review")
        .filter(pk__in=pks)
        .select_for_update(of=("self",))
        .select_related("institution")
        .order_by("pk")
    )
    if len(rows) != len(set(pks)):
        raise Missing
    for row in rows:
        _require_unsettled(row)
        row.state, row.outcome = State.DISMISSED, outcome[:500]
        row.decided_by_id, row.decided_at = actor.person_id, now
        touch(row, now)
    PurchaseSignal.unscoped.bulk_update(
        rows, ["state", "outcome", "decided_by", "decided_at", "version", "updated_at"], batch_size=BATCH
    )
    names = formats.listed(row.institution for row in rows)
    trail.note(
        rows[0] if len(rows) == 1 else None, changes={"customers": (None, names)}, count=len(rows), outcome=outcome
    )
    return len(rows)


def _require_unsettled(row: PurchaseSignal) -> None:
    if row.state not in (State.OPEN, State.WORKING):
        raise SignalDone(signal=str(row), state=row.get_state_display())
