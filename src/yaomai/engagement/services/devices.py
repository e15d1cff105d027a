"""Phones with the field app: registered with a key of their own, wiped when they are signed out or lost."""

import base64
import os
import uuid as uuids
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.engagement.models import Device
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Missing
from yaomai.spellings import one_line

KEY_BYTES = 32


@act(
    "engagement.device:create",
    right="engagement.visit:create",
    sentence=_("%(actor)s set up the field app on %(target)s"),
)
def device_register(*, actor: Actor, trail: Trail, name: str, now: datetime) -> Device:
    """Register a phone of one's own and make its key.

    Raises:
        Missing: nobody is signed in.
    """
    if actor.person_id is None:
        raise Missing
    key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    device = Device(
        person_id=actor.person_id,
        name=one_line(name)[:80] or str(pgettext_lazy("visit", "Phone")),
        key=key,
        created_at=now,
        seen_at=now,
    )
    device.save(force_insert=True)
    trail.note(device, changes={"uuid": (None, str(device.uuid))})
    return device


@act("engagement.device:wipe", right="", sentence=_("%(actor)s had %(target)s wiped"))
def device_wipe(*, actor: Actor, trail: Trail, uuid: uuids.UUID, now: datetime) -> Device:
    """Have a phone forget everything: at once when it is the one that asks, else when it is next heard of.

    Raises:
        Missing: there is no such phone of one's own.
    """
    device: Device | None = (
        Device.unscoped.select_for_update(of=("self",)).filter(uuid=uuid, person=actor.person_id).first()
    )
    if device is None:
        raise Missing
    if device.wiped_at is None:
        device.wiped_at = now
        device.save(update_fields=["wiped_at"])
    trail.note(device, changes={"wiped_at": (None, device.wiped_at)})
    return device


def device_seen(device: Device, *, now: datetime) -> None:
    """Note that a phone was heard of; no act, for it happens all day."""
    Device.unscoped.filter(pk=device.pk).update(seen_at=now)
