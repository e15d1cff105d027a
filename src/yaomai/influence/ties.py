"""Who is tied to whom: the kinds of ties, and the queries that find them. Rooms above add theirs in `apps.py`:

    ties.register_source("committee", label=_("Drug committee"), sql="SELECT person, other, part, amount, since, until …")

A query has two lines for each pair of professionals, one from either end: the two ids, what the other is to the person
("" where both are the same to one another), how often, from–to, on the day %(day)s. The first id must be a plain column,
so that the database reads the ties of one person without finding all others. The network, its measures and the pages of
people read all kinds alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of tie."""

    kind: str
    label: Promise | str
    sql: str


_sources: dict[str, Source] = {}


def register_source(kind: str, *, label: Promise | str, sql: str) -> None:
    """Let a query bring ties of a kind; the same kind again replaces it."""
    _sources[kind] = Source(kind, label, sql)


def labels() -> Mapping[str, str]:
    """Return the words for every kind, in the reader's language."""
    return {kind: str(source.label) for kind, source in _sources.items()}


def query(kinds: Sequence[str] | None = None) -> str:
    """Return the query of the ties of some kinds, of all where none are named: kind, then the columns of a source."""
    chosen = [source for kind, source in _sources.items() if kinds is None or kind in kinds]
    parts = (
        f"SELECT '{source.kind}'::text AS kind, t.person, t.other, t.part, t.amount, t.since, t.until"  # noqa: S608
        f" FROM ({source.sql}) AS t (person, other, part, amount, since, until)"
        for source in chosen
    )
    return " UNION ALL ".join(parts)


# The kinds of this room ----------------------------------------------------------------------------------------------

COAUTHORS = """
SELECT a.professional_id, b.professional_id, '', count(*), make_date(min(p.year), 1, 1), NULL::date
FROM influence_authorship a
JOIN influence_publication p ON p.id = a.publication_id AND p.archived_at IS NULL
    AND p.year <= extract(year FROM %(day)s::date)
JOIN influence_authorship b ON b.publication_id = a.publication_id AND b.professional_id <> a.professional_id
WHERE greatest(p.author_count, (SELECT count(*) FROM influence_authorship x WHERE x.publication_id = p.id))
    <= %(most_authors)s
GROUP BY 1, 2
"""

_HELD = "{0}.archived_at IS NULL AND {0}.valid_from <= %(day)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(day)s)"
SOCIETIES = f"""
SELECT a.professional_id, b.professional_id, '', count(DISTINCT a.society_key),
       min(greatest(a.valid_from, b.valid_from)), max(least(a.valid_to, b.valid_to))
FROM influence_office a
JOIN influence_office b ON b.society_key = a.society_key AND b.professional_id <> a.professional_id
JOIN (SELECT x.society_key, count(DISTINCT x.professional_id) AS members FROM influence_office x
      WHERE {_HELD.format("x")} GROUP BY 1) s ON s.society_key = a.society_key
WHERE {_HELD.format("a")} AND {_HELD.format("b")}
  AND (s.members <= %(most_members)s OR (a.role <> 'member' AND b.role <> 'member'))
GROUP BY 1, 2
"""  # noqa: S608 — names of tables only

_ENTERED = """
SELECT t.professional_id, t.other_id, '{there}', 1, t.valid_from, t.valid_to FROM influence_tie t
WHERE t.kind = '{kind}' AND {held}
UNION ALL
SELECT t.other_id, t.professional_id, '{here}', 1, t.valid_from, t.valid_to FROM influence_tie t
WHERE t.kind = '{kind}' AND {held}
"""
TEACHERS = _ENTERED.format(kind="teacher", there="student", here="teacher", held=_HELD.format("t"))
COLLEAGUES = _ENTERED.format(kind="colleague", there="", here="", held=_HELD.format("t"))
