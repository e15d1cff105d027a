"""Inspection dossiers: asked for, made in the background, taken along, deleted when their time is over."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.integrity import dossiers
from yaomai.integrity.models import Dossier
from yaomai.integrity.policies import DossierPolicy
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, valid
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on

FIELDS = ("occasion", "authority", "reference", "subject", "person", "institution", "product", "first_day", "last_day",
          "sections")  # fmt: skip
SUBJECTS = ("person", "institution", "product")


class NotReady(Conflict):
    """There is no file to take along."""

    code = "dossier_not_ready"
    message = _("This dossier is “%(state)s”: there is no file. Make a new one.")


@act("integrity.dossier:create", sentence=_("%(actor)s asked for an inspection dossier: %(target)s"))
def dossier_ask(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Dossier:
    """Ask for a dossier; it is made in the background.

    Raises:
        Invalid: by field, such as no subject, a day to come.
    """
    dossier = Dossier(made_by_id=actor.person_id, created_at=now)
    changes = change(dossier, fields, allowed=FIELDS)
    problems: dict[str, list[Any]] = {}
    for name in SUBJECTS:
        if name == dossier.subject and getattr(dossier, f"{name}_id") is None:
            problems[name] = [_("Say whom or what it is about.")]
        elif name != dossier.subject:
            setattr(dossier, name, None)
    if dossier.last_day is not None and dossier.last_day > local_day(now):
        problems["last_day"] = [_("This day is still to come.")]
    if problems:
        raise Invalid(fields=problems)
    valid(dossier)
    dossier.save(force_insert=True)
    trail.note(dossier, changes=changes)
    from yaomai.integrity.jobs import make_dossier

    make_dossier.defer(actor=actor, dossier=dossier.pk)
    return dossier


@act("integrity.dossier:make", right="integrity.dossier:create",
     sentence=_("The inspection dossier %(target)s was made: %(rows)s records, SHA-256 %(digest)s"))  # fmt: skip
def dossier_make(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Dossier:
    """Make the file of a dossier that was asked for; one that is ready stays as it is.

    Raises:
        Missing: it is out of reach.
    """
    dossier = get_visible(Dossier, pk=pk)
    if dossier.state == Dossier.State.MAKING:
        made, file = dossiers.make(dossier, actor, now=now), dossiers.file_of(dossier)
        dossier.rows = sum(count for _label, count, _name in made.lists)
        dossier.files, dossier.entries, dossier.flaws = made.files, made.entries, [list(each) for each in made.flaws]
        dossier.size, dossier.sha256, dossier.fingerprint = file.stat().st_size, _digest(file), dossiers.fingerprint()
        dossier.state, dossier.made_at = Dossier.State.READY, now
        dossier.save()
    trail.note(dossier, rows=dossier.rows, digest=dossier.sha256)
    return dossier


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@act("integrity.dossier:take", right="integrity.dossier:export",
     sentence=_("%(actor)s downloaded the inspection dossier %(target)s"))  # fmt: skip
def dossier_take(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> tuple[Dossier, Path]:
    """Return the file of a dossier, on record before a byte of it leaves.

    Raises:
        Missing: it is out of reach. NotReady: it is not made yet, or deleted.
    """
    dossier = get_visible(Dossier, pk=pk)
    file = dossiers.file_of(dossier)
    if dossier.state != Dossier.State.READY or not file.is_file():
        raise NotReady(state=dossier.get_state_display())
    trail.note(dossier)
    return dossier, file


@act("integrity.dossier:delete", sentence=_("%(actor)s deleted the files of inspection dossiers whose time was over"))
def dossiers_delete(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Delete files after the days of the policy and return how many; what was asked for and its digest stay."""
    policy, _version = policy_on(DossierPolicy, on=local_day(now))
    until = now - timedelta(days=policy.keep_days)
    over = list(Dossier.unscoped.filter(state=Dossier.State.READY, made_at__lt=until).order_by("pk"))
    for dossier in over:
        dossiers.file_of(dossier).unlink(missing_ok=True)
        dossier.state = Dossier.State.DELETED
        dossier.save(update_fields=["state"])
    trail.note(None, changes={"deleted": (None, [str(each) for each in over])})
    return len(over)
