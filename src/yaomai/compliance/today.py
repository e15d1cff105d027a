"""What this room brings to 今日: consents and filings that end soon."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
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

MOST_ONE_BY_ONE = 3
"""More than that are one line that leads to the list: nobody reads a day that is full of the same."""
NAMED = 3


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
    until = today + timedelta(days=policy.remind_days)
    following = Consent.unscoped.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")), institution=OuterRef("institution"), archived_at=None,
        valid_from__lte=OuterRef("valid_to"),
    )  # fmt: skip
    ending = Consent.objects.allowed("compliance.consent:edit").filter(
        ~Exists(following), archived_at=None, valid_to__gt=today, valid_to__lte=until
    )
    found = list(ending.select_related("institution").order_by("valid_to", "pk"))
    if len(found) > MOST_ONE_BY_ONE:
        return [
            inbox.Item(
                kind=kind_of("compliance.ending"),
                title=_("The consents of %(count)s institutions end by %(day)s")
                % {"count": len({each.institution_id for each in found}), "day": formats.day(until, today=today)},
                reason=_("Academic visits there are refused afterwards. First: %(names)s.")
                % {"names": formats.listed([str(each.institution) for each in found[:NAMED]])},
                url=_between("compliance:consent_list", today, until),
            )
        ]
    return [
        inbox.Item(
            kind=kind_of("compliance.ending"),
            title=_("The consent of %(institution)s ends") % {"institution": consent.institution},
            reason=_("From %(day)s academic visits there are refused.")
            % {"day": formats.day(consent.valid_to, today=today)},
            url=reverse("compliance:consent_detail", args=[consent.pk]),
            subject=consent.document,
        )
        for consent in found
        if consent.valid_to is not None
    ]


def _between(name: str, today: date, until: date) -> str:
    return f"{reverse(name)}?valid_to_from={today + timedelta(days=1)}&valid_to_to={until}"


def filings_ending(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the filings that end soon: to whoever keeps them, and to the person."""
    today = local_day(now)
    policy, _version = policy_on(ConsentPolicy, on=today)
    until = today + timedelta(days=policy.remind_days)
    ending = Filing.unscoped.filter(valid_to__gt=today, valid_to__lte=until)
    may_edit = actor.may("organization.filing:edit")
    if not may_edit:
        if actor.person_id is None:
            return []
        ending = ending.filter(person_id=actor.person_id)
    found = list(ending.select_related("person").order_by("valid_to", "pk"))
    if len(found) > MOST_ONE_BY_ONE:
        return [
            inbox.Item(
                kind=kind_of("compliance.ending"),
                title=_("The filings of %(count)s people end by %(day)s")
                % {"count": len({each.person_id for each in found}), "day": formats.day(until, today=today)},
                reason=_("They may not meet customers afterwards. First: %(names)s.")
                % {"names": formats.listed([each.person.name for each in found[:NAMED]])},
                url=_between("organization:filing_list", today, until) if may_edit else reverse("organization:me"),
            )
        ]
    return [
        inbox.Item(
            kind=kind_of("compliance.ending"),
            title=_("The filing of %(person)s ends") % {"person": filing.person.name},
            reason=_("From %(day)s the person may not meet customers.")
            % {"day": formats.day(filing.valid_to, today=today)},
            url=reverse("organization:filing_detail", args=[filing.pk]) if may_edit else reverse("organization:me"),
            subject=filing.number,
        )
        for filing in found
        if filing.valid_to is not None
    ]
