"""What is deleted when its time is over: rooms declare kinds, a run previews them and proves that they are gone.

register_kind("requests", label=_("Closed requests"), due=old_requests, delete=delete_requests)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise

from yaomai.customers import erasing
from yaomai.customers.models import Professional
from yaomai.kit.policies.selectors import policy_on
from yaomai.privacy.models import SubjectRequest
from yaomai.privacy.policies import PrivacyPolicy

MOST = 500
"""Rows of a kind in one run; the next run takes the next."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows whose time can be over.

    due:    returns (key, words) of those whose time is over on a day, the oldest first.
    delete: deletes those with these keys.
    """

    code: str
    label: str | Promise
    due: Callable[[date], list[tuple[int, str]]]
    delete: Callable[[Sequence[int], datetime], None]


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Bring rows into retention runs."""
    _kinds[kind.code] = kind


def kinds() -> Iterator[Kind]:
    """Yield what was declared."""
    yield from _kinds.values()


def idle_persons(on: date) -> list[tuple[int, str]]:
    """Return archived persons whom nobody has touched for the months of the policy, and whom no law wants kept."""
    policy, _version = policy_on(PrivacyPolicy, on=on)
    until = on - timedelta(days=policy.idle_months * 30)
    rows = Professional.unscoped.filter(
        archived_at__date__lt=until, updated_at__date__lt=until, erased_at=None, merged_into=None
    )
    return _free(list(rows.order_by("archived_at", "pk")[: MOST * 2]), on)


def restricted_persons(on: date) -> list[tuple[int, str]]:
    """Return restricted persons whom no law wants kept any more."""
    rows = Professional.unscoped.filter(restricted_at__isnull=False, erased_at=None, merged_into=None)
    asked = SubjectRequest.unscoped.filter(state=SubjectRequest.State.RESTRICTED).values("professional")
    return _free(list(rows.filter(pk__in=asked).order_by("restricted_at", "pk")[: MOST * 2]), on)


def _free(rows: list[Professional], on: date) -> list[tuple[int, str]]:
    return [(row.pk, str(row)) for row in rows if not erasing.holds_of(row, on)][:MOST]


def erase_persons(pks: Sequence[int], now: datetime) -> None:
    """Erase persons."""
    for row in Professional.unscoped.select_for_update().filter(pk__in=pks).order_by("pk"):
        erasing.erase(row, now)


def old_requests(on: date) -> list[tuple[int, str]]:
    """Return requests that were answered longer ago than the policy keeps them, and of which nothing is still owed."""
    policy, _version = policy_on(PrivacyPolicy, on=on)
    closed = SubjectRequest.unscoped.exclude(state=SubjectRequest.State.OPEN).order_by("closed_at", "pk")
    closed = closed.exclude(state=SubjectRequest.State.RESTRICTED, professional__erased_at=None)
    return [
        (row.pk, f"{row.get_kind_display()} · {row.received_on.isoformat()}")
        for row in closed.exclude(closed_at=None)[: MOST * 2]
        if row.closed_at is not None and erasing.years_later(row.closed_at.date(), policy.request_years) <= on
    ][:MOST]


def delete_requests(pks: Sequence[int], _now: datetime) -> None:
    """Delete requests."""
    SubjectRequest.unscoped.filter(pk__in=pks).delete()
