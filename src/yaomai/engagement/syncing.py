"""What a phone sends when it is heard of again: each thing is done by itself, once, and answered by itself.

A phone may send the same thing twice, late, out of order, after its clock was set, from an older version. Whatever
one item ends in, the others are not touched: "done", "known" (it arrived before), "conflict" (a question to the
person, with what may be answered), "refused" (a rule, with its citations), "invalid" (by field), or "later" (try again).
The number of an item is written in the transaction of its act (`kit.once`): a request that comes late does nothing,
even where doing it again would undo what came after it.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.catalog.models import Product
from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.customers.models import Department, Institution, Professional
from yaomai.customers.services import professional_change_propose, professional_fact_record
from yaomai.engagement import services
from yaomai.engagement.models import NextStep, Visit
from yaomai.engagement.policies import VisitPolicy
from yaomai.engagement.rules.visits import corrected
from yaomai.engagement.services import adverse
from yaomai.engagement.services.coaching import RATED
from yaomai.engagement.services.steps import StepClosed
from yaomai.engagement.services.visits import LooksTheSame, SentBefore
from yaomai.engagement.visit_presenting import finding_said
from yaomai.kit import once
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Conflict, DomainError, Invalid, Missing, Refused, Unavailable
from yaomai.kit.errors.views import ServerFault
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Person

log = logging.getLogger(__name__)
MOST_ITEMS = 50
REMEMBERED = timedelta(days=100)
"""How long the number of an item is known: longer than a visit may be reported."""
Result = dict[str, Any]


class UnknownKind(Invalid):
    """A newer phone sends what this server does not know."""

    code = "field_unknown_kind"
    message = gettext_lazy(
        "This server does not know “%(kind)s” yet. It stays on the phone until the server is brought up to date."
    )


class TooOld(Conflict):
    """The phone speaks a protocol that is no longer understood."""

    code = "field_protocol_too_old"
    message = gettext_lazy(
        "The field app on this phone is too old. Close it and open it again with a network; nothing is lost."
    )


def take(items: Sequence[Mapping[str, Any]], *, actor: Actor, offset: timedelta, now: datetime) -> list[Result]:
    """Do what a phone sends, item by item; `offset` is the server's clock less the phone's as it was sent."""
    return [_one(item, actor=actor, offset=offset, now=now) for item in items[:MOST_ITEMS]]


def _one(item: Mapping[str, Any], *, actor: Actor, offset: timedelta, now: datetime) -> Result:
    said = {"uuid": str(item["uuid"]), "kind": item["kind"]}
    named = once.begin(once.Submission(_name(item["uuid"], actor), kept=REMEMBERED))
    try:
        do = KINDS.get(item["kind"])
        if do is None:
            raise UnknownKind(kind=item["kind"])
        return said | {"status": "done"} | do(item["uuid"], item["data"], actor, Clocks(item, offset, now), now)
    except SentBefore as error:
        return said | {"status": "known", **_about(error.visit)}
    except (once.AlreadyDone, adverse.SentBefore) as error:
        return said | {"status": "known", "title": str(error)}
    except LooksTheSame as error:
        answers = ["separate"] if error.is_own else ["join", "separate"]
        return said | {"status": "conflict", **_problem(error), "answers": answers, "other": str(error.other.uuid)}
    except Refused as error:
        return said | {"status": "refused", **_problem(error), "citations": error.citations}
    except Invalid as error:
        fields = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
        return said | {"status": "invalid", **_problem(error), "fields": fields}
    except Unavailable as error:
        return said | {"status": "later", **_problem(error)}
    except Missing as error:
        return said | {"status": "refused", **_problem(error), "citations": []}
    except DomainError as error:
        return said | {"status": "conflict", **_problem(error), "answers": []}
    except DatabaseError as error:
        # One item that the database could not take now must not hold back the others; it is sent again.
        log.error("a %s of a phone was not taken: %s", item["kind"], type(error).__name__)
        return said | {"status": "later", "code": "unavailable", "title": str(Unavailable())}
    except Exception as error:
        # A fault of ours in one item must not keep a phone's whole queue from arriving.
        log.error("a %s of a phone met a fault", item["kind"], exc_info=error)
        return said | {"status": "later", **_problem(ServerFault())}
    finally:
        once.end(named)


def _name(uuid: UUID, actor: Actor) -> bytes:
    return hashlib.sha256(f"phone {actor.person_id} {uuid}".encode()).digest()


def _problem(error: DomainError) -> Result:
    return {"code": error.code, "title": str(error)}


class Clocks:
    """When something on a phone happened, by the server's clock."""

    def __init__(self, item: Mapping[str, Any], offset: timedelta, now: datetime) -> None:
        self.offset, self.now = offset, now
        known = item.get("offset_ms")
        self.then = timedelta(milliseconds=known) if known is not None else None
        self.written_at: datetime | None = item.get("clock_at")
        policy, _version = policy_on(VisitPolicy, on=local_day(now))
        self.tolerance = timedelta(minutes=policy.ahead_minutes)

    def corrected(self, text: Any, name: str) -> Any:
        """Return what the server makes of a moment of the phone.

        Raises:
            Invalid: it is no moment.
        """
        try:
            at = parse_datetime(text) if isinstance(text, str) else None
        except ValueError:
            at = None
        if at is None or timezone.is_naive(at):
            raise Invalid(fields={name: [_("Write a moment as 2026-12-31T09:30:00+08:00.")]})
        try:
            return corrected(
                at, written_at=self.written_at or at, offset_now=self.offset, offset_then=self.then,
                tolerance=self.tolerance, now=self.now,
            )  # fmt: skip
        except OverflowError as error:
            raise Invalid(fields={name: [_("This moment is still to come. Check the clock of the phone.")]}) from error


