#!/usr/bin/env python3
"""Take the pictures of the README: start the demo company, sign in, and save small WebP files under docs/images.

    python scripts/screenshots.py                     start the demo in a folder of its own, and stop it at the end
    python scripts/screenshots.py --address URL       take them from a demo that runs already

Without Chromium (or YAOMAI_CHROMIUM, its path) it says so and ends well: pictures are no part of any check.
"""

import argparse
import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PASSWORD = "anheng-demo-2026"
MOST_BYTES = 1_500_000
QUALITY = 78
STARTS_WITHIN = 300
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in both languages: who looks at which page, how wide; `click` is pressed first."""

    name: str
    who: str
    path: str
    width: int = 1280
    height: int = 800
    theme: str = "light"
    click: str = ""


PICTURES = (
    Picture("today", "director", "/"),
    Picture("customers", "director", "/customers/institutions/?tier_four_tiers=strategic"),
    Picture("explanation", "director", "/customers/institutions/1/", click=".cu-right .ym-why"),
    Picture("tiers", "director", "/segmentation/"),
    Picture("review", "commerce", "/commerce/review/"),
    Picture("policy", "director", "/policies/segmentation.four_tiers/edit"),
    Picture("boards", "director", "/boards/"),
    Picture("outlook", "director", "/insights/outlook/report/", width=1440, height=900),
    Picture("phone", "area11", "/", width=390, height=760, theme="dark"),
)


def main() -> int:
    """Take every picture; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="", help="of a demo that runs already")
    address = parser.parse_args().address.rstrip("/")
    chromium = os.environ.get("YAOMAI_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium: install it, or name it in YAOMAI_CHROMIUM. Nothing was changed.")
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo(address) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for picture in PICTURES:
            take(browser, site, picture)
        browser.close()
    size = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{size:,} bytes in {FOLDER}")
    return 0 if size <= MOST_BYTES else 1


@contextmanager
def demo(address: str) -> Iterator[str]:
    """Yield the address of a demo company, started here unless one is given."""
    if address:
        yield address
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="yaomai-screenshots-") as folder:
        command = [sys.executable, "-m", "yaomai.server", "up", "--data", f"{folder}/data", "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            yield ready(f"http://127.0.0.1:{port}", server)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def ready(address: str, server: "subprocess.Popen[bytes]") -> str:
    """Wait until the server answers."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=5):
                return address
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The demo did not start.")


def take(browser: Browser, site: str, picture: Picture) -> None:
    """Take one picture in every language, with one sign-in."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height}, timezone_id="Asia/Shanghai",
        reduced_motion="reduce", has_touch=picture.width < 720,
    )  # fmt: skip
    context.add_cookies([{"name": "yaomai_theme", "value": picture.theme, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/accounts/login/")
    page.fill("input[name=login]", picture.who)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{site}/")
    for suffix, language in LANGUAGES.items():
        context.add_cookies([{"name": "django_language", "value": language, "url": site}])
        page.goto(f"{site}{picture.path}")
        page.wait_for_load_state("networkidle")
        if picture.click:
            page.locator(picture.click).first.click()
            page.locator("dialog[open]").wait_for()
            page.wait_for_load_state("networkidle")
        save(page, FOLDER / f"{picture.name}.{suffix}.webp")
    context.close()


def save(page: Page, path: Path) -> None:
    """Save what is seen; Playwright itself writes no WebP, the browser does."""
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(answer["data"]))
    print(f"{path.name} {path.stat().st_size:,}")


if __name__ == "__main__":
    sys.exit(main())
