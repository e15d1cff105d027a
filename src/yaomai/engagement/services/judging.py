"""Whether a visit counts (E9, E15): the checks, the audit by chance, doubt or objection, and what an auditor decides."""

from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Affiliation, Professional
from yaomai.engagement.models import CheckIn, Photo, Site, Visit, VisitAudit
from yaomai.engagement.policies import TruthPolicy, VisitPolicy
from yaomai.engagement.rules import truth
from yaomai.engagement.services.carrying import carry_out
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open, touch
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.policies.selectors import policy_on
from yaomai.workdays import is_workday

TEXTS_BACK = timedelta(days=90)
MOST_TEXTS = 60
WITHOUT_END = timedelta(minutes=1)
"""How long a visit lasts of which only the beginning is known: long enough to be at one place only."""


class AlreadyDecided(Conflict):
    """Somebody decided on the visit."""

    code = "visit_decided"
    message = _("This visit has been decided on already: %(outcome)s.")


class OwnVisit(Refused):
    """Nobody audits what they took part in."""

    code = "visit_own"
    message = _("You took part in this visit: somebody else decides.")


def judge(visit: Visit, *, now: datetime) -> None:
    """Ask the checks about a visit and about those of the day that it touches; keep what they find."""
    policy, _version = policy_on(TruthPolicy, on=local_day(now))
    neighbours = _judge_one(visit, policy, now)
    touched: set[int] = {each.params["visit"] for each in _findings(visit) if each.code in ("overlap", "too_near")}
    for other in Visit.unscoped.filter(pk__in=touched & {each.pk for each in neighbours}, decided_at=None).order_by(
        "pk"
    ):
        _judge_one(other, policy, now)


def left(visit: Visit, *, now: datetime) -> None:
    """Ask again about the visits of the day that a report which was taken away had touched."""
    policy, _version = policy_on(TruthPolicy, on=local_day(now))
    for other in Visit.unscoped.filter(person=visit.person_id, on=visit.on, archived_at=None, decided_at=None).order_by(
        "pk"
    ):
        _judge_one(other, policy, now)


def _findings(visit: Visit) -> list[truth.Finding]:
    return [truth.Finding(**each) for each in visit.findings]


def _judge_one(visit: Visit, policy: TruthPolicy, now: datetime) -> tuple[truth.Neighbour, ...]:
    reported = _reported(visit, policy)
    if visit.decided_at is not None:
        return reported.neighbours
    found = truth.findings(reported, policy.limits())
    found += [truth.Finding("rule", "doubt", {"text": text, "citation": cited}) for text, cited in visit.rule_doubts]
    visit.findings = [asdict(each) for each in found]
    visit.validity = truth.validity(found, doubts=1 if visit.rule_doubts else policy.doubts)
    Visit.unscoped.filter(pk=visit.pk).update(findings=visit.findings, validity=visit.validity)
    carry_out(visit, now=now)
    if visit.validity != Visit.Validity.VALID:
        _to_audit(visit, VisitAudit.Cause.DOUBT, now)
    elif _is_sampled(visit, policy.sample_share):
        _to_audit(visit, VisitAudit.Cause.SAMPLE, now)
    return reported.neighbours


def _is_sampled(visit: Visit, share: Decimal) -> bool:
    """Tell whether chance chose the visit: nobody who makes up ids can foresee it, and it stays chosen."""
    drawn = int(salted_hmac("yaomai.engagement.sample", str(visit.uuid), algorithm="sha256").hexdigest()[:8], 16)
    return drawn < share * 0x100000000


def _to_audit(visit: Visit, cause: str, now: datetime) -> None:
    VisitAudit.unscoped.get_or_create(visit=visit, defaults={"cause": cause, "created_at": now, "updated_at": now})


