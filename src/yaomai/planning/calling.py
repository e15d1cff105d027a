"""Whom to call back first (C14): rooms say why a customer should be called, and when somebody was last in touch.

    calling.register_reasons(alerts_of)        # (actor, today, most) -> {institution id: Reason}, in the actor's view
    calling.register_contacts(last_visits)     # institution ids -> {institution id: day}

The heaviest reason decides the place; every reason is shown. A reason must be lawful for whoever reads it: what comes
from purchases is asked for in scope and is empty for people with an active filing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution
from yaomai.kit.access import Actor
from yaomai.kit.ui import formats
from yaomai.planning import rules
from yaomai.planning.models import Activity, Callback, DutyState, ServiceDuty

PORTFOLIO = 500
"""Customers of a person that are looked at for silence."""
OWED, SILENT = 60, 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody should be called, and how much that weighs: 0 to 100."""

    text: str
    weight: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A customer to call, the heaviest reason first."""

    institution: Institution
    reasons: tuple[Reason, ...]


Reasons = Callable[[Actor, date, int], Mapping[int, Reason]]
Contacts = Callable[[Collection[int]], Mapping[int, date]]
_reasons: list[Reasons] = []
_contacts: list[Contacts] = []


def register_reasons(provider: Reasons) -> None:
    """Let a room say whom to call and why."""
    _reasons.append(provider)


def register_contacts(provider: Contacts) -> None:
    """Let a room say when somebody was last in touch."""
    _contacts.append(provider)


def counted(rows: "QuerySet[Callback]") -> "QuerySet[Callback]":
    """Keep the callbacks that count: somebody was reached."""
    return rows.exclude(outcome=Callback.Outcome.UNREACHED)


def proposals(actor: Actor, *, today: date, most: int) -> list[Proposal]:
    """Return whom the actor should call this month, the heaviest reason first; whoever was called this month is left out."""
    found: dict[int, list[Reason]] = {}
    for provider in (_owed, _silent, *_reasons):
        for pk, reason in provider(actor, today, most * 2).items():
            found.setdefault(pk, []).append(reason)
    month = counted(Callback.unscoped.filter(institution__in=found, on__gte=today.replace(day=1)))
    for pk in month.values_list("institution_id", flat=True):
        found.pop(pk, None)
    ranked = sorted(found, key=lambda pk: (-max(each.weight for each in found[pk]), -len(found[pk]), pk))[:most]
    places = {row.pk: row for row in Institution.objects.filter(pk__in=ranked, archived_at=None)}
    return [
        Proposal(places[pk], tuple(sorted(found[pk], key=lambda each: -each.weight))) for pk in ranked if pk in places
    ]


def _owed(actor: Actor, today: date, most: int) -> Mapping[int, Reason]:
    """The standard callback of a tier that the actor owes (C13)."""
    rows = ServiceDuty.objects.filter(
        owner=actor.person_id, activity=Activity.CALLBACK, state=DutyState.OPEN, window_from__lte=today
    ).order_by("window_to", "pk")[:most]
    return {
        row.institution_id: Reason(_("Standard callback, due on %(day)s") % {"day": formats.day(row.due_on, today=today)},
                                   OWED + 15 * (row.window_to <= today))
        for row in rows
    }  # fmt: skip


def _silent(actor: Actor, today: date, most: int) -> Mapping[int, Reason]:
    """Those of the actor's customers with whom nobody has been in touch for longest."""
    owed = ServiceDuty.unscoped.filter(owner=actor.person_id, state=DutyState.OPEN).order_by().values("institution_id")
    rows = Institution.objects.filter(archived_at=None, merged_into=None).order_by("pk")
    mine = list(rows.filter(pk__in=owed).values_list("pk", flat=True)[:PORTFOLIO])
    mine = mine or list(rows.filter(territory__isnull=False).values_list("pk", flat=True)[:PORTFOLIO])
    last: dict[int, date] = {}
    for provider in (_done, *_contacts):
        for pk, day in provider(mine).items():
            last[pk] = max(day, last.get(pk, day))
    longest = sorted(last.items(), key=lambda pair: (pair[1], pair[0]))[:most]
    return {
        pk: Reason(_("Nobody has been in touch for %(days)s days") % {"days": (today - day).days}, rules.silence_weight(SILENT, (today - day).days))
        for pk, day in longest
        if (today - day).days >= rules.SHORTEST_SILENCE
    }  # fmt: skip


def _done(institutions: Collection[int]) -> Mapping[int, date]:
    """When a duty was last done for a customer, or somebody called."""
    found: dict[int, date] = {}
    duties = ServiceDuty.unscoped.filter(institution__in=institutions, state=DutyState.DONE).order_by()
    calls = counted(Callback.unscoped.filter(institution__in=institutions)).order_by()
    for rows, field in ((duties, "done_on"), (calls, "on")):
        for pk, day in rows.values_list("institution_id").annotate(day=Max(field)):
            found[pk] = max(day, found.get(pk, day))
    return found
