"""The life of a transfer: asked for and approved before anything is spent, given and proved, or not given at all."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.compliance import gate, ledger, values
from yaomai.compliance.models import Level, Share, Transfer
from yaomai.compliance.models.transfers import PROVED
from yaomai.compliance.policies import TransferPolicy
from yaomai.customers import merging
from yaomai.customers.models import Institution, Professional
from yaomai.kit import approvals, attachments
from yaomai.kit.access import Actor, get_visible, require
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch, valid
from yaomai.kit.attachments.selectors import attachments_of
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.phrases import phrase
from yaomai.kit.policies.selectors import policy_on

KIND = "compliance.transfer"
"""What its approval is called."""
ASKED = (
    "form", "item", "description", "recipient", "on", "amount", "quantity", "own_heads", "hours", "paid_as", "purpose",
    "event", "agenda", "place", "is_overseas",
)  # fmt: skip
CITATION = "《营销合规手册》S4 多级审批：费用报销追溯（K7）"


class NotInState(Conflict):
    """The transfer is not in the state that this act needs."""

    code = "transfer_not_in_state"
    message = _("This is in the state “%(state)s”. Reload the page to see what can be done with it now.")


class MoreThanApproved(Refused):
    """More was spent than was approved."""

    code = "more_than_approved"
    message = _("%(spent)s yuan were spent, %(approved)s were approved. Ask for the rest before it is paid.")

    def __init__(self, spent: Decimal, approved: Decimal) -> None:
        super().__init__(citations=[CITATION], spent=f"{spent:.2f}", approved=f"{approved:.2f}")


@act("compliance.transfer:create", sentence=_("%(actor)s asked for %(target)s, %(amount)s yuan"))
def transfer_request(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    professionals: Iterable[Professional] = (),
    **fields: Any,
) -> Transfer:
    """Ask for something of value before it is given.

    Raises:
        Invalid: by field.
        RuleForbids: a rule forbids it for one of the recipients.
        NobodyDecides: nobody else could approve it.
    """
    transfer, people = prepared(actor, now, institution, professionals, fields)
    save(transfer)
    parts = ledger.lines(transfer, people, amount=transfer.amount)
    verdicts = list(ledger.verdicts(transfer, parts, amount=transfer.amount, actor=actor, on=transfer.on))
    worst = ledger.gravest(verdicts).require(approved=True)
    _write(transfer, parts)
    for verdict in verdicts:
        verdict.keep(transfer)
    doubts = [rule for rule in worst.rules if rule.level == Level.AVOID]
    approvals.ask(
        actor=actor, kind=KIND, target=transfer, title=_("%(item)s for %(who)s"),
        params={"item": phrase(values.EVERY_ITEM[transfer.item]), "who": _named(people, transfer)},
        facts=facts_of(transfer, people, [rule.citation for rule in worst.rules]), reason=transfer.purpose, now=now,
        amount=transfer.amount, risk="high" if len(doubts) > 1 else "", territory_id=transfer.territory_id,
        url=reverse("compliance:transfer_detail", args=[transfer.pk]),
    )  # fmt: skip
    trail.note(transfer, changes={name: (None, getattr(transfer, name)) for name in ("form", "item", "amount", "on")},
               amount=f"{transfer.amount:.2f}", recipients=_named(people, transfer), citations=worst.citations)  # fmt: skip
    return transfer


@act(
    "compliance.transfer:give",
    right="compliance.transfer:edit",
    sentence=_("%(actor)s gave %(target)s: %(spent)s yuan, %(evidence)s"),
)
def transfer_give(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    spent: Decimal,
    given_on: date,
    evidence: str,
    now: datetime,
    file: bytes | None = None,
    file_name: str = "",
    expected_version: int | None = None,
) -> Transfer:
    """Note that what was approved was given: for how much, when, and what proves it; `file` is a copy of the proof.

    Raises:
        NotInState: it is not approved.
        MoreThanApproved: beyond the tolerance of the policy.
        RuleForbids: on that day, or for that amount, a rule forbids it.
        Invalid: by field; from an amount on a copy of the proof must be attached, now or before.
        NotAccepted: the file is none that is taken.
    """
    transfer = locked(Transfer, pk, expected_version=expected_version)
    _require(transfer, Transfer.State.APPROVED)
    problems: dict[str, list[Any]] = {}
    if not evidence.strip():
        problems["evidence"] = [_("Give the number of the invoice or receipt.")]
    elif Transfer.unscoped.filter(evidence=evidence.strip()).exists():
        problems["evidence"] = [PROVED]
    if given_on > local_day(now):
        problems["given_on"] = [_("This day is still to come.")]
    elif given_on < transfer.asked_on:
        problems["given_on"] = [_("Before it was asked for nothing may be given.")]
    policy, _version = policy_on(TransferPolicy, on=given_on)
    if file is None and spent >= policy.proof_from and not attachments_of(transfer):
        problems["file"] = [_("From %(amount)s yuan on attach a copy of the invoice or receipt.")
                            % {"amount": policy.proof_from}]  # fmt: skip
    if problems:
        raise Invalid(fields=problems)
    if spent > transfer.amount * (1 + policy.tolerance):
        raise MoreThanApproved(spent, transfer.amount)
    people = [part.professional for part in ledger.written(transfer) if part.professional is not None]
    ledger.lock(transfer, [person.pk for person in people])
    parts = ledger.lines(transfer, people, amount=spent)
    verdicts = list(ledger.verdicts(transfer, parts, amount=spent, actor=actor, on=given_on))
    ledger.gravest(verdicts).require(approved=True)
    given = {"spent": spent, "on": given_on, "evidence": evidence, "state": Transfer.State.GIVEN}
    changes = change(transfer, given, allowed=tuple(given))
    touch(transfer, now)
    save(transfer, fields=changes)
    Share.unscoped.filter(transfer=transfer).delete()
    _write(transfer, parts)
    for verdict in verdicts:
        verdict.keep(transfer)
    noted: dict[str, Any] = dict(changes)
    if file is not None:
        kept = attachments.keep(actor=actor, now=now, row=transfer, name=file_name, content=file)
        noted["file"] = (None, f"{kept.name} · SHA-256 {kept.sha256}")
    trail.note(transfer, changes=noted, spent=f"{spent:.2f}", evidence=transfer.evidence)
    return transfer


@act(
    "compliance.transfer:drop", right="compliance.transfer:edit", sentence=_("%(actor)s dropped %(target)s: %(reason)s")
)
def transfer_drop(
    *, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime, expected_version: int | None = None
) -> Transfer:
    """Say that it will not be given: it counts no more, and its request is withdrawn.

    Raises:
        NotInState: it was given, or dropped before. Invalid: no reason.
    """
    transfer = locked(Transfer, pk, expected_version=expected_version)
    _require(transfer, Transfer.State.REQUESTED, Transfer.State.APPROVED)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why it is not given.")]})
    before, transfer.state = transfer.state, Transfer.State.DROPPED
    Share.unscoped.filter(transfer=transfer).update(is_counted=False)
    approvals.withdraw(target=transfer, kind=KIND, now=now)
    touch(transfer, now)
    save(transfer, fields=["state"])
    trail.note(transfer, changes={"state": (before, transfer.state)}, reason=reason.strip())
    return transfer


@act(
    "compliance.transfer:record",
    right="compliance.transfer:import",
    sentence=_("%(actor)s recorded what was given before: %(target)s"),
)
def transfer_record(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    professionals: Iterable[Professional] = (),
    evidence: str = "",
    requester: Any = None,
    spent: Decimal | None = None,
    state: str = Transfer.State.GIVEN,
    **fields: Any,
) -> Transfer:
    """Bring in what was given before, or elsewhere: it counts, whatever the rules say of it; the verdict is kept.

    What was not given yet comes in as not given: here it must be asked for anew.

    Raises:
        Invalid: by field; the day is still to come.
    """
    transfer, people = prepared(actor, now, institution, professionals, fields)
    is_given = state == Transfer.State.GIVEN
    if is_given and transfer.on > local_day(now):
        raise Invalid(fields={"on": [_("This day is still to come: ask for it.")]})
    transfer.asked_on = transfer.on
    transfer.requester = requester
    transfer.state = Transfer.State.GIVEN if is_given else Transfer.State.DROPPED
    transfer.spent, transfer.evidence = (spent or transfer.amount) if is_given else None, evidence.strip()
    save(transfer)
    amount = transfer.spent or transfer.amount
    parts = ledger.lines(transfer, people, amount=amount)
    verdicts = list(ledger.verdicts(transfer, parts, amount=amount, actor=actor, on=transfer.on))
    _write(transfer, parts)
    for verdict in verdicts if is_given else ():
        verdict.keep(transfer)
    trail.note(transfer, changes={"state": (None, transfer.state), "amount": (None, transfer.amount)})
    return transfer


# Parts ----------------------------------------------------------------------------------------------------------


def prepared(
    actor: Actor, now: datetime, institution: Institution, professionals: Iterable[Professional], fields: dict[str, Any]
) -> tuple[Transfer, list[Professional]]:
    """Return a transfer that is not yet written, and its recipients; the accounts are locked.

    Raises:
        Missing, Archived, Invalid.
    """
    institution = merging.standing(get_visible(Institution, pk=institution.pk))
    require_open(institution)
    people = sorted({_standing(person) for person in professionals}, key=lambda person: person.pk)
    transfer = Transfer(
        institution=institution, territory_id=institution.territory_id, requester_id=actor.person_id,
        asked_on=local_day(now), created_at=now, updated_at=now,
    )  # fmt: skip
    change(transfer, fields, allowed=ASKED)
    valid(transfer)
    if problems := _problems(transfer, people):
        raise Invalid(fields=problems)
    ledger.lock(transfer, [person.pk for person in people])
    return transfer, people


def _standing(person: Professional) -> Professional:
    found: Professional = merging.standing(get_visible(Professional, pk=person.pk))
    require_open(found)
    return found


def _problems(transfer: Transfer, people: Sequence[Professional]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    personal = transfer.recipient in ledger.PERSONAL
    if personal and not people:
        found["professionals"] = [_("Name every professional who gets something.")]
    if people and not personal:
        found["professionals"] = [_("An organisation gets it: leave the professionals empty.")]
    if transfer.form in values.FORMS and transfer.item not in values.items_of(transfer.form):
        found["item"] = [_("This item does not belong to the form “%(form)s”.") % {"form": transfer.get_form_display()}]
    if transfer.form == "fee" and not transfer.hours:
        found["hours"] = [_("Say how many hours the service took: the fee is compared with fair value.")]
    if transfer.form == "fee" and not personal:
        found["recipient"] = [_("Service fees go to the person who served.")]
    return found


def _require(transfer: Transfer, *states: Transfer.State) -> None:
    if transfer.state not in states:
        raise NotInState(state=transfer.get_state_display())


def _write(transfer: Transfer, parts: Iterable[ledger.Line]) -> None:
    Share.unscoped.bulk_create(
        Share(
            transfer=transfer, professional=part.professional, on=transfer.on, amount=part.amount, count=part.count,
            institution=None if part.professional else transfer.institution, form=transfer.form, event=transfer.event,
            requester_id=transfer.requester_id, is_counted=transfer.state != Transfer.State.DROPPED,
        )
        for part in parts
    )  # fmt: skip


def _named(people: Sequence[Professional], transfer: Transfer) -> str:
    return "、".join(person.name for person in people) or str(transfer.institution)


def facts_of(transfer: Transfer, people: Sequence[Professional], citations: Sequence[str]) -> list[approvals.Fact]:
    """Return the frozen copy that is approved."""
    said = [
        (pgettext_lazy("compliance", "Form"), transfer.get_form_display()),
        (pgettext_lazy("compliance", "Item"), transfer.get_item_display()),
        (_("Description"), transfer.description),
        (_("Recipient"), f"{transfer.get_recipient_display()}：{_named(people, transfer)}"),
        (_("Institution"), str(transfer.institution)),
        (_("On"), transfer.on.isoformat()),
        (_("Amount in all"), f"{transfer.amount:.2f}"),
        (_("Number of items"), str(transfer.quantity)),
        (_("Own staff at the table"), str(transfer.own_heads) if transfer.form == "meal" else ""),
        (_("Hours of service"), str(transfer.hours or "")),
        (_("Paid as"), transfer.get_paid_as_display()),
        (_("Scientific purpose"), transfer.purpose),
        (_("Event"), transfer.event),
        (_("Agenda"), transfer.agenda),
        (_("Rules that strike"), "；".join(citations)),
    ]
    return [approvals.Fact(label, text) for label, text in said if text]


def transfer_tried(
    *, actor: Actor, now: datetime, institution_id: int, professional_ids: Sequence[int], **fields: Any
) -> gate.Verdict:
    """Return what the gate would say, and write nothing: screens ask while somebody types.

    Raises:
        Missing, Archived, Invalid.
    """
    require(actor, Transfer.right("create"))
    institution = get_visible(Institution, pk=institution_id)
    people = [get_visible(Professional, pk=pk) for pk in professional_ids]
    with transaction.atomic():
        transfer, found = prepared(actor, now, institution, people, fields)
        parts = ledger.lines(transfer, found, amount=transfer.amount)
        return ledger.gravest(
            list(ledger.verdicts(transfer, parts, amount=transfer.amount, actor=actor, on=transfer.on))
        )