def _reported(visit: Visit, policy: TruthPolicy) -> truth.Reported:
    """Return a visit with what is known around it; a handful of queries."""
    rows = Visit.unscoped.filter(person=visit.person_id, archived_at=None).exclude(pk=visit.pk)
    columns = ("pk", "started_at", "ended_at", "institution_id", "content")
    day = [_neighbour(*row) for row in rows.filter(on=visit.on).values_list(*columns)]
    before = rows.filter(on__lt=visit.on, on__gte=visit.on - TEXTS_BACK).order_by("-on", "-pk")
    evidence = _evidence(visit)
    metres, accuracy = _distance(visit) if "check_in" in evidence else (None, 0)
    start = timezone.localtime(visit.started_at)
    return truth.Reported(
        pk=visit.pk, started_at=start, ended_at=timezone.localtime(visit.ended_at) if visit.ended_at else start + WITHOUT_END,
        has_end=visit.ended_at is not None, institution=visit.institution_id, text=visit.content,
        reported_at=timezone.localtime(visit.reported_at), is_workday=is_workday(visit.on),
        clock_seconds=visit.clock_seconds or 0, is_clock_changed=visit.is_clock_changed, metres=metres,
        accuracy=accuracy, evidence=evidence, same_photos=tuple(_same_photos(visit, policy)) if "photo" in evidence else (),
        colleagues=tuple(_colleagues(visit)), strangers=tuple(_strangers(visit)), neighbours=tuple(day),
        earlier=tuple(_neighbour(*row) for row in before.values_list(*columns)[:MOST_TEXTS]),
    )  # fmt: skip


def _neighbour(pk: int, start: datetime, end: datetime | None, institution: int, text: str) -> truth.Neighbour:
    start = timezone.localtime(start)
    return truth.Neighbour(pk, start, timezone.localtime(end) if end else start + WITHOUT_END, institution, text)


def _evidence(visit: Visit) -> frozenset[str]:
    """Return what shows that a visit took place; one query."""
    kinds: dict[str, Any] = {
        "material": Visit.uses.through.objects, "colleague": Visit.attendees.through.objects,
        "check_in": CheckIn.unscoped, "photo": Photo.unscoped,
    }  # fmt: skip
    asked = {f"has_{name}": Exists(rows.filter(visit=OuterRef("pk"))) for name, rows in kinds.items()}
    found: Any = Visit.unscoped.filter(pk=visit.pk).values(**asked).get()
    return frozenset(name for name in kinds if found[f"has_{name}"])


def _strangers(visit: Visit) -> list[str]:
    there = Affiliation.unscoped.filter(institution=visit.institution_id).values("professional")
    people = Professional.unscoped.filter(visits=visit).exclude(institution=visit.institution_id).exclude(pk__in=there)
    return list(people.values_list("name", flat=True))


def _colleagues(visit: Visit) -> list[int]:
    """Return reports of others that look like this visit: it was said to be another one."""
    if not visit.is_separate:
        return []
    policy, _version = policy_on(VisitPolicy, on=visit.on)
    margin = timedelta(minutes=policy.same_minutes)
    others = Visit.unscoped.filter(
        institution=visit.institution_id, on=visit.on, archived_at=None, contacts__in=Professional.unscoped.filter(visits=visit),
        started_at__range=(visit.started_at - margin, (visit.ended_at or visit.started_at) + margin),
    ).exclude(person=visit.person_id)  # fmt: skip
    return list(others.order_by("pk").values_list("pk", flat=True).distinct())


# Location -------------------------------------------------------------------------------------------------------


def _distance(visit: Visit) -> tuple[float | None, int]:
    point = CheckIn.unscoped.filter(visit=visit).first()
    site = Site.unscoped.filter(institution=visit.institution_id).first() if point is not None else None
    if point is None or site is None:
        return None, 0
    metres = truth.metres_between((point.latitude, point.longitude), (site.latitude, site.longitude))
    return metres, point.accuracy


def site_learn(institution: int, *, now: datetime) -> Site | None:
    """Learn where an institution is from the check-ins of valid visits there: the middle of them."""
    policy, _version = policy_on(TruthPolicy, on=local_day(now))
    rows = CheckIn.unscoped.filter(visit__institution=institution, visit__archived_at=None, accuracy__lte=500)
    points = list(rows.exclude(visit__validity="invalid").values_list("latitude", "longitude"))
    if len(points) < policy.site_from:
        return None
    site, _created = Site.unscoped.update_or_create(
        institution_id=institution,
        defaults={
            "latitude": Decimal(median(each[0] for each in points)).quantize(Decimal("0.00001")),
            "longitude": Decimal(median(each[1] for each in points)).quantize(Decimal("0.00001")),
            "learned_from": len(points), "updated_at": now,
        },
    )  # fmt: skip
    return site


def locations_forget(*, now: datetime) -> int:
    """Delete the check-ins whose time is over (X8); what follows from them stays with the visit."""
    policy, _version = policy_on(TruthPolicy, on=local_day(now))
    deleted, _by = CheckIn.unscoped.filter(at__lt=now - timedelta(days=policy.keep_days)).delete()
    return deleted