# Kinds ----------------------------------------------------------------------------------------------------------


def _visit(uuid: UUID, data: Mapping[str, Any], actor: Actor, clocks: Clocks, now: datetime) -> Result:
    if other := data.get("join"):
        return _about(services.visit_join(actor=actor, uuid=_uuid(other), now=now, note=str(data.get("result") or "")))
    known = Visit.unscoped.filter(uuid=uuid, person=actor.person_id).select_related("institution").first()
    if known is not None:
        raise SentBefore(known)
    began = clocks.corrected(data.get("started_at"), "started_at")
    ended = clocks.corrected(data["ended_at"], "ended_at") if data.get("ended_at") else None
    texts = ("place", "objective", "expected_result", "achieved", "result", "progress")
    visit = services.visit_report(
        actor=actor, now=now, uuid=uuid, origin=Visit.Origin.FIELD, started_at=began.at,
        ended_at=ended.at if ended else None, device_started_at=parse_datetime(str(data["started_at"])),
        clock_seconds=began.seconds, is_clock_changed=began.is_changed,
        institution=_row(Institution, data.get("institution")),
        contacts=[_row(Professional, pk) for pk in _list(data, "contacts")],
        department=_row(Department, data["department"]) if data.get("department") else None,
        products=[_row(Product, pk) for pk in _list(data, "products")], materials=_list(data, "materials"),
        attendees=[_row(Person, pk) for pk in _list(data, "attendees")],
        content_type=str(data.get("content_type") or ""), content=str(data.get("content") or ""),
        next_steps=[_next(each) for each in _records(data, "next_steps")], stage=str(data.get("stage") or ""),
        is_separate=data.get("is_separate") is True, check_in=_record(data.get("check_in"), "check_in"),
        **{name: str(data[name]) for name in texts if data.get(name)},
    )  # fmt: skip
    return _about(visit)


