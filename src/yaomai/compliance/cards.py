"""What compliance brings to boards: value given, refused acts, and expenses that do not fit."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from yaomai.compliance.models import Expense
from yaomai.compliance.values import FORMS
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Card, Source, Sum, register_card, register_source

VALUE, CHECKS, EXPENSES = "compliance.value", "compliance.checks", "compliance.expenses"
_VALUE = """
SELECT date_trunc('month', "on")::date, territory_id, form, sum(coalesce(spent, amount)), count(*)
FROM compliance_transfer
WHERE state IN ('approved', 'given') AND "on" >= %(start)s AND "on" < %(end)s GROUP BY 1, 2, 3
"""
_CHECKS = """
SELECT date_trunc('month', "on")::date, territory_id, outcome, 0, count(*) FROM compliance_check
WHERE "on" >= %(start)s AND "on" < %(end)s GROUP BY 1, 2, 3
"""
# Claims lie in no territory: they are the company's.
_EXPENSES = """
SELECT date_trunc('month', "on")::date, NULL::bigint, finding, sum(amount), count(*) FROM compliance_expense
WHERE "on" >= %(start)s AND "on" < %(end)s GROUP BY 1, 3
"""
_ODD = ("over", "unapproved", "duplicate")


def _forms(keys: Sequence[str]) -> Mapping[str, str]:
    return {key: str(label) for key, label in FORMS.items() if key in keys}


def _findings(keys: Sequence[str]) -> Mapping[str, str]:
    return {each.value: str(each.label) for each in Expense.Finding if each.value in keys}


def register() -> None:
    """Register sources and cards."""
    register_source(Source(VALUE, _("Transfers of value"), _VALUE))
    register_source(Source(CHECKS, _("Checked acts"), _CHECKS))
    register_source(Source(EXPENSES, _("Expense claims"), _EXPENSES))
    register_card(
        Card(
            key="compliance.spend", label=_("Value given to customers"), right="compliance.transfer:view", unit="money",
            good_when="down", question=_("Approved or given: what was spent, else what was asked for."),
            of=Sum(VALUE, "amount"), parts=_forms, parts_label=_("By form"), is_ranked=True, order=500,
            next_step=leads_to(_("See the ledger"), "compliance:transfer_list"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="compliance.held", label=_("Acts that needed an approval"), right="compliance.check:view",
            question=_("Acts that were checked and that the rules let pass only with an approval."), good_when="",
            of=Sum(CHECKS, parts=("needs_approval",)),
            order=510,
            next_step=leads_to(_("See the checked acts"), "compliance:check_list"),
        )
    )  # fmt: skip
    register_card(
        Card(
            key="compliance.expenses", label=_("Expenses that do not fit"), right="compliance.expense:view",
            good_when="down",
            question=_("Lines of expense claims that are more than was approved, approved by nobody, or claimed twice."),
            of=Sum(EXPENSES, parts=_ODD), parts=_findings, parts_label=_("What does not fit"), order=520,
            next_step=leads_to(_("Settle them"), "compliance:expense_list"),
        )
    )  # fmt: skip
