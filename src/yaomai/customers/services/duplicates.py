"""Propose pairs that may be one customer, and remember which are not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import (
    DuplicateProposal,
    Institution,
    InstitutionDuplicate,
    InstitutionName,
    Professional,
    ProfessionalContact,
    ProfessionalDuplicate,
)
from yaomai.engine.matching import (
    DuplicatePair,
    Master,
    PersonRecord,
    duplicate_institutions,
    duplicate_persons,
)
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Missing
from yaomai.kit.jobs import JobHandle

Proposals = type[InstitutionDuplicate] | type[ProfessionalDuplicate]


def _provinces(rows: Any) -> list[str]:
    paths = rows.exclude(division=None).values_list("division__path", flat=True).distinct()
    return sorted({path.split("/")[1] for path in paths})


def _institution_pairs(rows: Any) -> Iterable[tuple[int, int, DuplicatePair]]:
    """Yield pairs among rows of one province and those without a place, so that memory stays bounded."""
    placeless = rows.filter(division=None)
    for province in [*_provinces(rows), ""]:
        some = rows.filter(division__path__startswith=f"/{province}/") if province else rows.none()
        found = [*some.values_list("pk", "name", "division__full_name")]
        found += [(pk, name, "") for pk, name in placeless.values_list("pk", "name")]
        if len(found) < 2:
            continue
        pks = [row[0] for row in found]
        others: dict[int, list[str]] = {}
        names = InstitutionName.unscoped.filter(institution_id__in=pks).order_by("pk")
        for pk, name in names.values_list("institution_id", "name"):
            others.setdefault(pk, []).append(name)
        master = Master(
            [row[1] for row in found],
            places=[row[2] for row in found],
            aliases=[others.get(pk, []) for pk in pks],
        )
        for pair in duplicate_institutions(master):
            yield (*sorted((pks[pair.left], pks[pair.right])), pair)


def _professional_pairs(rows: Any) -> Iterable[tuple[int, int, DuplicatePair]]:
    found = list(rows.values_list("pk", "name", "institution_id", "specialty"))
    pks = [row[0] for row in found]
    phones = dict(
        ProfessionalContact.unscoped.filter(professional__in=rows.values("pk"), kind=ProfessionalContact.Kind.MOBILE)
        .order_by("-pk")
        .values_list("professional_id", "fingerprint")
    )
    people = [
        PersonRecord(name=name, institution=str(institution or ""), specialty=specialty, phone=phones.get(pk, ""))
        for pk, name, institution, specialty in found
    ]
    for pair in duplicate_persons(people):
        yield (*sorted((pks[pair.left], pks[pair.right])), pair)


def _write(model: Proposals, pairs: Iterable[tuple[int, int, DuplicatePair]], reach: Any, now: datetime) -> int:
    """Write the proposals of rows in reach: new ones open, decided ones left as they are, outdated ones removed."""
    rows: Any = model.unscoped
    proposals = {
        (first, second): model(
            first_id=first,
            second_id=second,
            score=pair.score,
            reasons=[{"code": why.code, "params": dict(why.params)} for why in pair.reasons],
            created_at=now,
        )
        for first, second, pair in pairs
    }
    before = rows.filter(
        status=DuplicateProposal.Status.OPEN, first__in=reach.values("pk"), second__in=reach.values("pk")
    )
    outdated = [
        pk
        for pk, first, second in before.values_list("pk", "first_id", "second_id")
        if (first, second) not in proposals
    ]
    rows.filter(pk__in=outdated).delete()
    known = rows.count()
    rows.bulk_create(proposals.values(), batch_size=2000, ignore_conflicts=True)
    return int(rows.count() - known)


@act(
    "customers.institution:find_duplicates",
    right="customers.institution:merge",
    sentence=_("%(actor)s looked for duplicate institutions: %(found)s new proposals"),
)
def institution_duplicates_find(*, actor: Actor, trail: Trail, now: datetime, job: JobHandle | None = None) -> int:
    """Propose duplicates among the institutions in reach; return how many proposals are new."""
    reach = Institution.objects.allowed("customers.institution:merge").filter(archived_at__isnull=True)
    if job is not None:
        job.progress(0, None, _("Comparing names"))
    found = _write(InstitutionDuplicate, _institution_pairs(reach), reach, now)
    trail.note(found=found)
    return found


@act(
    "customers.professional:find_duplicates",
    right="customers.professional:merge",
    sentence=_("%(actor)s looked for duplicate professionals: %(found)s new proposals"),
)
def professional_duplicates_find(*, actor: Actor, trail: Trail, now: datetime, job: JobHandle | None = None) -> int:
    """Propose duplicates among the professionals in reach; return how many proposals are new."""
    reach = Professional.objects.allowed("customers.professional:merge").filter(archived_at__isnull=True)
    if job is not None:
        job.progress(0, None, _("Comparing people"))
    found = _write(ProfessionalDuplicate, _professional_pairs(reach), reach, now)
    trail.note(found=found)
    return found


def _reject(model: Proposals, owner: Any, right: str, actor: Actor, pk: int, now: datetime) -> DuplicateProposal:
    proposal = model.objects.allowed(right).select_for_update(of=("self",)).filter(pk=pk).first()
    if proposal is None or not owner.objects.allowed(right).filter(pk=proposal.second_id).exists():
        raise Missing
    if proposal.status != DuplicateProposal.Status.OPEN:
        raise Conflict
    proposal.status = DuplicateProposal.Status.REJECTED
    proposal.decided_by_id, proposal.decided_at = actor.person_id, now
    proposal.save(update_fields=["status", "decided_by", "decided_at"])
    found: DuplicateProposal = proposal
    return found


@act(
    "customers.institution:keep_apart",
    right="customers.institution:merge",
    sentence=_("%(actor)s decided that %(target)s are not the same"),
)
def institution_duplicate_reject(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> DuplicateProposal:
    """Remember that two institutions are not the same; they are never proposed again."""
    proposal = _reject(InstitutionDuplicate, Institution, "customers.institution:merge", actor, pk, now)
    trail.note(proposal, changes={"status": ("open", "rejected")})
    return proposal


@act(
    "customers.professional:keep_apart",
    right="customers.professional:merge",
    sentence=_("%(actor)s decided that %(target)s are not the same"),
)
def professional_duplicate_reject(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> DuplicateProposal:
    """Remember that two people are not the same; they are never proposed again."""
    proposal = _reject(ProfessionalDuplicate, Professional, "customers.professional:merge", actor, pk, now)
    trail.note(proposal, changes={"status": ("open", "rejected")})
    return proposal
