"""What the command palette finds of this room."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.search import matching
from yaomai.kit.ui.palette import Choice
from yaomai.organization.models import Person


def people(actor: Actor, text: str) -> Iterable[Choice]:
    """Find people by name, pinyin, initials, user name or number."""
    if not text or not actor.may(Person.right("view")):
        return
    for person in matching(Person.objects.filter(archived_at__isnull=True), text)[:6]:
        yield Choice(
            person.name, reverse("organization:person_detail", args=[person.pk]), _("People"), person.username, "user"
        )
