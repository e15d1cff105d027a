"""Keep what is repeated for speed in step with what is dated: territory, workplace, completeness, search.

Each runs inside the transaction of the act that changed the dated rows, and for all rows in a nightly job.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

APPLY_TERRITORIES = """
    UPDATE customers_institution AS i SET territory_id = held.territory_id
      FROM (SELECT each.id, t.territory_id
              FROM unnest(%(ids)s::bigint[]) AS each(id)
              LEFT JOIN customers_institutionterritory AS t
                ON t.institution_id = each.id AND t.valid_from <= %(on)s
               AND (t.valid_to IS NULL OR t.valid_to > %(on)s)) AS held
     WHERE i.id = held.id AND i.territory_id IS DISTINCT FROM held.territory_id
 RETURNING i.id
"""
# Who left without a new workplace stays with the territory of the last one: somebody has to find out where they went.
APPLY_WORKPLACES = """
    UPDATE customers_professional AS p
       SET institution_id = held.institution_id, department_id = held.department_id,
           position = held.position, territory_id = held.territory_id
      FROM (SELECT DISTINCT ON (each.id) each.id, i.territory_id,
                   CASE WHEN a.valid_to IS NULL OR a.valid_to > %(on)s THEN a.institution_id END AS institution_id,
                   CASE WHEN a.valid_to IS NULL OR a.valid_to > %(on)s THEN a.department_id END AS department_id,
                   CASE WHEN a.valid_to IS NULL OR a.valid_to > %(on)s THEN coalesce(a.position, '') ELSE '' END
                   AS position
              FROM unnest(%(ids)s::bigint[]) AS each(id)
              LEFT JOIN customers_affiliation AS a
                ON a.professional_id = each.id AND a.is_primary AND a.valid_from <= %(on)s
              LEFT JOIN customers_institution AS i ON i.id = a.institution_id
             ORDER BY each.id, (a.valid_to IS NULL OR a.valid_to > %(on)s) DESC, a.valid_from DESC, a.id DESC) AS held
     WHERE p.id = held.id
       AND (p.institution_id, p.department_id, p.position, p.territory_id)
           IS DISTINCT FROM (held.institution_id, held.department_id, held.position, held.territory_id)
 RETURNING p.id
"""
WORKED_AT = (
    "SELECT DISTINCT professional_id FROM customers_affiliation WHERE institution_id = ANY(%(ids)s) AND is_primary"
)
DUE_INSTITUTIONS = """
    SELECT DISTINCT institution_id FROM customers_institutionterritory
     WHERE (valid_from > %(since)s AND valid_from <= %(on)s) OR (valid_to > %(since)s AND valid_to <= %(on)s)
"""
DUE_PROFESSIONALS = """
    SELECT DISTINCT professional_id FROM customers_affiliation
     WHERE (valid_from > %(since)s AND valid_from <= %(on)s) OR (valid_to > %(since)s AND valid_to <= %(on)s)
"""


def _ids(statement: str, **params: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [row[0] for row in cursor.fetchall()]


def apply_territories(institution_ids: Sequence[int], *, on: date) -> int:
    """Set the territory that holds on a day, of the institutions and of the people who work there."""
    moved = _ids(APPLY_TERRITORIES, ids=list(institution_ids), on=on)
    if moved:
        apply_workplaces(people_of(moved), on=on)
    return len(moved)


def people_of(institution_ids: Sequence[int]) -> list[int]:
    """Return the professionals whose primary workplace is or was there."""
    return _ids(WORKED_AT, ids=list(institution_ids))


def apply_workplaces(professional_ids: Sequence[int], *, on: date) -> int:
    """Set institution, department, position and territory from the primary affiliation of a day."""
    return len(_ids(APPLY_WORKPLACES, ids=list(professional_ids), on=on)) if professional_ids else 0


def apply_due(*, since: date, on: date) -> int:
    """Apply every dated assignment and affiliation that begins or ends after `since` and up to `on`."""
    changed = apply_territories(_ids(DUE_INSTITUTIONS, since=since, on=on), on=on)
    return changed + apply_workplaces(_ids(DUE_PROFESSIONALS, since=since, on=on), on=on)
