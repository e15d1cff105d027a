"""Encryption of personal data at rest, and masks for the screen.

Values are sealed with AES-256-GCM under the installation's key ring: `KEY_ID:nonce+ciphertext`, base64. The
first key of the ring encrypts, every key decrypts, so that keys rotate without downtime. Equality search goes
through `blind_index`, a keyed hash, never through the clear text.
"""

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from yaomai.kit import keys
from yaomai.kit.errors import DomainError


class Unreadable(DomainError):
    """A stored value cannot be opened: its key is gone from the ring, or the value was altered."""

    code = "unreadable"
    status = 409
    message = _(
        "This value cannot be opened: its key is missing, or it was altered in the database."
        " Ask the system administrator; nothing was changed."
    )


@lru_cache(maxsize=1)
def _ring() -> tuple[list[tuple[str, AESGCM]], bytes]:
    file = keys.ring_file(Path(settings.DATA))
    try:
        ring = json.loads(file.read_text())
        ciphers = [(key["id"], AESGCM(bytes.fromhex(key["secret"]))) for key in ring["keys"]]
        return ciphers, bytes.fromhex(ring["index"])
    except FileNotFoundError as error:
        raise ImproperlyConfigured(f"{file} is missing: restore it from the key backup") from error
    except (ValueError, KeyError, IndexError) as error:
        raise ImproperlyConfigured(f"{file} is not a key ring: restore it from the key backup") from error


def rotate() -> str:
    """Put a new key first in the ring and return its id; old values stay readable."""
    key_id = keys.add_key(Path(settings.DATA))
    _ring.cache_clear()
    return key_id


def encrypt(text: str) -> str:
    """Return the sealed form of a text; the same text never looks the same twice."""
    key_id, key = _ring()[0][0]
    nonce = os.urandom(12)
    return f"{key_id}:{base64.b64encode(nonce + key.encrypt(nonce, text.encode(), key_id.encode())).decode()}"


def decrypt(sealed: str) -> str:
    """Return the text.

    Raises:
        Unreadable: no key of the ring opens it.
    """
    key_id, _colon, body = sealed.partition(":")
    for known_id, key in _ring()[0]:
        if known_id == key_id:
            try:
                raw = base64.b64decode(body, validate=True)
                return key.decrypt(raw[:12], raw[12:], key_id.encode()).decode()
            except (InvalidTag, ValueError) as error:
                raise Unreadable from error
    raise Unreadable


def blind_index(text: str) -> str:
    """Return a keyed hash of a normalised value, for equality search over sealed values."""
    normalised = "".join(text.split()).casefold()
    return hmac.new(_ring()[1], normalised.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value as the database holds it, not opened yet."""

    text: str


class OpenedOnDemand(DeferredAttribute):
    """Opens a sealed value when somebody asks for it: pages show masks, and must stay readable without the key."""

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        found = super().__get__(instance, cls)
        if instance is not None and isinstance(found, Sealed):
            found = instance.__dict__[self.field.attname] = decrypt(found.text)
        return found

    def __set__(self, instance: models.Model, value: Any) -> None:
        # With a setter Python asks here first, and not the instance.
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic for the type checker only
    """Text that the database holds sealed only. `values()` and its like give it `Sealed`."""

    descriptor_class = OpenedOnDemand

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value)) if value else ""

    def from_db_value(self, value: str | None, *_args: Any) -> Sealed | str | None:
        return Sealed(value) if value else value


def mask_phone(text: str) -> str:
    """Mask all but the first three and last four digits: 138****5678."""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 8 else "*" * len(text)


def mask_email(text: str) -> str:
    """Mask the local part but for its first letter: z***@example.com."""
    local, at, domain = text.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else "*" * len(text)


def mask_identity(text: str) -> str:
    """Mask an identity number but for its last two characters."""
    return "*" * max(len(text) - 2, 0) + text[-2:]
