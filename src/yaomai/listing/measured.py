"""What this room can say of many institutions at once; see `customers.measures`."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from yaomai.customers.measures import Numbers, register_measure
from yaomai.listing.models import Process, Seat, StageHolder, Stance
from yaomai.listing.selectors import current


def register() -> None:
    """Declare the measures."""
    register_measure(
        "listing.deciders", label=_("Deciders known"), of=_deciders, right="listing.committee:view",
        help=_("Record the seats of the committee and who answers for each stage."),
    )  # fmt: skip
    register_measure(
        "listing.supporters", label=_("Deciders in favour"), of=_supporters, right="listing.process:view",
        help=_("Ask where the deciders stand, and record it with its source."),
    )  # fmt: skip
    register_measure(
        "listing.next_steps", label=_("Dated next steps"), of=_next_steps, right="listing.process:view",
        help=_("Agree on the next step of a listing, and by when."),
    )  # fmt: skip
    register_measure(
        "listing.listed", label=_("Products listed"), of=_listed, right="listing.process:view",
        help=_("Bring a listing to its end."),
    )  # fmt: skip


def _deciders(keys: Sequence[int], today: date) -> Numbers:
    """Count the people with a seat or a stage at each institution."""
    seats = current(Seat.unscoped.filter(committee__institution__in=keys, committee__archived_at=None), today)
    holders = current(StageHolder.unscoped.filter(institution__in=keys), today)
    people = (
        seats.order_by()
        .values_list("committee__institution", "professional")
        .union(holders.order_by().values_list("institution", "professional"))
    )
    found: dict[int, float] = {}
    for key, _person in people:
        found[key] = found.get(key, 0) + 1
    return found


def _supporters(keys: Sequence[int], _today: date) -> Numbers:
    rows = Stance.unscoped.filter(
        process__institution__in=keys, process__archived_at=None, superseded_at=None, value=Stance.Value.SUPPORTS
    )
    counted = rows.order_by().values_list("process__institution").annotate(Count("professional", distinct=True))
    return dict(counted)


def _next_steps(keys: Sequence[int], _today: date) -> Numbers:
    rows = Process.unscoped.filter(
        institution__in=keys, archived_at=None, outcome="", next_step_on__isnull=False
    ).exclude(next_step="")
    return dict(rows.order_by().values_list("institution").annotate(Count("pk")))


def _listed(keys: Sequence[int], _today: date) -> Numbers:
    rows = Process.unscoped.filter(institution__in=keys, archived_at=None, outcome=Process.Outcome.LISTED)
    return dict(rows.order_by().values_list("institution").annotate(Count("product", distinct=True)))
