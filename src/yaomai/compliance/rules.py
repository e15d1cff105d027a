"""Arithmetic of the ledger: who has which part, and whether an expense agrees with what was approved."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

CENT = Decimal("0.01")


def shares(amount: Decimal, recipients: int, *, others: int = 0) -> list[Decimal]:
    """Return what each recipient has of an amount, to the cent; `others` at the table have equal parts and no line.

    With nobody else the parts add up to the amount.
    """
    heads = recipients + others
    sums = [(amount * upto / heads).quantize(CENT, ROUND_HALF_UP) for upto in range(recipients + 1)]
    return [after - before for before, after in itertools.pairwise(sums)]


def counts(quantity: int, recipients: int) -> list[int]:
    """Return how many of the items each recipient has; the first have one more where they do not go round."""
    whole, rest = divmod(quantity, recipients)
    return [max(whole + (number < rest), 1) for number in range(recipients)]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A line of an expense claim."""

    claimant: int
    form: str
    on: date
    amount: Decimal
    invoice: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """A transfer that may be claimed for: `amount` is what was spent, or approved as long as nothing is."""

    key: int
    form: str
    on: date
    amount: Decimal
    evidence: str = ""


Finding = Literal["matched", "over", "unapproved", "duplicate"]


def is_repeated(claimed: Claimed, earlier: Sequence[Claimed]) -> bool:
    """Tell whether the same was claimed before: by the same invoice, or for the same customer, form, day and amount."""
    return any(
        (claimed.invoice != "" and claimed.invoice == other.invoice)
        or (
            claimed.customer != ""
            and (claimed.form, claimed.on, claimed.amount, claimed.customer)
            == (other.form, other.on, other.amount, other.customer)
        )
        for other in earlier
    )


def reconciled(
    claimed: Claimed, *, earlier: Sequence[Claimed], approved: Sequence[Approved], tolerance: Decimal, days: int
) -> tuple[Finding, int | None]:
    """Return what is found of a line, and the transfer it belongs to.

    Args:
        earlier: lines that could be the same, whoever claimed them.
        approved: transfers of the claimant that no other line belongs to.
        tolerance: share by which a line may exceed what was approved.
        days: how far apart the two days may be when the invoice does not tell.
    """
    if is_repeated(claimed, earlier):
        return "duplicate", None
    proved = [each for each in approved if claimed.invoice and each.evidence == claimed.invoice]
    near = [each for each in approved if each.form == claimed.form and abs((each.on - claimed.on).days) <= days]
    if not (proved or near):
        return "unapproved", None
    best = min(proved or near, key=lambda each: (abs(each.amount - claimed.amount), abs((each.on - claimed.on).days)))
    return ("over" if claimed.amount > best.amount * (1 + tolerance) else "matched"), best.key


def each(amount: Decimal, number: Decimal | int) -> Decimal:
    """Return an amount for one of a number, to the cent above: a cap is not passed by rounding."""
    return (amount / number).quantize(CENT, ROUND_UP)