def _next(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": str(said.get("text") or ""), "due_on": _day(said.get("due_on")), "uuid": _uuid(said.get("uuid"))}


def _step(_uuid_of_item: UUID, data: Mapping[str, Any], actor: Actor, _clocks: Clocks, now: datetime) -> Result:
    step = NextStep.objects.filter(uuid=_uuid(data.get("step"))).first()
    if step is None:
        raise Missing
    state, outcome = str(data.get("state") or "done"), str(data.get("outcome") or "")
    try:
        services.step_close(actor=actor, pk=step.pk, state=state, outcome=outcome, now=now)
    except StepClosed as error:
        step.refresh_from_db(fields=["state"])
        if step.state != state:
            raise  # somebody closed it otherwise: the person hears of it
        return {"status": "known", "title": str(error)}
    return {}


def _adverse(uuid: UUID, data: Mapping[str, Any], actor: Actor, clocks: Clocks, now: datetime) -> Result:
    event = services.adverse_report(
        actor=actor, now=now, uuid=uuid, product=_row(Product, data.get("product")), what=str(data.get("what") or ""),
        severity=str(data.get("severity") or "unknown"), age_group=str(data.get("age_group") or ""),
        learned_at=clocks.corrected(data.get("learned_at"), "learned_at").at,
        institution=_row(Institution, data["institution"]) if data.get("institution") else None,
        professional=_row(Professional, data["professional"]) if data.get("professional") else None,
    )  # fmt: skip
    return {"due_at": event.due_at.isoformat()}


def _coaching(_uuid_of_item: UUID, data: Mapping[str, Any], actor: Actor, _clocks: Clocks, now: datetime) -> Result:
    visit = Visit.objects.filter(uuid=_uuid(data.get("visit"))).first()
    if visit is None:
        raise Missing
    services.coaching_write(
        actor=actor, pk=visit.pk, text=str(data.get("text") or ""), now=now,
        **{name: data[name] for name in RATED if data.get(name) is not None},
    )  # fmt: skip
    return {}


def _fact(_uuid_of_item: UUID, data: Mapping[str, Any], actor: Actor, _clocks: Clocks, now: datetime) -> Result:
    """Record what a customer answered; who may not change the profile asks its steward to."""
    value = data.get("value")
    record = professional_fact_record if actor.may("customers.professional:edit") else professional_change_propose
    record(
        actor=actor, pk=_row(Professional, data.get("professional")).pk, field=str(data.get("field") or ""),
        value=[str(each) for each in value] if isinstance(value, list) else str(value or ""),
        source=_("Asked on a visit"), source_kind="customer", now=now,
    )  # fmt: skip
    return {}


def _consent(_uuid_of_item: UUID, data: Mapping[str, Any], actor: Actor, _clocks: Clocks, now: datetime) -> Result:
    with transaction.atomic():
        # An earlier word of the same person that is still on its way must not undo this one when it comes.
        for earlier in _numbers(data, "instead"):
            once.settle(_name(earlier, actor), kept=REMEMBERED)
        is_given = actor.person_id is not None and services.consent_of(actor.person_id) is not None
        if data.get("given") is True and not is_given:
            services.consent_give(actor=actor, now=now, text=str(data.get("text") or services.NOTICE))
        elif data.get("given") is not True and is_given:
            services.consent_withdraw(actor=actor, now=now)
        else:
            once.claim()
    return {}


Do = Callable[[UUID, Mapping[str, Any], Actor, Clocks, datetime], Result]
KINDS: dict[str, Do] = {
    "visit": _visit, "step": _step, "adverse": _adverse, "coaching": _coaching, "fact": _fact, "consent": _consent,
}  # fmt: skip


# Reading --------------------------------------------------------------------------------------------------------


def _row(model: Any, pk: Any) -> Any:
    """Return what stands for a row with this id: the service reads it where it is in reach, and follows merges."""
    if not isinstance(pk, int) or isinstance(pk, bool) or not 0 < pk < 2**62:
        raise Missing
    return model(pk=pk)


def _list(data: Mapping[str, Any], name: str) -> list[int]:
    found = data.get(name) or []
    if (
        not isinstance(found, list)
        or len(found) > MOST_ITEMS
        or not all(isinstance(each, int) and 0 < each < 2**62 for each in found)
    ):
        raise Invalid(fields={name: [_("Choose from the list.")]})
    return found


def _numbers(data: Mapping[str, Any], name: str) -> list[UUID]:
    """Return the numbers of other items that one names."""
    found = data.get(name) or []
    if not isinstance(found, list) or len(found) > MOST_ITEMS:
        raise Invalid(fields={name: [_("Give a list.")]})
    return [uuid for each in found if (uuid := _uuid(each)) is not None]


def _record(value: Any, name: str) -> Mapping[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise Invalid(fields={name: [_("Give an object with names and values.")]})
    return value or None


def _records(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data.get(name) or []
    if not isinstance(found, list) or len(found) > MOST_ITEMS or not all(isinstance(each, dict) for each in found):
        raise Invalid(fields={name: [_("Give a list.")]})
    return found


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def _day(text: Any) -> date | None:
    try:
        return parse_date(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _about(visit: Visit) -> Result:
    """Return what the phone shows of a visit that arrived: whether it counts, why, and what its words suggest."""
    policy, _version = policy_on(WordingPolicy, on=local_day(visit.reported_at))
    hits = scan(visit.content, policy)
    return {
        "visit": visit.pk, "validity": visit.validity, "validity_label": str(visit.get_validity_display()),
        "findings": [finding_said(each) for each in visit.findings], "institution_name": visit.institution.name,
        "hints": [{"category": hit.category, "label": hit.label, "suggestion": hit.suggestion} for hit in hits],
    }  # fmt: skip
