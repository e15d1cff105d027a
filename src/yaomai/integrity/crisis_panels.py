"""What the pages of crises and disclosures show."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from yaomai.integrity.models import Crisis, CrisisTask, Disclosure
from yaomai.integrity.policies import CrisisPolicy
from yaomai.integrity.services.crises import broken_link
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.approvals.registry import role_words
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.kit.policies.selectors import policy_on


def steps_in_time(rows: Iterable[Crisis]) -> Mapping[int, str]:
    """Return how many steps of each crisis were done in time; one query."""
    counted = (
        CrisisTask.unscoped.filter(crisis__in=[row.pk for row in rows])
        .values("crisis_id")
        .annotate(steps=Count("pk"), kept=Count("pk", filter=Q(done_at__lte=F("due_at"))))
    )
    return {row["crisis_id"]: f"{row['kept']} / {row['steps']}" for row in counted}


def crisis(row: Crisis, actor: Actor) -> dict[str, Any]:
    """Return the clock, the chain of evidence, the templates, and what may be done."""
    now, words = timezone.now(), role_words()
    policy, version = policy_on(CrisisPolicy, on=timezone.localdate(row.opened_at))
    is_open = row.state == Crisis.State.OPEN
    tasks = [
        {
            "task": task, "role": words.get(task.role, task.role),
            "tone": "good" if task.done_at and task.done_at <= task.due_at else "warn" if task.done_at
            else "bad" if task.due_at < now else "info",
        }
        for task in row.tasks.order_by("number").select_related("done_by")
    ]  # fmt: skip
    records = list(row.records.order_by("number").select_related("file"))
    return {
        "tasks": tasks,
        "records": records,
        "broken": broken_link(row),
        "answers": policy.plan(row.kind).answers,
        "policy_url": reverse("policies:policy_detail", args=[CrisisPolicy.name]),
        "version": version,
        "may_edit": is_open and actor.may(Crisis.right("edit")),
        "late": sum(each["tone"] == "bad" for each in tasks),
    }


def disclosure(row: Disclosure, actor: Actor) -> dict[str, Any]:
    """Return where a disclosure stands, until when it is due, and what may be done."""
    policy, _version = policy_on(CrisisPolicy, on=timezone.localdate())
    request = approvals.standing(row)
    may_edit = actor.may(Disclosure.right("edit"))
    return {
        "due": row.found_on + timedelta(days=policy.disclose_days),
        "is_late": row.handed_in_on is None
        and row.found_on + timedelta(days=policy.disclose_days) < timezone.localdate(),
        "approval": approval_panel(request) if request is not None else None,
        "may_ask": may_edit and row.state == Disclosure.State.DRAFT,
        "may_hand_in": may_edit and row.state == Disclosure.State.APPROVED,
        "may_mend": may_edit and row.state == Disclosure.State.HANDED_IN,
    }
