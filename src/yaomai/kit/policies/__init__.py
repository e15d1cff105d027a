"""Policies: the figures of the business, dated, with an origin, never constants in code.

    class NoOrderAlert(Policy):
        name = "commerce.no_order_alert"
        label = _("No-order alert")
        months: int = figure(3, label=_("Months without a purchase"), unit="month", origin="S1 H6", ge=1)

    policy, version = policy_on(NoOrderAlert, on=today)      # from yaomai.kit.policies.selectors

A policy without a published version has the values of its declaration (version None), whose origins say where
they come from. A published version holds from its date until the next one's.
"""

from yaomai.kit.policies.schema import Policy, figure, registered

__all__ = ["Policy", "figure", "registered"]
