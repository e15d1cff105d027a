"""Which institution a row of a file is, when its name, place or code is written otherwise than ours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

COLUMNS = "i.id, i.name, i.name_key, i.natural_key, i.code, i.division_id, i.grade, i.archived_at IS NOT NULL"
BY_NAME = f"""
    SELECT i.name_key, {COLUMNS} FROM customers_institution i
     WHERE i.name_key = ANY(string_to_array(%s, E'\\n')) AND i.merged_into_id IS NULL
"""  # noqa: S608 - constant text
BY_ALIAS = f"""
    SELECT n.key, {COLUMNS} FROM customers_institutionname n JOIN customers_institution i ON i.id = n.institution_id
     WHERE n.key = ANY(string_to_array(%s, E'\\n')) AND i.merged_into_id IS NULL
"""  # noqa: S608 - constant text
BY_CODE = f"""
    WITH RECURSIVE chain AS (
        SELECT code AS asked, id, merged_into_id FROM customers_institution WHERE code = ANY(string_to_array(%s, E'\\n')) AND code <> ''
        UNION ALL
        SELECT c.asked, w.id, w.merged_into_id FROM chain c JOIN customers_institution w ON w.id = c.merged_into_id
    )
    SELECT c.asked, {COLUMNS} FROM chain c JOIN customers_institution i ON i.id = c.id WHERE c.merged_into_id IS NULL
"""  # noqa: S608 - constant text


@dataclass(frozen=True, slots=True)
class Known:
    """An institution we have."""

    id: int
    name: str
    name_key: str
    natural_key: str
    code: str
    division_id: int | None
    grade: str
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row of a file says: key of its name, its code, id and official code of its place."""

    key: str
    code: str
    division_id: int | None
    division_code: str


def _grouped(statement: str, keys: Iterable[str]) -> dict[str, list[Known]]:
    wanted = sorted({key for key in keys if key})
    found: dict[str, list[Known]] = {}
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(statement, ["\n".join(wanted)])
            for key, *values in cursor.fetchall():
                found.setdefault(key, []).append(Known(*values))
    return found


class Institutions:
    """The institutions that the rows of a file may be, loaded with three queries."""

    def __init__(self, asked: Sequence[Asked], codes_of: dict[int | None, str]) -> None:
        self._by_name = _grouped(BY_NAME, (each.key for each in asked))
        self._by_code = _grouped(BY_CODE, (each.code for each in asked))
        self._by_alias = _grouped(BY_ALIAS, (each.key for each in asked))
        self._codes_of = codes_of

    def of_code(self, code: str) -> Known | None:
        """Return the institution of a code, or what it was merged into."""
        return next(iter(self._by_code.get(code, ())), None)

    def match(self, asked: Asked) -> list[Known]:
        """Return what the row may be: one when it is certain, several when it is not, none when it is new.

        The same name in the same place, or in a place around or inside it, or without one; then another name.
        """
        for found in (self._by_name, self._by_alias):
            near = [each for each in found.get(asked.key, ()) if self._may_be(each, asked)]
            exact = [each for each in near if each.division_id == asked.division_id]
            if len(exact) == 1:
                return exact
            if near:
                return list({each.id: each for each in near}.values())
        return []

    def _may_be(self, known: Known, asked: Asked) -> bool:
        if asked.code and known.code and asked.code != known.code:
            return False
        ours = self._codes_of.get(known.division_id, "")
        return not ours or not asked.division_code or _nested(ours, asked.division_code)


def _nested(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
