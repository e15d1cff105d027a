"""What this room brings to 今日: cases that nobody looks at."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yaomai.integrity.models import Case
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.inbox.registry import kind_of


def register() -> None:
    """Register kinds and what is computed."""
    inbox.register_kind("integrity.case", label=gettext_lazy("Cases of the watch"), icon="alert-triangle", rank=22)
    inbox.register_provider(cases_waiting)


def cases_waiting(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return one line for all cases that nobody has taken."""
    if not actor.may(Case.right("edit")):
        return []
    waiting = Case.objects.allowed(Case.right("edit")).filter(state=Case.State.OPEN)
    count = waiting.count()
    if not count:
        return []
    heaviest = waiting.order_by("-score", "pk")[0]
    return [
        inbox.Item(
            kind=kind_of("integrity.case"),
            title=ngettext("%(count)s case waits to be looked at", "%(count)s cases wait to be looked at", count)
            % {"count": count},
            reason=_("The heaviest: %(what)s") % {"what": heaviest},
            url=f"{reverse('integrity:case_list')}?state=open",
        )
    ]
