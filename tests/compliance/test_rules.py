"""Arithmetic of the ledger."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.compliance.rules import Approved, Claimed, counts, each, reconciled, shares

DAY = date(2026, 11, 20)


@given(st.decimals(Decimal("0.01"), Decimal(10) ** 9, places=2), st.integers(1, 40), st.integers(0, 20))
def test_shares_add_up_and_differ_by_a_cent_at_most(amount: Decimal, recipients: int, others: int) -> None:
    parts = shares(amount, recipients, others=others)
    assert len(parts) == recipients and max(parts) - min(parts) <= Decimal("0.01")
    if not others:
        assert sum(parts) == amount
    assert sum(counts(recipients + others, recipients)) == recipients + others


def test_a_cap_is_not_passed_by_rounding() -> None:
    assert each(Decimal(200), 3) == Decimal("66.67")


CLAIM = Claimed(7, "meal", DAY, Decimal(100), "F1", "江城市第一人民医院")
NEAR = Approved(1, "meal", DAY, Decimal(100))


@pytest.mark.parametrize(
    ("earlier", "approved", "found"),
    [
        ([], [], ("unapproved", None)),
        ([], [NEAR], ("matched", 1)),
        ([], [Approved(1, "gift", DAY, Decimal(100))], ("unapproved", None)),
        ([], [Approved(1, "meal", date(2026, 11, 1), Decimal(100))], ("unapproved", None)),
        ([], [Approved(1, "gift", date(2026, 11, 1), Decimal(100), "F1")], ("matched", 1)),
        ([], [Approved(1, "meal", DAY, Decimal(95))], ("over", 1)),
        ([], [Approved(1, "meal", DAY, Decimal("95.24"))], ("matched", 1)),
        ([], [Approved(1, "meal", DAY, Decimal(400)), Approved(2, "meal", DAY, Decimal(101))], ("matched", 2)),
        ([Claimed(8, "gift", DAY, Decimal(1), "F1")], [NEAR], ("duplicate", None)),
        ([Claimed(8, "meal", DAY, Decimal(100), "F2", "江城市第一人民医院")], [NEAR], ("duplicate", None)),
        ([Claimed(8, "meal", DAY, Decimal(101), "F2", "江城市第一人民医院")], [NEAR], ("matched", 1)),
    ],
)
def test_a_claim_is_held_against_what_was_approved(
    earlier: list[Claimed], approved: list[Approved], found: tuple[str, int | None]
) -> None:
    assert reconciled(CLAIM, earlier=earlier, approved=approved, tolerance=Decimal("0.05"), days=7) == found
