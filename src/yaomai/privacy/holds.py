"""What wants a person kept although they ask to be erased (PIPL 47: then only storing is allowed)."""

from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _

from yaomai.compliance.models import Share
from yaomai.customers.erasing import Hold, years_later
from yaomai.kit.policies.selectors import policy_on
from yaomai.privacy.policies import PrivacyPolicy


def ledger_hold(pks: list[int], on: date) -> list[Hold]:
    """What was given to a person proves for years that nobody was bribed."""
    last = Share.unscoped.filter(professional__in=pks, is_counted=True).aggregate(last=Max("on"))["last"]
    if last is None:
        return []
    policy, _version = policy_on(PrivacyPolicy, on=on)
    return [Hold(_("Something of value was given to this person"), years_later(last, policy.ledger_years),
                 "《企业合规手册》K6；个人信息保护法第四十七条")]  # fmt: skip
