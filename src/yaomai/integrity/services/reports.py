"""Reports: the box is emptied, somebody independent takes each on, writes with the writer, and says what came of it."""

import json
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from yaomai.integrity.letterbox import ALPHABET
from yaomai.integrity.models import Enclosure, Letter, Message, Report
from yaomai.integrity.policies import SpeakUpPolicy
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, valid
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Holding, Person, on_day

SHORTEST_NAME = 2
EDIT = "integrity.report:edit"


class ReportClosed(Conflict):
    """The report is closed."""

    code = "report_closed"
    message = _("This report is closed. Nothing more is written to it.")


class NotTaken(Conflict):
    """Nobody has taken the report on, or somebody else has."""

    code = "report_not_taken"
    message = _("Take the report on first: one person answers for it.")


@act("integrity.letterbox:empty", right=EDIT, sentence=_("%(actor)s emptied the letterbox"))
def letterbox_empty(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Make reports and messages of all letters, in an order drawn by lot, and return how many letters there were.

    The entry does not say how many: a number of one would say that somebody wrote yesterday.
    """
    letters = list(Letter.objects.select_for_update())
    secrets.SystemRandom().shuffle(letters)
    for letter in sorted(letters, key=lambda each: not each.is_report):
        _file(letter, local_day(now))
    Letter.objects.filter(pk__in=[letter.pk for letter in letters]).delete()
    trail.note(None)
    return len(letters)


def _file(letter: Letter, on: date) -> None:
    said = json.loads(letter.sealed)
    report = Report.unscoped.select_for_update().filter(code=letter.code).first()
    if report is None:
        if not letter.is_report:
            return  # it was deleted meanwhile, after its time
        report = Report(
            number="R-" + "".join(secrets.choice(ALPHABET) for _place in range(8)), code=letter.code,
            category=said["category"], received_on=on, kept_from_roles=said["keep_from"],
        )  # fmt: skip
        report.save(force_insert=True)
    report.kept_from.add(*_kept_from(f"{said['about']}\n{said['text']}", on))
    text = said["text"] if not said["about"] else f"{said['about']}\n\n{said['text']}"
    message = _say(report, text, on, is_from_writer=True)
    for kind, content in said["files"]:
        Enclosure.unscoped.create(message=message, kind=kind, sealed=content)


def _say(report: Report, text: str, on: date, *, is_from_writer: bool) -> Message:
    number = Message.unscoped.filter(report=report).count() + 1
    message: Message = Message.unscoped.create(
        report=report, number=number, text=text, on=on, is_from_writer=is_from_writer
    )
    return message


def _kept_from(text: str, on: date) -> set[int]:
    """Return whom a report is kept from: everybody whom its text names, and those who report to them."""
    names = {
        pk for pk, name in Person.unscoped.values_list("pk", "name") if len(name) >= SHORTEST_NAME and name in text
    }
    seats = Holding.unscoped.filter(on_day(on), person__in=names).values("position_id")
    below = Holding.unscoped.filter(on_day(on), position__reports_to__in=seats)
    return names | set(below.values_list("person_id", flat=True))


# Handling -------------------------------------------------------------------------------------------------------


def _locked(pk: UUID, expected_version: int | None) -> Report:
    rows: Any = Report.objects.all()
    report: Report | None = rows.allowed(EDIT).select_for_update(of=("self",)).filter(pk=pk).first()
    if report is None:
        raise Missing
    if expected_version is not None and report.version != expected_version:
        raise Stale
    return report


def _store(report: Report, *fields: str) -> None:
    """Write fields and count up: a report keeps no moment of a change, the trail does."""
    report.version += 1
    valid(report)
    report.save(update_fields=[*fields, "version"])


def _require_handler(report: Report, actor: Actor) -> None:
    if report.state == Report.State.CLOSED:
        raise ReportClosed
    if report.handler_id is None or report.handler_id != actor.person_id:
        raise NotTaken


@act("integrity.report:accept", right=EDIT, sentence=_("%(actor)s took on the report %(target)s"))
def report_accept(
    *, actor: Actor, trail: Trail, pk: UUID, now: datetime, expected_version: int | None = None
) -> Report:
    """Answer for a report from now on.

    Raises:
        Missing: it is out of reach, or kept from the actor. ReportClosed. Stale.
    """
    report = _locked(pk, expected_version)
    if report.state == Report.State.CLOSED:
        raise ReportClosed
    before = report.state
    report.state, report.handler_id = Report.State.ACCEPTED, actor.person_id
    _store(report, "state", "handler")
    trail.note(report, changes={"state": (before, report.state)})
    return report


@act("integrity.report:reply", right=EDIT, sentence=_("%(actor)s wrote to the writer of %(target)s"))
def report_reply(
    *, actor: Actor, trail: Trail, pk: UUID, text: str, now: datetime, expected_version: int | None = None
) -> Report:
    """Write to the writer, who reads it with the code. The words stay out of the trail.

    Raises:
        Missing, Stale. Invalid: nothing said. NotTaken: somebody else answers for it. ReportClosed.
    """
    report = _locked(pk, expected_version)
    _require_handler(report, actor)
    if not text.strip():
        raise Invalid(fields={"text": [_("Write something.")]})
    _say(report, text.strip(), local_day(now), is_from_writer=False)
    _store(report)
    trail.note(report)
    return report


@act("integrity.report:keep", right=EDIT, sentence=_("%(actor)s kept the report %(target)s from one more person"))
def report_keep(
    *, actor: Actor, trail: Trail, pk: UUID, person: Person, now: datetime, expected_version: int | None = None
) -> Report:
    """Keep a report from one more person, whose part in it came to light. Nobody is let in again.

    Raises:
        Missing, Stale, ReportClosed, NotTaken. Invalid: it would be kept from its handler.
    """
    report = _locked(pk, expected_version)
    _require_handler(report, actor)
    if person.pk == report.handler_id:
        raise Invalid(fields={"person": [_("You answer for it yourself: let a colleague take it on first.")]})
    report.kept_from.add(person)
    _store(report)
    trail.note(report)
    return report


@act("integrity.report:close", right=EDIT, sentence=_("%(actor)s closed the report %(target)s: %(outcome)s"))
def report_close(
    *, actor: Actor, trail: Trail, pk: UUID, outcome: str, measures: str, now: datetime,
    expected_version: int | None = None,
) -> Report:  # fmt: skip
    """Say what came of it, and what is done about it (违规追责); the writer reads the outcome, not the measures.

    Raises:
        Missing, Stale, ReportClosed, NotTaken. Invalid: no outcome, no measures.
    """
    report = _locked(pk, expected_version)
    _require_handler(report, actor)
    problems: dict[str, list[Any]] = {}
    if outcome not in Report.Outcome.values:
        problems["outcome"] = [_("Choose what came of it.")]
    if not measures.strip():
        problems["measures"] = [_("Say what is done about it, or why nothing is.")]
    if problems:
        raise Invalid(fields=problems)
    before = report.state
    report.state, report.outcome, report.measures = Report.State.CLOSED, outcome, measures.strip()
    report.closed_on = local_day(now)
    _store(report, "state", "outcome", "measures", "closed_on")
    trail.note(report, changes={"state": (before, report.state)}, outcome=report.get_outcome_display())
    return report


@act("integrity.report:delete", right=EDIT, sentence=_("%(actor)s deleted reports whose time was over"))
def reports_delete(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """Delete closed reports after the days of the policy, with messages and evidence, and return how many."""
    policy, _version = policy_on(SpeakUpPolicy, on=local_day(now))
    until = local_day(now) - timedelta(days=policy.retention_days)
    over: Iterable[Report] = list(Report.unscoped.filter(state=Report.State.CLOSED, closed_on__lt=until))
    for report in over:
        report.delete()
    trail.note(None)
    return len(list(over))
