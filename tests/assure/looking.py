"""Look at one screen every way there is: desktop and phone, light and dark, Chinese, English, with longer texts, printed,
refused, by keyboard alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page
from tests.access.checks import HAN, english_in, raw_in, texts_of
from tests.browser.conftest import HEIGHTS, Visitor

from .tour import Stop

DESKTOP, PHONE, PAPER = 1440, 390, 794
CHINESE, ENGLISH = "zh-hans", "en"
SETTLING = 15_000
BOTH_LANGUAGES = ("policies:", "audit:", "transfer:import_detail")
"""A policy shows its document, the trail what it was told in the language of the day, an import the file."""
MOST_OF_DIALOGS = 4
IN_BRACKETS = re.compile(r"\([\u3400-\u9fff]+\)")

# What depends on colours alone is asked again in the dark; everything else is the same there.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# The hundredth row is made as the first is; looking at each of them takes ten times as long.
SHORTENED = """() => document.querySelectorAll("tbody").forEach((body) => [...body.rows].slice(12).forEach((row) => row.remove()))"""
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
# Before the walk: what Tab should reach, and how each looks without focus. Of a group of radio buttons Tab reaches one.
WALK = """() => {
  const look = (element) => {
    const parts = [];
    for (let at = element, depth = 0; at && depth < 4; at = at.parentElement, depth += 1) {
      const style = getComputedStyle(at);
      parts.push(style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor);
    }
    return parts.join();
  };
  document.activeElement?.blur();
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex]";
  const before = new Map([...document.querySelectorAll(kinds)]
    .filter((element) => element.tabIndex >= 0 && !element.disabled && !element.closest("[inert]"))
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true]"))
    .map((element) => [element, look(element)]));
  const tell = (element) => `${element.tagName.toLowerCase()}.${element.className} ${(element.textContent || element.name || "").trim().slice(0, 30)}`;
  const same = (a, b) => a === b || (a.type === "radio" && b.type === "radio" && a.name === b.name);
  const walk = window.ymWalk = {
    count: before.size, reached: new Set(), blind: new Set(),
    missing: () => [...before.keys()].filter((element) => element.isConnected
      && ![...walk.reached].some((other) => same(element, other))).map(tell),
  };
  document.addEventListener("focusin", ({ target }) => {
    walk.reached.add(target);
    if (before.has(target) && before.get(target) === look(target)) walk.blind.add(tell(target));
  });
}"""
PRINTED = """() => [...document.querySelectorAll(".ym-rail, .ym-top, .ym-phone-bar, .ym-actions")]
  .filter((element) => element.checkVisibility()).map((element) => `printed: ${element.className}`)"""
OPENERS = "button[data-open], a[data-dialog], details[data-why] > summary"
IN_DIALOG = "() => document.querySelector('dialog[open]')?.contains(document.activeElement) ?? false"
OUTSIDE = """() => {
  const at = document.activeElement;
  return at !== document.body && !document.querySelector("dialog[open]")?.contains(at) ? at.outerHTML.slice(0, 90) : "";
}"""
# An empty form that must be refused: a required field without a value, on a form that asks for something new.
REFUSED = """() => {
  const form = [...document.querySelectorAll("main form")].find((form) => form.method === "post" && !form.dataset.confirm
    && [...form.elements].some((field) => field.required && !field.value && field.type !== "radio" && field.type !== "checkbox"));
  if (!form) return false;
  form.noValidate = true;
  setTimeout(() => form.requestSubmit());
  return true;
}"""


@dataclass
class Found:
    """What was found on some screens."""

    looked: int = 0
    """Screen × language × width × theme."""
    tabbed: int = 0
    """Controls that the keyboard reached."""
    dialogs: int = 0
    refused: int = 0
    """Forms seen with what is wrong in them."""
    problems: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    """Name of a file → the page as it was sent, for the validator."""

    def add(self, other: "Found") -> None:
        """Take what another process found."""
        for name in ("looked", "tabbed", "dialogs", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems += other.problems
        self.pages |= other.pages


class Eye:
    """One browser, with a signed-in context for each person; `data` are the words the company entered itself."""

    def __init__(
        self, browser: Browser, address: str, cookies: dict[str, dict[str, str]], data: frozenset[str]
    ) -> None:
        self.browser, self.address, self.cookies, self.data = browser, address, cookies, data
        self.chinese = sorted(filter(HAN.search, data), key=len, reverse=True)
        self.contexts: dict[str, BrowserContext] = {}
        self.found = Found()
        self.handled: set[str] = set()
        """Names of screens whose keyboard was tried, which takes as long as all the rest."""

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
            self._in_english(stop, context, visitor)
            self._in_chinese(stop, context, visitor)
            if stop.name not in self.handled:
                self.handled.add(stop.name)
                self._by_hand(stop, visitor)
        except Exception as error:
            self._tell(stop, "", [f"{type(error).__name__}: {str(error)[:300]}"])
        finally:
            self._tell(stop, "", visitor.problems)
            page.close()

    def _in_english(self, stop: Stop, context: BrowserContext, visitor: Visitor) -> None:
        self._open(stop, context, visitor, ENGLISH)
        page = visitor.page
        for width in (DESKTOP, PHONE):
            _resize(page, width)
            self._tell(stop, f"{width} English", _misfits(visitor))
        self._read(stop, page, "en")
        page.evaluate(SHORTENED)
        _theme(page, "dark")
        self._tell(stop, f"{PHONE} dark English", visitor.violations())
        self.found.looked += 2

    def _in_chinese(self, stop: Stop, context: BrowserContext, visitor: Visitor) -> None:
        self._open(stop, context, visitor, CHINESE)
        page = visitor.page
        self._tell(stop, f"{DESKTOP}", _misfits(visitor))
        self._read(stop, page, "zh")
        page.evaluate(SHORTENED)
        self._tell(stop, "mouse only", page.evaluate(MOUSE_ONLY))
        for width in (DESKTOP, PHONE):
            _resize(page, width)
            self._tell(stop, f"{width}", _misfits(visitor))
            # On the phone everything but the colours was seen in English.
            self._tell(stop, f"{width} light", visitor.violations(options=COLOURS if width == PHONE else None))
            if width == PHONE:
                continue
            _theme(page, "dark")
            self._tell(stop, f"{width} dark", visitor.violations(options=COLOURS))
            _theme(page, "light")
        self.found.looked += 3
        page.emulate_media(media="print")
        _resize(page, PAPER)
        self._tell(stop, "printed", [*_misfits(visitor), *page.evaluate(PRINTED)])
        page.emulate_media(media="screen")
        page.evaluate(LENGTHENED)
        for width in (PHONE, DESKTOP):
            _resize(page, width)
            self._tell(stop, f"{width} longer texts", _misfits(visitor))

    def _by_hand(self, stop: Stop, visitor: Visitor) -> None:
        """Walk through the controls, the dialogs and the menus by keyboard; send what is not filled in."""
        page = visitor.page
        page.goto(f"{self.address}{stop.path}", timeout=SETTLING)
        visitor.settle()
        page.evaluate(SHORTENED)
        for number in _different(page.locator(OPENERS)):
            self._tell(stop, "dialog", self._in_a_dialog(page.locator(OPENERS).nth(number), visitor))
        menus = page.locator("details.ym-menu > summary:visible")
        for number in range(menus.count()):
            self._tell(stop, "menu", _in_a_menu(menus.nth(number), page))
        page.evaluate(WALK)
        for _burst in range(3):
            for _press in range(page.evaluate("() => window.ymWalk.count") // 2 + 10):
                page.keyboard.press("Tab")
            missing = page.evaluate("() => window.ymWalk.missing()")
            if not missing:
                break
        self.found.tabbed += page.evaluate("() => window.ymWalk.reached.size")
        self._tell(stop, "not reached by Tab", missing)
        self._tell(stop, "no visible focus", page.evaluate("() => [...window.ymWalk.blind]"))
        visitor.expects(400, 409, 422)
        if stop.status == 200 and page.evaluate(REFUSED):
            page.locator("[aria-invalid=true], .ym-errors, .ym-banner-bad").first.wait_for(timeout=SETTLING)
            visitor.settle()
            self.found.refused += 1
            self._read(stop, page, "zh")
            for width, theme in ((DESKTOP, "light"), (PHONE, "dark")):
                _resize(page, width)
                _theme(page, theme)
                self._tell(stop, f"refused {width}", [*_misfits(visitor), *visitor.violations()])

    def _in_a_dialog(self, opener: Locator, visitor: Visitor) -> list[str]:
        """Open, go round, leave; return what is wrong."""
        page, found = visitor.page, []
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        dialog.wait_for(timeout=SETTLING)
        visitor.settle()
        self.found.dialogs += 1
        if not page.evaluate(IN_DIALOG):
            found.append("does not take the focus")
        found += visitor.violations("dialog[open]")
        for _press in range(min(dialog.locator("a, button, input, select, textarea").count() + 3, 20)):
            page.keyboard.press("Tab")
            if outside := page.evaluate(OUTSIDE):
                found.append(f"Tab leaves it to {outside}")
                break
        page.keyboard.press("Escape")
        page.wait_for_timeout(50)
        if dialog.count():
            found.append("Escape does not close it")
            page.evaluate("() => document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close())")
        elif not opener.evaluate("(element) => element === document.activeElement"):
            found.append("does not give the focus back")
        return [f"{opener.evaluate('(e) => e.outerHTML.slice(0, 120)')}: {problem}" for problem in found]

    def _read(self, stop: Stop, page: Page, language: str) -> None:
        """Read what is there once all scripts have run: no other language, nothing raw."""
        if stop.name.startswith(BOTH_LANGUAGES):
            return
        answer: Any = SimpleNamespace(body=page.content().encode())
        other = set(english_in(answer)) if language == "zh" else set(filter(self._is_chinese, texts_of(answer, "en")))
        other -= self.data
        self._tell(stop, f"not {language}, or raw", [*other, *raw_in(answer, language)])

    def _is_chinese(self, text: str) -> bool:
        """Tell whether a text holds Chinese besides data, and besides the term that a word stands for in brackets."""
        text = IN_BRACKETS.sub("", text)
        for value in self.chinese if HAN.search(text) else ():
            text = text.replace(value, "")
        return bool(HAN.search(text))

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

    def _tell(self, stop: Stop, where: str, problems: Iterable[str]) -> None:
        self.found.problems += [f"{stop.who or 'nobody'} {stop.path} [{where}]: {problem}" for problem in problems]


def _different(openers: Locator) -> list[int]:
    """Return the numbers of openers that differ in more than what they speak of."""
    kinds: dict[str, int] = {}
    for number in range(openers.count()):
        if openers.nth(number).is_visible():
            told = openers.nth(number).evaluate("(e) => e.tagName + e.className + (e.dataset.open ?? e.pathname ?? '')")
            kinds.setdefault(re.sub(r"\d+", "", told), number)
    return list(kinds.values())[:MOST_OF_DIALOGS]


def _in_a_menu(summary: Locator, page: Page) -> list[str]:
    """Open a menu and leave it with Escape; return what is wrong."""
    is_open = "(element) => element.parentElement.open"
    summary.focus()
    page.keyboard.press("Enter")
    name = summary.evaluate("(e) => e.className + ' ' + (e.getAttribute('aria-label') ?? e.textContent.trim())")
    if not summary.evaluate(is_open):
        return [f"{name}: Enter does not open it"]
    page.keyboard.press("Tab")
    for _choices_of_the_field_first in range(3):
        page.wait_for_timeout(100)
        if summary.evaluate(is_open):
            page.keyboard.press("Escape")
    if summary.evaluate(is_open):
        return [f"{name}: Escape does not close it"]
    return [] if summary.evaluate("(e) => e === document.activeElement") else [f"{name}: does not give the focus back"]


def _resize(page: Page, width: int) -> None:
    height = HEIGHTS.get(width, 1123)
    if page.viewport_size != {"width": width, "height": height}:
        page.set_viewport_size({"width": width, "height": height})
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


def _misfits(visitor: Visitor) -> list[str]:
    """Return what makes the page scroll sideways or is cut off."""
    return [f"does not fit: {found}" for found in visitor.misfits()]