# Photos ---------------------------------------------------------------------------------------------------------

_SAME = """
SELECT p.visit_id, min(bit_count((p.look # own.look)::bit(64))) AS bits
FROM engagement_photo own JOIN engagement_photo p ON p.visit_id <> own.visit_id AND p.created_at >= %(since)s
WHERE own.visit_id = %(visit)s GROUP BY p.visit_id
HAVING min(bit_count((p.look # own.look)::bit(64))) <= %(most)s ORDER BY bits, p.visit_id LIMIT 5
"""


def _same_photos(visit: Visit, policy: TruthPolicy) -> list[tuple[int, int]]:
    """Return (visit, differing bits) of other visits with a photo that looks like one of this visit's."""
    most = int(policy.limits()["photo"].limit)
    since = visit.reported_at - timedelta(days=policy.photo_days)
    with connection.cursor() as cursor:
        cursor.execute(_SAME, {"visit": visit.pk, "since": since, "most": most})
        return [(int(pk), int(bits)) for pk, bits in cursor.fetchall()]


# Objection and audit --------------------------------------------------------------------------------------------


@act(
    "engagement.visit:explain", right="engagement.visit:create", sentence=_("%(actor)s explained the visit %(target)s")
)
def visit_explain(*, actor: Actor, trail: Trail, pk: int, text: str, now: datetime) -> Visit:
    """Answer what the checks found about one's own visit; an auditor reads it and decides.

    Raises:
        Missing. AlreadyDecided. Invalid: no text.
    """
    visit = Visit.unscoped.select_for_update(of=("self",)).get(pk=get_visible(Visit, pk=pk).pk)
    require_open(visit)
    if visit.person_id != actor.person_id:
        raise Invalid(_("Only whoever made the visit explains it."))
    if visit.decided_at is not None:
        raise AlreadyDecided(outcome=visit.get_validity_display())
    if not text.strip():
        raise Invalid(fields={"text": [_("Say how it was.")]})
    before, visit.explained = visit.explained, text.strip()[:500]
    touch(visit, now)
    visit.save(update_fields=["explained", "version", "updated_at"])
    _to_audit(visit, VisitAudit.Cause.OBJECTION, now)
    VisitAudit.unscoped.filter(visit=visit, outcome="").update(cause=VisitAudit.Cause.OBJECTION, updated_at=now)
    trail.note(visit, changes={"explained": (before, visit.explained)})
    return visit


@act(
    "engagement.audit:decide",
    right="engagement.audit:review",
    sentence=_("%(actor)s decided on the visit %(target)s: %(outcome)s"),
)
def audit_decide(
    *, actor: Actor, trail: Trail, pk: int, outcome: str, reason: str, now: datetime,
    expected_version: int | None = None,
) -> VisitAudit:  # fmt: skip
    """Decide whether a visit counts, with the reason; from then on the checks no longer do.

    Raises:
        Missing, Stale. OwnVisit. AlreadyDecided. Invalid: by field.
    """
    audit = locked(VisitAudit, pk, verb="review", expected_version=expected_version)
    visit = Visit.unscoped.select_for_update(of=("self",)).get(pk=audit.visit_id)
    if audit.outcome:
        raise AlreadyDecided(outcome=audit.get_outcome_display())
    if actor.person_id is not None and (
        visit.person_id == actor.person_id
        or Visit.attendees.through.objects.filter(visit=visit, person=actor.person_id).exists()
    ):
        raise OwnVisit
    fields: dict[str, list[object]] = {}
    if outcome not in VisitAudit.Outcome.values:
        fields["outcome"] = [_("Choose from the list.")]
    if not reason.strip():
        fields["reason"] = [_("Say what it rests on: the visitor reads it.")]
    if fields:
        raise Invalid(fields=fields)  # type: ignore[arg-type]
    audit.outcome, audit.reason, audit.decided_at = VisitAudit.Outcome(outcome), reason.strip()[:300], now
    audit.decided_by_id = actor.person_id
    touch(audit, now)
    audit.save(update_fields=["outcome", "reason", "decided_at", "decided_by", "version", "updated_at"])
    before, visit.validity, visit.decided_at = visit.validity, Visit.Validity(outcome), now
    touch(visit, now)
    visit.save(update_fields=["validity", "decided_at", "version", "updated_at"])
    carry_out(visit, now=now)
    trail.note(audit, changes={"validity": (before, visit.validity)}, outcome=audit.get_outcome_display())
    return audit
