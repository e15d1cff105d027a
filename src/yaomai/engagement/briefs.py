"""What to know before a visit (E13, D9, D14, D15), on one screen of a phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yaomai.compliance import gate
from yaomai.compliance.vocabulary import kind_of
from yaomai.customers import panels
from yaomai.customers.approach import approach_to
from yaomai.customers.archives import Question, facts_of, questions
from yaomai.customers.models import Professional
from yaomai.customers.panels import Event, Signal
from yaomai.engagement.models import Communication, CommunicationStage, NextStep, StrategyAlert, Visit
from yaomai.engagement.policies import StrategyPolicy, VisitPolicy
from yaomai.engagement.rules.visits import Said
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.materials.models import MaterialVersion

LAST = 3
ASKED = 3
CHANGES = 5
MATERIALS = 12


@dataclass(frozen=True, slots=True)
class Brief:
    """What one person should know before meeting another."""

    person: Professional
    why: tuple[str, ...]
    """Why now, the weightiest first."""
    objective: str
    objective_reason: str
    last: tuple[Visit, ...]
    promises: tuple[NextStep, ...]
    changed: tuple[Event, ...]
    """What happened since the last visit."""
    stage: str
    prompts: tuple[str, ...]
    materials: tuple[tuple[MaterialVersion, bool], ...]
    """What may be shown today, and whether it was shown last time."""
    last_said: Said | None
    """What the last contact was about: not to be repeated (D15)."""
    questions: tuple[Question, ...]
    """What to ask, to complete the archive, and why."""
    alert: StrategyAlert | None = None
    refusals: tuple[str, ...] = ()
    """Why no academic visit is allowed today; empty where it is."""

    @property
    def stage_label(self) -> str:
        return str(CommunicationStage(self.stage).label)


def brief_of(person: Professional, actor: Actor, *, now: datetime) -> Brief:
    """Return the brief for meeting somebody today. Costs a dozen queries and what other rooms' signals cost."""
    today = timezone.localdate(now)
    policy, _version = policy_on(VisitPolicy, on=today)
    last = list(visits_with(person)[:LAST])
    promises = list(
        NextStep.objects.filter(visit__contacts=person, state="open")
        .select_related("owner", "visit__institution")
        .order_by("due_on", "pk")[:6]
    )
    present = Communication.objects.filter(professional=person, superseded_at=None).first()
    stage = present.stage if present is not None else CommunicationStage.FIRST.value
    approach = approach_to(person, facts_of(person), today=today)
    alert = StrategyAlert.objects.filter(professional=person).exclude(state="measured").first()
    said = said_of(last[0]) if last and last[0].on >= today - timedelta(days=policy.repeat_days) else None
    return Brief(
        person=person, why=tuple(_why(person, promises, alert, last, actor, today)),
        objective=approach.topic.text if approach.topic else "",
        objective_reason=approach.topic.reason if approach.topic else "", last=tuple(last), promises=tuple(promises),
        changed=tuple(_changed(person, last, actor)), stage=stage,
        prompts=tuple(each.in_language(_language()) for each in policy.prompts(stage)),
        materials=tuple(_materials(said, today)), last_said=said,
        questions=tuple(questions("professional", facts_of(person), today=today)[:ASKED]),
        alert=alert, refusals=tuple(refusals(person, actor, today)),
    )  # fmt: skip


def _language() -> str:
    return get_language() or "zh"


def visits_with(person: Professional) -> Any:
    """Return the visits with somebody in view, the latest first."""
    rows = Visit.objects.filter(contacts=person, archived_at=None).select_related("person", "institution")
    return rows.prefetch_related("products", "uses").order_by("-started_at", "-pk")


def said_of(visit: Visit) -> Said:
    """Return what a visit was about."""
    return Said(
        content_type=visit.content_type, products=frozenset(each.pk for each in visit.products.all()),
        materials=frozenset(each.used_id for each in visit.uses.all()), text=visit.content,
    )  # fmt: skip


def _why(
    person: Professional, promises: Sequence[NextStep], alert: StrategyAlert | None, last: Sequence[Visit], actor: Actor,
    today: date,
) -> Iterable[str]:  # fmt: skip
    for step in promises[:2]:
        yield _("Promised until %(day)s: %(text)s") % {"day": formats.day(step.due_on, today=today), "text": step.text}
    if alert is not None and alert.state == StrategyAlert.State.CHOSEN:
        policy, _version = policy_on(StrategyPolicy, on=today)
        yield _("New strategy: %(strategy)s") % {"strategy": alert.label_of(policy.labels(_language()))}
    elif alert is not None:
        yield _("%(count)s contacts in a row without progress: choose another strategy") % {"count": alert.contacts}
    for signal in _signals(person, actor, today)[:2]:
        yield signal.text
    if last:
        days = (today - last[0].on).days
        yield _("Last visit %(days)s days ago") % {"days": days} if days else _("Visited today already")
    else:
        yield _("Not visited yet")


def _signals(person: Professional, actor: Actor, today: date) -> list[Signal]:
    found = list(panels.signals_of("professional", person, actor, today))
    if person.institution is not None:
        found += panels.signals_of("institution", person.institution, actor, today)
    return sorted(found, key=lambda signal: -signal.weight)


def _changed(person: Professional, last: Sequence[Visit], actor: Actor) -> list[Event]:
    """Return what happened at the institution and to the person since the last visit, reports aside."""
    if not last:
        return []
    found = list(panels.events_of("professional", person, actor, 20))
    if person.institution is not None:
        found += panels.events_of("institution", person.institution, actor, 20)
    since = last[0].on
    later = [each for each in found if _day(each) > since and each.icon != "map-pin"]
    return sorted(later, key=_day, reverse=True)[:CHANGES]


def _day(event: Event) -> date:
    return timezone.localdate(event.at) if isinstance(event.at, datetime) else event.at


def _materials(said: Said | None, today: date) -> Iterable[tuple[MaterialVersion, bool]]:
    rows = MaterialVersion.objects.filter(state="approved", valid_until__gte=today, material__archived_at=None)
    shown = said.materials if said is not None else frozenset()
    for version in rows.order_by("title", "pk")[:MATERIALS]:
        yield version, version.pk in shown


def refusals(person: Professional, actor: Actor, on: date) -> list[str]:
    """Return why the gate would refuse an academic visit on a day, with what mends it; empty where it would not."""
    facts: dict[str, Any] = dict.fromkeys(kind_of("visit").given)
    facts |= {
        "person": actor.person_id, "professional": person.pk, "institution": person.institution_id,
        "department": person.department_id, "territory": person.territory_id, "products": [], "noted_on": on,
    }  # fmt: skip
    verdict = gate.check("visit", facts, actor, on)
    return [" ".join(filter(None, (rule.text, rule.mend))) for rule in verdict.rules if rule.level == "forbid"]


REPEATS = {
    "topic": gettext_lazy("the same kind of talk about the same products"),
    "material": gettext_lazy("material that was shown last time"),
    "text": gettext_lazy("almost the same text"),
}


def purchases(person: Professional, actor: Actor) -> list[Any]:
    """Return the panels about what the institution buys, as far as the actor may see them."""
    if person.institution is None:
        return []
    found = panels.panels_of("institution", person.institution, actor, name="purchases")
    return [shown for slot in found.values() for shown in slot]
