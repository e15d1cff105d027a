"""The tier meeting of a quarter (B16): an agenda, decisions with reasons, minutes, and a record that nobody changes."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.selectors import run_in_force, run_waiting
from yaomai.organization.models import Territory
from yaomai.segmentation import KIND, results, selectors
from yaomai.segmentation.models import Subject, TierAssignment, TierChange, TierMeeting
from yaomai.segmentation.panels import LEADING
from yaomai.segmentation.policies import ReviewPolicy
from yaomai.segmentation.services.changes import hold, service_of, take_effect
from yaomai.segmentation.services.telling import tell_proposer

LONGEST = 20_000
State = TierMeeting.State


class MeetingClosed(Conflict):
    """It is history."""

    code = "meeting_closed"
    message = _("The meeting is closed: its record is frozen.")


class Undecided(Conflict):
    """A meeting ends when everything on its agenda is decided."""

    code = "meeting_undecided"
    message = _("%(count)s changes on the agenda are not decided yet.")


class OwnMeeting(Refused):
    """Whoever drew up the agenda does not close it."""

    code = "four_eyes"
    message = _("You opened this meeting, so somebody else closes it.")


def quarter_of(day: date) -> str:
    """Return 2026-Q4."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


@act("segmentation.meeting:create", sentence=_("%(actor)s opened the tier meeting %(target)s with %(count)s changes"))
def meeting_open(*, actor: Actor, trail: Trail, now: datetime, territory: Territory, held_on: date) -> TierMeeting:
    """Open the meeting of a quarter: what was proposed since, and what the newest run that waits would change.

    Raises:
        Missing: the territory is out of reach.
        Invalid: there is a meeting of this quarter.
    """
    territory = get_visible(Territory, pk=territory.pk)
    meeting = TierMeeting(
        territory=territory, held_on=held_on, quarter=quarter_of(held_on), opened_by_id=actor.person_id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    save(meeting)
    below = Territory.unscoped.filter(path__startswith=territory.path).values("pk")
    waiting = TierChange.unscoped.filter(closed_at=None, is_fast=False, meeting=None)
    count = 0
    for subject in Subject.values:
        count += waiting.filter(**{f"{subject}__territory__in": below}).update(meeting=meeting)
    count += _from_run(meeting, below, actor, now)
    trail.note(meeting, changes={"state": (None, meeting.state)}, count=count)
    return meeting


def _from_run(meeting: TierMeeting, below: Any, actor: Actor, now: datetime) -> int:
    """Put on the agenda what the newest finished run would change in the leading schemes, best ranks first."""
    run = run_waiting(KIND)
    if run is None or run_in_force(KIND) is None:
        return 0
    policy, _version = policy_on(ReviewPolicy, on=local_day(now))
    rows: list[TierChange] = []
    for subject, scheme in LEADING.items():
        for customer, before, after in _moves(run.pk, subject, scheme, below)[: policy.most_on_agenda - len(rows)]:
            rows.append(
                TierChange(
                    scheme=scheme, tier_before=before, tier=after, source=TierChange.Source.RUN, run=run,
                    reason=str(run), meeting=meeting, proposed_by_id=actor.person_id, proposed_at=now,
                    service=service_of(scheme, after, local_day(now)), **{f"{subject}_id": customer},
                )
            )  # fmt: skip
    TierChange.unscoped.bulk_create(rows, batch_size=1000)
    return len(rows)


def _moves(run: int, subject: str, scheme: str, below: Any) -> list[tuple[int, str, str]]:
    """Return (customer, tier held, tier of the run) of the territories where both differ, the best ranks first.

    Held by a decision, archived, or waiting for one: no run moves it.
    """
    owner: Any = Institution if subject == Subject.INSTITUTION else Professional
    waiting = TierChange.unscoped.filter(scheme=scheme, closed_at=None, **{f"{subject}__isnull": False})
    held = TierAssignment.unscoped.filter(
        scheme=scheme, valid_to=None, held_until=None,
        **{f"{subject}__in": owner.unscoped.filter(territory__in=below, archived_at=None)},
    ).exclude(**{f"{subject}__in": waiting.values(subject)})  # fmt: skip
    found = list(held.values_list(f"{subject}_id", "tier"))
    before = pa.table({"customer": [pk for pk, _tier in found], "before": [tier for _pk, tier in found]}, _HELD)
    try:
        after = results.table(run, subject, scheme, ["customer", "tier", "rank"])
    except Missing:
        return []
    after = after.set_column(1, "tier", after["tier"].cast(pa.string()))
    moved = after.join(before, "customer", join_type="inner").filter(pc.field("tier") != pc.field("before"))
    moved = moved.sort_by([("rank", "ascending"), ("customer", "ascending")])
    return [(row["customer"], row["before"], row["tier"]) for row in moved.to_pylist()]


_HELD = pa.schema([("customer", pa.int64()), ("before", pa.string())])


@act("segmentation.meeting:edit", sentence=_("%(actor)s wrote the minutes of %(target)s"))
def meeting_update(
    *, actor: Actor, trail: Trail, pk: int, minutes: str, now: datetime, expected_version: int | None = None
) -> TierMeeting:
    """Write the minutes of an open meeting.

    Raises:
        Missing, Stale, MeetingClosed; Invalid: too long.
    """
    meeting = locked(TierMeeting, pk, expected_version=expected_version)
    if meeting.state == State.CLOSED:
        raise MeetingClosed
    if len(minutes) > LONGEST:
        raise Invalid(fields={"minutes": [_("Say it in 1 to %(most)s characters.") % {"most": LONGEST}]})
    before, meeting.minutes = meeting.minutes, minutes.strip()
    touch(meeting, now)
    save(meeting, fields=["minutes"])
    trail.note(meeting, changes={"minutes": (len(before), len(meeting.minutes))})
    return meeting


@act(
    "segmentation.meeting:close",
    right="segmentation.meeting:publish",
    sentence=_("%(actor)s closed %(target)s: %(accepted)s accepted, %(rejected)s rejected; seal %(digest)s"),
)
def meeting_close(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> TierMeeting:
    """Close a meeting: accepted changes take effect today, the record is frozen.

    Raises:
        Missing, Stale, MeetingClosed, Undecided, OwnMeeting, Overtaken; Invalid: no minutes.
    """
    meeting = locked(TierMeeting, pk, verb="publish", expected_version=expected_version)
    if meeting.state == State.CLOSED:
        raise MeetingClosed
    if meeting.opened_by_id is not None and meeting.opened_by_id == actor.person_id:
        raise OwnMeeting
    if not meeting.minutes:
        raise Invalid(fields={"minutes": [_("Write down what was said before you close.")]})
    changes = list(
        TierChange.unscoped.filter(meeting=meeting).select_for_update(of=("self",))
        .select_related("institution", "professional", "proposed_by", "decided_by").order_by("pk")
    )  # fmt: skip
    undecided = sum(change.state == TierChange.State.OPEN for change in changes)
    if undecided:
        raise Undecided(count=undecided)
    for change in changes:
        if change.state == TierChange.State.ACCEPTED:
            take_effect(change, now)
        else:
            hold(change, now)
            change.closed_at = now
            change.save(update_fields=["closed_at"])
        tell_proposer(change, now)
    meeting.held_on = min(meeting.held_on, local_day(now))  # planned for later, held before
    meeting.closed_by_id, meeting.closed_at, meeting.state = actor.person_id, now, State.CLOSED
    meeting.record = _record(meeting, changes, actor, now)
    meeting.digest = digest_of(meeting.record)
    touch(meeting, now)
    save(meeting, fields=["held_on", "closed_by", "closed_at", "state", "record", "digest"])
    accepted = sum(change.state == TierChange.State.ACCEPTED for change in changes)
    trail.note(
        meeting, changes={"state": (State.OPEN, State.CLOSED)}, accepted=accepted, rejected=len(changes) - accepted,
        digest=meeting.digest,
    )  # fmt: skip
    return meeting


def digest_of(record: Any) -> str:
    """Return the SHA-256 of a record, in hexadecimal."""
    return hashlib.sha256(json.dumps(record, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _record(meeting: TierMeeting, changes: list[TierChange], actor: Actor, now: datetime) -> dict[str, Any]:
    run = run_in_force(KIND)
    labels = {(found.name, found.subject): found for found in selectors.schemes(run)}
    return {
        "meeting": str(meeting), "held_on": meeting.held_on.isoformat(), "minutes": meeting.minutes,
        "opened_by": str(meeting.opened_by or ""), "closed_by": actor.label, "closed_at": now.isoformat(),
        "run": run.pk if run is not None else None, "policies": dict(run.policies) if run is not None else {},
        "changes": [_line(change, labels.get((change.scheme, change.subject))) for change in changes],
    }  # fmt: skip


def _line(change: TierChange, scheme: selectors.Scheme | None) -> dict[str, Any]:
    return {
        "change": change.pk, "subject": change.subject, "customer": change.customer.pk, "name": str(change.customer),
        "scheme": scheme.label if scheme else change.scheme,
        "tier_before": scheme.tier_label(change.tier_before) if scheme else change.tier_before,
        "tier": scheme.tier_label(change.tier) if scheme else change.tier,
        "source": change.source, "reason": change.reason, "state": change.state, "decision": change.decision,
        "proposed_by": str(change.proposed_by or ""), "decided_by": str(change.decided_by or ""),
        "effective_on": change.effective_on.isoformat() if change.effective_on else None,
        "held_until": change.held_until.isoformat() if change.held_until else None, "service": change.service,
    }  # fmt: skip
