"""Who is told of a tier that was decided: those who owe the service of the new tier, and whoever proposed it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit import inbox
from yaomai.kit.acts.rows import local_day
from yaomai.organization.directory import holders
from yaomai.segmentation import selectors
from yaomai.segmentation.models import TierChange

OWED = inbox.register_kind(
    "segmentation.owed", label=_("Customers by decision"), icon="arrow-up", rank=28, action=_("Look")
)
ANSWERED = inbox.register_kind(
    "segmentation.answered", label=_("Tier proposals"), icon="message", rank=45, action=_("Look")
)


def tell_owners(change: TierChange, now: datetime) -> None:
    """Put what a tier triggers into the inbox of everybody in the role that owns it, around the customer."""
    role = change.service.get("owner_role", "")
    owners = holders(role, change.customer.territory_id, local_day(now)) if role else frozenset()
    said = {**selectors.change_words(change), "customer": str(change.customer), **_owed(change)}
    for owner in sorted(owners):
        inbox.nudge_upsert(
            kind=OWED.code, key=f"{OWED.code}:{change.pk}:{owner}", owner_id=owner, now=now, params=said, target=change.customer,
            title=_("Now %(after)s: you own its service"),
            reason=_("Owed are %(contacts)s contacts a year with a budget of ¥%(budget)s, from today."),
            url=reverse("segmentation:tierchange_detail", args=[change.pk]), territory_id=change.customer.territory_id,
        )  # fmt: skip


def _owed(change: TierChange) -> dict[str, str]:
    return {name: str(change.service.get(name, "–")) for name in ("contacts", "budget")}


def tell_proposer(change: TierChange, now: datetime) -> None:
    """Put the decision of a meeting, with its reason, into the inbox of whoever proposed the change."""
    if change.proposed_by_id is None or change.source == TierChange.Source.RUN:
        return
    is_accepted = change.state == TierChange.State.ACCEPTED
    inbox.nudge_upsert(
        kind=ANSWERED.code, key=f"{ANSWERED.code}:{change.pk}", owner_id=change.proposed_by_id, now=now, target=change.customer,
        title=_("Accepted: it becomes %(after)s") if is_accepted
        else _("Rejected: it stays %(before)s"),
        reason=_("%(who)s: %(decision)s"), url=reverse("segmentation:tierchange_detail", args=[change.pk]),
        params={**selectors.change_words(change), "customer": str(change.customer), "decision": change.decision,
                "who": str(change.decided_by or "")},
    )  # fmt: skip
