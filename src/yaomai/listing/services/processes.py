"""The way of a product into a hospital: opened, moved from stage to stage, closed with an outcome; stances on it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.listing import rules
from yaomai.listing.models import Process, Stage, StagePeriod, Stance, Voice

FIELDS = ("blocker", "next_step", "next_step_on", "owner")


class Closed(Conflict):
    """The process has its outcome."""

    code = "listing_process_closed"
    message = _("%(name)s is closed: %(outcome)s. Open a new process for another attempt.")


def _open(pk: int, *, verb: str = "edit", expected_version: int | None = None) -> Process:
    process = locked(Process, pk, verb=verb, expected_version=expected_version)
    require_open(process)
    if process.outcome:
        raise Closed(name=str(process), outcome=process.get_outcome_display())
    return process


@act("listing.process:create", sentence=_("%(actor)s opened the listing of %(target)s"))
def process_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    product: Product,
    opened_on: date,
    **fields: Any,
) -> Process:
    """Open a process at its first stage.

    Raises:
        Missing: institution or product is out of reach.
        Invalid: it is open already, or the day lies ahead.
    """
    institution = get_visible(Institution, pk=institution.pk)
    require_open(institution)
    product = get_visible(Product, pk=product.pk)
    if opened_on > local_day(now):
        raise Invalid(fields={"opened_on": [_("The day lies in the future.")]})
    process = Process(
        institution=institution, product=product, opened_on=opened_on, stage_since=opened_on, created_at=now,
        updated_at=now,
    )  # fmt: skip
    changes = change(process, fields, allowed=FIELDS)
    save(process)
    StagePeriod.unscoped.create(process=process, stage=process.stage, entered_on=opened_on)
    trail.note(process, changes={"stage": (None, process.stage), **changes})
    return process


@act("listing.process:update", right="listing.process:edit", sentence=_("%(actor)s changed the listing of %(target)s"))
def process_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Process:
    """Change blocker, next step or who is responsible; the way itself is moved by `process_move`.

    Raises:
        Missing, Stale, Archived, Closed, Invalid.
    """
    process = _open(pk, expected_version=expected_version)
    same = ("institution", "product", "opened_on")
    wanted = {name: value for name, value in changes.items() if name not in same or getattr(process, name) != value}
    differing = change(process, wanted, allowed=FIELDS)
    touch(process, now)
    save(process, fields=differing)
    trail.note(process, changes=differing)
    return process


@act(
    "listing.process:move",
    right="listing.process:edit",
    sentence=_("%(actor)s moved %(target)s from %(before)s to %(after)s on %(on)s"),
)
def process_move(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    stage: str,
    on: date,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> Process:
    """Move to another stage: forward is passed, backward is returned and needs a note.

    Raises:
        Missing, Stale, Archived, Closed.
        Invalid: the stage is the present one or unknown, the day is before this stage began or lies ahead, or a
            return has no note.
    """
    process = _open(pk, expected_version=expected_version)
    if stage not in Stage.values or stage == process.stage:
        raise Invalid(fields={"stage": [_("Choose another stage.")]})
    _check_day(process, on, now)
    forward = rules.is_forward(process.stage, stage)
    if not forward and not note.strip():
        raise Invalid(fields={"note": [_("Say why it was returned.")]})
    result = StagePeriod.Result.PASSED if forward else StagePeriod.Result.RETURNED
    _leave(process, on, result, note)
    before, process.stage, process.stage_since = process.get_stage_display(), Stage(stage), on
    process.blocker = ""
    touch(process, now)
    save(process, fields=["stage", "stage_since", "blocker"])
    StagePeriod.unscoped.create(process=process, stage=stage, entered_on=on)
    trail.note(
        process, changes={"stage": (before, process.get_stage_display())}, before=before,
        after=process.get_stage_display(), on=on,
    )  # fmt: skip
    return process


@act(
    "listing.process:close",
    right="listing.process:edit",
    sentence=_("%(actor)s closed the listing of %(target)s: %(outcome)s"),
)
def process_close(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    outcome: str,
    on: date,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> Process:
    """Close with an outcome; anything but listed needs a note.

    Raises:
        Missing, Stale, Archived, Closed.
        Invalid: unknown outcome, a day that cannot be, or no note.
    """
    process = _open(pk, expected_version=expected_version)
    if outcome not in Process.Outcome.values:
        raise Invalid(fields={"outcome": [_("Choose from the list.")]})
    if outcome != Process.Outcome.LISTED and not note.strip():
        raise Invalid(fields={"note": [_("Say why, so that the next attempt can learn from it.")]})
    _check_day(process, on, now)
    is_listed = outcome == Process.Outcome.LISTED
    _leave(process, on, StagePeriod.Result.PASSED if is_listed else StagePeriod.Result.ENDED, note)
    process.outcome, process.closed_on = Process.Outcome(outcome), on
    touch(process, now)
    save(process, fields=["outcome", "closed_on"])
    trail.note(process, changes={"outcome": ("", outcome)}, outcome=process.get_outcome_display())
    return process


@act("listing.process:archive", sentence=_("%(actor)s archived the listing of %(target)s"))
def process_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Process:
    """Take a process that was opened by mistake out of sight."""
    process = locked(Process, pk, verb="archive", expected_version=expected_version)
    require_open(process)
    process.archived_at = now
    touch(process, now)
    save(process, fields=["archived_at"])
    trail.note(process, changes={"archived_at": (None, now)})
    return process


@act(
    "listing.process:stance",
    right="listing.process:edit",
    sentence=_("%(actor)s recorded where %(person)s stands on %(target)s: %(value)s (%(source)s)"),
)
def stance_record(
    *,
    actor: Actor,
    trail: Trail,
    process: int,
    professional: Professional,
    value: str,
    source: str,
    recorded_on: date,
    now: datetime,
    voice: str = Voice.ORDINARY,
    reason: str = "",
) -> Stance:
    """Record a stance; the one before stays as history.

    Raises:
        Missing: process or person out of reach.
        Archived, Closed.
        Invalid: unknown stance or voice, no source, a day ahead, or a doubt without its reason.
    """
    row = _open(process)
    person = get_visible(Professional, pk=professional.pk)
    fields: dict[str, list[Any]] = {}
    if value not in Stance.Value.values:
        fields["value"] = [_("Choose from the list.")]
    if voice not in Voice.values:
        fields["voice"] = [_("Choose from the list.")]
    if not source.strip():
        fields["source"] = [_("Say where this comes from.")]
    if recorded_on > local_day(now):
        fields["recorded_on"] = [_("The day lies in the future.")]
    if value in (Stance.Value.DOUBTS, Stance.Value.OPPOSES) and not reason.strip():
        fields["reason"] = [_("Say why: the answer to it is the next step.")]
    if fields:
        raise Invalid(fields=fields)
    Stance.unscoped.filter(process=row, professional=person, superseded_at__isnull=True).update(superseded_at=now)
    stance = Stance.unscoped.create(
        process=row, professional=person, value=value, voice=voice, reason=reason.strip(), source=source.strip(),
        recorded_on=recorded_on, recorded_by_id=actor.person_id,
    )  # fmt: skip
    trail.note(
        row, changes={"stance": (None, stance.get_value_display())}, person=person.name,
        value=stance.get_value_display(), source=stance.source,
    )  # fmt: skip
    return stance


def _check_day(process: Process, on: date, now: datetime) -> None:
    if on < process.stage_since:
        raise Invalid(fields={"on": [_("This stage began on %(day)s.") % {"day": process.stage_since}]})
    if on > local_day(now):
        raise Invalid(fields={"on": [_("The day lies in the future.")]})


def _leave(process: Process, on: date, result: str, note: str) -> None:
    StagePeriod.unscoped.filter(process=process, left_on__isnull=True).update(
        left_on=on, result=result, note=note.strip()[:500]
    )
