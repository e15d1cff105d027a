"""Ties that people enter: teacher and student, colleagues; and the network computed from all ties."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Professional
from yaomai.engine.network import positions
from yaomai.influence import selectors
from yaomai.influence.models import Tie
from yaomai.influence.services.records import reachable, withdrawn
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid

RIGHT = "influence.tie"
FIELDS = ("kind", "valid_from", "valid_to", "source", "evidence")
ENDS = ("professional", "other")

_WAY = """
WITH RECURSIVE way (person, people) AS (
    SELECT %(student)s::bigint, ARRAY[%(student)s::bigint]
    UNION ALL
    SELECT t.other_id, way.people || t.other_id
    FROM way JOIN influence_tie t ON t.professional_id = way.person
    WHERE t.kind = 'teacher' AND t.archived_at IS NULL AND t.other_id <> ALL (way.people)
      AND t.id IS DISTINCT FROM %(but)s AND %(teacher)s <> ALL (way.people)
)
SELECT people FROM way WHERE person = %(teacher)s ORDER BY cardinality(people) LIMIT 1
"""


class TeachersInCircle(Conflict):
    """Somebody would be a teacher of their own teacher."""

    code = "teachers_in_circle"
    message = _(
        "This would make a circle: %(student)s is recorded as a teacher of %(teacher)s already (%(way)s). Swap the two, "
        "or correct the tie that is wrong."
    )


@act("influence.tie:create", sentence=_("%(actor)s recorded the tie %(target)s (%(kind)s)"))
def tie_create(
    *, actor: Actor, trail: Trail, now: datetime, professional: Professional, other: Professional, **fields: Any
) -> Tie:
    """Record that somebody taught somebody, or that two are close colleagues.

    Raises:
        Missing: one of them is out of reach.
        Archived: one of them takes no changes.
        TeachersInCircle: the student is, directly or through others, a teacher of the teacher.
        Invalid: the same person twice, recorded already, the last day is before the first.
    """
    first, second = (reachable(person, f"{RIGHT}:create") for person in (professional, other))
    if first.pk == second.pk:
        raise Invalid(fields={"other": [_("Choose somebody else: a tie has two ends.")]})
    row = Tie(professional=first, other=second, entered_by_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(row, fields, allowed=FIELDS)
    _require_no_circle(row)
    save(row)
    trail.note(row, changes=changes, kind=row.get_kind_display())
    return row


@act("influence.tie:update", right=f"{RIGHT}:edit", sentence=_("%(actor)s changed the tie %(target)s"))
def tie_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Tie:
    """Correct a tie, or end it; its two people stay.

    Raises:
        Missing, Stale, Archived, TeachersInCircle, Invalid.
    """
    row = locked(Tie, pk, expected_version=expected_version)
    require_open(row)
    wanted = {name: value for name, value in changes.items() if name not in ENDS or value != getattr(row, name)}
    differing = change(row, wanted, allowed=FIELDS)
    if "kind" in differing:
        merging.hold(Professional, [row.professional_id, row.other_id])
        _require_no_circle(row)
    touch(row, now)
    save(row, fields=differing)
    trail.note(row, changes=differing)
    return row


@act("influence.tie:archive", sentence=_("%(actor)s withdrew the tie %(target)s"))
def tie_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Tie:
    """Withdraw a tie that was entered by mistake."""
    row = withdrawn(Tie, pk, now, expected_version)
    trail.note(row, changes={"archived_at": (None, now)})
    return row


def _require_no_circle(row: Tie) -> None:
    if row.kind != Tie.Kind.TEACHER:
        return
    with connection.cursor() as cursor:
        # Two halves of a circle, entered at once, would not see one another.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('influence.teacher'))")
        cursor.execute(_WAY, {"teacher": row.professional_id, "student": row.other_id, "but": row.pk})
        found = cursor.fetchone()
    if found is None:
        return
    names = dict(Professional.objects.filter(pk__in=found[0]).values_list("pk", "name"))
    way = " → ".join(names.get(pk, gettext("somebody out of your area")) for pk in found[0])
    raise TeachersInCircle(student=row.other.name, teacher=row.professional.name, way=way)


@act(
    "influence.tie:compute", right=f"{RIGHT}:compute", sentence=_("%(actor)s computed the network of %(count)s people")
)
def network_compute(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Compute where everybody stands by the ties of today, in place of the last computation; return how many people.

    Reads beyond scope: what it stores is seen in scope.
    """
    day = local_day(now)
    found = selectors.all_ties(day)
    table = positions(found.column("person"), found.column("other"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM influence_standing")
    columns = 'COPY influence_standing (professional_id, direct, reach, bridge, "group", as_of) FROM STDIN'
    with connection.connection.cursor() as cursor, cursor.copy(columns) as into:
        for line in zip(*(column.to_pylist() for column in table.columns), strict=True):
            into.write_row((*line, day))
    trail.note(count=table.num_rows)
    return int(table.num_rows)
