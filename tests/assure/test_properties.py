"""What holds of every example holds of a hundred of each property; a run of all tests tries a quarter of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(1800)
def test_properties_hold_of_many_examples() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "hypothesis", "--hypothesis-profile=thorough"]
    # A run of its own, with its own server.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("YAOMAI_TEST", "PYTEST_"))}
    done = subprocess.run(
        [*command, "--ignore=tests/assure"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
