"""What engagement puts into the portrait: the stage of the key account, and what is missing before the next."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import portrait
from yaomai.customers.models import Institution, Professional
from yaomai.engagement import selectors
from yaomai.engagement.panels import VIEW
from yaomai.engagement.presenting import said_of
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Fact, Facts


def register() -> None:
    """Put the key account into both portraits."""
    title = gettext_lazy("Key account")
    portrait.register("institution", name="key_account", title=title, order=20, blocks=account, right=VIEW)
    portrait.register("professional", name="key_account", title=title, order=48, blocks=account_at, right=VIEW)


def account_at(professional: Professional, actor: Actor) -> Sequence[Block]:
    """Return how far the key account is where a person works."""
    return account(professional.institution, actor) if professional.institution is not None else []


def account(institution: Institution, _actor: Actor) -> Sequence[Block]:
    """Return the stage of a key account, how long it has been there, and what is missing."""
    card = selectors.card_at(institution.pk, timezone.localdate())
    if card is None:
        return []
    found = card.account
    since = _("for %(days)s days, stalled") if card.is_stalled else _("for %(days)s days")
    facts = [
        Fact(_("Stage of the account"), found.get_stage_display(), note=since % {"days": card.days}),
        Fact(_("Missing"), said_of(card.missing)),
        Fact(_("Responsible"), str(found.owner) if found.owner else ""),
    ]
    return [Facts(tuple(fact for fact in facts if fact.value), columns=3)]
