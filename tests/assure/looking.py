"""Look at one screen every way there is: desktop and phone, light and dark, Chinese, English, and with longer texts."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from tests.browser.conftest import HEIGHTS, Visitor

from .tour import Stop

DESKTOP, PHONE = 1440, 390
CHINESE, ENGLISH = "zh-hans", "en"
SETTLING = 15_000

# What depends on colours alone is asked again in the dark; everything else is the same there.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# A language whose texts are half as long again: every text of the page grows by half, the names of customers too.
LENGTHENED = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const node of texts) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, style, svg, code, option, textarea, data, time, .ym-num, kbd")) continue;
    const text = node.data.trim();
    node.data = node.data.replace(text, text + text.slice(0, Math.ceil(text.length / 2)));
  }
}"""
# What looks as if it could be clicked must be reachable without a mouse.
MOUSE_ONLY = """() => [...document.body.querySelectorAll("*")]
  .filter((element) => getComputedStyle(element).cursor === "pointer" && element.offsetParent)
  .filter((element) => !element.closest("a[href], button, input, select, textarea, summary, label, option, [tabindex], canvas, dialog"))
  .map((element) => `${element.tagName.toLowerCase()}.${element.className}`)"""
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = new Set();
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("script, style, [lang='zh-CN'], [translate='no']")) texts.add(walker.currentNode.data.trim());
  }
  for (const element of document.body.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) texts.add(element.getAttribute(name) ?? "");
  return [...texts].filter((text) => /[\\u4e00-\\u9fff]/.test(text));
}"""


@dataclass
class Found:
    """What was found on some screens."""

    looked: int = 0
    """Screen × width × theme."""
    problems: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    """Name of a file → the page as it was sent, for the validator."""


class Eye:
    """One browser, with a signed-in context for each person."""

    def __init__(
        self, browser: Browser, address: str, cookies: dict[str, dict[str, str]], words: frozenset[str]
    ) -> None:
        self.browser, self.address, self.cookies, self.words = browser, address, cookies, words
        self.contexts: dict[str, BrowserContext] = {}
        self.found = Found()

    def context(self, who: str) -> BrowserContext:
        """Return the context of a person; charts do not move, so that a picture is a picture."""
        if who not in self.contexts:
            self.contexts[who] = self.browser.new_context(
                viewport={"width": DESKTOP, "height": HEIGHTS[DESKTOP]},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                reduced_motion="reduce",
            )
        context = self.contexts[who]
        kept = [{"name": name, "value": value, "url": self.address} for name, value in self.cookies[who].items()]
        context.clear_cookies()
        context.add_cookies(kept)  # type: ignore[arg-type]
        return context

    def look(self, stop: Stop) -> None:
        """Look at a screen in every way, and keep what is wrong."""
        context = self.context(stop.who)
        page = context.new_page()
        visitor = Visitor(page, self.address, None)
        if stop.status != 200:
            visitor.expects(stop.status)
        try:
            self._in_chinese(stop, context, visitor)
            self._in_english(stop, context, visitor)
        except Exception as error:
            self._tell(stop, "", [f"{type(error).__name__}: {str(error)[:300]}"])
        finally:
            self._tell(stop, "", visitor.problems)
            page.close()

    def _in_chinese(self, stop: Stop, context: BrowserContext, visitor: Visitor) -> None:
        self._open(stop, context, visitor, CHINESE)
        page = visitor.page
        for width in (DESKTOP, PHONE):
            _resize(page, width)
            self._tell(stop, f"{width} light", visitor.violations())
            self._tell(stop, f"{width}", _misfits(page, visitor))
            _theme(page, "dark")
            self._tell(stop, f"{width} dark", visitor.violations(options=COLOURS))
            _theme(page, "light")
            self.found.looked += 2
        self._tell(stop, "mouse only", page.evaluate(MOUSE_ONLY))
        page.evaluate(LENGTHENED)
        for width in (PHONE, DESKTOP):
            _resize(page, width)
            self._tell(stop, f"{width} longer texts", _misfits(page, visitor))

    def _in_english(self, stop: Stop, context: BrowserContext, visitor: Visitor) -> None:
        self._open(stop, context, visitor, ENGLISH)
        page = visitor.page
        for width in (PHONE, DESKTOP):
            _resize(page, width)
            self._tell(stop, f"{width} English", _misfits(page, visitor))
        if not stop.name.startswith(("policies:", "ui:guide")):  # documents that hold both languages
            left = [text for text in page.evaluate(TEXTS) if text in self.words]
            self._tell(stop, "Chinese on an English page", left)

    def _open(self, stop: Stop, context: BrowserContext, visitor: Visitor, language: str) -> None:
        settings = {"django_language": language, "yaomai_theme": "light"}
        context.add_cookies([{"name": key, "value": value, "url": self.address} for key, value in settings.items()])
        _resize(visitor.page, DESKTOP)
        answer = visitor.page.goto(f"{self.address}{stop.path}", timeout=SETTLING)
        assert answer is not None
        if answer.status != stop.status or (stop.who and "/accounts/login/" in visitor.page.url):
            self._tell(stop, language, [f"answers {answer.status} at {visitor.page.url}"])
        name = re.sub(r"[^a-z0-9]+", "-", f"{stop.name} {stop.path} {stop.who} {language}".lower())
        self.found.pages[f"{name[:120]}.html"] = answer.text()
        visitor.settle()
        _draw(visitor.page)

    def _tell(self, stop: Stop, where: str, problems: list[str]) -> None:
        self.found.problems += [f"{stop.who or 'nobody'} {stop.path} [{where}]: {problem}" for problem in problems]


def _resize(page: Page, width: int) -> None:
    if page.viewport_size != {"width": width, "height": HEIGHTS[width]}:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.wait_for_function("(width) => document.documentElement.clientWidth <= width", arg=width)
        page.evaluate("() => new Promise(requestAnimationFrame)")


def _theme(page: Page, theme: str) -> None:
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    page.wait_for_function("(theme) => document.documentElement.dataset.bsTheme === theme", arg=theme)


def _draw(page: Page) -> None:
    """Bring every chart into view: they are drawn when they are seen."""
    charts = page.locator("figure[data-chart]:visible")
    for number in range(charts.count()):
        charts.nth(number).scroll_into_view_if_needed()
        charts.nth(number).locator("canvas").first.wait_for(timeout=SETTLING)


def _misfits(page: Page, visitor: Visitor) -> list[str]:
    """Return what makes the page scroll sideways or is cut off."""
    return [f"does not fit: {found}" for found in visitor.misfits()]


def same_cookies(cookies: Any) -> dict[str, str]:
    """Return the cookies of a session as a browser takes them."""
    return {name: value for name, value in cookies.items() if value}
