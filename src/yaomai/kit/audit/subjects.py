"""Words about a person, sealed in the trail with a key of that person's own.

Nobody can change an entry, and yet people may ask that what is kept of them be erased. So whatever the trail says of a
data subject (a model with a field `trail_key`), or of a row that belongs to one, stands there sealed; whoever reads the
trail sees it opened. Erasing draws another key: the old words can be read by nobody any more, and the chain, which is
over the sealed words, stays whole.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

FIELD = "trail_key"
SEALED = re.compile(r"⟦([a-z_]+\.[a-z_]+):(\d+):([A-Za-z0-9+/=]+)⟧")
Keys = Mapping[tuple[str, int], UUID]
"""(label of the model, id) -> key; whoever is gone is not in it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom words are about."""

    label: str
    pk: int
    key: UUID

    def sealed(self, text: str) -> str:
        """Return the words as the trail keeps them."""
        nonce = os.urandom(12)
        body = base64.b64encode(nonce + _cipher(self.key).encrypt(nonce, text.encode(), None)).decode()
        return f"⟦{self.label}:{self.pk}:{body}⟧"


@lru_cache(maxsize=512)
def _cipher(key: UUID) -> AESGCM:
    return AESGCM(hmac.new(settings.SECRET_KEY.encode(), b"yaomai trail person\0" + key.bytes, hashlib.sha256).digest())


def is_subject(model: Any) -> bool:
    """Tell whether rows of a model are persons whose words are sealed."""
    return (
        isinstance(model, type)
        and issubclass(model, models.Model)
        and any(field.name == FIELD for field in model._meta.concrete_fields)
    )


@lru_cache(maxsize=512)
def _path(model: type[models.Model]) -> str:
    """Return the field through which rows of a model belong to a person, "" where they do not."""
    return next((field.name for field in model._meta.concrete_fields if is_subject(field.related_model)), "")


def subject_of(row: models.Model | None) -> Subject | None:
    """Return the person that a row is, or belongs to."""
    if row is None or row.pk is None:
        return None
    model = type(row)
    if is_subject(model):
        return Subject(model._meta.label_lower, row.pk, getattr(row, FIELD))
    path = _path(model)
    field: Any = model._meta.get_field(path) if path else None
    pk = getattr(row, field.attname) if field is not None else None
    if pk is None:
        return None
    if field.is_cached(row):
        return subject_of(getattr(row, path))
    key = field.related_model._base_manager.filter(pk=pk).values_list(FIELD, flat=True).first()
    return Subject(field.related_model._meta.label_lower, pk, key) if key is not None else None


def covered(value: Any, subject: Subject | None) -> Any:
    """Return a value of an entry with every text about the person sealed, and every person by their own key."""
    if isinstance(value, models.Model):
        whom = subject_of(value) or subject
        return whom.sealed(f"{value} (#{value.pk})") if whom is not None else value
    if isinstance(value, Mapping):
        return value if "msgid" in value else {name: covered(each, subject) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [covered(each, subject) for each in value]
    if isinstance(value, set | frozenset):
        return [covered(each, subject) for each in sorted(value, key=str)]
    if subject is not None and type(value) is str and value:
        return subject.sealed(value)
    return value


def keys_in(texts: Iterable[str]) -> Keys:
    """Return the keys of everybody whom texts are about: one query for each model."""
    wanted: dict[str, set[int]] = {}
    for text in texts:
        for label, pk, _body in SEALED.findall(text):
            wanted.setdefault(label, set()).add(int(pk))
    found: dict[tuple[str, int], UUID] = {}
    for label, pks in wanted.items():
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            continue
        rows: Any = model._base_manager.filter(pk__in=pks).values_list("pk", FIELD)
        found |= {(label, pk): key for pk, key in rows}
    return found


def opened(text: str, keys: Keys) -> str:
    """Return a text as its reader sees it; words of whoever was erased are gone."""

    def said(match: re.Match[str]) -> str:
        key = keys.get((match[1], int(match[2])))
        if key is None:
            return _("[erased]")
        raw = base64.b64decode(match[3])
        try:
            return _cipher(key).decrypt(raw[:12], raw[12:], None).decode()
        except InvalidTag:
            return _("[erased]")

    return SEALED.sub(said, text)
