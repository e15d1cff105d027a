"""Where a request stands in the queue, and when its steps are due."""

from datetime import UTC, datetime, timedelta

import pytest

from yaomai.support import rules

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "is_first", "expected"),
    [(0, True, rules.OVERDUE), (-3, False, rules.OVERDUE), (20, True, rules.FIRST), (4, False, rules.SOON),
     (4.1, False, rules.LATER)],
)  # fmt: skip
def test_overdue_then_served_first_then_what_runs_out(hours: float, is_first: bool, expected: str) -> None:
    due_at = NOW + timedelta(hours=hours)
    assert rules.group(due_at=due_at, is_first=is_first, now=NOW, soon_hours=4) == expected


@pytest.mark.parametrize(("percent", "after"), [(50, 12), (100, 24), (200, 48)])
def test_steps_are_due_by_the_share_of_the_hours(percent: int, after: int) -> None:
    assert rules.step_at(due_at=NOW + timedelta(hours=24), hours=24, percent=percent) == NOW + timedelta(hours=after)


def test_the_fewest_hours_hold() -> None:
    assert rules.hours_of(24, []) == 24
    assert rules.hours_of(24, [12, 48]) == 12
