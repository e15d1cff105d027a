"""Nudges for key accounts that stay in a stage for too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.engagement import rules, selectors
from yaomai.engagement.models import KeyAccount
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Cause, nudges_sync

KIND = "engagement.stalled"


def stalled_key(pk: int) -> str:
    """Return what names the nudge of an account."""
    return f"{KIND}:{pk}"


def stalled_sync(*, now: datetime) -> int:
    """Nudge the owner of every account that has stalled, without one whoever may edit it there; end nudges of others.

    For the nightly job: reads beyond scope.
    """
    causes = list(_causes(now))
    nudges_sync(kind=KIND, causes=causes, now=now)
    return len(causes)


def _causes(now: datetime) -> Iterator[Cause]:
    today = local_day(now)
    policy = selectors.policy_of(today)
    for stage in rules.STAGES:
        limit = policy.of(stage).stalled_days
        if not limit:
            continue
        rows = KeyAccount.unscoped.filter(
            archived_at=None, institution__merged_into=None, stage=stage, stage_since__lt=today - timedelta(days=limit)
        )
        for row in rows.select_related("institution").order_by("pk").iterator(chunk_size=2000):
            yield Cause(
                key=stalled_key(row.pk),
                title=_("%(name)s has stood still for %(days)s days"),
                reason=_(
                    "The policy allows %(limit)s days in a stage like this. Look what is missing, or change the way."
                ),
                params={"name": str(row.institution), "days": (today - row.stage_since).days, "limit": limit},
                url=reverse("engagement:keyaccount_detail", args=[row.pk]),
                owner_id=row.owner_id,
                right="" if row.owner_id else "engagement.keyaccount:edit",
                territory_id=None if row.owner_id else row.institution.territory_id,
                target=row,
            )
