"""Cases: opened by the sweep, taken, closed with what they were; and weights learned from that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from yaomai.integrity import selectors
from yaomai.integrity.models import Case
from yaomai.integrity.policies import WatchPolicy
from yaomai.integrity.watching import Found
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies import services as policies
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.selectors import policy_on

FIGURES = (
    "person_id", "other_id", "professional_id", "institution_id", "first_day", "last_day", "lines", "amount", "measure",
    "expected", "strength", "score", "named",
)  # fmt: skip


class NotInState(Conflict):
    """The case is not in the state that this act needs."""

    code = "case_not_in_state"
    message = _("This case is in the state “%(state)s”. Reload the page to see what can be done with it now.")


@act(
    "integrity.case:sweep",
    right="integrity.case:compute",
    sentence=_("%(actor)s looked over the lines: %(findings)s findings, %(new)s of them new"),
)
def cases_open(*, actor: Actor, trail: Trail, now: datetime, found: Sequence[Found]) -> int:
    """Open a case for every finding that has none, bring those that are open up to date, and return how many are new.

    What was closed stays closed: the same lines do not come back.
    """
    held = {
        (case.detector, case.key): case
        for case in Case.unscoped.filter(detector__in={each.detector for each in found}).select_for_update()
    }
    new, grown = [], []
    for each in found:
        case = held.get((each.detector, each.key))
        if case is None:
            new.append(Case(detector=each.detector, key=each.key, found_on=local_day(now), created_at=now,
                            updated_at=now, **_figures(each)))  # fmt: skip
        elif case.state != Case.State.CLOSED and any(
            getattr(case, name) != value for name, value in _figures(each).items()
        ):
            for name, value in _figures(each).items():
                setattr(case, name, value)
            touch(case, now)
            grown.append(case)
    Case.unscoped.bulk_create(new)
    Case.unscoped.bulk_update(grown, [name.removesuffix("_id") for name in FIGURES] + ["version", "updated_at"])
    trail.note(None, findings=len(found), new=len(new))
    return len(new)


def _figures(found: Found) -> dict[str, Any]:
    given = {name: getattr(found, name.removesuffix("_id")) for name in FIGURES}
    return given | {"named": list(found.named)}


@act("integrity.case:take", right="integrity.case:edit", sentence=_("%(actor)s took on the case %(target)s"))
def case_take(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Case:
    """Say that one looks at it.

    Raises:
        Missing: it is out of reach, or about oneself. NotInState: it is closed.
    """
    case = locked(Case, pk, expected_version=expected_version)
    if case.state == Case.State.CLOSED:
        raise NotInState(state=case.get_state_display())
    changes = change(case, {"state": Case.State.TAKEN, "owner_id": actor.person_id}, allowed=("state", "owner_id"))
    touch(case, now)
    save(case, fields=["state", "owner"])
    trail.note(case, changes=changes)
    return case


@act(
    "integrity.case:close", right="integrity.case:edit", sentence=_("%(actor)s closed the case %(target)s: %(outcome)s")
)
def case_close(
    *, actor: Actor, trail: Trail, pk: int, outcome: str, note: str, now: datetime, expected_version: int | None = None
) -> Case:
    """Say what it was: confirmed, explained, or a mistake in the data. The detector's precision learns from it.

    Raises:
        Missing: it is out of reach, or about oneself. NotInState: it is closed already. Invalid: nothing said.
    """
    case = locked(Case, pk, expected_version=expected_version)
    if case.state == Case.State.CLOSED:
        raise NotInState(state=case.get_state_display())
    if not note.strip():
        raise Invalid(fields={"note": [_("Say what it was and what was done: an inspection will ask.")]})
    if outcome not in Case.Outcome.values:
        raise Invalid(fields={"outcome": [_("Choose what it was.")]})
    given = {"state": Case.State.CLOSED, "outcome": outcome, "note": note, "closed_at": now,
             "owner_id": actor.person_id or case.owner_id}  # fmt: skip
    changes = change(case, given, allowed=tuple(given))
    touch(case, now)
    save(case, fields=["state", "outcome", "note", "closed_at", "owner"])
    trail.note(case, changes=changes, outcome=case.get_outcome_display())
    return case


@act(
    "integrity.case:reopen",
    right="integrity.case:edit",
    sentence=_("%(actor)s opened the case %(target)s again: %(reason)s"),
)
def case_reopen(
    *, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime, expected_version: int | None = None
) -> Case:
    """Look at a closed case again.

    Raises:
        Missing. NotInState: it is not closed. Invalid: no reason.
    """
    case = locked(Case, pk, expected_version=expected_version)
    if case.state != Case.State.CLOSED:
        raise NotInState(state=case.get_state_display())
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why it is looked at again.")]})
    given = {"state": Case.State.TAKEN, "outcome": "", "closed_at": None}
    changes = change(case, given, allowed=tuple(given))
    touch(case, now)
    save(case, fields=list(given))
    trail.note(case, changes=changes, reason=reason.strip())
    return case


def weights_propose(*, actor: Actor, now: datetime, reason: str = "") -> Version:
    """Propose the weights that closed cases teach as the next version of the policy; others approve it.

    Raises:
        Invalid: nothing differs from the weights in force, too few cases are closed.
    """
    policy, _version = policy_on(WatchPolicy, on=local_day(now))
    learned = selectors.learned(policy)
    document = policy.model_dump(mode="json")
    document["weights"] = [{"detector": code, "weight": f"{weight.normalize():f}"} for code, weight in learned.items()]
    return policies.version_propose(
        actor=actor, now=now, name=WatchPolicy.name, document=document,
        reason=reason.strip() or _now("Learned from the outcomes of closed cases"),
    )  # fmt: skip
