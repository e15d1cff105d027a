"""S6: whatever a superuser of the database does to the trail is found, and the row is named.

Every case runs twice: on the database, and on an export with the offline verifier. `make assure` does a thousand.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.kit.audit_tampering import (
    ENTRIES,
    SECOND_MARK,
    TAMPERINGS,
    Tampering,
    missed,
    sql,
    superuser_may_switch_triggers_off,
    write_trail,
)

from yaomai.kit.access import system_actor
from yaomai.kit.audit import offline, trail
from yaomai.kit.audit.checkpoints import checkpoint, checkpoint_file, read_checkpoints
from yaomai.kit.audit.exports import lines
from yaomai.kit.audit.verify import read_ahead, verify

CASES_PER_KIND = 8


@pytest.fixture
def written(db: None, settings: Any, tmp_path: Path) -> list[int]:
    settings.DATA = tmp_path
    return write_trail()


@pytest.fixture(scope="session")
def superuser(django_db_setup: None) -> None:
    superuser_may_switch_triggers_off()


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.__name__)
def test_every_tampering_is_found_and_named(written: list[int], tampering: Tampering, superuser: None) -> None:
    chance = random.Random(tampering.__name__)
    assert [each for _case in range(CASES_PER_KIND) for each in missed(tampering, written, chance)] == []
    assert verify().intact


def test_an_untouched_trail_is_whole_here_and_offline(written: list[int], tmp_path: Path, settings: Any) -> None:
    result = verify()
    assert (result.entries, result.sequence, result.findings) == (ENTRIES, ENTRIES, [])
    export = tmp_path / "trail.jsonl"
    export.write_bytes(b"".join(lines()))
    secret = tmp_path / "secret.key"
    secret.write_text(settings.SECRET_KEY)
    assert offline.main([str(export), "--checkpoints", str(checkpoint_file()), "--secret", str(secret)]) == 0
    assert offline.main([str(export)]) == 0


def test_a_checkpoint_of_the_empty_chain_stays_true(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    assert checkpoint()["sequence"] == 0
    trail.record(actor=system_actor("task", "a test"), code="customers.institution:edit")
    sql("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert verify().findings == []
    assert offline.verify((json.loads(line) for line in lines()), read_checkpoints(), trail.seal_key()) == (1, [])


def test_a_forged_checkpoint_is_named(written: list[int], tmp_path: Path) -> None:
    text = checkpoint_file().read_text().splitlines()
    mark = json.loads(text[1]) | {"hash": "00" * 32}
    checkpoint_file().write_text("\n".join([text[0], json.dumps(mark), text[2]]))
    assert [(one.sequence, one.kind) for one in verify().findings] == [(SECOND_MARK, "checkpoint_forged")]


def test_without_the_triggers_the_trail_says_so(written: list[int]) -> None:
    sql("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_fixed")
    assert [one.kind for one in verify().findings] == ["trigger_missing"]


def test_the_application_can_neither_change_nor_delete(written: list[int]) -> None:
    from django.db import Error

    for statement in (
        "UPDATE audit_entry SET code = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry, audit_link",
        "UPDATE audit_link SET hash = ''",
        "DELETE FROM audit_head",
    ):
        with pytest.raises(Error, match=r"append-only|cannot truncate"), transaction.atomic():
            sql(statement)
    assert verify().intact


def test_reading_ahead_ends_with_whoever_reads_and_says_what_failed() -> None:
    taken = read_ahead(iter(range(1_000_000)))
    assert [next(taken), next(taken)] == [0, 1]
    taken.close()  # ends only when its thread has

    def broken() -> Iterator[int]:
        yield from range(5000)
        raise ConnectionError("the server went away")

    seen: list[int] = []
    with pytest.raises(ConnectionError):
        seen.extend(read_ahead(broken()))
    assert seen == list(range(4000))
