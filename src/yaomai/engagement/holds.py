"""What of this room wants a person kept although they ask to be erased."""

from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers.erasing import Hold, years_later
from yaomai.engagement.models import AdverseEvent
from yaomai.engagement.policies import AdversePolicy
from yaomai.kit.policies.selectors import policy_on


def adverse_hold(pks: list[int], on: date) -> list[Hold]:
    """Whoever reported an adverse event must be found again: a case without a reporter is none (PV1)."""
    last = AdverseEvent.unscoped.filter(professional__in=pks).aggregate(last=Max("learned_at"))["last"]
    if last is None:
        return []
    policy, _version = policy_on(AdversePolicy, on=on)
    until = years_later(timezone.localdate(last), policy.keep_years)
    return [
        Hold(_("This person told of an adverse event"), until, "《药物警戒质量管理规范》；个人信息保护法第四十七条")
    ]
