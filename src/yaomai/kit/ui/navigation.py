"""What can be reached from everywhere: sections with their screens, and the quick actions behind ＋.

A room registers its screens in `apps.py`:

    navigation.register(section="customers", label=_("Institutions"), url_name="customers:institution_list",
                        right="customers.institution:view", order=10)

Screens that answer one question stand under one tab; the first that somebody may open is the tab's address:

    navigation.register(section="customers", tab=_("Listing"), label=_("Drug committees"), …)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Section:
    """One word of the navigation; shown when it has a screen that the actor may open."""

    code: str
    label: Label
    icon: str
    on_phone: bool = False


SECTIONS: tuple[Section, ...] = (
    Section("today", _("Today"), "home", on_phone=True),
    Section("customers", _("Customers"), "building-hospital", on_phone=True),
    Section("segmentation", _("Tiers"), "stack-2"),
    Section("planning", _("Plan"), "calendar-event", on_phone=True),
    Section("visits", _("Visits"), "map-pin"),
    Section("academic", _("Academic"), "microscope"),
    Section("supply", _("Supply"), "package"),
    Section("service", _("Service"), "message"),
    Section("compliance", _("Compliance"), "shield-check"),
    Section("integrity", _("Integrity"), "shield-lock"),
    Section("team", _("Team"), "users-group"),
    Section("insights", _("Insights"), "chart-dots"),
    Section("settings", _("Settings"), "settings"),
)
_SECTION_CODES = {section.code for section in SECTIONS}


@cache
def _address(url_name: str) -> str:
    """Return where a screen is: a page asks for a hundred of them, and they stay while the program runs."""
    return reverse(url_name)


@dataclass(frozen=True, slots=True)
class Screen:
    """A registered screen of a section."""

    section: str
    label: Label
    url_name: str
    right: str = ""
    order: int = 100
    covers: tuple[str, ...] = ()
    tab: Label = ""

    @property
    def url(self) -> str:
        return _address(self.url_name)


@dataclass(frozen=True, slots=True)
class QuickAction:
    """Something to start from anywhere, such as "New institution"."""

    label: Label
    url_name: str
    icon: str = "plus"
    right: str = ""
    order: int = 100

    @property
    def url(self) -> str:
        return _address(self.url_name)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A tab as one actor sees it on one page: a screen, or several of them in `items`; then `url` is the first one's."""

    label: Label
    url: str
    is_active: bool
    items: tuple["MenuItem", ...] = ()


@dataclass(frozen=True, slots=True)
class MenuSection:
    """A section as one actor sees it on one page: its tabs; `url` is its first screen."""

    code: str
    label: Label
    icon: str
    on_phone: bool
    is_active: bool
    items: tuple[MenuItem, ...]

    @property
    def url(self) -> str:
        return self.items[0].url

    @property
    def active_tab(self) -> MenuItem | None:
        return next((tab for tab in self.items if tab.is_active), None)

    @property
    def active_item(self) -> MenuItem | None:
        """Return the screen of which this page is a part."""
        tab = self.active_tab
        return next((item for item in tab.items if item.is_active), tab) if tab is not None else None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person must know on every page, and the one thing to do about it: `button` posts to `url`."""

    text: str
    url: str
    button: Label


_screens: dict[tuple[str, str], Screen] = {}
_actions: dict[str, QuickAction] = {}
_account_links: dict[str, QuickAction] = {}
_notices: list[Callable[[Actor], Notice | None]] = []


def register(
    *,
    section: str,
    label: Label,
    url_name: str,
    right: str = "",
    order: int = 100,
    covers: tuple[str, ...] = (),
    tab: Label = "",
) -> None:
    """Put a screen into a section; `right` empty means everybody who is signed in.

    Pages below the screen's address belong to it; `covers` names the beginnings of further addresses that do. Screens
    of a section with the same `tab` stand under one tab of that name; without, a screen is a tab of its own.

    Raises:
        ValueError: there is no such section.
    """
    if section not in _SECTION_CODES:
        raise ValueError(f"no section {section!r}; there are {sorted(_SECTION_CODES)}")
    _screens[section, url_name] = Screen(section, label, url_name, right, order, covers, tab)


def register_action(*, label: Label, url_name: str, icon: str = "plus", right: str = "", order: int = 100) -> None:
    """Put an action behind ＋ and into the command palette."""
    _actions[url_name] = QuickAction(label, url_name, icon, right, order)


def register_account_link(*, label: Label, url_name: str, icon: str, order: int = 100) -> None:
    """Put a link into the menu of the person who is signed in, such as "Sign out"."""
    _account_links[url_name] = QuickAction(label, url_name, icon, "", order)


def register_notice(notice_for: Callable[[Actor], Notice | None]) -> None:
    """Bring a line that stands above every page of an actor; it is asked for each time and should cost nothing."""
    _notices.append(notice_for)


def notices(actor: Actor) -> list[Notice]:
    """Return the lines that stand above every page of the actor."""
    return [notice for notice_for in _notices if (notice := notice_for(actor)) is not None]


def account_links() -> list[QuickAction]:
    """Return the links of the person's own menu."""
    return sorted(_account_links.values(), key=lambda link: link.order)


def screens_for(actor: Actor) -> list[Screen]:
    """Return the screens that the actor may open, in the order of the navigation."""
    position = {section.code: number for number, section in enumerate(SECTIONS)}
    allowed = [screen for screen in _screens.values() if not screen.right or actor.may(screen.right)]
    return sorted(allowed, key=lambda screen: (position[screen.section], screen.order))


def actions_for(actor: Actor) -> list[QuickAction]:
    """Return the quick actions that the actor may start."""
    allowed = [action for action in _actions.values() if not action.right or actor.may(action.right)]
    return sorted(allowed, key=lambda action: action.order)


def _nearest(urls: Iterable[str], path: str) -> str:
    """Return the URL under which `path` lies most closely; "/" covers only itself."""
    covering = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(covering, key=len, default="")


def menu(actor: Actor, path: str) -> list[MenuSection]:
    """Return the sections the actor sees, with the one that `path` belongs to marked active."""
    screens = screens_for(actor)
    of_address = {url: screen.url for screen in screens for url in (*screen.covers, screen.url)}
    active_url = of_address.get(_nearest(of_address, path), "")
    result = []
    for section in SECTIONS:
        items = _tabs([screen for screen in screens if screen.section == section.code], active_url)
        if items:
            is_active = any(item.is_active for item in items)
            result.append(MenuSection(section.code, section.label, section.icon, section.on_phone, is_active, items))
    return result


def _tabs(screens: list[Screen], active_url: str) -> tuple[MenuItem, ...]:
    """Return the tabs of a section: several screens under one word, where they have one in common."""
    tabs: dict[str, list[Screen]] = {}
    for screen in screens:
        tabs.setdefault(str(screen.tab) or screen.url_name, []).append(screen)
    found = []
    for members in tabs.values():
        items = tuple(MenuItem(screen.label, screen.url, screen.url == active_url) for screen in members)
        if len(items) == 1:
            found.append(items[0])
        else:
            found.append(MenuItem(members[0].tab, items[0].url, any(item.is_active for item in items), items))
    return tuple(found)
