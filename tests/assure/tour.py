"""Where every screen of the demo company is, and who opens it.

People follow every link from 今日 on; a screen is an address with its own name, words in its path and kinds of query.
What no link leads to comes from `rehearsal`; what is no screen stands in `NO_SCREENS`, with the reason.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.urls import Resolver404, resolve
from tests.access.table import CLOSED, SCREEN_TABLE

from .client import Session

PASSWORD = "anheng-demo-2026"
PEOPLE = (
    "director", "compliance", "sysadmin", "secadmin", "auditor", "commerce", "medical", "marketing", "supply", "legal",
    "finance", "region1", "ka1", "area11", "service11", "rep111",
)  # fmt: skip
"""One sign-in per role, as `yaomai up` prints them; whoever sees most comes first."""
MOST_OF_A_KIND, FEW_OF_A_KIND = 3, 1
"""Screens of one name that differ in words of their address: a policy, an importer, a scheme …"""
IGNORED_QUERY = {"cursor", "newer", "older", "before", "passed", "skip", "next"}
LINK = re.compile(r'href="(/[^"#]*)')

NO_SCREENS = {
    "ui:guide": "for developers; `tests/browser/test_guide.py` looks at it",
    "jobs:job_progress": "a part of a page, asked for by htmx",
    "transfer:template": "a file",
    "api_document": "a file",
    "customers:sheet_blank": "a file",
    "dashboards:document": "a file",
    "integrity:enclosure": "a file",
    "privacy:request_copy": "a file",
    "field:manifest": "data for the phone that installs the app",
    "field:service_worker": "a script",
    "customers:workshop_news": "a part of a page, asked for by htmx",
    "planning:plan_progress": "a part of a page, asked for by htmx",
    "planning:plannedvisit_breaks": "data for the calendar while a visit is dragged",
    "transfer:import_returned": "a file",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "data for the browser's own dialog",
    "mfa_reauthenticate_webauthn": "leads back where it was asked for",
    "customers:fact_show": "a part of a page; by itself it leads to the page",
    "commerce:review_first": "leads to the review",
    "account_set_password": "leads to the change of the password",
    "account_inactive": "seen by whoever was deactivated while signing in; a text without data",
    **dict.fromkeys(
        ("wecom_login", "wecom_callback", "dingtalk_login", "dingtalk_callback", "feishu_login", "feishu_callback",
         "openid_connect_login", "openid_connect_callback"),
        "leads to the company's own sign-in, where one is configured",
    ),
}  # fmt: skip
ENDINGS_OF_NO_SCREEN = {
    "_options": "data for a field that searches",
    "_export": "a file",
    "_document": "a file",
    "_file": "a file",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A screen to look at."""

    name: str
    path: str
    who: str
    """User name; "" is nobody."""
    status: int = 200


@dataclass
class Tour:
    """Every stop found so far."""

    stops: list[Stop] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Links that somebody sees and that lead nowhere."""
    seen: Counter[str] = field(default_factory=Counter)
    kinds: set[Any] = field(default_factory=set)
    most: int = MOST_OF_A_KIND

    def add(self, stop: Stop) -> bool:
        """Take a stop in unless one like it is there."""
        kind = _kind(stop)
        if kind in self.kinds or self.seen[stop.name] >= self.most:
            return False
        self.kinds.add(kind)
        self.seen[stop.name] += 1
        self.stops.append(stop)
        return True

    def missing(self) -> list[str]:
        """Return the names of screens in the table of addresses that nobody found."""
        return sorted(set(screens_of_the_table()) - set(self.seen))


def screens_of_the_table() -> Iterator[str]:
    """Yield the names of all addresses that answer with a page."""
    for row in SCREEN_TABLE:
        if row.get and row.get != CLOSED and not is_no_screen(row.name):
            yield row.name


def _kind(stop: Stop) -> Any:
    """Return what tells a screen from those that differ in their data only; each person has an own 今日."""
    parts = urlsplit(stop.path)
    words = tuple(value for value in resolve(parts.path).kwargs.values() if isinstance(value, str))
    query = frozenset(name for name, _value in parse_qsl(parts.query) if name not in IGNORED_QUERY)
    return stop.name, words, query, stop.who if stop.name == "inbox:today" else ""


def follow(tour: Tour, session: Session, who: str, *, start: str = "/") -> None:
    """Follow every link that somebody sees, each kind of screen once; what is new joins the tour."""
    waiting, asked = [(start, start)], set()
    mine = Tour(most=MOST_OF_A_KIND if who == PEOPLE[0] else FEW_OF_A_KIND)
    while waiting:
        path, source = waiting.pop(0)
        if path in asked:
            continue
        asked.add(path)
        try:
            name = resolve(urlsplit(path).path).view_name
        except Resolver404:
            tour.broken.append(f"{who}: {source} links to {path}, which is no address")
            continue
        stop = Stop(name, path, who)
        if is_no_screen(name) or name == "account_logout" or not mine.add(stop):
            continue
        status, content = session.request("GET", path)
        if status == 302:  # the password is asked for again first: `rehearsal` has been there
            continue
        if status != 200:
            tour.broken.append(f"{who}: {source} links to {path}, which answers {status}")
            continue
        tour.add(stop)
        page = content.decode(errors="replace")
        waiting += [(link, path) for link in map(unescape, LINK.findall(page)) if not link.startswith("/static/")]


def is_no_screen(name: str) -> bool:
    """Tell whether an address answers with something else than a page."""
    return name in NO_SCREENS or name.endswith(tuple(ENDINGS_OF_NO_SCREEN))
