"""What is asked of the screens: addresses, and for each the SQL without which it cannot be answered."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from company import SEED, known_institutions, known_professionals

EACH = 24
"""Questions of each kind."""
INSTITUTION = (
    "SELECT i.id, i.name, i.kind, i.grade, d.full_name, t.name, i.completeness, i.updated_at, i.code, i.phone"
    " FROM customers_institution i LEFT JOIN catalog_division d ON d.id = i.division_id"
    " LEFT JOIN organization_territory t ON t.id = i.territory_id WHERE i.archived_at IS NULL"
)
PROFESSIONAL = (
    "SELECT i.id, i.name, w.name, s.name, i.position, i.title, i.customer_types, t.name, i.completeness, i.updated_at"
    " FROM customers_professional i LEFT JOIN customers_institution w ON w.id = i.institution_id"
    " LEFT JOIN customers_department s ON s.id = i.department_id"
    " LEFT JOIN organization_territory t ON t.id = i.territory_id WHERE i.archived_at IS NULL"
)
TIERS = (
    " AND EXISTS (SELECT FROM segmentation_tierassignment h WHERE h.scheme = %s AND h.tier = %s AND h.valid_to IS NULL"
    " AND h.{subject}_id = i.id)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and the statement by hand: its conditions, order and values; the scope is added."""

    path: str
    select: str
    condition: str = ""
    order: str = " ORDER BY i.name, i.id LIMIT 51"
    values: tuple[Any, ...] = ()

    def by_hand(self, reach: Sequence[int] | None) -> tuple[str, tuple[Any, ...]]:
        """Return the statement for somebody who reaches these territories, None for all."""
        scope = "" if reach is None else " AND i.territory_id = ANY(%s)"
        values = self.values if reach is None else (*self.values, list(reach))
        return f"{self.select}{self.condition}{scope}{self.order}", values


def asked() -> dict[str, list[Question]]:
    """Return the questions of each kind, by its name."""
    return {**_institutions(), **_professionals()}


