"""S6: a thousand tamperings by a superuser of the database are found and named; a million entries take seconds."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.kit.audit_tampering import DATABASE_ONLY, TAMPERINGS, missed, superuser_may_switch_triggers_off, write_trail

from yaomai.kit.audit import offline, trail
from yaomai.kit.audit.checkpoints import checkpoint, checkpoint_file
from yaomai.kit.audit.exports import lines
from yaomai.kit.audit.verify import verify

pytestmark = pytest.mark.timeout(900)
CASES_PER_KIND = 75
ENTRIES = 1_000_000
GOAL_SECONDS = 10.0
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_a_thousand_tamperings_are_found_and_named(
    settings: Any, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    settings.DATA = tmp_path
    superuser_may_switch_triggers_off()
    ids = write_trail()
    wrong = []
    for tampering in TAMPERINGS:
        chance = random.Random(tampering.__name__)
        for _case in range(CASES_PER_KIND):
            wrong += missed(tampering, ids, chance)
    cases = len(TAMPERINGS) * CASES_PER_KIND
    offline_cases = cases - len(DATABASE_ONLY) * CASES_PER_KIND
    figure(
        "S6",
        f"{cases} tamperings of {len(TAMPERINGS)} kinds, {len(wrong)} missed or not named;"
        f" the offline verifier agrees on {offline_cases} of them that an export shows",
    )
    assert wrong == []
    assert cases >= 1000 and len(TAMPERINGS) >= 12
    assert verify().intact


def test_a_million_entries_are_verified_in_seconds(
    own_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "DATA", tmp_path)
    superuser_may_switch_triggers_off()
    with psycopg.connect(own_database) as connection:
        fill(connection)
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE audit_entry, audit_link")
    checkpoint()
    began = time.monotonic()
    result = verify()
    seconds = time.monotonic() - began
    assert (result.entries, result.findings) == (ENTRIES, [])
    export = tmp_path / "trail.jsonl"
    with export.open("wb") as file:
        file.writelines(lines())
    secret = tmp_path / "secret.key"
    secret.write_text(settings.SECRET_KEY)
    began = time.monotonic()
    assert offline.main([str(export), "--checkpoints", str(checkpoint_file()), "--secret", str(secret)]) == 0
    offline_seconds = time.monotonic() - began
    length = len(Path(offline.__file__).read_text().splitlines())
    figure(
        "S6",
        f"{ENTRIES:,} entries verified in {seconds:.1f} s; offline in {offline_seconds:.1f} s by {length} lines of Python",
    )
    assert seconds <= GOAL_SECONDS
    assert length <= 150


def fill(connection: psycopg.Connection[Any]) -> None:
    """Write a million genuine entries and their chain, as the triggers would have over years."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("DELETE FROM audit_link; DELETE FROM audit_entry")
    digest = hashlib.sha256(b"").digest()
    links = []
    with connection.cursor() as cursor:
        columns = "id, at, code, outcome, actor_id, target_type, target_id, content, seal"
        with cursor.copy(f"COPY audit_entry ({columns}) FROM STDIN") as copy:
            for number, row in enumerate(entries(), start=1):
                copy.write_row((number, *row))
                content, seal = row[-2:]
                digest = hashlib.sha256(b"%b%d%b%b" % (digest, number, seal, content.encode())).digest()
                links.append(digest)
        with cursor.copy("COPY audit_link (sequence, entry_id, hash) FROM STDIN") as copy:
            for number, link in enumerate(links, start=1):
                copy.write_row((number, number, link))
    connection.execute("UPDATE audit_head SET sequence = %s, hash = %s", [ENTRIES, digest])


def entries() -> Iterator[tuple[Any, ...]]:
    """Yield what people of a company with forty staff do."""
    codes = ("customers.institution:update", "customers.professional:create", "commerce.sourcename:confirm")
    for number in range(ENTRIES):
        at, code, person, target = (
            START + timedelta(seconds=40 * number),
            codes[number % 3],
            number % 40 + 1,
            str(number),
        )
        content = trail.canonical(
            {
                "at": at.isoformat(),
                "code": code,
                "outcome": "done",
                "actor": {"person": person, "label": f"员工{person}", "position": "大区总监", "reason": ""},
                "target": {"type": "customers.institution", "id": target, "label": f"第{number}人民医院"},
                "changes": {"grade": ["3B", "3A"]},
                "params": {},
            }
        )
        yield at, code, "done", person, "customers.institution", target, content, trail.seal(content)
