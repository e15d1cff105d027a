"""What rooms are called."""

from django.apps import apps


def room_label(room: str) -> str:
    """Return the name of a room as people read it."""
    try:
        return str(apps.get_app_config(room).verbose_name)
    except LookupError:
        return room
