"""Put a run's tiers in force: close what changed, open what is new, touch nothing else."""

import io
from datetime import date, datetime

import pyarrow as pa
import pyarrow.csv as pacsv
from django.db import connection
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.runs.services import run_publish, run_roll_back
from yaomai.segmentation import KIND, results
from yaomai.segmentation.models import Subject
from yaomai.segmentation.services.changes import overtake
from yaomai.segmentation.services.type_proposals import types_propose

CLOSE = """
UPDATE segmentation_tierassignment held SET valid_to = %(day)s
WHERE held.valid_to IS NULL AND (held.held_until IS NULL OR held.held_until <= %(day)s)
AND held.id <> ALL(%(on_agenda)s) AND NOT EXISTS (
    SELECT FROM new_tiers new WHERE new.scheme = held.scheme AND new.tier = held.tier
    AND new.institution_id IS NOT DISTINCT FROM held.institution_id
    AND new.professional_id IS NOT DISTINCT FROM held.professional_id)
"""
ON_AGENDA = """
SELECT held.id FROM segmentation_tierchange change JOIN segmentation_tierassignment held
ON held.scheme = change.scheme AND held.valid_to IS NULL AND held.{subject}_id = change.{subject}_id
WHERE change.closed_at IS NULL AND change.meeting_id IS NOT NULL
"""
"""What a meeting that is open decides: no run decides it meanwhile."""
OPEN = """
WITH opened AS (
INSERT INTO segmentation_tierassignment (scheme, tier, institution_id, professional_id, run_id, valid_from)
SELECT new.scheme, new.tier, new.institution_id, new.professional_id, %(run)s, %(day)s FROM new_tiers new
LEFT JOIN customers_institution i ON i.id = new.institution_id
LEFT JOIN customers_professional p ON p.id = new.professional_id
WHERE coalesce(i.merged_into_id, p.merged_into_id) IS NULL AND coalesce(i.id, p.id) IS NOT NULL
ON CONFLICT DO NOTHING RETURNING institution_id, professional_id
) SELECT count(DISTINCT institution_id) + count(DISTINCT professional_id) FROM opened
"""


@act(
    "segmentation.tier:publish",
    sentence=_("%(actor)s published the tiers of %(target)s: %(opened)s customers have a new tier"),
)
def tiers_publish(*, actor: Actor, trail: Trail, pk: int, now: datetime, instead_of: int | None = None) -> Run:
    """Publish a finished run; from today every customer has its tiers.

    Raises:
        NotFinished, PublishedMeanwhile: see `run_publish`.
    """
    before = run_in_force(KIND)
    run = run_publish(actor=actor, pk=pk, now=now, instead_of=instead_of)
    opened = _apply(run, local_day(now))
    overtake(actor, now)
    types_propose(run, now)
    trail.note(run, changes={"in_force": (before and str(before), str(run))}, opened=opened)
    return run


@act(
    "segmentation.tier:roll_back",
    right="segmentation.tier:publish",
    sentence=_("%(actor)s rolled the tiers back to %(target)s: %(reason)s"),
)
def tiers_roll_back(*, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime) -> Run:
    """Take the run in force out of force; the tiers of the one before hold again from today."""
    before = run_in_force(KIND)
    run = run_roll_back(actor=actor, pk=pk, reason=reason, now=now)
    opened = _apply(run, local_day(now))
    overtake(actor, now)
    trail.note(run, changes={"in_force": (str(before), str(run))}, reason=reason, opened=opened)
    return run


def _apply(run: Run, day: date) -> int:
    """Bring the assignments into step with a run; return how many customers have a tier that is new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE new_tiers (scheme text, tier text, institution_id bigint, professional_id bigint)"
            " ON COMMIT DROP"
        )
        for subject, schemes in run.result["subjects"].items():
            for scheme in schemes:
                table = results.table(run.pk, subject, scheme, ["customer", "tier"])
                column = "institution_id" if subject == Subject.INSTITUTION else "professional_id"
                with cursor.copy(f"COPY new_tiers (scheme, tier, {column}) FROM STDIN (FORMAT csv)") as copy:
                    copy.write(_csv(scheme, table))
        cursor.execute("CREATE INDEX ON new_tiers (scheme, institution_id) WHERE institution_id IS NOT NULL")
        cursor.execute("CREATE INDEX ON new_tiers (scheme, professional_id) WHERE professional_id IS NOT NULL")
        cursor.execute("ANALYZE new_tiers")
        kept = []
        for subject in Subject.values:
            cursor.execute(ON_AGENDA.format(subject=subject))
            kept += [pk for (pk,) in cursor.fetchall()]
        cursor.execute(CLOSE, {"day": day, "on_agenda": kept})
        cursor.execute(OPEN, {"day": day, "run": run.pk})
        (customers,) = cursor.fetchone()
        cursor.execute("DROP TABLE new_tiers")
    return int(customers)


def _csv(scheme: str, table: pa.Table) -> memoryview:
    sink = io.BytesIO()
    written = pa.table(
        {
            "scheme": pa.repeat(scheme, table.num_rows),
            "tier": table["tier"].cast(pa.string()),
            "customer": table["customer"],
        }
    )
    pacsv.write_csv(written.combine_chunks(), sink, pacsv.WriteOptions(include_header=False))
    return sink.getbuffer()
