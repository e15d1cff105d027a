"""Key accounts: made, moved from stage to stage with a reason, taken back, taken off the board."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Institution
from yaomai.engagement import rules, selectors
from yaomai.engagement.models import KeyAccount, Stage, StageMove
from yaomai.engagement.presenting import said_of
from yaomai.engagement.services.nudging import stalled_key
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.inbox import nudge_close

FIELDS = ("owner", "goal")
BATCH = 5000


class NotReady(Conflict):
    """Criteria that hold an account back are not met."""

    code = "key_account_not_ready"
    message = _("%(name)s cannot move on yet. Missing: %(missing)s.")


class NothingToUndo(Conflict):
    """There is no move to take back."""

    code = "key_account_no_move"
    message = _("%(name)s has not moved, or its last move was taken back already.")


@act("engagement.keyaccount:create", sentence=_("%(actor)s made %(target)s a key account"))
def account_create(*, actor: Actor, trail: Trail, now: datetime, institution: Institution, **fields: Any) -> KeyAccount:
    """Work on an institution as a key account, from the first stage.

    Raises:
        Missing: the institution is out of reach.
        Archived: it takes no changes.
        Invalid: it is a key account already.
    """
    institution = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(institution)
    account = KeyAccount(institution=institution, stage_since=local_day(now), created_at=now, updated_at=now)
    changes = change(account, fields, allowed=FIELDS)
    save(account)
    trail.note(account, changes={"stage": (None, account.stage), **changes})
    return account


@act(
    "engagement.keyaccount:gather",
    right="engagement.keyaccount:create",
    sentence=_("%(actor)s put %(count)s institutions of key tiers on the board"),
)
def accounts_gather(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Make every institution of a key tier within reach a key account, unless it is one; return how many are new."""
    today, made = local_day(now), 0
    keys = list(selectors.not_on_board(actor, today=today).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        held = sorted(set(merging.hold(Institution, keys[start : start + BATCH]).values()))
        known = set(
            KeyAccount.unscoped.filter(institution__in=held, archived_at=None).values_list("institution", flat=True)
        )
        rows = [
            KeyAccount(institution_id=key, stage_since=today, created_at=now, updated_at=now)
            for key in held
            if key not in known
        ]
        # Of two that gather at once, the second leaves the rows of the first.
        KeyAccount.unscoped.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
        made += len(rows)
    trail.note(count=made)
    return made


@act("engagement.keyaccount:update", right="engagement.keyaccount:edit", sentence=_("%(actor)s changed %(target)s"))
def account_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> KeyAccount:
    """Change owner or goal; the stage is moved by `account_move`.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    account = locked(KeyAccount, pk, expected_version=expected_version)
    require_open(account)
    wanted = dict(changes)
    if wanted.get("institution") == account.institution:
        wanted.pop("institution")
    differing = change(account, wanted, allowed=FIELDS)
    touch(account, now)
    save(account, fields=differing)
    trail.note(account, changes=differing)
    return account


@act(
    "engagement.keyaccount:move",
    right="engagement.keyaccount:edit",
    sentence=_("%(actor)s moved %(target)s from “%(before)s” to “%(after)s”: %(reason)s"),
)
def account_move(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    stage: str,
    reason: str,
    now: datetime,
    expected_version: int | None = None,
) -> KeyAccount:
    """Move to another stage. Forward, the criteria of every stage left behind must be met; what is missing of those
    that do not hold back is kept with the move.

    Raises:
        Missing, Stale, Archived.
        NotReady: a criterion that holds back is not met.
        Invalid: unknown or present stage, or no reason.
    """
    account = locked(KeyAccount, pk, expected_version=expected_version)
    require_open(account)
    fields: dict[str, list[Any]] = {}
    if stage not in Stage.values or stage == account.stage:
        fields["stage"] = [_("Choose another stage.")]
    if not reason.strip():
        fields["reason"] = [_("Say why: whoever reads it later was not there.")]
    if fields:
        raise Invalid(fields=fields)
    found = selectors.checks_between(account, stage, today=local_day(now))
    holding = rules.missing(found, required_only=True)
    if holding:
        raise NotReady(name=str(account), missing=said_of(holding))
    before = account.get_stage_display()
    StageMove.unscoped.create(
        account=account, before=account.stage, after=stage, before_since=account.stage_since, moved_at=now,
        moved_by_id=actor.person_id, reason=reason.strip()[:300], missing=[each.measure for each in rules.missing(found)],
    )  # fmt: skip
    _stand(account, Stage(stage), local_day(now), now)
    trail.note(
        account, changes={"stage": (before, account.get_stage_display())}, before=before,
        after=account.get_stage_display(), reason=reason.strip(),
    )  # fmt: skip
    return account


@act(
    "engagement.keyaccount:undo_move",
    right="engagement.keyaccount:edit",
    sentence=_("%(actor)s took the last move of %(target)s back to “%(after)s”"),
)
def account_undo_move(*, actor: Actor, trail: Trail, pk: int, move: int, now: datetime) -> KeyAccount:
    """Take the last move back: the account stands where it stood, since when it stood there; the move stays as history.

    Args:
        move: id of the move that the person saw; another one in between is not taken back by accident.

    Raises:
        Missing, Archived.
        NothingToUndo: that is not the last move, or it was taken back.
    """
    account = locked(KeyAccount, pk)
    require_open(account)
    last = selectors.last_move(pk)
    if last is None or last.pk != move:
        raise NothingToUndo(name=str(account))
    last.undone_at = now
    last.save(update_fields=["undone_at"])
    before = account.get_stage_display()
    _stand(account, Stage(last.before), last.before_since, now)
    trail.note(account, changes={"stage": (before, account.get_stage_display())}, after=account.get_stage_display())
    return account


@act("engagement.keyaccount:archive", sentence=_("%(actor)s took %(target)s off the board of key accounts"))
def account_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> KeyAccount:
    """Work on it as a key account no longer; its way stays as history."""
    account = locked(KeyAccount, pk, verb="archive", expected_version=expected_version)
    require_open(account)
    account.archived_at = now
    touch(account, now)
    save(account, fields=["archived_at"])
    nudge_close(key=stalled_key(pk), now=now)
    trail.note(account, changes={"archived_at": (None, now)})
    return account


def _stand(account: KeyAccount, stage: Stage, since: Any, now: datetime) -> None:
    account.stage, account.stage_since = stage, since
    touch(account, now)
    save(account, fields=["stage", "stage_since"])
    nudge_close(key=stalled_key(account.pk), now=now)
