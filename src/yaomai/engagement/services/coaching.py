"""What a manager who came along noted (D7)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.engagement.models import CoachingNote, Visit
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import locked, require_open, valid
from yaomai.kit.errors import Invalid

RATED = ("listening", "concerns", "closing")


@act(
    "engagement.visit:coach",
    right="engagement.visit:assess",
    sentence=_("%(actor)s wrote a coaching note on %(target)s"),
)
def coaching_write(*, actor: Actor, trail: Trail, pk: int, text: str, now: datetime, **rated: Any) -> CoachingNote:
    """Write or rewrite one's note on a visit at which one was, or that lies in one's team.

    Raises:
        Missing, Archived. Invalid: by field; nobody coaches themselves.
    """
    visit = locked(Visit, pk, verb="assess")
    require_open(visit)
    if visit.person_id == actor.person_id:
        raise Invalid(_("Nobody coaches themselves."))
    fields: dict[str, list[object]] = {}
    if not text.strip():
        fields["text"] = [_("Say what went well and what to try.")]
    for name in RATED:
        if rated.get(name) not in (None, 1, 2, 3, 4, 5):
            fields[name] = [_("From 1 to 5.")]
    if fields:
        raise Invalid(fields=fields)  # type: ignore[arg-type]
    note = CoachingNote.unscoped.filter(visit=visit, author=actor.person_id).first() or CoachingNote(
        visit=visit, author_id=actor.person_id
    )
    before, note.text, note.created_at = note.text, text.strip()[:1000], now
    for name in RATED:
        setattr(note, name, rated.get(name))
    valid(note)
    note.save()
    trail.note(visit, changes={"coaching": (before or None, note.text)})
    return note
