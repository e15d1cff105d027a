"""The rescue file: what a phone that can no longer send has saved, sealed with its own key, taken in at a desk."""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from yaomai.engagement.api import SyncIn
from yaomai.engagement.models import Device
from yaomai.engagement.syncing import Result, take
from yaomai.kit.access import Actor
from yaomai.kit.errors import Invalid

LARGEST = 5 * 1024 * 1024


class NotARescueFile(Invalid):
    """The file is none of a phone of one's own, or a byte of it is another."""

    code = "field_rescue_file"
    message = _("This is no rescue file of a phone of yours, or it was damaged. Nothing was taken in.")

    def __init__(self) -> None:
        super().__init__(fields={"file": [self.message]})


def taken_in(content: bytes, *, actor: Actor, now: datetime) -> list[Result]:
    """Do what a rescue file says, item by item, as if the phone had sent it; what arrived before is known.

    Raises:
        NotARescueFile.
    """
    body = _opened(content, actor)
    # The phone wrote the file some time ago: what it last knew of its clock counts, and not when the file comes.
    known = [ms for ms in (body.offset_ms, *(each.offset_ms for each in reversed(body.items))) if ms is not None]
    offset = timedelta(milliseconds=known[0] if known else 0)
    return take([each.model_dump() for each in body.items], actor=actor, offset=offset, now=now)


def _opened(content: bytes, actor: Actor) -> SyncIn:
    try:
        if len(content) > LARGEST:
            raise ValueError
        said: dict[str, Any] = json.loads(content)
        device = Device.unscoped.get(uuid=UUID(str(said["device"])), person=actor.person_id)
        sealed, iv = (base64.b64decode(said[name], validate=True) for name in ("body", "iv"))
        plain = AESGCM(base64.b64decode(device.key)).decrypt(iv, sealed, None)
        return SyncIn.model_validate_json(plain)
    except (ValueError, TypeError, KeyError, Device.DoesNotExist, InvalidTag, ValidationError, binascii.Error) as error:
        raise NotARescueFile from error
