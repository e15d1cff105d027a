"""Compute tiers: read everything of one moment, score, and keep what went in and what came out."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai import __version__
from yaomai.commerce.datasets import SALES
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import SchemeResult, evaluate
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.jobs import JobHandle
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs import files
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.services import run_finish, run_start
from yaomai.kit.warehouse import Snapshot, snapshot
from yaomai.segmentation import KIND, results
from yaomai.segmentation.inputs import MEASURES, applies, attribute_names, attributes
from yaomai.segmentation.models import Subject
from yaomai.segmentation.policies import SCHEME_POLICIES


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a run reads, as of one moment."""

    as_of: date
    sales: Snapshot
    specs: list[SchemeSpec]
    versions: dict[str, int | None]
    attributes: dict[str, pa.Table]

    def fingerprints(self) -> dict[str, str]:
        """Return what tells two gatherings apart."""
        found = {SALES.name: self.sales.fingerprint}
        return found | {subject: _fingerprint(table) for subject, table in self.attributes.items()}


def _fingerprint(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def scheme_specs(on: date) -> tuple[list[SchemeSpec], dict[str, int | None]]:
    """Return the schemes in force on a day, and the versions of their policies and of those of what rooms measure."""
    specs, versions = [], {}
    for declared in SCHEME_POLICIES:
        policy, version = policy_on(declared, on=on)
        specs.append(policy.spec)
        versions[declared.name] = version.number if version is not None else None
    for measure in MEASURES:
        _policy, version = policy_on(measure.policy, on=on)
        versions[measure.policy.name] = version.number if version is not None else None
    return specs, versions


def gather(as_of: date) -> Gathered:
    """Read the sales flow's mirror, the attributes and the policies."""
    specs, versions = scheme_specs(as_of)
    tables = {subject: attributes(subject, attribute_names(specs, subject), as_of=as_of) for subject in Subject.values}
    return Gathered(as_of, snapshot(SALES), specs, versions, tables)


@act(
    "segmentation.tier:request",
    right="segmentation.tier:run",
    sentence=_("%(actor)s asked for the tiers as of %(as_of)s"),
)
def tiers_request(*, actor: Actor, trail: Trail, as_of: date, now: datetime) -> Any:
    """Ask for a run in the background; return its job."""
    from yaomai.segmentation.jobs import compute_tiers

    job = compute_tiers.defer(actor=actor, as_of=as_of.isoformat())
    trail.note(as_of=as_of.isoformat())
    return job


def tiers_compute(*, actor: Actor, as_of: date, job: JobHandle | None = None) -> Run:
    """Compute all schemes as of a day; equal inputs return the run that there is.

    A run that was killed in the middle goes on under its own number: its files are written whole or not at all.
    """
    report = job.progress if job is not None else lambda *_args: None
    report(0, 5, _("Reading sales flow and assessments"))
    gathered = gather(as_of)
    run, is_new = run_start(
        actor=actor,
        kind=KIND,
        parameters={},
        as_of=as_of,
        inputs=gathered.fingerprints(),
        policies=gathered.versions,
        engine_version=__version__,
        now=timezone.now(),
    )
    if not is_new and run.state == Run.State.FINISHED:
        return run
    report(1, 5, _("Computing metrics"))
    tables = {
        Subject.INSTITUTION.value: _institution_inputs(gathered),
        Subject.PROFESSIONAL.value: gathered.attributes[Subject.PROFESSIONAL],
    }
    report(3, 5, _("Scoring and ranking"))
    summary: dict[str, Any] = {}
    with files.writing(run.pk) as draft:
        for subject, inputs in tables.items():
            specs = [spec for spec in gathered.specs if applies(spec, subject)]
            found = evaluate(inputs, None, specs, as_of=as_of)
            results.write(draft, subject, inputs, found)
            summary[subject] = {name: _summary(result, inputs) for name, result in found.items()}
    report(4, 5, _("Saving results"))
    return run_finish(actor=actor, pk=run.pk, result={"subjects": summary}, now=timezone.now())


def _institution_inputs(gathered: Gathered) -> pa.Table:
    """Return metrics and attributes of every active institution, in order of customer."""
    from yaomai.engine.backends import connected
    from yaomai.engine.monthly import MonthFile, monthly_metrics

    known = gathered.attributes[Subject.INSTITUTION]
    months = [MonthFile(month, (str(path),), path.name) for month, path in sorted(gathered.sales.paths.items())]
    if not months:
        return known
    state = Path(settings.DATA) / "engine" / "sales"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with connected() as connection:
        metrics = monthly_metrics(connection, months, as_of=gathered.as_of, state=state)
    return known.join(metrics, keys="customer", join_type="left outer").sort_by("customer").combine_chunks()


def _summary(result: SchemeResult, inputs: pa.Table) -> dict[str, Any]:
    """Return customers and amount per tier, best tier first."""
    found: dict[str, Any] = {name: {"customers": count, "amount": "0"} for name, count in result.counts().items()}
    if "amount_12m" in inputs.column_names:
        tiers = result.table.select(["customer", "tier"]).set_column(1, "tier", result.table["tier"].cast(pa.string()))
        sums = (
            tiers.join(inputs.select(["customer", "amount_12m"]), keys="customer", join_type="left outer")
            .group_by("tier")
            .aggregate([("amount_12m", "sum")])
        )
        for row in sums.to_pylist():
            if row["tier"] in found:
                found[row["tier"]]["amount"] = str(row["amount_12m_sum"] or 0)
    return found


def specs_by_name(specs: Sequence[SchemeSpec]) -> Mapping[str, SchemeSpec]:
    """Return schemes by name."""
    return {spec.name: spec for spec in specs}
