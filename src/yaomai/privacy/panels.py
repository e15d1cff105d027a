"""What the pages of this room show."""

from typing import Any

from django.utils import timezone

from yaomai.customers import erasing
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.privacy import rules
from yaomai.privacy.export import release_verdict
from yaomai.privacy.models import ImpactAssessment, PersonConsent, Processing, Release, SubjectRequest

TONES = {"open": "warn", "done": "good", "restricted": "info", "refused": "bad"}
DECIDED = {"asked": "warn", "approved": "good", "returned": "bad"}
ANSWERED = (
    SubjectRequest.Kind.ACCESS,
    SubjectRequest.Kind.COPY,
    SubjectRequest.Kind.CORRECT,
    SubjectRequest.Kind.EXPLAIN,
)


def request(row: SubjectRequest, actor: Actor) -> dict[str, Any]:
    """Return where a request stands, what wants the person kept, and what may be done."""
    is_open, may_edit = row.state == SubjectRequest.State.OPEN, actor.may(SubjectRequest.right("edit"))
    is_gone = row.professional.erased_at is not None
    return {
        "tone": TONES[row.state],
        "is_late": is_open and row.due_on < timezone.localdate(),
        "may_answer": is_open and may_edit and row.kind in ANSWERED,
        "may_withdraw": is_open and may_edit and row.kind == SubjectRequest.Kind.WITHDRAW,
        "may_restrict": is_open and may_edit and row.kind == SubjectRequest.Kind.RESTRICT,
        "may_erase": is_open and row.kind == SubjectRequest.Kind.DELETE and actor.may(SubjectRequest.right("erase"))
        and row.taken_by_id != actor.person_id,
        "waits_for_other": is_open and row.kind == SubjectRequest.Kind.DELETE and row.taken_by_id == actor.person_id,
        "may_refuse": is_open and may_edit,
        "may_copy": actor.may(SubjectRequest.right("export")) and not is_gone,
        "suffixes": ("pdf", "docx", "xlsx", "json"),
        "holds": [] if is_gone or not is_open else erasing.holds_of(row.professional, timezone.localdate()),
        "consents": PersonConsent.objects.filter(professional=row.professional_id, withdrawn_on=None).count(),
    }  # fmt: skip


def processing(row: Processing, _actor: Actor) -> dict[str, Any]:
    """Return what a purpose still lacks: its impact assessment, consents to the notice as it stands."""
    approved = row.assessments.filter(state=ImpactAssessment.State.APPROVED).order_by("-assessed_on").first()
    standing = row.consents.filter(withdrawn_on=None)
    return {
        "kinds": [str(label) for code, label in row._meta.get_field("kinds").base_field.choices if code in row.kinds],  # type: ignore[union-attr]
        "approved": approved,
        "consents": standing.count(),
        "older": standing.filter(notice_number__lt=row.notice_number).count(),
    }


def consent(row: PersonConsent, actor: Actor) -> dict[str, Any]:
    """Return whether a consent stands, and to which notice."""
    return {
        "stands": row.withdrawn_on is None,
        "is_older": row.notice_number < row.processing.notice_number,
        "may_withdraw": row.withdrawn_on is None and actor.may(PersonConsent.right("edit")),
    }


def assessment(row: ImpactAssessment, _actor: Actor) -> dict[str, Any]:
    """Return where an assessment stands."""
    found = approvals.standing(row)
    return {"tone": DECIDED[row.state], "approval": approval_panel(found) if found is not None else None}


def release(row: Release, actor: Actor) -> dict[str, Any]:
    """Return what the gate says of a release, and its approval."""
    found = approvals.standing(row)
    return {
        "tone": DECIDED[row.state],
        "verdict": release_verdict(row, actor, timezone.localdate()).explanation,
        "routes": [str(Release.Route(route).label) for route in rules.routes(row.persons, row.sensitive_persons)],
        "approval": approval_panel(found) if found is not None else None,
    }
