"""A retention run: what was previewed is deleted, and proved gone."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Conflict, Invalid
from yaomai.privacy import retention
from yaomai.privacy.models import RetentionRun


class OtherThanShown(Conflict):
    """What would be deleted is no longer what was shown."""

    code = "retention_changed"
    message = _("What would be deleted has changed since you looked. Look again.")


@act(
    "privacy.retention:run",
    right="privacy.retention:run",
    sentence=_("%(actor)s deleted what was over its time: %(deleted)s rows"),
)
def retention_run(
    *, actor: Actor, trail: Trail, reason: str, now: datetime, expected: int | None = None
) -> RetentionRun:
    """Delete what is over its time today, and count again.

    Args:
        expected: how many rows the preview showed.

    Raises:
        Invalid: no reason. OtherThanShown.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why now, such as the plan of the year.")]})
    on, counts = local_day(now), dict[str, list[int]]()
    due = {kind.code: kind.due(on) for kind in retention.kinds()}
    if expected is not None and expected != sum(map(len, due.values())):
        raise OtherThanShown
    for kind in retention.kinds():
        keys = [key for key, _words in due[kind.code]]
        kind.delete(keys, now)
        left = {key for key, _words in kind.due(on)} & set(keys)
        counts[kind.code] = [len(keys), len(keys) - len(left), len(left)]
    row: RetentionRun = RetentionRun.unscoped.create(
        on=on, counts=counts, reason=reason.strip()[:200], run_by_id=actor.person_id, run_at=now
    )
    trail.note(row, changes={"counts": (None, counts)}, deleted=sum(done for _found, done, _left in counts.values()))
    return row
