"""What the page frame needs: menu, actions, theme, and whether to draw the frame at all."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor, NoActor, current_actor
from yaomai.kit.ui import handbook
from yaomai.kit.ui.navigation import MenuSection, Notice, QuickAction, account_links, actions_for, menu, notices

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "yaomai_theme"
ACCOUNT_SCREENS = ("account_", "mfa_", "me")


@dataclass
class Shell:
    """The frame around a page, computed only when a template asks."""

    request: HttpRequest

    @cached_property
    def actor(self) -> Actor | None:
        try:
            return current_actor()
        except NoActor:
            return None

    @cached_property
    def menu(self) -> list[MenuSection]:
        return menu(self.actor, self.request.path) if self.actor else []

    @cached_property
    def section(self) -> MenuSection | None:
        return next((section for section in self.menu if section.is_active), None)

    @cached_property
    def phone_bar(self) -> list[MenuSection]:
        return [section for section in self.menu if section.on_phone]

    @cached_property
    def actions(self) -> list[QuickAction]:
        return actions_for(self.actor) if self.actor else []

    @cached_property
    def notices(self) -> list[Notice]:
        return notices(self.actor) if self.actor else []

    @property
    def account_links(self) -> list[QuickAction]:
        return account_links() if self.actor else []

    @property
    def account_page(self) -> QuickAction | None:
        """Return the first of the person's own links on the pages behind it: password, second factor."""
        match = self.request.resolver_match
        links = self.account_links
        is_own = match is not None and (match.url_name or "").startswith(ACCOUNT_SCREENS)
        return links[0] if links and self.section is None and is_own else None

    @property
    def help_url(self) -> str:
        """Return the chapter of the guide that explains this page."""
        return reverse("ui:help", args=[handbook.chapter_for(self.request.path).slug])

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else THEMES[0]

    @property
    def texts(self) -> dict[str, str]:
        """What scripts say; they have no catalogue of their own."""
        return {
            "cancel": _("Cancel"),
            "close": _("Close"),
            "confirm": _("Confirm"),
            "copied": _("Copied"),
            "failed": _("This did not work. Check the connection and try again."),
            "loading": _("Loading…"),
            "moreItems": _("more"),
            "noResults": _("Nothing found"),
            "remove": _("Remove"),
            "selected": _("%(count)s selected"),
            "unsaved": _("There are changes that have not been saved."),
        }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell`, and `layout` to extend (a bare fragment when htmx or a dialog asks)."""
    is_fragment = request.headers.get("HX-Request") == "true"
    return {"shell": Shell(request), "layout": "ui/fragment.html" if is_fragment else "ui/page.html"}
