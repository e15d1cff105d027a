"""E11, E12: every screen of the demo company is accessible, fits, speaks one language and obeys the keyboard.

People follow every link, `rehearsal` brings about what no link leads to; three browsers share what was found. Each
screen is seen in Chinese and English, on desktop and phone, in light and dark, printed, and with longer texts; what
scripts write is read as well. Pages as they were sent go through the HTML validator, where Java and it are there.
"""

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS

from yaomai.kit.embedded import connection_parameters

from .installation import Installation
from .looking import Eye, Found
from .rehearsal import Actor, at_the_second_step, confirmed, rehearse, with_a_key
from .tour import PEOPLE, Stop, Tour, follow
from .words import entered

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it, or name it in YAOMAI_CHROMIUM"),
]
PROCESSES = 3
"""One more than there are processors at least: a page that loads leaves them idle."""
VALIDATOR = Path(sys.prefix) / "node/node_modules/vnu-jar/build/dist/vnu.jar"


@dataclass
class Walk:
    """Where people went, and what was found there."""

    tour: Tour
    found: Found
    seconds: float


def company_data(data: Path) -> frozenset[str]:
    """Return the words that the company itself entered: they stay as they are in either language."""
    with psycopg.connect(**connection_parameters(data)) as connection:
        return frozenset(entered(connection.cursor()))


def make_tour(installation: Installation) -> tuple[Tour, dict[str, dict[str, str]]]:
    """Return every screen, and the cookies of whoever looks at it."""
    port, tour = installation.port, Tour()
    stops, legal = rehearse(port)
    stops += with_a_key(installation)
    finance = confirmed(port, "finance")
    sessions = {"legal": legal.session, "finance": finance.session, "": Actor(port, "").session}
    sessions["half"] = at_the_second_step(port).session
    stops += [
        Stop("mfa_activate_totp", "/accounts/2fa/totp/activate/", "finance"),
        Stop("mfa_authenticate", "/accounts/2fa/authenticate/", "half"),
    ]
    for stop in stops:
        tour.add(stop)
    for who in PEOPLE:
        sessions.setdefault(who, Actor(port, who).session) if who not in sessions else None
        follow(tour, sessions[who], who)
    lists = {stop.name: stop for stop in reversed(tour.stops) if stop.name.endswith("_list") and "?" not in stop.path}
    for stop in lists.values():
        tour.add(Stop(stop.name, f"{stop.path}?q=没有这样的名字", stop.who))
    tour.stops.append(Stop("missing", "/nowhere/", "director", 404))
    return tour, {who: dict(session.cookies) for who, session in sessions.items()}


def look_at(stops: list[Stop], address: str, cookies: dict[str, dict[str, str]], data: frozenset[str]) -> Found:
    """Look at some screens with a browser of one's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        eye = Eye(browser, address, cookies, data)
        for stop in stops:
            eye.look(stop)
        browser.close()
    return eye.found


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with Installation(tmp_path_factory.mktemp("screens") / "data") as installation:
        tour, cookies = make_tour(installation)
        # Screens of one name go to one process, which tries the keyboard on the first of them only.
        names = list(dict.fromkeys(stop.name for stop in tour.stops))
        shares = [
            [stop for stop in tour.stops if names.index(stop.name) % (PROCESSES * 4) == number]
            for number in range(PROCESSES * 4)
        ]
        data, found, started = company_data(installation.data), Found(), time.monotonic()
        with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
            for part in pool.starmap(
                look_at, [(share, installation.address, cookies, data) for share in shares], chunksize=1
            ):
                found.add(part)
        yield Walk(tour, found, time.monotonic() - started)


def test_every_address_that_shows_a_page_is_visited(walk: Walk, figure: Callable[[str, str], None]) -> None:
    figure("E12", f"{len(walk.tour.seen)} kinds of screen, {len(walk.tour.stops)} screens, no broken link")
    assert walk.tour.broken == []
    assert walk.tour.missing() == []


def test_every_screen_is_as_it_should_be(walk: Walk, figure: Callable[[str, str], None]) -> None:
    found = walk.found
    figure(
        "E12",
        f"{found.looked:,} looks (language × width × theme) in {walk.seconds:.0f} s, {found.tabbed:,} controls reached by"
        f" Tab, {found.dialogs} dialogs, {found.refused} refused forms: {len(found.problems)} problems",
    )
    if folder := os.environ.get("YAOMAI_LOOK"):
        Path(folder, "problems.txt").write_text("\n".join(found.problems), encoding="utf-8")
    assert "\n".join(found.problems) == ""
    assert min(found.tabbed, found.dialogs, found.refused) > 0


def test_every_page_is_valid_html(walk: Walk, tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    if not VALIDATOR.exists():
        pytest.skip("no HTML validator: `make .venv/.node` sets it up where there is npm")
    if shutil.which("java") is None:
        pytest.skip("no Java, which the HTML validator needs")
    for name, text in walk.found.pages.items():
        # htmx reads both spellings of its attributes; only the longer one is HTML's own.
        (tmp_path / name).write_text(text.replace(" hx-", " data-hx-"), encoding="utf-8")
    command = ["java", "-jar", str(VALIDATOR), "--format", "json", "--exit-zero-always", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stderr or done.stdout)["messages"]
    errors = {
        f"{message['message']}: {message.get('extract', '')[:160]} ({Path(message['url']).stem})"
        for message in told
        if message["type"] != "info"
    }
    figure("E12", f"{len(walk.found.pages)} pages through the HTML validator: {len(errors)} errors")
    assert "\n".join(sorted(errors)) == ""
