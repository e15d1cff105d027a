"""Stages of communication (D9), and another strategy where a product makes no progress (D13)."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional
from yaomai.engagement.models import Communication, CommunicationStage, StrategyAlert, Visit
from yaomai.engagement.policies import StrategyPolicy
from yaomai.engagement.rules import visits as rules
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.inbox import nudge_close, nudge_upsert
from yaomai.kit.policies.selectors import policy_on

KIND = "engagement.strategy"
LOOKED_AT = 40
"""Contacts that are looked back over at most."""


class AlreadyMeasured(Conflict):
    """The alert is over."""

    code = "strategy_alert_over"
    message = _("This alert is over: its outcome was measured.")


# Stages ---------------------------------------------------------------------------------------------------------


def stage_note(person: Professional, stage: str, *, on: date, reason: str, actor: Actor, now: datetime) -> None:
    """Keep a stage inside the service that reports the visit; the same stage again changes nothing."""
    if stage not in CommunicationStage.values:
        raise Invalid(fields={"stage": [_("Choose from the list.")]})
    present = (
        Communication.unscoped.select_for_update(of=("self",)).filter(professional=person, superseded_at=None).first()
    )
    if present is not None and present.stage == stage:
        return
    if present is not None:
        present.superseded_at = now
        present.save(update_fields=["superseded_at"])
    Communication.unscoped.create(
        professional=person, stage=stage, since=on, reason=reason[:300], recorded_by_id=actor.person_id, recorded_at=now
    )


@act(
    "engagement.communication:move", right="engagement.visit:edit",
    sentence=_("%(actor)s moved the communication with %(target)s to “%(stage)s”"),
)  # fmt: skip
def stage_move(
    *, actor: Actor, trail: Trail, professional: Professional, stage: str, reason: str, now: datetime
) -> Communication:
    """Say at which stage the communication with somebody is, and why.

    Raises:
        Missing. Invalid: by field.
    """
    person = get_visible(Professional, pk=professional.pk)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say what shows it.")]})
    before = Communication.unscoped.filter(professional=person, superseded_at=None).first()
    stage_note(person, stage, on=local_day(now), reason=reason.strip(), actor=actor, now=now)
    present = Communication.unscoped.get(professional=person, superseded_at=None)
    trail.note(person, changes={"stage": (before.get_stage_display() if before else None, present.get_stage_display())},
               stage=present.get_stage_display())  # fmt: skip
    return present


# Strategies -----------------------------------------------------------------------------------------------------


def alert_key(pk: int) -> str:
    """Return what names the nudge of an alert."""
    return f"{KIND}:{pk}"


def alert_follow(person: Professional, *, actor: Actor, now: datetime) -> StrategyAlert | None:
    """After a contact: open an alert where there is no progress, measure one whose strategy was tried."""
    policy, _version = policy_on(StrategyPolicy, on=local_day(now))
    alert = (
        StrategyAlert.unscoped.select_for_update(of=("self",))
        .filter(professional=person)
        .exclude(state="measured")
        .first()
    )
    rows = (
        Visit.unscoped.filter(contacts=person, archived_at=None)
        .exclude(validity="invalid")
        .order_by("-started_at", "-pk")
    )
    if alert is not None:
        if alert.state == StrategyAlert.State.CHOSEN and alert.chosen_on is not None:
            since = list(rows.filter(started_at__gt=alert.updated_at).values_list("progress", flat=True)[:LOOKED_AT])
            _measure(alert, since, policy, now)
        return alert
    last = StrategyAlert.unscoped.filter(professional=person).order_by("-pk").first()
    if last is not None:
        rows = rows.filter(started_at__gt=last.updated_at)
    count = rules.without_progress(list(rows.values_list("progress", flat=True)[:LOOKED_AT]), asked=policy.asked)
    if count < policy.contacts:
        return None
    return _open_alert(person, count, policy, actor, now)


def _open_alert(person: Professional, count: int, policy: StrategyPolicy, actor: Actor, now: datetime) -> StrategyAlert:
    alert = StrategyAlert(
        professional=person, owner_id=actor.person_id, contacts=count, opened_on=local_day(now), created_at=now,
        updated_at=now,
    )  # fmt: skip
    save(alert)
    nudge_upsert(
        kind=KIND, now=now, key=alert_key(alert.pk),
        title=_("%(name)s: %(count)s contacts without progress of a product"),
        reason=_("Choose another strategy; what follows shows whether it works."),
        params={"name": person.name, "count": count}, url=reverse("engagement:strategyalert_choose", args=[alert.pk]),
        owner_id=actor.person_id, right="" if actor.person_id else "engagement.visit:edit",
        territory_id=None if actor.person_id else person.territory_id, target=alert,
        due_at=now + timedelta(days=policy.choose_days),
    )  # fmt: skip
    return alert


def _measure(alert: StrategyAlert, since: list[str], policy: StrategyPolicy, now: datetime) -> None:
    """Say what came of the strategy once there was progress, or enough contacts without."""
    stuck = rules.without_progress(since, asked=policy.asked)
    if stuck == len(since) < policy.measured_after:
        return
    is_progress = stuck < len(since)
    alert.state, alert.measured_on = StrategyAlert.State.MEASURED, local_day(now)
    alert.outcome = StrategyAlert.Outcome.PROGRESS if is_progress else StrategyAlert.Outcome.NO_PROGRESS
    alert.measured_contacts = len(since)
    touch(alert, now)
    save(alert, fields=["state", "measured_on", "outcome", "measured_contacts"])


@act(
    "engagement.strategyalert:choose", right="engagement.visit:edit",
    sentence=_("%(actor)s chose another strategy for %(target)s: %(strategy)s"),
)  # fmt: skip
def strategy_choose(
    *, actor: Actor, trail: Trail, pk: int, strategy: str, reason: str, now: datetime,
    expected_version: int | None = None,
) -> StrategyAlert:  # fmt: skip
    """Choose what to try; contacts from now on tell whether it works.

    Raises:
        Missing, Stale. AlreadyMeasured. Invalid: by field.
    """
    alert = locked(StrategyAlert, pk, expected_version=expected_version)
    if alert.state == StrategyAlert.State.MEASURED:
        raise AlreadyMeasured
    policy, _version = policy_on(StrategyPolicy, on=local_day(now))
    labels = policy.labels("zh")
    fields: dict[str, list[object]] = {}
    if strategy not in labels:
        fields["strategy"] = [_("Choose from the list.")]
    if not reason.strip():
        fields["reason"] = [_("Say why it may work.")]
    if fields:
        raise Invalid(fields=fields)  # type: ignore[arg-type]
    before, alert.strategy, alert.reason = alert.strategy, strategy, reason.strip()[:300]
    alert.state, alert.chosen_on = StrategyAlert.State.CHOSEN, local_day(now)
    touch(alert, now)
    save(alert, fields=["strategy", "reason", "state", "chosen_on"])
    nudge_close(key=alert_key(alert.pk), now=now)
    trail.note(alert, changes={"strategy": (before, strategy)}, strategy=labels[strategy])
    return alert
