"""The register of processing, consents, impact assessments, releases of data."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.errors import Conflict, Invalid
from yaomai.privacy import rules
from yaomai.privacy.export import release_verdict
from yaomai.privacy.models import ImpactAssessment, PersonConsent, Processing, Release

PROCESSING = (
    "name", "basis", "citation", "kinds", "method", "is_automated", "receivers", "is_abroad", "retention", "measures", "notice",
)  # fmt: skip
CONSENT = ("professional", "processing", "is_separate", "given_on", "evidence")
ASSESSMENT = ("processing", "necessity", "impact", "measures", "assessed_on")
RELEASE = (
    "purpose", "persons", "sensitive_persons", "receiver", "to_third_party", "separate_consent", "abroad", "route",
    "valid_until",
)  # fmt: skip
ASSESSMENT_KIND, RELEASE_KIND = "privacy.assessment", "privacy.release"


class Withdrawn(Conflict):
    """The consent is withdrawn."""

    code = "consent_withdrawn"
    message = _("This consent is withdrawn already.")


@act("privacy.processing:create", sentence=_("%(actor)s entered the processing %(target)s"))
def processing_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Processing:
    """Enter a purpose with its notice.

    Raises:
        Invalid: by field; a basis other than consent without its article or contract.
    """
    row = Processing(created_at=now, updated_at=now)
    changes = change(row, fields, allowed=PROCESSING)
    _require_basis(row)
    save(row)
    trail.note(row, changes=changes)
    return row


def _require_basis(row: Processing) -> None:
    if row.basis and row.basis != Processing.Basis.CONSENT and not row.citation.strip():
        raise Invalid(fields={"citation": [_("Name the article or the contract.")]})


@act("privacy.processing:edit", sentence=_("%(actor)s changed the processing %(target)s"))
def processing_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Processing:
    """Change a purpose; another notice is another version, and older consents are to the older one.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    row = locked(Processing, pk, expected_version=expected_version)
    require_open(row)
    differing = change(row, changes, allowed=PROCESSING)
    _require_basis(row)
    if "notice" in differing:
        row.notice_number += 1
    touch(row, now)
    save(row, fields=[*differing, "notice_number"])
    trail.note(row, changes=differing)
    return row


@act("privacy.processing:archive", sentence=_("%(actor)s ended the processing %(target)s"))
def processing_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Processing:
    """End a purpose; its consents and assessments stay.

    Raises:
        Missing, Stale, Archived.
    """
    row = locked(Processing, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    trail.note(row, changes={"archived_at": (None, now)})
    return row


@act("privacy.consent:create", sentence=_("%(actor)s noted the consent %(target)s"))
def consent_give(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> PersonConsent:
    """Note a consent to the notice as it stands.

    Raises:
        Invalid: by field; sensitive data without separate consent, a day to come.
    """
    row = PersonConsent(created_at=now, updated_at=now, notice_number=0)
    changes = change(row, fields, allowed=CONSENT)
    problems: dict[str, list[Any]] = {}
    if row.processing_id is not None:
        row.notice_number = row.processing.notice_number
        if row.processing.archived_at is not None:
            problems["processing"] = [_("This purpose has ended.")]
        if row.processing.is_sensitive and not row.is_separate:
            problems["is_separate"] = [_("Sensitive data take separate consent (PIPL 29).")]
    if row.given_on is not None and row.given_on > local_day(now):
        problems["given_on"] = [_("This day is still to come.")]
    if problems:
        raise Invalid(fields=problems)
    save(row)
    trail.note(row, changes=changes)
    return row


@act(
    "privacy.consent:withdraw", right="privacy.consent:edit", sentence=_("%(actor)s noted that %(target)s is withdrawn")
)
def consent_withdraw(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> PersonConsent:
    """Withdraw a consent: as easy as giving it.

    Raises:
        Missing, Stale, Withdrawn.
    """
    row = locked(PersonConsent, pk, expected_version=expected_version)
    if row.withdrawn_on is not None:
        raise Withdrawn
    row.withdrawn_on = max(local_day(now), row.given_on)
    touch(row, now)
    save(row, fields=["withdrawn_on"])
    trail.note(row, changes={"withdrawn_on": (None, row.withdrawn_on)})
    return row


@act("privacy.assessment:create", sentence=_("%(actor)s put the impact assessment %(target)s before its approvers"))
def assessment_ask(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> ImpactAssessment:
    """Put an impact assessment before somebody else.

    Raises:
        Invalid: by field. NobodyDecides.
    """
    row = ImpactAssessment(author_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(row, fields, allowed=ASSESSMENT)
    if row.assessed_on is not None and row.assessed_on > local_day(now):
        raise Invalid(fields={"assessed_on": [_("This day is still to come.")]})
    save(row)
    approvals.ask(
        actor=actor, kind=ASSESSMENT_KIND, target=row, title=_("Impact assessment: %(purpose)s"),
        params={"purpose": str(row.processing)}, facts=_facts(row, ASSESSMENT), reason=row.necessity[:500], now=now,
        url=reverse("privacy:impactassessment_detail", args=[row.pk]),
    )  # fmt: skip
    trail.note(row, changes=changes)
    return row


def _facts(row: Any, names: tuple[str, ...]) -> list[approvals.Fact]:
    shown = [(row._meta.get_field(name).verbose_name, getattr(row, name)) for name in names]
    return [approvals.Fact(label, str(value)) for label, value in shown if value not in ("", None, False)]


def decided(model: Any, state: str) -> Any:
    """Return what moves a row when its request is decided."""

    def move(request: Request, *, actor: Actor, now: datetime) -> Changes:
        row = model.unscoped.select_for_update().get(pk=request.target_id)
        before, row.state = row.state, state
        touch(row, now)
        row.save(update_fields=["state", "version", "updated_at"])
        return {"state": (before, state)}

    return move


@act("privacy.release:create", sentence=_("%(actor)s asked to take out data of %(persons)s persons"))
def release_ask(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Release:
    """Ask for a leave to take personal records out.

    Raises:
        Invalid: by field; abroad by a route that is not open for so many.
        RuleForbids: abroad without a route, to another company without separate consent. NobodyDecides.
    """
    row = Release(author_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(row, fields, allowed=RELEASE)
    _require_sound(row, local_day(now))
    verdict = release_verdict(row, actor, local_day(now)).require(approved=True)
    save(row)
    verdict.keep(row)
    approvals.ask(
        actor=actor, kind=RELEASE_KIND, target=row, title=_("Data of %(persons)s persons"), params={"persons": row.persons},
        facts=_facts(row, RELEASE), reason=row.purpose, now=now, url=reverse("privacy:release_detail", args=[row.pk]),
    )  # fmt: skip
    trail.note(row, changes=changes, persons=row.persons)
    return row


def _require_sound(row: Release, on: date) -> None:
    problems: dict[str, list[Any]] = {}
    if row.valid_until is not None and row.valid_until < on:
        problems["valid_until"] = [_("This day is past.")]
    if (row.to_third_party or row.abroad) and not row.receiver.strip():
        problems["receiver"] = [_("Say who gets it.")]
    if row.persons and row.sensitive_persons > row.persons:
        problems["sensitive_persons"] = [_("More than persons in all.")]
    if row.abroad and row.route and row.persons:
        able = rules.routes(row.persons, row.sensitive_persons)
        if row.route not in able:
            names = "、".join(str(Release.Route(route).label) for route in able)
            problems["route"] = [_("For so many persons the way is: %(routes)s.") % {"routes": names}]
    if problems:
        raise Invalid(fields=problems)
