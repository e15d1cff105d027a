"""Requests of data subjects: taken with a clock, answered, refused with a reason, or done."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import erasing, merging
from yaomai.customers.models import Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.policies.selectors import policy_on
from yaomai.privacy.models import PersonConsent, SubjectRequest
from yaomai.privacy.policies import PrivacyPolicy
from yaomai.workdays import add_workdays

FIELDS = ("professional", "kind", "received_on", "channel", "identity", "words")
State, Kind = SubjectRequest.State, SubjectRequest.Kind


class RequestClosed(Conflict):
    """It is answered already."""

    code = "subject_request_closed"
    message = _("This request is answered: %(state)s.")


class OtherKind(Conflict):
    """The person asked for something else."""

    code = "subject_request_kind"
    message = _("The person asked for something else: %(kind)s.")


class TakenByYourself(Refused):
    """Whoever took a request does not erase alone."""

    code = "four_eyes"
    message = _("You took this request, so somebody else erases: nothing brings it back.")

    def __init__(self) -> None:
        super().__init__(citations=["《个人信息保护法》第五十一条：内部管理制度和操作规程（PI12）"])


@act("privacy.request:create", sentence=_("%(actor)s took the request of a data subject: %(target)s"))
def request_take(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> SubjectRequest:
    """Take a request; the clock runs from the day on which it came.

    Raises:
        Invalid: by field; the day is still to come.
    """
    row = SubjectRequest(taken_by_id=actor.person_id, created_at=now, updated_at=now)
    change(row, fields, allowed=FIELDS)
    if row.received_on is None or row.received_on > local_day(now):
        raise Invalid(fields={"received_on": [_("This day is still to come.")]})
    if row.professional_id is not None:
        row.professional = merging.standing(row.professional)
    policy, _version = policy_on(PrivacyPolicy, on=local_day(now))
    row.due_on = add_workdays(row.received_on, policy.answer_days)
    row.latest_on = row.received_on + timedelta(days=policy.latest_days)
    row.due_on = min(row.due_on, row.latest_on)
    save(row)
    trail.note(row, changes={"kind": (None, row.kind), "due_on": (None, row.due_on)})
    return row


def _open(pk: int, expected_version: int | None, *kinds: str) -> SubjectRequest:
    row = locked(SubjectRequest, pk, expected_version=expected_version)
    if row.state != State.OPEN:
        raise RequestClosed(state=row.get_state_display())
    if kinds and row.kind not in kinds:
        raise OtherKind(kind=row.get_kind_display())
    return row


def _close(row: SubjectRequest, state: str, answer: str, actor: Actor, trail: Trail, now: datetime) -> SubjectRequest:
    if not answer.strip():
        raise Invalid(fields={"answer": [_("Say what the person is told.")]})
    row.state, row.answer, row.handler_id, row.closed_at = state, answer.strip(), actor.person_id, now
    touch(row, now)
    save(row, fields=["state", "answer", "handler", "closed_at", "holds", "done"])
    trail.note(row, changes={"state": (State.OPEN, state)})
    return row


def _person(row: SubjectRequest) -> Professional:
    person: Professional = Professional.unscoped.select_for_update().get(pk=row.professional_id)
    return person


@act("privacy.request:answer", right="privacy.request:edit", sentence=_("%(actor)s answered %(target)s"))
def request_answer(
    *, actor: Actor, trail: Trail, pk: int, answer: str, now: datetime, expected_version: int | None = None
) -> SubjectRequest:
    """Say what the person was told or given: access, copy, correction, explanation.

    Raises:
        Missing, Stale, RequestClosed, OtherKind. Invalid: no answer.
    """
    row = _open(pk, expected_version, Kind.ACCESS, Kind.COPY, Kind.CORRECT, Kind.EXPLAIN)
    return _close(row, State.DONE, answer, actor, trail, now)


@act("privacy.request:refuse", right="privacy.request:edit", sentence=_("%(actor)s refused %(target)s"))
def request_refuse(
    *, actor: Actor, trail: Trail, pk: int, answer: str, now: datetime, expected_version: int | None = None
) -> SubjectRequest:
    """Refuse with the reason that the person is told (PIPL 50).

    Raises:
        Missing, Stale, RequestClosed. Invalid: no reason.
    """
    return _close(_open(pk, expected_version), State.REFUSED, answer, actor, trail, now)


@act("privacy.request:withdraw", right="privacy.request:edit", sentence=_("%(actor)s withdrew consents: %(target)s"))
def request_withdraw(
    *, actor: Actor, trail: Trail, pk: int, answer: str, now: datetime, expected_version: int | None = None
) -> SubjectRequest:
    """Withdraw every consent of the person that stands.

    Raises:
        Missing, Stale, RequestClosed, OtherKind. Invalid: no answer.
    """
    row = _open(pk, expected_version, Kind.WITHDRAW)
    standing = PersonConsent.unscoped.select_for_update().filter(professional=row.professional_id, withdrawn_on=None)
    row.done = {"privacy.personconsent": standing.update(withdrawn_on=local_day(now), updated_at=now)}
    return _close(row, State.DONE, answer, actor, trail, now)


@act(
    "privacy.request:restrict",
    right="privacy.request:edit",
    sentence=_("%(actor)s restricted what is kept: %(target)s"),
)
def request_restrict(
    *, actor: Actor, trail: Trail, pk: int, answer: str, now: datetime, expected_version: int | None = None
) -> SubjectRequest:
    """Do nothing with the person's data any more but store them.

    Raises:
        Missing, Stale, RequestClosed, OtherKind. Invalid: no answer.
    """
    row = _open(pk, expected_version, Kind.RESTRICT)
    erasing.restrict(_person(row), now)
    return _close(row, State.DONE, answer, actor, trail, now)


@act("privacy.request:erase", right="privacy.request:erase", sentence=_("%(actor)s decided on the erasure: %(target)s"))
def request_erase(
    *, actor: Actor, trail: Trail, pk: int, answer: str, now: datetime, expected_version: int | None = None
) -> SubjectRequest:
    """Erase the person from every table and from the trail; where a law wants them kept, restrict instead, with the reason.

    Raises:
        Missing, Stale, RequestClosed, OtherKind. TakenByYourself. Invalid: no answer.
    """
    row = _open(pk, expected_version, Kind.DELETE)
    if actor.person_id is not None and row.taken_by_id == actor.person_id:
        raise TakenByYourself
    person = _person(row)
    holds = erasing.holds_of(person, local_day(now))
    if holds:
        erasing.restrict(person, now)
        row.holds = [[hold.reason, hold.until.isoformat(), hold.citation] for hold in holds]
        return _close(row, State.RESTRICTED, answer, actor, trail, now)
    row.done = erasing.erase(person, now)
    row.refresh_from_db(fields=["words", "identity", "professional"])
    return _close(row, State.DONE, answer, actor, trail, now)
