"""What the pages of this room show."""

from typing import Any

from django.utils import timezone

from yaomai.integrity import presenting
from yaomai.integrity.models import Case
from yaomai.integrity.policies import WatchPolicy
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on


def case(row: Case, actor: Actor) -> dict[str, Any]:
    """Return why it is a case, its lines, and what may be done."""
    policy, version = policy_on(WatchPolicy, on=timezone.localdate())
    may_edit = actor.may(Case.right("edit"))
    is_closed = row.state == Case.State.CLOSED
    return {
        "explanation": presenting.explained(row, policy, version),
        "lines": presenting.lines_of(row),
        "tone": presenting.TONES[row.state],
        "outcome_tone": presenting.OUTCOME_TONES.get(row.outcome, ""),
        "may_take": may_edit and not is_closed and row.owner_id != actor.person_id,
        "may_close": may_edit and not is_closed,
        "may_reopen": may_edit and is_closed,
    }
