"""What people see of emergency power wherever they are: the announcement in the inbox, the line above every page."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.ui import navigation
from yaomai.organization.services.emergencies import KIND


def register() -> None:
    """Register the kind of nudge and the line above the pages."""
    inbox.register_kind(
        KIND, label=gettext_lazy("Emergency powers"), icon="shield-lock", rank=1, action=gettext_lazy("Look")
    )
    navigation.register_notice(notice)


def notice(actor: Actor) -> navigation.Notice | None:
    """Tell a person with emergency power that it holds, until when, and how to end it."""
    if actor.emergency_id is None:
        return None
    from yaomai.organization.models import Emergency

    emergency = Emergency.unscoped.select_related("role").get(pk=actor.emergency_id)
    text = _("You act with the emergency power of %(role)s until %(until)s: %(reason)s. Every act is marked.") % {
        "role": emergency.role,
        "until": f"{timezone.localtime(emergency.expires_at):%H:%M}",
        "reason": emergency.reason,
    }
    return navigation.Notice(text, reverse("organization:emergency_end", args=[emergency.pk]), gettext_lazy("End now"))
