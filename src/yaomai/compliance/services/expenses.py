"""Expense claims held against what was approved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.compliance import rules
from yaomai.compliance.models import Expense, Transfer
from yaomai.compliance.policies import TransferPolicy
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, save, touch
from yaomai.kit.errors import Invalid
from yaomai.kit.policies.selectors import policy_on

FIELDS = ("claim", "line", "claimant", "form", "on", "amount", "invoice", "customer")


@act("compliance.expense:create", sentence=_("%(actor)s took in the expense %(target)s: %(finding)s"))
def expense_record(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Expense:
    """Take in a line of a claim and say whether it agrees with what was approved.

    Raises:
        Invalid: by field.
    """
    expense = Expense(created_at=now, updated_at=now)
    changes = change(expense, fields, allowed=FIELDS)
    if expense.claimant_id is None:
        raise Invalid(fields={"claimant": [_("Say who claims it.")]})
    expense.finding, expense.transfer_id = _found(expense)
    save(expense)
    trail.note(expense, changes=changes, finding=expense.get_finding_display())
    return expense


@act("compliance.expense:edit", sentence=_("%(actor)s changed the expense %(target)s: %(finding)s"))
def expense_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Expense:
    """Correct a line, and look again whether it agrees.

    Raises:
        Missing, Stale, Invalid.
    """
    expense = locked(Expense, pk, expected_version=expected_version)
    differing = change(expense, changes, allowed=FIELDS)
    differing |= _looked_at(expense)
    touch(expense, now)
    save(expense, fields=differing)
    trail.note(expense, changes=differing, finding=expense.get_finding_display())
    return expense


@act(
    "compliance.expense:settle",
    right="compliance.expense:review",
    sentence=_("%(actor)s settled the expense %(target)s: %(note)s"),
)
def expense_settle(
    *, actor: Actor, trail: Trail, pk: int, note: str, now: datetime, expected_version: int | None = None
) -> Expense:
    """Say how a line that does not agree was settled: paid back, refused, explained.

    Raises:
        Invalid: nothing said. Missing, Stale.
    """
    expense = locked(Expense, pk, verb="review", expected_version=expected_version)
    if not note.strip():
        raise Invalid(fields={"note": [_("Say what was decided.")]})
    given = {"finding": Expense.Finding.SETTLED, "note": note}
    changes = change(expense, given, allowed=tuple(given))
    touch(expense, now)
    save(expense, fields=changes)
    trail.note(expense, changes=changes, note=expense.note)
    return expense


def _looked_at(expense: Expense) -> dict[str, tuple[Any, Any]]:
    """Look again, and return what differs."""
    finding, transfer = _found(expense)
    return change(
        expense, {"finding": finding, "transfer_id": transfer, "note": ""}, allowed=("finding", "transfer_id", "note")
    )


def _found(expense: Expense) -> tuple[str, int | None]:
    policy, _version = policy_on(TransferPolicy, on=expense.on)
    others = Expense.unscoped.exclude(pk=expense.pk)
    if expense.pk is not None:
        others = others.filter(pk__lt=expense.pk)
    same = Q(invoice=expense.invoice) & ~Q(invoice="")
    same |= Q(on=expense.on, form=expense.form, amount=expense.amount, customer=expense.customer)
    taken = Expense.unscoped.exclude(pk=expense.pk).exclude(transfer=None).values("transfer_id")
    around = timedelta(days=policy.days_apart)
    mine = Transfer.unscoped.filter(
        Q(on__range=(expense.on - around, expense.on + around)) | (Q(evidence=expense.invoice) & ~Q(evidence="")),
        requester_id=expense.claimant_id, state__in=[Transfer.State.APPROVED, Transfer.State.GIVEN],
    ).exclude(pk__in=taken)  # fmt: skip
    return rules.reconciled(
        _claimed(expense),
        earlier=[_claimed(other) for other in others.filter(same).order_by("pk")],
        approved=[
            rules.Approved(each.pk, each.form, each.on, each.spent or each.amount, each.evidence)
            for each in mine.order_by("pk")
        ],
        tolerance=policy.tolerance,
        days=policy.days_apart,
    )


def _claimed(expense: Expense) -> rules.Claimed:
    return rules.Claimed(
        expense.claimant_id, expense.form, expense.on, expense.amount, expense.invoice.strip(), expense.customer.strip()
    )
