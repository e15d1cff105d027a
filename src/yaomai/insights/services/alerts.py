"""Alerts of customers that fall silent: renewed and measured by every run, settled by people."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from yaomai.insights.models import ChurnAlert
from yaomai.insights.outlook.policies import OutlookPolicy
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.models import Run
from yaomai.kit.warehouse import Snapshot, snapshot
from yaomai.organization.directory import Answering
from yaomai.organization.models import Territory

State = ChurnAlert.State
ACCOUNTS = ("key_account_manager",)
MANAGERS = ("area_manager", "commerce_manager", "regional_director", "sales_director")
"""Who looks into a silence: the nearest key account manager whose territory holds the customer, else a manager."""
BATCH = 5000

RAISE = """
INSERT INTO insights_churnalert (institution_id, last_on, level, p_away, money, reasons, run_id, opened_on, state, cause,
    note, version, updated_at)
SELECT o.institution_id, o.last_on, o.alert, o.p_away, b.amount, o.reasons, o.run_id, %(until)s, 'open', '', '', 1, %(now)s
FROM insights_outlook o CROSS JOIN LATERAL (SELECT greatest(o.past_year, o.year_before) AS amount) b
WHERE o.alert IN ('core', 'general', 'overdue', 'risk')
ON CONFLICT (institution_id, last_on) DO NOTHING
"""
RENEW = """
UPDATE insights_churnalert a SET level = o.alert, p_away = o.p_away, reasons = o.reasons, run_id = o.run_id
FROM insights_outlook o
WHERE a.institution_id = o.institution_id AND a.last_on = o.last_on AND a.state IN ('open', 'contacted')
AND o.alert IN ('core', 'general', 'overdue', 'risk')
"""


class AlertSettled(Conflict):
    """Somebody has settled it, or the customer has ordered."""

    code = "alert_settled"
    message = _("%(alert)s has been settled already: %(state)s.")


def alerts_renew(run: Run, now: datetime) -> int:
    """Raise an alert for each silence that is new, bring the pending ones up to date, measure all; return the new ones.

    Called in the transaction that puts the run in force.
    """
    with connection.cursor() as cursor:
        cursor.execute(RENEW)
        cursor.execute(RAISE, {"until": run.result["until"], "now": now})
        raised = int(cursor.rowcount)
    alerts_assign(local_day(now))
    _measure(run, now)
    return raised


def alerts_assign(today: date) -> None:
    """Say of every pending alert who looks into it: the nearest of those who answer for the customer, one person.

    A customer without a territory is the whole company's. Where nobody holds such a position it is nobody's, and waits
    for everybody in reach.
    """
    right = ChurnAlert.right("edit")
    accounts, managers = Answering(ACCOUNTS, right, today), Answering(MANAGERS, right, today)
    whole = Territory.unscoped.filter(level=Territory.Level.COMPANY).values_list("path", flat=True).first() or ""
    rows = list(
        ChurnAlert.unscoped.filter(state__in=ChurnAlert.PENDING)
        .annotate(path=F("institution__territory__path"))
        .order_by("pk")
    )
    changed = []
    for row in rows:
        path, key = row.path or whole, row.institution_id
        owner = accounts.at(path, spread_by=key) or managers.at(path, spread_by=key)
        if owner != row.owner_id:
            row.owner_id = owner
            changed.append(row)
    ChurnAlert.unscoped.bulk_update(changed, ["owner"], batch_size=BATCH)


def _measure(run: Run, now: datetime) -> None:
    """Write into every alert that is not measured to its end whether the customer has ordered since."""
    until = date.fromisoformat(run.result["until"])
    rows = list(ChurnAlert.unscoped.filter(ordered_on=None, last_on__lt=until).order_by("pk"))
    again = _ordered_again(snapshot(_sales()), {(row.institution_id, row.last_on) for row in rows}, until)
    for row in rows:
        row.ordered_on, row.measured_to = again.get((row.institution_id, row.last_on)), until
        if row.ordered_on is not None and row.state == State.OPEN:
            row.state, row.decided_at = State.RETURNED, now
    fields = ["ordered_on", "measured_to", "state", "decided_at"]
    ChurnAlert.unscoped.bulk_update(rows, fields, batch_size=BATCH)


def _sales() -> Any:
    from yaomai.commerce.datasets import SALES

    return SALES


def _ordered_again(taken: Snapshot, silences: set[tuple[int, date]], until: date) -> Mapping[tuple[int, date], date]:
    """Return the first order day after each silence."""
    if not silences:
        return {}
    import pyarrow as pa

    from yaomai.engine.backends import connected

    files = [str(path) for path in taken.files(start=min(day for _key, day in silences))]
    if not files:
        return {}
    wanted = pa.table({
        "customer": pa.array([key for key, _day in silences], pa.int64()),
        "last_on": pa.array([day for _key, day in silences], pa.date32()),
    })  # fmt: skip
    with connected() as engine:
        engine.con.register("wanted", wanted)
        rows = engine.con.execute(
            """
            SELECT w.customer, w.last_on, min(l.date) FROM wanted w JOIN read_parquet($files) l
            ON l.customer = w.customer AND l.date > w.last_on AND l.date <= $until AND l.amount >= 0 GROUP BY 1, 2
            """,
            {"files": files, "until": until},
        ).fetchall()
    return {(customer, last_on): first for customer, last_on, first in rows}


@act(
    "insights.churnalert:edit",
    sentence=_("%(actor)s recorded of %(target)s: %(outcome)s"),
)
def alert_record(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, state: str, note: str, cause: str = "",
    follow_up_on: date | None = None, expected_version: int | None = None,
) -> ChurnAlert:  # fmt: skip
    """Record what was done about an alert: contacted, won back, lost, or a false alarm; the last three with the cause.

    Raises:
        Missing, Stale; AlertSettled: it is settled; Invalid: no cause, no note, or a day that is past.
    """
    row = locked(ChurnAlert, pk, expected_version=expected_version)
    if row.state not in ChurnAlert.PENDING:
        raise AlertSettled(alert=str(row), state=row.get_state_display())
    if state not in (State.CONTACTED, State.WON_BACK, State.LOST, State.FALSE_ALARM):
        raise Invalid(fields={"state": [_("Choose what became of it.")]})
    if not note.strip():
        raise Invalid(fields={"note": [_("Say in a few words what was done.")]})
    if state != State.CONTACTED and not cause:
        raise Invalid(fields={"cause": [_("Say why: a core customer's silence is to be investigated.")]})
    today = local_day(now)
    if state == State.CONTACTED:
        policy, _version = policy_on(OutlookPolicy, on=today)
        follow_up_on = follow_up_on or today + timedelta(days=policy.follow_up_days)
        if follow_up_on < today:
            raise Invalid(fields={"follow_up_on": [_("Choose today or a later day.")]})
    before = row.state
    row.state, row.note, row.cause = state, note.strip(), cause
    row.follow_up_on = follow_up_on if state == State.CONTACTED else None
    row.decided_by_id, row.decided_at = actor.person_id, now
    touch(row, now)
    save(row, fields=["state", "note", "cause", "follow_up_on", "decided_by", "decided_at"])
    trail.note(row, changes={"state": (before, row.state)}, outcome=str(row.get_state_display()))
    return row
