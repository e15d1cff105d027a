"""The life of a run: start, finish or fail, publish, roll back.

What comes into force is a room's: `run_publish` and `run_roll_back` are called inside the room's own act, which checks
the right, does what follows, and leaves the one entry.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, require
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.audit.trail import canonical
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.phrases import Phrase
from yaomai.kit.runs.kinds import kind_of
from yaomai.kit.runs.models import Period, Run
from yaomai.kit.runs.selectors import run_before


class NotFinished(Conflict):
    """Only a finished run can be published."""

    code = "run_not_finished"
    message = _("%(run)s is not finished: %(state)s.")


class NotRunning(Conflict):
    """The run has ended."""

    code = "run_not_running"
    message = _("%(run)s has already ended: %(state)s.")


class PublishedMeanwhile(Conflict):
    """Another run was published since the person looked."""

    code = "run_published_meanwhile"
    message = _(
        "%(person)s published %(run)s in the meantime. Look at it first; then publish yours again if it is still right."
    )


class NothingBefore(Conflict):
    """There is no earlier run to go back to."""

    code = "run_nothing_before"
    message = _("No earlier run was in force: there is nothing to go back to.")


class ClockBehind(Conflict):
    """The server's clock stands before the moment at which the run in force was published."""

    code = "run_clock_behind"
    message = _(
        "The clock of the server shows %(now)s, but %(run)s was published at %(published)s. Nothing was changed. Ask the "
        "administrators to set the clock right, then try again."
    )


def fingerprint_of(
    *,
    kind: str,
    parameters: Mapping[str, Any],
    as_of: date,
    inputs: Mapping[str, str],
    policies: Mapping[str, Any],
    engine_version: str,
    seed: int,
) -> str:
    """Return the text that is equal exactly when everything that goes in is."""
    said = [kind, parameters, as_of.isoformat(), inputs, policies, engine_version, seed]
    return hashlib.sha256(canonical({"run": said}).encode()).hexdigest()


