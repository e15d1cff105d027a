"""The figures of the product, each a ratio measured side by side in one run.

python -m benchmarks [--quick] [--data FOLDER] [--record]    all of them, in one table
python -m benchmarks NAME [its options]                       one of them, with its details

--quick takes less data and fewer repeats: five minutes, for a look. --data keeps the filled database of the screens for the
next run. --record writes the table into README.md. The exit code says whether every limit is held.
"""

import argparse
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

import figures  # noqa: E402

Options = Sequence[str]
MOST_SECONDS_OF_TESTS = 300
PARTS: dict[str, tuple[Options, Options]] = {
    "engine_segmentation": ((), ("--customers", "100000", "--lines", "5000000", "--compared-lines", "1000000")),
    "engine_scorecards": ((), ("--professionals", "100000", "--rounds", "3")),
    "influence": ((), ("--people", "20000", "--ties", "200000", "--entries", "2000")),
    "customer_value": ((), ("--customers", "50000", "--lines", "1000000")),
    "engine_spark": ((), ("--customers", "10000", "--lines", "200000")),
    "matching": ((), ("--names", "4000")),
    "importing": (("--repeats", "5"), ("--repeats", "1")),
    "portraits": ((), ("--people", "5", "--repeats", "3")),
    "planning": ((), ("--seeds", "1", "--reps", "4")),
    "routing": ((), ("--names", "p01,p02,r101", "--seconds-periodic", "20")),
    "flow": ((), ("--repeats", "1")),
    "claims": ((), ("--lines", "1000000", "--rounds", "1", "--forest", "100000")),
    "gate": ((), ("--acts", "100000", "--asked", "300")),
    "field": ((), ("--phones", "60", "--visits", "5")),
    "screens": ((), ("--institutions", "20000", "--professionals", "40000", "--requests", "12")),
}
"""Which options each benchmark is run with, and which when there is little time."""
HELD = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)", re.DOTALL)


def names() -> list[str]:
    """Return what can be run alone: the modules with a `main`."""
    modules = sorted(path for path in FOLDER.glob("[a-z]*.py"))
    return [path.stem for path in modules if '__name__ == "__main__"' in path.read_text(encoding="utf-8")]


def run_one(name: str, options: Options) -> None:
    """Run a module as if it were the program."""
    sys.argv = [f"benchmarks {name}", *options]
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")


def run_all(*, is_quick: bool, data: Path | None) -> list[figures.Figure]:
    """Run every part in a process of its own, then the tests; return the figures."""
    with tempfile.TemporaryDirectory(prefix="yaomai-figures-") as temporary:
        path = Path(temporary) / "figures"
        environment = os.environ | {figures.FILE: str(path)}
        for name, (full, quick) in PARTS.items():
            options = [*(quick if is_quick else full), *(("--data", str(data)) if data and name == "screens" else ())]
            print(f"\n— {name} {' '.join(options)}", flush=True)
            done = subprocess.run([sys.executable, "-m", "benchmarks", name, *options], env=environment, check=False)
            if done.returncode:
                figures.add(path, figures.Figure(name, "ended with a limit missed or an error", "none", False))
        found = figures.gathered(path)
    return found if is_quick else [*found, tests()]


def tests() -> figures.Figure:
    """Run the whole suite, and return how long it took."""
    begun = time.perf_counter()
    done = subprocess.run(["make", "test"], cwd=FOLDER.parent, check=False)
    seconds = time.perf_counter() - begun
    holds = done.returncode == 0 and seconds <= MOST_SECONDS_OF_TESTS
    return figures.Figure("all tests (`make test`)", f"{seconds:.0f} s", f"≤ {MOST_SECONDS_OF_TESTS} s", holds)


def main() -> None:
    """Run one benchmark, or all."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        if sys.argv[1] not in names():
            sys.exit(f"{__doc__}\n" + "\n".join(names()))
        run_one(sys.argv[1], sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--record", action="store_true")
    asked = parser.parse_args()
    from ground import conditions

    before = conditions()
    found = run_all(is_quick=asked.quick, data=asked.data)
    written = f"{datetime.now(UTC):%d %B %Y}; {before} at the beginning.\n\n{figures.table(found)}\n"
    print(f"\n{written}")
    if asked.record:
        readme = FOLDER / "README.md"
        readme.write_text(HELD.sub(lambda _old: written, readme.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0 if all(each.holds is not False for each in found) else 1)


main()
