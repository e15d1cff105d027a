"""What a filled key account sheet says, written into a profile: all of it or nothing, and taken back as a whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional, ProfessionalFact
from yaomai.customers.services.profiles import PROFESSIONAL, measure, write_fact
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked
from yaomai.kit.errors import Conflict, Invalid


class SheetChanged(Conflict):
    """Somebody recorded one of the fields since."""

    code = "customers.sheet_changed"
    message = _("Fields of this sheet were recorded again since. Change them one by one.")


@act(
    "customers.professional:take_sheet",
    right="customers.professional:edit",
    sentence=_("%(actor)s took %(count)s answers of a sheet into the profile of %(target)s (source: %(source)s)"),
)
def sheet_take(
    *, actor: Actor, trail: Trail, pk: int, answers: Mapping[str, tuple[Any, int]], source: str, now: datetime
) -> list[int]:
    """Record the answers {field: (value, fact that was shown or 0)}; return the new facts.

    Raises:
        FactChanged, SurerSource, Invalid, Missing, Archived: as for one field; then nothing is written.
    """
    if not answers:
        raise Invalid(_("The sheet says nothing new."))
    row = locked(Professional, pk)
    made = []
    for field, (value, seen) in answers.items():
        done = write_fact(PROFESSIONAL, actor=actor, pk=pk, field=field, value=value, source=source, seen=seen, now=now)
        made += [done.fact.pk] if done.fact is not None else []
    trail.note(row, count=len(made), source=source, facts=made)
    return made


@act(
    "customers.professional:undo_sheet",
    right="customers.professional:edit",
    sentence=_("%(actor)s took %(count)s answers of a sheet out of the profile of %(target)s again"),
)
def sheet_undo(*, actor: Actor, trail: Trail, pk: int, facts: list[int], now: datetime) -> int:
    """Put back what stood there before a sheet was taken in; return how many fields.

    Raises:
        SheetChanged: a field was recorded again since; then nothing is undone.
    """
    row = locked(Professional, pk)
    made = list(ProfessionalFact.unscoped.select_for_update().filter(professional=row, pk__in=facts).order_by("pk"))
    if not made or len(made) != len(set(facts)) or any(fact.superseded_at is not None for fact in made):
        raise SheetChanged
    for fact in made:
        before = ProfessionalFact.unscoped.filter(
            professional=row, field=fact.field, superseded_at=fact.recorded_at
        ).first()
        fact.delete()
        if before is not None:
            before.superseded_at = None
            before.save(update_fields=["superseded_at"])
    measure("professional", [pk], today=local_day(now))
    trail.note(row, count=len(made))
    return len(made)
