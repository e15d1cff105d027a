"""What shows that a visit took place (E9, X8): consent to one-point check-ins, the point itself, photos."""

import io
import uuid as uuids
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.engagement.models import CheckIn, CheckInConsent, Photo, Visit
from yaomai.engagement.services import judging
from yaomai.kit import attachments
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import require_open
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.attachments.selectors import content_of
from yaomai.kit.errors import Conflict, Invalid, Missing

NOTICE = _(
    "When you begin a visit and tap “check in”, the phone sends one point: where it is at that moment, and how exactly."
    " It shows that the visit took place. Nothing is recorded in the background, between visits or on the way. The point"
    " is deleted after the days that the policy says. You may say no or withdraw this at any time; reports count all the"
    " same, and other proof is enough."
)
"""What is agreed to, word for word (X8; Personal Information Protection Law, articles 29 and 30)."""
POINT = Decimal("0.00001")


class NotArrived(Conflict):
    """The visit of a photo is not here, or it is not the sender's."""

    code = "visit_not_arrived"
    message = _("The report that this photo belongs to has not arrived yet.")


class NoConsent(Conflict):
    """There is nothing to withdraw, or it was given already."""

    code = "check_in_consent"
    message = _("This has been settled already. Reload the page.")


@act(
    "engagement.checkinconsent:give",
    right="engagement.visit:create",
    sentence=_("%(actor)s agreed to check-ins at visits"),
)
def consent_give(*, actor: Actor, trail: Trail, text: str, now: datetime) -> CheckInConsent:
    """Agree to check-ins at visits; `text` is the notice as it was read.

    Raises:
        NoConsent: it was given already.
    """
    if actor.person_id is None:
        raise Missing
    if consent_of(actor.person_id) is not None:
        raise NoConsent
    consent = CheckInConsent.unscoped.create(person_id=actor.person_id, text=text, given_at=now)
    trail.note(consent, changes={"given_at": (None, now)})
    return consent


@act(
    "engagement.checkinconsent:withdraw", right="engagement.visit:create",
    sentence=_("%(actor)s withdrew the consent to check-ins"),
)  # fmt: skip
def consent_withdraw(*, actor: Actor, trail: Trail, now: datetime) -> CheckInConsent:
    """Withdraw the consent; the points that are still kept are deleted at once.

    Raises:
        NoConsent: there is none.
    """
    consent = consent_of(actor.person_id) if actor.person_id is not None else None
    if consent is None:
        raise NoConsent
    consent.withdrawn_at = now
    consent.save(update_fields=["withdrawn_at"])
    CheckIn.unscoped.filter(visit__person=actor.person_id).delete()
    trail.note(consent, changes={"withdrawn_at": (None, now)})
    return consent


def consent_of(person: int) -> CheckInConsent | None:
    """Return the consent of a person that stands."""
    return CheckInConsent.unscoped.filter(person=person, withdrawn_at=None).first()


def point_note(visit: Visit, said: Mapping[str, Any], *, now: datetime) -> CheckIn | None:
    """Keep the point of a visit; without consent it is dropped unread, the visit stands without it.

    Raises:
        Invalid: it is no point on earth.
    """
    if visit.person_id is None or consent_of(visit.person_id) is None:
        return None
    try:
        latitude, longitude = (
            Decimal(str(said[name])).quantize(POINT, ROUND_HALF_EVEN) for name in ("latitude", "longitude")
        )
        accuracy = min(max(int(said.get("accuracy") or 0), 0), 100_000)
    except (KeyError, ValueError, ArithmeticError) as error:
        raise Invalid(fields={"check_in": [_("This is no location.")]}) from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Invalid(fields={"check_in": [_("This is no location.")]})
    point = CheckIn.unscoped.create(
        visit=visit, latitude=latitude, longitude=longitude, accuracy=accuracy, at=visit.started_at
    )
    judging.site_learn(visit.institution_id, now=now)
    return point


# Photos ---------------------------------------------------------------------------------------------------------


@act("engagement.visit:photo", right="engagement.visit:create", sentence=_("%(actor)s added a photo to %(target)s"))
def photo_add(
    *, actor: Actor, trail: Trail, visit: uuids.UUID, uuid: uuids.UUID, name: str, content: bytes, now: datetime
) -> Photo:
    """Add a photo to a visit that one made, alone or together; the same one sent again is the one that is there.

    Raises:
        NotArrived: there is no such visit of one's own. Archived. Invalid: it is no picture.
        TooLarge, Known, NotAccepted: see `kit.attachments`.
    """
    row = Visit.unscoped.select_for_update(of=("self",)).filter(uuid=visit).first()
    if row is None or not (row.person_id == actor.person_id or row.attendees.filter(pk=actor.person_id).exists()):
        raise NotArrived
    require_open(row)
    photo = Photo.unscoped.filter(uuid=uuid).first()
    if photo is not None:
        if photo.visit_id != row.pk:
            raise Invalid(fields={"uuid": [_("This number belongs to another photo.")]})
        trail.note(row)
        return photo
    kept = attachments.keep(actor=actor, now=now, row=row, name=name, content=content)
    if not kept.media.startswith("image/"):
        raise Invalid(fields={"file": [_("This is no picture.")]})
    photo = _look_at(row, kept, uuid=uuid, now=now)
    judging.judge(row, now=now)
    trail.note(row, changes={"photo": (None, kept.sha256)})
    return photo


def photos_catch_up(*, now: datetime) -> int:
    """Look at pictures that were attached to visits on the screen, and judge those visits anew."""
    seen = Photo.unscoped.values("attachment")
    rows = Attachment.unscoped.filter(
        carrier=Visit._meta.label_lower, media__startswith="image/", taken_away_at=None
    ).exclude(pk__in=seen)
    found = {visit.pk: visit for visit in Visit.unscoped.filter(pk__in=rows.values("carrier_id"))}
    done = 0
    for each in rows.order_by("pk"):
        if visit := found.get(each.carrier_id):
            _look_at(visit, each, uuid=None, now=now)
            judging.judge(visit, now=now)
            done += 1
    return done


def _look_at(visit: Visit, kept: Attachment, *, uuid: uuids.UUID | None, now: datetime) -> Photo:
    return Photo.unscoped.create(
        uuid=uuid, visit=visit, attachment=kept, look=look_of(content_of(kept)), created_at=now
    )


def look_of(content: bytes) -> int:
    """Return the difference hash of a picture (Krawetz, 2013): 64 bits, whether each of 8 × 8 is brighter than its right."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        grey = picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    pixels = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (pixels[row * 9 + column] > pixels[row * 9 + column + 1])
    return bits - (1 << 64) if bits >= 1 << 63 else bits
