"""What can be wrong with a scheme, in the reader's language: the engine's codes as translatable sentences."""

from django.utils.translation import gettext_lazy as _

from yaomai.engine.consistency import Problem

MESSAGES = {
    "weights_zero": _("All weights are zero: give at least one component a weight."),
    "weights_sum": _("The weights add up to %(total)s%%; they must add up to 100%%."),
    "factor_left_out": _(
        "%(component)s is a factor: an unknown value counts as neutral or zero, it cannot be left out."
    ),
    "shares_sum": _("The shares of the tiers add up to %(total)s%%; they must add up to 100%%."),
    "share_absent": _("Tier %(tier)s has no share of the customers."),
    "tier_empty": _("Tier %(tier)s would be empty: give it a share above 0, a rule or an override."),
    "threshold_absent": _("Tier %(tier)s has no lowest score."),
    "threshold_order": _("Tier %(tier)s begins at %(at_least)s points, not below the tier above it (%(above)s)."),
    "threshold_floor": _("Scores below %(at_least)s points belong to no tier: the lowest tier must begin at 0."),
    "rules_absent": _("The scheme assigns tiers by rules but has none."),
    "rule_tier_unknown": _("Rule %(rule)s names the tier %(tier)s, which does not exist."),
    "rule_unreachable": _("Rule %(rule)s can never apply: rule %(by)s already takes all its customers."),
    "rules_overlap": _("Rules %(rule)s and %(by)s give different tiers to the same customers."),
    "condition_empty": _("The condition on %(input)s in rule %(rule)s tests nothing."),
    "condition_never": _(
        "The condition on %(input)s in rule %(rule)s can never hold: %(at_least)s is not below %(below)s."
    ),
    "value_low": _("%(input)s is never below %(least)s: %(value)s in %(rule)s makes no sense."),
    "value_high": _("%(input)s is never above %(most)s: %(value)s in %(rule)s makes no sense."),
    "input_unknown": _("%(input)s is neither a metric nor declared as an attribute."),
    "input_kind": _("%(input)s is %(unit)s and cannot be used that way in %(place)s."),
    "prescriptions": _("%(input)s counts prescriptions, which no scheme may use (医药代表备案管理办法)."),
    "name_repeated": _("The name %(name)s is used more than once."),
    "steps_order": _("The steps of %(component)s must go down from the highest threshold, with fewer points each."),
    "scale_empty": _("The scale of %(component)s must have its high end above its low end."),
}


def problem_text(problem: Problem) -> str:
    """Return a problem's sentence."""
    return str(MESSAGES[problem.code]) % problem.params
