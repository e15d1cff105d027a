"""Runs that tell what to expect of each customer: asked for, computed, put in force, measured afterwards."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from yaomai.insights.outlook.inputs import Gathered, gather, read
from yaomai.insights.outlook.policies import OutlookPolicy
from yaomai.insights.services.alerts import alerts_renew
from yaomai.insights.services.computing import compute_and_publish
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.jobs import JobHandle
from yaomai.kit.runs import files
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.runs.services import run_publish

KIND = "insights.outlook"
FILE = "outlook.parquet"
COLUMNS = (
    "orders", "first_on", "last_on", "days_silent", "usual_days", "p_active", "p_away", "expected_orders",
    "expected_orders_low", "expected_orders_high", "purchases", "purchases_low", "purchases_high", "value", "value_low",
    "value_high", "value_before", "past_year", "year_before", "next_on", "next_from", "next_to", "alert", "doubt",
    "reasons",
)  # fmt: skip


@act(
    "insights.outlook:request",
    right="insights.outlook:run",
    sentence=_("%(actor)s asked what to expect of customers as of %(as_of)s"),
)
def outlook_request(*, actor: Actor, trail: Trail, as_of: date, now: datetime) -> Any:
    """Ask for a run in the background; return its job."""
    from yaomai.insights.jobs import compute_outlook

    job = compute_outlook.defer(actor=actor, as_of=as_of.isoformat())
    trail.note(as_of=as_of.isoformat())
    return job


def outlook_compute(*, actor: Actor, as_of: date, job: JobHandle | None = None) -> Run:
    """Compute a run as of a day and put it in force where the actor may; equal inputs return the run that there is."""
    report = job.progress if job is not None else lambda *_args: None
    report(0, 4, _("Reading sales flow and visits"))
    gathered = gather(as_of)

    def compute(run: Run) -> dict[str, Any]:
        report(1, 4, _("Comparing methods and computing"))
        return _write(run, gathered)

    return compute_and_publish(
        gathered, kind=KIND, actor=actor, as_of=as_of, compute=compute, publish=outlook_publish, report=report, steps=4
    )


def _settings(policy: OutlookPolicy) -> Any:
    """Return what the engine is asked for."""
    from yaomai.engine.customer_base.foreseeing import Settings
    from yaomai.engine.customer_base.losing import Limits
    from yaomai.engine.customer_base.valuing import BEST

    limits = Limits(policy.alert_months, policy.core_alert_months, float(policy.fall), float(policy.silent_times))
    return Settings(
        years=policy.years, margin=float(policy.margin), discount=float(policy.discount), away_days=policy.away_days,
        model=BEST if policy.model == "proposed" else policy.model, overdue=float(policy.overdue_share),
        risk=float(policy.risk), lost_months=policy.lost_months, limits=limits,
    )  # fmt: skip


def _write(run: Run, gathered: Gathered) -> dict[str, Any]:
    """Compute and keep the table of a run; return its summary."""
    from yaomai.engine.customer_base.foreseeing import foresee
    from yaomai.engine.sources import SourceProblem

    with read(gathered) as found:
        if found is None:
            return _nothing(gathered)
        log, contacts = found
        try:
            foreseen = foresee(
                log, until=log.last_day, settings=_settings(gathered.policy), core=frozenset(gathered.core),
                contacts=contacts,
            )  # fmt: skip
        except SourceProblem:
            return _nothing(gathered)
    with files.writing(run.pk) as draft:
        files.write_table(foreseen.table, draft / FILE)
    summary = {"first_on": str(log.first_day), "away_days": gathered.policy.away_days} | foreseen.summary
    return dict(_plain(summary))


def _nothing(gathered: Gathered) -> dict[str, Any]:
    """Say that there is nothing to conclude from, in both languages."""
    zh, en = "还没有流向，无从预测。请先导入流向", "There is no sales flow yet. Import it first"
    return {"customers": 0, "problem": {"zh": zh, "en": en}, "away_days": gathered.policy.away_days}


def _plain(value: Any) -> Any:
    """Return a summary as JSON can hold it: what is no number is null."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and value != value else value


@act(
    "insights.outlook:publish",
    sentence=_("%(actor)s put %(target)s in force: %(customers)s customers, %(alerts)s new alerts"),
)
def outlook_publish(*, actor: Actor, trail: Trail, pk: int, now: datetime, instead_of: int | None = None) -> Run:
    """Put a finished run in force: its rows take the place of those that were, alerts are renewed and measured.

    Raises:
        NotFinished, PublishedMeanwhile: see `run_publish`.
    """
    before = run_in_force(KIND)
    run = run_publish(actor=actor, pk=pk, now=now, instead_of=instead_of)
    customers = _replace(run)
    alerts = alerts_renew(run, now) if customers else 0
    trail.note(run, changes={"in_force": (before and str(before), str(run))}, customers=customers, alerts=alerts)
    return run


_NAMES = ", ".join(COLUMNS)
DRAFT = f"""
CREATE TEMP TABLE new_outlook ON COMMIT DROP AS SELECT institution_id AS customer, {_NAMES} FROM insights_outlook
WHERE false
"""  # noqa: S608 — names of columns, none from outside
FILL = f"COPY new_outlook (customer, {_NAMES}) FROM STDIN (FORMAT csv)"
REPLACE = f"""
INSERT INTO insights_outlook (id, institution_id, run_id, {_NAMES})
SELECT new.customer, new.customer, %(run)s, {", ".join(f"new.{name}" for name in COLUMNS)}
FROM new_outlook new JOIN customers_institution i ON i.id = new.customer
WHERE i.merged_into_id IS NULL AND i.archived_at IS NULL ORDER BY new.customer
"""  # noqa: S608 — names of columns, none from outside


def _replace(run: Run) -> int:
    """Let the rows be those of a run; return how many there are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM insights_outlook")
        if not run.result.get("customers"):
            return 0
        cursor.execute(DRAFT)
        with cursor.copy(FILL) as copy:
            copy.write(_csv(run))
        cursor.execute(REPLACE, {"run": run.pk})
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE new_outlook")
    return count


def _csv(run: Run) -> memoryview:
    import pyarrow.csv as pacsv

    sink = io.BytesIO()
    table = files.table(run.pk, FILE, columns=["customer", *COLUMNS]).combine_chunks()
    pacsv.write_csv(table, sink, pacsv.WriteOptions(include_header=False))
    return sink.getbuffer()
