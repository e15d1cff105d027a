"""Write entries. Services do not call this: they get a `Trail` from `kit.acts`."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise

from yaomai.kit.access import Actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.subjects import covered, subject_of
from yaomai.kit.phrases import phrase, rendered

Changes = Mapping[str, tuple[Any, Any] | list[Any]]


@lru_cache(maxsize=1)
def seal_key() -> bytes:
    """Return the key of the seals, derived from the installation's secret, which the database never holds."""
    return hashlib.sha256(b"yaomai trail seal\0" + settings.SECRET_KEY.encode()).digest()


def canonical(content: Mapping[str, Any]) -> str:
    """Return the one text that stands for `content`."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)


def plain(value: Any) -> Any:
    """Return a JSON-safe form of a value as a person would read it; a translated text stays translatable."""
    if isinstance(value, Promise):
        kept = phrase(value)
        return kept if rendered(kept) == str(value) else str(value)
    if isinstance(value, models.Model):
        return f"{value} (#{value.pk})"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


def seal(content: str) -> bytes:
    """Return the seal of a content text."""
    return hmac.new(seal_key(), content.encode(), "sha256").digest()


def record(
    *,
    actor: Actor,
    code: str,
    target: models.Model | None = None,
    changes: Changes | None = None,
    params: Mapping[str, Any] | None = None,
    outcome: str = Entry.Outcome.DONE,
    at: datetime | None = None,
) -> Entry:
    """Append one entry inside the present transaction; the chain is extended when it commits.

    What it says of a person is sealed with that person's key (`subjects`).
    """
    moment = (at or timezone.now()).astimezone(UTC)
    subject = subject_of(target)
    label = str(target) if target is not None else ""
    target_type = target._meta.label_lower if target is not None else ""
    target_id = str(target.pk) if target is not None else ""
    content = canonical(
        {
            "at": moment.isoformat(),
            "code": code,
            "outcome": str(outcome),
            "actor": {
                "person": actor.person_id,
                "label": actor.label,
                "position": actor.position_label,
                "reason": actor.reason,
            }
            | ({"emergency": actor.emergency_id} if actor.emergency_id is not None else {}),
            "target": {
                "type": target_type,
                "id": target_id,
                "label": subject.sealed(label) if subject is not None and label else label,
            },
            "changes": {name: covered(pair, subject) for name, pair in (changes or {}).items()},
            "params": {name: covered(value, subject) for name, value in (params or {}).items()},
        }
    )
    entry = Entry(
        at=moment,
        code=code,
        outcome=outcome,
        actor_id=actor.person_id,
        target_type=target_type,
        target_id=target_id,
        content=content,
        seal=seal(content),
    )
    entry.save(force_insert=True)
    return entry


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the values that differ: field -> (before, after)."""
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