def _lock(kind: str) -> None:
    """Let one transaction at a time number, publish or roll back the runs of a kind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [f"run:{kind}"])


def _locked(actor: Actor, pk: int, verb: str) -> Run:
    run: Run | None = Run.objects.filter(pk=pk).first()
    if run is None:
        raise Missing
    require(actor, kind_of(run.kind).right(verb))
    _lock(run.kind)
    return Run.unscoped.select_for_update(no_key=True).get(pk=pk)


@act("runs.run:run", right="", sentence=_("%(actor)s started %(target)s"))
def run_start(
    *,
    actor: Actor,
    trail: Trail,
    kind: str,
    parameters: Mapping[str, Any],
    as_of: date,
    inputs: Mapping[str, str],
    policies: Mapping[str, Any],
    engine_version: str,
    now: datetime,
    seed: int = 0,
) -> tuple[Run, bool]:
    """Start a run, or return the one that has the same inputs and did not fail.

    Returns:
        The run, and whether it is new: only then is there anything to compute.

    Raises:
        Missing: the kind is not for the actor to run.
        Invalid: `as_of` lies ahead.
    """
    require(actor, kind_of(kind).right("run"))
    if as_of > local_day(now):
        raise Invalid(fields={"as_of": [_("The day lies ahead; choose today or an earlier day.")]})
    went_in: dict[str, Any] = {
        "parameters": dict(parameters), "as_of": as_of, "inputs": dict(inputs), "policies": dict(policies),
        "engine_version": engine_version, "seed": seed,
    }  # fmt: skip
    fingerprint = fingerprint_of(kind=kind, **went_in)
    _lock(kind)
    siblings = Run.unscoped.filter(kind=kind)
    same = siblings.filter(fingerprint=fingerprint).exclude(state=Run.State.FAILED).first()
    if same is not None:
        trail.note(same, fingerprint=fingerprint)
        return same, False
    run = siblings.create(
        kind=kind,
        number=(siblings.aggregate(last=Max("number"))["last"] or 0) + 1,
        fingerprint=fingerprint,
        started_by_id=actor.person_id,
        started_by_label=actor.label,
        started_at=now,
        **went_in,
    )
    trail.note(run, fingerprint=fingerprint)
    return run, True


def _end(run: Run, state: Run.State, now: datetime, **values: Any) -> None:
    if run.state != Run.State.RUNNING:
        raise NotRunning(run=str(run), state=run.get_state_display())
    run.state, run.finished_at = state, now
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=["state", "finished_at", *values])


@act("runs.run:finish", right="", sentence=_("%(target)s finished"))
def run_finish(*, actor: Actor, trail: Trail, pk: int, result: Mapping[str, Any], now: datetime) -> Run:
    """Record the summary of the result, in the transaction that writes the result itself.

    Raises:
        NotRunning: it has ended.
    """
    run = _locked(actor, pk, "run")
    _end(run, Run.State.FINISHED, now, result=dict(result))
    trail.note(run, changes={"state": ("running", "finished")})
    return run


@act("runs.run:fail", right="", sentence=_("%(target)s failed: %(reason)s"))
def run_fail(*, actor: Actor, trail: Trail, pk: int, error: Phrase, now: datetime) -> Run:
    """Record that the run came to nothing; the same inputs may be tried again as a new run.

    Raises:
        NotRunning: it has ended.
    """
    run = _locked(actor, pk, "run")
    _end(run, Run.State.FAILED, now, error=error)
    trail.note(run, changes={"state": ("running", "failed")}, reason=error)
    return run


def run_publish(*, actor: Actor, pk: int, now: datetime, instead_of: int | None = None) -> Run:
    """Put a finished run in force.

    Args:
        instead_of: id of the run in force that the person saw, or None when there was none: of two people who
            publish at once the second is told what the first did.

    Raises:
        NotFinished: it is running or failed.
        PublishedMeanwhile: another run is in force than the person saw.
    """
    run = _locked(actor, pk, "publish")
    if run.state != Run.State.FINISHED:
        raise NotFinished(run=str(run), state=run.get_state_display())
    current = _in_force(run.kind)
    if current is not None and current.pk not in (run.pk, instead_of):
        raise PublishedMeanwhile(person=current.published_by_label, run=str(current))
    _put_in_force(run, current, actor, now)
    return run


def run_roll_back(*, actor: Actor, pk: int, reason: str, now: datetime) -> Run:
    """Take the run `pk` out of force and put the one before it in force again.

    Raises:
        PublishedMeanwhile: another run is in force by now.
        NothingBefore: no run was in force before it.
        Invalid: no reason is given.
    """
    run = _locked(actor, pk, "publish")
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: the inspection will ask.")]})
    current = _in_force(run.kind)
    if current is None or current.pk != run.pk:
        raise PublishedMeanwhile(person=current.published_by_label if current else actor.label, run=str(current or run))
    earlier = run_before(run)
    if earlier is None:
        raise NothingBefore
    _put_in_force(earlier, run, actor, now)
    return earlier


def _in_force(kind: str) -> Run | None:
    return (
        Run.unscoped.select_for_update(no_key=True)
        .filter(kind=kind, published_at__isnull=False, superseded_at__isnull=True)
        .first()
    )


def _put_in_force(run: Run, current: Run | None, actor: Actor, now: datetime) -> None:
    if current is not None and current.pk == run.pk:
        return
    if current is not None:
        if current.published_at is not None and current.published_at > now:
            raise ClockBehind(now=_moment(now), run=str(current), published=_moment(current.published_at))
        current.superseded_at, current.superseded_by = now, run
        current.save(update_fields=["superseded_at", "superseded_by"])
        Period.objects.filter(run=current, ended_at__isnull=True).update(ended_at=now)
    run.published_at, run.published_by_label = now, actor.label
    run.superseded_at = run.superseded_by = None
    run.save(update_fields=["published_at", "published_by_label", "superseded_at", "superseded_by"])
    Period.objects.create(run=run, began_at=now)


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
