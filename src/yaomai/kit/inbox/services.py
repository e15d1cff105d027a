"""What people do with their nudges: later, done, or not for me."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.inbox.models import Nudge

LONGEST_SNOOZE = timedelta(days=90)


class AlreadyClosed(Conflict):
    """Somebody acted on it, or its cause is gone."""

    code = "nudge_closed"
    message = _("This has been settled in the meantime: %(state)s.")


def _locked(pk: int) -> Nudge:
    nudge: Nudge | None = Nudge.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if nudge is None:
        raise Missing
    if nudge.state not in Nudge.PENDING:
        raise AlreadyClosed(state=nudge.get_state_display())
    return nudge


@act("inbox.nudge:snooze", right="", sentence=_("%(actor)s put off %(target)s until %(until)s"))
def nudge_snooze(*, actor: Actor, trail: Trail, pk: int, until: datetime, now: datetime) -> Nudge:
    """Put a nudge off.

    Raises:
        Missing: it is not the actor's.
        AlreadyClosed: it is settled.
        Invalid: the moment is past, or more than 90 days ahead.
    """
    nudge = _locked(pk)
    if not now < until <= now + LONGEST_SNOOZE:
        raise Invalid(fields={"until": [_("Choose a moment within the next 90 days.")]})
    before = nudge.state
    nudge.state, nudge.snoozed_until = Nudge.State.SNOOZED, until
    nudge.save(update_fields=["state", "snoozed_until"])
    trail.note(nudge, changes={"state": (before, nudge.state)}, until=until)
    return nudge


def _close(nudge: Nudge, state: Nudge.State, actor: Actor, outcome: str, now: datetime) -> None:
    nudge.state, nudge.outcome, nudge.snoozed_until = state, outcome.strip(), None
    nudge.closed_at, nudge.closed_by_label = now, actor.label
    nudge.save(update_fields=["state", "outcome", "snoozed_until", "closed_at", "closed_by_label"])


@act("inbox.nudge:resolve", right="", sentence=_("%(actor)s settled %(target)s: %(outcome)s"))
def nudge_resolve(*, actor: Actor, trail: Trail, pk: int, now: datetime, outcome: str = "") -> Nudge:
    """Say that it is done, and what came of it.

    Raises:
        Missing, AlreadyClosed: see `nudge_snooze`.
    """
    nudge = _locked(pk)
    before = nudge.state
    _close(nudge, Nudge.State.DONE, actor, outcome, now)
    trail.note(nudge, changes={"state": (before, nudge.state)}, outcome=nudge.outcome)
    return nudge


@act("inbox.nudge:dismiss", right="", sentence=_("%(actor)s dismissed %(target)s: %(outcome)s"))
def nudge_dismiss(*, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime) -> Nudge:
    """Say that nothing is to be done, and why. It does not come back while its cause lasts.

    Raises:
        Missing, AlreadyClosed: see `nudge_snooze`.
        Invalid: no reason is given.
    """
    nudge = _locked(pk)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say in a few words why nothing is to be done.")]})
    before = nudge.state
    _close(nudge, Nudge.State.DISMISSED, actor, reason, now)
    trail.note(nudge, changes={"state": (before, nudge.state)}, outcome=nudge.outcome)
    return nudge
