"""Changes of many rows in the transaction of a bulk act; each leaves its own entry."""

from collections.abc import Sequence
from datetime import datetime

from yaomai.customers.services.institutions import institution_archive
from yaomai.customers.services.professionals import professional_archive
from yaomai.kit.access import Actor


def institutions_archive(*, actor: Actor, pks: Sequence[int], now: datetime) -> int:
    """Archive institutions; return how many."""
    for pk in sorted(pks):
        institution_archive(actor=actor, pk=pk, now=now)
    return len(pks)


def professionals_archive(*, actor: Actor, pks: Sequence[int], now: datetime) -> int:
    """Archive professionals; return how many."""
    for pk in sorted(pks):
        professional_archive(actor=actor, pk=pk, now=now)
    return len(pks)
