"""What this room brings to 今日: consents and filings that end soon."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.compliance.models import Consent
from yaomai.compliance.policies import ConsentPolicy
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.organization.models import Filing

MOST = 10


def register() -> None:
    """Register kinds and what is computed."""
    inbox.register_kind("compliance.ending", label=gettext_lazy("Ends soon"), icon="file-check", rank=25)
    inbox.register_provider(consents_ending)
    inbox.register_provider(filings_ending)


def consents_ending(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the consents in reach that end soon and that no later one follows."""
    if not actor.may("compliance.consent:edit"):
        return []
    today = local_day(now)
    policy, _version = policy_on(ConsentPolicy, on=today)
    ending = Consent.objects.allowed("compliance.consent:edit").filter(
        archived_at=None, valid_to__gt=today, valid_to__lte=today + timedelta(days=policy.remind_days)
    )
    return [
        inbox.Item(
            kind=kind_of("compliance.ending"),
            title=_("The consent of %(institution)s ends") % {"institution": consent.institution},
            reason=_("From %(day)s academic visits there are refused.")
            % {"day": formats.day(consent.valid_to, today=today)},
            url=reverse("compliance:consent_detail", args=[consent.pk]),
            subject=consent.document,
        )
        for consent in ending.select_related("institution").order_by("valid_to", "pk")[:MOST]
        if consent.valid_to is not None and not _is_followed(consent)
    ]


def _is_followed(consent: Consent) -> bool:
    later = Consent.unscoped.filter(
        institution=consent.institution_id, archived_at=None, valid_from__lte=consent.valid_to
    )
    return later.filter(Q(valid_to=None) | Q(valid_to__gt=consent.valid_to)).exists()


def filings_ending(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the filings that end soon: to whoever keeps them, and to the person."""
    today = local_day(now)
    policy, _version = policy_on(ConsentPolicy, on=today)
    ending = Filing.unscoped.filter(valid_to__gt=today, valid_to__lte=today + timedelta(days=policy.remind_days))
    may_edit = actor.may("organization.filing:edit")
    if not may_edit:
        if actor.person_id is None:
            return []
        ending = ending.filter(person_id=actor.person_id)
    return [
        inbox.Item(
            kind=kind_of("compliance.ending"),
            title=_("The filing of %(person)s ends") % {"person": filing.person.name},
            reason=_("From %(day)s the person may not meet customers.")
            % {"day": formats.day(filing.valid_to, today=today)},
            url=reverse("organization:filing_detail", args=[filing.pk]) if may_edit else reverse("organization:me"),
            subject=filing.number,
        )
        for filing in ending.select_related("person").order_by("valid_to", "pk")[:MOST]
        if filing.valid_to is not None
    ]
