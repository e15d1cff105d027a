"""E12: Lighthouse, as a phone on a slow line sees the screens that people live in.

It runs where npm set it up (`make .venv/.node`); the goals are those of accessibility 100, best practices 95 and
performance 90. The screens are one of each kind that matters, each opened by whom it is for.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.browser.conftest import CHROMIUM, FLAGS

from .client import Session
from .installation import Installation
from .tour import PASSWORD

PROGRAM = Path(sys.prefix) / "node/node_modules/lighthouse/cli/index.js"
ATTEMPTS = 3
"""Chromium now and then records nothing of a page, which Lighthouse says and gives no marks for."""
GOALS = {"accessibility": 1.0, "best-practices": 0.95, "performance": 0.9}
SCREENS: tuple[tuple[str, str], ...] = (
    ("", "/accounts/login/"),
    ("rep111", "/"),
    ("region1", "/"),
    ("region1", "/customers/institutions/"),
    ("region1", "/customers/institutions/?q=人民医院"),
    ("region1", "/customers/institutions/{institution}/"),
    ("region1", "/customers/institutions/{institution}/edit"),
    ("medical", "/customers/professionals/"),
    ("medical", "/customers/professionals/{professional}/"),
    ("ka1", "/listing/board/"),
    ("ka1", "/engagement/board/"),
    ("medical", "/influence/network/"),
    ("director", "/segmentation/"),
    ("director", "/segmentation/crosswalk/"),
    ("director", "/policies/"),
    ("director", "/policies/segmentation.four_tiers/"),
    ("commerce", "/commerce/review/"),
    ("commerce", "/imports/new/commerce.flow/"),
    ("auditor", "/trail/"),
    ("compliance", "/approvals/"),
)

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it, or name it in YAOMAI_CHROMIUM"),
    pytest.mark.skipif(not PROGRAM.exists(), reason="no Lighthouse: `make .venv/.node` sets it up where there is npm"),
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js, which Lighthouse needs"),
]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("lighthouse") / "data") as running:
        yield running


def judged(address: str, session: Session, folder: Path) -> dict[str, object]:
    """Return what Lighthouse reports of one screen."""
    headers, report = folder / "headers.json", folder / "report.json"
    headers.write_text(json.dumps({"Cookie": "; ".join(f"{name}={value}" for name, value in session.cookies.items())}))
    command = [
        "node", str(PROGRAM), address, f"--extra-headers={headers}", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(GOALS)}", f"--chrome-flags={' '.join(FLAGS)}",
        "--no-enable-error-reporting", "--quiet",
    ]  # fmt: skip
    for _attempt in range(ATTEMPTS):
        done = subprocess.run(
            command, env={**os.environ, "CHROME_PATH": str(CHROMIUM)}, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(report.read_text(encoding="utf-8"))
    return found


def reasons(found: dict[str, object], category: str) -> str:
    """Return what kept a screen from full marks."""
    audits: dict[str, dict[str, object]] = found["audits"]  # type: ignore[assignment]
    parts: list[dict[str, object]] = found["categories"][category]["auditRefs"]  # type: ignore[index]
    return ", ".join(
        f"{part['id']} {audits[str(part['id'])].get('displayValue', '')}".strip()
        for part in parts
        if part["weight"] and audits[str(part["id"])]["score"] not in (None, 1)
    )


def test_the_screens_that_people_live_in(
    installation: Installation, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    ids = {
        "institution": installation.psql("SELECT min(institution_id) FROM segmentation_tierassignment")[0][0],
        "professional": installation.psql("SELECT min(professional_id) FROM segmentation_tierassignment")[0][0],
    }
    sessions: dict[str, Session] = {}
    lowest, short = dict.fromkeys(GOALS, 1.0), []
    for who, path in SCREENS:
        if who not in sessions:
            sessions[who] = Session(installation.port)
            if who:
                sessions[who].sign_in(who, PASSWORD)
        found = judged(f"{installation.address}{path.format(**ids)}", sessions[who], tmp_path)
        assert str(found["finalDisplayedUrl"]).startswith(installation.address), found["finalDisplayedUrl"]
        for category, goal in GOALS.items():
            score: float = found["categories"][category]["score"]  # type: ignore[index]
            lowest[category] = min(lowest[category], score)
            if score < goal:
                short.append(f"{who or 'nobody'} {path}: {category} {score:.2f} ({reasons(found, category)})")
    figure(
        "E12",
        f"Lighthouse, phone, {len(SCREENS)} screens, the lowest: "
        + ", ".join(f"{category} {score * 100:.0f}" for category, score in lowest.items()),
    )
    assert "\n".join(short) == ""
