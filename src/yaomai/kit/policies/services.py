"""The life of a version: propose, be approved or returned, publish from a date, withdraw before that date, roll back."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from yaomai.kit import approvals
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.audit.trail import difference
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.errors.validation import message_of
from yaomai.kit.policies.figures import differences, percent_text
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import Policy, registered
from yaomai.kit.policies.selectors import version_on
from yaomai.kit.policies.shapes import unit_at

KIND = "policies.version"
"""What its approval is called."""
Check = Callable[[Any], dict[str, list[Any]]]
_checks: dict[str, list[Check]] = {}


class NotInState(Conflict):
    """The version is not in the state that this act needs."""

    code = "policy_not_in_state"
    message = _("This version is %(status)s. Reload the page to see what can be done with it now.")


class Overtaken(Conflict):
    """Another version was published after this one was based on its predecessor."""

    code = "policy_overtaken"
    message = _("Version %(number)s was published meanwhile. Compare it with yours and propose again from it.")


class NotYetInForce(Conflict):
    """Nothing can be rolled back to a version that has never held."""

    code = "policy_not_yet_in_force"
    message = _("This version has not been in force yet, so nothing can be rolled back to it. Withdraw it instead.")


LARGEST = 10**15
"""Beyond every amount of money and every count of a company."""
BEYOND = _("This number is too large. Check its unit.")


def register_check(name: str, check: Check) -> None:
    """Let a room refuse a document that is inconsistent: `check` returns messages by field, empty when sound."""
    _checks.setdefault(name, []).append(check)


def validated(name: str, document: dict[str, Any]) -> Policy:
    """Return the document as its policy.

    Raises:
        Missing: no such policy.
        Invalid: figures out of bounds or inconsistent, by field ("bands.0.share").
    """
    if name not in registered():
        raise Missing
    try:
        policy = registered()[name].model_validate(document)
    except ValidationError as error:
        fields: dict[str, list[Any]] = {}
        for problem in error.errors():
            message = message_of(problem, **_bounds(problem, unit_at(registered()[name], problem["loc"])))
            fields.setdefault(".".join(str(part) for part in problem["loc"]), []).append(message)
        raise Invalid(fields=fields) from error
    found: dict[str, list[Any]] = {path: [BEYOND] for path in _beyond(policy.model_dump(mode="python"))}
    if found:
        raise Invalid(fields=found)
    for check in _checks.get(name, []):
        for field, messages in check(policy).items():
            found.setdefault(field, []).extend(messages)
    if found:
        raise Invalid(fields=found)
    return policy


def _bounds(problem: Mapping[str, Any], unit: str) -> dict[str, str]:
    """Return the bounds of a ratio in percent, as they are typed."""
    bounds = problem.get("ctx", {}) if unit == "ratio" else {}
    return {name: f"{percent_text(bounds[name])}%" for name in ("ge", "gt", "le", "lt") if name in bounds}


def _beyond(value: Any, path: str = "") -> Iterator[str]:
    """Yield where a document holds a number that no figure can be: computations would overflow on it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _beyond(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _beyond(inner, f"{path}.{number}")
    elif isinstance(value, int | float | Decimal) and not -LARGEST < value < LARGEST:
        yield path


def lock(name: str) -> None:
    """Let one person at a time change the versions of a policy; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"policy:{name}"])


def _locked(version_id: int, *allowed: str) -> Version:
    version = get_visible(Version, pk=version_id)
    lock(version.name)
    version.refresh_from_db()
    if version.status not in allowed:
        raise NotInState(status=version.get_status_display())
    return version


@act("policies.version:propose", sentence=_("%(actor)s proposed %(target)s: %(reason)s"))
def version_propose(
    *,
    actor: Actor,
    trail: Trail,
    name: str,
    document: dict[str, Any],
    reason: str,
    now: datetime,
    applies_to: str = "",
) -> Version:
    """Write a new version and put it before those whom the chain names.

    Raises:
        NobodyDecides: nobody else could approve it.
        Invalid: see `validated`; also when the reason is empty or nothing differs from what is in force.
    """
    policy = validated(name, document)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: the approver and the inspection will ask.")]})
    lock(name)
    current = version_on(name, on=local_day(now), applies_to=applies_to)
    new = policy.model_dump(mode="json")
    old = registered()[name]().model_dump(mode="json") if current is None else current.document
    changes = difference(old, new)
    if not changes:
        raise Invalid(fields={"": [_("Nothing differs from the version in force.")]})
    last = Version.unscoped.filter(name=name, applies_to=applies_to).aggregate(last=Max("number"))["last"] or 0
    version = Version.unscoped.create(
        name=name,
        applies_to=applies_to,
        number=last + 1,
        document=new,
        reason=reason,
        status=Version.Status.PROPOSED,
        based_on=current,
        author_id=actor.person_id,
        created_at=now,
    )
    approvals.ask(
        actor=actor, kind=KIND, target=version, title=_("%(policy)s v%(number)s"),
        params={"policy": str(registered()[name].label), "number": version.number},
        facts=[
            approvals.Fact(difference.label, difference.after or "", difference.before or "")
            for difference in differences(registered()[name], old, new)
        ],
        reason=reason, url=reverse("policies:version_detail", args=[version.pk]), now=now,
    )  # fmt: skip
    trail.note(version, changes=changes, reason=reason)
    return version


@act("policies.version:publish", sentence=_("%(actor)s published %(target)s from %(valid_from)s"))
def version_publish(*, actor: Actor, trail: Trail, version_id: int, valid_from: date, now: datetime) -> Version:
    """Put an approved version in force from a day, today or later.

    Raises:
        NotInState: it is not approved.
        Overtaken: another version was published since this one was proposed.
        Invalid: the day is past.
    """
    version = _locked(version_id, Version.Status.APPROVED)
    if valid_from < local_day(now):
        raise Invalid(fields={"valid_from": [_("History is frozen: choose today or a later day.")]})
    latest = (
        Version.unscoped.filter(name=version.name, applies_to=version.applies_to, status=Version.Status.PUBLISHED)
        .order_by("-published_at", "-number")
        .first()
    )
    if latest is not None and latest.published_at is not None and latest.published_at > version.created_at:
        raise Overtaken(number=latest.number)
    version.status, version.valid_from, version.published_at = Version.Status.PUBLISHED, valid_from, now
    version.save(update_fields=["status", "valid_from", "published_at"])
    trail.note(version, changes={"status": ("approved", "published")}, valid_from=valid_from)
    return version


@act(
    "policies.version:roll_back",
    right="policies.version:publish",
    sentence=_("%(actor)s rolled back to %(target)s: %(reason)s"),
)
def version_roll_back(*, actor: Actor, trail: Trail, version_id: int, reason: str, now: datetime) -> Version:
    """Put an earlier published version in force again, from today, as a new version with the same figures.

    Versions that were published for a later day are withdrawn: they would undo the roll-back when their day comes.

    Raises:
        NotYetInForce: the version is itself one of those; `version_withdraw` takes it back.
        Invalid: no reason, or nothing would change.
    """
    earlier = _locked(version_id, Version.Status.PUBLISHED)
    today = local_day(now)
    if earlier.valid_from is None or earlier.valid_from > today:
        raise NotYetInForce
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: the approver and the inspection will ask.")]})
    current = version_on(earlier.name, on=local_day(now), applies_to=earlier.applies_to)
    if current is not None and current.document == earlier.document:
        raise Invalid(fields={"": [_("Nothing differs from the version in force.")]})
    validated(earlier.name, earlier.document)
    siblings = Version.unscoped.filter(name=earlier.name, applies_to=earlier.applies_to)
    withdrawn = list(siblings.filter(status=Version.Status.PUBLISHED, valid_from__gt=today).order_by("number"))
    siblings.filter(pk__in=[each.pk for each in withdrawn]).update(status=Version.Status.WITHDRAWN)
    version = siblings.create(
        name=earlier.name,
        applies_to=earlier.applies_to,
        number=(siblings.aggregate(last=Max("number"))["last"] or 0) + 1,
        document=earlier.document,
        reason=reason,
        status=Version.Status.PUBLISHED,
        valid_from=local_day(now),
        based_on=earlier,
        author_id=earlier.author_id,
        approver_id=earlier.approver_id,
        created_at=now,
        decided_at=earlier.decided_at,
        published_at=now,
    )
    changes: dict[str, Any] = {"number": (current.number if current else None, version.number)}
    if withdrawn:
        changes["withdrawn"] = ([each.number for each in withdrawn], None)
    trail.note(version, changes=changes, reason=reason)
    return version


@act(
    "policies.version:withdraw",
    right="policies.version:publish",
    sentence=_("%(actor)s withdrew %(target)s before its day: %(reason)s"),
)
def version_withdraw(*, actor: Actor, trail: Trail, version_id: int, reason: str, now: datetime) -> Version:
    """Take back a version that was published for a later day; what is in force stays so.

    Raises:
        NotInState: it is not published, or in force since. Invalid: no reason.
    """
    version = _locked(version_id, Version.Status.PUBLISHED)
    if version.valid_from is not None and version.valid_from <= local_day(now):
        raise NotInState(status=version.get_status_display())
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: the approver and the inspection will ask.")]})
    version.status = Version.Status.WITHDRAWN
    version.save(update_fields=["status"])
    trail.note(version, changes={"status": ("published", "withdrawn")}, reason=reason)
    return version
