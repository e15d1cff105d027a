"""What the pages of third parties, contracts, risks and audits show."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.integrity import dealings, rules
from yaomai.integrity.models import Audit, AuditItem, Contract, Provider, Risk
from yaomai.integrity.policies import RiskPolicy, SamplingPolicy
from yaomai.integrity.services.contracts import flaw_said
from yaomai.integrity.words import CHECKS, HIGH_RISK
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.kit.ui.tables import Column, Row, Table


def provider(row: Provider, _actor: Actor) -> dict[str, Any]:
    """Return whether a third party may be engaged today, and its contracts."""
    return {
        "is_cleared": dealings.is_cleared(row, timezone.localdate()),
        "contracts": list(Contract.objects.filter(provider=row).order_by("-begins_on", "-pk")[:20]),
    }


def flaws_of(row: Contract) -> str:
    """Return what was found in the words of a contract."""
    return "；".join(flaw_said(flaw) for flaw in row.findings)


def contract(row: Contract, actor: Actor) -> dict[str, Any]:
    """Return what was found in a contract, what the gate says today, and its approval."""
    request = approvals.standing(row)
    verdict = dealings.contract_verdict(row, actor, timezone.localdate())
    return {
        "tone": {"asked": "warn", "approved": "good", "returned": "bad"}[row.state],
        "flaws": [flaw_said(flaw) for flaw in row.findings],
        "is_high_risk": row.kind in HIGH_RISK,
        "checks": [(label, code in row.checks) for code, label in CHECKS.items()],
        "verdict": verdict.explanation if verdict is not None else None,
        "approval": approval_panel(request) if request is not None else None,
    }


def risk(row: Risk, _actor: Actor) -> dict[str, Any]:
    """Return how heavy a risk is by the policy."""
    policy, _version = policy_on(RiskPolicy, on=timezone.localdate())
    if row.weight >= policy.high_from:
        word, tone = pgettext("risk", "High"), "bad"
    elif row.weight >= policy.middle_from:
        word, tone = pgettext("risk", "Middling"), "warn"
    else:
        word, tone = pgettext("risk", "Low"), "good"
    return {"word": word, "tone": tone, "is_due": row.review_on < timezone.localdate(),
            "policy_url": reverse("policies:policy_detail", args=[RiskPolicy.name])}  # fmt: skip


def looked_at(rows: Iterable[Audit]) -> Mapping[int, str]:
    """Return how many lines of each audit were looked at; one query."""
    counted = (
        AuditItem.unscoped.filter(audit__in=[row.pk for row in rows])
        .values("audit_id")
        .annotate(drawn=Count("pk"), looked=Count("pk", filter=~Q(result="")))
    )
    return {row["audit_id"]: f"{row['looked']} / {row['drawn']}" for row in counted}


def audit(row: Audit, actor: Actor) -> dict[str, Any]:
    """Return the drawn lines, what was found, and what that says of the whole."""
    items = list(row.items.order_by("number").select_related("person", "looked_by"))
    looked = [item for item in items if item.result]
    table = Table(
        caption=_("Drawn lines"),
        columns=[
            Column("number", _("No."), "number"), Column("on", _("On"), "date"), Column("what", _("What")),
            Column("who", pgettext("audit", "By")), Column("amount", _("Amount"), "money"), Column("result", _("Result")),
            Column("wrong", _("Wrong amount"), "money"), Column("note", _("Note")),
        ],
        rows=[
            Row(
                cells=(item.number, item.on, item.label, item.person, item.amount, item.get_result_display(),
                       item.wrong_amount if item.result else None, item.note),
                url=reverse("integrity:audit_look", args=[row.pk, item.number]) if actor.may(Audit.right("edit")) else "",
            )
            for item in items
        ],
    )  # fmt: skip
    interval = row.total / row.size if row.size else Decimal(0)
    by_money = row.method == Audit.Method.MONEY
    likely = (
        rules.wrong_share([item.amount for item in looked], [item.wrong_amount for item in looked], row.total, interval)
        if by_money
        else None
    )
    known = likely if looked and len(looked) == len(items) else None
    policy, _version = policy_on(SamplingPolicy, on=timezone.localdate())
    return {
        "table": table, "drawn": len(items), "looked": len(looked),
        "wrong": sum(item.result == AuditItem.Result.WRONG for item in looked),
        "likely": known,
        "is_bearable": known / row.total <= policy.tolerable_share if known is not None and row.total else None,
        "tolerable": formats.percent(float(policy.tolerable_share), 0),
    }  # fmt: skip
