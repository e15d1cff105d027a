"""What rooms are called."""

from django.apps import apps
from django.utils.translation import gettext as _


def room_label(room: str) -> str:
    """Return the name of a room as people read it."""
    try:
        return str(apps.get_app_config(room).verbose_name)
    except LookupError:
        # Rights over the system itself belong to no app, nor do those over reports in confidence.
        return {"settings": _("Settings"), "safety": _("Drug safety")}.get(room, room)
