"""What a superuser of the database can do to the trail, and what the verifiers must name then."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import psycopg.sql
from django.db import connection, transaction

from yaomai.kit.access import system_actor
from yaomai.kit.audit import offline, trail
from yaomai.kit.audit.checkpoints import checkpoint, read_checkpoints
from yaomai.kit.audit.exports import lines
from yaomai.kit.audit.verify import verify
from yaomai.kit.embedded import ADMINISTRATOR

ENTRIES = 16
FIRST_MARK, SECOND_MARK = 6, 12
START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


class Undo(Exception):
    """Leaves a savepoint."""


def write_trail() -> list[int]:
    """Write a trail with checkpoints after 6, 12 and 16 entries; return the entries' ids in order."""
    ids = []
    for number in range(1, ENTRIES + 1):
        actor = system_actor(f"task {number % 3}", "a test")
        entry = trail.record(
            actor=actor,
            code="customers.institution:edit",
            changes={"name": (f"医院{number}", f"第{number}医院")},
            at=START + timedelta(minutes=number),
        )
        ids.append(int(entry.pk))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        if number in (FIRST_MARK, SECOND_MARK, ENTRIES):
            checkpoint()
    return ids


def superuser_may_switch_triggers_off() -> None:
    """Give the tests' role the power that the cases assume."""
    where = connection.settings_dict
    parameters = {"host": where["HOST"], "port": where["PORT"], "dbname": where["NAME"], "user": where["USER"]}
    given = {name: value for name, value in parameters.items() if value}
    with psycopg.connect(**given) as own:
        row = own.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')").fetchone()
    if row == (True,):
        return
    with psycopg.connect(**given | {"user": ADMINISTRATOR}, autocommit=True) as administrator:
        administrator.execute(
            psycopg.sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(
                psycopg.sql.Identifier(where["USER"])
            )
        )


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def relink(after: int = 0) -> None:
    """Renumber and rehash the chain from a place on, as somebody who knows the formula would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequence, hash FROM audit_link WHERE sequence <= %s ORDER BY sequence DESC LIMIT 1", [after]
        )
        sequence, digest = cursor.fetchone() or (0, hashlib.sha256(b"").digest())
        cursor.execute(
            "SELECT l.sequence, e.id, e.seal, e.content FROM audit_link l JOIN audit_entry e ON e.id = l.entry_id "
            "WHERE l.sequence > %s ORDER BY l.sequence",
            [after],
        )
        rows = cursor.fetchall()
        cursor.execute("DELETE FROM audit_link WHERE sequence > %s", [after])
        links = []
        for _old, entry_id, seal, content in rows:
            digest = hashlib.sha256(bytes(digest) + str(entry_id).encode() + bytes(seal) + content.encode()).digest()
            sequence += 1
            links.append([sequence, digest, entry_id])
        cursor.executemany("INSERT INTO audit_link VALUES (%s, %s, %s)", links)
        cursor.execute("UPDATE audit_head SET sequence = %s, hash = %s", [sequence, digest])


def forged(ids: list[int], at: datetime) -> int:
    """Insert an entry with a seal that is not ours; return its id."""
    content = trail.canonical(
        {
            "at": at.isoformat(),
            "code": "customers.institution:edit",
            "outcome": "done",
            "actor": {"person": None, "label": "task 1", "position": "", "reason": "a test"},
            "target": {"type": "", "id": "", "label": ""},
            "changes": {},
            "params": {},
        }
    )
    new = max(ids) + 1000
    sql(
        "INSERT INTO audit_entry (id, at, code, outcome, target_type, target_id, content, seal) "
        "VALUES (%s, %s, 'customers.institution:edit', 'done', '', '', %s, %s)",
        new, at, content, b"\x00" * 32,
    )  # fmt: skip
    return new


Named = set[tuple[int | None, int | None]]
"""(sequence, entry id) of which at least one must be named; None matches anything"""


def edit_content(ids: list[int], place: int, chance: random.Random) -> Named:
    entry = ids[place - 1]
    sql("UPDATE audit_entry SET content = replace(content, '医院', '医苑') WHERE id = %s", entry)
    return {(place, entry)}


def edit_content_and_chain(ids: list[int], place: int, chance: random.Random) -> Named:
    named = edit_content(ids, place, chance)
    relink()
    return named


def edit_column(ids: list[int], place: int, chance: random.Random) -> Named:
    change = chance.choice(
        ["code = 'x.y:z'", "outcome = 'refused'", "actor_id = 7", "target_type = 'a.b'", "target_id = '9'",
         "at = at + interval '1 microsecond'"]
    )  # fmt: skip
    sql(f"UPDATE audit_entry SET {change} WHERE id = %s", ids[place - 1])
    return {(place, ids[place - 1])}


def delete_entry(ids: list[int], place: int, chance: random.Random) -> Named:
    sql("DELETE FROM audit_entry WHERE id = %s", ids[place - 1])
    return {(place, ids[place - 1])}


def delete_entry_and_link(ids: list[int], place: int, chance: random.Random) -> Named:
    sql("DELETE FROM audit_link WHERE sequence = %s", place)
    sql("DELETE FROM audit_entry WHERE id = %s", ids[place - 1])
    return {(place, None)} if place < ENTRIES else {(ENTRIES, None)}


def delete_and_rewrite_chain(ids: list[int], place: int, chance: random.Random) -> Named:
    """Only the checkpoints know: the first one at or after the place is named."""
    delete_entry_and_link(ids, place, chance)
    relink(place - 1)
    return {(next(mark for mark in (FIRST_MARK, SECOND_MARK, ENTRIES) if mark >= place), None)}


def insert_entry(ids: list[int], place: int, chance: random.Random) -> Named:
    return {(None, forged(ids, START + timedelta(minutes=place)))}


def insert_linked_entry(ids: list[int], place: int, chance: random.Random) -> Named:
    new = forged(ids, START + timedelta(minutes=place))
    sql("UPDATE audit_link SET sequence = -sequence WHERE sequence >= %s", place)
    sql("UPDATE audit_link SET sequence = -sequence + 1 WHERE sequence < 0")
    sql("INSERT INTO audit_link VALUES (%s, %s, %s)", place, b"\x00" * 32, new)
    relink()
    return {(place, new)}


def reorder(ids: list[int], place: int, chance: random.Random) -> Named:
    other = place + 1 if place < ENTRIES else place - 1
    first, second = ids[place - 1], ids[other - 1]
    sql("UPDATE audit_link SET entry_id = -1 WHERE sequence = %s", place)
    sql("UPDATE audit_link SET entry_id = %s WHERE sequence = %s", first, other)
    sql("UPDATE audit_link SET entry_id = %s WHERE sequence = %s", second, place)
    return {(place, second)}


def cut_tail(ids: list[int], place: int, chance: random.Random) -> Named:
    sql("DELETE FROM audit_link WHERE sequence >= %s", place)
    for entry in ids[place - 1 :]:
        sql("DELETE FROM audit_entry WHERE id = %s", entry)
    if chance.random() < 0.5:
        relink()
    return {(place, None), (ENTRIES, None)}


def restore_older(ids: list[int], place: int, chance: random.Random) -> Named:
    """Put an older state back whole, its end included, and go on writing as if nothing were missing."""
    cut_tail(ids, place, chance)
    relink()
    for number in range(place, ENTRIES + 1):
        trail.record(
            actor=system_actor("task", "after a restore"),
            code="customers.institution:edit",
            at=START + timedelta(minutes=number),
        )
    relink_missing()
    return {(next(mark for mark in (FIRST_MARK, SECOND_MARK, ENTRIES) if mark >= place), None)}


def relink_missing() -> None:
    """Link entries that were inserted while the triggers were off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_link SELECT (SELECT coalesce(max(sequence), 0) FROM audit_link) + row_number() OVER (ORDER BY id), "
            "'\\x00', id FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_link)"
        )
    relink()


