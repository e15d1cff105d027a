"""Cases in words: why something is a case, and the lines behind it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.compliance.models import Check, Expense, Share
from yaomai.integrity.models import Case
from yaomai.integrity.policies import WatchPolicy
from yaomai.integrity.watching import rows_of
from yaomai.integrity.words import AS_MONEY, AS_SHARE, DETECTORS, INNOCENT, SENTENCES
from yaomai.kit.explain import CutOff, Explanation, Input, PolicyReference
from yaomai.kit.policies.models import Version
from yaomai.kit.ui import formats
from yaomai.kit.ui.tables import Column, Row, Table

HUNDRED = 100


def detector_label(code: str) -> str:
    """Return what a detector is called."""
    return str(DETECTORS.get(code, code))


def _figure(case: Case, value: float | None) -> str:
    if value is None:
        return ""
    if case.detector in AS_SHARE:
        return f"{value * HUNDRED:.0f}%"
    if case.detector in AS_MONEY:
        return f"{value:,.2f}"
    if case.detector == "impossible_days":
        return _("%(number)s cities") % {"number": f"{value:.0f}"}
    return f"{value:.0f}"


def explained(case: Case, policy: WatchPolicy, version: Version | None) -> Explanation:
    """Return why a finding is a case, and what would explain it innocently."""
    told = {"measure": _figure(case, case.measure), "expected": _figure(case, case.expected)}
    weight = policy.weight_of[case.detector]
    return Explanation(
        sentence=str(SENTENCES[case.detector]) % told,
        inputs=(
            Input(label=_("Measured"), value=told["measure"], as_of=case.last_day),
            Input(label=_("Usual"), value=told["expected"] or _("never"), missing=False),
            Input(label=_("Strength"), value=f"{case.strength:.2f}", source=_("how far beyond the usual, 0 to 1")),
            Input(label=_("Weight of the detector"), value=f"{weight:.2f}", source=_("learned from closed cases")),
        ),
        cutoffs=(
            CutOff(label=_("Least score of a case"), value=policy.least_score, reached=case.score >= policy.least_score,
                   current=True),
        ),
        lift=(_("In order, for example: %(reason)s") % {"reason": INNOCENT[case.detector]},),
        sources=("S4 K9：异常交易监测",),
        policy=PolicyReference(
            name=WatchPolicy.name, label=str(WatchPolicy.label), version=version.number if version else None,
            valid_from=version.valid_from if version else None, origin="S4 K9；assumed",
            url=reverse("policies:policy_detail", args=[WatchPolicy.name]),
        ),
        as_of=case.found_on,
    )  # fmt: skip


def lines_of(case: Case) -> Table:
    """Return the lines behind a case."""
    rows = rows_of(case.named)
    told: list[tuple[Any, ...]] = [
        (expense.on, pgettext("case line", "Claim"), f"{expense.claim}-{expense.line}", expense.claimant, expense.customer,
         expense.get_form_display(), expense.amount, expense.invoice,
         reverse("compliance:expense_detail", args=[expense.pk]))
        for expense in Expense.unscoped.filter(pk__in=rows["expense"]).select_related("claimant")
    ]  # fmt: skip
    shares = Share.unscoped.filter(pk__in=rows["share"]).select_related(
        "transfer__requester", "professional", "institution"
    )
    told += [
        (share.on, pgettext("case line", "Given"), str(share.transfer.get_item_display()), share.transfer.requester,
         str(share.professional or share.institution), share.get_form_display(), share.amount, share.transfer.evidence,
         reverse("compliance:transfer_detail", args=[share.transfer_id]))
        for share in shares
    ]  # fmt: skip
    told += [
        (check.on, pgettext("case line", "Act"), str(check), check.person, "", "", None, "", reverse("compliance:check_detail", args=[check.pk]))
        for check in Check.unscoped.filter(pk__in=rows["check"]).select_related("person")
    ]  # fmt: skip
    told.sort(key=lambda line: (line[0], line[2]))
    return Table(
        caption=_("Lines of this case"),
        columns=[
            Column("on", _("On"), "date"), Column("kind", _("Kind")), Column("what", _("What")), Column("who", pgettext("case line", "By")),
            Column("whom", _("For")), Column("form", pgettext("compliance", "Form")), Column("amount", _("Amount"), "money"),
            Column("invoice", _("Invoice")),
        ],
        rows=[Row(cells=line[:-1], url=line[-1]) for line in told],
    )  # fmt: skip


def precision_said(value: float | None) -> str:
    """Return a precision, or that nothing is closed yet."""
    return _("nothing closed yet") if value is None else formats.percent(value)


TONES = {"open": "warn", "taken": "info", "closed": ""}
OUTCOME_TONES = {"confirmed": "bad", "explained": "good", "mistaken": ""}
