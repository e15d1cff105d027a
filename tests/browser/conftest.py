"""A real Chromium for tests of pages.

    def test_something(visit):
        visitor = visit(width=390, theme="dark", person=person)
        visitor.open("/customers/institution/")
        visitor.page.get_by_role("link", name="新建").click()
        visitor.check_accessible()
        visitor.check_fits()
        visitor.look("institutions")          # a picture in the folder that YAOMAI_LOOK names

At the end of the test every visitor must have seen no script error, no refused content (CSP), no failed request
and no answer of 400 or above; `visitor.expects(404)` says which are wanted.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

CHROMIUM = os.environ.get("YAOMAI_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
HEIGHTS = {1440: 900, 390: 844, 360: 740}
SIGN_IN_BACKEND = "yaomai.organization.sign_in.Backend"

# Playwright's loop runs in this thread, where Django would refuse its own synchronous queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

OVERFLOWING = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const clips = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== "visible") return true;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !clips(element))
    .map((element) => `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className}`);
}"""
# Text cut off without an ellipsis or a way to scroll to it.
CLIPPED = """() => [...document.body.querySelectorAll("h1, h2, a, button, td, th, dt, dd, p, span, label")]
    .filter((element) => element.offsetParent && element.clientWidth > 1)
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .filter((element) => !element.closest(".visually-hidden, .ym-skip, [hidden]"))
    .filter((element) => {
      const style = getComputedStyle(element);
      return style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && style.display !== "inline";
    })
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.textContent.trim()}`)"""


@dataclass
class Visitor:
    """A browser window of one size, theme and person."""

    page: Page
    address: str
    folder: Path | None
    problems: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("requestfailed", lambda request: self._failed(request.url, request.failure))
        self.page.on("response", self._answered)

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser repeats every bad answer as a console error; those are judged in _answered.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _failed(self, url: str, failure: str | None) -> None:
        if failure != "net::ERR_ABORTED":
            self.problems.append(f"request failed: {url}: {failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"answer {response.status}: {response.url}")

    def expects(self, *statuses: int) -> None:
        """Accept these answers in this test."""
        self.expected.update(statuses)

    def open(self, path: str) -> Page:
        """Open a path of the site and wait until scripts, fragments and charts are there."""
        self.page.goto(f"{self.address}{path}")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until nothing is loading any more."""
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")

    def look(self, name: str) -> None:
        """Keep a picture of the whole page, when somebody wants to look."""
        if self.folder:
            self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def violations(self, within: str = "html", options: dict[str, Any] | None = None) -> list[str]:
        """Return what axe finds under a selector, one line for each rule and element; `options` are axe's own."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(axe_script())
        asked = [within, {"resultTypes": ["violations"], **(options or {})}]
        found = self.page.evaluate("([within, options]) => axe.run(within, options)", asked)
        return [
            f"{rule['id']} ({rule['impact']}): {' '.join(map(str, node['target']))}: {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def check_accessible(self, within: str = "html") -> None:
        """Fail on any finding of axe; a part of a page is much quicker than all of it."""
        assert self.violations(within) == []

    def misfits(self) -> list[str]:
        """Return what makes the page scroll sideways, and text that is cut off."""
        found: list[str] = self.page.evaluate(OVERFLOWING) + self.page.evaluate(CLIPPED)
        return found

    def check_fits(self) -> None:
        """Fail when the page scrolls sideways or cuts text off."""
        assert self.misfits() == []


def axe_script() -> str:
    """Return the source of axe-core, which comes with a package of the development tools."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: install it, or name it in YAOMAI_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server: Any) -> str:
    """Return the address of the site with its database; a module whose pages need none overrides this."""
    return str(live_server.url)


@pytest.fixture
def company() -> tuple[Any, Any]:
    """Return somebody who may do everything with customers, and the first of three hospitals."""
    from yaomai.customers import services
    from yaomai.kit.access import rights, system_actor
    from yaomai.organization.models import Holding, Person, Position, Role, Territory

    day = date(2020, 1, 1)
    territory = Territory.unscoped.create(code="east", name="华东", level="region", path="", valid_from=day)
    territory.path = f"/{territory.pk}/"
    territory.save(update_fields=["path"])
    every = sorted(right for right in rights.every_right() if right.startswith("customers."))
    role = Role.unscoped.create(code="manager", name="经理", name_en="manager", reach="territory", rights=every)
    position = Position.unscoped.create(code="m", title="岗位", role=role, territory=territory, valid_from=day)
    person = Person.unscoped.create(username="赵敏", name="赵敏")
    Holding.unscoped.create(person=person, position=position, valid_from=day)
    common = {"actor": system_actor("test", "set up"), "now": timezone.now(), "territory": territory}
    hospitals = [
        services.institution_create(**common, name=name, grade=grade)
        for name, grade in (("江城市第一人民医院", "3A"), ("江城市中医院", "2A"), ("云台县人民医院", "2A"))
    ]
    return person, hospitals[0]


@contextmanager
def site_without_database() -> Iterator[str]:
    """Serve the site in a thread; any query in it fails."""
    server = LiveServerThread("localhost", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.terminate()


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Callable[..., Visitor]]:
    """Return a function that opens a window: width, theme, language, person, scripts."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []
    folder = Path(os.environ["YAOMAI_LOOK"]) if "YAOMAI_LOOK" in os.environ else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)

    def new(
        *, width: int = 1440, theme: str = "light", language: str = "zh-hans", person: Any = None, scripts: bool = True
    ) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            has_touch=width < 720,
        )
        contexts.append(context)
        cookies = {"yaomai_theme": theme, settings.LANGUAGE_COOKIE_NAME: language} | _session(person)
        context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
        visitor = Visitor(context.new_page(), site, folder)
        visitors.append(visitor)
        return visitor

    yield new
    for context in contexts:
        context.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []


def _session(person: Any) -> dict[str, str]:
    """Return the cookie of a session in which the person is signed in."""
    if person is None:
        return {}
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