def clock_back(ids: list[int], place: int, chance: random.Random) -> Named:
    """Write a genuine entry while the clock stands in the past."""
    entry = trail.record(
        actor=system_actor("task", "with an old clock"),
        code="customers.institution:edit",
        at=START - timedelta(days=place),
    )
    relink_missing()
    return {(ENTRIES + 1, int(entry.pk))}


def swap_seal(ids: list[int], place: int, chance: random.Random) -> Named:
    sql("UPDATE audit_entry SET seal = %s WHERE id = %s", chance.randbytes(32), ids[place - 1])
    if chance.random() < 0.5:
        relink()
    return {(place, ids[place - 1])}


def edit_head(ids: list[int], place: int, chance: random.Random) -> Named:
    if chance.random() < 0.5:
        sql("UPDATE audit_head SET hash = %s", chance.randbytes(32))
        return {(ENTRIES, None)}
    sql("UPDATE audit_head SET sequence = %s", place - 1)
    return {(place - 1, None)}


Tampering = Callable[[list[int], int, random.Random], Named]
TAMPERINGS: list[Tampering] = [
    edit_content, edit_content_and_chain, edit_column, delete_entry, delete_entry_and_link, delete_and_rewrite_chain,
    insert_entry, insert_linked_entry, reorder, cut_tail, restore_older, clock_back, swap_seal, edit_head,
]  # fmt: skip
# The export holds the chain: entries outside it, columns beside it and the head row are the database's alone.
DATABASE_ONLY = {edit_column, insert_entry, edit_head}


def is_named(found: list[tuple[int | None, int | None]], named: Named) -> bool:
    return any(
        (sequence is None or sequence == at) and (entry is None or entry == of)
        for sequence, entry in named
        for at, of in found
    )


def tampered(tampering: Tampering, ids: list[int], place: int, chance: random.Random) -> Iterator[Named]:
    """Yield what must be named while the tampering stands; take it back afterwards."""
    try:
        with transaction.atomic():
            sql("SET session_replication_role = replica")
            named = tampering(ids, place, chance)
            sql("SET session_replication_role = DEFAULT")
            yield named
            raise Undo
    except Undo:
        pass


def missed(tampering: Tampering, ids: list[int], chance: random.Random) -> list[tuple[Any, ...]]:
    """Tamper once at a random place; return what the verifier of the database or the offline one did not name."""
    place, found = chance.randint(1, ENTRIES), []
    for named in tampered(tampering, ids, place, chance):
        findings = verify().findings
        if not is_named([(one.sequence, one.entry_id) for one in findings], named):
            found.append((tampering.__name__, "database", place, named, findings))
        if tampering in DATABASE_ONLY:
            continue
        exported = (json.loads(line) for line in lines())
        _count, outside = offline.verify(exported, read_checkpoints(), trail.seal_key())
        if not is_named([(sequence, entry) for sequence, entry, _kind in outside], named):
            found.append((tampering.__name__, "offline", place, named, outside))
    return found