def _institutions() -> dict[str, list[Question]]:
    at, rest = "/customers/institutions/", "/api/v1/customers/institutions/"
    texts = _texts("customers_institution", (2, 4))
    deep = _deep("customers_institution")
    return {
        "institutions: list": [Question(at, INSTITUTION)],
        "institutions: two filters": [
            Question(f"{at}?{urlencode({'kind': kind, 'grade': grade})}", INSTITUTION,
                     " AND i.kind = %s AND i.grade = %s", values=(kind, grade))
            for kind, grade in (("hospital", "3A"), ("hospital", "2B"), ("hospital", "0"), ("clinic", "3A"))
        ],
        "institutions: tier and kind": [
            Question(f"{at}?{urlencode({'tier_four_tiers': tier, 'kind': kind})}", INSTITUTION,
                     f" AND i.kind = %s{TIERS.format(subject='institution')}", values=(kind, "four_tiers", tier))
            for tier in _tiers("four_tiers") for kind in ("hospital", "pharmacy")
        ],
        "institutions: place and kind": [
            Question(f"{at}?{urlencode({'division': pk, 'kind': kind})}", INSTITUTION,
                     " AND i.kind = %s AND d.path LIKE %s", values=(kind, f"{path}%"))
            for pk, path in _places() for kind in ("hospital", "clinic")
        ],
        "institutions: rarely used filter": [
            Question(f"{at}?{urlencode({'beds_from': beds, 'ownership': 'private'})}", INSTITUTION,
                     " AND i.beds >= %s AND i.ownership = 'private'", values=(beds,))
            for beds in (500, 1500, 1795, 1800)
        ],
        "institutions: latest change first": [
            Question(f"{at}?sort=-updated_at", INSTITUTION, order=" ORDER BY i.updated_at DESC, i.id DESC LIMIT 51")
        ],
        "institutions: by grade": [
            Question(f"{at}?sort=grade", INSTITUTION, order=" ORDER BY i.grade, i.id LIMIT 51")
        ],
        "institutions: deep page": [
            Question(f"{at}?cursor={cursor}", INSTITUTION, " AND (i.name, i.id) > (%s, %s)", values=key)
            for cursor, key in deep
        ],
        **{
            f"institutions: search, {kind}": [
                Question(f"{at}?{urlencode({'q': text})}", INSTITUTION, " AND i.search @@ %s::tsquery",
                         order=" LIMIT 50", values=(query,))
                for text, query in some
            ]
            for kind, some in texts.items()
        },
        "institutions: search in order of name": [
            Question(f"{at}?{urlencode({'q': text, 'sort': 'name'})}", INSTITUTION, " AND i.search @@ %s::tsquery",
                     values=(query,))
            for text, query in (*texts["4 characters, common"], *texts["4 characters, rare"])
        ],
        "institutions: search in a kind": [
            Question(f"{at}?{urlencode({'q': text, 'kind': 'hospital'})}", INSTITUTION,
                     " AND i.search @@ %s::tsquery AND i.kind = 'hospital'", order=" LIMIT 50", values=(query,))
            for text, query in (*texts["4 characters, common"], *texts["4 characters, rare"])
        ],
        "institution: page": [
            Question(f"{at}{pk}/", INSTITUTION, " AND i.id = %s", "", (pk,)) for pk in known_institutions()[:EACH]
        ],
        "institution: what the page fetches": [
            Question(f"{at}{pk}/{part}", INSTITUTION, " AND i.id = %s", "", (pk,))
            for pk in known_institutions()[:EACH]
            for part in ("below", "beside")
        ],
        "institutions: REST list": [Question(f"{rest}?limit=50", INSTITUTION)],
        "institutions: REST search": [
            Question(f"{rest}?{urlencode({'q': text})}", INSTITUTION, " AND i.search @@ %s::tsquery",
                     order=" LIMIT 50", values=(query,))
            for text, query in (*texts["2 characters, common"], *texts["4 characters, rare"])
        ],
        "institution: REST": [
            Question(f"{rest}{pk}", INSTITUTION, " AND i.id = %s", "", (pk,)) for pk in known_institutions()[:EACH]
        ],
        "institutions: typeahead": [
            Question(f"{at}options?{urlencode({'q': text})}", "SELECT i.id, i.name FROM customers_institution i WHERE"
                     " i.archived_at IS NULL", " AND i.search @@ %s::tsquery", " LIMIT 20", (query,))
            for text, query in _typed("customers_institution")
        ],
        "command palette": [
            Question(f"/palette?{urlencode({'q': text})}", "SELECT i.id, i.name FROM customers_institution i WHERE"
                     " i.archived_at IS NULL", " AND i.search @@ %s::tsquery", " LIMIT 6", (query,))
            for text, query in _typed("customers_institution")
        ],
    }  # fmt: skip


def _professionals() -> dict[str, list[Question]]:
    at, rest = "/customers/professionals/", "/api/v1/customers/professionals/"
    texts = _texts("customers_professional", (2, 3))
    return {
        "professionals: list": [Question(at, PROFESSIONAL)],
        "professionals: two filters": [
            Question(f"{at}?{urlencode({'title': title, 'customer_types': kind})}", PROFESSIONAL,
                     " AND i.title = %s AND i.customer_types && %s::varchar[]", values=(title, [kind]))
            for title in ("chief_physician", "nurse") for kind in ("high_influence", "decision_maker")
        ],
        "professionals: tier and title": [
            Question(f"{at}?{urlencode({'tier_kol_levels': tier, 'title': 'chief_physician'})}", PROFESSIONAL,
                     f" AND i.title = 'chief_physician'{TIERS.format(subject='professional')}",
                     values=("kol_levels", tier))
            for tier in _tiers("kol_levels")
        ],
        "professionals: deep page": [
            Question(f"{at}?cursor={cursor}", PROFESSIONAL, " AND (i.name, i.id) > (%s, %s)", values=key)
            for cursor, key in _deep("customers_professional")
        ],
        **{
            f"professionals: search, {kind}": [
                Question(f"{at}?{urlencode({'q': text})}", PROFESSIONAL, " AND i.search @@ %s::tsquery",
                         order=" LIMIT 50", values=(query,))
                for text, query in some
            ]
            for kind, some in texts.items()
        },
        "professional: page": [
            Question(f"{at}{pk}/", PROFESSIONAL, " AND i.id = %s", "", (pk,)) for pk in known_professionals()[:EACH]
        ],
        "professional: what the page fetches": [
            Question(f"{at}{pk}/{part}", PROFESSIONAL, " AND i.id = %s", "", (pk,))
            for pk in known_professionals()[:EACH]
            for part in ("below", "beside")
        ],
        "professional: portrait": [
            Question(f"{at}{pk}/portrait/", PROFESSIONAL, " AND i.id = %s", "", (pk,))
            for pk in known_professionals()[:EACH]
        ],
        "professionals: REST list": [Question(f"{rest}?limit=50", PROFESSIONAL)],
        "professional: REST": [
            Question(f"{rest}{pk}", PROFESSIONAL, " AND i.id = %s", "", (pk,)) for pk in known_professionals()[:EACH]
        ],
        "professionals: typeahead": [
            Question(f"{at}options?{urlencode({'q': text})}", "SELECT i.id, i.name FROM customers_professional i WHERE"
                     " i.archived_at IS NULL", " AND i.search @@ %s::tsquery", " LIMIT 20", (query,))
            for text, query in _typed("customers_professional")
        ],
    }  # fmt: skip


