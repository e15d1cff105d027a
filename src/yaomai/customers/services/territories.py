"""Which territory an institution belongs to, from when."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, InstitutionTerritory
from yaomai.customers.services.currents import apply_territories
from yaomai.customers.services.profiles import measure
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Invalid, Missing
from yaomai.organization.models import Territory


def default_territory(actor: Actor, right: str) -> Territory | None:
    """Return where a new row of this actor falls: the top of the territories reached, None for the whole company."""
    reach = actor.reach(right)
    if reach is None:
        return None
    return Territory.unscoped.filter(pk__in=reach).order_by("path").first()


def assign(
    institution_ids: Sequence[int], territory: Territory | None, *, valid_from: date, today: date, actor: Actor
) -> None:
    """Write the dated rows and what is repeated from them. Rows that start the same day are replaced.

    Raises:
        Invalid: an institution has a later assignment already: history is not rewritten.
    """
    rows = InstitutionTerritory.unscoped.filter(institution_id__in=institution_ids)
    if rows.filter(Q(valid_from__gt=valid_from)).exists():
        raise Invalid(fields={"valid_from": [_("There is a later assignment already; choose a later day.")]})
    rows.filter(valid_from=valid_from).delete()
    rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)).update(valid_to=valid_from)
    if territory is not None:
        InstitutionTerritory.unscoped.bulk_create(
            [
                InstitutionTerritory(
                    institution_id=pk, territory=territory, valid_from=valid_from, assigned_by_id=actor.person_id
                )
                for pk in institution_ids
            ],
            batch_size=5000,
        )
    apply_territories(institution_ids, on=today)


@act(
    "customers.institution:assign",
    right="customers.institution:edit",
    sentence=_("%(actor)s assigned %(count)s institutions to %(territory)s from %(valid_from)s"),
)
def institution_assign(
    *,
    actor: Actor,
    trail: Trail,
    pks: Sequence[int],
    territory: Territory | None,
    now: datetime,
    valid_from: date | None = None,
) -> int:
    """Assign institutions to a territory from a day on (today when not given), or to none; return how many.

    Raises:
        Missing: an institution or the territory is out of the actor's reach.
        Invalid: see `assign`.
    """
    if territory is not None:
        get_visible(Territory, pk=territory.pk)
    today = local_day(now)
    start = valid_from or today
    wanted = sorted(set(pks))
    rows = Institution.objects.allowed("customers.institution:edit").filter(pk__in=wanted)
    found = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    if found != wanted or not wanted:
        raise Missing
    reach = actor.reach("customers.institution:edit")
    if reach is not None and (territory is None or territory.pk not in reach):
        raise Missing
    assign(wanted, territory, valid_from=start, today=today, actor=actor)
    measure("institution", wanted, today=today)
    trail.note(
        count=len(wanted),
        territory=str(territory) if territory else "",
        valid_from=start,
        institutions=wanted if len(wanted) <= 200 else len(wanted),
    )
    return len(wanted)


FOLLOW = (
    """
    CREATE TEMPORARY TABLE customers_following ON COMMIT DROP AS
    SELECT i.id, i.territory_id FROM customers_institution i
      LEFT JOIN customers_institutionterritory t ON t.institution_id = i.id AND t.valid_from <= %(on)s
           AND (t.valid_to IS NULL OR t.valid_to > %(on)s)
     WHERE i.id = ANY(%(ids)s) AND i.territory_id IS DISTINCT FROM t.territory_id
    """,
    """
    DELETE FROM customers_institutionterritory t USING customers_following f
     WHERE t.institution_id = f.id AND t.valid_from >= %(on)s
    """,
    """
    UPDATE customers_institutionterritory t SET valid_to = %(on)s FROM customers_following f
     WHERE t.institution_id = f.id AND (t.valid_to IS NULL OR t.valid_to > %(on)s)
    """,
    """
    UPDATE customers_institutionterritory t SET valid_to = NULL FROM customers_following f
     WHERE t.institution_id = f.id AND t.territory_id = f.territory_id AND t.valid_to = %(on)s
    """,
    """
    INSERT INTO customers_institutionterritory (institution_id, territory_id, valid_from, assigned_by_id)
    SELECT f.id, f.territory_id, %(on)s, %(by)s FROM customers_following f
     WHERE f.territory_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM customers_institutionterritory t WHERE t.institution_id = f.id AND t.valid_to IS NULL)
    """,
    "DROP TABLE customers_following",
)


def follow(institution_ids: Sequence[int], *, today: date, actor: Actor) -> None:
    """Let the dated rows follow what an import wrote into the institutions: from today, or as it was before today."""
    if not institution_ids:
        return
    with connection.cursor() as cursor:
        for statement in FOLLOW:
            cursor.execute(statement, {"ids": list(institution_ids), "on": today, "by": actor.person_id})
