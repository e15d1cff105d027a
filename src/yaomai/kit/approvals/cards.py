"""What approvals bring to boards: what waits for one's decision."""

from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.approvals import selectors
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Reading, register_card


def register() -> None:
    """Register the card. Whoever may be asked to decide is asked, so that it takes no right."""
    register_card(
        Card(
            key="approvals.waiting", label=gettext_lazy("Approvals that wait for me"), right="", good_when="down",
            question=gettext_lazy("Requests on which you decide."), compute=_waiting, order=650,
            next_step=leads_to(gettext_lazy("Decide"), "approvals:request_list"),
        )
    )  # fmt: skip


def _waiting(asked: Asked) -> Reading | None:
    if asked.actor.person_id is None:
        return None
    steps = selectors.open_steps(asked.actor, on=asked.today)
    found = steps.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=asked.now)))
    said = _("%(count)s past their time.") % {"count": found["late"]} if found["late"] else _("None is late.")
    return Reading(Decimal(found["all"]), reason=said, as_of=asked.now)
