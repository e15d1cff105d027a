"""The clock of C6: whoever the policy names hears of a request when its time runs out, each step once."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, save, touch
from yaomai.kit.errors import Conflict
from yaomai.organization.models import Person
from yaomai.support.models import ServiceRequest
from yaomai.support.selectors import service_policy
from yaomai.support.services.requests import nearest, reckon_step
from yaomai.support.services.telling import RUNNING, tell


class NotDue(Conflict):
    """No step is due: it was taken meanwhile, or the request is resolved."""

    code = "service_request_step"
    message = _("No step of escalation is due.")


@act(
    "support.request:escalate", right="support.request:manage",
    sentence=_("%(target)s went on to %(who)s: %(percent)s %% of its time had passed"),
)  # fmt: skip
def request_escalate(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> ServiceRequest:
    """Take the next step of escalation that is due.

    Raises:
        Missing. NotDue.
    """
    request = locked(ServiceRequest, pk, verb="manage")
    policy = service_policy(local_day(now))
    if request.next_step_at is None or request.next_step_at > now or request.steps_done >= len(policy.steps):
        raise NotDue
    step = policy.steps[request.steps_done]
    owner = nearest(request, step.role, now=now) if step.role else request.owner_id
    request.steps_done += 1
    reckon_step(request, policy)
    touch(request, now)
    save(request, fields=["steps_done", "next_step_at"])
    key = f"{request.steps_done}" if step.role else "owner"
    tell(request, RUNNING, now=now, key=key, owner=owner, percent=step.percent)
    person = Person.unscoped.filter(pk=owner).first() if owner is not None else None
    trail.note(request, changes={"steps_done": (request.steps_done - 1, request.steps_done)},
               who=str(person or _("whoever serves there")), percent=step.percent)  # fmt: skip
    return request


def requests_escalate(*, actor: Actor, now: datetime) -> int:
    """Take every step that is due, also those that a standstill left behind; return how many."""
    taken, steps = 0, len(service_policy(local_day(now)).steps)
    ServiceRequest.unscoped.filter(next_step_at__isnull=False, steps_done__gte=steps).update(next_step_at=None)
    while due := list(ServiceRequest.unscoped.filter(next_step_at__lte=now).order_by("next_step_at", "pk").values_list("pk", flat=True)[:500]):  # fmt: skip
        for pk in due:
            request_escalate(actor=actor, pk=pk, now=now)
            taken += 1
    return taken