# What is looked for -----------------------------------------------------------------------------------------------


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _tiers(scheme: str) -> list[str]:
    """Return the tiers that are held, the best first."""
    from yaomai.engine.schemes import default_schemes

    return [tier.name for tier in default_schemes()[scheme].tiers]


def _places() -> list[tuple[int, str]]:
    """Return a province, a city and a district of the manager's area: id and path."""
    return [
        _rows("SELECT id, path FROM catalog_division WHERE code = %s", code)[0] for code in ("32", "3201", "320106")
    ]


def _deep(table: str) -> list[tuple[str, tuple[str, int]]]:
    """Return cursors to pages far down the list by name, and the keys that they name."""
    from yaomai.kit.surfaces.pages import cursor_of

    found = []
    for share in (0.2, 0.4, 0.6, 0.8, 0.95):
        ((name, pk),) = _rows(
            f"SELECT name, id FROM {table} ORDER BY name, id OFFSET %s LIMIT 1",
            int(share * _rows(f"SELECT count(*) FROM {table}")[0][0]),
        )
        found.append((cursor_of([name, pk]), (name, pk)))
    return found


def _names(table: str) -> list[str]:
    return [name for (name,) in _rows(f"SELECT name FROM {table} WHERE id %% 50 = 0 ORDER BY id")]


def _texts(table: str, lengths: Iterable[int]) -> dict[str, list[tuple[str, str]]]:
    """Return texts and their tsqueries by kind: parts of names that are in very many of them, and in very few."""
    names, chance = _names(table), random.Random(SEED)
    found: dict[str, list[tuple[str, str]]] = {}
    for length in lengths:
        long_enough = [name for name in names if len(name) >= length]
        windows = Counter(name[start : start + length] for name in names for start in range(len(name) - length + 1))
        common = [text for text, _count in windows.most_common(EACH)]
        seldom = [text for text, count in windows.items() if count == 1] or [windows.most_common()[-1][0]]
        rare = chance.sample(seldom, min(EACH, len(seldom)))
        assert long_enough
        found[f"{length} characters, common"] = [(text, _neighbours(text)) for text in common]
        found[f"{length} characters, rare"] = [(text, _neighbours(text)) for text in rare]
        for kind, texts in (("common", common), ("rare", rare)):
            written = dict.fromkeys(_initials(text) for text in texts)
            found[f"{length} initials, {kind}"] = [(text, f"'i{text}':*") for text in written if text]
    return found


def _typed(table: str) -> list[tuple[str, str]]:
    """Return what arrives while names are typed: one, two, three, four characters."""
    chosen = random.Random(SEED).sample(_names(table), EACH // 4)
    texts = [name[:length] for name in chosen for length in (1, 2, 3, 4) if len(name) >= length]
    return [(text, _neighbours(text)) for text in texts]


def _neighbours(text: str) -> str:
    if len(text) == 1:
        return f"'{text}':*"
    return " & ".join(f"'{text[start : start + 2]}'" for start in range(len(text) - 1))


def _initials(text: str) -> str:
    from yaomai.kit.search.readings import readings

    return "".join(each[0][0] for each in readings(text) if each)
